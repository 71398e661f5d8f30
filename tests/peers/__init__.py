"""Independent BACnet peers: what we say of a device is checked by other people's software."""
