"""Routing between our BACnet networks (135-2020, clause 6)."""
