"""Starting crawls in the browser: what the form offers, a second click, a list that is too long; the list of crawls."""

import re
from collections.abc import Callable
from datetime import timedelta
from urllib.parse import urlencode

import pytest
from django.test import Client
from django.utils import timezone

from backlinks.models import Crawl, CrawlHost, CrawlQueue
from projects.models import AuditEntry, Run
from tests.backlinks.crawled import add_address, make_crawl
from tests.backlinks.pages import all_rows, number_in, soup_of, url_of
from tests.conftest import Cast
from tests.factories import make_project

HOME = "https://client.example/"
SITE = {"kind": "site", "site": HOME, "max_pages": 500, "max_depth": 5, "max_hosts": 7}


@pytest.fixture
def editor(cast: Cast, browse: Callable) -> Client:
    return browse(cast.editor)


def at(cast: Cast, page: str = "") -> str:
    return url_of(cast.project, f"crawls/{page}")


def offered(client: Client, url: str) -> str:
    return soup_of(client.get(url)).select_one("#id_site")["value"]


# --- What the form offers ---------------------------------------------------------------------------------------------
def test_the_site_is_offered_where_it_was_found(cast: Cast, editor: Client) -> None:
    assert offered(editor, at(cast)) == "client.example"
    real = "http://client.example:8001/"
    make_crawl(project=cast.project, starts=[real])
    make_crawl(project=cast.project, starts=["https://blog.client.example/"])
    make_crawl(project=cast.project, starts=["https://rival.example/"])
    make_crawl(project=cast.project, starts=[HOME], pages=0, errors=1)
    assert offered(editor, at(cast)) == real
    assert offered(editor, at(cast, "?site=http://other.example/")) == "http://other.example/"


@pytest.mark.parametrize(
    ("given", "found", "offer"),
    [
        ("https://client.example:8443/shop/", "", "client.example:8443/shop/"),
        ("https://client.example:8443/shop/", "http://client.example:8443/shop/", "http://client.example:8443/shop/"),
        ("https://client.example:8443/shop/", "http://client.example:8443/", "client.example:8443/shop/"),
        ("blog.client.example", "http://blog.client.example:81/", "http://blog.client.example:81/"),
    ],
)
def test_folders_and_hosts_are_offered_as_they_are(
    cast: Cast, editor: Client, given: str, found: str, offer: str
) -> None:
    project = make_project(workspace=cast.workspace, domain=given)
    if found:
        make_crawl(project=project, starts=[found])
    assert offered(editor, url_of(project, "crawls/")) == offer


@pytest.mark.parametrize(
    ("state", "code", "reason", "hints"),
    [
        ("failed", "connect", "", 1),
        ("failed", "tls", "", 1),
        ("failed", "timeout", "", 1),
        ("failed", "robots_unreachable", "robots.txt could not be fetched (connect): nothing is fetched", 1),
        ("failed", "robots_unreachable", "robots.txt answered 503: nothing is fetched until it answers.", 0),
        ("failed", "http_500", "", 0),
        ("done", "", "", 0),
    ],
)
def test_http_is_proposed_where_https_gave_no_answer(
    cast: Cast, link_index: None, browse: Callable, state: str, code: str, reason: str, hints: int
) -> None:
    crawl = make_crawl(project=cast.project, starts=["https://client.example:8443/"])
    add_address(crawl, "https://client.example:8443/", state=state, code=code, reason=reason, status=0)
    found = soup_of(browse(cast.editor).get(at(cast, f"{crawl.pk}/"))).select("#crawl .alert a")
    assert len(found) == hints
    for hint in found:
        assert offered(browse(cast.editor), hint["href"]) == "http://client.example:8443/"
        viewer = soup_of(browse(cast.viewer).get(at(cast, f"{crawl.pk}/")))
        assert "An editor may try" in viewer.text and not viewer.select("#crawl .alert a")


def test_http_is_not_proposed_in_place_of_http(cast: Cast, link_index: None, editor: Client) -> None:
    crawl = make_crawl(project=cast.project, starts=["http://client.example/"])
    add_address(crawl, "http://client.example/", state="failed", code="connect")
    assert not soup_of(editor.get(at(cast, f"{crawl.pk}/"))).select("#crawl .alert")


# --- Starting ---------------------------------------------------------------------------------------------------------
def test_a_second_click_leads_to_the_same_crawl(cast: Cast, browse: Callable) -> None:
    editor = browse(cast.editor)
    first = editor.post(at(cast, "start/"), SITE)
    second = editor.post(at(cast, "start/"), SITE, follow=True)
    crawl = Crawl.objects.get()
    assert crawl.max_hosts == 7
    assert first.headers["Location"] == second.redirect_chain[0][0] == at(cast, f"{crawl.pk}/")
    assert "This crawl is running already." in soup_of(second).select_one(".messages").text
    assert (Run.objects.count(), AuditEntry.objects.filter(action="crawl.started").count()) == (1, 1)
    browse(cast.admin).post(at(cast, "start/"), SITE)
    assert Crawl.objects.count() == 2, "somebody else means it"


@pytest.fixture
def form(cast: Cast) -> tuple[Client, str]:
    """A browser that is made to show its token, and the token."""
    client = Client(enforce_csrf_checks=True)
    client.force_login(cast.editor, backend="allauth.account.auth_backends.AuthenticationBackend")
    shown = client.get(at(cast)).content.decode()
    return client, re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', shown).group(1)  # type: ignore[union-attr]


def send(cast: Cast, client: Client, **fields: str) -> object:
    return client.post(at(cast, "start/"), urlencode(fields), content_type="application/x-www-form-urlencoded")


