"""The engine in a process of its own, for clients that come and go."""

VERSION = "0.1.0"
