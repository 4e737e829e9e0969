"""Observations for tests of the ledger, and what the ledger makes of them. Times are days since 2026-01-01."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import zip_longest
from typing import Any

from backlinks import index
from backlinks.index import engine
from backlinks.index.batches import publish
from seoapp.lib.weburl import Target, parse

DAY = 86_400
NEW_YEAR = 1_767_225_600  # 2026-01-01T00:00:00Z
TARGET = "client.example"
TIMES = ("first_seen", "last_seen", "lost_at")
OBSERVATION: dict[str, Any] = {
    "kind": "text", "anchor": None, "alt": None, "nofollow": -1, "ugc": -1, "sponsored": -1, "context_left": "",
    "context_right": "", "title": "", "language": "", "http_status": 0, "first_seen": None, "last_seen": 0,
    "lost_at": None, "lost_reason": "", "ip": "", "country": "", "ext_links": -1, "int_links": -1, "redirect_chain": "",
    "metrics": {}, "labels": {}, "group_count": 1, "flags": "",
}  # fmt: skip
DOMAIN_LINK: dict[str, Any] = {
    "target_domain": TARGET, "links": -1, "first_seen": None, "last_seen": 0, "lost_at": None, "ip": "", "country": "",
    "metrics": {}, "labels": {},
}  # fmt: skip
SIGHTING: dict[str, Any] = {"target_domain": TARGET, "first_seen": None, "last_seen": 0}
Row = Mapping[str, Any]
Said = tuple[Sequence[Row], str, str] | tuple[Sequence[Row], str, str, str]  # rows, source, table of the log, report


def day(number: float | None) -> int:
    """Seconds of a day of 2026; 0 (never) for None."""
    return 0 if number is None else int(NEW_YEAR + number * DAY)


def empty_index() -> None:
    for row in engine.read(
        "SELECT name FROM system.tables WHERE database = currentDatabase() "
        "AND name NOT IN ('migrations', 'topic_words') AND total_rows > 0"
    ):
        engine.write(f"TRUNCATE TABLE {row['name']}")


def link(source: str, target: str = "client.example/", **fields: Any) -> dict[str, Any]:
    """A row of `observations`; `source` and `target` without the scheme."""
    made = OBSERVATION | fields
    for prefix, text in (("source", source), ("target", target)):
        url = parse(text, "https")
        made |= {f"{prefix}_{part}": getattr(url, part) for part in ("url", "key", "host", "domain")}
    return made


def domain(name: str, **fields: Any) -> dict[str, Any]:
    return DOMAIN_LINK | fields | {"source_domain": name}


def sighting(source: str, **fields: Any) -> dict[str, Any]:
    url = parse(source, "https")
    named = {f"source_{part}": getattr(url, part) for part in ("url", "key", "host", "domain")}
    return SIGHTING | fields | named


def new_batch(workspace: int, source: str = "semrush", report: str = "backlinks") -> index.Batch:
    return index.Batch(workspace, index.new_batch_id(), source, report, "test")


def write(batch: index.Batch, rows: Sequence[Row], table: str = "observations", *, block: int = 0) -> None:
    """Put rows into the log without counting them."""
    columns: dict[str, list[Any]] = {name: [row[name] for row in rows] for name in rows[0]}
    for name in TIMES:
        if name in columns:
            columns[name] = [day(value) for value in columns[name]]
    columns.setdefault("row", list(range(2, len(rows) + 2)))
    index.add(batch, table, columns, block=block)


def observe(workspace: int, rows: Sequence[Row], source: str = "semrush", table: str = "observations") -> index.Batch:
    """One settled batch."""
    batch = new_batch(workspace, source)
    index.begin(batch)
    write(batch, rows, table)
    index.complete(batch)
    return batch


def observe_all(workspace: int, *said: Said) -> list[index.Batch]:
    """A batch for each (rows, source, table), all settled at once."""
    batches = [new_batch(workspace, source, *report) for _, source, _, *report in said]
    for batch, (rows, _, table, *_) in zip(batches, said, strict=True):
        write(batch, rows, table)
        publish(batch)
    index.settle(workspace, {row["target_domain"] for rows, *_ in said for row in rows})
    return batches


@dataclass(slots=True)
class Stories:
    """What the tests of a module tell, each of a target of its own, so that all of it is settled at once."""

    workspace: int
    told: dict[str, list[Said]] = field(default_factory=dict)

    def tell(self, target: str, *batches: Sequence[Row] | Said) -> None:
        """Batches of one target in their order; of semrush's links where nothing else is said."""
        said = [one if isinstance(one, tuple) else (one, "semrush", "observations") for one in batches]
        self.told[target] = [([of_target(row, target) for row in rows], *how) for rows, *how in said]

    def observe(self) -> None:
        """The first batches of all targets, then the second: one for each source, table and set of columns."""
        batches: list[Said] = []
        for step in zip_longest(*self.told.values()):
            alike: dict[tuple[Any, ...], list[Row]] = {}
            for rows, *how in filter(None, step):
                alike.setdefault((frozenset(rows[0]), *how), []).extend(rows)
            batches += [(rows, *how) for (_, *how), rows in alike.items()]
        observe_all(self.workspace, *batches)


def of_target(row: Row, target: str) -> Row:
    """A row about another target than TARGET."""
    if "target_url" not in row:
        return {**row, "target_domain": target}
    url = parse(row["target_url"].replace(TARGET, target, 1))
    return {**row, **{f"target_{part}": getattr(url, part) for part in ("url", "key", "host", "domain")}}


def asked(
    workspace: int, report: str = "links", target: str = TARGET, scope: str | None = None, **params: str
) -> index.LinkQuery:
    return index.LinkQuery.parse(workspace=workspace, target=Target.parse(target, scope), report=report, params=params)


def head(workspace: int, target: str = TARGET, scope: str | None = None) -> index.Headline:
    return index.headline(asked(workspace, target=target, scope=scope))


def rows_of(query: index.LinkQuery) -> list[dict[str, Any]]:
    """Every row of a report."""
    return list(index.stream(query))


def only_link(workspace: int, target: str = TARGET) -> dict[str, Any]:
    (found,) = rows_of(asked(workspace, target=target))
    return found


def derived(workspace: int, target: str = TARGET) -> dict[str, list[dict[str, Any]]]:
    """All columns of the derived tables of a profile, but for what names the generation."""
    pinned = index.pin(asked(workspace, target=target))
    tables = {"links": "source_domain, link_id", "edges": "source_domain", "profiles": "target_domain"}
    tables |= {"anchors": "anchor, anchor_known, is_image", "pages": "target_key"}
    return {
        table: engine.read(
            f"""SELECT * EXCEPT (workspace, generation) FROM {table} WHERE workspace = {{workspace:UInt32}}
            AND target_domain = {{target:String}} AND generation = {{generation:UInt64}} ORDER BY {order}""",
            {"workspace": pinned.owner, "target": target, "generation": pinned.generation},
        )
        for table, order in tables.items()
    }
