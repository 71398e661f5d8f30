"""The flows that add and change networks and devices, one file a subentry."""
