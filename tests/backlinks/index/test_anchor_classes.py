"""What kind of words an anchor is: each rule with examples in several languages, and the counts behind the classes."""

from collections import Counter
from dataclasses import replace

import pytest

from backlinks import index
from backlinks.index import engine, terms
from backlinks.index.terms import Terms

from .counting import ask, counts
from .observed import TARGET, Stories, asked, link, rows_of

WS = 7
STORIES = Stories(WS)
PROJECT = Terms(("North Light", "Müller & Söhne", "東京タワー"), ("running shoes", "seo agentur", "страхование", "靴"))
# class -> anchors, beside the terms above and the domain client.example
EXAMPLES = {
    "brand": (
        "North Light", "NORTH  LIGHT", "northlight", "north-light blog",
        "Muller & Sohne", "the Müller & Söhne team", "Client", "client homepage", "東京タワーの夜",
    ),
    "exact": ("running shoes", "Running Shoes!", "SEO-Agentur", "Страхование", "靴"),
    "partial": (
        "best running shoes 2026", "shoes for running", "die SEO Agentur in Köln",
        "агентство: страхование жизни", "赤い靴",
    ),
    "compound": ("North Light running shoes", "Client: SEO Agentur", "northlight shoes, made for running"),
    "naked": (
        "https://client.example/", "http://other.example/a/b?c=d", "www.other.example", "client.example",
        "Blog.Client.Example/path/", "WWW.CLIENT.EXAMPLE",
    ),
    "generic": (
        "click here", "Click here!", "hier klicken", "Weiterlesen →", "cliquez ici", "EN SAVOIR PLUS", "haz clic aquí",
        "clicca qui", "klik hier", "kliknij tutaj", "więcej", "clique aqui", "saiba mais", "нажмите здесь", "подробнее",
        "こちら", "詳しくはこちら",
    ),
    "empty": ("", "→", "…", " "),
    "other": (
        "a study", "node.js", "north of the light", "runningshoes", "shoes", "norths lights", "sports example",
        "notclient.example.com", "Mueller und Soehne",
    ),
    "unknown": (None,),
}  # fmt: skip


def _classes(of: Terms, *, domain: str = "client.example", anchors, known: int = 1, is_image: int = 0):
    rows = f"""SELECT arrayJoin({{anchors:Array(String)}}) AS anchor, toUInt8({known}) AS anchor_known,
        toUInt8({is_image}) AS is_image"""
    found = engine.read(terms.classed(rows), terms.class_parameters(of, domain) | {"anchors": list(anchors)})
    return {row["anchor"]: row["anchor_class"] for row in found}


@pytest.mark.parametrize("kind", [kind for kind in EXAMPLES if kind != "unknown"])
def test_examples(index_process, kind):
    made = _classes(PROJECT, anchors=EXAMPLES[kind])
    assert made == dict.fromkeys(EXAMPLES[kind], kind)


def test_which_classes_are_sure_and_what_goes_before_the_rules(index_process):
    """A brand or keyword as it is listed, an address, a generic text; what somebody said is sure whatever it is."""
    said = Terms(
        ("North Light",), ("running shoes", "north light shoes", "cheap client"), (("see running shoes", "other"),)
    )
    rows = """SELECT arrayJoin({anchors:Array(String)}) AS anchor, toUInt8(1) AS anchor_known, toUInt8(0) AS is_image"""
    sql, bound = terms.reviewed(rows, said)
    told = {
        "North Light": ("brand", 1, "brand", 0), "Visit North Light": ("brand", 0, "brand", 0),
        "Running shoes": ("exact", 1, "exact", 0), "North Light shoes": ("exact", 0, "exact", 0),
        "cheap client": ("exact", 0, "exact", 0), "See: RUNNING shoes!": ("other", 1, "partial", 1),
        "new running shoes": ("partial", 0, "partial", 0), "a story": ("other", 0, "other", 0),
        "click here": ("generic", 1, "generic", 0), "https://x.example/": ("naked", 1, "naked", 0),
        "": ("empty", 1, "empty", 0),
    }  # fmt: skip
    found = engine.read(sql, terms.class_parameters(said, "cheapclient.example") | bound | {"anchors": list(told)})
    assert {
        row["anchor"]: (row["anchor_class"], row["anchor_sure"], row["rule_class"], row["by_hand"]) for row in found
    } == told


