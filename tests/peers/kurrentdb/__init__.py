"""A KurrentDB of the tests' own, in its own process, spoken to by real clients."""
