"""What may break about the event gateway, broken while everything is watched."""
