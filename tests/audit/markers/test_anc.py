"""Markers of anchors: fired, clear, at the threshold, unknown, beside."""

from typing import Any

import numpy as np
import pytest

from audit.lists import by_language
from audit.markers import anc, poison, trades
from audit.markers.anchors import brand_share, exact_share
from audit.markers.marker import BESIDE, CLEAR, FIRED, UNKNOWN, Found, by_id
from audit.profile import About, Peer, Profile
from backlinks.crawl import poison as lists
from tests.audit.profiles import ABOUT, fired, found_of, frozen, states

ANC = by_id(anc.MARKERS)
NO_KEYWORDS = About(target="client.example", brands=("client",))
SPOKEN = About(target="client.example", keywords=("cheap shoes",), languages=("de",))


def anchored(*links: dict[str, Any], about: About = ABOUT, language: str | None = None) -> Profile:
    """Each link on its own domain."""
    rows = [{"source": f"https://a{number}.example/", **one} for number, one in enumerate(links)]
    return frozen(rows, pages={row["source"]: {"language": language} for row in rows}, about=about)


def classed(anchor_class: str | None, anchor: str | None = "x", **link: Any) -> dict[str, Any]:
    return {"anchor": anchor, "anchor_class": anchor_class, **link}


def said(found: Found, row: int = 0) -> str:
    assert found.said is not None
    return found.said.at(row)


def test_every_marker_of_the_group_is_there() -> None:
    assert list(ANC) == [f"ANC{number:02}" for number in range(1, 11)]


# --- Before anchors are classed ---------------------------------------------------------------------------------------
@pytest.mark.parametrize("name", sorted(ANC))
def test_nothing_is_judged_before_four_of_five_anchors_are_classed(name: str) -> None:
    few = anchored(*[classed("exact")] * 3, classed("unknown", None))
    found = found_of(ANC[name], few)
    assert found.state.tolist() == [UNKNOWN] * 4
    assert said(found) == "only 75% of the anchors are classed"
    enough = anchored(*[classed("exact")] * 4, classed(None, None), classed(None, None, kind="redirect"))
    assert found_of(ANC[name], enough).said is None or "classed" not in said(found_of(ANC[name], enough))


@pytest.mark.parametrize("name", ["ANC01", "ANC02", "ANC03", "ANC04", "ANC09", "ANC10"])
def test_without_keywords_nobody_knows_what_money_is(name: str) -> None:
    found = found_of(ANC[name], anchored(classed("other"), about=NO_KEYWORDS))
    assert found.state.tolist() == [UNKNOWN]
    assert said(found) == "the project names no keywords"


# --- By class ---------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(("name", "fires"), [("ANC01", "exact"), ("ANC02", "compound")])
def test_classes_of_anchors(name: str, fires: str) -> None:
    kinds = ("exact", "compound", "partial", "brand", "naked", "generic", "other", "empty", "image")
    expected = [FIRED if kind == fires else BESIDE if kind in ("empty", "image") else CLEAR for kind in kinds]
    links = [*map(classed, kinds), classed("unknown", None), classed(None, None, kind="redirect")]
    assert states(ANC[name], anchored(*links)) == [*expected, UNKNOWN, BESIDE]


# --- Repeated ---------------------------------------------------------------------------------------------------------
def linking(*names: str, **link: Any) -> Profile:
    links = [{"source": f"https://{name}/", **classed("exact", "Cheap Shoes"), **link} for name in names]
    return frozen(links, about=About(target="client.example", keywords=("x",), partners=frozenset(("mate.example",))))


NAMES = ("a.example", "b.example", "c.example", "d.example", "e.example")


def test_the_same_money_anchor_from_five_domains() -> None:
    found = found_of(ANC["ANC03"], linking(*NAMES))
    assert found.state.tolist() == [FIRED] * 5
    assert found.value.tolist() == [5] * 5
    assert (said(found), [one.domains for one in found.clusters]) == ("cheap shoes", [(0, 1, 2, 3, 4)])
    assert fired(ANC["ANC03"], linking(*NAMES[:4])) == []


