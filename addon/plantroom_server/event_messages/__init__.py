"""What producers send, decoded strictly and made into what our device is told."""
