"""Pages of accounts and errors: our frame around each, names on every field, nothing the security policy refuses."""

import re
from collections.abc import Callable, Iterator
from html.parser import HTMLParser

import pytest
from allauth.account import urls as account_urls
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from allauth.mfa.urls import urlpatterns as mfa_patterns
from django.core import mail
from django.template.loader import get_template
from django.test import Client
from django.urls import URLPattern, URLResolver, reverse

from projects.models import User
from tests.factories import PASSWORD, make_user

KEY = 9
EMAIL = "olive@agency.example"
ARGUMENTS = {
    "account_confirm_email": {"key": "used-up"},
    "account_reset_password_from_key": {"uidb36": "1", "key": "used-up"},
    "mfa_edit_webauthn": {"pk": KEY},
    "mfa_remove_webauthn": {"pk": KEY},
}
NOT_PAGES = {"mfa_download_recovery_codes"}
FIELDS = {"input", "select", "textarea"}
UNNAMED = {"hidden", "submit", "button"}


def names(patterns: list[URLPattern | URLResolver]) -> Iterator[str]:
    for one in patterns:
        if isinstance(one, URLResolver):
            yield from names(one.url_patterns)
        else:
            yield str(one.name)


PAGES = sorted({*names(account_urls.urlpatterns), *names(mfa_patterns)} - NOT_PAGES)
FOR_ANYONE = {
    "account_login",
    "account_signup",
    "account_inactive",
    "account_reset_password",
    "account_reset_password_done",
    "account_reset_password_from_key",
    "account_reset_password_from_key_done",
    "account_confirm_email",
    "account_email_verification_sent",
}
FOR_MEMBERS = {
    "account_logout",
    "account_email",
    "account_change_password",
    "account_reauthenticate",
    "mfa_index",
    "mfa_reauthenticate",
    "mfa_reauthenticate_webauthn",
    "mfa_deactivate_totp",
    "mfa_view_recovery_codes",
    "mfa_generate_recovery_codes",
    "mfa_list_webauthn",
    "mfa_add_webauthn",
    "mfa_edit_webauthn",
    "mfa_remove_webauthn",
}

SHOWN_ON_THE_WAY = {
    "account_confirm_login_code",
    "account_set_password",
    "mfa_activate_totp",
    "mfa_authenticate",
    "mfa_login_webauthn",
}


class Page(HTMLParser):
    """What a page holds: its tags, the fields without a label, what the security policy would refuse."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.fields: dict[str, str] = {}
        self.labelled: set[str] = set()
        self.refused: list[str] = []
        self.ids: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, pairs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in pairs}
        self.tags.append(tag)
        self.ids += [found["id"]] if "id" in found else []
        self.refused += [f"{tag} {name}" for name in found if name == "style" or re.match(r"on[a-z]+$", name)]
        if tag == "style" or (tag == "script" and "src" not in found and found.get("type") != "application/json"):
            self.refused.append(f"inline {tag}")
        if tag == "label":
            self.labelled.add(found.get("for", ""))
        if tag in FIELDS and found.get("type") not in UNNAMED and "aria-label" not in found:
            self.fields[found.get("id", "")] = found.get("name", "")

    @property
    def unlabelled(self) -> set[str]:
        return set(self.fields) - self.labelled


def check(text: str) -> None:
    page = Page(text)
    assert page.tags.count("main") == page.tags.count("h1") == 1
    assert 'class="brand"' in text and "Linkledger</title>" in text
    assert page.unlabelled == set()
    assert page.refused == []
    assert len(page.ids) == len(set(page.ids)), sorted(one for one in page.ids if page.ids.count(one) > 1)


@pytest.fixture
def olive(db: None) -> User:
    user = make_user(email=EMAIL, name="Olive")
    EmailAddress.objects.create(user=user, email=EMAIL, verified=True, primary=True)
    return user


@pytest.fixture
def guarded(olive: User, browse: Callable, monkeypatch: pytest.MonkeyPatch) -> Client:
    """Olive's browser: she has an app, recovery codes and a key (never used), and has just proved who she is."""
    monkeypatch.setattr("allauth.mfa.webauthn.internal.auth.get_credentials", lambda user: [])
    client = browse(olive)
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    TOTP.activate(olive, generate_totp_secret())
    RecoveryCodes.activate(olive)
    Authenticator.objects.create(
        pk=KEY, user=olive, type=Authenticator.Type.WEBAUTHN, data={"name": "Laptop", "credential": CREDENTIAL}
    )
    return client


CREDENTIAL = {
    "type": "public-key",
    "id": "AQEB",
    "rawId": "AQEB",
    "response": {"clientDataJSON": "", "attestationObject": ""},
    "clientExtensionResults": {"credProps": {"rk": True}},
}


