"""Ends the children of a supervisor that was killed: `python -m seoapp.leash`, with a pipe from it as standard input.

The supervisor writes `+PID` for each child and `-PID` when it ended. When the pipe closes with children left, the
supervisor is gone: they are told to stop, and killed when they do not. Works on Linux and macOS alike. Refused: Linux's
parent-death signal alone, because macOS has none.
"""

import contextlib
import os
import signal
import sys
import time

GRACE = 20.0


def main() -> None:
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)  # it ends when its supervisor does
    held: set[int] = set()
    for line in sys.stdin:
        (held.add if line.startswith("+") else held.discard)(int(line[1:]))
    end(held)


def end(groups: set[int]) -> None:
    """Stop process groups; kill what is left after a while."""
    for group in groups:
        _signal(group, signal.SIGTERM)
    deadline = time.monotonic() + GRACE
    while groups and time.monotonic() < deadline:
        groups = {group for group in groups if _signal(group, 0)}
        time.sleep(0.1)
    for group in groups:
        _signal(group, signal.SIGKILL)


def _signal(group: int, number: int) -> bool:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(group, number)
        return True
    return False


if __name__ == "__main__":
    main()
