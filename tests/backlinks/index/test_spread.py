"""Spreads: against plain counts, and every part leads to its rows."""

from collections import Counter

import pytest

from backlinks import index

from .observed import asked, link, observe, rows_of

WS = 7


@pytest.fixture
def spread(link_index):
    observe(WS, [
        link(
            f"d{one % 23}.{('example', 'test', 'invalid')[one % 3]}/{one}",
            kind=("text", "image", "form")[one % 3],
            nofollow=(0, 1, -1)[one % 3],
            placement=("content", "footer", "")[one % 3],
            language=("en", "en-GB", "DE", "fr", "")[one % 5],
            country=("DE", "AT", "", "FR")[one % 4],
            labels={"ahrefs_platform": "wordpress"} if one % 2 else {},
        )
        for one in range(120)
    ])  # fmt: skip
    return {one.name: one for one in index.distributions(asked(WS), shown=2)}


def test_parts_and_rest_are_the_counts(spread):
    links = rows_of(asked(WS))
    languages = Counter(row["language"][:2].lower() for row in links)
    assert {one.value: one.count for one in spread["language"].parts} == {"en": 48, "": 24, "de": 24}
    assert (spread["language"].rest, spread["language"].others) == (languages["fr"], 1)
    for name in ("kind", "rel", "placement", "platform", "language"):
        assert sum(one.count for one in spread[name].parts) + spread[name].rest == len(links)
    assert sum(one.count for one in spread["tld"].parts) + spread["tld"].rest == len(rows_of(asked(WS, "domains")))


def test_every_part_leads_to_its_rows(spread):
    for one in spread.values():
        for part in one.parts:
            if part.filters is not None:
                assert len(rows_of(asked(WS, one.report, **part.filters))) == part.count, (one.name, part.value)
