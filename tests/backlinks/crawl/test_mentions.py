"""Mentions without a link: what counts as one in a text, and which visit of a page decides."""

import pytest

from backlinks import index
from backlinks.crawl import child, jobs, mentions
from backlinks.crawl.messages import Job
from backlinks.crawl.models import Crawl
from backlinks.crawl.reader import Reader
from backlinks.index import engine
from projects.models import Project
from tests.backlinks.crawl.crawling import crawled, let_time_pass, observed
from tests.conftest import Cast
from tests.factories import make_project
from tests.web.pages import Link, Page, article, redirect, refusal
from tests.web.server import SmallWeb

SOURCE, TARGET = "blog0.localhost", "shop1.localhost"
WORDS = "We bought a lamp from Café Zürich last week and it still works. It was a good week."


# --- In a text --------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("text", "term", "found"),
    [
        ("we like CLIENT, a lot", "Client", "CLIENT"),
        ("cafe zurich rocks", "Café Zürich", "cafe zurich"),
        ("CAFÉ ZÜRICH", "cafe zurich", "CAFÉ ZÜRICH"),
        ("Cafe\u0301 Zu\u0308rich", "Café Zürich", "Café Zürich"),  # written with separate accents
        ("in der Straße", "STRASSE", "Straße"),
        ("Łódź by train", "lodz", "Łódź"),
        ("\u0130stanbul", "istanbul", "\u0130stanbul"),
        ("a cli\u00adent", "client", "cli\u00adent"),
        ("O\u2019Reilly\u2019s books", "O'Reilly", "O\u2019Reilly"),
        ("Coca\u2011Cola", "coca-cola", "Coca\u2011Cola"),
        ("see client.example.", "client.example", "client.example"),
        ("c++ (fast)", "C++", "c++"),
        ("東京都の天気", "東京", "東京"),
        ("클라이언트는 좋다", "클라이언트", "클라이언트"),
        ("Ελλάς", "ΕΛΛΑΣ", "Ελλάς"),
    ],
)
def test_a_term_is_found_whatever_its_case_and_accents(text: str, term: str, found: str) -> None:
    mention = mentions.find(text, (term,))
    assert mention is not None and (mention.found, mention.term) == (found, term)


@pytest.mark.parametrize(
    ("text", "term"),
    [
        ("clients and reclient", "client"),
        ("client_id and client2", "client"),
        ("café\nzürich", "Café Zürich"),  # two blocks of the page
        ("कालि", "क"),  # a vowel sign makes another syllable
        ("ガイド", "カイト"),
        ("", "client"),
        ("anything at all", "  "),
        ("!!! ???", "!!!"),
    ],
)
def test_what_is_no_whole_word_is_no_mention(text: str, term: str) -> None:
    assert mentions.find(text, mentions.terms_of([term])) is None


def test_the_first_of_several_terms_with_the_words_around_it() -> None:
    text = f"Before.\n{'word ' * 60}the Client Shop sells; client too, and ACME {'more ' * 60}\nAfter."
    found = mentions.find(text, ("Client", "Client Shop", "Acme", "Nobody"))
    assert found is not None
    assert (found.term, found.terms, found.times) == ("Client Shop", ("Client Shop", "Client", "Acme"), 3)
    assert found.left.endswith("word the ") and found.right.startswith(" sells; client too")
    assert len(found.left) <= mentions.AROUND and len(found.right) <= mentions.AROUND
    assert "Before" not in found.left and "After" not in found.right


def test_places_are_those_of_the_text_where_folding_changes_its_length() -> None:
    found = mentions.find("ß ﬃ \u00ad½ Æ → the client here", ("client",))
    assert found is not None and (found.left[-4:], found.found, found.right) == ("the ", "client", " here")


def test_terms_that_cannot_be_looked_for_are_left_out() -> None:
    odd = [None, 7, "", "…", "x" * 101, "  two \n words ", "two words", "Two"]
    assert mentions.terms_of(odd) == ("two words", "Two")
    assert len(mentions.terms_of([f"term {number}" for number in range(80)])) == mentions.MAX_TERMS


