"""What device profiles say, and where they are kept."""
