"""Reading from one device in as few requests as it bears."""
