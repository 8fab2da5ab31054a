"""`python -m sim`, which is the same as `paceline`."""

from sim.cli import main

if __name__ == "__main__":
    main()
