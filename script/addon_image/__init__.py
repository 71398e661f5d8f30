"""The app's image: built, run and checked without a Docker engine."""
