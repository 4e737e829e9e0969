"""Links of a page: which count, their addresses, anchors, contexts, and what hides them."""

from typing import Any

import msgspec
import pytest

from backlinks.crawl import page
from backlinks.crawl.addresses import Base, absolute
from backlinks.crawl.hiding import hidden_by_style
from backlinks.crawl.page import Link, NotAPage, Page

URL = "https://www.site.example/dir/page.html"


def read(html: str, **options: Any) -> Page:
    return page.read(html.encode(), URL, content_type="text/html; charset=utf-8", **options)


def only(html: str) -> Link:
    (link,) = read(html).links
    return link


def urls(html: str) -> list[str]:
    return [link.url for link in read(html).links]


# --- Which links count ----------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("html", "kind"),
    [
        ('<a href="http://x.example/">t</a>', "text"),
        ('<a href="http://x.example/"></a>', "text"),
        ('<a href="http://x.example/"><img src=i alt=A></a>', "image"),
        ('<a href="http://x.example/"><svg><path d="M0"/></svg></a>', "image"),
        ('<a href="http://x.example/"><img src=i alt=A> words</a>', "text"),
        ('<map><area href="http://x.example/" alt=A></map>', "image"),
        ('<form action="http://x.example/"><input name=q></form>', "form"),
        ('<form><button formaction="http://x.example/">go</button></form>', "form"),
        ('<iframe src="http://x.example/"></iframe>', "frame"),
        ('<frameset><frame src="http://x.example/"></frameset>', "frame"),
        ('<meta http-equiv="refresh" content="0; url=http://x.example/">', "redirect"),
        ('<link rel=canonical href="http://x.example/">', "canonical"),
        ('<link rel=alternate hreflang=de href="http://x.example/">', "alternate"),
        ('<link rel=amphtml href="http://x.example/">', "alternate"),
        ('<link rel=alternate type="application/rss+xml" href="http://x.example/">', "rss"),
        ('<link rel=alternate type="application/atom+xml" href="http://x.example/">', "rss"),
        ('<svg><a xlink:href="http://x.example/"><text>t</text></a></svg>', "text"),
        ('<noscript><a href="http://x.example/">t</a></noscript>', "text"),
    ],
)
def test_each_kind_of_link(html: str, kind: str) -> None:
    link = only(html)
    assert (link.url, link.kind) == ("http://x.example/", kind)


@pytest.mark.parametrize(
    "html",
    [
        '<a href="javascript:go()">t</a>',
        '<a href=" JavaScript:go()">t</a>',
        '<a href="java\nscript:go()">t</a>',
        '<a href="mailto:a@x.example">t</a>',
        '<a href="tel:123">t</a>',
        '<a href="data:text/html,x">t</a>',
        '<a name="here">t</a>',
        '<template><a href="http://x.example/">t</a></template>',
        '<script>"<a href=http://x.example/>"</script>',
        "<script><!--<script></script><a href=http://x.example/>t</a>--></script>",
        '<style>a::after{content:"<a href=http://x.example/>"}</style>',
        "<textarea><a href=http://x.example/>t</a></textarea>",
        "<title><a href=http://x.example/>t</a></title>",
        "<xmp><a href=http://x.example/>t</a></xmp>",
        "<!-- <a href=http://x.example/>t</a> -->",
        '<p title="<a href=http://x.example/>">t</p>',
        "<link rel=stylesheet href=http://x.example/>",
        "<link rel=icon href=http://x.example/>",
        '<body><link rel=canonical href="http://x.example/">',
        '<meta http-equiv=refresh content="300">',
        '<noscript><meta http-equiv=refresh content="0;url=http://x.example/"></noscript>',
        "<iframe srcdoc='x'><a href=http://x.example/></iframe>",
        "<img src=http://x.example/i.png>",
    ],
)
def test_what_is_no_link(html: str) -> None:
    read_page = read(html)
    assert read_page.links == () and read_page.bad_links == 0