def url(name: str) -> str:
    return reverse(name, kwargs=ARGUMENTS.get(name))


def test_every_page_of_the_library_is_looked_at() -> None:
    assert set(PAGES) == FOR_ANYONE | FOR_MEMBERS | SHOWN_ON_THE_WAY


@pytest.mark.parametrize("name", PAGES)
def test_a_stranger_gets_our_page_or_is_sent_away(name: str, olive: User) -> None:
    response = Client().get(url(name))
    assert response.status_code == (200 if name in FOR_ANYONE else 302)
    if name in FOR_ANYONE:
        check(response.content.decode())


@pytest.mark.parametrize("name", sorted(FOR_MEMBERS))
def test_a_member_gets_our_page(name: str, guarded: Client) -> None:
    response = guarded.get(url(name))
    assert response.status_code == 200
    check(response.content.decode())


def test_the_app_is_set_up_on_our_page(olive: User, browse: Callable) -> None:
    client = browse(olive)
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    text = client.get(reverse("mfa_activate_totp")).content.decode()
    check(text)
    assert 'src="data:image/svg+xml' in text
    wrong = client.post(reverse("mfa_activate_totp"), {"code": "1"}).content.decode()
    check(wrong)
    assert "Incorrect code" in wrong


def test_the_second_step_is_our_page(guarded: Client) -> None:
    client = Client()
    reached = client.post(reverse("account_login"), {"login": EMAIL, "password": PASSWORD}, follow=True)
    assert reached.redirect_chain[-1][0].startswith(reverse("mfa_authenticate"))
    check(reached.content.decode())


def test_the_first_account_may_be_opened_and_no_other(db: None) -> None:
    first = Client().get(reverse("account_login")).content.decode()
    assert f'href="{reverse("account_signup")}"' in first
    check(Client().get(reverse("account_signup")).content.decode())
    make_user(email=EMAIL)
    later = Client().get(reverse("account_login")).content.decode()
    assert reverse("account_signup") not in later and "for an invitation" in later
    assert "By invitation only" in Client().get(reverse("account_signup")).content.decode()


def test_the_links_in_mails_lead_to_our_pages(olive: User) -> None:
    client = Client()
    client.post(reverse("account_reset_password"), {"email": EMAIL})
    link = re.search(r"/accounts/password/reset/key/\S+", mail.outbox[0].body)
    assert link
    page = client.get(link.group(), follow=True).content.decode()
    check(page)
    assert "Choose a new password" in page


def without_secrets(text: str, email: str) -> str:
    text = re.sub(r'(csrfmiddlewaretoken" value=|X-CSRFToken": )"[^"]+"', r"\1", text)
    return text.replace(email, "EMAIL")


@pytest.mark.parametrize(
    ("name", "data"),
    [("account_login", {"login": "?", "password": "not the password"}), ("account_reset_password", {"email": "?"})],
)
def test_known_and_unknown_accounts_get_the_same_answer(name: str, data: dict[str, str], olive: User) -> None:
    answers = []
    for email in (EMAIL, "nobody@agency.example"):
        sent = {key: email if value == "?" else value for key, value in data.items()}
        response = Client().post(reverse(name), sent, follow=True)
        text = without_secrets(response.content.decode(), email)
        answers.append((response.status_code, response.redirect_chain, text))
    assert answers[0] == answers[1]
    assert "h1" in answers[0][2]


@pytest.mark.parametrize("code", ["400", "403", "403_csrf", "404", "429", "500"])
def test_error_pages_stand_without_a_context(code: str) -> None:
    text = get_template(f"{code}.html").render()
    check(text)
    assert 'href="/"' in text


def test_a_missing_page_repeats_nothing_of_its_address(olive: User, browse: Callable) -> None:
    for client in (Client(), browse(olive)):
        response = client.get("/accounts/SECRET-client.example/?name=SECRET")
        assert response.status_code == 404
        check(response.content.decode())
        assert "SECRET" not in response.content.decode() and "Olive" not in response.content.decode()
    assert "SECRET" not in browse(olive).get("/w/SECRET/").content.decode()


def test_a_form_without_its_token_is_told_what_to_do(olive: User) -> None:
    response = Client(enforce_csrf_checks=True).post(reverse("account_login"), {"login": EMAIL})
    assert response.status_code == 403
    assert "The form has expired" in response.content.decode()
    check(response.content.decode())


def test_guessing_is_stopped_with_a_calm_page(olive: User) -> None:
    client, data = Client(), {"login": EMAIL, "password": "not the password"}
    answers = [client.post(reverse("account_login"), data) for _ in range(31)]
    assert answers[-1].status_code == 429
    assert "Too many attempts" in answers[-1].content.decode()
    check(answers[-1].content.decode())
