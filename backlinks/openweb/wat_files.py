"""Which files an import of crawled pages means, and what makes one of them the same thing again.

Decided: the identity is a SHA-256 over all bytes and over the options that change what is kept, because it is cheap
(800 MB/s: 0.2 seconds of a file of 160 MB, a hundredth of its import) and a file that was renamed is still the same.
A list of paths (`wat.paths.gz` of a crawl) comes from the web: its lines are looked up under `--root` and nowhere else.
Refused: opening what a list names over the network; a file is downloaded once, by a tool that is made for it.
"""

import gzip
import hashlib
import json
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .holdings import Refused

ENDINGS = (".wat.gz", ".warc.gz", ".wat", ".warc")
LISTS = (".paths", ".paths.gz")
LIST_BYTES = 200_000_000
ORIGINS = ("https://data.commoncrawl.org/", "s3://commoncrawl/")
PIECE = 1 << 20
FORMAT = 1  # of what is made of a file: another number, and every file is read anew


@dataclass(frozen=True, slots=True)
class Named:
    """The files that were named, each once, and the lines of lists whose file is not there."""

    paths: tuple[Path, ...]
    not_found: tuple[str, ...]


def named(names: Sequence[str], root: str = "") -> Named:
    """Files, all WAT and WARC files of folders, and what lists of paths name. Raises Refused, or OSError."""
    paths: dict[Path, None] = {}
    missing: list[str] = []
    for name in names:
        path = Path(name)
        if path.is_dir():
            paths.update(dict.fromkeys(_in_folder(path)))
        elif name.endswith(LISTS):
            found, lost = _listed(path, root)
            paths.update(dict.fromkeys(found))
            missing += lost
        else:
            paths[path] = None
    if not paths and missing:
        raise Refused(f"None of the {len(missing):,} files of the list is under {root}: download some of them first.")
    return Named(tuple(paths), tuple(missing))


def _in_folder(folder: Path) -> list[Path]:
    found = sorted(path for path in folder.rglob("*") if path.name.endswith(ENDINGS) and path.is_file())
    if not found:
        raise Refused(f"There is no WAT or WARC file in {folder}: their names end in .wat.gz or .warc.gz.")
    return found


def _listed(path: Path, root: str) -> tuple[list[Path], list[str]]:
    """(files that are there, lines whose file is not): by the whole path of the line, else by its last part."""
    if not root:
        raise Refused(f"{path.name} is a list of paths: say with --root in which folder its files are.")
    folder, found, missing = Path(root).resolve(), [], []
    if not folder.is_dir():
        raise Refused(f"{root} is no folder: --root names the one with the files of {path.name}.")
    for line in _lines(path):
        place = _under(folder, line)
        if place is None:
            missing.append(line[:500])
        else:
            found.append(place)
    return found, missing


def _lines(path: Path) -> Iterator[str]:
    try:
        with gzip.open(path) if path.name.endswith(".gz") else path.open("rb") as stream:
            text = stream.read(LIST_BYTES)
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise Refused(f"{path.name} is damaged or no gzip file: download it again.") from error
    for line in text.decode("utf-8", "replace").splitlines():
        if line.strip():
            yield line.strip()


def _under(folder: Path, line: str) -> Path | None:
    for origin in ORIGINS:
        line = line.removeprefix(origin)
    for part in (line, line.rpartition("/")[2]):
        try:
            place = (folder / part).resolve()
            if part and place.is_relative_to(folder) and place.is_file():
                return place
        except (OSError, ValueError):  # a name that no file system has
            continue
    return None


def identity(path: Path, options: Mapping[str, Any]) -> str:
    """Equal for the same bytes read with the same options."""
    digest = hashlib.sha256(f"pages {FORMAT} {json.dumps(options, sort_keys=True)}\n".encode())
    with path.open("rb") as stream:
        while piece := stream.read(PIECE):
            digest.update(piece)
    return digest.hexdigest()
