"""The whole product: field devices, Home Assistant and a person, all real but the building."""
