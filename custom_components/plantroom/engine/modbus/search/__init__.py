"""Which units are on a line, and what they are."""
