"""Settle: states and dates out of claims, and a switch that readers see at once."""

import importlib
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from backlinks import index
from backlinks.index import engine, portions
from tests.conftest import Hold

from .observed import (
    NEW_YEAR,
    TARGET,
    Said,
    Stories,
    asked,
    derived,
    domain,
    head,
    link,
    new_batch,
    observe,
    observe_all,
    only_link,
    rows_of,
    sighting,
    write,
)

settle = importlib.import_module("backlinks.index.settle")  # the package's own name for it is the function
pytestmark = pytest.mark.usefixtures("link_index")
WS = 7
STORIES = Stories(WS)


def of(target: str, report: str = "links", **params: str) -> index.LinkQuery:
    return asked(WS, report, target, **params)


def _today() -> int:
    """Today as a day of `observed`."""
    return (datetime.now(UTC) - datetime.fromtimestamp(NEW_YEAR, UTC)).days


# --- States ---------------------------------------------------------------------------------------------------------
CASES: list[tuple[str, str, list[tuple[str, dict[str, Any]]]]] = [
    # state, reason, claims as (source, fields; days from today)
    ("live", "", [("semrush", {"last_seen": 0})]),
    ("unknown", "", [("semrush", {"last_seen": -400})]),
    ("lost", "notfound", [("ahrefs", {"last_seen": -9, "lost_at": -2, "lost_reason": "notfound"})]),
    ("unknown", "", [("ahrefs", {"last_seen": -9, "lost_at": -2, "lost_reason": "vendor_dropped:tooold"})]),
    ("lost", "vendor_unspecified", [("semrush", {"last_seen": -9, "lost_reason": "vendor_unspecified"})]),
    # A vendor's loss counts only when nobody saw the link later.
    ("live", "",
     [("ahrefs", {"last_seen": -9, "lost_at": -8, "lost_reason": "notfound"}), ("semrush", {"last_seen": -3})]),
    ("lost", "notfound",
     [("ahrefs", {"last_seen": -9, "lost_at": -2, "lost_reason": "notfound"}), ("semrush", {"last_seen": -3})]),
    ("unknown", "",
     [("ahrefs", {"last_seen": 0, "lost_at": -300, "lost_reason": "notfound"}), ("semrush", {"last_seen": -250})]),
    ("live", "",
     [("ahrefs", {"last_seen": -9, "lost_at": -8, "lost_reason": "vendor_dropped:nxdomain"}),
      ("semrush", {"last_seen": -20})]),
    # Our own fetch wins, the newest of them.
    ("lost", "notfound", [("crawl", {"last_seen": -9, "lost_reason": "notfound"}), ("semrush", {"last_seen": -3})]),
    ("live", "",
     [("crawl", {"last_seen": -9}), ("ahrefs", {"last_seen": -12, "lost_at": -3, "lost_reason": "removedfromhtml"})]),
    ("live", "", [("crawl", {"last_seen": -9, "lost_reason": "notfound"}), ("crawl", {"last_seen": -3})]),
    ("lost", "noindex", [("crawl", {"last_seen": -3, "lost_reason": "noindex"}), ("crawl", {"last_seen": -9})]),
]  # fmt: skip


def _told_of_cases() -> list[Said]:
    rows: dict[str, list[dict[str, Any]]] = {}
    for number, (_, _, claims) in enumerate(CASES):
        for source, told in claims:
            times = {name: _today() + value for name, value in told.items() if name in ("last_seen", "lost_at")}
            rows.setdefault(source, []).append(link(f"case-{number}.example/x", **(told | times)))
    return [(told, source, "observations") for source, told in rows.items()]


@pytest.fixture
def told(held_index: Hold) -> None:
    """All that is told of targets below."""
    held_index("states", STORIES.observe)


STORIES.tell("cases.example", *_told_of_cases())


def test_states_follow_from_claims(told: None) -> None:
    shown = {row["source_domain"]: (row["state"], row["lost_reason"]) for row in rows_of(of("cases.example"))}
    assert shown == {f"case-{number}.example": (state, why) for number, (state, why, _) in enumerate(CASES)}
    of_domains = {row["source_domain"]: row["state"] for row in rows_of(of("cases.example", "domains"))}
    assert of_domains == {name: state for name, (state, _) in shown.items()}
    figures = head(WS, "cases.example")
    states = [state for state, _, _ in CASES]
    assert (figures.live, figures.lost, figures.unknown) == tuple(map(states.count, ("live", "lost", "unknown")))


