"""What a client asks an engine, subject by subject."""
