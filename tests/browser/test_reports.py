"""Every page of a project in a real browser: wide and light, narrow and dark, by keyboard alone.

axe (npm `axe-core`) looks at each page; nothing serious may be left, no page may scroll sideways, and the console must
stay silent: a violation of the content security policy would be a line in it.
"""

import json
import random
from datetime import UTC, date, datetime
from itertools import chain
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.urls import reverse
from playwright.sync_api import Page, Route, expect

from projects.models import Competitor, Project
from seoapp.lib import registry
from tests.backlinks.scored import add_run
from tests.browser.conftest import Browser
from tests.conftest import Cast
from tests.factories import DAY, add_all_links

AXE = Path(settings.BASE_DIR) / "node_modules/axe-core/axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
LOOK = """async (rules) => {
    const found = await axe.run(document, { runOnly: { type: "tag", values: rules }, resultTypes: ["violations"] });
    return found.violations.filter((one) => ["serious", "critical"].includes(one.impact)).map((one) =>
        `${one.id}: ${one.help} (${one.nodes.slice(0, 3).map((node) => node.html.slice(0, 160)).join(" | ")})`);
}"""
WIDTH = """() => [document.documentElement.scrollWidth, window.innerWidth, [...document.querySelectorAll("body *")]
    .filter((one) => !one.closest(".table-card"))
    .filter((one) => one.getBoundingClientRect().left + one.scrollWidth > window.innerWidth)
    .slice(-3).map((one) => one.outerHTML.slice(0, 120)).join(" | ")]"""
SIZES = {"wide and light": (1440, 900, "light"), "narrow and dark": (390, 844, "dark")}
PASTE = """(text) => {
    const data = new DataTransfer();
    data.setData("text", text);
    const event = new ClipboardEvent("paste", { clipboardData: data, cancelable: true, bubbles: true });
    document.activeElement.dispatchEvent(event);
}"""
START = int(datetime(2025, 1, 1, tzinfo=UTC).timestamp())
SOURCES = {"semrush": 1, "ahrefs": 2, "gsc": 3}
ANCHORS = (
    "Client",
    "best shoes",
    "client.example",
    "read more",
    "",
    "Client shoes",
    "кроссовки",
    "https://client.example/",
)


def links_to(target: str, count: int, seed: int) -> list[dict[str, Any]]:
    """Links of all kinds and states over twenty months, from a third as many domains."""
    chance = random.Random(seed)
    made = []
    for number in range(count):
        domain = f"site{chance.randrange(count // 3)}.{chance.choice(('example', 'com', 'de', 'org'))}"
        first = START + chance.randrange(600) * DAY
        lost = chance.random() < 0.15
        made.append(
            {
                "source": f"https://{chance.choice(('www.', 'blog.', ''))}{domain}/article-{number}",
                "target": f"https://{target}/{chance.choice(('', 'shop/', 'blog/post', 'old'))}",
                "anchor": chance.choice(ANCHORS),
                "title": f"About shoes and football, part {number}",
                "context_left": "we bought ours at",
                "context_right": "and ran a marathon",
                "kind": chance.choice(("text", "text", "text", "image", "redirect")),
                "alt": "a logo",
                "nofollow": chance.choice((0, 0, 1, -1)),
                "ugc": 0,
                "sponsored": 0,
                "first_seen": first,
                "last_seen": first + 40 * DAY,
                "lost_at": first + 30 * DAY if lost else 0,
                "lost_reason": "notfound" if lost else "",
                "ip": f"192.0.2.{chance.randrange(200)}",
                "country": chance.choice(("DE", "US", "")),
                "language": chance.choice(("en", "de", "")),
            }
        )
    return made


@pytest.fixture
def studied(transactional_db: None, cast: Cast, link_index: None) -> Cast:
    """The cast with a profile of 300 links, two competitors, scores, and three sources."""
    links = {source: links_to("client.example", 100, seed) for source, seed in SOURCES.items()}
    for rival in ("rival.example", "second.example"):
        links["semrush"] += links_to(rival, 60, len(rival))
    add_all_links(workspace=cast.workspace.pk, links=links)
    Competitor.objects.get_or_create(project=cast.project, target="second.example")
    scores = {f"site{number}.{tld}": 3.0 * number for number in range(33) for tld in ("example", "com", "de", "org")}
    add_run(scores=scores | {"client.example": 41.5, "rival.example": 52.0}, day=date(2026, 10, 1))
    return cast


