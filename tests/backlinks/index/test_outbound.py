"""What a site links to: against plain counts of what was put in; who may see which rows; the open graph."""

import random
import time
from collections import defaultdict
from typing import Any

import pytest

from backlinks import index
from backlinks.index import engine
from seoapp.lib.listquery import ListQuery
from tests.backlinks.authority.scored import open_graph
from tests.backlinks.index.observed import DAY, NEW_YEAR, TARGET, domain, link, observe, observe_all
from tests.backlinks.scored import add_run

pytestmark = pytest.mark.usefixtures("link_index")
OWN, OTHER, OPEN = 7, 8, 0
SITE = "blog.example"


def asked(sight: index.Sight | None = None, name: str = SITE, **options: Any) -> index.outbound.Outbound:
    return index.outbound.of_domain(sight or index.Sight(OWN), name, **options)


def listed(of: index.outbound.Outbound, **params: str) -> list[dict[str, Any]]:
    query = ListQuery.parse(index.outbound.FIELDS, params, sort=index.outbound.SORT)
    rows = index.outbound.rows(of, query).rows
    every = list(index.outbound.stream(of, query))
    assert [row["target_domain"] for row in every][: len(rows)] == [row["target_domain"] for row in rows]
    return rows


def days_since_new_year() -> float:
    return (time.time() - NEW_YEAR) // DAY


def names(of: index.outbound.Outbound, **params: str) -> list[str]:
    return [row["target_domain"] for row in listed(of, **params)]


def test_rows_are_the_links_of_the_site_counted_by_target() -> None:
    dice = random.Random(5)
    rows = [
        link(
            f"{dice.choice([SITE, 'news.example', 'www.' + SITE])}/{dice.randrange(40)}",
            f"t{dice.randrange(12)}.example/{dice.randrange(3)}",
            last_seen=dice.randrange(100, 300),
            nofollow=dice.choice([-1, 0, 1]),
        )
        for _ in range(400)
    ]
    observe(OWN, rows)
    newest: dict[tuple[str, str], dict[str, Any]] = {}
    for row in rows:  # the newest claim of a link speaks; of one day the follow one
        key = (row["source_key"], row["target_key"])
        old = newest.get(key)
        if row["source_domain"] == SITE and (old is None or row["last_seen"] >= old["last_seen"]):
            newest[key] = row
    expected: dict[str, int] = defaultdict(int)
    for row in newest.values():
        expected[row["target_domain"]] += 1
    found = listed(asked())
    assert {row["target_domain"]: row["links"] for row in found} == dict(expected)
    assert all(row["live"] + row["lost"] + row["unknown"] == row["links"] for row in found)
    figures = index.outbound.figures(asked())
    assert (figures.domains, figures.links) == (len(expected), sum(expected.values()))
    assert figures.follow == sum(row["follow"] for row in found)


def test_the_newest_generation_counts_and_a_removed_import_takes_its_rows_along() -> None:
    first = observe(OWN, [link(f"{SITE}/a", "one.example/", last_seen=200)])
    observe(OWN, [link(f"{SITE}/b", "one.example/", last_seen=210), link(f"{SITE}/b", "two.example/", last_seen=210)])
    assert {row["target_domain"]: row["links"] for row in listed(asked())} == {"one.example": 2, "two.example": 1}
    index.remove(first)
    assert {row["target_domain"]: row["links"] for row in listed(asked())} == {"one.example": 1, "two.example": 1}
    index.tidy(grace_seconds=0)
    kept = engine.read("SELECT target_domain, uniqExact(generation) AS n FROM outbound GROUP BY target_domain")
    assert {row["target_domain"]: row["n"] for row in kept} == {"one.example": 1, "two.example": 1}


def test_links_of_a_site_to_itself_do_not_lead_out() -> None:
    observe(OWN, [link(f"{SITE}/a", f"{SITE}/b", last_seen=200), link(f"{SITE}/a", "one.example/", last_seen=200)])
    assert names(asked()) == ["one.example"]


def test_a_workspace_sees_itself_and_the_open_data_once() -> None:
    observe(OPEN, [link(f"{SITE}/a", "one.example/", last_seen=200)])
    observe(OWN, [link(f"{SITE}/b", "one.example/", last_seen=200)])
    observe(OTHER, [link(f"{SITE}/c", "secret.example/", last_seen=200)])
    assert {row["target_domain"]: row["links"] for row in listed(asked())} == {"one.example": 2}
    assert names(asked(index.Sight(OTHER))) == ["one.example", "secret.example"]


def test_who_sees_named_projects_only_sees_their_profiles_and_open_data() -> None:
    observe(OPEN, [link(f"{SITE}/a", "open.example/", last_seen=200)])
    vendors = [link(f"{SITE}/b", f"{one}/", last_seen=200) for one in ("open.example", "other-client.example", TARGET)]
    ours = [link(f"{SITE}/c", "other-client.example/", last_seen=210)]
    observe_all(OWN, (vendors, "semrush", "observations"), (ours, "crawl", "observations"))
    narrow = asked(index.Sight(OWN, (TARGET,)))
    found = {row["target_domain"]: row["links"] for row in listed(narrow)}
    assert found == {"open.example": 1, TARGET: 1}
    assert index.outbound.figures(narrow).domains == index.outbound.count(narrow.sight, SITE) == 2
    assert {row["target_domain"]: row["links"] for row in listed(asked())}["other-client.example"] == 2


