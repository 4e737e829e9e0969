"""What a page shows of its owner and its build, and signs of harm: with pages that have it and pages that have not."""

from typing import Any

import pytest

from backlinks.crawl import page
from backlinks.crawl.pagefacts import PageFacts

URL = "https://site.example/post"
TEXT = "Garden tools that last for years, and others which break in the first winter near the river. "
RUSSIAN = "лучшие онлайн казино и ставки на спорт без регистрации и отказа каждый день "
THAI = "เว็บสล็อตออนไลน์อันดับหนึ่งฝากถอนไม่มีขั้นต่ำสมัครวันนี้รับเครดิตฟรี"


def facts(html: str, **options: Any) -> PageFacts:
    return page.read(html.encode(), URL, content_type="text/html; charset=utf-8", **options).more


# --- The head ---------------------------------------------------------------------------------------------------------
def test_lengths() -> None:
    made = facts(
        f"<title>{'t' * 70}</title><meta name=description content='{'d' * 1500}'><meta name=keywords content='a, b'>"
    )
    assert (made.title_length, made.description_length, made.keywords_length) == (70, 1500, 4)
    bare = facts("<p>x</p>")
    assert (bare.title_length, bare.description_length, bare.keywords_length) == (0, 0, 0)


@pytest.mark.parametrize(
    ("html", "where"),
    [
        ("<link rel=canonical href=/post>", "self"),
        ("<link rel=canonical href=http://www.site.example/post#x>", "self"),
        ("<link rel=canonical href=/other>", "elsewhere"),
        ("<p>x</p>", ""),
    ],
)
def test_canonical(html: str, where: str) -> None:
    assert facts(html).canonical_at == where


@pytest.mark.parametrize(
    ("html", "icon"),
    [
        ("<link rel='shortcut icon' href=/i.ico>", "https://site.example/i.ico"),
        ("<base href=https://cdn.example/><link rel=apple-touch-icon href=i.png>", "https://cdn.example/i.png"),
        ("<link rel=icon href='data:image/png;base64,AAAA'>", "data:"),
        ("<link rel=stylesheet href=/icon.css>", ""),
        ("<link rel=icon href=''>", ""),
    ],
)
def test_favicon(html: str, icon: str) -> None:
    assert facts(html).favicon == icon


# --- Text -------------------------------------------------------------------------------------------------------------
def test_repeated_text() -> None:
    spun = facts(f"<main><p>{TEXT * 20}</p></main>")
    words = " ".join(f"word{n}{'abcdefghij'[n % 10]}" for n in range(300))
    plain = facts(f"<main><p>{words}</p></main>")
    assert spun.repeats > 0.9 and plain.repeats == 0.0
    assert facts("<p>Too short.</p>").repeats == -1.0
    assert facts(f"<main><p>{'庭の道具' * 50}</p></main>").repeats == -1.0


def test_commonest_word() -> None:
    made = facts(f"<main><p>{'shovel the lawn or rent a spade ' * 10}{'unlike ' * 5}</p></main>")
    assert made.top_word in ("shovel", "spade") and made.top_share == round(10 / 25, 4)
    assert (facts("<p>Too short.</p>").top_word, facts("<p>Too short.</p>").top_share) == ("", -1.0)


def test_poison_of_a_page() -> None:
    made = facts(f"<html lang=en><title>Tools</title><main><p>{TEXT}</p><p>The best online casino.</p></main>")
    assert made.poison == {"casino": 2} and "online casino" in made.poison_snippet and made.poison_language == "en"
    assert facts(f"<html lang=en><main><p>{TEXT}</p></main>").poison == {}
    assert facts(f"<html lang=sw><main><p>{TEXT}</p></main>").poison_language == ""
    hidden = facts(f"<html lang=en><main><p>{TEXT}</p><p hidden>casino</p></main>")
    assert (hidden.poison, hidden.hidden_poison) == ({}, ("casino",))
    assert facts(f"<html lang=en><main><p>{TEXT} casino</p><p hidden>{TEXT}</p></main>").hidden_poison == ()


# --- Hostile and hacked pages -----------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("html", "signs"),
    [
        ("<script src=//c1.popads.net/pop.js></script>", ("popads",)),
        ("<script>document.onclick=function(){window.open('http://x.example')}</script>", ("window.open",)),
        ("<script>var a='https:\\/\\/www.adsterra.com\\/x'</script>", ("adsterra",)),
        ("<script src=/js/open.js></script><p>window.open(</p>", ()),
        ("<script src=https://notpopads.net/x.js></script>", ()),
    ],
)
def test_popups(html: str, signs: tuple[str, ...]) -> None:
    assert facts(html).popups == signs