def test_hrefs_that_are_no_url_are_counted() -> None:
    made = read(
        '<a href="http://[bad/">a</a><a href="http://">b</a><a href="http://a b.example/">c</a><a href="/ok">d</a>'
    )
    assert [link.url for link in made.links] == ["https://www.site.example/ok"]
    assert made.bad_links == 3


def test_links_come_in_document_order_with_their_position() -> None:
    made = read("<a href=/1><div>x</div></a><iframe src=/2></iframe><p><a href=/3>y</a><map><area href=/4></map></p>")
    assert [link.key for link in made.links] == [f"site.example/{path}" for path in "1234"]
    assert [link.position for link in made.links] == [0, 1, 2, 3]


# --- Addresses ------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("href", "url"),
    [
        ("other.html", "https://www.site.example/dir/other.html"),
        ("/root", "https://www.site.example/root"),
        ("./a", "https://www.site.example/dir/a"),
        ("../a/", "https://www.site.example/a/"),
        ("../../../a", "https://www.site.example/a"),
        ("a/../b", "https://www.site.example/dir/b"),
        ("?q=1&amp;r=2", "https://www.site.example/dir/page.html?q=1&r=2"),
        ("//cdn.example/x", "https://cdn.example/x"),
        ("HTTP://Other.Example/X", "http://other.example/X"),
        (" \n https://other.example/x \t", "https://other.example/x"),
        ("https://oth\ner.example/x", "https://other.example/x"),
        ("https:other.html", "https://www.site.example/dir/other.html"),
        ("\\a\\b", "https://www.site.example/a/b"),
        ("x.html#part", "https://www.site.example/dir/x.html"),
        ("#part", "https://www.site.example/dir/page.html"),
        ("", "https://www.site.example/dir/page.html"),
        ("https://bücher.example/ä", "https://xn--bcher-kva.example/%C3%A4"),
        ("https://other.example", "https://other.example/"),
        ("https://other.example:443/x", "https://other.example/x"),
        ("https://user@other.example/x", "https://other.example/x"),
        ("a&amp;copy=1", "https://www.site.example/dir/a&copy=1"),
    ],
)
def test_addresses_as_a_browser_opens_them(href: str, url: str) -> None:
    assert urls(f'<a href="{href}">t</a>') == [url]


@pytest.mark.parametrize(
    ("base", "url"),
    [
        ('<base href="https://other.example/b/c">', "https://other.example/b/x"),
        ('<base href="/b/">', "https://www.site.example/b/x"),
        ('<base target="_blank"><base href="/b/">', "https://www.site.example/b/x"),
        ('<base href="/b/"><base href="/c/">', "https://www.site.example/b/x"),
        ('<base href="javascript:1">', "https://www.site.example/dir/x"),
        ('<base href="http://[">', "https://www.site.example/dir/x"),
    ],
)
def test_base(base: str, url: str) -> None:
    assert urls(f'<head>{base}</head><a href="x">t</a>') == [url]
    assert urls(f'<a href="x">t</a>{base}') == [url], "a base counts for what stands before it, too"


def test_the_fast_way_to_an_address_agrees_with_the_parser() -> None:
    base = Base.of("https://x.example:8080/a/b/c.html?q=/z/")
    assert absolute("../../../d/e.html#f", base) == "https://x.example:8080/d/e.html"
    assert absolute("http:/g", base) == "http://g/"
    assert absolute("..", base) == "https://x.example:8080/a/"
    assert absolute("d/./e", base) == "https://x.example:8080/a/b/d/e"
    assert absolute("/d/../e", base) == "https://x.example:8080/e"
    assert absolute("mailto:x", base) is None
    assert absolute("http://[", base) == ""


def test_internal_is_the_same_registrable_domain() -> None:
    made = read("<a href=http://shop.site.example/>a</a><a href=http://site.other/>b</a>").links
    assert [link.internal for link in made] == [True, False]
    blogs = page.read(b"<a href=http://b.github.io/>x</a>", "http://a.github.io/").links
    assert [link.internal for link in blogs] == [False]


