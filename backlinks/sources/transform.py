"""Rows of a table into columns of the log, a whole column at a time.

Every data row ends as accepted or refused, exactly once. A bad optional cell costs its value, not its row. Where all
cells of a column are readable (the normal case) nothing looks at single rows.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from seoapp.lib.weburl import BadUrl, Target, UrlColumn, host_name, parse, parse_column, registrable_domain

from .cells import BAD, Memo, count, country, flag, is_set, language, number, seconds
from .contract import Chunk, Problem, Source

TEXTS = frozenset(("title", "context_left", "context_right", "alt", "anchor"))
FLAGS = frozenset(("nofollow", "ugc", "sponsored"))
COUNTS = frozenset(("ext_links", "int_links", "links", "domains", "position", "http_status", "group_count"))
TIMES = frozenset(("first_seen", "last_seen", "lost_at"))
UNKNOWN = {"http_status": 0, "group_count": 1, "position": 0}
KINDS = {
    "a": "text", "text": "text", "img": "image", "image": "image", "iframe": "frame", "frame": "frame", "form": "form",
    "redirect": "redirect", "canonical": "canonical", "alternate": "alternate", "rss": "rss", "": "text",
    "dofollow": "text", "nofollow": "text", "href": "text",
}  # fmt: skip
LOST = {
    "removedfromhtml", "notcanonical", "noindex", "pageredirected", "pageerror", "lostredirect", "notfound",
}  # fmt: skip
LIMITS = {"title": 500, "anchor": 1000, "alt": 1000, "context_left": 300, "context_right": 300}


@dataclass(slots=True)
class Transform:
    """The engine for one table. `index` maps a field to its column; `latest` is the export date, if known."""

    source: Source
    header: list[str]
    index: dict[str, int]
    target: Target | None
    latest: datetime | None = None
    day_first: bool = True
    memos: dict[str, Memo] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def chunk(self, rows: list[list[str]], numbers: Sequence[int], refused: list[Problem]) -> Chunk:
        """One chunk: `rows` of equal length with their row numbers, and what the reader refused before."""
        self.problems = list(refused)
        total = len(rows) + sum(1 for one in refused if one.fatal)
        if not rows:
            return Chunk({}, total, self.problems)
        cells = [list(column) for column in zip(*rows, strict=True)]
        made = {
            "links": self._links,
            "sightings": self._links,
            "domains": self._domains,
            "internal": self._internal,
        }.get(self.source.yields, self._counts)(cells, list(numbers))
        return Chunk(made, total, self.problems)

    # --- kinds of tables ----------------------------------------------------------------------------------------------
    def _links(self, cells: list[list[str]], rows: list[int]) -> dict[str, list[Any]]:
        assume = "https" if self.source.assume_scheme else None
        pages = parse_column(cells[self.index["source_url"]], assume)
        targets = self._targets(cells, len(rows), assume)
        bad = dict(pages.bad)
        self._refuse(bad, rows, cells, "source_url")
        others = {i: reason for i, reason in targets.bad.items() if i not in bad} if targets else {}
        if others:
            self._refuse(others, rows, cells, "target_url")
        unfit = self._own_pages(pages, targets, bad | others, rows) | self._mentions(cells, rows, bad | others)
        dropped = set(bad) | set(others) | unfit
        made: dict[str, list[Any]] = {
            "source_url": pages.url, "source_key": pages.key, "source_host": pages.host, "source_domain": pages.domain,
        }  # fmt: skip
        if targets:
            made |= {
                "target_url": targets.url, "target_key": targets.key,
                "target_host": targets.host, "target_domain": targets.domain,
            }  # fmt: skip
        if dropped:
            keep = [i for i in range(len(rows)) if i not in dropped]
            made = {name: [column[i] for i in keep] for name, column in made.items()}
            cells = [[column[i] for i in keep] for column in cells]
            rows = [rows[i] for i in keep]
        made["row"] = rows
        if rows:
            self._fill(made, cells, rows)
        return made

    def _targets(self, cells: list[list[str]], length: int, assume: str | None) -> UrlColumn | None:
        if self.source.yields == "sightings":
            return None
        if "target_url" not in self.index:
            if self.target is None:
                return UrlColumn([""] * length, [""] * length, [""] * length, [""] * length, {})
            url = f"https://{self.target.key}"
            one = parse(url)
            return UrlColumn([one.url] * length, [one.key] * length, [one.host] * length, [one.domain] * length)
        raws = cells[self.index["target_url"]]
        distinct = list(dict.fromkeys(raws))
        parsed = parse_column(distinct, assume)
        where = {raw: number for number, raw in enumerate(distinct)}
        places = list(map(where.__getitem__, raws))
        bad = {i: parsed.bad[place] for i, place in enumerate(places) if place in parsed.bad} if parsed.bad else {}
        pick = [list(map(column.__getitem__, places)) for column in (parsed.url, parsed.key, parsed.host, parsed.domain)]
        return UrlColumn(pick[0], pick[1], pick[2], pick[3], bad)

    def _own_pages(
        self, pages: UrlColumn, targets: UrlColumn | None, bad: dict[int, str], rows: list[int]
    ) -> set[int]:
        """Rows whose page is on the target's own domain: internal links, kept apart."""
        own = targets.domain if targets else [self.target.domain if self.target else ""] * len(rows)
        found = {i for i, (page, target) in enumerate(zip(pages.domain, own, strict=True)) if page == target} - set(bad)
        for i in sorted(found):
            reason = "internal link: the page is on the target's own domain, so it is no backlink"
            self.problems.append(Problem(rows[i], self._head("source_url"), reason, pages.url[i]))
        return found

    def _mentions(self, cells: list[list[str]], rows: list[int], bad: dict[int, str]) -> set[int]:
        if "mention" not in self.index:
            return set()
        found = {i for i, cell in enumerate(cells[self.index["mention"]]) if is_set(cell)} - set(bad)
        for i in sorted(found):
            self.problems.append(Problem(rows[i], self._head("mention"), "a mention without a link is no backlink"))
        return found

    def _domains(self, cells: list[list[str]], rows: list[int]) -> dict[str, list[Any]]:
        memo = self._memo("source_domain", _domain_of)
        names = list(map(memo.__getitem__, cells[self.index["source_domain"]]))
        bad = {i: "no domain name" for i, name in enumerate(names) if name is BAD}
        self._refuse(bad, rows, cells, "source_domain")
        own = self.target.domain if self.target else ""
        internal = {i for i, name in enumerate(names) if name == own and own}
        for i in sorted(internal):
            self.problems.append(Problem(rows[i], self._head("source_domain"), "internal: the target's own domain", own))
        dropped = set(bad) | internal
        keep = [i for i in range(len(rows)) if i not in dropped]
        made: dict[str, list[Any]] = {"source_domain": [names[i] for i in keep], "row": [rows[i] for i in keep]}
        self._fill(made, [[column[i] for i in keep] for column in cells], made["row"])
        return made

    def _counts(self, cells: list[list[str]], rows: list[int]) -> dict[str, list[Any]]:
        values = [cell.strip() for cell in cells[self.index["value"]]]
        if self.source.yields == "pages":
            assume = "https" if self.source.assume_scheme else None
            parsed = parse_column(values, assume)
            self._refuse(parsed.bad, rows, cells, "value")
            keep = [i for i in range(len(rows)) if i not in parsed.bad]
            values = [parsed.url[i] for i in keep]
            cells, rows = [[column[i] for i in keep] for column in cells], [rows[i] for i in keep]
        made: dict[str, list[Any]] = {"value": values, "row": rows}
        self._fill(made, cells, rows)
        return made

    def _internal(self, cells: list[list[str]], rows: list[int]) -> dict[str, list[Any]]:
        values = cells[self.index["value"]]
        reason = "internal link: this report lists your own pages linking to each other, which are no backlinks"
        self.problems.extend(
            Problem(row, self._head("value"), reason, value) for row, value in zip(rows, values, strict=True)
        )
        return {}

    # --- columns ------------------------------------------------------------------------------------------------------
    def _fill(self, made: dict[str, list[Any]], cells: list[list[str]], rows: list[int]) -> None:
        """The optional fields of the table's rows."""
        is_link = self.source.yields == "links"
        for name, at in self.index.items():
            column = cells[at]
            if name in TEXTS and is_link:
                made[name] = self._texts(name, column)
            elif name in FLAGS:
                made[name] = self._values(name, flag, -1, column, rows)
            elif name in COUNTS:
                made[name] = self._values(name, count, UNKNOWN.get(name, -1), column, rows)
            elif name in TIMES:
                made[name] = self._values(name, seconds(self.latest, day_first=self.day_first), 0, column, rows)
            elif name in ("language", "country"):
                made[name] = list(map(self._memo(name, language if name == "language" else country).__getitem__, column))
            elif name == "ip":
                made[name] = [cell.strip() for cell in column]
        self._vendor_values(made, cells, rows)
        if is_link:
            self._kinds(made, cells, rows)
            self._losses(made, cells)
            self._flags(made, cells)
            self._redirects(made, cells)
        for name, value in self.source.defaults.items():
            if name in made:
                made[name] = [value if cell == -1 else cell for cell in made[name]]

    def _texts(self, name: str, column: list[str]) -> list[Any]:
        limit = LIMITS[name]
        return column if max(map(len, column)) <= limit else [cell[:limit] for cell in column]

    def _values(
        self, name: str, convert: Callable[[str], Any], unknown: Any, column: list[str], rows: list[int]
    ) -> list[Any]:
        """Converted cells; a bad one is listed and becomes unknown."""
        values = list(map(self._memo(name, convert).__getitem__, column))
        if BAD in values:
            reason = {"first_seen": "not a date that can be read, or out of range"}.get(
                name, "not a date that can be read, or out of range" if name in TIMES else "not a value that can be read"
            )
            for i, value in enumerate(values):
                if value is BAD:
                    self.problems.append(Problem(rows[i], self._head(name), reason, column[i], fatal=False))
                    values[i] = unknown
        if unknown not in (-1, None) and name in COUNTS:
            values = [unknown if value == -1 else value for value in values]
        return values

    def _vendor_values(self, made: dict[str, list[Any]], cells: list[list[str]], rows: list[int]) -> None:
        for kind, convert in (("metric", number), ("label", str.strip)):
            names = [name for name in self.index if name.startswith(f"{kind}:")]
            if not names:
                continue
            columns = [self._values(name, convert, None, cells[self.index[name]], rows) for name in names]
            short = [name.partition(":")[2] for name in names]
            share = _Shared(short)
            made[f"{kind}s"] = [share[values] for values in zip(*columns, strict=True)]

    def _kinds(self, made: dict[str, list[Any]], cells: list[list[str]], rows: list[int]) -> None:
        kinds: list[str] | None = None
        if "link_type" in self.index:
            memo = self._memo("link_type", lambda cell: KINDS.get(cell.strip().lower(), "other"))
            kinds = list(map(memo.__getitem__, cells[self.index["link_type"]]))
        elif "old_type" in self.index:
            old = [cell.lower() for cell in cells[self.index["old_type"]]]
            kinds = [next((kind for kind in ("image", "redirect", "frame", "form") if kind in cell), "text") for cell in old]
            made["nofollow"] = [1 if "nofollow" in cell else 0 if cell.strip() else -1 for cell in old]
        else:
            marks = [name for name in self.index if name.startswith("is:") and name != "is:text"]
            if marks:
                kinds = ["text"] * len(rows)
                for name in marks:
                    column = cells[self.index[name]]
                    memo = self._memo(name, is_set)
                    if any(map(memo.__getitem__, set(column))):
                        kind = name.removeprefix("is:")
                        kinds = [kind if memo[cell] else old for cell, old in zip(column, kinds, strict=True)]
        if kinds is None:
            return
        made["kind"] = kinds
        if "image" in kinds and "anchor" in made and "alt" not in self.index:
            made["alt"] = [text if kind == "image" else None for text, kind in zip(made["anchor"], kinds, strict=True)]
            made["anchor"] = ["" if kind == "image" else text for text, kind in zip(made["anchor"], kinds, strict=True)]

    def _losses(self, made: dict[str, list[Any]], cells: list[list[str]]) -> None:
        length = len(made["row"])
        if "vendor_lost" in self.index:
            marks = list(map(self._memo("vendor_lost", is_set).__getitem__, cells[self.index["vendor_lost"]]))
            made["lost_reason"] = ["vendor_unspecified" if mark else "" for mark in marks]
        if "day_lost" in self.index:
            convert = self._memo("day_lost", seconds(self.latest))
            days = [0 if value is BAD else value for value in map(convert.__getitem__, cells[self.index["day_lost"]])]
            made["lost_at"] = days
            made["lost_reason"] = ["vendor_unspecified" if day else "" for day in days]
        if "lost_reason" in self.index or "drop_reason" in self.index or ("lost_at" in made and "lost_reason" not in made):
            empty = [""] * length
            seen = cells[self.index["lost_reason"]] if "lost_reason" in self.index else empty
            drop = cells[self.index["drop_reason"]] if "drop_reason" in self.index else empty
            days = made.get("lost_at") or [0] * length
            made["lost_reason"] = [_lost(*one) for one in zip(seen, drop, days, strict=True)]

    def _flags(self, made: dict[str, list[Any]], cells: list[list[str]]) -> None:
        names = [name for name in self.index if name.startswith("flag:")]
        lost = "vendor_lost" in self.index
        if not names and not lost:
            return
        marks = [list(map(self._memo(name, is_set).__getitem__, cells[self.index[name]])) for name in names]
        if lost:
            names = [*names, "flag:vendor_lost"]
            marks.append(list(map(self._memo("vendor_lost", is_set).__getitem__, cells[self.index["vendor_lost"]])))
        words = [name.removeprefix("flag:") for name in names]
        joined: dict[tuple[Any, ...], str] = {}
        made["flags"] = [
            joined.get(one) or joined.setdefault(one, " ".join(w for w, on in zip(words, one, strict=True) if on))
            for one in zip(*marks, strict=True)
        ]

    def _redirects(self, made: dict[str, list[Any]], cells: list[list[str]]) -> None:
        if "redirect_urls" not in self.index:
            return
        urls = cells[self.index["redirect_urls"]]
        codes = cells[self.index["redirect_codes"]] if "redirect_codes" in self.index else [""] * len(urls)
        made["redirect_chain"] = [_chain(url, code) if url.strip() else "" for url, code in zip(urls, codes, strict=True)]

    # --- small things -------------------------------------------------------------------------------------------------
    def _memo(self, name: str, convert: Callable[[str], Any]) -> Memo:
        if name not in self.memos:
            self.memos[name] = Memo(convert)
        return self.memos[name]

    def _refuse(self, bad: dict[int, str], rows: list[int], cells: list[list[str]], name: str) -> None:
        head, column = self._head(name), cells[self.index[name]]
        self.problems.extend(Problem(rows[i], head, reason, column[i][:1000]) for i, reason in sorted(bad.items()))

    def _head(self, name: str) -> str:
        at = self.index.get(name)
        return self.header[at] if at is not None else name


