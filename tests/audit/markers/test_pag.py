"""Markers of the linking page: fired, clear, at the threshold, unknown."""

from typing import Any

import numpy as np
import pytest

from audit.markers import pag
from audit.markers.marker import BESIDE, CLEAR, FIRED, UNKNOWN, Found, Marker, by_id
from audit.markers.titles import is_not_found
from audit.profile import About
from tests.audit.profiles import AS_OF, found_of, frozen

PAG = by_id(pag.MARKERS)
SHOWN = {"noindex": 0, "canonical_elsewhere": 0, "fetched": AS_OF}
QUIET = {"popups": (), "forced_redirect": 0, "ad_frames": 0}
TEXT = {"words": 100, "repetition": 0.1, "common_word": 0.05}
CLEAN = {"hidden_block": 0, "foreign_share": 0, "hidden_poison": 0}
LONG = "https://a.example/" + "x" * 82  # 100 characters
CASES: tuple[tuple[str, int, dict[str, Any]], ...] = (
    ("PAG01", FIRED, {"external": 101}), ("PAG01", CLEAR, {"external": 100}), ("PAG01", CLEAR, {"external": 0}),
    ("PAG01", UNKNOWN, {}),
    ("PAG02", FIRED, {"external_domains": 51}), ("PAG02", CLEAR, {"external_domains": 50}), ("PAG02", UNKNOWN, {}),
    ("PAG03", FIRED, {"external": 21, "words": 200}), ("PAG03", CLEAR, {"external": 20, "words": 200}),
    ("PAG03", FIRED, {"external": 1, "words": 0}), ("PAG03", UNKNOWN, {"external": 500}),
    ("PAG03", UNKNOWN, {"words": 500}),
    ("PAG04", FIRED, {"words": 99}), ("PAG04", CLEAR, {"words": 100}), ("PAG04", UNKNOWN, {}),
    ("PAG05", FIRED, {"text_share": 0.009}), ("PAG05", CLEAR, {"text_share": 0.01}),
    ("PAG05", CLEAR, {"text_share": 0.7}), ("PAG05", FIRED, {"text_share": 0.71}), ("PAG05", UNKNOWN, {}),
    ("PAG06", FIRED, SHOWN | {"noindex": 1}), ("PAG06", FIRED, {"canonical_elsewhere": 1}),
    ("PAG06", FIRED, {"robots_closed": 1}), ("PAG06", CLEAR, SHOWN), ("PAG06", UNKNOWN, {"noindex": 0}),
    ("PAG06", UNKNOWN, SHOWN | {"fetched": None}),
    ("PAG07", FIRED, {"status": 404}), ("PAG07", FIRED, {"status": 400}), ("PAG07", FIRED, {"status": 500}),
    ("PAG07", CLEAR, {"status": 399}), ("PAG07", CLEAR, {"status": 200}), ("PAG07", UNKNOWN, {"status": 403}),
    ("PAG07", UNKNOWN, {"status": 503}), ("PAG07", UNKNOWN, {"status": 0}), ("PAG07", UNKNOWN, {}),
    ("PAG07", FIRED, {"status": 200, "soft_404": 1}), ("PAG07", FIRED, {"title": "404 - Page not found | Shop"}),
    ("PAG07", UNKNOWN, {"title": "Shoes of 2026"}), ("PAG07", CLEAR, {"status": 200, "title": "Room 404"}),
    ("PAG08", FIRED, TEXT | {"repetition": 0.61}), ("PAG08", CLEAR, TEXT | {"repetition": 0.6}),
    ("PAG08", FIRED, TEXT | {"common_word": 0.36}), ("PAG08", CLEAR, TEXT | {"common_word": 0.35}),
    ("PAG08", BESIDE, TEXT | {"words": 99, "repetition": 0.9}), ("PAG08", UNKNOWN, {"words": 300, "common_word": 0.01}),
    ("PAG08", UNKNOWN, {"repetition": 0.01, "common_word": 0.01}),
    ("PAG09", FIRED, {"title_length": 9}), ("PAG09", CLEAR, {"title_length": 10}),
    ("PAG09", CLEAR, {"title_length": 120}), ("PAG09", FIRED, {"title_length": 121}),
    ("PAG09", FIRED, {"title_length": 0}), ("PAG09", UNKNOWN, {}),
    ("PAG10", FIRED, {"description_length": 29}), ("PAG10", CLEAR, {"description_length": 30}),
    ("PAG10", CLEAR, {"description_length": 400}), ("PAG10", FIRED, {"description_length": 401}),
    ("PAG10", CLEAR, {"description_length": 0}), ("PAG10", UNKNOWN, {}),
    ("PAG11", FIRED, {"keywords_length": 1}), ("PAG11", CLEAR, {"keywords_length": 0}), ("PAG11", UNKNOWN, {}),
    ("PAG12", FIRED, {"has_canonical": 0}), ("PAG12", CLEAR, {"has_canonical": 1}), ("PAG12", UNKNOWN, {}),
    ("PAG13", CLEAR, {"url": LONG}), ("PAG13", FIRED, {"url": LONG + "x"}), ("PAG13", UNKNOWN, {"url": None}),
    ("PAG13", CLEAR, {"url": "https://a.example/" + "%D0%B6" * 82}),
    ("PAG14", FIRED, {"title": "Best Online Casino", "language": "en"}),
    ("PAG14", FIRED, {"title": "Shoes", "language": "en", "poison": ("loan:1", "casino:3")}),
    ("PAG14", CLEAR, {"title": "Shoes", "language": "en", "poison": ("loan:1", "casino:2")}),
    ("PAG14", CLEAR, {"title": "Shoes", "language": "en", "poison": ()}),
    ("PAG14", UNKNOWN, {"title": "Shoes", "language": "en"}), ("PAG14", UNKNOWN, {}),
    ("PAG14", UNKNOWN, {"title": "Skór", "language": "is", "poison": (), "unsupported": "1"}),
    ("PAG14", FIRED, {"title": "Viagra", "language": "is", "unsupported": "1"}),
    ("PAG15", FIRED, QUIET | {"popups": ("popads",)}), ("PAG15", FIRED, {"forced_redirect": 1}),
    ("PAG15", FIRED, QUIET | {"ad_frames": 10}), ("PAG15", CLEAR, QUIET | {"ad_frames": 9}),
    ("PAG15", CLEAR, QUIET | {"popups": ("window.open",)}),
    ("PAG15", UNKNOWN, QUIET | {"popups": None}),
    ("PAG16", FIRED, CLEAN | {"hidden_block": 5, "hidden_poison": 1}),
    ("PAG16", FIRED, {"hidden_block": 5, "foreign_share": 0.5}),
    ("PAG16", CLEAR, CLEAN | {"hidden_block": 4, "hidden_poison": 1}),
    ("PAG16", CLEAR, CLEAN | {"hidden_block": 5, "foreign_share": 0.49}), ("PAG16", CLEAR, {"hidden_block": 4}),
    ("PAG16", UNKNOWN, {"hidden_block": 5, "foreign_share": 0}), ("PAG16", UNKNOWN, {"foreign_share": 1}),
    ("PAG17", FIRED, {"internal": 2}), ("PAG17", CLEAR, {"internal": 3}), ("PAG17", UNKNOWN, {}),
    ("PAG19", FIRED, {"title_rank": 31}), ("PAG19", FIRED, {"title_rank": 0}), ("PAG19", CLEAR, {"title_rank": 30}),
    ("PAG19", UNKNOWN, {}),
)  # fmt: skip


