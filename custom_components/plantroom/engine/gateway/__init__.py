"""What is asked of the event gateway, and how it is doing."""
