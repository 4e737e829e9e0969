"""Suggestions of redirects, and rules that a hostile address cannot break out of."""

import re

import pytest

from backlinks import redirects
from backlinks.crawl import verdict
from backlinks.index import answers
from backlinks.redirects import SitePage, StandIn

SITE = [
    SitePage("client.example/", "https://client.example/", "Home"),
    SitePage("client.example/shoes/", "https://client.example/shoes/", "Shoes"),
    SitePage("client.example/shoes/red-trail-shoes", "https://client.example/shoes/red-trail-shoes", "Red trail shoes"),
    SitePage("client.example/shoes/blue", "https://client.example/shoes/blue", "Blue shoes"),
    SitePage("client.example/about.html", "https://client.example/about.html", "Who we are"),
    SitePage("client.example/guide", "https://client.example/guide", "How to true a wheel"),
]


def _of(url: str, said: str = "") -> StandIn | None:
    key = url.removeprefix("https://")
    return redirects.suggest([SitePage(key, url, said)], SITE)[0]


@pytest.mark.parametrize(
    ("url", "said", "found"),
    [
        ("https://client.example/shoes/red-trail-shoe", "", "https://client.example/shoes/red-trail-shoes"),
        ("https://client.example/old/Red_Trail_Shoes.php", "", "https://client.example/shoes/red-trail-shoes"),
        ("https://client.example/abuot.html", "", "https://client.example/about.html"),
        ("https://client.example/shoes/x9", "", "https://client.example/shoes/"),
        ("https://client.example/guides", "true a wheel", "https://client.example/guide"),
    ],
)
def test_the_page_that_is_most_like_it_is_suggested(url: str, said: str, found: str) -> None:
    made = _of(url, said)
    assert made is not None
    assert made.url == found
    assert made.why
    assert 0 < made.likeness <= 100


def test_nothing_alike_is_nothing_and_the_home_page_is_never_suggested() -> None:
    assert _of("https://client.example/zzz-qqq") is None
    assert redirects.suggest([SitePage("client.example/a", "https://client.example/a")], SITE[:1]) == [None]
    assert redirects.suggest([], SITE) == []
    assert redirects.suggest([SitePage("client.example/a", "https://client.example/a")], []) == [None]


def test_the_formula_is_the_printed_one() -> None:
    made = _of("https://client.example/shoes/red-trail-shoe", "red shoe wheel")
    words = 3 / 4  # shoes red trail of shoes red trail shoe
    slug = 1 - 1 / len("red-trail-shoes")
    said = 1 / 3  # red, of red shoe wheel
    assert made is not None
    assert made.likeness == round(45 * words + 35 * slug + 20 * said)
    assert _of("https://client.example/shoes/red-trail-shoe").likeness == round(100 * (45 * words + 35 * slug) / 80)


def test_numbered_pages_are_not_taken_for_each_other() -> None:
    pages = [SitePage(f"client.example/blog/page-{n}", f"https://client.example/blog/page-{n}") for n in (116, 118)]
    assert redirects.suggest(
        [SitePage("client.example/blog/page-117", "https://client.example/blog/page-117")], pages
    ) == [None]


def test_folders_above_from_the_nearest_on() -> None:
    assert redirects.folders_above("client.example/a/b/c?x=/1") == [
        "client.example/a/b/", "client.example/a/b", "client.example/a/", "client.example/a",
    ]  # fmt: skip
    assert redirects.folders_above("client.example/a") == []


def test_answers_that_say_nothing_are_those_of_the_checks() -> None:
    assert set(answers.SAYS_NOTHING) == set(verdict.SAYS_NOTHING)


# --- Rules ------------------------------------------------------------------------------------------------------------
HOSTILE = [
    ('https://client.example/a";return%20301;#', "https://client.example/b"),
    ('https://client.example/q?x=\\"$host{}', 'https://client.example/"$request_uri";{}\\'),
    ("https://client.example/a b", "https://client.example/b"),
    ("https://client.example/a\n}", "https://client.example/b"),
    ("https://client.example/%20(a|b)*?c=[d]^$", "https://client.example/%C3%A9?a=1&b=$2%3"),
    ("https://docs.client.example:8443/x", "https://client.example/${env}"),
]


def test_nginx_rules_stay_inside_their_quotes() -> None:
    lines = "".join(redirects.nginx(HOSTILE)).splitlines()
    rules = [one for one in lines if one.startswith('    "')]
    assert len(rules) == 4  # an address with a space or a line break is left out
    for one in rules:
        source, target = re.fullmatch(r'    "((?:[^"\\]|\\.)*)" "([^"\\$;{}]*)";', one).groups()
        assert not re.search(r"[\s]", source + target)
    assert sum(one.count("$") for one in rules if "q?x" in one) == 1  # only in the key, where it is text


def test_apache_rules_match_their_address_alone_and_refer_to_nothing() -> None:
    lines = "".join(redirects.apache(HOSTILE)).splitlines()[2:]
    assert len(lines) == 12
    for host, request, rule in zip(lines[::3], lines[1::3], lines[2::3], strict=True):
        assert re.fullmatch(r'RewriteCond "%\{HTTP_HOST\}" "\^[A-Za-z0-9\\x]+\$" \[NC\]', host)
        assert re.fullmatch(r'RewriteCond "%\{THE_REQUEST\}" "\^\[A-Z\]\+ [A-Za-z0-9/_\\-]+ HTTP/"', request)
        target = re.fullmatch(r'RewriteRule "\^" "([^"$]*)" \[R=301,L,NE,QSD\]', rule).group(1)
        assert not re.search(r"(?<!\\)%", target)
    pattern = re.search(r'"\^\[A-Z\]\+ (.*) HTTP/"', "".join(lines[7])).group(1)
    assert re.fullmatch(pattern, "/%20(a|b)*?c=[d]^$")
    assert not re.fullmatch(pattern, "/%20a?c=d")
