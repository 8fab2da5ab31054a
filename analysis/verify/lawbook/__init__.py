"""The law book: random markets, the laws checked on each, and metamorphic laws between two of them."""
