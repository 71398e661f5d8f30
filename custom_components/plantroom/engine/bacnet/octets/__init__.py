"""BACnet in octets: tags, values, requests and frames, without a socket."""
