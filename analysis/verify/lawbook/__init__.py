"""The law book: random whole markets, the laws checked on each of them, and laws between two of them."""