def test_one_name_under_several_endings_and_partners_are_no_strangers() -> None:
    assert fired(ANC["ANC03"], linking(*NAMES[:4], "a.test")) == []
    assert fired(ANC["ANC03"], linking(*NAMES[:4], "mate.example")) == []
    assert fired(ANC["ANC03"], linking(*NAMES, "a.test", "mate.example")) == [0, 1, 2, 3, 4, 5]


def test_case_and_accents_do_not_matter_but_titles_are_not_money() -> None:
    links = [
        classed("exact", text) for text in ("Cheap Shoes", "cheap shoes", "CHEAP  SHOES", "chéap shoes", "cheap shoes")
    ]
    assert fired(ANC["ANC03"], anchored(*links)) == [0, 1, 2, 3, 4]
    six, seven = "the very best of cheap shoes", "the very best of the cheap shoes"
    assert fired(ANC["ANC03"], anchored(*[classed("partial", six)] * 5)) == [0, 1, 2, 3, 4]
    assert fired(ANC["ANC03"], anchored(*[classed("partial", seven)] * 5)) == []
    assert fired(ANC["ANC03"], anchored(*[classed("other", six)] * 5)) == []


def test_many_money_anchors_on_one_page() -> None:
    def page(*targets: str, kind: str = "exact") -> Profile:
        return frozen([{"source": "https://a.example/", **classed(kind), "target": one} for one in targets])

    assert states(ANC["ANC10"], page("a", "b", "c")) == [FIRED] * 3
    assert states(ANC["ANC10"], page("a", "b", "b")) == [CLEAR] * 3
    assert states(ANC["ANC10"], page("a", "b", "c", kind="brand")) == [CLEAR] * 3
    elsewhere = [{"source": f"https://{one}.example/", **classed("exact"), "target": one} for one in "abc"]
    assert states(ANC["ANC10"], frozen(elsewhere)) == [CLEAR] * 3


def test_evidence_waits_for_the_review_of_anchors_whose_class_is_a_guess() -> None:
    guess = {"anchor_sure": None}
    repeated = [classed("partial", "best cheap shoes", **guess) for _ in range(5)]
    assert states(ANC["ANC03"], anchored(*repeated, classed("brand"))) == [UNKNOWN] * 5 + [CLEAR]
    assert states(ANC["ANC03"], anchored(*repeated[:4], classed("brand"))) == [CLEAR] * 5
    sure = [classed("exact", "cheap shoes")] * 5
    assert states(ANC["ANC03"], anchored(*sure, *repeated)) == [FIRED] * 5 + [UNKNOWN] * 5
    page = [{"source": "https://a.example/", **classed("partial"), "target": one} for one in "abc"]
    assert states(ANC["ANC10"], frozen([*page[:2], page[2] | guess])) == [UNKNOWN] * 3
    assert states(ANC["ANC10"], frozen([*page, {**page[0], "target": "d", **guess}])) == [FIRED] * 3 + [UNKNOWN]
    kinds = [classed("exact")] * 3 + [classed("exact", **guess)] + [classed("brand")] * 16
    assert states(ANC["ANC04"], anchored(*kinds)) == [UNKNOWN] * 4 + [CLEAR] * 16
    assert states(ANC["ANC01"], anchored(*kinds)) == [FIRED] * 4 + [CLEAR] * 16, "context may rest on guesses"


# --- Shares -----------------------------------------------------------------------------------------------------------
def shares(*kinds: str, peers: tuple[float, ...] = (), figure: str = "exact_share") -> Profile:
    rows = [{"source": f"https://a{number}.example/", **classed(kind)} for number, kind in enumerate(kinds)]
    rivals = tuple(Peer(f"r{number}.example", 50, {figure: one}) for number, one in enumerate(peers))
    return frozen(rows, peers=rivals)


