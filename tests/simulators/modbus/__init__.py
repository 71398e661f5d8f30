"""The Modbus side of the simulated building: meters, an inverter, thermostats, and devices that are difficult on purpose."""
