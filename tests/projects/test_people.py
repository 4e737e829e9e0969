"""Invitations, roles, sign-up and what the audit log keeps of them."""

import re
from collections.abc import Callable
from datetime import timedelta

from allauth.account.models import EmailAddress
from django.conf import settings
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from projects.models import AuditEntry, Invitation, Membership, Project, User
from tests.conftest import Cast
from tests.factories import PASSWORD, make_user

NEW = "new@agency.example"


def at(cast: Cast, name: str, **ids: int) -> str:
    return reverse(f"projects:{name}", kwargs={"slug": cast.workspace.slug, **ids})


def invite(client: Client, cast: Cast, email: str = NEW, role: str = "editor", **fields: object) -> str:
    """Invite through the page; the path of the link in the mail."""
    response = client.post(at(cast, "invite"), {"email": email, "role": role, "all_projects": "all", **fields})
    assert response.status_code == 302, response.content.decode()
    return re.search(rf"{settings.SITE_URL}(/invitation/\S+/)", mail.outbox[-1].body).group(1)


def test_an_invitation_by_mail_makes_a_member_of_that_address_only(cast: Cast, browse: Callable) -> None:
    link = invite(browse(cast.admin), cast)
    assert (mail.outbox[0].to, mail.outbox[0].subject) == ([NEW], "admin@agency.example invites you to Agency")
    assert Invitation.objects.get().token_hash not in mail.outbox[0].body
    opened = browse(None)
    assert opened.get(link).status_code == 200
    assert not Membership.objects.filter(user__email=NEW).exists(), "reading the link changes nothing"
    assert opened.post(f"{link}sign-up/").headers["Location"] == "/accounts/signup/"
    other = {"email": "other@agency.example", "password1": PASSWORD, "password2": PASSWORD}
    assert "use that address" in opened.post("/accounts/signup/", other).content.decode()
    made = opened.post("/accounts/signup/", {**other, "email": NEW})
    assert made.status_code == 302
    member = Membership.objects.get(user__email=NEW)
    assert (member.workspace, member.role) == (cast.workspace, "editor")
    assert browse(None).get(link).status_code == 404, "used up"
    assert AuditEntry.objects.filter(action="member.invited").count() == 1
    assert AuditEntry.objects.filter(action="member.joined").count() == 1


def test_somebody_with_an_account_joins_as_themselves(cast: Cast, browse: Callable) -> None:
    user = make_user(email=NEW)
    link = invite(browse(cast.owner), cast)
    wrong = browse(cast.viewer)
    assert "is for new@agency.example" in wrong.get(link).content.decode()
    wrong.post(f"{link}join/")
    assert not Membership.objects.filter(user=user).exists()
    browse(user).post(f"{link}join/")
    assert Membership.objects.get(user=user).role == "editor"


def test_expired_revoked_and_replaced_links_are_closed(cast: Cast, browse: Callable) -> None:
    admin = browse(cast.admin)
    first = invite(admin, cast)
    second = invite(admin, cast)
    assert (browse(None).get(first).status_code, browse(None).get(second).status_code) == (404, 200)
    Invitation.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert browse(None).get(second).status_code == 404
    admin.post(at(cast, "resend_invitation", invitation_id=Invitation.objects.get().pk))
    third = re.search(r"(/invitation/\S+/)", mail.outbox[-1].body).group(1)
    assert browse(None).get(third).status_code == 200
    admin.post(at(cast, "revoke_invitation", invitation_id=Invitation.objects.get().pk))
    assert browse(None).get(third).status_code == 404


def test_a_client_is_invited_to_named_projects(cast: Cast, browse: Callable) -> None:
    admin = browse(cast.admin)
    refused = admin.post(at(cast, "invite"), {"email": NEW, "role": "client", "all_projects": "named"})
    assert (refused.status_code, "Tick at least one project" in refused.content.decode()) == (422, True)
    foreign = {"email": NEW, "role": "client", "projects": [cast.other_project.pk]}
    assert admin.post(at(cast, "invite"), foreign).status_code == 422
    link = invite(admin, cast, role="client", all_projects="named", projects=[cast.project.pk])
    user = make_user(email=NEW)
    browse(user).post(f"{link}join/")
    assert list(Membership.objects.get(user=user).projects.all()) == [cast.project]


def test_owners_are_made_and_unmade_by_owners_and_one_stays(cast: Cast, browse: Callable) -> None:
    owner = Membership.objects.get(workspace=cast.workspace, user=cast.owner)
    editor = Membership.objects.get(workspace=cast.workspace, user=cast.editor)
    admin = browse(cast.admin)
    admin.post(at(cast, "member", member_id=editor.pk), {"role": "owner", "all_projects": "all"})
    admin.post(at(cast, "remove_member", member_id=owner.pk))
    stepped = browse(cast.owner).post(at(cast, "member", member_id=owner.pk), {"role": "viewer", "all_projects": "all"})
    assert "needs an owner" in stepped.content.decode()
    owner.refresh_from_db()
    editor.refresh_from_db()
    assert (owner.role, editor.role) == ("owner", "editor")
    browse(cast.owner).post(at(cast, "member", member_id=editor.pk), {"role": "owner", "all_projects": "all"})
    editor.refresh_from_db()
    assert editor.role == "owner"
    assert AuditEntry.objects.filter(action="member.changed").count() == 1


