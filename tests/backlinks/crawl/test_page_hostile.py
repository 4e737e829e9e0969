"""Pages that mean harm, or are merely broken: whatever comes, a page or `NotAPage` comes out, and no link is lost."""

import contextlib
import json
import random
from pathlib import Path
from typing import Any

import html5lib
import pytest
from django.conf import settings
from selectolax.lexbor import LexborHTMLParser, LexborNode

from backlinks.crawl import page
from backlinks.crawl.markup import written_out
from backlinks.crawl.page import NotAPage, Page

URL = "http://site.example/dir/page"
RECIPES = Path(settings.BASE_DIR).parent / "shared" / "hostile" / "html" / "recipes.json"
# lexbor takes quadratic time for these, and 700 MB for the last: the process that reads pages has limits.
COSTLY = ("nested div 500 kB", "nested div 5 MB", "100 thousand attributes", "million attributes", "million links")


def read(html: str) -> Page:
    return page.read(html.encode("utf-8", "replace"), URL, content_type="text/html; charset=utf-8")


def test_deep_nesting_loses_no_link() -> None:
    depth = 5_000
    made = read("<div>" * depth + "<p>a <a href=/x>t</a> b" + "</div>" * depth)
    assert [(link.anchor, link.context_left) for link in made.links] == [("t", "a")]


def test_nested_inline_tags_and_links() -> None:
    made = read("<a href=x><b><i>" * 5_000)
    assert len(made.links) == 5_000


@pytest.mark.parametrize(
    "html",
    [
        "<a href=/x>t" + "<span>" * 9_000,
        "<table><tr><td><a href=/x>" * 500,
        "<a href=/x>" + "<h1><div>" * 3_000,
        "<svg><a xlink:href=/x>" * 300,
        "<p " + " ".join(f"a{n}=1" for n in range(2_000)) + "><a href=/x>t</a>",
        "<a href=/x class='" + "nav " * 50_000 + "'>t</a>",
        "<div class='" + "x-y-z " * 50_000 + "'><a href=/x>t</a></div>",
        "<div style='" + "a:b;" * 50_000 + "'><a href=/x>t</a></div>",
        "<a href=/x>" + "&amp;&#x110000;&notit;" * 20_000 + "</a>",
        "<a href=/x>\x00t\x00</a>" + "\x00" * 200_000,
        "<a href=/x>t</a><!--" + "-" * 500_000,
        "<a href=/x>t</a><script>" + "<!--<script>" * 40_000,
        "<a href=/x>t</a>" + "<title>" * 9_000,
        "<a href=/x>t</a>" + "<svg><title>" * 3_000,
        "<meta http-equiv=refresh content='0" + " " * 100_000 + "x'><a href=/x>t</a>",
        "<a href=/x>t</a>" + "<" * 300_000,
        "<a href=/x>t</a><a href='../" + "a" * 6_000 + "%20\"'>u</a>",
        "<a href=/x>t</a><a href='../" + "a/" * 3_000 + "|'>u</a>",
        "<a href=/x>t</a>" + "".join(f"<a href=/y style='a{' ' * 3_900}{n}'>u</a>" for n in range(20)),
        "<a href=/x>t</a>" + "text " * 200_000 + "<!-- c -->" * 2_000,
        "<a href=/x>t</a>" + "<span class=x>" * 9_000 + "y" + "</span>" * 9_000,
    ],
    ids=lambda html: html[:20],
)
def test_heavy_pages(html: str) -> None:
    assert "http://site.example/x" in {link.url for link in read(html).links}


def test_random_bytes_and_random_tags() -> None:
    dice = random.Random(5)
    pieces = [
        "<a href=",
        "'",
        '"',
        ">",
        "</a>",
        "<div",
        " class=nav",
        "<!--",
        "-->",
        "<script>",
        "</script>",
        "&",
        "<![CDATA[",
    ]
    pieces += [
        "<svg>",
        "<table>",
        "<td>",
        "</",
        "\x00",
        "\ud800",
        "\xa0",
        "<base href=",
        "<meta ",
        "http://[",
        "é",
        "<template>",
    ]
    for _ in range(300):
        with contextlib.suppress(NotAPage):
            page.read(dice.randbytes(dice.randint(0, 400)), URL, content_type=dice.choice(("", "text/html")))
        made = read("".join(dice.choice(pieces) for _ in range(dice.randint(0, 60))))
        made_of_text = page.read_text("".join(dice.choice(pieces) for _ in range(30)), URL)
        for link in (*made.links, *made_of_text.links):
            assert link.url.startswith(("http://", "https://")) and link.key and link.host, link


def test_attribute_text_never_becomes_markup() -> None:
    made = read("""<p title='"><a href=/evil>'>x</p><a "><a href=/ok>t</a><b a="<a href=/evil>" "=">x</b>""")
    assert [link.key for link in made.links] == ["site.example/ok"]


def test_what_is_written_out_holds_no_content_that_is_no_markup() -> None:
    written, scripts = written_out(
        "<script>a<b</script><style>i>b{}</style><template><a></template><xmp><a></xmp><iframe src=x><a></iframe>"
        "<noembed><a></noembed><noframes><a></noframes><plaintext><a>"
    )
    assert [script.text for script in scripts] == ["a<b"]
    assert "<a" not in written and "&lt;a&gt;" in written


