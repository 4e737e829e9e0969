"""The review by the keyboard alone: next, keep, disavow with a reason, undo, comment, assign, help."""

import pytest
from playwright.sync_api import expect

from audit import review
from audit.models import Assignment, Comment
from tests.audit.audited import FARM, audited
from tests.backlinks.pages import url_of
from tests.browser.conftest import Browser
from tests.browser.test_reports import AXE, LOOK, RULES
from tests.conftest import Cast, Hold


@pytest.fixture
def farmed(transactional_db: None, cast: Cast, held_index: Hold) -> Cast:
    audited(cast, held_index)
    return cast


def verdicts(cast: Cast) -> dict[str, tuple[str, str]]:
    return {domain: (one.verdict, one.reason) for domain, one in review.decided(cast.project).items()}


def test_a_list_is_reviewed_by_the_keyboard(browser: Browser, farmed: Cast) -> None:
    page = browser.page
    page.set_viewport_size({"width": 1440, "height": 900})
    browser.enter(farmed.editor)
    browser.open(url_of(farmed.project, "audit/review/?list=open"))
    head, place, key = page.locator("#review h1"), page.locator("#review .lead-line"), page.keyboard.press

    def stands(domain: str, where: str) -> None:
        expect(head).to_have_text(domain)
        expect(place).to_contain_text(where)

    stands(FARM[0], "1 of 11")
    with page.expect_response("**/review/?**"):  # the one after it is fetched ahead
        key("j")
    stands(FARM[1], "2 of 11")
    assert page.url.endswith(f"domain={FARM[1]}")
    expect(head).to_be_focused()
    key("k")
    stands(FARM[0], "1 of 11")
    key("w")
    stands(FARM[1], "1 of 10")
    key("d")
    expect(page.get_by_label("Why")).to_be_focused()
    page.keyboard.type("a jar of weeds")  # letters in a field are letters
    key("Enter")
    stands(FARM[2], "1 of 9")
    key("d")
    expect(page.get_by_label("Why")).to_have_value("a jar of weeds")
    key("Enter")
    stands(FARM[3], "1 of 8")
    expected = {FARM[0]: ("keep", ""), FARM[1]: ("disavow", "a jar of weeds"), FARM[2]: ("disavow", "a jar of weeds")}
    assert verdicts(farmed) == expected
    key("u")
    stands(FARM[2], "1 of 9")
    key("r")
    stands(FARM[3], "1 of 8")
    assert verdicts(farmed) == expected | {FARM[2]: ("remove", "")}
    key("c")
    page.keyboard.type("who owns it?")
    key("Control+Enter")
    expect(page.locator(".comments")).to_contain_text("who owns it?")
    key("a")
    expect(page.locator("#review")).to_contain_text(f"For {farmed.editor} to look at")
    assert (Comment.objects.get().domain, Assignment.objects.get().domain) == (FARM[3], FARM[3])
    page.go_back()
    expect(head).to_be_visible()
    assert browser.errors == []


def test_help_keeps_the_focus_and_keys_can_be_switched_off(browser: Browser, farmed: Cast) -> None:
    page, key = browser.page, browser.page.keyboard.press
    page.set_viewport_size({"width": 1440, "height": 900})
    browser.enter(farmed.editor)
    browser.open(url_of(farmed.project, f"audit/review/?domain={FARM[4]}"))
    key("?")
    help = page.get_by_role("dialog", name="Keys of the review")
    expect(help).to_be_visible()
    page.evaluate(AXE.read_text())
    assert page.evaluate(LOOK, RULES) == []
    for _ in range(5):
        key("Tab")
        inside = "document.activeElement === document.body || !!document.activeElement.closest('dialog')"
        assert page.evaluate(inside)
    key("j")
    page.get_by_label("Single keys are on").press("Space")
    key("Escape")
    expect(help).to_be_hidden()
    key("w")
    page.reload()
    key("w")
    expect(page.locator("#review h1")).to_have_text(FARM[4])
    assert verdicts(farmed) == {}
    assert browser.errors == []
