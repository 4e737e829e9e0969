"""Watched sites in the browser: add one, look now, pause, stop, and the list of new pages."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from backlinks.crawl import watching
from backlinks.crawl.models import Crawl
from backlinks.models import SitePage, WatchedSite
from projects.models import AuditEntry, Run
from tests.backlinks.pages import csv_of, rows_of, soup_of, url_of
from tests.conftest import Cast


@pytest.fixture
def rung(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    found: list[int] = []
    monkeypatch.setattr("backlinks.views.sites.ring", found.append)
    return found


def watched(cast: Cast, url: str = "https://news.example/") -> WatchedSite:
    return watching.watch_site(project=cast.project, url=url, user=cast.editor)


def ended() -> None:
    Crawl.objects.update(state=Crawl.State.DONE, finished_at=timezone.now())
    Run.objects.update(state=Run.State.DONE)


def test_an_editor_watches_a_site_and_the_first_look_begins(cast: Cast, browse: type[Client], rung: list[int]) -> None:
    editor, url = browse(cast.editor), url_of(cast.project, "sites/")
    assert "No site is watched yet" in soup_of(editor.get(url)).get_text()
    asked = {"url": "News.example", "every_hours": "6", "max_pages": "50"}
    assert editor.post(f"{url}watch/", asked).headers["Location"] == url
    site, crawl = WatchedSite.objects.get(), Crawl.objects.get()
    assert (site.url, site.every_hours, site.max_pages, site.started_by) == (
        "https://news.example/", 6, 50, cast.editor,
    )  # fmt: skip
    assert (crawl.watched, crawl.kind, crawl.started_by, rung) == (site, "news", cast.editor, [crawl.run_id])
    assert site.next_at > timezone.now() + timedelta(hours=5)
    (row,) = rows_of(soup_of(browse(cast.viewer).get(url)))
    assert "Every 6 hours" in row.get_text() and row.select_one(f"a[href$='/crawls/{crawl.pk}/']")
    assert AuditEntry.objects.filter(action="site.watched").exists()
    editor.post(f"{url}watch/", asked | {"every_hours": "24"})
    site.refresh_from_db()
    assert site.every_hours == 24 and Crawl.objects.count() == 1, "the first look goes on"


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"url": "ftp://news.example"}, "no address of a web page"),
        ({"url": ""}, "required"),
        ({"every_hours": "5"}, "valid choice"),
        ({"max_pages": "0"}, "greater than or equal"),
    ],
)
def test_a_wrong_form_says_what_is_wrong(
    cast: Cast, browse: type[Client], rung: list[int], asked: dict[str, str], words: str
) -> None:
    good = {"url": "news.example", "every_hours": "24", "max_pages": "50"}
    response = browse(cast.editor).post(url_of(cast.project, "sites/watch/"), good | asked)
    assert response.status_code == 422 and words in soup_of(response).get_text()
    assert not WatchedSite.objects.exists() and rung == []


def test_a_full_list_of_sites_is_said_in_the_form(
    cast: Cast, browse: type[Client], rung: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watching, "MAX_SITES", 0)
    asked = {"url": "news.example", "every_hours": "24", "max_pages": "50"}
    response = browse(cast.editor).post(url_of(cast.project, "sites/watch/"), asked)
    assert response.status_code == 422 and "the most that a project can watch" in soup_of(response).get_text()


def test_look_now_pause_go_on_and_stop(cast: Cast, browse: type[Client], rung: list[int]) -> None:
    site, editor = watched(cast), browse(cast.editor)
    url = url_of(cast.project, f"sites/{site.pk}/")
    editor.post(f"{url}look/")
    assert rung == [Crawl.objects.get().run_id]
    assert "already" in soup_of(editor.post(f"{url}look/", follow=True)).get_text() and len(rung) == 1
    assert "cancel that crawl first" in soup_of(editor.post(f"{url}forget/", follow=True)).get_text()
    for data, paused in (({}, True), ({"resume": "1"}, False)):
        editor.post(f"{url}pause/", data)
        site.refresh_from_db()
        assert site.is_paused is paused
    ended()
    editor.post(f"{url}forget/")
    assert not WatchedSite.objects.exists() and Crawl.objects.get().watched is None


def test_a_viewer_sees_and_changes_nothing(cast: Cast, browse: type[Client], rung: list[int]) -> None:
    site, viewer = watched(cast), browse(cast.viewer)
    WatchedSite.objects.update(error="No sitemap and no feed could be read.")
    page = soup_of(viewer.get(url_of(cast.project, "sites/")))
    assert "No sitemap and no feed" in page.get_text() and not page.select("main form")
    for what in ("look", "pause", "forget"):
        assert viewer.post(url_of(cast.project, f"sites/{site.pk}/{what}/")).status_code == 403
    assert browse(cast.client).get(url_of(cast.project, "sites/")).status_code == 403


def test_a_look_that_found_no_list_is_no_plain_success(cast: Cast, browse: type[Client]) -> None:
    watching.look(watched(cast), cast.editor)
    ended()
    (row,) = rows_of(soup_of(browse(cast.viewer).get(url_of(cast.project, "sites/"))))
    assert row.select_one(".state-done").text == "Done"
    Crawl.objects.update(results={"unlisted": "The site names no sitemap and no feed."}, pages=1)
    (row,) = rows_of(soup_of(browse(cast.viewer).get(url_of(cast.project, "sites/"))))
    assert row.select_one(".state-warning").text == "Done, no sitemap or feed"


def test_new_pages_are_one_list_with_filters_and_export(cast: Cast, browse: type[Client]) -> None:
    viewer, url = browse(cast.viewer), url_of(cast.project, "new-pages/")
    assert "No new page yet" in soup_of(viewer.get(url)).get_text()
    sites = [watched(cast), watched(cast, "https://blog.example/")]
    now = timezone.now()
    for number, site in enumerate(sites):
        for key in range(2):
            SitePage.objects.create(
                site=site, key=key, url=f"{site.url}{key}", title=f"Page {number} {key}", is_new=key == 1, found_at=now,
                status=200 if number else 0,
            )  # fmt: skip
    rows = rows_of(soup_of(viewer.get(url)))
    assert {row.select_one("a")["href"] for row in rows} == {"https://news.example/1", "https://blog.example/1"}
    assert len(rows_of(soup_of(viewer.get(f"{url}?site={sites[0].pk}")))) == 1
    assert len(rows_of(soup_of(viewer.get(f"{url}?domain=blog")))) == 1
    exported = csv_of(viewer.get(f"{url}?export=csv&sort=-title&site={sites[1].pk}"))
    assert [row[:3] for row in exported[1:]] == [["https://blog.example/1", "Page 1 1", "blog.example"]]
    page = soup_of(viewer.get(url_of(cast.project, "sites/")))
    assert page.select_one(f"a[href='{url}?site={sites[0].pk}']").get_text() == "1"