@pytest.mark.parametrize(
    ("html", "to"),
    [
        ("<meta http-equiv=refresh content='0; url=https://other.example/x'>", "https://other.example/x"),
        ("<meta http-equiv=refresh content='0; url=https://www.site.example/x'>", ""),
        ("<script>window.location.href = 'https://other.example/x';</script>", "https://other.example/x"),
        ("<script>setTimeout(function(){location.replace(\"https://o.example/\")}, 9)</script>", "https://o.example/"),
        ("<script>location='/here'</script>", ""),
        ("<script>location='https://shop.site.example/'</script>", ""),
        ("<script>b.addEventListener('click',()=>{location='https://other.example/'})</script>", ""),
        (f"<script>{'var a=1;' * 200}location='https://other.example/'</script>", ""),
        ("<script>location='https://['</script>", ""),
    ],
)  # fmt: skip
def test_forced_move(html: str, to: str) -> None:
    assert facts(html).moves_to == to


def test_places_for_advertisements() -> None:
    ins = "<ins class='adsbygoogle' data-ad-slot=1></ins>"
    frame = "<iframe src=https://ad.doubleclick.net/x></iframe>"
    assert facts(f"{ins * 3}{frame}").ads == 3 + 1 + 1, "places, frames, networks"
    assert facts("<p>We sell advertisements by doubleclick.net</p>").ads == 0


def test_hidden_links() -> None:
    links = "".join(f"<a href=https://spam{n}.example/>x</a> " for n in range(6))
    made = facts(
        f"<p>a <a href=https://y.example/ style='display:none'>y</a> b <a href=/1>1</a> <a href=/2>2</a></p>"
        f"<div style='left:-9999px;position:absolute'>{links}</div>"
    )
    assert (made.hidden_links, made.hidden_block, made.hidden_why) == (7, 6, "off-screen")
    own = "<div hidden>" + "".join(f"<a href=/p{n}>x</a>" for n in range(9)) + "</div>"
    shown = f"<noscript>{links}</noscript><div class='d-none d-md-block'>{links}</div><p>{links}</p>"
    made = facts(own + shown)
    assert (made.hidden_links, made.hidden_block, made.hidden_why) == (0, 0, "")


@pytest.mark.parametrize(
    ("html", "place", "script"),
    [
        (f"<html lang=en><main><p>{TEXT}</p></main><div hidden>{RUSSIAN}</div>", "hidden", "cyrillic"),
        (f"<html lang=en><main><p>{TEXT * 15}</p></main><div>{THAI}</div>", "tail", "thai"),
        (f"<main><p>{TEXT}</p></main><p>Русский 日本語 中文 العربية ไทย</p>", "", ""),
        (f"<html lang=ru><main><p>{RUSSIAN * 5}</p></main><div hidden>{RUSSIAN} {TEXT}</div>", "", ""),
        (f"<html lang=ja><main><p>{'園芸工具の説明です。' * 20}</p></main><p hidden>{'漢字' * 40}</p>", "", ""),
        (f"<html lang=en><main><p>{TEXT}</p></main><div hidden>{TEXT}</div>", "", ""),
    ],
)
def test_foreign_script(html: str, place: str, script: str) -> None:
    made = facts(html)
    assert (made.foreign_place, made.foreign_script) == (place, script)
    assert (made.foreign_letters >= 40) is (made.foreign_share > 0.5) is bool(place)


@pytest.mark.parametrize(
    ("html", "sign"),
    [
        ("<script src=https://www.sedoparking.com/frmpark/x.js></script>", "sedo"),
        ("<title>x.example</title><p>This domain is for sale!</p>", "this domain is for sale"),
        ("<p>Diese Domain steht zum Verkauf.</p>", "diese domain steht zum verkauf"),
        (f"<main><p>{TEXT * 30}</p><p>This domain is for sale!</p></main>", ""),
        ("<p>Our garden is for sale</p>", ""),
    ],
)
def test_parked(html: str, sign: str) -> None:
    assert facts(html).parked == sign


def test_a_text_that_says_it_was_paid_for() -> None:
    assert facts(f"<html lang=en><main><p>This is a sponsored post.</p><p>{TEXT}</p></main>").paid == "sponsored post"
    assert facts(f"<html lang=en><main><p>The club is sponsored by a shop.</p><p>{TEXT}</p></main>").paid == ""


