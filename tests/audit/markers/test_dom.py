"""Markers of the linking domain: fired, clear, at the threshold, unknown."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import numpy as np
import pytest

from audit.markers import dom, names
from audit.markers.marker import BESIDE, CLEAR, CONTEXT, EVIDENCE, FIRED, KNOCK_OUT, UNKNOWN, Found, by_id
from audit.profile import About
from tests.audit.profiles import ABOUT, AS_OF, found_of, frozen, states

DOM = by_id(dom.MARKERS)
SITE = "a.example"


def days_ago(count: int) -> date:
    return AS_OF - timedelta(days=count)


TRUSTED = {"trust": 0.001, "pagerank": 0.01, "authority": 20}
CASES: tuple[tuple[str, int, dict[str, Any]], ...] = (
    ("DOM01", FIRED, {"indexed": 0}), ("DOM01", CLEAR, {"indexed": 1}), ("DOM01", UNKNOWN, {}),
    ("DOM03", FIRED, {"topics": ["adult/escorts", "travel"]}), ("DOM03", FIRED, {"topics": ["piracy"]}),
    ("DOM03", CLEAR, {"topics": ["travel", "adult"]}), ("DOM03", CLEAR, {"topics": ["gambling/casino"]}),
    ("DOM03", UNKNOWN, {"topics": []}), ("DOM03", UNKNOWN, {}),
    ("DOM04", FIRED, {"authority": 4.9}), ("DOM04", CLEAR, {"authority": 5}), ("DOM04", UNKNOWN, {}),
    ("DOM05", FIRED, TRUSTED | {"trust": 0.0009}), ("DOM05", CLEAR, TRUSTED | {"trust": 0.0011}),
    ("DOM05", CLEAR, TRUSTED | {"trust": 0.0009, "authority": 19.9}),
    ("DOM05", UNKNOWN, TRUSTED | {"authority": None}), ("DOM05", UNKNOWN, TRUSTED | {"trust": None}),
    ("DOM06", FIRED, {"rankings": 0}), ("DOM06", CLEAR, {"rankings": 1}), ("DOM06", UNKNOWN, {}),
    ("DOM07", FIRED, {"traffic_residual": 3.1}), ("DOM07", CLEAR, {"traffic_residual": 3}), ("DOM07", UNKNOWN, {}),
    ("DOM08", FIRED, {"follow_share": 0.99, "votes": 50}), ("DOM08", CLEAR, {"follow_share": 0.98, "votes": 50}),
    ("DOM08", CLEAR, {"follow_share": 1, "votes": 49}), ("DOM08", UNKNOWN, {"follow_share": 1}),
    ("DOM08", UNKNOWN, {"votes": 50}),
    ("DOM15", CLEAR, {}),
    ("DOM18", FIRED, {"registered": days_ago(89), "linked_domains": 101}),
    ("DOM18", CLEAR, {"registered": days_ago(90), "linked_domains": 101}),
    ("DOM18", CLEAR, {"registered": days_ago(89), "linked_domains": 100}),
    ("DOM18", FIRED, {"registered": days_ago(89), "linked_domains": 7, "outbound": 101}),
    ("DOM18", FIRED, {"registered": days_ago(-3), "outbound": 101}),
    ("DOM18", UNKNOWN, {"registered": days_ago(89), "outbound": 100}), ("DOM18", UNKNOWN, {"linked_domains": 101}),
    ("DOM18", CLEAR, {"registered": days_ago(900)}),
    ("DOM19", FIRED, {"registered": days_ago(365), "known_since": days_ago(396)}),
    ("DOM19", CLEAR, {"registered": days_ago(366), "known_since": days_ago(900)}),
    ("DOM19", CLEAR, {"registered": days_ago(365), "known_since": days_ago(395)}),
    ("DOM19", FIRED, {"registered": days_ago(365), "known_since": days_ago(1), "first_seen": days_ago(396)}),
    ("DOM19", UNKNOWN, {"registered": days_ago(365)}), ("DOM19", UNKNOWN, {"known_since": days_ago(900)}),
    ("DOM20", FIRED, {"pages": 4}), ("DOM20", CLEAR, {"pages": 5}), ("DOM20", UNKNOWN, {}),
    ("DOM25", FIRED, {"linked_domains": 1000, "votes": 50}), ("DOM25", CLEAR, {"linked_domains": 999, "votes": 10}),
    ("DOM25", CLEAR, {"linked_domains": 1000, "votes": 51}), ("DOM25", FIRED, {"linked_domains": 1000, "votes": 0}),
    ("DOM25", FIRED, {"outbound": 2000, "votes": 3}), ("DOM25", UNKNOWN, {"outbound": 20, "votes": 3}),
    ("DOM25", UNKNOWN, {"linked_domains": 9000}),
    ("DOM27", FIRED, {"pages": 1001, "votes": 4}), ("DOM27", CLEAR, {"pages": 1000, "votes": 4}),
    ("DOM27", CLEAR, {"pages": 1001, "votes": 5}), ("DOM27", UNKNOWN, {"pages": 1001}),
    ("DOM27", CLEAR, {"votes": 5}), ("DOM27", UNKNOWN, {"votes": 4}),
    ("DOM28", FIRED, {"one_network": 0.4}), ("DOM28", CLEAR, {"one_network": 0.39}), ("DOM28", UNKNOWN, {}),
    ("DOM29", FIRED, {"name_servers": ["ns1.bodis.com"]}), ("DOM29", UNKNOWN, {"name_servers": ["ns1.a.example"]}),
    ("DOM30", FIRED, {"disavowed": 0.5}), ("DOM30", CLEAR, {"disavowed": 0.49}), ("DOM30", UNKNOWN, {}),
    ("DOM31", FIRED, {"bad_share": 0.1, "bad_top": 0.049}), ("DOM31", CLEAR, {"bad_share": 0.09, "bad_top": 0.01}),
    ("DOM31", CLEAR, {"bad_share": 0.5, "bad_top": 0.05}), ("DOM31", UNKNOWN, {"bad_share": 0}),
    ("DOM32", FIRED, {"hops": 5}), ("DOM32", CLEAR, {"hops": 4}), ("DOM32", FIRED, {"hops": float("inf")}),
    ("DOM32", UNKNOWN, {}),
    ("DOM35", FIRED, {"bad_neighbours": 0.3, "judged_neighbours": 10}),
    ("DOM35", CLEAR, {"bad_neighbours": 0.29, "judged_neighbours": 10}),
    ("DOM35", UNKNOWN, {"bad_neighbours": 1, "judged_neighbours": 9}), ("DOM35", UNKNOWN, {}),
    ("DOM36", FIRED, {"absent": 1}), ("DOM36", CLEAR, {"absent": 0}), ("DOM36", UNKNOWN, {}),
)  # fmt: skip
# What hosts and their names say; nothing else is known.
NAMED: tuple[tuple[str, int, str], ...] = (
    ("DOM09", FIRED, "shoes.xyz"), ("DOM09", CLEAR, "shoes.org"), ("DOM09", CLEAR, "xyz.org"),
    ("DOM09", BESIDE, "192.0.2.1"),
    ("DOM10", FIRED, "abc.example"), ("DOM10", CLEAR, "abcd.example"), ("DOM10", CLEAR, f"{'a' * 20}.example"),
    ("DOM10", FIRED, f"{'a' * 21}.example"), ("DOM10", FIRED, "abc.co.uk"), ("DOM10", BESIDE, "192.0.2.1"),
    ("DOM10", FIRED, "xn--wgv71a.example"),  # two characters
    ("DOM11", FIRED, "a1b2.example"), ("DOM11", CLEAR, "route66.a1.example"), ("DOM11", CLEAR, "route6.example"),
    ("DOM11", BESIDE, "192.0.2.1"), ("DOM11", BESIDE, "[2001:db8::1]"), ("DOM11", CLEAR, "xn--mnchen-3ya.example"),
    ("DOM12", FIRED, "a-b-c.example"), ("DOM12", CLEAR, "a-bc.example"), ("DOM12", CLEAR, "a-b.c-d.example"),
    ("DOM12", CLEAR, "xn--mnchen-3ya.example"), ("DOM12", BESIDE, "[2001:db8::1]"),
    ("DOM13", FIRED, "bcdfgh.example"), ("DOM13", CLEAR, "bcdfg.example"), ("DOM13", FIRED, "aeiou.example"),
    ("DOM13", CLEAR, "aeio.example"), ("DOM13", FIRED, "qovjuzkixweb.example"), ("DOM13", CLEAR, "openstreetmap.org"),
    ("DOM13", CLEAR, "rechtschreibung.example"), ("DOM13", CLEAR, "bcd-fgh.example"),
    ("DOM13", UNKNOWN, "xn--e1afmkfd.example"), ("DOM13", BESIDE, "192.0.2.1"),
    ("DOM15", CLEAR, "shoes.example"),
    ("DOM16", FIRED, "cheapshoes.example"), ("DOM16", FIRED, "cheap-shoes.example"), ("DOM16", FIRED, "cheap.shoes"),
    ("DOM16", CLEAR, "cheapshoesshop.example"), ("DOM16", CLEAR, "shoes.example"), ("DOM16", BESIDE, "192.0.2.1"),
    ("DOM17", FIRED, "192.0.2.1"), ("DOM17", FIRED, "[2001:db8::1]"), ("DOM17", CLEAR, "a1.example"),
    ("DOM17", CLEAR, "1.2.3.a4"),
)  # fmt: skip
SUBDOMAINS = (
    ("a.example", CLEAR), ("www.a.example", CLEAR), ("www2.a.example", CLEAR), ("ww25.a.example", CLEAR),
    ("m1.a.example", CLEAR), ("x12.a.example", FIRED), ("www.x1.y2.a.example", FIRED), ("p.q.a.example", CLEAR),
    ("p.q.r.a.example", FIRED), ("www.p.q.a.example", CLEAR), ("a12.a.example", FIRED),
)  # fmt: skip

NAMED_PAGES = ((1, 1, "a.example (ours of 2026-10-01)"), (2, 0, None), (3, None, None))


def found(name: str, domain: dict[str, Any], about: About = ABOUT) -> Found:
    return found_of(DOM[name], frozen([{"source": f"https://{SITE}/"}], domains={SITE: domain}, about=about))


def test_every_marker_of_the_group_is_there() -> None:
    assert list(DOM) == [f"DOM{number:02}" for number in range(1, 38)]
    assert [one.id for one in dom.MARKERS if one.kind == KNOCK_OUT] == ["DOM02"]
    evidence = "01 03 05 07 17 18 25 26 31 35 37"
    assert [one.id for one in dom.MARKERS if one.kind == EVIDENCE] == [f"DOM{one}" for one in evidence.split()]
    assert {one.kind for one in dom.MARKERS} == {KNOCK_OUT, EVIDENCE, CONTEXT}


@pytest.mark.parametrize(("name", "state", "domain"), CASES)
def test_a_domain(name: str, state: int, domain: dict[str, Any]) -> None:
    assert found(name, domain).state.tolist() == [state]


@pytest.mark.parametrize(("name", "state", "host"), NAMED)
def test_a_name(name: str, state: int, host: str) -> None:
    assert states(DOM[name], frozen([{"source": f"https://{host}/"}])) == [state]


def test_names_that_nobody_knows_are_unknown() -> None:
    profile = frozen([{"source": "https://a.example/"}], domains={"a.example": {"name": None, "tld": None}})
    for one in ("DOM09", "DOM10", "DOM11", "DOM12", "DOM13", "DOM15", "DOM16", "DOM17"):
        assert states(DOM[one], profile) == [UNKNOWN], one


def test_bits_at_the_limit_are_random() -> None:
    sound = names.sound_of("qovjuzkixweb")
    assert sound is not None and (sound.consonants, sound.vowels) == (2, 1)
    profile = frozen([{"source": "https://qovjuzkixweb.example/"}])
    assert states(DOM["DOM13"], profile, bits=sound.bits) == [FIRED]
    assert states(DOM["DOM13"], profile, bits=sound.bits + 0.001) == [CLEAR]
    said = found_of(DOM["DOM13"], profile).said
    assert said is not None and said.at(0) == "unusual pairs of letters"


def test_lengths_are_those_that_people_read() -> None:
    profile = frozen([{"source": "https://xn--mnchen-3ya.example/"}, {"source": "https://1.2.3.4/"}])
    assert found_of(DOM["DOM10"], profile).value[0] == len("münchen")
    assert names.label_of("xn--\udc80.example") == "" and names.label_of("192.0.2.7") == ""


def test_subdomains_are_judged_page_by_page() -> None:
    links = [{"source": f"https://{host}/"} for host, _ in SUBDOMAINS]
    assert states(DOM["DOM14"], frozen(links)) == [state for _, state in SUBDOMAINS]
    nowhere = frozen(links[:1], pages={links[0]["source"]: {"host": None}})
    assert states(DOM["DOM14"], nowhere) == [UNKNOWN]
    said = found_of(DOM["DOM14"], frozen([{"source": "https://x.y.z9.a1.a.example/"}])).said
    assert said is not None and said.at(0) == "digits, many levels"


@pytest.mark.parametrize(("pages", "state"), [(4, FIRED), (5, CLEAR), (None, UNKNOWN)])
def test_a_site_on_a_free_host(pages: int | None, state: int) -> None:
    hosts = ("cats.github.io", "github.io.example")
    profile = frozen([{"source": f"https://{one}/"} for one in hosts], domains={"cats.github.io": {"pages": pages}})
    assert states(DOM["DOM15"], profile) == [state, CLEAR]


def test_keywords_have_to_be_named() -> None:
    profile = frozen([{"source": "https://cheapshoes.example/"}, {"source": "https://guenstigeschuhe.example/"}])
    assert states(DOM["DOM16"], replace(profile, about=replace(ABOUT, keywords=()))) == [UNKNOWN, UNKNOWN]
    assert states(DOM["DOM16"], replace(profile, about=replace(ABOUT, keywords=("Günstige Schuhe",)))) == [CLEAR, FIRED]


# --- What pages say ---------------------------------------------------------------------------------------------------
def on_pages(name: str, *pages: dict[str, Any], domain: dict[str, Any] | None = None, scheme: str = "https") -> Found:
    urls = [f"{scheme}://a.example/{number}" for number in range(len(pages))]
    profile = frozen(
        [{"source": url} for url in urls], pages=dict(zip(urls, pages, strict=True)), domains={SITE: domain or {}}
    )
    return found_of(DOM[name], profile)


@pytest.mark.parametrize(("name", "column"), [("DOM21", "contact"), ("DOM23", "has_favicon"), ("DOM24", "trackers")])
def test_what_no_visited_page_has(name: str, column: str) -> None:
    nothing = on_pages(name, {column: 0}, {column: 0}, {})
    assert nothing.state.tolist() == [FIRED] and nothing.value.tolist() == [2]
    assert on_pages(name, {column: 0}, {column: 1}).state.tolist() == [CLEAR]
    assert on_pages(name, {}, {}).state.tolist() == [UNKNOWN]


def test_a_site_without_https() -> None:
    assert on_pages("DOM22", {}, {}, scheme="http").state.tolist() == [FIRED]
    assert on_pages("DOM22", {}, {"url": "https://a.example/1"}, scheme="http").state.tolist() == [CLEAR]
    assert on_pages("DOM22", {"url": None}).state.tolist() == [UNKNOWN]


@pytest.mark.parametrize(
    ("given", "words", "state"),
    [
        (10_001, (99, 99), FIRED),
        (10_001, (99, 100), FIRED),
        (10_001, (99, 100, 100), CLEAR),
        (10_000, (99, 99), CLEAR),
        (10_000, (None,), CLEAR),
        (10_001, (None,), UNKNOWN),
        (None, (99,), UNKNOWN),
    ],
)
def test_a_huge_and_thin_site(given: int | None, words: tuple[int | None, ...], state: int) -> None:
    pages = [{"words": one} for one in words]
    assert on_pages("DOM26", *pages, domain={"linked_domains": given}).state.tolist() == [state]


def test_pages_that_link_to_us_are_pages_of_the_site() -> None:
    """Five of them are not few, though nobody has counted all; four prove nothing."""
    assert on_pages("DOM20", {}, {}, {}, {}, {}).state.tolist() == [CLEAR]
    assert on_pages("DOM20", {}, {}, {}, {}).state.tolist() == [UNKNOWN]
    counted = on_pages("DOM20", {}, {}, {}, {}, {}, domain={"pages": 3})
    assert (counted.state.tolist(), counted.value.tolist()) == ([CLEAR], [5])
    assert on_pages("DOM27", {}, {}, domain={"votes": 0}).state.tolist() == [UNKNOWN]
    few = frozen([{"source": f"https://a.example/{number}"} for number in range(4)], domains={SITE: {"votes": 4}})
    assert states(DOM["DOM27"], few, pages=3) == [FIRED]


def test_a_parked_site() -> None:
    assert on_pages("DOM29", {"parked": 1}, {"parked": 0}).state.tolist() == [FIRED]
    assert on_pages("DOM29", {"parked": 1}, {"parked": 0}, {"parked": 0}).state.tolist() == [CLEAR]
    bought = on_pages("DOM29", {"parked": 0}, domain={"name_servers": ["NS1.Bodis.com.", "ns2.bodis.com"]})
    assert bought.state.tolist() == [FIRED]
    assert on_pages("DOM29", {}).state.tolist() == [UNKNOWN]


# --- Trust, topics and markets ----------------------------------------------------------------------------------------
def test_trust_is_not_missed_where_it_reaches_few() -> None:
    """Two of four domains are half; one is not."""
    links = [{"source": f"https://{one}.example/"} for one in "abcd"]
    for reached, state in ((2, FIRED), (1, UNKNOWN)):
        domains = {
            f"{one}.example": TRUSTED | {"trust": 0.01 if place < reached else 0} for place, one in enumerate("abcd")
        }
        assert states(DOM["DOM05"], frozen(links, domains=domains))[3] == state


def test_a_project_of_the_trade_is_linked_by_its_like() -> None:
    adult, other = {"topics": ["adult"]}, {"topics": ["piracy"]}
    about = replace(ABOUT, topics=("adult/escorts",))
    assert found("DOM03", adult, about).state.tolist() == [BESIDE]
    assert found("DOM03", other, about).state.tolist() == [FIRED]
    said = found("DOM03", other, about).said
    assert said is not None and said.at(0) == "Piracy, hacking and fakes"


def test_a_foreign_topic() -> None:
    about = replace(ABOUT, topics=("travel/hotels",))
    assert found("DOM34", {"topics": ["food", "travel"]}, about).state.tolist() == [CLEAR]
    assert found("DOM34", {"topics": ["food", "arts/film"]}, about).state.tolist() == [FIRED]
    assert found("DOM34", {"topics": []}, about).state.tolist() == [UNKNOWN]
    assert found("DOM34", {}, about).state.tolist() == [UNKNOWN]
    assert found("DOM34", {"topics": ["food"]}).state.tolist() == [UNKNOWN]


@pytest.mark.parametrize(
    ("country", "languages", "state", "said"),
    [
        ("DE", ("de", "fr"), CLEAR, ""),
        ("at", ("de",), FIRED, "country"),
        ("de", ("fr", "it"), FIRED, "language"),
        ("fr", ("fr",), FIRED, "country, language"),
        (None, ("fr",), FIRED, "language"),
        (None, ("de",), UNKNOWN, ""),
        ("de", (None,), UNKNOWN, ""),
    ],
)
def test_a_foreign_market(country: str | None, languages: tuple[str | None, ...], state: int, said: str) -> None:
    urls = [f"https://a.example/{place}" for place in range(len(languages))]
    profile = frozen(
        [{"source": url} for url in urls],
        pages={url: {"language": one} for url, one in zip(urls, languages, strict=True)},
        domains={SITE: {"country": country}},
        about=replace(ABOUT, countries=("DE",), languages=("de-ch",)),
    )
    judged = found_of(DOM["DOM33"], profile)
    assert judged.state.tolist() == [state]
    assert judged.said is not None and judged.said.at(0) == said
    assert states(DOM["DOM33"], replace(profile, about=ABOUT)) == [UNKNOWN]
    only_language = replace(profile, about=replace(ABOUT, languages=("fr",)))
    if languages == ("fr",):
        assert states(DOM["DOM33"], only_language) == [CLEAR]


# --- What is shown ----------------------------------------------------------------------------------------------------
def test_values_are_what_the_facts_speak_of() -> None:
    assert found("DOM04", {"authority": 3}).value.tolist() == [3]
    assert found("DOM18", {"registered": days_ago(-3), "outbound": 101}).value.tolist() == [0]
    assert np.isnan(found("DOM32", {"hops": float("inf")}).value).all()
    assert found("DOM25", {"linked_domains": 3000, "votes": 0}).value.tolist() == [3000]


def test_no_domain_no_finding() -> None:
    profile = frozen([])
    for one in dom.MARKERS:
        assert states(one, profile) == [], one.id


@pytest.mark.parametrize(("name", "column"), [("DOM02", "malware"), ("DOM37", "blocked")])
def test_lists_speak_of_pages(name: str, column: str) -> None:
    pages = {f"https://a.example/{at}": {column: value, f"{column}_by": by} for at, value, by in NAMED_PAGES}
    result = found_of(DOM[name], frozen([{"source": url} for url in pages], pages=pages))
    assert result.state.tolist() == [FIRED, CLEAR, UNKNOWN]
    assert result.said is not None
    assert result.said.at(0) == "a.example (ours of 2026-10-01)"