def test_images_and_unknown_anchors(index_process):
    assert _classes(PROJECT, anchors=[""], is_image=1) == {"": "image"}
    assert _classes(PROJECT, anchors=["North Light", ""], known=0) == {"North Light": "unknown", "": "unknown"}


def test_idn_domains_in_both_spellings(index_process):
    anchors = (
        "müller-shop.example",
        "xn--mller-shop-9db.example",
        "Müller-Shop",
        "mullershop",
        "https://müller-shop.example/x",
    )
    made = _classes(Terms(), domain="xn--mller-shop-9db.example", anchors=anchors)
    assert list(made.values()) == ["naked", "naked", "brand", "brand", "naked"]


def test_without_terms_the_domain_alone_is_a_brand(index_process):
    assert _classes(Terms(), anchors=("client", "running shoes", "here")) == {
        "client": "brand", "running shoes": "other", "here": "generic"
    }  # fmt: skip


@pytest.mark.parametrize(
    ("domain", "keywords", "name"),
    [
        ("northlight.example", (), "northlight"),
        ("shoes.example", ("Shoes",), ""),
        ("running-shoes.example", ("running shoes",), ""),
        ("link.example", (), ""),
        ("ab.example", (), ""),
        ("192.0.2.7", (), ""),
        ("[2001:db8::1]", (), ""),
    ],
)
def test_the_name_of_a_domain_is_a_brand_unless_others_use_the_word(domain, keywords, name):
    assert terms.own_name(domain, Terms((), keywords)) == name


def test_a_competitor_is_its_own_brand(index_process):
    assert _classes(replace(PROJECT, brands=()), domain="rival.example", anchors=("Rival", "North Light")) == {
        "Rival": "brand", "North Light": "other"
    }  # fmt: skip


def test_many_terms_and_hostile_ones(index_process):
    """More keywords than one search takes; terms without words, with quotes, braces, and very long ones."""
    odd = ("", "!!!", "O'Neill {x}", "\\", "a" * 5_000, "100%", "\N{ZERO WIDTH SPACE}")
    many = Terms(odd, (*odd, *(f"keyword number {number}" for number in range(900))))
    made = _classes(
        many, anchors=("keyword number 899", "see keyword number 3", "number 7 keyword", "O'Neill {X}", "x")
    )
    assert list(made.values()) == ["exact", "partial", "partial", "brand", "other"]


# --- In a profile ---------------------------------------------------------------------------------------------------
def _rows():
    """Every example from a few domains each, some of them with several links; images without text besides."""
    rows, number = [], 0
    for kind, anchors in EXAMPLES.items():
        for anchor in anchors:
            for _ in range(1 + number % 3):
                number += 1
                rows.append(
                    link(f"d{number % 17}.example/{number}", anchor=anchor, language=("en", "de", "")[number % 3])
                )
        assert kind in index.ANCHOR_CLASSES
    rows += [link(f"i{one}.example/", anchor="", kind="image", alt="logo") for one in range(4)]
    return [*rows, link("a.example/", "client.example/x/", anchor="Client")]


STORIES.tell(TARGET, _rows())


@pytest.fixture
def profile(held_index):
    """All that is told of targets here."""
    held_index("anchor classes", STORIES.observe)


def _pinned(target=TARGET):
    return index.pin(replace(asked(WS, "anchors", target), terms=PROJECT))


def _told(row):
    """The class by the examples, of a link's own row."""
    if not row["anchor_known"]:
        return "unknown"
    if not row["anchor"].strip():
        return "image" if row["kind"] == "image" else "empty"
    return next(
        kind
        for kind, anchors in EXAMPLES.items()
        if row["anchor"] in {(one or "").strip() for one in anchors}
        or row["anchor"] in {" ".join((one or "").split()) for one in anchors}
    )


def test_classes_filter_anchors_and_links(profile):
    pinned = _pinned()
    links = rows_of(ask(pinned).showing({"anchor_class"}))
    by_class = {kind: [row for row in links if _told(row) == kind] for kind in index.ANCHOR_CLASSES}
    assert all(by_class.values())
    assert all(row["anchor_class"] == _told(row) for row in links)
    anchors = rows_of(ask(pinned, "anchors").showing({"anchor_class"}))
    of_links = {kind: ask(pinned, anchor_class=kind) for kind in by_class}
    of_domains = {kind: ask(pinned, anchor_class=kind, group="domain") for kind in by_class}
    of_anchors = {kind: ask(pinned, "anchors", anchor_class=kind) for kind in by_class}
    counted = counts([*of_links.values(), *of_domains.values(), *of_anchors.values()])
    for kind, own in by_class.items():
        rows = [row for row in anchors if row["anchor_class"] == kind]
        assert sum(row["links"] for row in rows) == len(own) == counted[of_links[kind]]
        assert len(rows) == counted[of_anchors[kind]]
        assert counted[of_domains[kind]] == len({row["source_domain"] for row in own})
    assert {row["anchor_class"] for row in rows_of(of_anchors["partial"])} == {"partial"}
    assert {row["link_id"] for row in rows_of(of_links["partial"])} == {row["link_id"] for row in by_class["partial"]}
    domains = rows_of(of_domains["partial"])
    assert {row["source_domain"] for row in domains} == {row["source_domain"] for row in by_class["partial"]}


