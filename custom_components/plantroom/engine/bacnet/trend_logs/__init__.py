"""What devices logged themselves: found, read record by record, made hours of."""
