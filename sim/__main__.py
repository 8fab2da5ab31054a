"""Where the command starts: `paceline`, and `python -m sim`, which is the same."""

import gc
import signal
import sys


def main() -> None:
    """Run the command line of this process."""
    # During the imports Ctrl-C just ends the process: there is nothing to clean up.
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    gc.set_threshold(400_000)  # so many objects are imported, which stay; a run leaves few to collect
    from sim.cli.app import main as command  # noqa: PLC0415 - imports take a second, and Ctrl-C must end them

    try:
        command()
    finally:
        if "duckdb" not in sys.modules:  # which takes what is not searched for leaks of its own, and says so
            gc.freeze()  # or all of it is searched once more as the process ends, for a third of a second


if __name__ == "__main__":
    main()
