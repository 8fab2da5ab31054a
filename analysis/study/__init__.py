"""Studies: arms of a market on the same luck, over many seeds, and what is known of their differences."""
