"""What kind of words an anchor is: each rule with examples in several languages, and the counts behind the classes."""

from collections import Counter
from dataclasses import replace

import pytest

from backlinks import index
from backlinks.index import engine, terms
from backlinks.index.terms import Terms

from .observed import asked, link, observe, rows_of

WS = 7
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
def test_examples(link_index, kind):
    made = _classes(PROJECT, anchors=EXAMPLES[kind])
    assert made == dict.fromkeys(EXAMPLES[kind], kind)


def test_images_and_unknown_anchors(link_index):
    assert _classes(PROJECT, anchors=[""], is_image=1) == {"": "image"}
    assert _classes(PROJECT, anchors=["North Light", ""], known=0) == {"North Light": "unknown", "": "unknown"}


def test_idn_domains_in_both_spellings(link_index):
    anchors = (
        "müller-shop.example",
        "xn--mller-shop-9db.example",
        "Müller-Shop",
        "mullershop",
        "https://müller-shop.example/x",
    )
    made = _classes(Terms(), domain="xn--mller-shop-9db.example", anchors=anchors)
    assert list(made.values()) == ["naked", "naked", "brand", "brand", "naked"]


def test_without_terms_the_domain_alone_is_a_brand(link_index):
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


def test_a_competitor_is_its_own_brand(link_index):
    assert _classes(replace(PROJECT, brands=()), domain="rival.example", anchors=("Rival", "North Light")) == {
        "Rival": "brand", "North Light": "other"
    }  # fmt: skip


def test_many_terms_and_hostile_ones(link_index):
    """More keywords than one search takes; terms without words, with quotes, braces, and very long ones."""
    odd = ("", "!!!", "O'Neill {x}", "\\", "a" * 5_000, "100%", "\N{ZERO WIDTH SPACE}")
    many = Terms(odd, (*odd, *(f"keyword number {number}" for number in range(900))))
    made = _classes(
        many, anchors=("keyword number 899", "see keyword number 3", "number 7 keyword", "O'Neill {X}", "x")
    )
    assert list(made.values()) == ["exact", "partial", "partial", "brand", "other"]


# --- In a profile ---------------------------------------------------------------------------------------------------
@pytest.fixture
def profile(link_index):
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
    observe(WS, rows)
    return rows


def _query(report="anchors", **params):
    return replace(asked(WS, report, **params), terms=PROJECT)


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
    links = rows_of(asked(WS))
    by_class = Counter(map(_told, links))
    assert set(by_class) == set(index.ANCHOR_CLASSES)
    for kind in index.ANCHOR_CLASSES:
        anchors = rows_of(_query(anchor_class=kind))
        assert sum(row["links"] for row in anchors) == by_class[kind]
        assert {row["anchor_class"] for row in anchors} == {kind}
        found = rows_of(_query("links", anchor_class=kind))
        assert {row["link_id"] for row in found} == {row["link_id"] for row in links if _told(row) == kind}
        domains = rows_of(_query("links", anchor_class=kind, group="domain"))
        assert len(domains) == len({row["source_domain"] for row in found})


def test_shares_are_counts(profile):
    links = rows_of(asked(WS))
    shares = index.class_shares(index.pin(_query()))
    assert {one.name: one.links for one in shares.classes} == Counter(map(_told, links))
    for one in shares.classes:
        assert one.domains == len({row["source_domain"] for row in links if _told(row) == one.name})
        assert one.anchors == len(rows_of(_query(anchor_class=one.name)))
    assert shares.links == len(links) == sum(one.links for one in shares.classes)
    assert shares.domains == len({row["source_domain"] for row in links})


def test_shares_of_a_part_of_the_domain_count_its_links(link_index):
    observe(WS, [link("a.example/", "client.example/x/", anchor="Client"), link("b.example/", anchor="here")])
    part = index.pin(replace(asked(WS, "anchors", "client.example/x/"), terms=PROJECT))
    shares = index.class_shares(part)
    assert [(one.name, one.links) for one in shares.classes] == [("brand", 1)]


@pytest.mark.parametrize("text", ["zurich", "ZÜRICH", "zürich  shoes", "shoe", "zürich, shoes!"])
def test_words_are_found_whole_whatever_their_case_and_accents(link_index, text):
    anchors = ("Zürich shoes", "shoes in zurich", "Zürich: shoes", "Zürichshoes", "shoes")
    observe(WS, [link(f"{number}.example/", anchor=one) for number, one in enumerate(anchors)])
    words = text.lower().replace("ü", "u").replace(",", "").replace("!", "").split()
    folded = [one.lower().replace("ü", "u").replace(":", "").split() for one in anchors]
    holding = sum(1 for one in folded if any(one[at : at + len(words)] == words for at in range(len(one))))
    assert len(rows_of(_query(words=text))) == holding
    assert len(rows_of(_query("links", anchor_words=text))) == holding


# --- Words in an advanced filter ------------------------------------------------------------------------------------
TOWNS = ("Hotels in Zürich", "zurich", "ZÜRICH-Nord", "Zürichsee", "Bern", "!!", "", None)


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
def test_words_are_folded_as_the_plain_filter_folds_them(link_index, asked_for, found):
    observe(WS, [link(f"d{number}.example/", anchor=anchor) for number, anchor in enumerate(TOWNS)])
    for report, name in (("anchors", "words"), ("links", "anchor_words")):
        rows = rows_of(asked(WS, report, where=f"{name} {asked_for}"))
        assert {row["anchor"] for row in rows} == found
        others = rows_of(asked(WS, report, where=f"not {name} {asked_for}"))
        assert len(rows) + len(others) == len(rows_of(asked(WS, report)))
        if asked_for.startswith("contains"):
            plain = rows_of(asked(WS, report, **{name: asked_for.removeprefix("contains ").strip('"')}))
            assert len(plain) == len(rows)
