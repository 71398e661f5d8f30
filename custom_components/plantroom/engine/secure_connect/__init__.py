"""What is asked of BACnet/SC, and how it is doing; a host lends what can do it."""
