"""The steps and forms that config flow and subentry flows share."""
