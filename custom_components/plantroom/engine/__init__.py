"""The Plantroom engine: all field work, in any process, without Home Assistant."""