GONE = {"lost_reason": "notfound", "last_seen": 10}
STORIES.tell(
    "lost-since.example",
    ([link("one.example/x", lost_at=20, **GONE)], "crawl", "observations"),
    ([link("one.example/x", last_seen=30)], "crawl", "observations"),
    ([link("one.example/x", lost_at=40, **GONE)], "crawl", "observations"),
    ([link("one.example/x", lost_at=50, **GONE)], "crawl", "observations"),
)


def test_lost_since_the_first_loss_after_the_last_sight(told: None) -> None:
    assert only_link(WS, "lost-since.example")["lost_at"] == date(2026, 2, 10)


STORIES.tell("undated.example", [link("one.example/x", last_seen=20, lost_reason="notfound")])


def test_a_loss_without_a_date_has_none(told: None) -> None:
    assert only_link(WS, "undated.example")["lost_at"] is None
    (row,) = rows_of(of("undated.example", "domains"))
    assert (row["state"], row["lost_at"]) == ("lost", date(2026, 1, 21))


STORIES.tell(
    "first-sights.example",
    [link("one.example/x", first_seen=20, last_seen=18), link("two.example/x", first_seen=30, last_seen=None)],
    ([link("two.example/x", last_seen=25)], "gsc", "observations"),
    ([domain("three.example", first_seen=9, last_seen=5)], "moz", "domain_links"),
)


def test_no_date_of_a_first_sight_is_after_the_last(told: None) -> None:
    """Whatever columns the claims of several sources give: a date of either is a sight."""
    rows = rows_of(of("first-sights.example", "domains"))
    days = {row["source_domain"]: (row["first_seen"].day, row["last_seen"].day) for row in rows}
    assert days == {"one.example": (19, 21), "two.example": (26, 31), "three.example": (6, 10)}
    links = rows_of(of("first-sights.example"))
    assert {row["source_domain"]: (row["first_seen"].day, row["last_seen"].day) for row in links} == {
        name: days[name] for name in ("one.example", "two.example")
    }
    assert head(WS, "first-sights.example").first_seen == date(2026, 1, 6)


DATED = {"first_seen": 3, "last_seen": 40, "lost_at": 40, "lost_reason": "notfound"}
UNDATED = DATED | {"first_seen": 5, "lost_at": None, "lost_reason": "vendor_unspecified"}
STORIES.tell(
    "days-of-losses.example",
    ([link(f"{name}.example/x", **DATED) for name in ("one", "two", "three")], "ahrefs", "observations"),
    ([link("two.example/x", first_seen=2, last_seen=30)], "majestic", "observations"),
    [link(f"{name}.example/x", **UNDATED) for name in ("three", "four")],
)


def test_the_day_of_a_loss_is_no_sight(told: None) -> None:
    """Vendors write the day on which a loss was found into *last seen* as well."""
    shown = {row["source_domain"]: row for row in rows_of(of("days-of-losses.example"))}
    assert {name: (row["last_seen"], row["lost_at"]) for name, row in shown.items()} == {
        "one.example": (date(2026, 1, 4), date(2026, 2, 10)),
        "two.example": (date(2026, 1, 31), date(2026, 2, 10)),
        "three.example": (date(2026, 1, 6), date(2026, 2, 10)),
        "four.example": (date(2026, 2, 10), None),  # nobody says that this is the day of the loss
    }


SILENT = {"anchor": "Text", "alt": "Alt", "nofollow": 1, "ugc": 1, "sponsored": 0, "title": "T", "country": "DE",
          "ip": "192.0.2.1", "context_left": "l", "context_right": "r", "language": "en", "http_status": 200,
          "ext_links": 3, "int_links": 4, "redirect_chain": "[]", "flags": "sitewide", "metrics": {"moz_pa": 3.0},
          "labels": {"a": "b"}}  # fmt: skip
STORIES.tell(
    "silence.example",
    ([link("one.example/x", last_seen=1, **SILENT)], "moz", "observations"),
    [link("one.example/x", last_seen=90)],
)


def test_silence_erases_nothing(told: None) -> None:
    shown = only_link(WS, "silence.example")
    assert {name: shown[name] for name in SILENT} == SILENT
    assert shown["sources"] == ["moz", "semrush"]


