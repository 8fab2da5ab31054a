"""The command `paceline`: its verbs, its options, its messages and what it prints."""
