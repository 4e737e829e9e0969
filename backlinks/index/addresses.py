"""Countries and networks of addresses: open tables of ranges, and where an address lies in them.

Decided: both tables (countries, networks) are merged into ranges that do not overlap when they are read, so that one
look finds both. IPv6 is kept by its upper 64 bits, the smallest piece that is given to anybody. Private and translated
addresses lie nowhere. Refused: asking somebody on the web, who then knows whom our users look at.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from seoapp.lib.addresses import refusal

from . import batches, engine, kept
from .places import LATEST, SHIFTS, SOURCE, placed
from .portions import portions
from .writer import Batch

TABLE = "ip_ranges"
LOCATED = placed("SELECT arrayJoin({ips:Array(String)}) AS ip", batch=LATEST)
TABLES = f"""SELECT batch, label, (SELECT count() FROM {TABLE} WHERE workspace = 0 AND batch = {LATEST}) AS ranges
FROM batches WHERE workspace = 0 AND batch = {LATEST} ORDER BY version DESC LIMIT 1"""
UNPLACED = """SELECT workspace, target_domain FROM links
WHERE ip != '' AND country = '' AND (workspace, target_domain, generation) IN (
    SELECT workspace, target_domain, max(generation) FROM generations GROUP BY workspace, target_domain)
GROUP BY workspace, target_domain ORDER BY workspace, target_domain"""


@dataclass(frozen=True, slots=True)
class Place:
    """Where an address lies: a country by two letters, the number and the name of its network; "" and 0 unknown."""

    country: str
    asn: int
    network: str


@dataclass(frozen=True, slots=True)
class RangeFacts:
    """The table of ranges that counts now."""

    batch: int
    label: str
    ranges: int


def add(batch: Batch, columns: Mapping[str, Sequence[Any]], *, block: int) -> None:
    """Ranges that do not overlap: family, bucket, first, last, country, asn, network."""
    batches.put(batch, TABLE, columns, block=block)


def publish(batch: Batch) -> None:
    """Let these ranges count, in the place of older ones."""
    batches.publish(batch)


def withdraw(batch: Batch) -> None:
    batches.withdraw(batch, TABLE)


def current() -> RangeFacts | None:
    """The ranges that count now; None where no table was read."""
    found = kept.briefly(TABLES, {})
    return RangeFacts(**found[0]) if found else None


def locate(ips: Iterable[str]) -> dict[str, Place]:
    """Where these addresses lie; one that is private, no address or in no range is left out."""
    made: dict[str, Place] = {}
    for portion in portions(ip for ip in ips if ip and not refusal(ip)):
        for row in kept.briefly(LOCATED, {"ips": portion}):
            made[row["ip"]] = Place(row["country"], row["asn"], row["network"])
    return made


def unplaced() -> list[tuple[int, str]]:
    """(workspace, target) with links whose address is known and whose country is not."""
    return [(row["workspace"], row["target_domain"]) for row in engine.read(UNPLACED)]


__all__ = ["SHIFTS", "SOURCE", "Place", "RangeFacts", "add", "current", "locate", "publish", "unplaced", "withdraw"]
