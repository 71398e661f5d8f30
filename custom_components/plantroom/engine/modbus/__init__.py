"""Modbus lines and what hangs on them."""
