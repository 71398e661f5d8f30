"""Events in, objects of our own BACnet device out, and what clients command back."""
