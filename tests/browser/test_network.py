"""The network in a real browser: drawn, searched, filtered, saved as a picture, by mouse and by keyboard."""

import pytest
from playwright.sync_api import expect

from tests.backlinks.pages import url_of
from tests.browser.conftest import Browser
from tests.browser.test_reports import AXE, LOOK, RULES, SIZES, WIDTH
from tests.conftest import Cast
from tests.factories import add_links

DEFAULTS = {"lost_reason": "", "anchor": "x", "title": "", "ip": "", "nofollow": 0}


def link(source: str, target: str = "client.example", **fields: object) -> dict[str, object]:
    return DEFAULTS | {"source": f"https://{source}/p", "target": f"https://{target}/"} | fields


@pytest.fixture
def woven(transactional_db: None, cast: Cast, link_index: None) -> Cast:
    farm = [link(f"farm{n}.example", ip=f"198.51.100.{n}") for n in range(3)]
    back = [link("client.example", "farm0.example"), link("behind.example", "farm0.example")]
    add_links(workspace=cast.workspace.pk, links=[*farm, *back, link("plain.example", title="Client")])
    return cast


def test_pages_are_accessible_fit_and_say_nothing_to_the_console(browser: Browser, woven: Cast) -> None:
    browser.enter(woven.owner)
    for width, height, theme in SIZES.values():
        browser.page.set_viewport_size({"width": width, "height": height})
        browser.page.emulate_media(color_scheme=theme, reduced_motion="reduce")
        for page in ("network/", "network/?list=links", "outbound/?target=farm0.example"):
            browser.open(url_of(woven.project, page))
            expect(browser.page.locator("main h1")).to_be_visible()
            browser.page.evaluate(AXE.read_text())
            assert browser.page.evaluate(LOOK, RULES) == []
            reached, shown, what = browser.page.evaluate(WIDTH)
            assert reached <= shown, what
            assert browser.errors == []


def test_a_domain_is_found_by_its_name_and_says_its_reasons(browser: Browser, woven: Cast) -> None:
    page = browser.page
    browser.enter(woven.viewer)
    browser.open(url_of(woven.project, "network/"))
    expect(page.locator(".net-canvas canvas")).to_be_visible()
    page.get_by_label("Find").fill("farm0")
    facts = page.locator(".net-facts")
    expect(facts.locator("h3")).to_have_text("farm0.example")
    expect(facts).to_contain_text("Shared network: In 198.51.100.0/24 with 2 other domains here.")
    page.get_by_label("Find").fill("nobody")
    expect(facts.locator("h3")).to_have_text("No such domain here")
    expect(facts.get_by_role("link")).to_be_hidden()
    page.get_by_label("Find").fill("plain.example")
    facts.get_by_role("link", name="Open its profile").click()
    expect(page.locator(".reading-target")).to_have_text("plain.example")
    assert browser.errors == []


def test_a_dot_under_the_mouse_tells_and_opens(browser: Browser, woven: Cast) -> None:
    page = browser.page
    page.set_viewport_size({"width": 1440, "height": 1400})
    browser.enter(woven.viewer)
    browser.open(url_of(woven.project, "network/?first=1&second=0&third=0"))
    canvas = page.locator(".net-canvas canvas")
    expect(canvas).to_be_visible()
    box = canvas.bounding_box()
    assert box
    target = page.locator(".net-facts h3")
    for number in range(60):  # one domain on the ring: walk along the row through the middle
        page.mouse.move(box["x"] + box["width"] * (number + 0.5) / 60, box["y"] + box["height"] / 2)
        if target.inner_text() == "client.example":
            break
    expect(target).to_have_text("client.example")
    page.mouse.down()
    page.mouse.up()
    page.wait_for_url("**/?target=client.example&scope=root")
    assert browser.errors == []


def test_classes_and_tiers_are_filtered_and_the_picture_is_saved(browser: Browser, woven: Cast) -> None:
    page = browser.page
    browser.enter(woven.viewer)
    browser.open(url_of(woven.project, "network/"))
    before = page.evaluate("document.querySelector('.net-canvas canvas').toDataURL()")
    page.get_by_label("Dangerous", exact=False).first.uncheck()
    page.get_by_label("Tiers").select_option("1")
    assert page.evaluate("document.querySelector('.net-canvas canvas').toDataURL()") != before
    with page.expect_download() as saved:
        page.get_by_role("button", name="PNG").click()
    assert saved.value.suggested_filename == "client.example-network.png"
    with page.expect_download() as written:
        page.get_by_role("link", name="SVG").click()
    assert written.value.suggested_filename.endswith(".svg")
    assert browser.errors == []
