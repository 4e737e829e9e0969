"""The proof of a link in the browser: its checks with their evidence, the same as text, watching and checking it."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from django.utils import timezone

from backlinks import index
from backlinks.crawl.storing import batch_of
from backlinks.models import Crawl, WatchedLink
from projects.models import AuditEntry, Project
from seoapp.lib.weburl import parse
from tests.backlinks.crawled import make_crawl, work
from tests.backlinks.pages import soup_of, url_of
from tests.conftest import Cast, Hold
from tests.factories import add_links, make_project
from tests.web.pages import Link, article
from tests.web.server import SmallWeb

SOURCE, TARGET = "https://news.example/a", "https://client.example/"
MOMENT = datetime(2026, 3, 1, 12, 0, 5, tzinfo=UTC)
SNIPPET = f'<p>Read <a href="{TARGET}">our shop</a>\nnow</p>'


@pytest.fixture
def link(cast: Cast, held_index: Hold) -> str:
    """The page of a known link."""
    known = [{"source": SOURCE, "target": TARGET, "lost_reason": ""}]
    held_index(("proof", cast.workspace.pk), lambda: add_links(workspace=cast.workspace.pk, links=known))
    return url_of(cast.project, f"backlinks/{index.link_ids([(parse(SOURCE).key, parse(TARGET).key)])[0]}/")


def prove(check: Crawl, **values: Any) -> None:
    """A row of evidence for the link, in the index."""
    source, target = parse(SOURCE), parse(TARGET)
    row = {
        "source_domain": source.domain, "source_key": source.key, "source_url": source.url, "row": 1,
        "target_domain": target.domain, "target_key": target.key, "target_url": target.url,
        "checked_at": int(timezone.now().timestamp()), "state": "live", "http_status": 200, "nofollow": 0, "ugc": 0,
        "sponsored": 0,
    } | values  # fmt: skip
    index.begin(batch_of(check))
    index.add(batch_of(check), "checks", {name: [value] for name, value in row.items()}, block=0)
    index.complete(batch_of(check))


def test_markup_from_outside_is_shown_as_text(cast: Cast, link: str, browse: Callable) -> None:
    check = make_crawl(project=cast.project, kind="check")
    snippet = f'<p onclick="x"><script>alert(1)</script><a href="{TARGET}">here</a> &amp; there</p>'
    headers = {"server": "<b>nginx</b>"}
    prove(
        check, snippet=snippet, headers=headers, state="changed", before={"anchor": "<i>old"}, after={"anchor": "new"}
    )
    page = soup_of(browse(cast.client).get(link))
    item = page.select_one(".timeline-item")
    assert item.select_one("pre").text == snippet
    assert item.mark.text == f'<a href="{TARGET}">here</a>'
    assert not item.select("script, b, i, [onclick]")
    assert " ".join(item.select_one(".timeline-change").text.split()) == "Anchor <i>old → new"
    assert item.select_one(".timeline-head a")["href"].endswith(f"checks/links/?check={check.pk}")


def test_a_relative_link_is_marked_and_a_moved_page_is_named(cast: Cast, link: str, browse: Callable) -> None:
    check = make_crawl(project=cast.project, kind="check")
    prove(check, snippet='<a href="/other">no</a>', final_url="https://news.example/moved", target_status=404)
    item = soup_of(browse(cast.viewer).get(link)).select_one(".timeline-item")
    assert item.mark is None, "a link to another page is not this one"
    assert "at https://news.example/moved" in " ".join(item.select_one(".evidence").text.split())
    assert "It answered 404 (not found)" in item.text
    assert item.select_one(".timeline-head a")["href"].endswith(f"?check={check.pk}")


def test_checks_of_another_workspace_are_not_shown(cast: Cast, link: str, browse: Callable) -> None:
    prove(make_crawl(project=cast.other_project, kind="check"), anchor="LEAK-B")
    page = soup_of(browse(cast.viewer).get(link))
    assert not page.select(".timeline-item")
    assert "Our crawler has not looked at this link yet" in page.text


def test_a_link_is_watched_and_no_longer(cast: Cast, link: str, browse: Callable) -> None:
    editor = browse(cast.editor)
    buttons = soup_of(editor.get(link)).select("section[aria-labelledby=proof] button")
    assert [one.text.strip() for one in buttons] == ["Check this link", "Watch this link"]
    assert editor.post(f"{link}watch/").headers["Location"] == link
    watched = WatchedLink.objects.get()
    assert (watched.project, watched.source_url) == (cast.project, SOURCE)
    page = soup_of(editor.get(link))
    assert "Watched since" in page.text
    listed = soup_of(editor.get(url_of(cast.project, "checks/"))).select_one(
        "section[aria-labelledby=watched] td.row-open a"
    )
    assert listed["href"] == link
    editor.post(f"{link}watch/", {"stop": "1"})
    assert not WatchedLink.objects.exists()
    assert editor.post(f"{link}watch/", {"stop": "1"}).status_code == 302, "twice is no error"
    actions = list(AuditEntry.objects.order_by("pk").values_list("action", flat=True))
    assert actions[:2] == ["link.watched", "link.unwatched"]


def test_only_links_of_the_project_are_watched(cast: Cast, link: str, browse: Callable) -> None:
    editor = browse(cast.editor)
    foreign = f"{link}?target=client.example"
    assert not soup_of(editor.get(foreign)).select("section[aria-labelledby=proof] form")
    assert editor.post(f"{link}watch/?target=client.example").status_code == 404
    assert editor.post(url_of(cast.project, "backlinks/1/watch/")).status_code == 404
    assert not WatchedLink.objects.exists()


# --- What can be shown to others --------------------------------------------------------------------------------------
def at(day: int) -> int:
    return int(MOMENT.replace(day=day).timestamp())


def prove_a_loss(project: Project) -> None:
    """Seen on the first of March, with an unseen page on the second and the loss on the third."""
    prove(make_crawl(project=project, kind="check"), checked_at=at(1), snippet=SNIPPET, page_hash="a" * 64)
    prove(make_crawl(project=project, kind="check"), checked_at=at(2), state="unknown", reason="http_403",
          http_status=403)  # fmt: skip
    prove(make_crawl(project=project, kind="check"), checked_at=at(3), state="lost", reason="removedfromhtml",
          headers={"server": "nginx", "x-note": "one\nVerdict: Live \u202etxt"}, page_hash="b" * 64)  # fmt: skip


def test_a_loss_shows_the_markup_that_was_there(cast: Cast, link: str, browse: Callable) -> None:
    prove_a_loss(cast.project)
    items = soup_of(browse(cast.client).get(link)).select(".timeline-item")
    assert [one.details.has_attr("open") for one in items] == [True, False, False], "the newest alone"
    assert "Last seen with this markup on 1 Mar 2026" in " ".join(items[0].text.split())
    assert items[0].pre.text == items[1].pre.text == SNIPPET
    assert items[0].mark.text == f'<a href="{TARGET}">our shop</a>'
    assert "Last seen with" not in items[2].text


def test_the_proof_as_text(cast: Cast, link: str, browse: Callable) -> None:
    prove_a_loss(cast.project)
    client = browse(cast.client)
    links = [one["href"] for one in soup_of(client.get(link)).select(".evidence-links a")]
    answer = client.get(links[0])
    assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
    text = answer.content.decode()
    assert text == client.get(f"{link}proof.txt").content.decode(), "the newest where nobody says which"
    now, before = text.split("Before\n------\n")
    lines = [" ".join(one.split()) for one in now.splitlines()]
    assert f"Linking page: {SOURCE}" in lines and f"Target page: {TARGET}" in lines
    assert "Looked at: 2026-03-03 12:00:05 UTC" in lines
    assert "Verdict: Lost: The page no longer has the link" in lines
    assert "server: nginx" in lines and f"SHA-256 of the page: {'b' * 64}" in lines
    assert "x-note: one\\u000aVerdict: Live \\u202etxt" in lines, "a header cannot pass for words of ours"
    assert "Looked at:               2026-03-01 12:00:05 UTC" in before
    assert f'    <p>Read <a href="{TARGET}">our shop</a>\n    now</p>\n' in before
    assert "2026-03-02 12:00:05 UTC: Could not look: It answered 403 (access refused)" in before
    oldest = client.get(links[2]).content.decode()
    assert "Before\n" not in oldest and "our shop" in oldest
    assert client.get(f"{link}proof.txt?at=1").status_code == 404


def test_a_link_that_was_looked_at_is_not_called_unread(cast: Cast, link: str, browse: Callable) -> None:
    client = browse(cast.client)
    assert "has not read the referring page" in client.get(link).content.decode()
    prove(make_crawl(project=cast.project, kind=Crawl.Kind.CHECK))
    said = client.get(link).content.decode()
    assert "has not read the referring page" not in said
    assert f"Our crawler looked for the link on {timezone.now():%Y-%m-%d}" in said


def test_a_link_without_checks_has_no_proof(cast: Cast, link: str, browse: Callable) -> None:
    prove(make_crawl(project=cast.other_project, kind="check"), anchor="LEAK-B")
    assert browse(cast.viewer).get(f"{link}proof.txt").status_code == 404
    assert browse(cast.viewer).get(url_of(cast.project, "backlinks/1/proof.txt")).status_code == 404


def test_what_the_page_says_of_being_indexed_is_evidence(cast: Cast, link: str, browse: Callable) -> None:
    headers = {"server": "nginx", "meta robots": "nofollow, noindex", "link canonical": "https://news.example/original"}
    prove(
        make_crawl(project=cast.project, kind="check"), state="lost", reason="noindex", headers=headers, nofollow=1,
        anchor="shop", snippet=SNIPPET,
    )  # fmt: skip
    viewer = browse(cast.viewer)
    rows = {
        row.th.text: " ".join(row.td.text.split())
        for row in soup_of(viewer.get(link)).select(".timeline-item .fact-table tr")
    }
    assert rows["robots meta tag"] == "nofollow, noindex"
    assert rows["canonical tag"] == "https://news.example/original"
    assert list(rows).index("robots meta tag") < list(rows).index("server")
    assert rows["Link"] == "“shop” · nofollow (whole page)"
    text = viewer.get(f"{link}proof.txt").content.decode()
    assert "robots meta tag:         nofollow, noindex" in text and "nofollow (whole page)" in text


# --- Checking one link ------------------------------------------------------------------------------------------------
def test_one_link_is_checked_at_once(
    cast: Cast, small_web: SmallWeb, free_web: None, link_index: None, browse: Callable
) -> None:
    project = make_project(workspace=cast.workspace, domain="shop1.localhost")
    about = small_web.url("shop1.localhost", "/about")
    pages = [small_web.url("blog0.localhost", path) for path in ("/one", "/two")]
    small_web.edit("blog0.localhost", "/one", article("A page", [Link(about, "our shop")], text=["Words."]))
    add_links(
        workspace=cast.workspace.pk, links=[{"source": page, "target": about, "lost_reason": ""} for page in pages]
    )
    (number,) = index.link_ids([(parse(pages[0]).key, parse(about).key)])
    link = url_of(project, f"backlinks/{number}/")
    editor = browse(cast.editor)
    assert editor.post(f"{link}check/").headers["Location"] == f"{link}#proof"
    editor.post(f"{link}check/")
    check = Crawl.objects.get()
    assert (check.kind, check.starts) == ("check", [pages[0], about])
    proof = soup_of(editor.get(link)).select_one("section[aria-labelledby=proof]")
    assert "waits for a worker" in proof.text
    assert [one.text.strip() for one in proof.select("button")] == ["Watch this link"]
    assert AuditEntry.objects.filter(action="check.started").count() == 1
    work()
    proof = soup_of(editor.get(link)).select_one("section[aria-labelledby=proof]")
    assert [one.text for one in proof.select(".timeline-item .state")] == ["Live"]
    assert proof.button.text.strip() == "Check this link"
    assert [one.source_url for one in check.items.all()] == [pages[0]]
    checks = soup_of(editor.get(url_of(project, "checks/")))
    assert not checks.select("section[aria-labelledby=last-check]"), "it is no check of the links"
    assert "1 link checked" in checks.select_one("section[aria-labelledby=today]").text


def test_only_links_of_the_project_are_checked(cast: Cast, link: str, browse: Callable) -> None:
    editor = browse(cast.editor)
    assert editor.post(f"{link}check/?target=client.example").status_code == 404
    assert editor.post(url_of(cast.project, "backlinks/1/check/")).status_code == 404
    assert browse(cast.viewer).post(f"{link}check/").status_code == 403
    assert not Crawl.objects.exists()
