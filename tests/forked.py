"""Python in a process of its own, with an environment of its own, without the second that imports take.

Decided: it is forked from a process that has imported what others wrote, and nothing of ours: settings are read anew.
"""

import os
import runpy
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.process import BaseProcess
from pathlib import Path

LOADED_WORDS = """
    bs4 celery celery.app.base clickhouse_connect clickhouse_connect.driver.httpclient cryptography
    django.core.management django.db.backends.sqlite3.base django.db.models django.forms django.template
    django.views.generic fastwarc fido2.webauthn kombu kombu.transport.filesystem lark networkx numpy pyarrow
    pyarrow.compute pyarrow.csv pycurl requests scipy.sparse.csgraph scipy.sparse.linalg selectolax.lexbor
    whitenoise.middleware seoapp.lib.expression seoapp.lib.weburl"""
STREAMS = ("stdout", "stderr")
_context = get_context("forkserver")
_context.set_forkserver_preload(LOADED_WORDS.split())


@dataclass(frozen=True, slots=True)
class Ended:
    """A process that has ended, as in `subprocess`: its exit code is minus a signal where one killed it."""

    returncode: int | None
    stdout: str
    stderr: str


def start(arguments: tuple[str, ...], environment: Mapping[str, str], said: Path | None = None) -> BaseProcess:
    """What Python does with these arguments (`-c` code, or a file); what it writes goes into the folder `said`."""
    process = _context.Process(target=_run, args=(arguments, dict(environment), said))
    process.start()
    return process


def ended(arguments: tuple[str, ...], environment: Mapping[str, str], patience: float = 120.0) -> Ended:
    with tempfile.TemporaryDirectory() as folder:
        process = start(arguments, environment, Path(folder))
        process.join(patience)
        if process.exitcode is None:
            process.kill()
            process.join()
            raise AssertionError(f"{arguments} took longer than {patience} seconds")
        return Ended(process.exitcode, *((Path(folder) / name).read_text() for name in STREAMS))


def _run(arguments: tuple[str, ...], environment: dict[str, str], said: Path | None) -> None:
    os.environ.clear()
    os.environ.update(environment)
    for number, name in enumerate(STREAMS, 1) if said is not None else ():
        os.dup2(os.open(said / name, os.O_WRONLY | os.O_CREAT), number)
    first, *rest = arguments
    if first == "-c":
        sys.argv = ["-c", *rest[1:]]
        exec(compile(rest[0], "<string>", "exec"), {"__name__": "__main__"})  # noqa: S102 - as `python -c` does
    else:
        sys.argv = [first, *rest]
        runpy.run_path(first, run_name="__main__")
