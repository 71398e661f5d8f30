"""What the engine keeps on disk: one SQLite file, one thread."""
