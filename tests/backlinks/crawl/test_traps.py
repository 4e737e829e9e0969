"""Crawler traps as sites build them, and pages that look like traps and are none."""

from datetime import date

import pytest

from backlinks.crawl import traps
from backlinks.crawl.traps import Variants, trap, without_session
from tests.web.sites import Web

TODAY = date(2026, 3, 15)
HEX32 = "0123456789abcdef0123456789abcdef"

# (path and query, kind)
TRAPS = [
    # session ids (PHP, Java, ASP, ColdFusion, osCommerce, Zen Cart, phpBB, vBulletin)
    ("/index.php?PHPSESSID=abc123", "session"),
    ("/shop/item.jsp;jsessionid=1A2B3C4D5E6F?id=4", "session"),
    ("/(S(lit3py55t21z5v55vlm25s55))/orders.aspx", "session"),
    ("/page.cfm?CFID=1234&CFTOKEN=5678", "session"),
    ("/product_info.php?products_id=7&osCsid=" + HEX32, "session"),
    ("/viewtopic.php?t=19&sid=" + HEX32, "session"),
    ("/showthread.php?s=" + HEX32 + "&t=5", "session"),
    ("/a?ASPSESSIONIDQQABCD=XYZ", "session"),
    # calendars
    ("/calendar/2031/05/", "calendar"),
    ("/events/2029-11-02/", "calendar"),
    ("/kalender/20310501", "calendar"),
    ("/events/?tribe-bar-date=2030-01-01", "calendar"),
    ("/cal.php?month=7&year=2044", "calendar"),
    ("/calendar?year=1989&month=4", "calendar"),
    ("/agenda/1950/12/31", "calendar"),
    ("/2035/06/", "calendar"),
    ("/availability?date=2028-01-01T00:00", "calendar"),
    # repeated segments, from relative links that a server accepts
    ("/blog/blog/blog/", "repeated"),
    ("/en/help/en/help/en/help/page", "repeated"),
    ("/a/images/css/images/js/images/x/images/", "repeated"),
    ("/shop/cat/one/shop/cat/one/shop/cat/one", "repeated"),
    # growing URLs
    ("/" + "deep/er/" * 11, "growing"),
    ("/x?" + "p=" + "y" * 2_000, "growing"),
    ("/x?" + "&".join(f"k{n}=1" for n in range(25)), "growing"),
    ("/login?next=%252525252Fa", "growing"),
    ("/out?u=http%3A//a.example/out?u=http%3A//b.example/out?u=http%3A//c.example/", "growing"),
    # facets
    ("/shoes?color=red&size=42&brand=acme", "facets"),
    ("/shop/?min_price=10&max_price=50&orderby=price", "facets"),
    ("/shop/?filter_color=red&filter_size=l&query_type_color=or", "facets"),
    ("/c/men?f%5B0%5D=a&f%5B1%5D=b&f%5B2%5D=c", "facets"),
    ("/list?brand=a,b,c,d", "facets"),
    ("/list?brand[]=a&brand[]=b&brand[]=c&brand[]=d", "facets"),
    ("/shoes/color-red/size-42/brand-acme/", "facets"),
    ("/shop/filter/red/42/acme/", "facets"),
    ("/pub/?C=M;O=A", "facets"),
    # buttons
    ("/post/?replytocom=123", "button"),
    ("/product/?add-to-cart=55", "button"),
    ("/wiki/index.php?title=A&action=edit", "button"),
    ("/wiki/index.php?title=A&oldid=1234", "button"),
    ("/post/?share=facebook", "button"),
]

