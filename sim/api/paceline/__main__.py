"""`python -m paceline`: the command, also where `sim` is a folder of the user's."""

from sim.__main__ import main

if __name__ == "__main__":
    main()
