"""The sockets of a network and what runs on them."""
