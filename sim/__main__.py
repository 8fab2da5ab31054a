"""Where the command starts: `paceline`, and `python -m sim`, which is the same."""

import gc
import sys

from sim.cli.stops import Stops


def main() -> None:
    """Run the command line of this process."""
    stops = Stops().install()
    gc.set_threshold(400_000)  # so many objects are imported, and all of them stay
    from sim.cli.app import main as command  # noqa: PLC0415 - imports take a second, and Ctrl-C must end them by then

    try:
        command(stops)
    finally:
        if "duckdb" not in sys.modules:  # which takes what is not searched for leaks of its own, and says so
            gc.freeze()  # or all of it is searched once more as the process ends, for a third of a second


if __name__ == "__main__":
    main()
