"""The list of columns: each once, each from a source that says what brings it."""

from django.conf import settings

from audit.columns import BY_NAME, COLUMNS, LIST, NUMBER, PRINT, SOURCE_NAMES, SOURCES, TEXT
from audit.markers import MARKERS
from audit.markers.marker import GROUPS, KINDS
from audit.profile import DOMAINS, LINKS, PAGES

# Names that a supplier makes out of others.
BY_ANOTHER_NAME = {"pages.malware_by", "pages.blocked_by"}


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


def test_every_column_is_filled_by_somebody_or_known_to_be_missing() -> None:
    folder = settings.BASE_DIR / "audit/gather"
    text = "\n".join(one.read_text(encoding="utf-8") for one in sorted(folder.glob("*.py")))
    missing = {f"{one.unit}.{one.name}" for one in COLUMNS if f'"{one.name}"' not in text}
    assert missing - BY_ANOTHER_NAME == {
        "pages.title_rank",
        "domains.indexed",
        "domains.rankings",
        "domains.topic_changed",
    }
