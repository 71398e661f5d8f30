"""BACnet: discovery, reading, change of value and writing of points."""