def test_named_crawls_show_all_that_they_found_on_the_site_and_nothing_that_others_know_of_it() -> None:
    today = days_since_new_year()
    observe(OPEN, [link(f"{SITE}/a", "open.example/", last_seen=200)])
    vendors = [link(f"{SITE}/{n}", "other-client.example/", last_seen=200) for n in "xyz"]
    vendors += [link(f"{SITE}/b", TARGET, last_seen=today - 999)]
    found = [("b", "other-client.example/", 0), ("c", "other-client.example/", 1), ("c", "open.example/", 0)]
    rows = [link(f"{SITE}/{page}", to, nofollow=rel, last_seen=today) for page, to, rel in found]
    rows += [link("else.example/", "hidden.example/", last_seen=today), link(f"{SITE}/d", TARGET, last_seen=today)]
    gone = {"last_seen": today, "lost_reason": "linkremoved", "lost_at": today + 0.1}
    lost = [link(f"{SITE}/c", "other-client.example/", nofollow=1, **gone)]
    checked = [link(f"{SITE}/q", "secret.example/", last_seen=today)]  # not named
    crawls = [(one, "crawl", "observations") for one in (rows, lost, checked)]
    _, crawl, second, _ = observe_all(OWN, (vendors, "semrush", "observations"), *crawls)

    def seen(*crawls: index.Batch) -> dict[str, tuple[Any, ...]]:
        of = asked(index.Sight(OWN, (TARGET,)), crawls=[one.batch for one in crawls])
        assert index.outbound.figures(of).domains == index.outbound.count(of.sight, SITE, of.crawls) == len(listed(of))
        columns = ("links", "live", "lost", "unknown", "follow", "nofollow", "state", "sources")
        return {row["target_domain"]: tuple(row[name] for name in columns) for row in listed(of)}

    own = (2, 1, 0, 1, 0, 0, "live", ["crawl", "semrush"])
    assert seen(crawl) == {
        TARGET: own,
        "open.example": (1, 1, 0, 0, 1, 0, "live", ["crawl", "semrush"]),
        "other-client.example": (2, 2, 0, 0, 1, 1, "live", ["crawl"]),
    }
    assert seen(crawl, second)["other-client.example"] == (2, 1, 1, 0, 1, 1, "live", ["crawl"])
    index.remove(crawl)
    assert seen(crawl, second)["other-client.example"][:3] == (1, 0, 1)


def test_filters_order_and_unknown_values() -> None:
    rows = [link(f"{SITE}/{n}", f"t{n}.example/", last_seen=200 + n, nofollow=n % 2) for n in range(4)]
    observe(OWN, rows)
    observe(
        OWN,
        [domain(SITE, target_domain="named.example", links=5, last_seen=None)],
        source="ahrefs",
        table="domain_links",
    )
    add_run(scores={"t1.example": 40.0, "t3.example": 70.0}, workspace=OWN)
    assert names(asked())[:2] == ["t3.example", "t1.example"]
    assert names(asked(), sort="authority") == ["t1.example", "t3.example", "named.example", "t0.example", "t2.example"]
    assert names(asked(), authority_min="50") == ["t3.example"]
    assert names(asked(), follow_min="1") == ["t0.example", "t2.example"]
    assert names(asked(), sources="ahrefs") == ["named.example"]
    assert names(asked(), target_domain="T2") == ["t2.example"]
    assert names(asked(), sort="last_seen")[-1] == "named.example"  # nobody says when
    assert names(asked(), last_seen_from="2026-07-22", sort="target_domain") == ["t2.example", "t3.example"]
    assert {row["target_domain"]: row["authority"] for row in listed(asked(), sort="-links")}["named.example"] == -1


def test_the_open_graph_adds_what_nobody_else_knows() -> None:
    open_graph([(SITE, "one.example"), (SITE, "graph.example"), ("else.example", SITE)])
    observe(OWN, [link(f"{SITE}/a", "one.example/", last_seen=200)])
    found = {row["target_domain"]: (row["links"], row["sources"]) for row in listed(asked())}
    expected = {"one.example": (1, ["commoncrawl", "semrush"]), "graph.example": (0, ["commoncrawl"])}
    assert found == expected
    assert index.outbound.figures(asked()).graph_domains == 1
    off = asked(with_graph=False)
    assert (names(off), off.graph_state) == (["one.example"], "off")
    assert asked(name="nobody.example").graph_state == "absent"


def test_a_graph_too_large_is_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    open_graph([(SITE, "graph.example")])
    monkeypatch.setattr(index.outbound, "GRAPH_EDGES", 0)
    assert asked().graph_state == "costly"
    assert names(asked()) == []


def test_equal_sets_have_equal_prints_and_brought_profiles_stand_apart() -> None:
    reached = {"a.example": "", "b.example": "", "c.example": "z.example"}
    observe(
        OWN,
        [
            link(f"{name}/p", f"{one}/", last_seen=200)
            for name, more in reached.items()
            for one in filter(None, ("x.example", "y.example", "client.example", more))
        ],
    )
    found = index.outbound.sets_of(index.Sight(OWN), ["a.example", "b.example", "c.example"], ["client.example"])
    assert (found["a.example"].domains, found["a.example"].others) == (3, 2)
    assert found["a.example"].print == found["b.example"].print != found["c.example"].print
