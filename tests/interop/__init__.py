"""BACnet/SC between our node, our hub and those of other makers."""