def test_hostile_text_is_read_within_the_time_of_a_page() -> None:
    terms = mentions.terms_of(["a " * 49 + "b", *(f"client {number}" for number in range(49))])
    reader = Reader()
    for text in ("a " * 100_000, "é " * 100_000, "a" * 200_000, "가" * 200_000, "client shop " * 16_000):
        body = f"<main><p>{text}</p></main>".encode()
        job = Job("https://news.example/", body, content_type="text/html; charset=utf-8", terms=terms, site="x.example")
        assert reader.read(job).refused == ""
    reader.close()


# --- On a page --------------------------------------------------------------------------------------------------------
def reading(html: str, url: str = "https://news.example/a", **job: object) -> dict[str, list[object]]:
    asked = {"terms": ("Client",), "site": "client.example", "row": 7} | job
    body = f"<html lang=en><title>News</title><body>{html}".encode()
    return child.read(Job(url, body, content_type="text/html; charset=utf-8", at=99, **asked)).mentions  # type: ignore[arg-type]


def test_a_page_that_names_the_brand_and_does_not_link() -> None:
    row = reading("<main><p>The shop of Client is open.</p></main>")
    assert {name: values[0] for name, values in row.items()} == {
        "target_domain": "client.example", "source_domain": "news.example", "source_key": "news.example/a",
        "source_url": "https://news.example/a", "row": 7, "mentioned_at": 99, "title": "News", "language": "en",
        "term": "Client", "terms": ["Client"], "times": 1, "snippet_left": "The shop of ", "snippet_term": "Client",
        "snippet_right": " is open.",
    }  # fmt: skip


@pytest.mark.parametrize(
    "html",
    [
        '<main><p>The shop of <a href="https://www.client.example/x">Client</a>.</p></main>',
        '<main><p>Client</p></main><footer><a rel=nofollow href="//client.example">x</a></footer>',
        "<main><p>The client's</p></main><p hidden>nothing</p>".replace("client", "clients"),
        "<main><p>Some words that say nothing of it.</p></main><script>Client</script><!-- Client -->",
    ],
)
def test_a_link_or_no_word_of_it_is_no_mention(html: str) -> None:
    assert reading(html) == {}


def test_canonical_is_no_link_own_pages_mention_nothing_and_without_terms_nothing_is_looked_for() -> None:
    html = '<link rel=canonical href="https://client.example/a"><main><p>By Client.</p></main>'
    assert reading(html)["term"] == ["Client"]
    assert reading(html, url="https://shop.client.example/") == {}
    assert reading(html, terms=()) == {}


# --- In a crawl -------------------------------------------------------------------------------------------------------
@pytest.fixture
def project(cast: Cast) -> Project:
    return make_project(workspace=cast.workspace, domain=TARGET, brands=("Cafe Zurich", "Lamps"))


def shown(project: Project, *conditions: tuple[str, str, str], terms: tuple[str, ...] = ()) -> list[str]:
    """Paths of the pages that are listed."""
    asked = index.MentionQuery(
        project.workspace_id, TARGET, terms or tuple(project.brand_terms), conditions, "source_url", descending=False
    )
    rows = index.fetch_mentions(asked).rows
    assert rows == list(index.stream_mentions(asked)) and len(rows) == index.count_mentions(asked)
    return ["/" + str(row["source_url"]).partition("/")[2].rpartition("/")[2] for row in rows]


def page(*links: Link, text: str = WORDS, title: str = "A lamp") -> Page:
    return article(title, links, text=[text])


def listed(web: SmallWeb, project: Project, *paths: str) -> Crawl:
    return crawled(project, *(web.url(SOURCE, path) for path in paths), kind="list")


@pytest.mark.usefixtures("free_web", "link_index", "unsettled")
def test_mentions_of_a_crawl(small_web: SmallWeb, project: Project) -> None:
    small_web.edit(SOURCE, "/named", page(text=f"{WORDS} Lamps everywhere."))
    small_web.edit(SOURCE, "/linked", page(Link(small_web.url(TARGET, "/about"), "shop")))
    small_web.edit(SOURCE, "/other", page(text="Nothing of it."))
    small_web.edit(TARGET, "/own", page())
    paths = (small_web.url(SOURCE, path) for path in ("/named", "/linked", "/other"))
    crawl = crawled(project, *paths, small_web.url(TARGET, "/own"), kind="list")
    (row,) = index.fetch_mentions(index.MentionQuery(project.workspace_id, TARGET, ("Cafe Zurich",))).rows
    assert (row["term"], row["terms"], row["times"]) == ("Cafe Zurich", ["Cafe Zurich", "Lamps"], 2)
    assert (row["title"], row["language"], row["source_domain"]) == ("A lamp", "en", SOURCE)
    assert row["snippet_left"].endswith("lamp from ") and row["snippet_term"] == "Café Zürich"
    assert shown(project, ("term", "is", "Lamps")) == ["/named"] and shown(project, ("term", "is", "x")) == []
    assert shown(project, ("source_domain", "contains", "BLOG0")) == ["/named"]
    assert shown(project, ("mentioned_at", "to", "2001-01-01"), ("no such", "is", "x")) == []
    assert shown(project, terms=("Something else",)) == [], "terms that the project gave up"
    index.remove(index.Batch(crawl.workspace_id, crawl.batch, "crawl", "list"))
    assert shown(project) == [] and observed(crawl, "mentions") == []


