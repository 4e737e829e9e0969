"""Second factors in a real browser, under the product's content security policy.

A virtual authenticator (Chromium's own, through its debugging protocol) stands for the laptop's fingerprint reader.
"""

import base64
import hashlib
import hmac
import struct
import time

import pytest
from allauth.account.models import EmailAddress
from playwright.sync_api import expect

from projects.models import User
from tests.browser.conftest import Browser
from tests.factories import make_user


@pytest.fixture
def user(transactional_db: None) -> User:
    made = make_user(email="olive@agency.example", name="Olive")
    EmailAddress.objects.create(user=made, email=made.email, verified=True, primary=True)
    return made


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
