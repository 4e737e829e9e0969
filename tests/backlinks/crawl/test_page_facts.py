"""What a page says about itself, and its text in figures."""

from typing import Any

import pytest

from backlinks.crawl import facts, page
from backlinks.crawl.page import Page
from backlinks.crawl.platform import kind_of, platform_of

URL = "https://site.example/2024/05/12/post"
TEXT = (
    "A page about garden tools that says which of them last for years and which break in the first winter, written "
    "after ten years of work in a garden near the river where the ground is heavy and the weather is wet most of the "
    "time."
)


def read(html: str, **options: Any) -> Page:
    return page.read(html.encode(), URL, content_type="text/html; charset=utf-8", **options)


# --- Head -----------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("html", "title"),
    [
        ("<title> A &amp;\n B </title>", "A & B"),
        ("<title>first</title><title>second</title>", "first"),
        ("<p>x</p><title>late</title>", "late"),
        ("<body><svg><title>icon</title></svg>", ""),
        ("<svg><title>icon</title></svg><title>page</title>", "page"),
        ("<title><b>x</b></title>", "<b>x</b>"),
        (f"<title>{'t' * 900}</title>", "t" * 500),
        ("<p>none</p>", ""),
    ],
)
def test_title(html: str, title: str) -> None:
    assert read(html).title == title


@pytest.mark.parametrize(
    ("html", "header", "language"),
    [
        ("<html lang=de-AT>", "", "de-at"),
        ("<html lang='' xml:lang=fr>", "", "fr"),
        ("<html lang=en_US>", "de", "en-us"),
        ("<meta http-equiv=content-language content='es, en'>", "", "es"),
        ("", "pt-BR, en", "pt-br"),
        ("<html lang='{{ lang }}'>", "", ""),
        ("<html lang=english-language-please>", "", ""),
    ],
)
def test_language(html: str, header: str, language: str) -> None:
    assert read(html, headers={"Content-Language": header}).language == language


@pytest.mark.parametrize(
    ("metas", "header", "noindex", "nofollow"),
    [
        ("<meta name=robots content='NOINDEX, follow'>", "", True, False),
        ("<meta name=ROBOTS content=none>", "", True, True),
        ("<meta name=googlebot content=noindex>", "", True, False),
        ("<meta name=bingbot content=noindex>", "", False, False),
        ("<meta name=description content=noindex>", "", False, False),
        ("<meta name=robots content=index><meta name=robots content=noindex>", "", True, False),
        ("", "noindex, nofollow", True, True),
        ("", "googlebot: noindex", True, False),
        ("", "otherbot: noindex, nofollow", False, False),
        ("", "otherbot: noindex\nnofollow", False, True),
        ("", "unavailable_after: 25 Jun 2030 15:00:00 PST, nofollow", False, True),
        ("", "max-snippet: 20, noindex", True, False),
        ("<noscript><meta name=robots content=noindex></noscript>", "", False, False),
        ("<p>noindex</p>", "", False, False),
    ],
)
def test_robots(metas: str, header: str, *, noindex: bool, nofollow: bool) -> None:
    made = read(f"<head>{metas}</head><a href=/x>t</a>", headers={"X-Robots-Tag": header})
    assert (made.noindex, made.nofollow) == (noindex, nofollow)
    assert [link.nofollow for link in made.links] == [nofollow]


def test_canonical_from_tag_and_header() -> None:
    assert read("<link rel='CANONICAL' href=' /c#x '>").canonical == "https://site.example/c"
    header = {"Link": '</style.css>; rel=preload, <https://www.site.example/h>; rel="canonical"'}
    assert read("", headers=header).canonical == "https://www.site.example/h"
    assert read("<body><p>x</p><link rel=canonical href=/evil>").canonical == ""
    assert read("<link rel=canonical href='http://['>").canonical == ""


