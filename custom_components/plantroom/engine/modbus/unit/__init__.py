"""One unit: how it is sampled, and what is learned and told of it."""
