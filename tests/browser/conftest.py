"""A page of a real browser, under the product's content security policy; its console's errors are collected."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import Page, sync_playwright
from pytest_django.live_server_helper import LiveServer

from projects.models import User
from tests.components import need_chromium
from tests.factories import PASSWORD

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

    def enter(self, user: User) -> None:
        """Signed in without the form, where the form is not what is tested."""
        client = Client()
        client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
        name = settings.SESSION_COOKIE_NAME
        self.page.context.add_cookies([{"name": name, "value": client.cookies[name].value, "url": self.site}])

    def sign_out(self) -> None:
        self.open("/accounts/logout/")
        self.page.locator("main").get_by_role("button", name="Sign out").click()
        self.page.wait_for_url(lambda url: "/accounts/login/" in url)


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