def test_a_share_of_exact_anchors_above_fifteen_percent() -> None:
    at = shares(*["exact"] * 3, *["brand"] * 17)
    assert states(ANC["ANC04"], at) == [CLEAR] * 20
    beyond = shares(*["exact"] * 4, *["brand"] * 16, "unknown")
    found = found_of(ANC["ANC04"], beyond)
    assert found.state.tolist() == [FIRED] * 4 + [CLEAR] * 16 + [UNKNOWN]
    assert found.value[0] == np.float32(0.2)
    assert exact_share(beyond) == 0.2


def test_a_site_wide_link_is_one_domain_and_few_domains_have_no_shares() -> None:
    rows = [{"source": f"https://a.example/{number}", **classed("exact")} for number in range(50)]
    rows += [{"source": f"https://b{number}.example/", **classed("brand")} for number in range(19)]
    assert fired(ANC["ANC04"], frozen(rows)) == []
    assert states(ANC["ANC04"], shares(*["exact"] * 19)) == [BESIDE] * 19


@pytest.mark.parametrize(
    ("peers", "fires"),
    [((0.04, 0.04, 0.04), True), ((0.05, 0.05, 0.05), False), ((0.01, 0.01), False), ((0.01, np.nan, 0.01), False)],
)
def test_exact_anchors_are_many_where_competitors_have_half_as_many(peers: tuple[float, ...], fires: bool) -> None:  # noqa: FBT001
    profile = shares(*["exact"] * 2, *["brand"] * 18, peers=peers)
    assert fired(ANC["ANC04"], profile) == ([0, 1] if fires else [])


def test_few_brand_anchors_speak_against_money_anchors() -> None:
    at = shares(*["brand", "naked", "compound", "brand"], *["exact"] * 8, *["other"] * 8)
    assert fired(ANC["ANC09"], at) == []
    assert brand_share(at) == 0.2
    beyond = shares(*["brand", "naked", "compound"], *["exact"] * 9, *["other"] * 8)
    assert fired(ANC["ANC09"], beyond) == list(range(3, 12))
    assert states(ANC["ANC09"], shares(*["exact"] * 19)) == [BESIDE] * 19
    rivals = {"peers": (0.9, 0.9, 0.9), "figure": "brand_share"}
    assert fired(ANC["ANC09"], shares(*["brand"] * 8, *["exact"] * 12, **rivals)) == list(range(8, 20))
    assert fired(ANC["ANC09"], shares(*["brand"] * 9, *["exact"] * 11, **rivals)) == []


# --- What an anchor says ----------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("anchor", "language", "state"),
    [
        ("best online casino", "en", FIRED),
        ("viagra", None, FIRED),
        ("spielautomaten", "de", FIRED),
        ("казино онлайн", "ru", FIRED),
        ("オンラインカジノ", "ja", FIRED),
        ("our new shop", "en", CLEAR),
        ("our new shop", None, UNKNOWN),
        ("our new shop", "is", UNKNOWN),
        ("viagra", "is", FIRED),
        ("наш магазин", None, CLEAR),
        ("ჩვენი მაღაზია", "en", UNKNOWN),
        ("2026", None, CLEAR),
        ("Casinoplatz 3", "de", CLEAR),
    ],
)
def test_words_of_ill_repute(anchor: str, language: str | None, state: int) -> None:
    assert states(ANC["ANC05"], anchored(classed("other", anchor), language=language)) == [state]


def test_the_trade_of_the_project_is_no_poison() -> None:
    about = About(target="client.example", keywords=("online casino",))
    links = (classed("exact", "best online casino"), classed("other", "cheap viagra"))
    assert states(ANC["ANC05"], anchored(*links, about=about, language="en")) == [CLEAR, FIRED]


def test_the_alt_text_of_an_image_is_read_and_an_image_without_one_is_beside() -> None:
    links = (classed("image", None, kind="image", alt="casino bonus"), classed("image", None, kind="image"))
    profile = anchored(*links, language="en")
    assert states(ANC["ANC05"], profile) == [FIRED, BESIDE]
    assert states(ANC["ANC08"], profile) == [CLEAR, BESIDE]


