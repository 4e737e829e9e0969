"""Files of the storage that nobody names any more: what a process left that was killed between a file and its row.

Decided: only what is older than any writing lasts goes, because a fresh file may still be named. Refused: a list of
what was written, which the same kill would leave behind.
"""

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime

from django.core.files.storage import default_storage


def forget_unnamed(folders: Iterable[str], before: datetime, is_named: Callable[[str], bool]) -> int:
    """Delete the files below these folders that are older and that no row names; returns how many."""
    found = [path for folder in folders for path in stored(folder)]
    old = [path for path in found if default_storage.get_modified_time(path) < before]
    unnamed = [path for path in old if not is_named(path)]
    for path in unnamed:
        default_storage.delete(path)
    return len(unnamed)


def stored(folder: str) -> Iterator[str]:
    """Every file below a folder of the storage, by its name there."""
    if not default_storage.exists(folder):
        return
    folders, files = default_storage.listdir(folder)
    yield from (f"{folder}/{name}" for name in files)
    for inner in folders:
        yield from stored(f"{folder}/{inner}")
