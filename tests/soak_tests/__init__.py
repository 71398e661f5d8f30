"""The soak finds its parts, and its hardest trials once."""