STORIES.tell(
    "fetched.example",
    ([link("one.example/x", last_seen=10, anchor="ours", nofollow=0)], "crawl", "observations"),
    [link("one.example/x", last_seen=90, anchor="theirs", nofollow=1, title="only theirs")],
)


def test_our_own_fetch_wins_over_newer_claims(told: None) -> None:
    shown = only_link(WS, "fetched.example")
    assert (shown["anchor"], shown["nofollow"], shown["title"]) == ("ours", 0, "only theirs")


STORIES.tell(
    "newest.example",
    [link("one.example/x", last_seen=10, anchor="old", nofollow=1, metrics={"moz_pa": 1.0, "moz_da": 5.0})],
    [link("one.example/x", last_seen=20, anchor="new", metrics={"moz_pa": 2.0})],
    [link("one.example/x", last_seen=30, anchor="")],
)


def test_without_one_the_newest_claim_that_says_something_wins(told: None) -> None:
    shown = only_link(WS, "newest.example")
    assert (shown["anchor"], shown["nofollow"]) == ("new", 1)
    assert shown["metrics"] == {"moz_pa": 2.0, "moz_da": 5.0}


STORIES.tell("no-anchors.example", [link("one.example/x", anchor=""), link("two.example/x", anchor=None)])


def test_an_empty_anchor_is_known_a_missing_one_is_not(told: None) -> None:
    assert {row["source_domain"]: row["anchor_known"] for row in rows_of(of("no-anchors.example"))} == {
        "one.example": 1,
        "two.example": 0,
    }


COMPOSED, DECOMPOSED = "caf\u00e9 bar", "cafe\u0301 \u00a0 bar "
STORIES.tell(
    "spelling.example",
    [link("one.example/x", anchor=COMPOSED), link("two.example/x", anchor=DECOMPOSED, title=DECOMPOSED)],
)


def test_texts_have_one_spelling(told: None) -> None:
    assert {row["anchor"] for row in rows_of(of("spelling.example", "anchors"))} == {COMPOSED}
    assert len(rows_of(of("spelling.example", anchor="e\u0301 b"))) == 2
    assert len(rows_of(of("spelling.example", title="caf\u00e9"))) == 1


# --- Domains --------------------------------------------------------------------------------------------------------
NAMED = {"a": (None, None, "unknown"), "b": (40, None, "lost"), "c": (40, 60, "unknown"), "d": (40, 30, "lost")}
STORIES.tell(
    "named.example",
    ([domain(f"{name}.example", last_seen=40, lost_at=lost) for name, (lost, _, _) in NAMED.items()], "ahrefs",
     "domain_links"),
    ([sighting(f"{name}.example/x", last_seen=again) for name, (_, again, _) in NAMED.items() if again], "gsc",
     "sightings"),
)  # fmt: skip


def test_a_domain_known_without_links_has_a_state(told: None) -> None:
    shown = {row["source_domain"]: row["state"] for row in rows_of(of("named.example", "domains"))}
    assert shown == {f"{name}.example": state for name, (_, _, state) in NAMED.items()}


LOST = {"last_seen": 10, "lost_at": 20, "lost_reason": "notfound"}
STORIES.tell(
    "all-lost.example",
    [link("one.example/x", **LOST), link("two.example/x", **LOST), link("two.example/y", last_seen=9)],
    ([sighting("one.example/x", last_seen=60), sighting("two.example/x", last_seen=60)], "gsc", "sightings"),
    ([domain("one.example", links=7, last_seen=60)], "moz", "domain_links"),
)


def test_a_domain_whose_known_links_are_all_lost_is_lost(told: None) -> None:
    """A list that names the domain later says nothing of these links."""
    shown = {row["source_domain"]: (row["state"], row["lost_at"]) for row in rows_of(of("all-lost.example", "domains"))}
    assert shown == {"one.example": ("lost", date(2026, 1, 21)), "two.example": ("unknown", None)}
    (part,) = rows_of(asked(WS, "domains", "all-lost.example", "host", source_domain_is="one.example"))
    assert (part["state"], part["lost_at"]) == shown["one.example"]


FIGURES = [link("one.example/x", last_seen=5, metrics={"ahrefs_dr": 30.0, "ahrefs_ur": 3.0})], "ahrefs", "observations"
STORIES.tell("figures.example", FIGURES)
STORIES.tell(
    "own-figures.example",
    FIGURES,
    ([domain("one.example", last_seen=9, metrics={"ahrefs_dr": 31.0})], "ahrefs", "domain_links"),
)