NO_TRAPS = [
    "/",
    "/blog/2019/05/12/a-post-about-shoes/",
    "/2004/01/",
    "/archives/1998/",
    "/2026/12/early-announcement/",
    "/events/2026-06-01/summer-party/",
    "/news/1987/11/black-monday/",
    "/calendar/2026/04/",
    "/history/1848-03/",  # an archive of old papers, no calendar
    "/blog/page/374/",
    "/category/news/page/12/",
    "/archive?page=511",
    "/forum/viewtopic.php?f=3&t=182736",
    "/forum/viewtopic.php?f=3&t=182736&start=140",
    "/showthread.php?t=55&page=3",
    "/product.php?id=918273",
    "/index.php?option=com_content&view=article&id=5&Itemid=7",
    "/p/2031-05",  # an article number
    "/dp/B00A1B2C3D/",
    "/item/0123456789abcdef0123456789abcdef",
    "/commit?sha=0123456789abcdef0123456789abcdef01234567",
    "/slashdot?sid=06/12/19/1234",
    "/conference?session=morning",
    "/docs?s=install",
    "/shoes?color=red",
    "/shoes?color=red&page=2",
    "/shop/?orderby=price&paged=2",
    "/search?q=calendar",
    "/en/products/en-gb/shoes",
    "/tiles/3/3/3.png",
    "/media/a/a/a/cat.jpg",
    "/1/1/1/1/",
    "/docs/api/v2/reference/api/v2-changes",
    "/a/b/c/d/e/f/g/h/i/j/k/l/",
    "/size-guide/",
    "/price-list/brand-new-things/",
    "/login?next=%2Faccount%2F",
    "/out?u=http%3A%2F%2Fa.example%2F",
    "/report.pdf?print=",
    "/filter/coffee/",
    "/forum/viewforum.php?f=1&start=20401",
    "/list?from=203105",
    "/events/5678/9/",
    "/events/1234-05/",
    "/torrent?hash=0123456789abcdef0123456789abcdef01234567",
    "/articles?date=2024-02-29",
    "/articles?year=2019&month=7",
    "/index.php?option=com_content&view=category&layout=blog&id=5&limit=10",
    "/9780131103627",
]


@pytest.mark.parametrize(("path", "kind"), TRAPS)
def test_traps(path: str, kind: str) -> None:
    found = trap(f"https://site.example{path}", TODAY)
    assert found and found.kind == kind
    assert found.reason.endswith(".") and len(found.reason) < 200
    assert bool(found.instead) is (kind == "session")


@pytest.mark.parametrize("path", NO_TRAPS)
def test_content_is_no_trap(path: str) -> None:
    assert trap(f"https://site.example{path}", TODAY) is None
    assert Variants().take(f"https://site.example{path}") is None


def test_the_small_web_has_traps_and_pages_that_are_none() -> None:
    site = Web(hosts=2, pages=60).sites[0]
    links = {link.url for path in site.paths for link in site.web.truth(site.host, path).links}
    variants = Variants()
    assert len(links) > 150
    assert [url for url in sorted(links) if trap(url, TODAY) or variants.take(url)] == []
    forum = site.page("/forum/", "", 7)
    assert forum
    found = {link.url: trap(link.url, TODAY) for link in forum.links if "PHPSESSID" in link.url}
    assert len(found) == 3 and all(one and one.instead == url.partition("?")[0] for url, one in found.items())


@pytest.mark.parametrize("start", ["/calendar/2026/03/", "/forum/", "/list?color=red"])
def test_walking_into_a_trap_ends(start: str) -> None:
    """A walk that obeys the verdicts leaves each trap of the small web after a bounded number of pages."""
    site = Web(hosts=1, pages=5).sites[0]
    variants, seen, waiting = Variants(), {start}, [start]
    while waiting and len(seen) < 2_000:
        path, _, query = waiting.pop(0).partition("?")
        page = site.page(path, query, len(seen))
        for url in [link.url for link in page.links] if page else []:
            found = trap(url, TODAY)
            url = found.instead if found and found.instead else url
            target = url.removeprefix(site.url("")) if url.startswith(site.url()) else ""
            if target.startswith(start[:5]) and target not in seen and (not found or found.instead):
                seen.add(target)
                waiting.extend([] if variants.take(url) else [target])
    assert 3 < len(seen) < 200