def paths(project: Project) -> dict[str, str]:
    """Every page that the navigation knows, by its name."""
    of_project = {"slug": project.workspace.slug, "project_id": project.pk}
    of_workspace = {"slug": project.workspace.slug}
    pages = {
        page.url_name: reverse(page.url_name, kwargs=of_project)
        for page in chain(*registry.load(settings.PROJECT_PAGES))
    }
    pages |= {
        page.url_name: reverse(page.url_name, kwargs=of_workspace)
        for page in chain(*registry.load(settings.WORKSPACE_PAGES))
    }
    return pages | {name: reverse(name, kwargs=of_workspace) for name in ("projects:workspace", "projects:runs")}


@pytest.mark.parametrize("size", SIZES)
def test_every_report_is_accessible_and_fits(browser: Browser, studied: Cast, size: str) -> None:
    width, height, theme = SIZES[size]
    browser.page.set_viewport_size({"width": width, "height": height})
    browser.page.emulate_media(color_scheme=theme, reduced_motion="reduce")
    browser.enter(studied.owner)
    axe, found = AXE.read_text(), []
    for name, path in paths(studied.project).items():
        browser.open(path)
        expect(browser.page.locator("main h1")).to_be_visible()
        bring_what_is_fetched(browser.page)
        browser.page.evaluate(axe)
        found += [f"{name}: {one}" for one in browser.page.evaluate(LOOK, RULES)]
        reached, shown, what = browser.page.evaluate(WIDTH)
        found += [f"{name}: is {reached} px wide on a screen of {shown}: {what}"] if reached > shown else []
        found += [f"{name}: {one}" for one in browser.errors]
        browser.errors.clear()
    assert found == [], json.dumps(found, indent=1, ensure_ascii=False)


def bring_what_is_fetched(page: Page) -> None:
    """Scroll to what a page fetches once it is seen until it is there, then back: the page's head covers nothing."""
    for one in page.locator(".fetched").all():
        one.scroll_into_view_if_needed()
    expect(page.locator(".fetched")).to_have_count(0)
    page.evaluate("scrollTo(0, 0)")


def test_from_the_search_bar_to_one_link_by_keyboard_alone(browser: Browser, studied: Cast) -> None:
    press = browser.page.keyboard.press
    browser.enter(studied.viewer)
    browser.open(reverse("projects:workspace", kwargs={"slug": studied.workspace.slug}))
    press("Tab")
    expect(browser.page.locator(".skip-link")).to_be_focused()
    browser.open(paths(studied.project)["backlinks:overview"])
    press("/")
    expect(browser.page.locator("#target")).to_be_focused()
    browser.page.keyboard.type("rival")
    expect(browser.page.locator(".suggestion").first).to_contain_text("rival.example")
    press("ArrowDown")
    press("Enter")
    expect(browser.page.locator(".reading-target")).to_have_text("rival.example")

    browser.page.locator(".sidebar").get_by_role("link", name="Backlinks", exact=True).focus()
    press("Enter")
    expect(browser.page.locator("h1")).to_have_text("Backlinks")
    summary = browser.page.locator("summary", has_text="Filters").first
    summary.focus()
    press("Enter")
    field = browser.page.locator("select[name=state]")
    field.focus()
    browser.page.keyboard.type("lost")
    browser.page.locator(".filter-form button", has_text="Show rows").first.focus()
    press("Enter")
    expect(browser.page.locator(".chip").first).to_contain_text("State is lost")
    head = browser.page.locator("#sort-links-first_seen")
    head.focus()
    press("Enter")
    expect(browser.page.locator("th[aria-sort=descending]")).to_contain_text("First seen")
    browser.page.locator(".row-open a").first.focus()
    press("Enter")
    expect(browser.page.locator("main")).to_contain_text("Where this comes from")
    assert browser.errors == []


def test_a_panel_opened_before_scripts_are_there_is_fetched_when_they_are(browser: Browser, studied: Cast) -> None:
    browser.enter(studied.viewer)
    held: list[Route] = []
    browser.page.route("**/htmx*.js", lambda route: held.append(route))
    browser.page.goto(browser.site + paths(studied.project)["backlinks:links"], wait_until="commit")
    browser.page.locator("summary", has_text="Filters").first.click()
    expect(browser.page.locator("details.menu[open] > [hx-get]")).to_be_visible()
    held[0].continue_()
    expect(browser.page.locator("select[name=state]")).to_be_visible()
    assert browser.errors == []


def test_targets_pasted_into_the_search_bar_become_one_table(browser: Browser, studied: Cast) -> None:
    browser.enter(studied.editor)
    browser.open(paths(studied.project)["backlinks:overview"])
    browser.page.locator("#target").focus()
    browser.page.evaluate(PASTE, "client.example\nrival.example\n")
    expect(browser.page.locator(".messages")).to_contain_text("2 targets were read")
    assert browser.errors == []