def test_a_domain_carries_the_figures_that_its_links_name(told: None) -> None:
    assert [row["metrics"] for row in rows_of(of("figures.example", "domains"))] == [{"ahrefs_dr": 30.0}]
    assert [row["metrics"] for row in rows_of(of("own-figures.example", "domains"))] == [{"ahrefs_dr": 31.0}]


STORIES.tell("addresses.example", [link("192.0.2.1/x"), link("[2001:db8::1]/x"), link("one.example/x")])


def test_an_address_as_domain_has_no_tld(told: None) -> None:
    assert {row["tld"]: row["domains"] for row in rows_of(of("addresses.example", "tlds"))} == {"": 2, "example": 1}


# --- Time passes ----------------------------------------------------------------------------------------------------
def test_states_are_due_when_the_oldest_live_link_gets_old(settings: Any) -> None:
    settings.LINK_FRESH_DAYS = 30
    now = datetime.now(UTC).date()
    observe(WS, [link("one.example/x", last_seen=_today() - 10), link("two.example/x", last_seen=_today())])
    assert index.stale(now + timedelta(days=20)) == []
    assert index.stale(now + timedelta(days=21)) == [(WS, TARGET)]
    observe(WS + 1, [link("one.example/x", last_seen=_today() - 400)])
    assert index.stale(now + timedelta(days=21)) == [(WS, TARGET)]


def test_an_older_formula_is_due() -> None:
    observe(WS, [link("one.example/x", last_seen=-500)])
    assert index.stale() == []
    pinned = index.pin(asked(WS))
    engine.insert(
        "generations",
        {
            "workspace": [WS],
            "target_domain": [TARGET],
            "generation": [pinned.generation + 1],
            "formula": [1],
            "links": [1],
        },
    )
    assert index.stale() == [(WS, TARGET)]


def test_tidy_deletes_what_was_replaced_and_nothing_else() -> None:
    observe(WS, [link("one.example/x", last_seen=1)])
    for _ in range(2):
        index.settle(WS, [TARGET])
    observe(WS + 1, [link("one.example/x", last_seen=1)])
    before = derived(WS), derived(WS + 1)
    assert index.tidy() == 0
    assert index.tidy(grace_seconds=0) == 2
    assert (derived(WS), derived(WS + 1)) == before
    kept = {table: engine.read(f"SELECT count() AS n FROM {table}")[0]["n"] for table in settle.DERIVED}
    assert kept == dict.fromkeys(settle.DERIVED, 2)
    assert index.tidy(grace_seconds=0) == 0