def test_a_list_above_the_usual_size_of_a_form_is_read(cast: Cast, form: tuple[Client, str]) -> None:
    client, token = form
    pages = "\n".join(f"{HOME}{number}/{'x' * 300}" for number in range(9_000))
    assert len(pages) > 2_621_440
    assert send(cast, client, csrfmiddlewaretoken=token, kind="list", pages=pages).status_code == 302
    assert len(Crawl.objects.get().starts) == 9_000


def test_a_list_that_is_longer_still_is_refused_at_its_field(cast: Cast, form: tuple[Client, str]) -> None:
    client, token = form
    refused = send(cast, client, csrfmiddlewaretoken=token, kind="list", pages="x" * 11_000_000)
    assert refused.status_code == 422
    said = soup_of(refused).select_one(".errorlist").text
    assert "larger than 10 MB" in said and "split the list" in said
    assert not Crawl.objects.exists()


@pytest.mark.parametrize("kind", ["urlencoded", "multipart"])
def test_a_form_of_very_many_fields_is_refused_at_its_field(cast: Cast, form: tuple[Client, str], kind: str) -> None:
    client, token = form
    fields = {f"x{number}": "1" for number in range(5_000)} | {"csrfmiddlewaretoken": token, "kind": "list"}
    refused = client.post(at(cast, "start/"), fields) if kind == "multipart" else send(cast, client, **fields)
    assert refused.status_code == 422
    assert "too many fields" in soup_of(refused).select_one(".errorlist").text
    assert not Crawl.objects.exists()


def test_the_form_wants_its_token(cast: Cast, form: tuple[Client, str]) -> None:
    client, token = form
    for fields in ({}, {"csrfmiddlewaretoken": token[::-1]}):
        assert send(cast, client, kind="list", pages=HOME, **fields).status_code == 403
    assert not Crawl.objects.exists()
    assert send(cast, client, kind="list", pages=HOME, csrfmiddlewaretoken=token).status_code == 302


# --- The list of crawls -----------------------------------------------------------------------------------------------
def test_pages_read_are_counted_without_redirects(cast: Cast, editor: Client) -> None:
    crawl = make_crawl(project=cast.project, pages=4)
    for number, status in enumerate((200, 203, 301, 308)):
        add_address(crawl, f"{HOME}{number}", status=status)
    add_address(crawl, f"{HOME}target", purpose="target")
    cell = soup_of(editor.get(at(cast))).select_one("#crawls tbody td.num")
    assert " ".join(cell.get_text(" ").split()) == "2 of at most 500 pages"
    assert all_rows(editor, cell.a["href"]) == number_in(cell.a) == 2


@pytest.mark.parametrize(
    ("kind", "starts", "said"),
    [
        ("list", [HOME], "1 of at most 1 page"),
        ("list", [HOME, f"{HOME}a", f"{HOME}b"], "1 of at most 3 pages"),
        ("news", [HOME], "1 of at most 18 pages"),
        ("check", [], "1"),
    ],
)
def test_the_limit_is_said_as_it_was_asked_for(
    cast: Cast, editor: Client, kind: str, starts: list[str], said: str
) -> None:
    make_crawl(project=cast.project, kind=kind, starts=starts, max_pages=18)
    cell = soup_of(editor.get(at(cast))).select_one("#crawls tbody td.num")
    assert " ".join(cell.get_text(" ").split()) == said


# --- While it rests ---------------------------------------------------------------------------------------------------
@pytest.fixture
def resting(cast: Cast) -> Crawl:
    """A crawl that has read pages and waits for two sites."""
    crawl = make_crawl(
        project=cast.project, state="running", run="queued", pages=9, started_at=timezone.now() - timedelta(minutes=1)
    )
    Run.objects.update(lease_until=timezone.now() + timedelta(minutes=30))
    for domain in ("client.example", "other.example"):
        add_address(crawl, f"https://{domain}/next", state="queued", fetched_at=None)
        CrawlQueue.objects.create(crawl=crawl, domain=domain)
        CrawlHost.objects.create(domain=domain, next_at=timezone.now() + timedelta(minutes=30))
    return crawl


def words(client: Client, url: str) -> str:
    return " ".join(soup_of(client.get(url)).select_one("main").get_text(" ").split())


def test_a_crawl_that_rests_says_until_when(cast: Cast, resting: Crawl, editor: Client) -> None:
    moment = timezone.localtime(CrawlHost.objects.get(domain="client.example").next_at)
    shown = words(editor, at(cast, f"{resting.pk}/"))
    assert "Waiting for 2 sites; next request at" in shown and f"{moment:%H:%M:%S}" in shown
    assert "Pages a second – Remaining –" in shown, "a speed and a time that would be none"
    assert "waits until" in words(editor, at(cast))


def test_a_site_in_somebodys_hands_is_no_rest(cast: Cast, resting: Crawl, editor: Client) -> None:
    CrawlHost.objects.filter(domain="client.example").update(lease_until=timezone.now() + timedelta(minutes=1))
    shown = words(editor, at(cast, f"{resting.pk}/"))
    assert "Waiting for" not in shown and "Pages a second –" not in shown


def test_a_check_that_rests_says_so_too(cast: Cast, link_index: None, resting: Crawl, browse: Callable) -> None:
    Crawl.objects.update(kind="check", starts=[])
    shown = words(browse(cast.client), url_of(cast.project, "checks/"))
    assert "0 of 2 pages and targets visited. Waiting for 2 sites; next request at" in shown
    assert "to go" not in shown