def found(marker: Marker, page: dict[str, Any], **link: Any) -> Found:
    return found_of(marker, frozen([{"source": "https://a.example/", **link}], pages={"https://a.example/": page}))


def test_every_marker_of_the_group_is_there() -> None:
    assert list(PAG) == [f"PAG{number:02}" for number in range(1, 20)]


@pytest.mark.parametrize(("name", "state", "page"), CASES)
def test_a_page(name: str, state: int, page: dict[str, Any]) -> None:
    assert found(PAG[name], page).state.tolist() == [state]


def test_what_fires_says_what_it_found() -> None:
    hostile = found(PAG["PAG15"], {"popups": ("popunder", "popads"), "forced_redirect": 1})
    assert hostile.said is not None and hostile.said.at(0) == "pop-ups, forced redirect"
    assert hostile.value.tolist() == [2]
    dead = found(PAG["PAG07"], {"status": 410})
    assert dead.said is not None and dead.said.at(0) == "answers with an error"
    assert dead.value.tolist() == [410]
    assert found(PAG["PAG03"], {"external": 50, "words": 200}).value.tolist() == [25]


def test_a_page_that_nobody_shows_lowers_the_risk() -> None:
    assert PAG["PAG06"].points is not None and PAG["PAG06"].points < 0


def test_the_trade_of_the_project_is_no_poison() -> None:
    url = "https://a.example/"
    about = About(target="client.example", keywords=("online casino",))
    for page, state in (({"poison": ("casino:40", "adult:2")}, CLEAR), ({"poison": ("casino:40", "adult:3")}, FIRED)):
        profile = frozen([{"source": url}], pages={url: {"title": "Casino", "language": "en", **page}}, about=about)
        assert found_of(PAG["PAG14"], profile).state.tolist() == [state]


