"""Topics at read: shares that add up, filters, choices in place of what was judged, the target's own."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from backlinks import index
from tests.backlinks.index.observed import TARGET, asked, domain, link, observe
from tests.backlinks.topics.judging import judge, page, shares_of
from tests.conftest import Hold

pytestmark = pytest.mark.usefixtures("link_index")
ROWS = [
    page("poker.example/1", title="Poker"),
    page("poker.example/2", title="Poker again"),
    page("hotel.example/1", title="Hotels"),
    page("both.example/1", title="Poker and hotels"),
    page("blank.example/1"),
]
Choice = tuple[str, str, tuple[str, ...]]


@pytest.fixture
def rows_judged(held_index: Hold) -> None:
    held_index("topics of rows", lambda: judge(1, ROWS))


def names(report: str, chosen: Sequence[Choice] = (), **params: str) -> list[str]:
    query = replace(asked(1, report, **params), chosen=tuple(chosen))
    column = "source_domain" if report == "domains" else "source_key"
    rows = index.fetch(query.showing(["topics"])).rows
    return sorted(row[column] if column in row else row["source_url"].removeprefix("https://") for row in rows)


@pytest.mark.usefixtures("rows_judged")
def test_filters_of_a_topic_of_a_first_level_and_of_none() -> None:
    assert names("domains", topics="gambling/poker") == ["both.example", "poker.example"]
    assert names("domains", topics="travel") == ["both.example", "hotel.example"]
    assert names("domains", topics="none") == ["blank.example"]
    assert names("links", topics="gambling") == ["both.example/1", "poker.example/1", "poker.example/2"]
    assert len(names("domains", topics="no-such-topic")) == 4, "a value that is no topic is ignored"


@pytest.mark.usefixtures("rows_judged")
def test_choices_take_the_place_of_what_was_judged_everywhere() -> None:
    chosen: list[Choice] = [("poker.example", "", ("home/garden",)), ("hotel.example", "", ())]
    assert names("domains", chosen, topics="gambling") == ["both.example"]
    assert names("links", chosen, topics="home") == ["poker.example/1", "poker.example/2"]
    assert names("domains", chosen, topics="none") == ["blank.example", "hotel.example"]
    query = replace(asked(1, "domains"), chosen=tuple(chosen))
    found = {one.topic: one for one in index.topic_shares(query)}
    assert found["home/garden"].domains == 1 and found["home/garden"].by_domains == pytest.approx(0.25)
    assert found["none"].domains == 2
    assert [one.topic for one in index.judged_topics(query, "poker.example")[0]] == ["gambling/poker"]


@pytest.mark.usefixtures("rows_judged")
def test_a_choice_for_a_domain_that_does_not_link_changes_nothing() -> None:
    query = replace(asked(1, "domains"), chosen=(("elsewhere.example", "", ("food",)),))
    assert {one.topic for one in index.topic_shares(query)} == set(shares_of(1))


@pytest.mark.usefixtures("rows_judged")
def test_a_page_may_have_topics_of_its_own() -> None:
    chosen: list[Choice] = [("poker.example", "poker.example/2", ("food/recipes",))]
    assert names("links", chosen, topics="food") == ["poker.example/2"]
    assert names("links", chosen, topics="gambling/poker") == ["both.example/1", "poker.example/1"]
    assert names("domains", chosen, topics="gambling/poker") == ["both.example", "poker.example"]


@pytest.mark.usefixtures("rows_judged")
def test_thousands_of_choices_are_bound() -> None:
    many: list[Choice] = [(f"d{number}.example", "", ("food",)) for number in range(4_000)]
    assert names("domains", [*many, ("poker.example", "", ("food",))], topics="food") == ["poker.example"]


@pytest.mark.usefixtures("rows_judged")
def test_relevance_is_counted_among_domains_with_a_topic() -> None:
    assert index.relevant_share(asked(1, "domains"), ["travel/flights"]) == (2, 3)
    assert index.relevant_share(asked(1, "domains"), ["food"]) == (0, 3)


def test_shares_add_up_to_all_referring_domains() -> None:
    observe(1, [domain("named.example")], table="domain_links")
    judge(1, ROWS)
    found = shares_of(1)
    assert found["gambling/poker"].domains == 2 and found["gambling/poker"].links == 3
    assert found["gambling/"].domains == 2 and found["travel/"].domains == 2
    assert found["none"].domains == 2
    assert found["gambling/poker"].by_domains == pytest.approx(1.5 / 5)
    assert found["gambling/poker"].by_links == pytest.approx(2.5 / 5)
    whole = [one for name, one in found.items() if name.endswith("/") or name == "none"]
    assert sum(one.by_domains for one in whole) == pytest.approx(1)
    assert sum(one.by_links for one in whole) == pytest.approx(1)


def test_shares_of_a_part_are_of_its_links() -> None:
    judge(1, [page("poker.example/1", title="Poker"), link("hotel.example/1", "client.example/shop/", title="Hotels")])
    found = {
        one.topic for one in index.topic_shares(asked(1, "domains", target="client.example/shop/", scope="prefix"))
    }
    assert found == {"travel/hotels", "travel/"}


def test_rows_have_their_topics_the_heaviest_first_with_first_levels() -> None:
    judge(1, [page("a.example/1", title="Poker", anchor="hotel")])
    (row,) = index.fetch(asked(1, "domains").showing(["topics"])).rows
    assert row["topics"] == ["gambling/poker", "travel/hotels", "gambling", "travel"]
    (row,) = index.stream(asked(1, "links").showing(["topics"]))
    assert row["topics"][0] == "gambling/poker"


def test_a_targets_own_topics_come_from_anchors_and_its_crawled_titles() -> None:
    observe(1, [page("a.example/1", anchor="hotels in Rome"), page("b.example/1", anchor="Hotel Roma")])
    own = index.topics_of(asked(1, "domains"))
    assert [one.topic for one in own.topics] == ["travel/hotels"] and 0 < own.confidence < 0.5
    add_page("client.example/", "Poker room: poker tournaments and casino nights")
    own = index.topics_of(asked(1, "domains"))
    assert own.topics[0].topic in ("gambling/poker", "gambling/casino")
    chosen = replace(asked(1, "domains"), chosen=((TARGET, "", ("food",)),))
    assert [one.topic for one in index.topics_of(chosen).topics] == ["food"] and index.topics_of(chosen).is_chosen


def test_titles_of_a_referring_domains_own_pages_count() -> None:
    add_page("blank.example/about", "Vineyards and wine tasting")
    judge(1, ROWS)
    assert shares_of(1)["food/drinks"].domains == 1


def test_nothing_known_is_no_topic() -> None:
    assert index.topics_of(asked(1, "domains")).topics == ()
    assert index.topic_shares(asked(1, "domains")) == [] and not index.is_judged(asked(1))


def add_page(url: str, title: str) -> None:
    """A page that our crawler has read, as a completed batch of the workspace."""
    batch = index.Batch(1, index.new_batch_id(), "crawl", "site", "test")
    index.begin(batch)
    site = url.partition("/")[0]
    row = {"target_domain": site, "page_key": url, "page_url": f"https://{url}", "host": site, "title": title}
    row |= {"http_status": 200, "fetched_at": 1_772_323_200, "row": 1}
    index.add(batch, "crawled_pages", {name: [value] for name, value in row.items()}, block=0)
    index.complete(batch)