@pytest.mark.parametrize(
    ("content", "target"),
    [
        ("0; url=/next", "https://site.example/next"),
        ("5;URL='/next'", "https://site.example/next"),
        ('0,url="/next" ignored', "https://site.example/next"),
        ("0 /next", "https://site.example/next"),
        (".5; /next", "https://site.example/next"),
        ("0; url = https://other.example/", "https://other.example/"),
        ("0; url=javascript:x()", ""),
        ("30", ""),
        ("0;", ""),
        ("url=/next", ""),
        ("x", ""),
    ],
)
def test_refresh(content: str, target: str) -> None:
    html = f"""<meta http-equiv="Refresh" content="{content.replace('"', "&quot;")}">"""
    assert read(html).refresh == target
    assert read("", headers={"refresh": content}).refresh == target


@pytest.mark.parametrize(
    ("html", "day"),
    [
        ("<meta property='article:published_time' content='2023-01-02T10:00:00+02:00'>", "2023-01-02"),
        ("<meta name=date content=20230102>", "2023-01-02"),
        ("<meta itemprop=datePublished content=2023-01-02>", "2023-01-02"),
        ('<script type="application/ld+json">{"@type":"Article","datePublished":"2023-01-02"}</script>', "2023-01-02"),
        ('<script type="application/ld+json">{broken "datePublished":"2023-01-02"</script>', "2023-01-02"),
        ("<time class='entry-date published' datetime='2023-01-02T00:00'>x</time>", "2023-01-02"),
        ("<time itemprop=datePublished datetime=2023-01-02>x</time>", "2023-01-02"),
        ("<time datetime=2023-01-02>an event</time>", "2024-05-12"),
        ("<meta name=date content='2023-13-45'>", "2024-05-12"),
        ("<meta name=date content='1e9999'>", "2024-05-12"),
        ("", "2024-05-12"),
    ],
)
def test_published(html: str, day: str) -> None:
    assert read(html).published == day


def test_description_and_keywords() -> None:
    made = read("<meta name=Description content=' About  it '><meta name=keywords content='a, b'>")
    assert (made.description, made.keywords) == ("About  it", "a, b")


# --- Scripts --------------------------------------------------------------------------------------------------------
def test_account_ids() -> None:
    made = read(
        "<script async src='https://www.googletagmanager.com/gtag/js?id=G-AB12CD34EF'></script>"
        "<script>ga('create', 'UA-1234567-2'); gtag('config', 'AW-123456789'); var x = 'G-STRING';"
        "(function(w,d,s,l,i){})(window,document,'script','dataLayer','GTM-ABC123');"
        "fbq('init', '1234567890123'); ym(12345678, 'init', {}); var h = {hjid:1234567}</script>"
        "<ins class=adsbygoogle data-ad-client='ca-pub-1234567890123456'></ins>"
        "<p>Our old id was UA-7654321-1</p>"
    )
    assert made.ids == (
        "ads:AW-123456789", "adsense:pub-1234567890123456", "facebook:1234567890123", "ga:G-AB12CD34EF",
        "ga:UA-1234567", "gtm:GTM-ABC123", "hotjar:1234567", "yandex:12345678",
    )  # fmt: skip


def test_tag_manager_of_a_page_without_scripts() -> None:
    html = "<body><noscript><iframe src='https://www.googletagmanager.com/ns.html?id=GTM-XYZ99'></iframe></noscript>"
    assert read(html).ids == ("gtm:GTM-XYZ99",)


def test_types_of_linked_data() -> None:
    made = read(
        '<script type="application/ld+json">{"@graph":[{"@type":"Article","author":{"@type":"Person"}},'
        '{"@type":["WebPage","FAQPage"]},{"@type":"Article"},{"@type":7},[[]]]}</script>'
        '<script type="application/ld+json">{"@type":"Product",}</script><script>{"@type":"No"}</script>'
    )
    assert made.jsonld == ("Article", "Person", "WebPage", "FAQPage", "Product")


@pytest.mark.parametrize(
    "text", ["[" * 200_000, '{"a":' * 50_000, "", "null", "\x00", '"@type"', "[" * 5000 + "]" * 5000, "1e999"]
)
def test_linked_data_that_is_none(text: str) -> None:
    assert read(f'<script type="application/ld+json">{text}</script>').jsonld == ()


