"""What points showed while nobody looked, hour by hour."""
