"""Link checks in the browser: look now, plan, read what was found, open the proof, watch a link."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.test import Client
from django.utils import timezone

from backlinks import index
from backlinks.models import CheckItem, CheckPlan, Crawl, WatchedLink
from projects.models import AuditEntry, Project
from seoapp.lib.weburl import parse
from tests.backlinks.crawl.crawling import let_time_pass
from tests.backlinks.crawled import add_item, make_crawl, work
from tests.backlinks.pages import all_rows, csv_of, number_in, rows_of, soup_of, url_of
from tests.conftest import Cast
from tests.factories import add_links, make_project
from tests.web.pages import Link, article, refusal
from tests.web.server import SmallWeb

SOURCE, TARGET = "https://news.example/a", "https://client.example/"
HX = {"HX-Request": "true"}


def at(project: Project, page: str = "") -> str:
    return url_of(project, f"checks/{page}")


def counts(page: BeautifulSoup) -> dict[str, tuple[int, str]]:
    cards = page.select("#last-check ~ * a.figure-card, section[aria-labelledby=last-check] a.figure-card")
    return {
        one.select_one(".figure-name").text: (number_in(one.select_one(".figure-value")), one["href"]) for one in cards
    }


@pytest.fixture
def shop(cast: Cast, small_web: SmallWeb, free_web: None, link_index: None) -> Project:
    """A project of the small web with three known links: one stays, one is removed, one page is blocked."""
    project = make_project(workspace=cast.workspace, domain="shop1.localhost")
    about = small_web.url("shop1.localhost", "/about")
    for path in ("/stays", "/removed"):
        small_web.edit("blog0.localhost", path, article("A page", [Link(about, "our shop")], text=["Words."]))
    small_web.edit("blog0.localhost", "/blocked", refusal(403))
    links = [
        {"source": small_web.url("blog0.localhost", path), "target": about, "anchor": "our shop", "lost_reason": ""}
        for path in ("/stays", "/removed", "/blocked")
    ]
    add_links(workspace=cast.workspace.pk, links=links)
    return project


def test_links_are_checked_counted_and_proved(cast: Cast, shop: Project, small_web: SmallWeb, browse: Callable) -> None:
    editor = browse(cast.editor)
    assert "No link was checked yet" in soup_of(editor.get(at(shop))).text
    assert editor.post(at(shop, "start/"), {"limit": 100}).headers["Location"] == at(shop)
    running = soup_of(editor.get(at(shop)))
    assert running.select_one("#check-now")["hx-trigger"] == "every 2s"
    assert not running.select("#id_limit"), "one check at a time"
    assert "HX-Refresh" not in editor.get(at(shop), headers=HX)
    again = editor.post(at(shop, "start/"), {"limit": 100})
    assert (again.status_code, Crawl.objects.count()) == (422, 1)
    work()
    assert editor.get(at(shop), headers=HX)["HX-Refresh"] == "true"
    small_web.edit("blog0.localhost", "/removed", article("A page", [], text=["Nothing here."]))
    let_time_pass()
    editor.post(at(shop, "start/"), {"limit": 100})
    work()
    page = soup_of(editor.get(at(shop)))
    found = counts(page)
    assert {name: number for name, (number, _) in found.items()} == {
        "Checked": 3, "Live": 1, "Changed": 0, "Restored": 0, "Newly lost": 1, "Still lost": 0, "Broken target": 0,
        "Could not look": 1,
    }  # fmt: skip
    for name, (number, href) in found.items():
        assert all_rows(editor, href) == number, name
    reasons = {row.th.text: row.a["href"] for row in page.select(".panels .reasons tbody tr")}
    assert set(reasons) == {"The page no longer has the link", "It answered 403 (access refused)"}
    assert all(all_rows(editor, href) == 1 for href in reasons.values())
    links, looks = page.select("section[aria-labelledby=today] a")[:2]
    assert (links.text, all_rows(editor, links["href"])) == ("3 links checked", 3)
    assert (looks.text, all_rows(editor, looks["href"])) == ("6 looks", 6)
    assert [one.text for one in page.select(".chart-table tbody tr")[0].select("td")] == ["3", "0", "0", "1", "0", "2"]
    assert AuditEntry.objects.filter(action="check.started").count() == 2
    lost = soup_of(editor.get(reasons["The page no longer has the link"]))
    _proof_of_the_loss(soup_of(editor.get(rows_of(lost)[0].select_one("td.row-open a")["href"])))


def _proof_of_the_loss(page: BeautifulSoup) -> None:
    """The newest check first, each with what its visit kept."""
    newest, oldest = page.select(".timeline-item")
    assert (newest.select_one(".state").text, oldest.select_one(".state").text) == ("Lost", "Live")
    assert newest.select_one(".timeline-why").text == "The page no longer has the link."
    assert "No markup was kept" in newest.text
    assert oldest.mark.text.startswith("<a href=") and oldest.mark.text.endswith(">our shop</a>")
    assert "text/html" in oldest.select_one(".evidence").text
    assert len(oldest.select_one(".hash").text) == 64


@pytest.mark.parametrize(("limit", "said"), [("", "required"), ("0", "at least 1"), ("x", "whole number"), ("1e9", "")])
def test_a_bad_number_is_said_at_its_field(
    cast: Cast, link_index: None, browse: Callable, limit: str, said: str
) -> None:
    refused = browse(cast.editor).post(at(cast.project, "start/"), {"limit": limit})
    assert refused.status_code == 422
    error = soup_of(refused).select_one("#id_limit_error, .errorlist")
    assert said.split()[-1] in error.text if said else error.text
    assert not Crawl.objects.exists()


def test_the_plan_is_kept_and_shown(cast: Cast, link_index: None, browse: Callable) -> None:
    editor = browse(cast.editor)
    assert editor.post(at(cast.project, "plan/"), {"every_days": 5, "daily_links": 100}).status_code == 422
    assert editor.post(at(cast.project, "plan/"), {"every_days": 7, "daily_links": 0}).status_code == 422
    assert not CheckPlan.objects.exists()
    usual = soup_of(browse(cast.client).get(at(cast.project)))
    assert "Each link is looked at every 7 days, 500 links a day at most." in usual.text, "the schedule follows it too"
    CheckPlan.objects.create(project=cast.project, every_days=1, daily_links=1)
    assert "every day, 1 link a day at most." in soup_of(browse(cast.client).get(at(cast.project))).text
    CheckPlan.objects.all().delete()
    saved = editor.post(at(cast.project, "plan/"), {"every_days": 14, "daily_links": 200}, follow=True)
    assert "The plan was saved." in saved.content.decode()
    plan = CheckPlan.objects.get()
    assert (plan.every_days, plan.daily_links) == (14, 200)
    assert AuditEntry.objects.get(action="check.planned").detail == {"every_days": 14, "daily_links": 200}
    CheckPlan.objects.update(every_days=0)
    assert "never by themselves" in soup_of(browse(cast.viewer).get(at(cast.project))).text
    CheckPlan.objects.update(every_days=5)
    kept = soup_of(editor.get(at(cast.project))).select_one("#id_every_days option[selected]")
    assert kept.text == "Every 5 days", "a number that no choice names is not lost"
    viewer = soup_of(browse(cast.viewer).get(at(cast.project)))
    assert "Each link is looked at every 5 days, 200 links a day at most." in viewer.text
    assert not viewer.select("main form")


def test_items_are_filtered_and_exported_without_formulas(cast: Cast, link_index: None, browse: Callable) -> None:
    check = make_crawl(project=cast.project, kind="check")
    add_item(check, SOURCE, state="changed", changes={"anchor": ["=old", "new"], "nofollow": ["no", "yes"]})
    add_item(check, "https://blog.example/", state="unknown", reason="robots")
    add_item(check, "https://far.example/", state="unknown", reason="robots_unreachable")
    unfinished = make_crawl(project=cast.project, kind="check", state="running", run="failed")
    add_item(unfinished, "https://half.example/", state="lost", reason="notfound")
    add_item(make_crawl(project=cast.second_project, kind="check"), "https://second.example/")
    client = browse(cast.client)
    page = soup_of(client.get(at(cast.project, "links/?state=changed")))
    assert "Anchor: =old → new; nofollow: no → yes" in rows_of(page)[0].text
    assert rows_of(page)[0].select_one("td.state-mapping").text == "changed"
    assert len(rows_of(soup_of(client.get(at(cast.project, "links/?reason=robots"))))) == 1, "the reason, exactly"
    rows = csv_of(client.get(at(cast.project, "links/?export=csv&sort=source_url")))
    assert [row[0] for row in rows[1:]] == ["https://blog.example/", "https://far.example/", SOURCE]
    assert rows[3][4].startswith("Anchor: =old")
    assert AuditEntry.objects.filter(action="export", who=cast.client).exists()


def test_what_is_newly_lost_is_told_apart(cast: Cast, link_index: None, browse: Callable) -> None:
    check = make_crawl(project=cast.project, kind="check")
    add_item(check, SOURCE, state="lost", reason="notfound", is_new=True)
    for number in range(2):
        add_item(check, f"https://old.example/{number}", state="lost", reason="notfound")
    client = browse(cast.client)
    found = counts(soup_of(client.get(at(cast.project))))
    assert (found["Newly lost"][0], found["Still lost"][0]) == (1, 2)
    for name in ("Newly lost", "Still lost"):
        assert all_rows(client, found[name][1]) == found[name][0], name
    (row,) = rows_of(soup_of(client.get(found["Newly lost"][1])))
    assert row.select_one("td.state-lost").text == "newly lost"


def test_a_cancelled_check_counts_as_far_as_it_went(cast: Cast, link_index: None, browse: Callable) -> None:
    check = make_crawl(project=cast.project, kind="check", state="cancelled", run="cancelled")
    add_item(check, SOURCE, state="lost", reason="notfound")
    add_item(check, "https://never.example/", state="waiting", checked_at=None)
    viewer = browse(cast.viewer)
    page = soup_of(viewer.get(at(cast.project)))
    assert "was cancelled: the verdicts that it had reached count" in page.select_one(".alert").text
    listed = rows_of(soup_of(viewer.get(at(cast.project, f"links/?check={check.pk}"))))
    assert [row.td.a["href"] for row in listed] == [SOURCE]


def test_days_are_those_of_the_installation(cast: Cast, link_index: None, browse: Callable, settings: object) -> None:
    settings.TIME_ZONE = "Pacific/Auckland"  # type: ignore[attr-defined]
    moment = (timezone.localtime() - timedelta(days=2)).replace(hour=1, minute=0)
    add_item(make_crawl(project=cast.project, kind="check"), SOURCE, checked_at=moment)
    viewer = browse(cast.viewer)
    page = soup_of(viewer.get(at(cast.project)))
    (row,) = page.select(".chart-table tbody tr")
    assert row.th.text == f"{moment:%-d %b %Y}", "in UTC it was the day before"
    assert all_rows(viewer, row.a["href"]) == 1
    assert "days in Pacific/Auckland" in page.text


def test_a_client_is_not_led_to_pages_of_crawls(cast: Cast, link_index: None, browse: Callable) -> None:
    make_crawl(project=cast.project, kind="check", state="running", run="failed")
    make_crawl(project=cast.project, kind="check", state="running", run="running")
    for user, count in ((cast.client, 0), (cast.viewer, 1)):
        page = soup_of(browse(user).get(at(cast.project)))
        assert len(page.select("main a[href*='/crawls/']")) == count
    Crawl.objects.latest("pk").delete()
    for user, count in ((cast.client, 0), (cast.viewer, 1)):
        page = soup_of(browse(user).get(at(cast.project)))
        assert len(page.select(".alert a[href*='/crawls/']")) == count


def test_the_page_says_when_the_last_check_gave_no_verdict(cast: Cast, link_index: None, browse: Callable) -> None:
    done = make_crawl(project=cast.project, kind="check")
    add_item(done, SOURCE)
    broke = make_crawl(project=cast.project, kind="check", state="running", run="failed")
    page = soup_of(browse(cast.viewer).get(at(cast.project)))
    assert "ended without a verdict (failed)" in " ".join(page.select_one(".alert").text.split())
    assert page.select_one(".alert a")["href"].endswith(f"crawls/{broke.pk}/")
    assert counts(page)["Checked"][0] == 1, "the one before still counts"


def test_a_check_whose_list_was_forgotten_keeps_its_counts(cast: Cast, link_index: None, browse: Callable) -> None:
    states = {"live": 5, "changed": 0, "restored": 0, "lost": 2, "broken": 0, "unknown": 1}
    make_crawl(project=cast.project, kind="check", results={"states": states})
    page = soup_of(browse(cast.viewer).get(at(cast.project)))
    found = {name: number for name, (number, _) in counts(page).items()}
    assert (found["Checked"], found["Live"], found["Lost"], found["Could not look"]) == (8, 5, 2, 1)
    assert "forgotten after 90 days" in page.text
    assert not page.select(".reasons")


def test_without_the_index_the_counts_stay(cast: Cast, browse: Callable, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*arguments: object) -> None:
        raise index.IndexUnavailable("gone")

    monkeypatch.setattr(index, "link_ids", away)
    add_item(make_crawl(project=cast.project, kind="check"), SOURCE)
    WatchedLink.objects.create(
        workspace=cast.workspace, project=cast.project, source_url=SOURCE, target_url=TARGET, identity="x"
    )
    page = soup_of(browse(cast.viewer).get(at(cast.project)))
    assert counts(page)["Live"][0] == 1
    assert page.select(".chart-table tbody tr"), "the days are counted in the database"
    assert SOURCE in page.select_one("section[aria-labelledby=watched]").text


def test_old_days_are_listed_by_their_date(cast: Cast, browse: Callable, link_index: None) -> None:
    check = make_crawl(project=cast.project, kind="check")
    add_item(check, SOURCE)
    old = add_item(check, "https://old.example/")
    day = timezone.localdate() - timedelta(days=3)
    CheckItem.objects.filter(pk=old.pk).update(checked_at=timezone.now() - timedelta(days=3))
    viewer: Client = browse(cast.viewer)
    page = viewer.get(at(cast.project, f"links/?checked_at_from={day}&checked_at_to={day}"))
    assert [row.td.a["href"] for row in rows_of(soup_of(page))] == ["https://old.example/"]


# --- Links and looks --------------------------------------------------------------------------------------------------
def lately(page: BeautifulSoup) -> dict[str, tuple[int, str]]:
    cards = page.select("section[aria-labelledby=lately] a.figure-card")
    return {
        one.select_one(".figure-name").text: (number_in(one.select_one(".figure-value")), one["href"]) for one in cards
    }


def look(project: Project, days_ago: int, source: str, state: str, **more: Any) -> CheckItem:
    moment = timezone.now() - timedelta(days=days_ago)
    return add_item(make_crawl(project=project, kind="check"), source, state=state, checked_at=moment, **more)


def test_the_last_days_count_links_by_what_still_holds(cast: Cast, link_index: None, browse: Callable) -> None:
    gone, back, other, dead = (f"https://{name}.example/" for name in ("gone", "back", "other", "dead"))
    look(cast.project, 4, gone, "live")
    look(cast.project, 3, gone, "lost", reason="notfound", is_new=True)
    look(cast.project, 2, gone, "lost", reason="notfound")
    look(cast.project, 1, gone, "unknown", reason="timeout")
    look(cast.project, 4, back, "lost", reason="noindex", is_new=True)
    look(cast.project, 3, back, "restored")
    look(cast.project, 2, back, "live")
    look(cast.project, 3, other, "changed", changes={"anchor": ["old", "new"]})
    look(cast.project, 2, other, "live")
    look(cast.project, 5, dead, "broken", reason="http_404")
    look(cast.project, 2, dead, "broken", reason="http_404", known={"last": {"state": "broken", "at": 1}})
    look(cast.project, 3, "https://ever.example/", "broken", known={"last": {"state": "broken", "at": 1}})
    look(cast.project, 3, "https://long.example/", "lost", reason="notfound")
    look(cast.project, 20, "https://month.example/", "lost", reason="pageerror", is_new=True)
    client = browse(cast.client)
    week = soup_of(client.get(at(cast.project)))
    found = lately(week)
    assert {name: number for name, (number, _) in found.items()} == {
        "Newly lost": 1, "Restored": 1, "Changed": 1, "Newly broken target": 1,
    }  # fmt: skip
    for name, (number, href) in found.items():
        assert all_rows(client, href) == number, name
    (reason,) = week.select("section[aria-labelledby=lately] .reasons tbody tr")
    assert reason.th.text == "The page is gone (404 or 410)"
    (row,) = rows_of(soup_of(client.get(reason.a["href"])))
    assert row.td.a["href"] == gone
    assert f"{timezone.localdate() - timedelta(days=3)}" in row.text, "the look that found it lost"
    (changed,) = rows_of(soup_of(client.get(found["Changed"][1])))
    assert "Anchor: old → new" in changed.text
    month = soup_of(client.get(f"{at(cast.project)}?days=30"))
    assert lately(month)["Newly lost"][0] == 2
    assert month.select_one("section[aria-labelledby=lately] nav [aria-current]").text == "30 days"
    assert all_rows(client, at(cast.project, "links/?since=30&newest=yes")) == 7
    assert all_rows(client, at(cast.project, "links/?since=7")) == 13


def test_why_links_are_lost_is_told_by_newly_and_still(cast: Cast, link_index: None, browse: Callable) -> None:
    check = make_crawl(project=cast.project, kind="check")
    add_item(check, "https://new.example/", state="lost", reason="notfound", is_new=True)
    for number in range(2):
        add_item(check, f"https://old.example/{number}", state="lost", reason="notfound")
    client = browse(cast.client)
    (row,) = soup_of(client.get(at(cast.project))).select(".panels .reasons tbody tr")
    newly, still = row.select("td")
    assert (newly.text, still.text) == ("1", "2")
    assert [all_rows(client, one.a["href"]) for one in (newly, still)] == [1, 2]


def test_a_check_is_listed_while_it_works(cast: Cast, link_index: None, browse: Callable) -> None:
    working = make_crawl(project=cast.project, kind="check", state="running", run="running")
    add_item(working, SOURCE)
    add_item(working, "https://waits.example/", state="waiting", checked_at=None)
    add_item(make_crawl(project=cast.project, kind="check"), "https://before.example/")
    theirs = make_crawl(project=cast.other_project, kind="check")
    viewer = browse(cast.viewer)
    page = soup_of(viewer.get(at(cast.project, f"links/?check={working.pk}")))
    assert "so far" in page.h1.text
    assert [row.td.a["href"] for row in rows_of(page)] == [SOURCE]
    assert all_rows(viewer, at(cast.project, f"links/?check={working.pk}")) == 1
    for number in (theirs.pk, make_crawl(project=cast.project).pk, 10**17, 10**30, "x", "²"):
        assert viewer.get(at(cast.project, f"links/?check={number}")).status_code == 404, number
        assert viewer.get(at(cast.project, f"links/?check={number}&export=csv")).status_code == 404, number


def test_a_cancelled_check_that_goes_on_still_counts(cast: Cast, link_index: None, browse: Callable) -> None:
    again = make_crawl(
        project=cast.project, kind="check", state="running", run="running", results={"states": {"live": 1}}
    )
    add_item(again, SOURCE)
    viewer = browse(cast.viewer)
    today = soup_of(viewer.get(at(cast.project))).select_one("section[aria-labelledby=today] a")
    assert (today.text, all_rows(viewer, today["href"])) == ("1 link checked", 1)


def test_a_list_says_which_link_it_was(cast: Cast, link_index: None, browse: Callable) -> None:
    check = make_crawl(project=cast.project, kind="check")
    seen = {
        "status": 200, "final_url": "https://news.example/moved",
        "link": {"anchor": "=shop", "nofollow": True, "ugc": False, "sponsored": True, "placement": "footer"},
    }  # fmt: skip
    add_item(check, SOURCE, seen=seen)
    known = {
        "anchor": "old name",
        "last": {"at": 1_772_323_200, "state": "live", "anchor": "name", "placement": "content", "rel": [0, 0, 0]},
    }
    add_item(check, "https://gone.example/", state="lost", reason="notfound", is_new=True, known=known)
    columns = "cols=source_url.anchor.rel.placement.final_url.last_live&sort=source_url"
    rows = csv_of(browse(cast.client).get(at(cast.project, f"links/?export=csv&{columns}")))
    assert rows[0][:5] == ["Linking page", "Anchor", "Rel", "Placement", "Final address"]
    assert rows[0][5].startswith("Last seen live")
    assert rows[1][1:5] == ["name", "follow", "content", ""]
    assert rows[1][5].startswith("2026-03-01 00:00")
    assert rows[2][1:5] == ["'=shop", "nofollow sponsored", "footer", "https://news.example/moved"]


def test_a_watched_link_says_when_any_check_looked(cast: Cast, link_index: None, browse: Callable) -> None:
    WatchedLink.objects.create(
        workspace=cast.workspace, project=cast.project, source_url=SOURCE, target_url=TARGET, identity="x"
    )
    viewer = browse(cast.viewer)
    assert "not yet" in soup_of(viewer.get(at(cast.project))).select_one("section[aria-labelledby=watched]").text
    (number,) = index.link_ids([(parse(SOURCE).key, parse(TARGET).key)])
    item = add_item(make_crawl(project=cast.project, kind="check"), SOURCE, link_id=str(number))
    row = soup_of(viewer.get(at(cast.project))).select_one("section[aria-labelledby=watched] tbody tr")
    assert f"{timezone.localtime(item.checked_at):%Y-%m-%d %H:%M}" in row.text
