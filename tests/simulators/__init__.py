"""A simulated building that speaks real BACnet/IP on loopback: an office, and devices that are difficult on purpose."""
