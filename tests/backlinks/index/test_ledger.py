"""The ledger: what is said is kept, what is shown follows from it, whatever the order."""

import dataclasses
from collections.abc import Iterator

import pytest

from backlinks import index
from backlinks.index import engine
from backlinks.index.batches import publish
from tests.conftest import Hold

from .observed import (
    TARGET,
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

pytestmark = pytest.mark.usefixtures("link_index")
WS = 7
STORIES = Stories(WS)
FILE = [
    link("a.one.example/x", anchor="One", nofollow=0, first_seen=1, last_seen=40, ip="192.0.2.1", country="DE"),
    link("one.example/y", anchor="Two", nofollow=1, ugc=1, first_seen=2, last_seen=41),
    link("two.example/z", "www.client.example/shop", kind="image", alt="Logo", last_seen=42),
]


@pytest.fixture
def told(held_index: Hold) -> None:
    """All that is told of targets below."""
    held_index("ledger", STORIES.observe)


def of(target: str, report: str = "links", **params: str) -> index.LinkQuery:
    return asked(WS, report, target, **params)


def _sums(figures: index.Headline) -> tuple[int, int, int]:
    return (
        figures.links,
        figures.live + figures.lost + figures.unknown,
        figures.follow + figures.nofollow + figures.rel_unknown,
    )


# --- Importing again ------------------------------------------------------------------------------------------------
def test_the_same_file_twice_changes_nothing_for_anybody() -> None:
    first = observe(WS, FILE)
    before = derived(WS)
    assert index.known_only_to(first) == 3
    again = observe(WS, FILE)
    assert derived(WS) == before
    assert head(WS).links == 3
    assert index.known_only_to(again) == 0
    assert index.known_only_to(first, again) == 3
    assert head(WS + 1) == index.Headline()
    assert all(rows_of(asked(WS + 1, report)) == [] for report in index.REPORTS)


def test_the_same_block_twice_adds_no_row() -> None:
    """Whether it comes at once, or again from an import that was killed and goes on."""
    batch = new_batch(WS)
    index.begin(batch)
    for _ in range(3):
        write(batch, FILE[:2], block=0)
    index.begin(batch)
    write(batch, FILE[:2], block=0)
    write(batch, FILE[2:], block=1)
    index.complete(batch)
    assert engine.read("SELECT count() AS n FROM observations") == [{"n": 3}]
    assert head(WS).links == 3


# --- Any order ------------------------------------------------------------------------------------------------------
def _three_sources() -> list[tuple[str, dict[str, list[dict[str, object]]]]]:
    """Ties of dates, contradictions, losses, maps, sightings and domain rows: all that order could decide."""
    ahrefs = [
        link("a.one.example/x", anchor="Ahrefs", nofollow=0, first_seen=3, last_seen=50, title="Title A",
             metrics={"ahrefs_dr": 40.0, "ahrefs_ur": 12.0}, labels={"ahrefs_platform": "wordpress"}, country="DE"),
        link("a.one.example/x", anchor="Ahrefs, again", nofollow=1, last_seen=50, context_left="left A",
             metrics={"ahrefs_dr": 41.0}),
        link("two.example/y", anchor="gone", last_seen=50, lost_at=50, lost_reason="removedfromhtml"),
        link("three.example/z", anchor="dropped", last_seen=30, lost_at=45, lost_reason="vendor_dropped:tooold"),
        link("six.example/r", kind="canonical", last_seen=50),
    ]  # fmt: skip
    domains = [
        domain("one.example", links=12, last_seen=50, metrics={"ahrefs_dr": 55.0}, ip="192.0.2.9", country="DE"),
        domain("eight.example", links=3, first_seen=2, last_seen=50, lost_at=49),
    ]
    semrush = [
        link("http://a.one.example/x", anchor="Semrush", nofollow=1, first_seen=1, last_seen=50, title="Title S",
             metrics={"semrush_page_as": 9.0}, country="AT", ip="192.0.2.7", ext_links=4),
        link("two.example/y", anchor="still here", last_seen=44, flags="vendor_new"),
        link("four.example/q", kind="image", alt="Logo", anchor="", last_seen=12, language="de"),
    ]  # fmt: skip
    seen = [sighting("a.one.example/x", last_seen=70), sighting("five.example/only", last_seen=20)]
    return [
        ("ahrefs", {"observations": ahrefs, "domain_links": domains}),
        ("semrush", {"observations": semrush}),
        ("gsc", {"sightings": seen}),
    ]


def _orders() -> Iterator[list[tuple[str, dict[str, list[dict[str, object]]]]]]:
    """Each source first, second and last, each two in both orders; then the rows of each file backwards too."""
    told = _three_sources()
    for first in range(len(told)):
        yield told[first:] + told[:first]
    for order in ([0, 1, 2], [2, 1, 0]):
        yield [(told[at][0], {table: rows[::-1] for table, rows in told[at][1].items()}) for at in order]


def _bring(workspace: int, source: str, tables: dict[str, list[dict[str, object]]]) -> index.Batch:
    """A batch that is not settled yet."""
    batch = new_batch(workspace, source)
    for table, rows in tables.items():
        write(batch, rows, table)
    publish(batch)
    return batch


def test_three_sources_in_any_order_give_the_same_profile_and_sums_that_hold() -> None:
    profiles = []
    for workspace, order in enumerate(_orders(), start=1):
        for source, tables in order:
            _bring(workspace, source, tables)
            if workspace == 1 or source == order[-1][0]:
                index.settle(workspace, [TARGET])
                figures = head(workspace)
                assert len(set(_sums(figures))) == 1
        assert figures.links == 4
        profiles.append(derived(workspace))
    assert len(profiles) == 5
    assert len(profiles[0]["links"]) == 4
    assert {edge["source_domain"]: edge["sources"] for edge in profiles[0]["edges"]} == {
        "one.example": ["ahrefs", "gsc", "semrush"],
        "two.example": ["ahrefs", "semrush"],
        "three.example": ["ahrefs"],
        "four.example": ["semrush"],
        "five.example": ["gsc"],
        "eight.example": ["ahrefs"],
    }
    assert all(profile == profiles[0] for profile in profiles[1:])


# --- Removing -------------------------------------------------------------------------------------------------------
def test_removing_batches_gives_the_profile_without_them() -> None:
    first, second = FILE, [link("a.one.example/x", anchor="S", last_seen=80), link("nine.example/n", anchor="N")]
    observe(WS, first, "ahrefs")
    before = derived(WS)
    batch, seen, named = observe_all(
        WS,
        (second, "semrush", "observations"),
        ([sighting("one.example/y", last_seen=50), sighting("five.example/p")], "gsc", "sightings"),
        ([domain("six.example", links=2)], "bing", "domain_links"),
    )
    assert (head(WS).links, head(WS).referring_domains) == (4, 5)
    index.remove(batch)
    assert (head(WS).links, head(WS).referring_domains) == (3, 4)
    index.remove(seen)
    assert head(WS).referring_domains == 3
    index.remove(named)
    assert derived(WS) == before
    assert {tuple(row["sources"]) for row in rows_of(asked(WS))} == {("ahrefs",)}
    assert [one.sources for one in index.overlap(asked(WS))] == [("ahrefs",)]
    assert "N" not in {row["anchor"] for row in rows_of(asked(WS, "anchors"))}
    assert engine.read("SELECT count() AS n FROM observations WHERE source = 'semrush'") == [{"n": 0}]


def test_removing_the_only_batch_leaves_an_empty_profile() -> None:
    index.remove(observe(WS, FILE))
    assert head(WS) == index.Headline()
    assert rows_of(asked(WS, "domains")) == []


# --- Scope ----------------------------------------------------------------------------------------------------------
def test_open_data_and_own_links_count_once() -> None:
    observe(0, FILE, "commoncrawl")
    observe(WS, [FILE[0], link("own.example/o", anchor="own")], "ahrefs")
    figures = head(WS)
    assert (figures.links, figures.referring_domains) == (4, 3)
    assert {tuple(row["sources"]) for row in rows_of(asked(WS, source_domain="one.example"))} == {
        ("ahrefs", "commoncrawl"),
        ("commoncrawl",),
    }
    assert head(0).links == 3


def test_open_data_loaded_later_reaches_workspaces_that_have_a_profile() -> None:
    observe(WS, [FILE[0]], "ahrefs")
    batch = observe(0, FILE, "commoncrawl")
    assert head(WS).links == 3
    assert head(WS + 1).links == 3
    index.remove(batch)
    assert head(WS).links == 1
    assert head(WS + 1).links == 0


# --- Batches --------------------------------------------------------------------------------------------------------
def test_a_batch_is_invisible_until_it_is_complete_and_hidden_by_nothing_after() -> None:
    observe(WS, FILE[:1])
    link_id = only_link(WS)["link_id"]
    batch = new_batch(WS, "ahrefs")
    index.begin(batch)
    write(batch, FILE)
    index.settle(WS, [TARGET])
    assert head(WS).links == 1
    assert [one["source"] for one in index.link_claims(asked(WS), link_id)] == ["semrush"]
    assert index.complete(batch) == [TARGET]
    assert head(WS).links == 3
    assert index.known_only_to(batch) == 2
    assert [one["source"] for one in index.link_claims(asked(WS), link_id)] == ["ahrefs", "semrush"]
    assert index.link_claims(asked(WS + 1), link_id) == []
    assert index.link(asked(WS + 1), link_id) is None
    index.begin(batch)  # read again
    write(batch, FILE)
    index.discard(dataclasses.replace(batch, workspace=WS + 1))  # the same id of another workspace is another batch
    index.settle(WS, [TARGET])
    assert head(WS).links == 3
    index.complete(batch)
    assert head(WS).links == 3


def test_a_discarded_import_can_be_read_again() -> None:
    batch = new_batch(WS)
    for _ in range(2):
        index.begin(batch)
        write(batch, FILE)
        index.discard(batch)
    assert engine.read("SELECT count() AS n FROM observations") == [{"n": 0}]
    index.begin(batch)
    write(batch, FILE)
    index.complete(batch)
    assert head(WS).links == 3


def test_a_batch_names_every_target_it_touches() -> None:
    batch = new_batch(WS)
    index.begin(batch)
    write(batch, [link("one.example/x", "b.example/"), link("one.example/x", "a.example/")])
    write(batch, [domain("two.example") | {"target_domain": "c.example"}], "domain_links")
    assert sorted(index.complete(batch)) == ["a.example", "b.example", "c.example"]
    assert [head(WS, name).referring_domains for name in ("a.example", "b.example", "c.example")] == [1, 1, 1]


def test_distinct_rows_counts_what_a_file_says_twice() -> None:
    batch = new_batch(WS)
    index.begin(batch)
    write(batch, [*FILE, FILE[0], FILE[0] | {"anchor": "another claim"}])
    write(batch, [sighting("one.example/x"), sighting("one.example/x")], "sightings")
    assert index.distinct_rows(batch) == {"observations": 1, "sightings": 1, "domain_links": 0, "vendor_counts": 0}


def test_only_tables_of_the_log_are_written() -> None:
    batch = new_batch(WS)
    with pytest.raises(ValueError, match="links is not a table of the log"):
        index.add(batch, "links", {"row": [1]}, block=0)


# --- What follows from claims -------------------------------------------------------------------------------------
SEEN = [sighting("a.one.example/x", last_seen=10), sighting("nolink.example/p", last_seen=10)], "gsc", "sightings"


def test_sightings_join_links_whichever_came_first() -> None:
    linked = FILE, "semrush", "observations"
    _, ours = observe_all(WS, SEEN, linked)
    observe_all(WS + 1, linked, SEEN)
    assert index.known_only_to(ours) == 3
    assert derived(WS) == derived(WS + 1)
    assert [row["sources"] for row in rows_of(asked(WS, anchor="One"))] == [["gsc", "semrush"]]
    assert head(WS).links == 3
    assert head(WS).referring_domains == 3


STORIES.tell(
    "newer.example",
    [link("one.example/x", anchor="a", first_seen=5, last_seen=20)],
    [link("one.example/x", anchor="a", first_seen=9, last_seen=60)],
)


def test_a_newer_export_moves_last_seen_to_its_own_date(told: None) -> None:
    shown = only_link(WS, "newer.example")
    assert (shown["first_seen"].isoformat(), shown["last_seen"].isoformat()) == ("2026-01-06", "2026-03-02")


STORIES.tell(
    "older.example",
    [link("one.example/x", anchor="new", first_seen=9, last_seen=60)],
    [link("one.example/x", anchor="old", first_seen=5, last_seen=20)],
)


def test_an_older_export_brought_later_only_moves_first_seen(told: None) -> None:
    shown = only_link(WS, "older.example")
    assert (shown["first_seen"].isoformat(), shown["last_seen"].isoformat()) == ("2026-01-06", "2026-03-02")
    assert shown["anchor"] == "new"


STORIES.tell(
    "apart.example",
    [
        link("one.example/x", "client.example/a", anchor="red", kind="text"),
        link("www.one.example/x", "http://client.example/a", anchor="blue", kind="image"),
        link("one.example/x", "client.example/b", anchor="red"),
    ],
)


def test_links_are_told_apart_by_source_and_target_alone(told: None) -> None:
    assert head(WS, "apart.example").links == 2
    assert sorted(row["occurrences"] for row in rows_of(of("apart.example"))) == [1, 2]


STORIES.tell(
    "no-links.example",
    ([sighting("one.example/x", last_seen=9)], "gsc", "sightings"),
    ([domain("two.example", links=500, last_seen=8)], "ahrefs", "domain_links"),
)


def test_sightings_and_domain_rows_never_make_links(told: None) -> None:
    figures = head(WS, "no-links.example")
    assert (figures.links, figures.referring_domains, figures.hosts) == (0, 2, 0)
    assert {row["source_domain"]: row["reported_links"] for row in rows_of(of("no-links.example", "domains"))} == {
        "one.example": -1,
        "two.example": 500,
    }


STORIES.tell("undated.example", ([sighting("one.example/x", last_seen=30)], "gsc", "sightings"))


def test_an_undated_sighting_counts_from_its_export(told: None) -> None:
    (row,) = rows_of(of("undated.example", "domains"))
    assert row["first_seen"] == row["last_seen"]
    assert row["first_seen"].isoformat() == "2026-01-31"


STORIES.tell(
    "counts.example",
    ([domain("one.example", links=100, last_seen=10)], "ahrefs", "domain_links"),
    ([domain("one.example", links=80, last_seen=20)], "ahrefs", "domain_links"),
)


def test_the_newest_vendor_count_of_a_domain_is_shown(told: None) -> None:
    assert [row["reported_links"] for row in rows_of(of("counts.example", "domains"))] == [80]


RELATIONS = ("canonical", "alternate", "rss")
STORIES.tell(
    "relations.example",
    [link("one.example/x", kind=kind, last_seen=99) for kind in RELATIONS] + [link("one.example/y", last_seen=3)],
    [link("one.example/y", kind=kind, last_seen=99) for kind in RELATIONS],
)


def test_relations_are_no_links(told: None) -> None:
    assert head(WS, "relations.example").links == 1
    shown = only_link(WS, "relations.example")
    assert (shown["kind"], shown["occurrences"], shown["last_seen"].isoformat()) == ("text", 1, "2026-01-04")


STORIES.tell("kinds.example", [link("one.example/x", kind="hologram")])


def test_a_kind_that_nobody_listed_is_other(told: None) -> None:
    assert head(WS, "kinds.example").other == 1


# --- Every field ----------------------------------------------------------------------------------------------------
EVERYTHING = {
    "kind": "redirect", "anchor": "Text", "alt": "Alt", "nofollow": 1, "ugc": 0, "sponsored": 1,
    "context_left": "before", "context_right": "after", "title": "Title", "language": "en, uk", "http_status": 301,
    "ip": "2001:db8::1", "country": "DE", "ext_links": 4, "int_links": 0,
    "redirect_chain": '[{"url": "https://hop.example/", "status": 301}]', "metrics": {"ahrefs_dr": 4.2},
    "labels": {"ahrefs_platform": "wordpress"}, "group_count": 3, "flags": "in_content,sitewide",
}  # fmt: skip
STORIES.tell(
    "fields.example",
    (
        [link("blog.one.example/x", "shop.client.example/p?q=1", first_seen=1, last_seen=2, **EVERYTHING)],
        "ahrefs",
        "observations",
    ),
)


def test_a_row_carries_every_field(told: None) -> None:
    shown = only_link(WS, "fields.example")
    assert {name: shown[name] for name in EVERYTHING} == EVERYTHING
    assert shown["subnet"] == "2001:db8::/48"
    assert (shown["source_host"], shown["source_domain"], shown["tld"]) == (
        "blog.one.example",
        "one.example",
        "example",
    )
    (claim,) = index.link_claims(of("fields.example"), shown["link_id"])
    assert {name: claim[name] for name in EVERYTHING} == EVERYTHING
    assert (claim["source"], claim["report"], claim["row"]) == ("ahrefs", "backlinks", 2)
    assert claim["batch"] > 0


EXACTLY = {"day": 40, "second": 40.5}
for precision, lost_at in EXACTLY.items():
    STORIES.tell(f"{precision}.example", [link("one.example/x", last_seen=30, lost_at=lost_at, lost_reason="notfound")])


@pytest.mark.parametrize("precision", EXACTLY)
def test_a_claim_says_how_exactly_its_dates_are_known(told: None, precision: str) -> None:
    shown = only_link(WS, f"{precision}.example")
    (claim,) = index.link_claims(of(f"{precision}.example"), shown["link_id"])
    assert (claim["precision"], claim["lost_at"].isoformat()) == (precision, "2026-02-10")
