"""Each reason with its value; what makes a domain red, green, grey or unknown; links between them."""

from dataclasses import replace

import pytest

from backlinks import index
from backlinks.network.choose import Size
from backlinks.network.judge import MEANINGS, Reason, is_red
from backlinks.network.picture import draw, picture_of
from tests.backlinks.authority.scored import open_graph
from tests.backlinks.index.observed import TARGET, domain, link, observe
from tests.backlinks.scored import ROW, add_run

from .drawn import OWN, asked, dots, drawn, links_of, signs

pytestmark = pytest.mark.usefixtures("link_index")
PENALTIES = dict(zip(
    ("no_organic_presence", "follow_share", "links_above_popularity", "one_address", "one_network", "identical_profile",
     "reciprocity", "closed_community"), range(8), strict=True,
))  # fmt: skip


def penalties(**points: float) -> dict[str, list[float]]:
    made = list(ROW["penalties"])
    for name, lost in points.items():
        made[PENALTIES[name]] = lost
    return {"penalties": made}


def text_of(picture: object, name: str, sign: str) -> str:
    return next(one.text for one in dots(picture)[name].judgement.reasons if one.name == sign)


def test_one_strong_sign_or_two_weak_ones_are_red() -> None:
    weak, other, strong = Reason("reciprocal", ""), Reason("anchor_repeated", ""), Reason("vendor_spam", "")
    assert (is_red([]), is_red([weak]), is_red([weak, other]), is_red([strong])) == (False, False, True, True)
    assert {points for points, _, _ in MEANINGS.values()} == {1, 2}


def test_a_listed_site_and_one_that_leads_there() -> None:
    observe(OWN, links_of("bad.example") + links_of("near.example") + links_of("far.example"))
    add_run(scores={"near.example": {"bad_share": 0.25}, "far.example": {"bad_share": 0.05}}, workspace=OWN)
    picture = drawn(bad=("bad.example",))
    assert {name: one.judgement.kind for name, one in dots(picture).items() if name != TARGET} == {
        "bad.example": "red", "near.example": "red", "far.example": "grey",
    }  # fmt: skip
    assert text_of(picture, "near.example", "near_bad").startswith("25% of its votes")


VENDORS = {
    "moz61.example": ({"moz_spam": 61.0}, {"vendor_spam"}),
    "moz60.example": ({"moz_spam": 60.0}, {"vendor_doubt"}),
    "moz30.example": ({"moz_spam": 30.0}, set()),
    "semrush60.example": ({"semrush_toxic": 60.0}, {"vendor_spam"}),
    "semrush45.example": ({"semrush_toxic": 45.0}, {"vendor_doubt"}),
    "semrush44.example": ({"semrush_toxic": 44.0}, set()),
    "ahrefs1.example": ({"ahrefs_is_spam": 1.0}, {"vendor_spam"}),
    "ahrefs0.example": ({"ahrefs_is_spam": 0.0}, set()),
}


def test_vendors_figures_by_their_own_bands() -> None:
    observe(OWN, [row for name, (metrics, _) in VENDORS.items() for row in links_of(name, metrics=metrics)])
    picture = drawn()
    assert {name: signs(picture, name) for name in VENDORS} == {name: found for name, (_, found) in VENDORS.items()}


def test_a_vendors_figure_of_the_domain_counts_without_a_link() -> None:
    observe(OWN, [domain("a.example", metrics={"ahrefs_is_spam": 1.0}, last_seen=300)], "ahrefs", "domain_links")
    picture = drawn()
    assert text_of(picture, "a.example", "vendor_spam") == "Ahrefs' spam flag: set."


def test_a_network_of_three_is_a_sign_unless_strangers_live_there(monkeypatch: pytest.MonkeyPatch) -> None:
    three = [row for n in range(3) for row in links_of(f"a{n}.example", ip=f"192.0.2.{n}")]
    observe(OWN, three + [row for n in range(2) for row in links_of(f"b{n}.example", ip=f"198.51.100.{n}")])
    picture = drawn()
    assert text_of(picture, "a0.example", "shared_network") == "In 192.0.2.0/24 with 2 other domains here."
    assert signs(picture, "b0.example") == set()
    assert dots(picture)["a0.example"].judgement.kind == "grey"  # one weak sign condemns nobody
    monkeypatch.setattr("backlinks.network.facts._hosts", lambda nodes: {"192.0.2.0/24": "CLOUDFLARENET"})
    assert signs(drawn(), "a0.example") == set()


def test_equal_outbound_sets_count_without_what_was_brought() -> None:
    linked = {"a.example": 5, "b.example": 5, "c.example": 4}
    outbound = [row for name, many in linked.items() for n in range(many) for row in links_of(name, f"t{n}.example")]
    observe(OWN, outbound + [row for name in linked for row in links_of(name)])
    picture = drawn(apart=(TARGET,))
    assert text_of(picture, "a.example", "same_set") == "Links to the same 5 domains as 1 other site here."
    assert (signs(picture, "b.example"), signs(picture, "c.example")) == ({"same_set"}, set())
    assert signs(drawn(apart=(TARGET, "t0.example")), "a.example") == set()


