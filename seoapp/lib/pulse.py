"""A sign of life of a process: a file of its name whose time is renewed every few seconds.

Decided: files in the data folder, which web and workers share anyway (uploads are there). The supervisor judges only
whether the time moves, so a clock that is set kills nobody. Refused: asking over the broker, because a worker that is
busy does not answer.
"""

import logging
import os
import re
import threading
import time
from pathlib import Path

logger = logging.getLogger(__name__)
EVERY = 5.0
OLD = 60.0


def path_of(folder: Path, name: str) -> Path:
    return folder / re.sub(r"[^A-Za-z0-9@._-]", "_", name)


def start(path: Path) -> threading.Event:
    """Renew the file from a thread until the returned event is set; then the file goes."""
    ended = threading.Event()
    threading.Thread(target=_renew, args=(path, ended), daemon=True).start()
    return ended


def _renew(path: Path, ended: threading.Event) -> None:
    told = False
    while True:
        try:
            path.write_text(str(os.getpid()))
            told = False
        except OSError as error:
            if not told:
                logger.warning("the sign of life %s cannot be written: %s", path, error)
            told = True
        if ended.wait(EVERY):
            path.unlink(missing_ok=True)
            return


def alive(folder: Path) -> list[str]:
    """Names of processes with a fresh sign of life."""
    now = time.time()
    return sorted(path.name for path in folder.iterdir() if abs(now - renewed(path)) < OLD)


def renewed(path: Path) -> float:
    """When the sign was last renewed; 0 where there is none."""
    try:
        return path.stat().st_mtime
    except OSError:
        return 0.0