# --- Together -------------------------------------------------------------------------------------------------------
def _run(*jobs: Callable[[], Any]) -> None:
    """Run jobs in threads of their own; their errors fail the test."""
    errors: list[BaseException] = []

    def guarded(job: Callable[[], Any]) -> None:
        try:
            job()
        except BaseException as error:
            errors.append(error)
        finally:
            engine.forget()

    threads = [threading.Thread(target=guarded, args=(job,)) for job in jobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []


def test_batches_completed_at_once_all_count() -> None:
    batches = [new_batch(WS, f"s{number}") for number in range(3)]
    for number, batch in enumerate(batches):
        index.begin(batch)
        write(batch, [link(f"d{number}.example/x", last_seen=5), link("shared.example/x", last_seen=number)])
    _run(*(lambda batch=batch: index.complete(batch) for batch in batches))
    assert head(WS).links == 4
    assert only_of(WS, "shared.example")["sources"] == ["s0", "s1", "s2"]


def only_of(workspace: int, source_domain: str) -> dict[str, Any]:
    (found,) = rows_of(asked(workspace, source_domain=source_domain))
    return found


def test_open_data_and_a_workspace_completed_at_once_both_count() -> None:
    for workspace in (11, 12):
        target = f"t{workspace}.example"
        ours, opened = new_batch(workspace), new_batch(0, "commoncrawl")
        for batch, source in ((ours, "own.example/x"), (opened, "open.example/x")):
            index.begin(batch)
            write(batch, [link(source, target)])
        _run(lambda ours=ours: index.complete(ours), lambda opened=opened: index.complete(opened))
        assert head(workspace, target).links == 2


def test_a_reader_sees_before_or_after_never_between() -> None:
    observe(WS, [link(f"d{number}.example/x", last_seen=1) for number in range(10)])
    batch = new_batch(WS)
    index.begin(batch)
    write(batch, [link(f"d{number}.example/y", last_seen=1) for number in range(3000)])
    seen: list[tuple[int, int, int]] = []
    done = threading.Event()

    def read() -> None:
        last = False
        while not last:
            last = done.is_set()
            pinned = index.pin(asked(WS))
            figures = index.headline(pinned)
            parts = index.link_overlap(pinned)
            seen.append((figures.links, figures.referring_domains, sum(one.links for one in parts)))

    def write_and_remove() -> None:
        index.complete(batch)
        index.remove(batch)
        done.set()

    _run(read, write_and_remove)
    assert set(seen) <= {(10, 10, 10), (3010, 3000, 3010)}
    assert seen[-1] == (10, 10, 10)


@pytest.fixture
def held_settle(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[threading.Event, threading.Event]]:
    """A settle stops between writing its links and publishing them, until it is let go."""
    reached, go = threading.Event(), threading.Event()
    write_sql = engine.write

    def held(sql: str, *args: Any, **options: Any) -> None:
        if sql == settle.PUBLISH_SQL:
            reached.set()
            assert go.wait(30)
        write_sql(sql, *args, **options)

    monkeypatch.setattr(engine, "write", held)
    yield reached, go
    go.set()


def test_reads_are_answered_with_the_old_state_while_an_import_settles(
    held_settle: tuple[threading.Event, threading.Event],
) -> None:
    reached, go = held_settle
    go.set()
    observe(WS, [link("one.example/x", last_seen=1)])
    go.clear()
    reached.clear()
    batch = new_batch(WS)
    index.begin(batch)
    write(batch, [link(f"d{number}.example/y", anchor="new") for number in range(2000)])

    def read() -> None:
        assert reached.wait(30)
        assert head(WS).links == 1
        assert [len(rows_of(asked(WS, report))) for report in ("links", "domains", "anchors")] == [1, 1, 1]
        go.set()

    _run(read, lambda: index.complete(batch))
    assert head(WS).links == 2001


def test_a_settle_that_died_leaves_nothing_to_see(held_settle: tuple[threading.Event, threading.Event]) -> None:
    held_settle[1].set()
    observe(WS, [link("one.example/x", last_seen=1)])
    before = derived(WS)
    batch = new_batch(WS)
    index.begin(batch)
    write(batch, [link("two.example/y")])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(settle, "PUBLISH_SQL", "SELECT throwIf(1)")
        with pytest.raises(Exception, match="throwIf"):
            index.complete(batch)
    assert derived(WS) == before
    index.complete(batch)
    assert head(WS).links == 2


# --- Big targets ----------------------------------------------------------------------------------------------------
def test_a_big_target_is_written_in_passes_with_the_same_result(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [
        link(f"d{number % 90 % 23}.example/{number % 90}", anchor=f"a{number}", last_seen=number)
        for number in range(200)
    ]
    rows += [link(f"sitewide.example/{number}", last_seen=5) for number in range(200)]
    observe_all(
        WS,
        ([sighting("d3.example/3", last_seen=9), sighting("new.example/", last_seen=9)], "gsc", "sightings"),
        ([domain("zz.example", links=3, last_seen=9)], "ahrefs", "domain_links"),
        (rows, "semrush", "observations"),
    )
    whole = derived(WS)
    monkeypatch.setattr(settle, "ROWS_A_PASS", 120)
    index.settle(WS, [TARGET])
    assert derived(WS) == whole
    assert whole["profiles"][0]["links"] == 290


def test_many_targets_are_settled_in_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settle, "ROWS_A_PASS", 7)
    monkeypatch.setattr(portions, "MOST", 60)
    names = [f"t{number}.example" for number in range(6, 13)]
    rows = [link(f"d{number}.example/", name) for name in names for number in range(1 + len(name) % 4)]
    observe(WS, rows)
    assert {name: head(WS, name).links for name in names} == {name: 1 + len(name) % 4 for name in names}
    steps = list(settle._steps(WS, names))
    assert [name for step in steps for name in step.targets] == sorted(names)
    assert len(steps) > 3
    assert list(settle._steps(WS, [])) == []
