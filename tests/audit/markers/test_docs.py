"""docs/markers.md says what the markers are: names, classes, data and thresholds of every group that it has."""

import re

import pytest
from django.conf import settings

from audit.columns import BY_NAME
from audit.markers import MARKERS
from audit.markers.marker import GROUPS, Marker

ROW = re.compile(r"^\| ([A-Z]{3}\d\d[a-z]?) \| (.+?) \| (.+?) \| (.+?) \| (.+?) \|$", re.MULTILINE)
ROWS = {one[0]: one[1:] for one in ROW.findall((settings.BASE_DIR / "docs/markers.md").read_text())}
BEFORE = ("classed",)  # thresholds that the text before a table names for all of its rows
WRITTEN = {one[:3] for one in ROWS}


def sources(one: Marker) -> list[str]:
    named = (need.removeprefix("source.") if need.startswith("source.") else BY_NAME[need].source for need in one.needs)
    return list(dict.fromkeys(named))


def numbers(limit: float) -> set[str]:
    """How a threshold may be written."""
    return {f"{limit:,g}", f"{limit:,.0f}" if limit >= 1 else f"{100 * limit:g} %"}


def test_the_page_has_the_markers_in_their_order() -> None:
    assert {"DOM", "TRU"} <= WRITTEN <= set(GROUPS)
    for group in WRITTEN:
        assert [one for one in ROWS if one[:3] == group] == [one.id for one in MARKERS if one.group == group]


@pytest.mark.parametrize("one", [one for one in MARKERS if one.group in WRITTEN], ids=lambda one: one.id)
def test_a_row_says_what_the_marker_is(one: Marker) -> None:
    name, tested, data, weight = ROWS[one.id]
    assert (name, data.split(", ")) == (one.name, sources(one))
    assert weight == (f"{one.points:g}".replace("-", "−") if one.group == "TRU" else one.kind)
    for limit, value in one.limits.items():
        assert limit in BEFORE or any(
            re.search(rf"(?<![\d.,]){re.escape(number)}(?![\d.,]\d)", tested) for number in numbers(value)
        ), limit
