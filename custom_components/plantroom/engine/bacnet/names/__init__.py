"""The standard's numbers and their names."""
