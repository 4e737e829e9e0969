"""The list of columns: each once, each from a source that says what brings it."""

from audit.columns import BY_NAME, COLUMNS, LIST, NUMBER, PRINT, SOURCE_NAMES, SOURCES, TEXT
from audit.markers import MARKERS
from audit.markers.marker import GROUPS, KINDS
from audit.profile import DOMAINS, LINKS, PAGES


def test_every_column_stands_once_and_has_a_source() -> None:
    assert len(BY_NAME) == len(COLUMNS)
    assert {one.source for one in COLUMNS} <= set(SOURCES)
    assert set(SOURCE_NAMES) == set(SOURCES)
    assert {one.kind for one in COLUMNS} == {NUMBER, TEXT, LIST, PRINT}


def test_markers_name_columns_that_exist() -> None:
    for one in MARKERS:
        for need in one.needs:
            assert need in BY_NAME or need.removeprefix("source.") in SOURCES, (one.id, need)


def test_markers_are_what_the_catalogue_says_they_are() -> None:
    assert len({one.id for one in MARKERS}) == len(MARKERS)
    for one in MARKERS:
        assert one.group in GROUPS
        assert one.kind in KINDS
        assert one.unit in (LINKS, PAGES, DOMAINS)
        one.fact.format(value=1, said="x", **one.limits)
