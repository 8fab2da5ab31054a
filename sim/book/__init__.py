"""The book of a run: what is sold, as records, as arrays, and hour by hour."""