@pytest.mark.usefixtures("free_web", "link_index", "unsettled")
def test_the_newest_visit_decides(small_web: SmallWeb, project: Project, cast: Cast) -> None:
    paths = ("/links", "/silent", "/gone", "/moved", "/broken-now", "/stays", "/seen-by-others")
    for path in paths:
        small_web.edit(SOURCE, path, page())
    listed(small_web, project, *paths)
    assert shown(project) == sorted(paths)
    small_web.edit(SOURCE, "/links", page(Link(small_web.url(TARGET, "/about"), "Café Zürich")))
    small_web.edit(SOURCE, "/silent", page(text="Not a word."))
    small_web.edit(SOURCE, "/gone", refusal(404))
    small_web.edit(SOURCE, "/moved", redirect("/elsewhere"))
    small_web.edit(SOURCE, "/elsewhere", page())
    small_web.edit(SOURCE, "/broken-now", refusal(503))
    listed(small_web, project, *paths)
    after = ["/broken-now", "/elsewhere", "/seen-by-others", "/stays"]
    assert shown(project) == after, "a page that could not be looked at says nothing"
    crawled(cast.second_project, small_web.url(SOURCE, "/stays"), kind="list")
    assert shown(project) == after, "whoever did not look for it has nothing to say"
    let_time_pass()
    small_web.edit(SOURCE, "/seen-by-others", page(Link(small_web.url(TARGET, "/about"), "now a link")))
    crawled(cast.second_project, small_web.url(SOURCE, "/seen-by-others"), kind="list")
    assert shown(project) == ["/broken-now", "/elsewhere", "/stays"]


@pytest.mark.usefixtures("free_web", "link_index")
def test_a_check_that_loses_a_link_finds_the_mention_that_is_left(small_web: SmallWeb, project: Project) -> None:
    small_web.edit(SOURCE, "/a", page(Link(small_web.url(TARGET, "/about"), "shop")))
    listed(small_web, project, "/a")
    assert shown(project) == []
    small_web.edit(SOURCE, "/a", page())
    crawled(project, kind="check")
    assert shown(project) == ["/a"]
    check = crawled(project, kind="check")
    assert check.urls.get(purpose="page").status == 304 and shown(project) == ["/a"], "an unchanged page still names it"


@pytest.mark.usefixtures("free_web", "link_index", "unsettled")
def test_without_terms_no_text_is_looked_at_and_unfinished_crawls_do_not_count(
    small_web: SmallWeb, project: Project
) -> None:
    small_web.edit(SOURCE, "/a", page())
    Project.objects.filter(pk=project.pk).update(brand_terms=[])
    plain = listed(small_web, Project.objects.get(pk=project.pk), "/a")
    assert observed(plain, "mentions") == []
    Project.objects.filter(pk=project.pk).update(brand_terms=["Cafe Zurich"])
    project.refresh_from_db()
    crawl = listed(small_web, project, "/a")
    assert shown(project) == ["/a"] and len(observed(crawl, "mentions")) == 2, "the page, and that it was looked for"
    engine.insert("batches", {"workspace": [crawl.workspace_id], "batch": [crawl.batch], "state": ["writing"]})
    assert shown(project) == []


@pytest.mark.usefixtures("free_web", "link_index", "unsettled")
def test_a_crawl_that_begins_again_says_once_that_it_looks(project: Project) -> None:
    crawl = jobs.start(project=project, kind="list", user=None, starts=["http://10.1.2.3/"])
    for _ in range(2):
        jobs.note_terms(crawl)
    assert len(observed(crawl, "mentions")) == 1