# --- rel, anchor, context -------------------------------------------------------------------------------------------
def test_rel_tokens() -> None:
    link = only('<a href=/x rel="  NoFollow UGC,Sponsored noopener nofollow ">t</a>')
    assert (link.nofollow, link.ugc, link.sponsored) == (True, True, True)
    assert link.rel == "nofollow noopener sponsored ugc"


def test_a_nofollow_page_makes_its_links_nofollow() -> None:
    made = read('<meta name=robots content="index, NoFollow"><a href=/x>t</a>')
    assert made.nofollow and not made.noindex and made.links[0].nofollow and made.links[0].rel == ""


@pytest.mark.parametrize(
    ("inner", "anchor", "alt"),
    [
        ("one <b>two</b>\n  three", "one two three", ""),
        ("a<b>b</b>c", "abc", ""),
        ("a<br>b", "a b", ""),
        ("<div>a</div><div>b</div>", "a b", ""),
        ("<h3>Title</h3><p>Text &amp; more</p>", "Title Text & more", ""),
        ("a&nbsp;b &lt;i&gt;", "a b <i>", ""),
        ("<img alt=' The  shop '>", "", "The shop"),
        ("<img alt=A><img alt=B>", "", "A B"),
        ("<img alt=A>text", "text", "A"),
        ("seen<span style='display:none'>unseen</span>", "seen", ""),
        ("seen<span hidden>unseen</span>", "seen", ""),
        ("<svg><title>Icon</title></svg>", "", ""),
        ("x<script>y</script>", "x", ""),
        ("\u202eabc \u200b", "\u202eabc \u200b", ""),
    ],
)
def test_anchors_as_rendered(inner: str, anchor: str, alt: str) -> None:
    link = only(f"<a href=/x>{inner}</a>")
    assert (link.anchor, link.alt) == (anchor, alt)


def test_context_is_the_text_of_the_block_on_both_sides() -> None:
    made = read(
        "<p>Before the block.</p><p>One <i>two</i> <a href=/1>first</a> between <a href=/2>second</a>, end.</p>"
        "<p>After.</p>"
    )
    first, second = made.links
    assert (first.context_left, first.context_right) == ("One two", "between second, end.")
    assert (second.context_left, second.context_right) == ("One two first between", ", end.")


def test_a_link_with_blocks_in_it_is_no_neighbour_of_the_next() -> None:
    first, second = read("<a href=/1><div>Card one</div></a><a href=/2><div>Card two</div></a>").links
    assert (first.anchor, first.context_right) == ("Card one", "")
    assert (second.anchor, second.context_left) == ("Card two", "")


def test_long_texts_are_cut() -> None:
    link = only(f"<p>{'l ' * 900}<a href=/x>{'a' * 5000}</a>{' r' * 900}</p>")
    assert len(link.anchor) == 1000
    assert len(link.context_left) == 300 and link.context_left.endswith("l")
    assert len(link.context_right) == 300 and link.context_right.startswith("r")


def test_an_anchor_full_of_space_is_read_to_its_words() -> None:
    assert only(f"<a href=/x>{' ' * 900}word</a>").anchor == "word"


def test_the_heading_above() -> None:
    made = read(
        "<a href=/0>a</a><h1>Main  <i>one</i></h1><a href=/1>b</a><h2><a href=/2>Sub</a></h2><a href=/3>c</a>"
        "<a href=/4><h3>In a link</h3></a><a href=/5>d</a><h4> </h4><a href=/6>e</a>"
    )
    assert [link.heading for link in made.links] == [
        "", "Main one", "Main one", "Sub", "Sub", "In a link", "In a link",
    ]  # fmt: skip


def test_an_unclosed_link_ends_with_the_next_one() -> None:
    first, second = read("<p>x <a href=/1>one <a href=/2>two</a> y").links
    assert (first.anchor, second.anchor) == ("one", "two")


