"""What hides a link: what the tag says for certain, what a class hints at, and what hides nothing."""

import pytest

from backlinks.crawl import page
from backlinks.crawl.hiding import hidden_by_class, stronger

URL = "https://site.example/"


def one(html: str) -> page.Link:
    (found,) = page.read_text(html, URL).links
    return found


@pytest.mark.parametrize(
    "classes",
    ["sr-only", "visually-hidden", "screen-reader-text", "d-none", "px-4 hidden", "element-invisible d-none"],
)
def test_a_class_by_which_frameworks_hide_is_a_hint(classes: str) -> None:
    around = one(f"<div class='{classes}'><a href=/x>x</a></div>")
    assert around.hidden.startswith("class ") and around.hidden.removeprefix("class ") in classes.split()
    assert one(f"<p>A sentence with <a class='{classes}' href=/x>x</a></p>").hidden == around.hidden


@pytest.mark.parametrize(
    "classes",
    [
        "hidden md:flex", "hidden sm:block", "hidden group-hover:inline-flex", "hidden lg:table",
        "sr-only focus:not-sr-only",
        "d-none d-md-block", "d-none d-lg-flex", "visually-hidden focusable", "visually-hidden-focusable", "md:hidden",
        "overflow-hidden", "aria-hidden", "hidden-xs", "no-hidden", "skip-link screen-reader-text",
    ],
)  # fmt: skip
def test_what_is_shown_again_or_merely_sounds_so_is_seen(classes: str) -> None:
    assert hidden_by_class(classes) == ""
    assert one(f"<nav class='{classes}'><a href=/x>x</a></nav>").hidden == ""


def test_d_none_on_wide_screens_stays_hidden() -> None:
    assert hidden_by_class("d-none d-md-none") == "class d-none"


def test_text_hidden_by_a_class_stays_text() -> None:
    made = page.read_text(
        "<main><p>Some words <a href=/x>Read on<span class=sr-only> about lamps</span></a></p>"
        "<div class=visually-hidden><h2>Lamps</h2><p>More words here</p></div><a href=/y>y</a></main>",
        URL,
        with_text=True,
    )
    assert [(link.anchor, link.hidden, link.heading) for link in made.links] == [
        ("Read on about lamps", "", ""),
        ("y", "", "Lamps"),
    ]
    assert "More words here" in made.mentions_text


def test_what_a_tag_says_counts_more_than_a_hint() -> None:
    assert one("<div class=hidden><p style='display:none'><a href=/x>x</a></p></div>").hidden == "display:none"
    assert one("<div style='display:none' class=hidden><a href=/x>x</a></div>").hidden == "display:none"
    assert one("<div class=hidden><a style='font-size:0' href=/x>x</a></div>").hidden == "font-size:0"
    assert (stronger("", ""), stronger("class hidden", ""), stronger("", "class hidden")) == (
        "", "class hidden", "class hidden",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("html", "hidden"),
    [
        ("<p>t</p><noscript><a href=/x>x</a></noscript>", "noscript"),
        ("<details><summary>s</summary><a href=/x>x</a></details>", ""),
        ("<div aria-hidden=true><a href=/x>x</a></div>", ""),
        ("<a aria-hidden=true tabindex=-1 href=/x>x</a>", "aria-hidden and out of the tab order"),
        ("<div hidden><a href=/x>x</a></div>", "hidden attribute"),
        ("<div hidden=until-found><a href=/x>x</a></div>", ""),
    ],
)
def test_elements_and_attributes_that_hide(html: str, hidden: str) -> None:
    assert one(html).hidden == hidden


def test_a_template_holds_no_links_of_the_page() -> None:
    assert page.read_text("<template><a href=/x>x</a></template>", URL).links == ()
