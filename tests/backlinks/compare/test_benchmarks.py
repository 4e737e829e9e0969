"""Benchmarks in the index: each domain has one cause, and the causes add up to the differences."""

import random
from dataclasses import asdict
from datetime import date, timedelta
from typing import Any

import pytest

from backlinks import index
from backlinks.index import benchmarks
from seoapp.lib.listquery import ListQuery
from tests.backlinks.authority.scored import open_graph
from tests.backlinks.index.observed import NEW_YEAR, asked, domain, head, link, observe, observe_all, sighting

pytestmark = pytest.mark.usefixtures("link_index")
WS = 7
TODAY = (date.today() - date.fromtimestamp(NEW_YEAR)).days
LINKS = "observations"
HEADLINE = ("links", "live", "lost", "unknown", "referring_domains", "hosts", "follow", "nofollow", "rel_unknown")
HEADLINE += ("ugc", "sponsored", "text", "image", "form", "frame", "redirect", "other", "graph_domains")


def _keep(target: str = "client.example", scope: str | None = None) -> benchmarks.Kept:
    query = benchmarks.as_of(asked(WS, "domains", target, scope))
    batch = index.new_batch_id()
    kept = benchmarks.keep(query, batch)
    told = asdict(index.headline(query))
    assert {name: kept[name] for name in HEADLINE} == {name: told[name] for name in HEADLINE}
    return benchmarks.Kept(WS, batch, query.generation, date.fromtimestamp(NEW_YEAR) + timedelta(days=TODAY))


def _explained(before: benchmarks.Kept, after: benchmarks.Kept | None = None) -> dict[str, tuple[str, str]]:
    """Domain -> (cause, why), once the effects add up to the differences, and to the domains that have them."""
    was = benchmarks.totals(WS, before.batch)
    query = index.pin(asked(WS, "domains"))
    now = benchmarks.totals(WS, after.batch) if after else asdict(index.headline(query))
    found, told = benchmarks.differences(query, before, after)
    assert {name: told[name] for name in HEADLINE} == {name: now[name] for name in HEADLINE}
    for name in HEADLINE:
        assert sum(one.figures[name] for one in found) == now[name] - was[name], name
    rows = _rows(query, before, after)
    own = {(one.cause, one.why): [row for row in rows if (row["cause"], row["why"]) == (one.cause, one.why)]
           for one in found}  # fmt: skip
    for one in found:
        of_cause = own[one.cause, one.why]
        assert len(of_cause) == one.domains
        assert sum(row["change"] for row in of_cause) == one.figures["links"]
    assert {(row["cause"], row["why"]) for row in rows} - own.keys() <= {(benchmarks.SAME, "")}
    return {row["source_domain"]: (row["cause"], row["why"]) for row in rows}


def _rows(
    query: index.LinkQuery, before: benchmarks.Kept, after: benchmarks.Kept | None = None, **params: str
) -> list[dict[str, Any]]:
    wanted = ListQuery.parse(benchmarks.DOMAINS, params, sort="source_domain")
    return list(benchmarks.domain_stream(query, wanted, before, after))


def test_each_cause_by_its_own_domain() -> None:
    live, old = {"last_seen": TODAY}, {"last_seen": TODAY - 400}
    gone = {"lost_at": TODAY, "lost_reason": "notfound", "last_seen": TODAY - 2}
    rest = [link(f"{name}.example/a", **live) for name in ("same", "lost", "grew", "rel", "states", "kinds")]
    rest += [link("states.example/b", **old), link("looked.example/a", **old), link("found.example/a", **gone)]
    only_moz = [link("taken.example/a", **live), link("shrank.example/b", **live)]
    _, taken = observe_all(WS, ([*rest, link("shrank.example/a", **live)], "semrush", LINKS), (only_moz, "moz", LINKS))
    before = _keep()
    index.remove(taken)
    crawled = [link(f"{name}.example/a", **live) for name in ("found", "looked")]
    crawled += [link("rel.example/a", nofollow=1, **live), link("states.example/b", **live)]
    crawled += [link("lost.example/a", lost_reason="noindex", last_seen=TODAY, lost_at=TODAY)]
    crawled += [link("kinds.example/a", kind="image", alt="x", **live)]
    _, later, named, _ = observe_all(
        WS,
        ([link("new.example/a", first_seen=TODAY, **live), link("grew.example/b", **live)], "ahrefs", LINKS),
        ([link("learned.example/a", first_seen=3, **live)], "majestic", LINKS),
        ([domain("named.example", last_seen=4)], "bing", "domain_links"),
        (crawled, "crawl", LINKS),
    )
    assert _explained(before) == {
        "same.example": ("same", ""), "lost.example": ("lost", "noindex"), "grew.example": ("grew", ""),
        "rel.example": ("rel", ""), "states.example": ("states", ""), "looked.example": ("looked", ""),
        "found.example": ("found", ""), "taken.example": ("taken", ""), "shrank.example": ("shrank", ""),
        "new.example": ("new", ""), "learned.example": ("learned", str(later.batch)), "kinds.example": ("kinds", ""),
        "named.example": ("learned", str(named.batch)),
    }  # fmt: skip
    learned = _rows(index.pin(asked(WS, "domains")), before, cause="learned")
    assert [row["source_domain"] for row in learned] == ["learned.example", "named.example"]


