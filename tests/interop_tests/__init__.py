"""Part of the interoperability suite, as a test."""