@pytest.mark.parametrize(
    ("anchor", "kind", "language", "state"),
    [
        ("car insurance quote", "other", "en", FIRED),
        ("günstige Kfz-Versicherung", "other", "de", FIRED),
        ("mortgage", "exact", "pl", FIRED),
        ("Zahnärzte", "other", "de", CLEAR),
        ("住宅ローン比較", "other", "ja", FIRED),
        ("the best way to choose an insurance", "other", "en", CLEAR),
        ("Client Insurance", "brand", "en", CLEAR),
        ("loan", "other", None, FIRED),
        ("shoes", "other", None, UNKNOWN),
        ("shoes", "other", "is", UNKNOWN),
    ],
)
def test_words_of_trades_that_pay_for_clicks(anchor: str, kind: str, language: str | None, state: int) -> None:
    assert states(ANC["ANC06"], anchored(classed(kind, anchor), language=language)) == [state]


@pytest.mark.parametrize(
    ("anchor", "language", "state"),
    [
        ("дешёвые туфли", "en", FIRED),
        ("дешёвые туфли", "ru", CLEAR),
        ("дешёвые туфли", "uk", CLEAR),
        ("安い靴", "en", UNKNOWN),  # two letters of Han and one of Hiragana: too few
        ("安い靴の店はこちら", "en", FIRED),
        ("the best shoes for you", "fr", FIRED),
        ("the best shoes for you", "en", CLEAR),
        ("the best shoes for you", "en-GB", CLEAR),
        ("die besten schuhe für sie", "fr", CLEAR),  # the project's own language
        ("cheap red shoes", "fr", UNKNOWN),
        ("cheap shoes", "fr", BESIDE),
        ("the best shoes for you", None, UNKNOWN),
    ],
)
def test_the_language_of_an_anchor(anchor: str, language: str | None, state: int) -> None:
    profile = anchored(classed("other", anchor), about=SPOKEN, language=language)
    assert states(ANC["ANC07"], profile) == [state]


def test_names_have_no_language_and_a_project_must_name_its_own() -> None:
    text = "the best shoes for you"
    assert states(ANC["ANC07"], anchored(classed("brand", text), about=SPOKEN, language="fr")) == [BESIDE]
    assert states(ANC["ANC07"], anchored(classed("other", text), language="fr")) == [UNKNOWN]


@pytest.mark.parametrize(
    ("anchor", "state"),
    [
        (" ".join("abcdefghij"), CLEAR),
        (" ".join("abcdefghijk"), FIRED),
        ("red shoes, blue shoes, boots", FIRED),
        ("red shoes, blue shoes", CLEAR),
        ("shoes that you will like, boots, hats", CLEAR),
        ("Smith, J., Doe, A.", CLEAR),
        ("東京の靴の安い店の一覧とその評判について", CLEAR),
        ("東京の靴の安い店の一覧とその評判についての詳しい記事", FIRED),
        (None, UNKNOWN),
    ],
)
def test_the_length_of_an_anchor(anchor: str | None, state: int) -> None:
    assert states(ANC["ANC08"], anchored(classed("other", anchor))) == [state]


def test_the_first_look_at_many_texts_misses_no_word_that_the_second_would_find() -> None:
    spoken = lists.words().languages
    pairs = [(code, entry.word) for code, one in spoken.items() for _, entry in one.folded]
    for made in ("{}", "Die {} Müller", "{}!", "A, {}, b", "ЖЖ {} жж"):
        texts = [made.format(word).upper() if made == "{}!" else made.format(word) for _, word in pairs]
        seen = poison._hint().found_in(texts)
        missed = [text for text, (code, _), held in zip(texts, pairs, seen, strict=True)
                  if not held and lists.poison_in(text, "" if code == "any" else code)]  # fmt: skip
        assert not missed
    words = [word for one in by_language("commercial").values() for word in one]
    assert trades._hint().found_in([f"x {word.title()} y" for word in words]).all()


def test_nothing_to_judge_is_no_reason_to_fail() -> None:
    assert all(len(found_of(one, frozen([])).state) == 0 for one in ANC.values())