def test_what_the_score_found_unnatural_is_a_sign_with_its_points() -> None:
    observe(OWN, [row for name in "abcd" for row in links_of(f"{name}.example")])
    scores = {
        "a.example": penalties(identical_profile=8.0),
        "b.example": penalties(closed_community=5.5),
        "c.example": penalties(one_address=2.0, one_network=3.0),
        "d.example": penalties(reciprocity=9.0),
    }
    add_run(scores=scores, workspace=OWN)
    picture = drawn()
    assert [signs(picture, f"{name}.example") for name in "abcd"] == [
        {"same_profile"}, {"closed_group"}, {"narrow_votes"}, set(),
    ]  # fmt: skip
    assert dots(picture)["c.example"].judgement.kind == "grey"  # one address and its network are one sign
    assert "lost 5.5 points" in text_of(picture, "b.example", "closed_group")


def test_exchanged_links_and_a_repeated_anchor_together_are_red() -> None:
    rows = [link(f"a.example/{n}", f"{TARGET}/", last_seen=300, anchor="cheap bikes") for n in range(20)]
    observe(OWN, rows + links_of(TARGET, "a.example"))
    picture = drawn()
    assert signs(picture, "a.example") == {"reciprocal", "anchor_repeated"}
    assert text_of(picture, "a.example", "anchor_repeated") == f"“cheap bikes” on 20 of 20 links to {TARGET}."
    assert dots(picture)["a.example"].judgement.kind == "red"
    lines = {(one.source, one.target): one for one in picture.lines}
    assert {one.name for one in lines["a.example", TARGET].reasons} == {"from_red", "reciprocal", "anchor_repeated"}
    assert lines["a.example", TARGET].is_red
    assert not lines[TARGET, "a.example"].is_red


def test_few_links_many_anchors_and_images_are_no_repetition() -> None:
    anchors = {
        "few.example": ["one"] * 19, "many.example": ["one"] * 17 + ["two"] * 3, "images.example": [""] * 20,
    }  # fmt: skip
    rows = [
        link(f"{name}/{n}", TARGET, last_seen=300, anchor=one)
        for name, said in anchors.items()
        for n, one in enumerate(said)
    ]
    observe(OWN, rows)
    picture = drawn()
    assert {name: signs(picture, name) for name in anchors} == {name: set() for name in anchors}


def test_links_of_the_graph_count_as_exchanged() -> None:
    open_graph([("a.example", TARGET), (TARGET, "a.example")])
    assert signs(drawn(), "a.example") == {"reciprocal"}
    observe(OWN, links_of("a.example"))
    assert signs(drawn(graph_off=True), "a.example") == set()


def test_a_dense_group_is_a_sign_for_its_members_and_their_links() -> None:
    names = [f"ring{n}.example" for n in range(5)]
    inside = [row for n, one in enumerate(names) for other in names[n + 1 :] for row in links_of(one, other)]
    observe(OWN, inside + [row for one in names for row in links_of(one)] + links_of("alone.example"))
    picture = drawn(size=Size(12, 0, 0))
    assert all("dense_group" in signs(picture, one) for one in names)
    assert signs(picture, "alone.example") == set()
    assert text_of(picture, names[0], "dense_group") == "In a group of 5 domains here that link to one another."
    reasons = {(one.source, one.target): {why.name for why in one.reasons} for one in picture.lines}
    assert "dense_group" in reasons["ring0.example", "ring1.example"]
    assert "dense_group" not in reasons["ring0.example", TARGET]


def test_relevant_shares_words_and_red_goes_first() -> None:
    titles = {"a.example": "Gravel bikes compared", "b.example": "Gravel roads", "c.example": "Gravel bikes for less"}
    observe(OWN, [row for name, title in titles.items() for row in links_of(name, title=title)])
    picture = drawn(keywords=("gravel bikes",), bad=("c.example",))
    assert {name: one.judgement.kind for name, one in dots(picture).items() if name != TARGET} == {
        "a.example": "green", "b.example": "grey", "c.example": "red",
    }  # fmt: skip
    assert dots(picture)["a.example"].judgement.shared == ("gravel bikes", "bikes", "gravel")


def test_topics_make_relevant_and_sensitive_ones_are_a_sign() -> None:
    food, casino = "Olive oil recipes for a pasta dinner", "Online casino slots, roulette and jackpots"
    titled = links_of("food.example", title=food, count=3) + links_of("casino.example", title=casino, count=3)
    anchors = ("olive oil recipes", "pasta sauce", "salad and soup", "cooking with oil", "home cooking cookbook")
    observe(OWN, titled + [link(f"w{n}.example/", TARGET, last_seen=300, anchor=one) for n, one in enumerate(anchors)])
    before = picture_of(asked())
    index.judge_topics(OWN, [TARGET])
    picture = picture_of(asked())
    assert picture != before
    assert dots(picture)["food.example"].judgement.shared[0].startswith("Food")
    assert dots(picture)["food.example"].judgement.kind == "green"
    assert signs(picture, "casino.example") == {"sensitive_topic"}
    query = replace(asked().query, chosen=(("casino.example", "", ("food/recipes",)),))
    chosen = draw(replace(asked(), query=query))
    assert signs(chosen, "casino.example") == set()


def test_unknown_is_not_clean() -> None:
    observe(OWN, links_of("bare.example") + links_of("known.example", ip="192.0.2.1"))
    picture = drawn()
    assert dots(picture)["bare.example"].judgement.kind == "unknown"
    assert dots(picture)["known.example"].judgement.kind == "grey"
    expected = ("no score", "no vendor's spam figure", "no title of its pages")
    assert dots(picture)["known.example"].judgement.unchecked == expected
    assert not drawn().has_niche
