"""Writes that end by themselves."""
