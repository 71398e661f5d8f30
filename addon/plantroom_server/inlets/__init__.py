"""How events come into the embedded log from senders."""
