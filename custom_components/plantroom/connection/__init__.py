"""The wires between a client and an engine."""