def test_shares_are_counts(profile):
    pinned = _pinned()
    links = rows_of(ask(pinned))
    shares = index.class_shares(pinned)
    assert {one.name: one.links for one in shares.classes} == Counter(map(_told, links))
    counted = counts([ask(pinned, "anchors", anchor_class=one.name) for one in shares.classes])
    for one in shares.classes:
        assert one.domains == len({row["source_domain"] for row in links if _told(row) == one.name})
        assert one.anchors == counted[ask(pinned, "anchors", anchor_class=one.name)]
    assert shares.links == len(links) == sum(one.links for one in shares.classes)
    assert shares.domains == len({row["source_domain"] for row in links})


def test_shares_of_a_part_of_the_domain_count_its_links(profile):
    shares = index.class_shares(_pinned("client.example/x/"))
    assert [(one.name, one.links) for one in shares.classes] == [("brand", 1)]


SHOES = ("Zürich shoes", "shoes in zurich", "Zürich: shoes", "Zürichshoes", "shoes")
STORIES.tell("shop.example", [link(f"{number}.example/", anchor=one) for number, one in enumerate(SHOES)])


def test_words_are_found_whole_whatever_their_case_and_accents(profile):
    pinned = _pinned("shop.example")
    folded = [one.lower().replace("ü", "u").replace(":", "").split() for one in SHOES]
    asked_for = {}
    for text in ("zurich", "ZÜRICH", "zürich  shoes", "shoe", "zürich, shoes!"):
        words = text.lower().replace("ü", "u").replace(",", "").replace("!", "").split()
        holding = sum(1 for one in folded if any(one[at : at + len(words)] == words for at in range(len(one))))
        asked_for[ask(pinned, "anchors", words=text)] = holding
        asked_for[ask(pinned, "links", anchor_words=text)] = holding
    assert counts(list(asked_for)) == asked_for
    assert len(rows_of(ask(pinned, "anchors", words="zürich, shoes!"))) == 2


# --- Words in an advanced filter ------------------------------------------------------------------------------------
TOWNS = ("Hotels in Zürich", "zurich", "ZÜRICH-Nord", "Zürichsee", "Bern", "!!", "", None)
STORIES.tell("towns.example", [link(f"d{number}.example/", anchor=anchor) for number, anchor in enumerate(TOWNS)])


@pytest.mark.parametrize(
    ("asked_for", "found"),
    [
        ('contains "Zürich"', {"Hotels in Zürich", "zurich", "ZÜRICH-Nord"}),
        ('contains "ZURICH nord!"', {"ZÜRICH-Nord"}),
        ('is "Zürich"', {"zurich"}),
        ('in ("Zürich", "BERN", "!!")', {"zurich", "Bern"}),
        ('starts "Zür"', {"zurich", "ZÜRICH-Nord", "Zürichsee"}),
        ('ends "Zürich."', {"Hotels in Zürich", "zurich"}),
        ('matches "^z.rich$"', {"zurich"}),
        ('contains "!!"', set()),
    ],
)
def test_words_are_folded_as_the_plain_filter_folds_them(profile, asked_for, found):
    pinned = _pinned("towns.example")
    for report, name in (("anchors", "words"), ("links", "anchor_words")):
        rows = rows_of(ask(pinned, report, where=f"{name} {asked_for}"))
        assert {row["anchor"] for row in rows} == found
        plain = asked_for.removeprefix("contains ").strip('"') if asked_for.startswith("contains") else ""
        asks = ({"where": f"not {name} {asked_for}"}, {}, {name: plain})
        queries = [ask(pinned, report, **params) for params in asks]
        counted = counts(queries)
        others, everything, plainly = (counted[query] for query in queries)
        assert len(rows) + others == everything
        assert plainly == (len(rows) if plain else everything)
