"""A worker's process: `python -m sim.engine.executors.process N`, where N is the open file of its pipe."""

from __future__ import annotations

import signal
import sys
from multiprocessing.connection import Connection

from sim.engine.executors.messages import Answers


def serve(pipe: Connection) -> None:
    """Answer the calls that come over a pipe, until nobody asks any more."""
    answers = Answers()
    with pipe:
        try:
            while True:
                pipe.send_bytes(answers(pipe.recv_bytes()))
        except (OSError, EOFError):
            return


if __name__ == "__main__":
    # Ctrl-C goes to all processes of a terminal; the calling one decides what becomes of the run.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    serve(Connection(int(sys.argv[1])))
