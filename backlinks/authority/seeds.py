"""Where trust starts, and where it ends: seeds are data (seeds.toml), kept by version and hash with every computation.

Decided: good seeds are domains under names that nobody registers freely, hand-picked sites of many years that publish
only their own words, and sites that are both popular and long-lived. Sites where everybody can write are never seeds,
however popular they are: trust would flow to whoever leaves a link. Bad seeds are what an operator adds; the shipped
list is empty, because a wrong entry does harm and nobody here could correct it. Refused: seeds by their own PageRank,
because what a farm can buy would then decide what is trusted.
"""

import hashlib
import tomllib
from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from itertools import product
from pathlib import Path
from string import ascii_lowercase
from typing import Any

import numpy as np

from .graph import Ids, Known, Names

SHIPPED = Path(__file__).with_name("seeds.toml")


class WrongSeeds(ValueError):
    """A list of seeds that cannot be used; the message says what to mend."""


@dataclass(frozen=True)
class Seeds:
    """Lists of names as people write them (example.com); `controlled` may hold `ac.*`."""

    version: str
    controlled: tuple[str, ...] = ()
    uncontrolled: tuple[str, ...] = ()
    sites: tuple[str, ...] = ()
    open: tuple[str, ...] = ()
    technical: tuple[str, ...] = ()
    bad: tuple[str, ...] = ()
    popular_rank: float = 0
    popular_years: float = 0

    def joined(self, *, sites: Iterable[str] = (), bad: Iterable[str] = ()) -> "Seeds":
        """With an operator's own good and bad sites; what is bad is no longer good."""
        worse = _listed([*self.bad, *bad])
        return replace(self, sites=_listed({*self.sites, *sites} - set(worse)), bad=worse)

    @cached_property
    def digest(self) -> str:
        """SHA-256 of all that decides which domains are seeds."""
        fields = (self.version, self.controlled, self.uncontrolled, self.sites, self.open, self.bad)
        return _digest((*fields, float(self.popular_rank), float(self.popular_years)))

    @cached_property
    def technical_digest(self) -> str:
        return _digest(self.technical)


@dataclass(frozen=True, slots=True)
class Placed:
    """Nodes of the seeds that are in the graph, ascending; a domain counts under the first list that names it."""

    good: Ids
    bad: Ids
    controlled: int
    sites: int
    popular: int


@lru_cache(maxsize=1)
def shipped() -> Seeds:
    """The seeds that come with the program."""
    return read(SHIPPED)


def read(path: Path) -> Seeds:
    """Seeds of a TOML file like the shipped one."""
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
        popular = data.get("popular", {})
        return Seeds(
            str(data["version"]),
            *(_listed(data.get(name, [])) for name in ("controlled", "uncontrolled", "sites")),
            *(_listed(data.get(name, {}).get("sites", [])) for name in ("open", "technical", "bad")),
            popular_rank=float(popular.get("rank", 0)),
            popular_years=float(popular.get("years", 0)),
        )
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise WrongSeeds(f"{path.name} is no TOML in UTF-8: {error}.") from error
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise WrongSeeds(f"{path.name} needs a version and lists of names like the shipped seeds.toml.") from error


def lines(text: str) -> tuple[str, ...]:
    """Names of an operator's own file: one a line, `#` starts a remark."""
    bare = (line.partition("#")[0].strip() for line in text.splitlines())
    return _listed(line for line in bare if line)


def place(seeds: Seeds, names: Names, known: Known) -> Placed:
    """Which nodes of a graph are seeds."""
    bad = _nodes(names, seeds.bad)
    never = np.union1d(bad, _nodes(names, seeds.open))
    under = np.setdiff1d(_below(names, seeds.controlled), _below(names, seeds.uncontrolled))
    controlled = np.setdiff1d(under, never)
    sites = np.setdiff1d(_nodes(names, seeds.sites), np.union1d(controlled, bad))
    named = np.union1d(controlled, sites)
    technical = _nodes(names, seeds.technical)
    popular = np.setdiff1d(_popular(seeds, known), np.concatenate([named, never, technical]))
    good = np.union1d(named, popular).astype(np.int32)
    return Placed(good, bad.astype(np.int32), len(controlled), len(sites), len(popular))


def _popular(seeds: Seeds, known: Known) -> Ids:
    if known.popularity is None or known.years is None:
        return np.zeros(0, np.int32)
    old = known.years >= seeds.popular_years
    return np.flatnonzero((known.popularity <= seeds.popular_rank) & old).astype(np.int32)


def reversed_name(name: str) -> str:
    """com.example of example.com, and back."""
    return ".".join(reversed(name.split(".")))


def _nodes(names: Names, wanted: Iterable[str]) -> Ids:
    """Nodes of the named domains, ascending, without those that the graph lacks."""
    places = ((_place(names, key := reversed_name(name)), key) for name in wanted)
    found = {at for at, key in places if at < len(names) and names[at].as_py() == key}
    return np.array(sorted(found), np.int32)


def _below(names: Names, suffixes: Iterable[str]) -> Ids:
    """Nodes of all domains below the suffixes: each is one run of the names, because they are sorted."""
    runs = []
    for suffix in suffixes:
        for start in _starts(suffix):
            first, last = _place(names, start + "."), _place(names, start + "/")  # "/" follows "."
            runs.append(np.arange(first, last, dtype=np.int32))
    return np.unique(np.concatenate(runs)) if runs else np.zeros(0, np.int32)


def _starts(suffix: str) -> list[str]:
    """Reversed suffixes that a pattern stands for."""
    if not suffix.endswith(".*"):
        return [reversed_name(suffix)]
    return [f"{one}{two}.{suffix[:-2]}" for one, two in product(ascii_lowercase, repeat=2)]


def _place(names: Names, key: str) -> int:
    return bisect_left(range(len(names)), key, key=lambda at: names[at].as_py())


def _listed(names: Iterable[Any]) -> tuple[str, ...]:
    """Names in lower case, sorted, once each."""
    found = tuple(sorted({str(name).strip().lower().rstrip(".") for name in names}))
    wrong = next((name for name in found if not name or any(sign.isspace() or sign in "/:@" for sign in name)), None)
    if wrong is not None:
        raise WrongSeeds(f"“{wrong}” is no name of a domain: write example.com, one a line.")
    return found


def _digest(content: tuple[object, ...]) -> str:
    return hashlib.sha256(repr(content).encode()).hexdigest()
