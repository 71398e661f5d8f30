"""What meters count, and what follows from it."""