@pytest.mark.parametrize(
    ("html", "platform", "kind"),
    [
        ("<meta name=generator content='WordPress 6.5'>", "WordPress", "blog"),
        ("<link rel=stylesheet href=/wp-content/themes/x/style.css>", "WordPress", "blog"),
        ("<script src=https://cdn.shopify.com/s/x.js></script>", "Shopify", "shop"),
        ("<meta content='blogger' name='generator'>", "Blogger", "blog"),
        ("<html id=XF>", "XenForo", "forum"),
        ("<body id=phpbb class=x>", "phpBB", "forum"),
        ("<div class=footer>Forum by <a href='https://mybb.com'>MyBB</a></div>", "MyBB", "forum"),
        ("<meta name=generator content='MediaWiki 1.41'>", "MediaWiki", "wiki"),
        ("<script src=_static/doctools.js></script>", "Sphinx", "documentation"),
        ("<meta name=generator content='Made by hand'>", "", ""),
        ("<meta name=generator content='Drupal 10'>", "Drupal", "site"),
        ("<p>We compare WordPress and Shopify</p>", "", ""),
    ],
)
def test_platform(html: str, platform: str, kind: str) -> None:
    made = read(html)
    assert (made.platform, kind_of(made.platform)) == (platform, kind)


def test_platform_of_nothing() -> None:
    assert platform_of("", "") == ""


# --- Text -----------------------------------------------------------------------------------------------------------
def test_words_are_those_of_the_main_text() -> None:
    made = read(
        "<title>not these words</title><nav><a href=/>menu words</a></nav><main><p>one two three</p>"
        "<p hidden>hidden words</p><script>var no = 1</script><textarea>no words</textarea><p>four</p></main>"
        "<footer>footer words</footer>"
    )
    assert made.words == 4


def test_words_without_spaces() -> None:
    assert facts.word_count("園芸工具の説明です ok") == 5
    assert facts.word_count("слово за слово") == 3


def test_a_page_that_is_all_menu_is_taken_whole() -> None:
    assert read(f"<nav><p>{TEXT}</p></nav>").words == len(TEXT.split())


def test_share_of_visible_text() -> None:
    html = "<p>" + "x" * 93 + "</p>"
    assert read(html).text_share == 0.93
    assert read("<script>" + "x" * 500 + "</script>").text_share == 0.0


def test_counts_of_links() -> None:
    made = read(
        "<a href=/a>1</a><a href=/a>2</a><a href=#top>3</a><a href=http://shop.site.example/>4</a>"
        "<a href=http://x.example/>5</a><a href=http://www.x.example/2>6</a><a href=http://y.example/><img alt=7></a>"
        "<form action=http://z.example/></form><link rel=canonical href=http://w.example/>"
    )
    assert (made.internal_links, made.external_links, made.external_domains) == (3, 3, 2)


def distance(one: int, two: int) -> int:
    return (one ^ two).bit_count()


def test_fingerprints_of_copies_are_near_and_of_other_texts_far() -> None:
    long = " ".join(f"{TEXT} Number {n} says something of its own: {n * 7919 % 1000}." for n in range(12))
    one = read(f"<nav>menu</nav><main><p>{long}</p></main>").fingerprint
    copy = read(
        f"<header>Other site</header><article><div>{long.replace('river', 'stream', 1)}</div></article>"
    ).fingerprint
    words = [f"word{n * 104729 % 9973}" for n in range(400)]
    other = read(f"<main><p>{' '.join(words)}</p></main>").fingerprint
    assert distance(one, copy) <= 4
    assert distance(one, other) >= 16
    assert 0 < one < 1 << 64


def test_fingerprints_stay_the_same() -> None:
    """They are stored: a new way to compute them must be a new version."""
    assert facts.fingerprint(TEXT) == facts.fingerprint(TEXT.upper().replace(",", " ;")) == FINGERPRINT_OF_TEXT


FINGERPRINT_OF_TEXT = 4655035830945743995


def test_a_short_text_has_no_fingerprint() -> None:
    assert read("<p>Just a few words here.</p>").fingerprint == 0


def test_text_for_mentions_only_when_asked() -> None:
    html = f"<nav>menu</nav><main><p>One &amp; two</p><p>{'x ' * 150_000}</p></main>"
    assert read(html).mentions_text == ""
    asked = read(html, with_text=True, links_only=True)
    assert asked.mentions_text.startswith("One & two\nx x") and len(asked.mentions_text) == 200_000
