"""What to run: market files, examples and profiles, and how they are read."""