# --- Hacked pages -----------------------------------------------------------------------------------------------------
def test_our_link_in_a_hidden_block_is_an_intrusion_but_for_menus_and_hints() -> None:
    page = CLEAN | {"hidden_block": 12}
    assert found(PAG["PAG16"], page, hidden="display:none", placement="content").state.tolist() == [FIRED]
    assert found(PAG["PAG16"], page, hidden="display:none").state.tolist() == [FIRED]
    assert found(PAG["PAG16"], page, hidden="display:none", placement="navigation").state.tolist() == [CLEAR]
    assert found(PAG["PAG16"], page, hidden="class d-none", placement="content").state.tolist() == [CLEAR]
    assert found(PAG["PAG16"], page, placement="content").state.tolist() == [CLEAR]


# --- Orphans ----------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("links_in", "authority", "state"),
    [
        (0, 4.9, FIRED), (0, 5, CLEAR), (1, 4.9, CLEAR), (None, 5, CLEAR), (None, 4, UNKNOWN), (0, None, UNKNOWN),
        (1, None, UNKNOWN),
    ],
)  # fmt: skip
def test_an_orphan_on_a_weak_domain(links_in: int | None, authority: float | None, state: int) -> None:
    url = "https://a.example/"
    profile = frozen(
        [{"source": "https://b.example/"}, {"source": url}],
        pages={url: {"links_in": links_in}},
        domains={"a.example": {"authority": authority}},
    )
    assert found_of(PAG["PAG18"], profile).state.tolist() == [UNKNOWN, state]


# --- Titles -----------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "title",
    ["404", "Error 404", "Page Not Found", "Oops! Page not found.", "Seite nicht gefunden | Firma", "404 Not Found",
     "Страница не найдена", "ページが見つかりません", "La página no existe"],
)  # fmt: skip
def test_titles_of_pages_that_are_not_there(title: str) -> None:
    assert is_not_found(title)


@pytest.mark.parametrize(
    "title", ["Room 404", "How to fix 404 Page not found errors", "Peugeot 404 for sale", "Errors", "Not found in Rome"]
)
def test_titles_that_only_mention_it(title: str) -> None:
    assert not is_not_found(title)


def test_a_page_without_links_of_ours_is_no_reason_to_fail() -> None:
    nothing = frozen([])
    assert all(len(found_of(one, nothing).state) == 0 for one in PAG.values())
    assert not np.any([found_of(one, nothing).fired.any() for one in PAG.values()])