def test_links_nested_by_a_table_are_both_read() -> None:
    made = read("<a href=/1>out<table><tr><td><a href=/2>in</a></td></tr></table></a>").links
    assert [(link.key, link.anchor) for link in made] == [("site.example/1", "out in"), ("site.example/2", "in")]


# --- Hidden ---------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("style", "why"),
    [
        ("display:none", "display:none"),
        ("color:red; DISPLAY : none !important", "display:none"),
        ("visibility: hidden", "visibility:hidden"),
        ("font-size:0", "font-size:0"),
        ("font-size: 1px", "font-size:0"),
        ("opacity:0.0", "opacity:0"),
        ("text-indent:-9999px", "text-indent off-screen"),
        ("position:absolute; left:-5000px", "off-screen"),
        ("position: fixed;top : -2000em", "off-screen"),
        ("height:0;overflow:hidden", "no size"),
        ("width:1px; height:1px; overflow:hidden", "no size"),
        ("clip: rect(0 0 0 0)", "clipped"),
        ("color:#fff;background:#FFFFFF", "color of the background"),
        ("color: white; background-color: #ffffff", "color of the background"),
        ("display:block", ""),
        ("opacity:0.5", ""),
        ("opacity:.05", ""),
        ("font-size:0.8em", ""),
        ("font-size:10px", ""),
        ("left:-5000px", ""),
        ("position:absolute;left:-50px", ""),
        ("margin-top:-20px", ""),
        ("height:0", ""),
        ("color:#fff;background:#000", ""),
        ("background:url(x?display:none)", ""),
        ("list-style-display:none", ""),
    ],
)
def test_styles_that_hide(style: str, why: str) -> None:
    assert hidden_by_style(style) == why
    assert only(f'<a href=/x style="{style}">t</a>').hidden == why
    inside = only(f'<div style="{style}"><p>text <a href=/x>t</a></p></div>')
    assert (inside.hidden, inside.anchor) == (why, "t")


@pytest.mark.parametrize(
    ("html", "why"),
    [
        ("<a href=/x hidden>t</a>", "hidden attribute"),
        ("<div hidden><a href=/x>t</a></div>", "hidden attribute"),
        ('<div hidden="until-found"><a href=/x>t</a></div>', ""),
        ("<a href=/x aria-hidden=true tabindex=-1>t</a>", "aria-hidden and out of the tab order"),
        ("<a href=/x aria-hidden=true>t</a>", ""),
        ("<body><noscript><p><a href=/x>t</a></p></noscript>", "noscript"),
        ("<a href=/x><img src=i width=1 height=1></a>", "image of a pixel"),
        ("<a href=/x><img src=i width=100 height=1></a>", ""),
        ("<p style='display:none'>q</p><a href=/x>t</a>", ""),
        ("<div style='display:none'><b>q</b></div><p><a href=/x>t</a></p>", ""),
    ],
)
def test_attributes_that_hide(html: str, why: str) -> None:
    assert only(html).hidden == why


# --- The page as a whole --------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("body", "content_type", "reason"),
    [
        (b"\x89PNG\r\n\x1a\n....", "text/html", "a PNG image"),
        (b"%PDF-1.7 <a href=/x>", "text/html", "a PDF file"),
        (b"GIF89a", "", "a GIF image"),
        (b"PK\x03\x04", "text/html; charset=utf-8", "a ZIP archive"),
        (b"<html>", "application/pdf", "not HTML: application/pdf"),
        (b"<html>", "TEXT/Plain; charset=x", "not HTML: text/plain"),
        (b"\x00\x01\x02\x03", "", "binary data without a type"),
    ],
)
def test_what_is_no_page(body: bytes, content_type: str, reason: str) -> None:
    with pytest.raises(NotAPage) as refused:
        page.read(body, URL, content_type=content_type)
    assert refused.value.reason == reason


def test_a_page_without_an_address_is_none() -> None:
    with pytest.raises(NotAPage):
        page.read(b"<a href=/x>", "ftp://x.example/")


