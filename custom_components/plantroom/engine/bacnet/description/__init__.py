"""What devices and objects say of themselves."""
