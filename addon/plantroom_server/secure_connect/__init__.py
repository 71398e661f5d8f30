"""BACnet/SC (135-2020, Annex AB): a node's link, a hub, and what vouches for them."""
