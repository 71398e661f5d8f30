"""The engine's commands and events as JSON; client and server both use it."""
