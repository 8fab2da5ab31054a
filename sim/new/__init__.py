"""A part to begin with, for people who work on Paceline: `make new KIND=pacing NAME=my_policy`.

Beside `__main__`, which writes it, each file is the template of a family: code like any other, of the kind
`template`. Nobody imports one, as that would make it a member.
"""
