"""Rows of a table into columns of the log, a whole column at a time.

Every data row ends as accepted or refused, exactly once. A bad optional cell costs its value, not its row. Where all
cells of a column are readable (the normal case) nothing looks at single rows. What an optional column means for a link
stands in `claims.py`.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from operator import eq
from typing import Any

from seoapp.lib.weburl import BadUrl, Target, UrlColumn, host_name, parse, parse_column, registrable_domain

from . import claims
from .cells import BAD, Memo, address, count, country, is_set, number, seconds
from .chunks import Cells
from .contract import Chunk, Problem, Source

TIMES = frozenset(("first_seen", "last_seen", "lost_at"))
COUNTS = {"ext_links": -1, "int_links": -1, "links": -1, "domains": -1, "position": 0}
NO_DATE = "not a date that can be read, or out of range"
NO_VALUE = "not a value that can be read"
INTERNAL_LINK = "internal link: the page is on the target's own domain, so it is no backlink"
INTERNAL_REPORT = "internal link: this report lists your own pages linking to each other, which are no backlinks"


@dataclass(slots=True)
class Transform:
    """The engine for one table.

    index: field -> its column. latest: the export date, if known. day_first: how each field's dates are meant.
    """

    source: Source
    header: list[str]
    index: dict[str, int]
    target: Target | None
    latest: datetime | None = None
    day_first: Mapping[str, bool] = field(default_factory=dict)
    memos: dict[str, Memo] = field(default_factory=dict)
    tally: claims.Tally = field(default_factory=claims.Tally)

    def notes(self) -> list[str]:
        return self.tally.notes()

    def chunk(self, rows: list[list[str]], numbers: Sequence[int], refused: list[Problem]) -> Chunk:
        """One chunk: `rows` of equal length with their row numbers, and what the reader refused before."""
        problems = list(refused)
        total = len(rows) + sum(one.fatal for one in refused)
        if not rows:
            return Chunk({}, total, problems)
        columns: list[Sequence[str]] = list(zip(*rows, strict=True))
        cells = Cells(self.header, self.index, columns, list(numbers), self.memos, problems)
        makers: dict[str, Callable[[Cells], dict[str, list[Any]]]] = {
            "links": self._links, "sightings": self._links, "domains": self._domains, "intersect": self._intersect,
            "internal": self._internal,
        }  # fmt: skip
        return Chunk(makers.get(self.source.yields, self._counts)(cells), total, problems)

    # --- kinds of tables ----------------------------------------------------------------------------------------------
    def _links(self, cells: Cells) -> dict[str, list[Any]]:
        assume = "https" if self.source.assume_scheme else None
        pages = parse_column(cells["source_url"], assume)
        cells.refuse(pages.bad, "source_url")
        targets = self._targets(cells, assume)
        dropped = set(pages.bad)
        if targets:
            others = {at: reason for at, reason in targets.bad.items() if at not in dropped}
            if others:
                cells.refuse(others, "target_url")
            dropped |= set(others)
        dropped |= self._own_pages(cells, pages, targets, dropped)
        dropped |= self._mentions(cells, dropped)
        cells, kept = cells.without(dropped)
        made: dict[str, list[Any]] = {
            "source_url": kept(pages.url), "source_key": kept(pages.key),
            "source_host": kept(pages.host), "source_domain": kept(pages.domain),
        }  # fmt: skip
        if targets:
            made |= {
                "target_url": kept(targets.url), "target_key": kept(targets.key),
                "target_host": kept(targets.host), "target_domain": kept(targets.domain),
            }  # fmt: skip
        return self._filled(made, cells)

    def _targets(self, cells: Cells, assume: str | None) -> UrlColumn | None:
        """The linked pages: the rows' own, else the project's address; None for reports that name no target."""
        if self.source.yields == "sightings":
            return None
        length = len(cells.rows)
        if "target_url" not in cells:
            if self.target is None:
                return UrlColumn([""] * length, [""] * length, [""] * length, [""] * length, {})
            one = parse(f"https://{self.target.key}")
            return UrlColumn([one.url] * length, [one.key] * length, [one.host] * length, [one.domain] * length)
        raws = cells["target_url"]
        distinct = list(dict.fromkeys(raws))
        parsed = parse_column(distinct, assume)
        where = dict(zip(distinct, range(len(distinct)), strict=True))
        places = list(map(where.__getitem__, raws))
        bad = {at: parsed.bad[place] for at, place in enumerate(places) if place in parsed.bad} if parsed.bad else {}
        columns = (parsed.url, parsed.key, parsed.host, parsed.domain)
        return UrlColumn(*(list(map(column.__getitem__, places)) for column in columns), bad)

    def _own_pages(self, cells: Cells, pages: UrlColumn, targets: UrlColumn | None, bad: set[int]) -> set[int]:
        """Rows whose page is on the target's own domain: internal links, kept apart."""
        own = targets.domain if targets else [self.target.domain if self.target else ""] * len(cells.rows)
        if not any(map(eq, pages.domain, own)):
            return set()
        found = {at for at, (page, one) in enumerate(zip(pages.domain, own, strict=True)) if page == one} - bad
        cells.refuse(dict.fromkeys(found, INTERNAL_LINK), "source_url")
        return found

    def _mentions(self, cells: Cells, bad: set[int]) -> set[int]:
        if "mention" not in cells:
            return set()
        found = {at for at, is_one in enumerate(cells.each("mention", is_set)) if is_one} - bad
        cells.refuse(dict.fromkeys(found, "a mention without a link is no backlink"), "mention")
        return found

    def _domains(self, cells: Cells) -> dict[str, list[Any]]:
        names = cells.each("source_domain", _domain_of)
        own = self.target.domain if self.target else BAD
        bad = {at: "no domain name" for at, name in enumerate(names) if name is BAD} if BAD in names else {}
        if own in names:
            bad |= {at: "internal: the target's own domain" for at, name in enumerate(names) if name == own}
        cells.refuse(bad, "source_domain")
        cells, kept = cells.without(set(bad))
        return self._filled({"source_domain": kept(names)}, cells)

    def _intersect(self, cells: Cells) -> dict[str, list[Any]]:
        """A column for each compared site: a row gives one domain link for each site that it links to."""
        made = self._domains(cells)
        if not made:
            return {}
        kept = set(made["row"])
        cells, _ = cells.without({at for at, row in enumerate(cells.rows) if row not in kept})
        places: list[int] = []
        targets: list[str] = []
        links: list[int] = []
        for name in cells.names("target:"):
            domain = _domain_of(name.removeprefix("target:"))
            counted = cells.values(name, count, -1, NO_VALUE)
            found = [at for at, number in enumerate(counted) if number > 0 and domain is not BAD]
            places += found
            targets += [domain] * len(found)
            links += [counted[at] for at in found]
        chosen = {name: [column[at] for at in places] for name, column in made.items()}
        return chosen | {"target_domain": targets, "links": links} if places else {}

    def _counts(self, cells: Cells) -> dict[str, list[Any]]:
        """A vendor's counts by anchor, page, IP, country or TLD."""
        if self.source.yields != "pages":
            return self._filled({"value": [cell.strip() for cell in cells["value"]]}, cells)
        parsed = parse_column([cell.strip() for cell in cells["value"]], "https" if self.source.assume_scheme else None)
        cells.refuse(parsed.bad, "value")
        cells, kept = cells.without(set(parsed.bad))
        return self._filled({"value": kept(parsed.url), "target_domain": kept(parsed.domain)}, cells)

    def _internal(self, cells: Cells) -> dict[str, list[Any]]:
        cells.refuse(dict.fromkeys(range(len(cells.rows)), INTERNAL_REPORT), "value")
        return {}

    # --- columns ------------------------------------------------------------------------------------------------------
    def _filled(self, made: dict[str, list[Any]], cells: Cells) -> dict[str, list[Any]]:
        """The columns of the table, with its optional fields."""
        if not cells.rows:
            return {}
        made["row"] = cells.rows
        for name in TIMES:
            if name in cells:
                day_first = self.day_first.get(name, True)
                made[name] = cells.values(name, seconds(self.latest, day_first=day_first), 0, NO_DATE)
        for name, unknown in COUNTS.items():
            if name in cells:
                found = cells.values(name, count, unknown, NO_VALUE)
                made[name] = found if unknown == -1 else [max(figure, 0) for figure in found]
        if "country" in cells:
            made["country"] = cells.each("country", country)
        if "ip" in cells:
            made["ip"] = cells.values("ip", address, "", "not an IP address")
        if self.source.yields == "links":
            claims.add(made, cells, self.tally)
        self._vendor_values(made, cells)
        return made

    def _vendor_values(self, made: dict[str, list[Any]], cells: Cells) -> None:
        for kind, convert in (("metric", number), ("label", str.strip)):
            names = cells.names(f"{kind}:")
            if not names:
                continue
            columns = [cells.values(name, convert, None, NO_VALUE) for name in names]
            shared = self.memos.setdefault(f"{kind}s", _Shared([name.partition(":")[2] for name in names]))
            made[f"{kind}s"] = list(map(shared.__getitem__, zip(*columns, strict=True)))


class _Shared(Memo):
    """Equal vendor values share one dictionary; unknown ones are left out."""

    def __init__(self, names: list[str]) -> None:
        super().__init__(lambda values: {
            name: value for name, value in zip(names, values, strict=True) if value is not None and value != ""
        })  # fmt: skip


def _domain_of(cell: str) -> Any:
    try:
        host = host_name(cell)
    except BadUrl:
        return BAD
    return registrable_domain(host) if "." in host or host.startswith("[") else BAD