@pytest.mark.parametrize("content_type", ["", "text/html", "application/xhtml+xml; charset=utf-8", "nonsense"])
def test_what_is_a_page(content_type: str) -> None:
    assert len(page.read(b"<a href=/x>t</a>", URL, content_type=content_type).links) == 1


def test_links_beyond_the_limit_are_counted() -> None:
    made = read("<a href=/x>t</a>" * (page.MAX_LINKS + 7))
    assert (len(made.links), made.links_dropped) == (page.MAX_LINKS, 7)


def test_links_only_gives_the_same_links() -> None:
    html = (
        "<title>T</title><h1>H</h1><main><p>Some <a href=/x rel=ugc>text</a> more</p></main>"
        "<footer><a href=/y>z</a></footer>"
    )
    whole, links = read(html), read(html, links_only=True)
    assert whole.links == links.links and whole.title == links.title == "T"
    assert (links.words, links.fingerprint, links.text_share) == (0, 0, 0.0) and whole.words > 0


def test_a_page_travels_as_a_message() -> None:
    made = read("<p>Some <a href=/x rel=ugc>text</a></p>" + "<p>many different words stand in here</p>" * 9)
    again = msgspec.msgpack.decode(msgspec.msgpack.encode(made), type=Page)
    assert again == made


# --- The proof ------------------------------------------------------------------------------------------------------
def around(html: str, key: str, limit: int = 600) -> str:
    found = page.around(html.encode(), URL, content_type="text/html", keys=[key], limit=limit)[key]
    return found[0] if found else ""


def test_the_proof_of_each_place() -> None:
    html = "<p>One <a href=http://x.example/>a</a></p><p>Two <a href=http://x.example/#b>b</a><a href=/c>c</a></p>"
    keys = ["x.example/", "site.example/c", "x.example/other"]
    proofs = page.around(html.encode(), URL, content_type="text/html", keys=keys)
    assert {key: [one.partition(" ")[0] for one in found] for key, found in proofs.items()} == {
        "x.example/": ["<p>One", "<p>Two"], "site.example/c": ["<p>Two"], "x.example/other": [],
    }  # fmt: skip


def test_the_proof_is_the_link_with_its_block() -> None:
    html = '<div>Far</div><p class=x>Read <a href="http://www.x.example/a?b=1&amp;c=2#d">this</a> now.</p><p>Far</p>'
    assert around(html, "x.example/a?b=1&c=2") == (
        '<p class="x">Read <a href="http://www.x.example/a?b=1&amp;c=2#d">this</a> now.</p>'
    )


def test_the_proof_is_cut_between_tags() -> None:
    html = f"<p>{'<b>left</b> ' * 100}<a href=http://x.example/>this</a>{' <i>right</i>' * 100}</p>"
    proof = around(html, "x.example/", 200)
    assert len(proof) <= 200 and '<a href="http://x.example/">this</a>' in proof
    assert proof.count("<") == proof.count(">") and "left" in proof and "right" in proof


@pytest.mark.parametrize(
    ("html", "key", "part"),
    [
        ("<head><base href=http://b.example/></head><a href=x>t</a>", "b.example/x", '<a href="x">t</a>'),
        ("<iframe src=http://x.example/></iframe>", "x.example/", "<iframe"),
        ("<form action=http://x.example/><p>q</p></form>", "x.example/", "<form"),
        (f"<a href=http://x.example/>{'long ' * 999}</a>", "x.example/", '<a href="http://x.example/">'),
    ],
)
def test_proofs_of_every_kind(html: str, key: str, part: str) -> None:
    proof = around(html, key)
    assert part in proof and len(proof) <= 600


def test_no_proof_without_the_link() -> None:
    assert around("<a href=http://x.example/b>t</a><!-- <a href=http://x.example/> -->", "x.example/") == ""
    assert page.around(b"%PDF-1.7", URL, keys=["x.example/"]) == {}