@pytest.mark.parametrize(
    ("path", "clean"),
    [
        ("/a?PHPSESSID=1&b=2", "/a?b=2"),
        ("/a?b=2&PHPSESSID=1", "/a?b=2"),
        ("/a?PHPSESSID=1", "/a"),
        ("/a;jsessionid=1?b=%20&c", "/a?b=%20&c"),
        ("/shop/(S(lit3py55t21z5v55vlm25s55)F(abc))/a.aspx", "/shop/a.aspx"),
        ("/t?sid=" + HEX32, "/t"),
        ("/t?sid=42", "/t?sid=42"),
        ("/a?b=1&b=2", "/a?b=1&b=2"),
        ("/a(S)/b", "/a(S)/b"),
        ("/", "/"),
    ],
)
def test_the_same_page_without_its_session_id(path: str, clean: str) -> None:
    url = f"https://site.example{clean}"
    assert without_session(f"https://site.example{path}") == url
    assert without_session(url) == url
    assert trap(url, TODAY) is None


def refused_after(urls: list[str], variants: Variants) -> int:
    """How many are taken before the first that is refused."""
    return next((number for number, url in enumerate(urls) if variants.take(url)), len(urls))


def test_a_path_may_have_many_pages_by_id_and_by_page_number() -> None:
    products = [f"https://site.example/product.php?id={n}" for n in range(2_000)]
    archive = [f"https://site.example/archive?page={n}" for n in range(2_000)]
    topics = [f"https://site.example/viewtopic.php?f={n % 7}&t={n}&start=0" for n in range(2_000)]
    assert [refused_after(urls, Variants()) for urls in (products, archive, topics)] == [2_000] * 3


def test_a_path_may_not_have_endless_variants() -> None:
    urls = [f"https://site.example/list?x{n % 3}={n}" for n in range(1_000)]
    assert refused_after(urls, Variants()) == traps.MAX_VARIANTS


def test_combinations_of_parameters_end_sooner() -> None:
    names = [f"k{n}" for n in range(12)]
    urls = [f"https://site.example/list?{a}=1&{b}=1" for a in names for b in names if a < b]
    assert refused_after(urls, Variants()) == traps.MAX_KEY_SETS


def test_search_results_are_few() -> None:
    urls = [f"https://site.example/?s=word{n}" for n in range(500)]
    assert refused_after(urls, Variants()) == traps.MAX_SEARCHES


def test_a_calendar_ends_also_in_the_past_but_a_blog_does_not() -> None:
    months = [(year, month) for year in range(1995, 2026) for month in range(1, 13)]
    calendar = [f"https://site.example/calendar/{year}/{month:02}/" for year, month in months]
    blog = [f"https://site.example/{year}/{month:02}/a-post/" for year, month in months]
    variants = Variants()
    assert refused_after(calendar, variants) == traps.MAX_DATES
    assert refused_after(blog, variants) == len(blog)
    assert Variants().take("https://other.example/calendar/2020/01/") is None


def test_hosts_are_counted_apart_and_counters_can_be_kept() -> None:
    first = Variants()
    for number in range(traps.MAX_VARIANTS):
        assert first.take(f"https://site.example/list?x={number}") is None
    again = Variants(first.counts)
    assert again.take("https://other.example/list?x=1") is None
    found = again.take("https://site.example/list?x=more")
    assert found and found.kind == "variants" and "/list" in found.reason


def test_counters_stay_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(traps, "MAX_COUNTERS", 100)
    variants = Variants()
    for number in range(1_000):
        variants.take(f"https://site.example/{number}/?x=1")
    assert len(variants.counts) == 100


@pytest.mark.parametrize(
    "url",
    [
        "https://site.example/" + "a/" * 4_000,
        "https://site.example/?" + "a&" * 4_000,
        "https://site.example/" + "(S(" * 2_000,
        "https://site.example/" + ";jsessionid=" * 600,
        "https://site.example/?s=" + "1a" * 4_000,
        "https://site.example/" + "2031-0" * 1_300,
        "https://site.example/?date=" + "9" * 8_000,
        "https://site.example/?year=9999&month=99",
        "https://site.example/?year=٢٠٣١&month=٥",
        "https://site.example/?&&&===&=&",
    ],
)
def test_hostile_urls_end_with_a_verdict(url: str) -> None:
    variants = Variants()
    for _ in range(50):
        trap(url, TODAY)
        variants.take(url)
    assert trap(url, TODAY) == trap(url, TODAY)
