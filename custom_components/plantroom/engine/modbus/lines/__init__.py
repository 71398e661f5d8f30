"""One line: its link, whose turn it is, and what comes back."""