def test_directory() -> None:
    entries = "".join(f"<li><a href=https://s{n}.example/>Site {n}</a> about tools</li>" for n in range(25))
    assert facts(f"<ul>{entries}</ul><p><a href=/add>Add your site</a></p>").directory == "add your site"
    assert facts(f"<ul>{entries}</ul>").directory == ""
    assert facts("<p>Add your site to our <a href=https://one.example/>friends</a></p>").directory == ""


# --- Owner and build --------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("html", "ways"),
    [
        ("<a href='mailto:a@site.example'>write</a>", ("mail",)),
        ("<a href='mailto:?subject=share'>share</a>", ()),
        ("<a href='/cdn-cgi/l/email-protection#abc'>mail</a>", ("mail",)),
        ("<a href='tel:+49 30 123'>call</a>", ("phone",)),
        ('<script type="application/ld+json">{"@type":"Organization","telephone":"+1"}</script>', ("phone",)),
        ("<a href=https://www.linkedin.com/company/x>in</a>", ("linkedin",)),
        ("<footer><a href=/legal>Impressum</a> <a href=/k>Kontakt</a></footer>", ("contact", "imprint")),
        ("<a href=https://other.example/imprint>Imprint</a><p>Contact</p>", ()),
    ],
)
def test_contacts(html: str, ways: tuple[str, ...]) -> None:
    assert facts(html).contacts == ways


def test_mails_are_those_at_the_own_domain() -> None:
    html = """<a href="mailto:Info@Site.example?subject=x">a</a> <a href="mailto:x@other.example">b</a>
    <a href="mailto:%69t@mail.site.example">c</a> <a href="mailto:info@site.example">d</a>
    <a href="mailto:a@notsite.example">e</a> <a href="mailto:a b@site.example,c@site.example">f</a>"""
    assert facts(html).mails == ("info@site.example", "it@mail.site.example")


@pytest.mark.parametrize(
    ("html", "names"),
    [
        ("<script src=https://www.googletagmanager.com/gtag/js?id=G-AB12CD34EF></script>",
         ("google analytics", "google tag")),
        ("<script>fbq('init', '1234567890123')</script>", ("facebook pixel",)),
        ("<link rel=stylesheet href='https://fonts.googleapis.com/css?family=x'>", ("google fonts",)),
        ("<script src=https://cdn.eu.matomo.cloud/x.js></script>", ("matomo",)),
        ("<a href=https://plausible.io/>We like it</a><script src=/js/own.js></script>", ()),
    ],
)  # fmt: skip
def test_trackers(html: str, names: tuple[str, ...]) -> None:
    assert facts(html).trackers == names


@pytest.mark.parametrize(
    ("html", "theme"),
    [
        ("<link rel=stylesheet href=https://site.example/wp-content/themes/Astra/style.css?ver=1>", "astra"),
        ("<script src=/sites/default/themes/custom/olivero/x.js></script>", "olivero"),
        ("<link rel=stylesheet href=/templates/cassiopeia/css/x.css>", "cassiopeia"),
        ('<script>Shopify.theme = {"name":"Dawn","id":1};</script>', "dawn"),
        ("<p>/wp-content/themes/astra/</p>", ""),
    ],
)
def test_theme(html: str, theme: str) -> None:
    assert facts(html).theme == theme


BUILT = (
    "<body><header class=top><div class=logo></div></header><nav class=menu><div class=in></div></nav>"
    "<main class=main><article class='post post-{id}'><div class=entry>{text}</div></article></main>"
    "<footer class=foot><div class=cols>{more}</div></footer>"
)


def test_skeleton_is_of_the_build_and_not_of_the_text() -> None:
    one = facts(BUILT.format(id=1, text="<p>one</p>", more=""))
    other = facts(BUILT.format(id=22, text="<p>two <b>x</b></p><p>three</p>", more="<a href=/>x</a>"))
    changed = facts(BUILT.format(id=1, text="<p>one</p>", more="<section class=new></section>"))
    assert one.skeleton == other.skeleton != 0 and changed.skeleton not in (0, one.skeleton)
    assert facts("<div><p>x</p></div>").skeleton == 0


def test_pages_read_for_their_links_alone_have_no_facts() -> None:
    assert facts("<title>x</title><p>casino</p>", links_only=True) == PageFacts()
