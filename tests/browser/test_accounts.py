"""Second factors in a real browser, under the product's content security policy.

A virtual authenticator (Chromium's own, through its debugging protocol) stands for the laptop's fingerprint reader.
"""

import base64
import hashlib
import hmac
import struct
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from playwright.sync_api import Page, expect, sync_playwright
from pytest_django.live_server_helper import LiveServer

from projects.models import User
from tests.components import need_chromium
from tests.factories import PASSWORD, make_user

KEY = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}
REPORT = """
document.addEventListener("securitypolicyviolation", (event) => {
    console.error("CSP: " + event.violatedDirective + " " + event.blockedURI);
});
"""


@dataclass(frozen=True)
class Browser:
    """A page of a browser with a virtual key; `errors` collects what its console calls an error."""

    page: Page
    site: str
    errors: list[str] = field(default_factory=list)

    def open(self, path: str) -> None:
        self.page.goto(self.site + path)

    def open_guarded(self, path: str) -> None:
        """A page that asks for the password once more."""
        self.open(path)
        if "/reauthenticate/" in self.page.url:
            self.page.get_by_label("Password").fill(PASSWORD)
            self.page.locator("main form:has(input[name=password]) button[type=submit]").click()
            self.page.wait_for_url(f"{self.site}{path}")

    def press(self, name: str) -> None:
        self.page.get_by_role("button", name=name, exact=True).click()

    def sign_in(self, user: User) -> None:
        self.open("/accounts/login/")
        self.page.get_by_label("Email").fill(user.email)
        self.page.get_by_label("Password").fill(PASSWORD)
        self.press("Sign in")
        self.page.wait_for_url(lambda url: "/accounts/login/" not in url)

    def sign_out(self) -> None:
        self.open("/accounts/logout/")
        self.page.locator("main").get_by_role("button", name="Sign out").click()
        self.page.wait_for_url(lambda url: "/accounts/login/" in url)


@pytest.fixture
def user(transactional_db: None) -> User:
    made = make_user(email="olive@agency.example", name="Olive")
    EmailAddress.objects.create(user=made, email=made.email, verified=True, primary=True)
    return made


@pytest.fixture
def browser(live_server: LiveServer, monkeypatch: pytest.MonkeyPatch) -> Iterator[Browser]:
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")  # playwright keeps an event loop in this thread
    with sync_playwright() as play:
        chromium = play.chromium.launch(executable_path=need_chromium(), args=["--no-sandbox"])
        page = chromium.new_page()
        page.set_default_timeout(15_000)
        page.add_init_script(REPORT)
        debugger: Any = page.context.new_cdp_session(page)
        debugger.send("WebAuthn.enable")
        debugger.send("WebAuthn.addVirtualAuthenticator", {"options": KEY})
        made = Browser(page, live_server.url)
        page.on("console", lambda message: made.errors.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: made.errors.append(str(error)))
        yield made
        chromium.close()


def totp(secret: str) -> str:
    """The six digits of RFC 6238 for now."""
    digest = hmac.new(base64.b32decode(secret), struct.pack(">Q", int(time.time()) // 30), hashlib.sha1).digest()
    start = digest[-1] & 15
    return f"{(struct.unpack('>I', digest[start : start + 4])[0] & 0x7FFFFFFF) % 1_000_000:06}"


def test_a_passkey_is_added_and_signs_in_alone(browser: Browser, user: User) -> None:
    browser.sign_in(user)
    browser.open_guarded("/accounts/2fa/webauthn/add/")
    browser.page.get_by_label("Name").fill("Laptop")
    browser.page.get_by_label("Sign in by it alone").check()
    browser.press("Add it")
    expect(browser.page.get_by_role("heading", name="Recovery codes")).to_be_visible()
    browser.open("/accounts/2fa/webauthn/")
    expect(browser.page.get_by_role("listitem").filter(has_text="Laptop")).to_contain_text("Passkey")

    browser.sign_out()
    browser.open("/accounts/login/")
    browser.press("Sign in with a passkey")
    browser.page.wait_for_url(lambda url: "/accounts/" not in url)
    browser.open("/accounts/email/")
    expect(browser.page.locator("main")).to_contain_text(user.email)
    assert browser.errors == []


def test_a_cancelled_passkey_is_said_in_words(browser: Browser, user: User) -> None:
    browser.open("/accounts/login/")
    cancel = "navigator.credentials.get = async () => { throw new DOMException('', 'NotAllowedError'); }"
    browser.page.evaluate(f"() => {{ {cancel} }}")
    browser.press("Sign in with a passkey")
    expect(browser.page.get_by_role("alert")).to_contain_text("No key was used")
    assert browser.errors == []


def test_an_authenticator_app_is_set_up_and_asked_for(browser: Browser, user: User) -> None:
    browser.sign_in(user)
    browser.open_guarded("/accounts/2fa/totp/activate/")
    picture = browser.page.get_by_role("img", name="QR code")
    assert picture.evaluate("image => image.complete && image.naturalWidth") > 0
    secret = browser.page.get_by_label("Secret").input_value()
    browser.page.get_by_label("Authenticator code").fill(totp(secret))
    browser.press("Switch on")
    expect(browser.page.get_by_label("Codes not used yet")).not_to_be_empty()
    recovery = browser.page.get_by_label("Codes not used yet").input_value().split()[0]

    browser.sign_out()
    browser.sign_in(user)
    expect(browser.page.get_by_role("heading", name="Second step")).to_be_visible()
    browser.page.get_by_label("Code").fill("000000" if totp(secret) != "000000" else "000001")
    browser.press("Sign in")
    expect(browser.page.get_by_text("Incorrect code")).to_be_visible()
    browser.page.get_by_label("Code").fill(recovery)
    browser.press("Sign in")
    browser.page.wait_for_url(lambda url: "/accounts/" not in url)
    assert browser.errors == []
