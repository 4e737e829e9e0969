"""The parent's end of the process that prints: send HTML, get a PDF, or a sentence that says why not.

Decided: a process for each report, ended when it takes too much time or memory. It gets the few variables by which it
finds Python, fonts and libraries, and no secret. Whether this machine can print is asked by printing: a library that
can be loaded may still be too old.
"""

import logging
import os
import subprocess
import sys
from pathlib import Path

logger = logging.getLogger(__name__)
ROOT = Path(__file__).resolve().parent.parent.parent
CPU_SECONDS, MEMORY = 20, 1024**3  # of the process that prints
NO_LIBRARY, TOO_MUCH = 3, 4  # its exit codes
WALL_SECONDS = CPU_SECONDS * 8.0  # a loaded machine gives a process far less than a core
COMMAND = (sys.executable, "-m", "audit.report.press")
PASSED = (
    "PATH", "LANG", "LC_ALL", "HOME", "XDG_CACHE_HOME", "FONTCONFIG_PATH", "FONTCONFIG_FILE",
    "DYLD_LIBRARY_PATH", "DYLD_FALLBACK_LIBRARY_PATH",
)  # fmt: skip
INSTALL = "Debian: apt-get install libpangoft2-1.0-0 libharfbuzz-subset0; macOS: brew install pango"
NO_PANGO = f"This machine cannot make PDF files: the library Pango is missing. {INSTALL}. Excel works without it."
TOO_COSTLY = (
    f"The report took more than {CPU_SECONDS} seconds of computing, or too much memory: make one with fewer domains or "
    "sections, or as Excel."
)
_able: list[bool] = []  # [True] once this process has seen it print


class NotPrinted(Exception):
    """There is no PDF; the message says why, and what to do."""


def printed(html: str) -> bytes:
    """The PDF of a page that refers to nothing. Raises `NotPrinted`."""
    try:
        done = subprocess.run(  # noqa: S603  # our own module
            COMMAND,
            cwd=ROOT,
            env={name: os.environ[name] for name in PASSED if name in os.environ},
            input=html.encode("utf-8", "replace"),
            capture_output=True,
            timeout=WALL_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise NotPrinted(TOO_COSTLY) from error
    if done.returncode == NO_LIBRARY:
        raise NotPrinted(NO_PANGO)
    if done.returncode or not done.stdout.startswith(b"%PDF-"):
        logger.warning("printing ended with %s: %s", done.returncode, done.stderr[-500:].decode("utf-8", "replace"))
        raise NotPrinted(TOO_COSTLY)
    return done.stdout


def why_not() -> str:
    """Why this machine cannot print; "" where it can. Asked again until it can, because somebody may be mending it."""
    if not _able:
        try:
            printed("")
        except NotPrinted as error:
            return str(error)
        _able.append(True)
    return ""