def test_who_is_removed_is_signed_out_everywhere(cast: Cast, browse: Callable) -> None:
    theirs = browse(cast.editor)
    assert theirs.get(at(cast, "workspace")).status_code == 200
    member = Membership.objects.get(workspace=cast.workspace, user=cast.editor)
    browse(cast.admin).post(at(cast, "remove_member", member_id=member.pk))
    assert theirs.get(at(cast, "workspace")).headers["Location"].startswith("/accounts/login/")
    assert AuditEntry.objects.filter(action="member.removed").count() == 1


def test_sign_up_is_for_the_first_user_and_the_invited(db: None) -> None:
    data = {"email": "first@agency.example", "password1": PASSWORD, "password2": PASSWORD}
    first = Client()
    assert first.post("/accounts/signup/", data).status_code == 302
    assert first.get("/", follow=True).redirect_chain[-1][0] == "/workspaces/new/"
    assert EmailAddress.objects.get().verified, "without a mail server too, a second factor can be set up"
    Client().post("/accounts/signup/", {**data, "email": "second@agency.example"})
    assert list(User.objects.values_list("email", flat=True)) == ["first@agency.example"]


def test_known_and_unknown_accounts_get_the_same_answer(cast: Cast) -> None:
    answers = []
    for email in ("owner@agency.example", "nobody@agency.example"):
        response = Client().post("/accounts/login/", {"login": email, "password": "not the password"})
        text = re.sub(r'value="\w{64}"|"X-CSRFToken": "\w+"', "", response.content.decode()).replace(email, "")
        answers.append((response.status_code, text))
    assert answers[0] == answers[1]
    assert AuditEntry.objects.filter(action="sign_in.failed").count() == 2


def test_guessing_is_slowed_down(cast: Cast) -> None:
    data = {"login": "owner@agency.example", "password": "wrong"}
    client = Client()
    texts = [client.post("/accounts/login/", data).content.decode() for _ in range(7)]
    assert "Too many failed login attempts" in texts[-1]
    right = client.post("/accounts/login/", {**data, "password": PASSWORD})
    assert right.status_code == 200, "also the right password has to wait"


def test_projects_are_made_described_and_removed(cast: Cast, link_index: None, browse: Callable) -> None:
    editor = browse(cast.editor)
    bad = editor.post(at(cast, "create_project"), {"target": "not a domain", "countries": "UK", "languages": "xx"})
    text = bad.content.decode()
    assert bad.status_code == 422
    assert "This is no domain or URL" in text
    assert "Did you mean GB?" in text
    good = {
        "target": "https://third.example/shop/",
        "brands": "Third, 3rd\nThe Third",
        "keywords": "lamps",
        "competitors": "rival.example\nhttps://blog.rival.example/",
        "languages": "en de",
        "countries": "GB",
    }
    editor.post(at(cast, "create_project"), good)
    made = Project.objects.get(url="third.example/shop/")
    assert (made.scope, made.brand_terms, made.languages) == ("prefix", ["Third", "3rd", "The Third"], ["en", "de"])
    assert sorted(one.target for one in made.competitors.all()) == ["blog.rival.example", "rival.example"]
    again = editor.post(at(cast, "create_project"), good)
    assert "is a project of this workspace already" in again.content.decode()
    address = at(cast, "delete_project", project_id=made.pk)
    assert editor.post(address, {"typed": "third.example/shop/"}).status_code == 403
    assert browse(cast.admin).post(address, {"typed": "another"}).status_code == 422
    browse(cast.admin).post(address, {"typed": "third.example/shop/"})
    assert editor.get(at(cast, "project_settings", project_id=made.pk)).status_code == 404
    assert AuditEntry.objects.filter(action__startswith="project.").count() == 2


def test_the_audit_log_is_filtered_paged_and_exported_without_formulas(cast: Cast, browse: Callable) -> None:
    AuditEntry.objects.bulk_create(
        AuditEntry(workspace=cast.workspace, who=cast.owner, who_text="Olive", action="export", what=f"=row {n}")
        for n in range(60)
    )
    admin = browse(cast.admin)
    first = admin.get(at(cast, "audit_log"), {"action": "export"}).content.decode()
    assert first.count("=row ") == 50
    older = re.search(r'href="\?([^"]*before=\d+)"', first).group(1).replace("&amp;", "&")
    assert admin.get(f"{at(cast, 'audit_log')}?{older}").content.decode().count("=row ") == 10
    exported = b"".join(admin.get(at(cast, "audit_log_csv"), {"action": "export"}).streaming_content).decode()
    assert exported.count("\"'=row ") == 60
