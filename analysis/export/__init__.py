"""Exports: a run as a folder of files that other tools read, with what every column means."""