class _Shared(dict[tuple[Any, ...], dict[str, Any]]):
    """Equal vendor values share one dictionary; unknown ones are left out."""

    def __init__(self, names: list[str]) -> None:
        super().__init__()
        self._names = names

    def __missing__(self, values: tuple[Any, ...]) -> dict[str, Any]:
        made = {name: value for name, value in zip(self._names, values, strict=True) if value not in (None, "")}
        if len(self) < 200_000:
            self[values] = made
        return made


def _domain_of(cell: str) -> Any:
    try:
        return registrable_domain(host_name(cell))
    except BadUrl:
        return BAD


def _lost(seen: str, drop: str, day: int) -> str:
    """The reason of a loss: an observed one, a vendor's drop (which is no loss), or unspecified where only a day stands."""
    word = seen.strip().lower().replace(" ", "").replace("_", "")
    if word:
        return word if word in LOST else f"vendor_{word}"[:60]
    if drop.strip():
        return f"vendor_dropped:{drop.strip().lower()}"[:60]
    return "vendor_unspecified" if day else ""


def _chain(urls: str, codes: str) -> str:
    hops = [part.strip() for part in urls.replace("\n", " ").split(" ") if part.strip()]
    numbers = [part for part in codes.replace(",", " ").split() if part.isdigit()]
    return json.dumps(
        [{"url": url, "status": int(numbers[i]) if i < len(numbers) else 0} for i, url in enumerate(hops)]
    )
