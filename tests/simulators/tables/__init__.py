"""Point tables of the simulated devices: data only."""
