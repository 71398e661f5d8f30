"""What registers mean and which are read together; pure."""
