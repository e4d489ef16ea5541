"""What a hostile process does: `frames METHOD ACT`, `handshake ACT`, …"""

import sys

from tests.fakes.plugins import badframes, badhandshakes, badmessages, badprocesses, rawh2


def main() -> None:
    """Do what the arguments say."""
    match sys.argv[1:]:
        case ["frames", method, act]:
            rawh2.run(method, badframes.ACTS[act])
        case ["handshake", act]:
            badhandshakes.ACTS[act]()
        case ["process", act]:
            badprocesses.ACTS[act]()
        case ["answer", act]:
            rawh2.run("Execute", badmessages.answering(act))
        case ["replies", act]:
            rawh2.run("ExecuteStream", badmessages.streaming(act, end=True))
        case ["events", act]:
            rawh2.run("Stream", badmessages.streaming(act, end=False))
        case words:
            sys.exit(f"nothing is called {words}")
