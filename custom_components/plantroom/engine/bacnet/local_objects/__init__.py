"""The objects of our own BACnet device, served to whoever asks."""
