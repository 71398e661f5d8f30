"""The audit log beyond its rows: the chain, what a configuration changed, export."""