# --- The tree ---------------------------------------------------------------------------------------------------------
FRAGMENTS = (
    """
<a href="/%d">|</a>|<b>|</b>|<p>|</p>|<div class="x">|</div>|<table>|<tr>|<td>|</table>|text &amp; |<!-- c -->
<script>"<a href=/no>"</script>|<style>a{}</style>|<span style="x">|</span>|<math>|</math>|<iframe src="/f%d">x</iframe>
<a href='/q%d' x=">" y="'">|<noscript>|</noscript>|<a href="/u%d" "foo>|<form action="/fo%d">|</form>|<h1>|</h1>
<textarea>|</textarea>|<svg>|</svg>
<ul><li>|</li></ul>|<img src=x alt="<a href=/no>">|<a\xa0href="/n%d">|<area href="/ar%d">
<xmp>|</xmp>|<br/>|</br>|<nobr>|<button>|</button>
<frameset><frame src="/fr%d">|<head>|<body class=x>|<a href=/d%d/>|<base href="/zz/">
\x00|<?php <a href="/p%d"> ?>|<!x
""".strip()
    .replace("\n", "|")
    .split("|")
)


def soup(dice: random.Random) -> str:
    chosen = (dice.choice(FRAGMENTS) for _ in range(dice.randint(1, 40)))
    return "".join(piece % dice.randint(0, 99) if "%d" in piece else piece for piece in chosen)


def hrefs_of_tree(html: str) -> set[str]:
    """What lexbor's own tree holds: the reference of reading it from its written form."""
    tree = LexborHTMLParser(html.encode())
    names = {"a": "href", "area": "href", "iframe": "src", "frame": "src", "form": "action"}
    nodes = [node for node in tree.css("a[href], area[href], iframe, frame, form") if not in_script(node)]
    return {href for node in nodes if (href := node.attributes.get(names[node.tag]))}


def in_script(node: LexborNode) -> bool:
    """In a picture, a script has elements; they are none of the page's."""
    while (above := node.parent) is not None:
        if above.tag in ("script", "style", "iframe", "xmp"):
            return True
        node = above
    return False


def test_malformed_pages_give_the_links_of_their_tree() -> None:
    dice = random.Random(7)
    for _ in range(1_500):
        html = soup(dice)
        wanted = {href.strip("/") for href in hrefs_of_tree(html)}
        found = {link.key.rpartition("example/")[2].removeprefix("zz/").strip("/") for link in read(html).links}
        assert found == wanted, html


# Broken pages of the kinds that real sites have, read by html5lib as the standard says.
BROKEN = {
    "unclosed links": "<p><a href=/1>one<p><a href=/2>two</p><li><a href=/3>three",
    "crossed tags": "<b><a href=/1><i>x</b>y</a></i><a href=/2>z",
    "links in a table without cells": "<table><a href=/1>x</a><tr><a href=/2>y</a><td><a href=/3>z</a></table>",
    "stray quotes": '<a href="/1"">x</a><a href=\'/2\' title="a"b">y</a><a href=/3"q>z</a>',
    "no space between attributes": '<a class="x"href="/1"rel=y>x</a>',
    "capitals and slashes": "<A HREF=/1 />x</A><a/href=/2>y</a>",
    "double attributes": "<a href=/1 href=/2>x</a>",
    "entities": "<a href='/1?a=1&copy=2&lt=3&amp;b'>x</a>",
    "form in form": "<form action=/1><form action=/2></form><a href=/3>x</a></form>",
    "frames": "<html><frameset><frame src=/1><noframes><a href=/2></noframes></frameset>",
    "head and body late": "<p>x<head><a href=/1>y</a></head><body><a href=/2>z</a></html><a href=/3>w</a>",
    "comment tricks": "<!--><a href=/1>x</a>--><!-- --!><a href=/2>y</a><!- <a href=/3> -->z",
    "cdata": "<![CDATA[<a href=/1>x</a>]]><a href=/2>y</a><svg><![CDATA[<a href=/3>]]></svg>",
    "heading soup": "<h1><a href=/1>x<h2>y</a></h1><a href=/2>z</h2>",
    "paragraph in a link": "<p><a href=/1><p>x</p></a><a href=/2>y</a>",
}


def by_html5lib(html: str) -> set[str]:
    tree = html5lib.parse(html, namespaceHTMLElements=False)
    names = {"a": "href", "area": "href", "iframe": "src", "frame": "src", "form": "action"}
    return {href for node in tree.iter() if (href := node.get(names.get(str(node.tag), "")))}


@pytest.mark.parametrize("name", BROKEN)
def test_broken_pages_as_html5lib_reads_them(name: str) -> None:
    found = {link.url.removeprefix("http://site.example") for link in read(BROKEN[name]).links}
    assert found == {href.replace('"', "%22") for href in by_html5lib(BROKEN[name])}


# --- Shared recipes -------------------------------------------------------------------------------------------------
def made_by(pieces: list[dict[str, Any]]) -> bytes:
    made = b""
    for piece in pieces:
        times = piece.get("times", 1)
        if "utf16" in piece:
            made += (piece["utf16"] * times).encode("utf-16")
        elif "random_bytes" in piece:
            made += random.Random(piece["seed"]).randbytes(piece["random_bytes"])
        elif "numbered" in piece:
            made += "".join(piece["numbered"].replace("{i}", str(n)) for n in range(times)).encode()
        else:
            made += (piece.get("text", "") + piece.get("repeat", "") * times).encode()
    return made


def recipes() -> list[dict[str, Any]]:
    if not RECIPES.exists():
        return []
    return [one for one in json.loads(RECIPES.read_text())["pages"] if not one["name"].startswith(COSTLY)]


@pytest.mark.parametrize("recipe", recipes(), ids=lambda one: one["name"])
def test_hostile_recipes_lose_no_link(recipe: dict[str, Any]) -> None:
    made = page.read(made_by(recipe["pieces"]), URL, content_type="text/html")
    if recipe["links"] is not None:
        assert len(made.links) + made.links_dropped + made.bad_links == recipe["links"]
