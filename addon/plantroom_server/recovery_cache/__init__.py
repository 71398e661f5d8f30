"""What brings the objects back before the events do: a port and its adapters."""
