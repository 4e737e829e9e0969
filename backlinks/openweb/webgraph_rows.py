"""Lines of a release's files as columns: fast where a block is as it should be, exactly where it is not.

Decided: Arrow's CSV reader takes a whole block at once; when it finds anything wrong, the block is read again line by
line, and every line that is refused is told with its number, column and reason. Names must be hosts as browsers know
them, in lower case: plain ones are told by two patterns, the others (IDN, underscores) by our URL module one by one.
Hosts are folded to the registrable domain of our public suffix list (with its private section), after a `www.` in front
was taken off: releases before 2025-26 nov-dec-jan have no www, later ones do, and both must give the same domains.
A name that is a public suffix itself stays as the release has it (Common Crawl folds by the list's ICANN section).
"""

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv

from seoapp.lib import weburl
from seoapp.lib.weburl import BadUrl

PLAIN = r"^[a-z](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)+$"
ODD = r"xn--|[a-z0-9-]{64}"  # to be looked at one by one
FOREIGN = re.compile(r"[\s/:@?#%\[\]\\]")
NUMBER = re.compile(r"\d{1,10}", re.ASCII)
DECIMAL = re.compile(r"[-+]?\d+(?:\.\d*)?(?:[eE][-+]?\d{1,4})?", re.ASCII)
HIGHEST = 2**32 - 1
CHUNK_BYTES = 8 << 20
SNIFFED = 1 << 14
VERTEX, EDGE = ("id", "name", "hosts"), ("source", "target")
RANK = ("harmonic_at", "harmonic", "pagerank_at", "pagerank", "name", "hosts")
TYPES = {
    "id": pa.uint32(), "name": pa.string(), "hosts": pa.uint32(), "source": pa.uint32(), "target": pa.uint32(),
    "harmonic_at": pa.uint32(), "harmonic": pa.float64(), "pagerank_at": pa.uint32(), "pagerank": pa.float64(),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Refusal:
    """A line that was refused; `row` counts from 0 in its block."""

    row: int
    column: str
    reason: str
    value: str


@dataclass(slots=True)
class Parsed:
    """A block: its good lines as columns, their numbers in the block as `row`, and the others."""

    rows: int
    columns: pa.Table
    refused: list[Refusal] = field(default_factory=list)

    def keep(self, good: np.ndarray) -> None:
        self.columns = self.columns.filter(pa.array(good))


def columns_of(names: Sequence[str], data: bytes) -> tuple[str, ...]:
    """The columns that a file has by its first lines: older releases and host level lack the number of hosts."""
    tabs = Counter(line.count(b"\t") for line in data[:SNIFFED].split(b"\n")[:100])
    return tuple(names[: max(tabs.most_common(1)[0][0] + 1, len(names) - 1)])


def parse(data: bytes, names: Sequence[str]) -> Parsed:
    """The lines of a block by column."""
    if not data:
        return Parsed(0, _table([], names))
    try:
        table = csv.read_csv(
            pa.BufferReader(data),
            csv.ReadOptions(column_names=list(names), block_size=CHUNK_BYTES),
            csv.ParseOptions(delimiter="\t", quote_char=False, ignore_empty_lines=False),
            csv.ConvertOptions(column_types={name: TYPES[name] for name in names}, null_values=[]),
        )
    except (pa.ArrowInvalid, pa.ArrowKeyError):
        return _exactly(data, names)
    return Parsed(table.num_rows, table.append_column("row", pa.array(np.arange(table.num_rows, dtype=np.uint32))))


def _table(rows: list[list[object]], names: Sequence[str]) -> pa.Table:
    cells = list(zip(*rows, strict=True)) or [()] * (len(names) + 1)
    kinds = [*(TYPES[name] for name in names), pa.uint32()]
    made = [pa.array(cells[at], kind) for at, kind in enumerate(kinds)]
    return pa.table(made, names=[*names, "row"])


def _exactly(data: bytes, names: Sequence[str]) -> Parsed:
    """Line by line."""
    lines = data.split(b"\n")
    if not lines[-1]:
        lines.pop()
    rows: list[list[object]] = []
    refused = []
    for row, line in enumerate(lines):
        cells = line.decode("utf-8", "replace").removesuffix("\r").split("\t")
        wrong = _wrong(cells, names)
        if wrong:
            refused.append(Refusal(row, *wrong))
        else:
            rows.append([*map(_value, cells, names), row])
    return Parsed(len(lines), _table(rows, names), refused)


def _wrong(cells: list[str], names: Sequence[str]) -> tuple[str, str, str] | None:
    """(column, reason, value) of the first thing that is wrong with a line."""
    if len(cells) != len(names):
        return "", f"{len(cells)} columns where {len(names)} are expected", "\t".join(cells)
    for cell, name in zip(cells, names, strict=True):
        kind = TYPES[name]
        if kind == pa.uint32() and not (NUMBER.fullmatch(cell) and int(cell) <= HIGHEST):
            return name, "not a number from 0 to 4,294,967,295", cell
        if kind == pa.float64() and not DECIMAL.fullmatch(cell):
            return name, "not a number", cell
    return None


def _value(cell: str, name: str) -> object:
    kind = TYPES[name]
    return int(cell) if kind == pa.uint32() else float(cell) if kind == pa.float64() else cell


# --- Names --------------------------------------------------------------------------------------------------------
def name_domains(parsed: Parsed) -> None:
    """Put the reversed domain of every line under `reversed`; lines with a bad name are refused."""
    _rename(parsed, lambda host: (turned(host), ""))


def name_hosts(parsed: Parsed) -> None:
    """Put the reversed registrable domain under `reversed`, and the reversed host without its www under `host`."""
    _rename(parsed, _folded, every=True)


def turned(name: str) -> str:
    return ".".join(reversed(name.split(".")))


def _folded(host: str) -> tuple[str, str]:
    """No host is an address here, and nearly every one is new: the list is asked without a memory in between."""
    bare = host.removeprefix("www.") if host.count(".") > 1 else host
    return turned(weburl.SUFFIXES.privatesuffix(bare) or bare), turned(bare)


def _rename(parsed: Parsed, folded: Callable[[str], tuple[str, str]], *, every: bool = False) -> None:
    """Read each name that needs it; a whole block of plain ones is taken as it is."""
    names = parsed.columns["name"].combine_chunks()
    plain = _plain(names)
    if plain.all() and not every:
        parsed.columns = _named(parsed.columns, names, pa.array([""] * len(names)))
        return
    texts = names.to_pylist()
    hosts = list(texts) if every else [""] * len(texts)
    good = np.ones(len(texts), bool)
    numbers = parsed.columns["row"].to_numpy()
    for at in range(len(texts)) if every else np.flatnonzero(~plain):
        try:
            texts[at], hosts[at] = folded(turned(texts[at]) if plain[at] else _host(texts[at]))
        except BadUrl as error:
            parsed.refused.append(Refusal(int(numbers[at]), "name", str(error), texts[at]))
            good[at] = False
    parsed.columns = _named(parsed.columns, pa.array(texts, pa.string()), pa.array(hosts, pa.string()))
    parsed.keep(good)


def _plain(names: pa.Array) -> np.ndarray:
    """Which names need no second look."""
    fits = pc.and_(
        pc.match_substring_regex(names, PLAIN),
        pc.and_not(
            pc.less_equal(pc.binary_length(names), weburl.MAX_HOST),
            pc.match_substring_regex(names, ODD),
        ),
    )
    return fits.to_numpy(zero_copy_only=False)


def _named(table: pa.Table, names: pa.Array, hosts: pa.Array) -> pa.Table:
    return table.drop_columns("name").append_column("reversed", names).append_column("host", hosts)


def _host(name: str) -> str:
    """The host of a reversed name, as browsers know it."""
    if not name:
        raise BadUrl("no name")
    if FOREIGN.search(name) or len(name) > weburl.MAX_HOST:
        raise BadUrl("not a host name")
    host = weburl.host_name(turned(name))
    if "." not in host or not weburl.tld(host):
        raise BadUrl("not a domain: an address, or a name without a dot")
    return host