def test_a_domain_of_the_graph_that_others_name_without_links() -> None:
    open_graph([("quiet.example", "client.example"), ("same.example", "client.example")])
    observe(WS, [link("a.example/", last_seen=TODAY)])
    before = _keep()
    named = observe(WS, [domain("quiet.example", last_seen=None)], "ahrefs", "domain_links")
    assert _explained(before) == {
        "quiet.example": ("named", ""), "same.example": ("same", ""), "a.example": ("same", ""),
    }  # fmt: skip
    (effect,) = benchmarks.effects(asked(WS, "domains"), before)
    assert {name: value for name, value in effect.figures.items() if value} == {"graph_domains": -1}
    after = _keep()
    index.remove(named)
    assert _explained(after)["quiet.example"] == ("named", "")


def test_states_that_changed_because_nobody_looked(settings: Any) -> None:
    observe(WS, [link("quiet.example/a", last_seen=TODAY - 100)])
    before = _keep()
    settings.LINK_FRESH_DAYS = 30
    index.settle(WS, ["client.example"])
    assert _explained(before) == {"quiet.example": ("unlooked", "")}


def _random_rows(chance: random.Random, count: int) -> list[dict[str, Any]]:
    rows = []
    for _ in range(count):
        lost = chance.random() < 0.2
        rows.append(
            link(
                f"d{chance.randrange(60)}.example/{chance.randrange(12)}",
                f"client.example/{chance.choice(['', 'shop/'])}",
                first_seen=chance.choice([None, chance.randrange(TODAY)]),
                last_seen=TODAY - chance.choice([0, 5, 300, 500]),
                nofollow=chance.choice([-1, 0, 1]),
                ugc=chance.choice([0, 1]),
                kind=chance.choice(["text", "image", "form"]),
                lost_at=TODAY if lost else None,
                lost_reason=chance.choice(["notfound", "noindex"]) if lost else "",
            )
        )
    return rows


def _random_graph(chance: random.Random) -> None:
    open_graph([(f"d{number}.example", "client.example") for number in chance.sample(range(120), 50)])


def _random_domains(chance: random.Random, last_seen: int | None) -> list[dict[str, Any]]:
    return [domain(f"d{chance.randrange(120)}.example", last_seen=last_seen) for _ in range(12)]


@pytest.mark.parametrize("seed", [4, 7])
def test_causes_add_up_whatever_happens(seed: int) -> None:
    chance = random.Random(seed)
    _random_graph(chance)
    seen = [sighting(f"d{chance.randrange(90)}.example/x", last_seen=TODAY) for _ in range(9)]
    imported = [(_random_rows(chance, 60), name, LINKS) for name in ("semrush", "moz", "ahrefs")]
    batches = observe_all(WS, *imported, (seen, "gsc", "sightings"))
    first = _keep()
    index.remove(chance.choice(batches[:3]))
    observe_all(
        WS,
        (_random_rows(chance, 50), "crawl", LINKS),
        (_random_domains(chance, TODAY), "bing", "domain_links"),
        (_random_domains(chance, None), "ahrefs", "domain_links"),
    )
    met = set(_explained(first).values())
    second = _keep()
    _random_graph(chance)
    observe(WS, _random_rows(chance, 40), "majestic")
    for before, after in ((second, None), (first, None), (first, second), (second, first)):
        met |= set(_explained(before, after).values())
    assert {cause for cause, _ in met} == {*benchmarks.CAUSES, benchmarks.SAME}


def test_a_folder_has_its_own_domains_and_all_can_be_forgotten() -> None:
    observe(WS, [link("a.example/", "client.example/shop/x"), link("b.example/", "client.example/")])
    kept = _keep("client.example/shop/", "prefix")
    assert benchmarks.totals(WS, kept.batch)["referring_domains"] == 1
    benchmarks.forget_kept(WS, [kept.batch])
    assert benchmarks.totals(WS, kept.batch)["referring_domains"] == 0
    assert head(WS).links == 2
