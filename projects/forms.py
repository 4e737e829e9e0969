"""Forms of people and projects; each lists its fields."""

import re
from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.forms import SignupForm
from allauth.core import context
from django import forms
from django.http import HttpRequest

from seoapp.lib.weburl import BadUrl, Target

from . import accounts, audit, invitations
from .members import Place
from .models import Membership, Project, Role, User
from .places import COMMON_SLIPS, COUNTRIES, LANGUAGES

MOST_TERMS = 200
LONGEST_TERM = 80
MOST_COMPETITORS = 50


def split_list(text: str) -> list[str]:
    """Entries of a box: one a line or separated by commas; each once, in their order."""
    parts = (" ".join(one.split()) for one in re.split(r"[\n\r,;]+", text))
    found: dict[str, str] = {}
    for one in parts:
        if one:
            found.setdefault(one.casefold(), one)
    return list(found.values())


class ListField(forms.CharField):
    """A box with one entry a line (or commas between them); gives a list."""

    def __init__(self, *, rows: int = 3, **options: Any) -> None:
        widget = forms.Textarea(attrs={"rows": rows, "spellcheck": "false"})
        super().__init__(required=False, widget=widget, max_length=20_000, **options)

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(value) if isinstance(value, list) else value

    def clean(self, value: Any) -> list[str]:
        found = split_list(super().clean(value))
        if len(found) > MOST_TERMS:
            raise forms.ValidationError(f"There are {len(found)} entries; at most {MOST_TERMS} are read.")
        long = next((one for one in found if len(one) > self.longest()), None)
        if long:
            raise forms.ValidationError(f"{long[:40]}… is longer than {self.longest()} characters.")
        return found

    def longest(self) -> int:
        return LONGEST_TERM


class CompetitorsField(ListField):
    """Domains, hosts, folders or pages; gives the targets as they are compared."""

    def longest(self) -> int:
        return 2048

    def clean(self, value: Any) -> list[str]:
        found: list[str] = []
        for text in super().clean(value):
            try:
                target = str(Target.parse(text))
            except BadUrl as error:
                raise forms.ValidationError(f"{text!r} is no domain or URL: {error}.") from error
            if target not in found:
                found.append(target)
        if len(found) > MOST_COMPETITORS:
            raise forms.ValidationError(f"There are {len(found)} competitors; at most {MOST_COMPETITORS} are compared.")
        return found


class CodesField(ListField):
    """Codes of a closed list; blanks separate them too."""

    def __init__(self, *, codes: frozenset[str], meaning: str, **options: Any) -> None:
        super().__init__(rows=1, **options)
        self.codes, self.meaning, self.upper = codes, meaning, next(iter(codes)).isupper()

    def prepare_value(self, value: Any) -> Any:
        return ", ".join(value) if isinstance(value, list) else value

    def clean(self, value: Any) -> list[str]:
        typed = super().clean(re.sub(r"\s+", ",", value or ""))
        found = [one.upper() if self.upper else one.lower() for one in typed]
        for one in found:
            if one not in self.codes:
                hint = f" Did you mean {COMMON_SLIPS[one]}?" if self.upper and one in COMMON_SLIPS else ""
                raise forms.ValidationError(f"{one!r} is no two-letter code of a {self.meaning}.{hint}")
        return found


class WorkspaceForm(forms.Form):
    name = forms.CharField(max_length=80, label="Name", help_text="Your agency, team or company.")

    field_order = ("name",)


class ProjectForm(forms.Form):
    """A project's target and what is known about its site."""

    AS_TYPED = ""
    SCOPES = ((AS_TYPED, "As typed"), *Project.Scope.choices)

    target = forms.CharField(
        max_length=2048,
        label="Domain or URL",
        help_text="For example client.com, blog.client.com, client.com/shop/ or one page.",
        widget=forms.TextInput(attrs={"inputmode": "url", "autocomplete": "off", "spellcheck": "false"}),
    )
    scope = forms.ChoiceField(choices=SCOPES, required=False, label="Scope", help_text="How much of it is the project.")
    name = forms.CharField(max_length=120, required=False, label="Name", help_text="Empty: the domain.")
    brands = ListField(
        label="Brand terms",
        help_text="Names of the brand, as anchors write them. One a line, or commas between them.",
    )
    keywords = ListField(
        label="Money keywords",
        help_text="What the site sells; anchors that consist of these words are commercial.",
    )
    competitors = CompetitorsField(
        label="Competitors", help_text="Domains, hosts, folders or pages; one a line.", rows=4
    )
    languages = CodesField(
        codes=LANGUAGES, meaning="language", label="Languages", help_text="Two-letter codes: en, de, fr."
    )
    countries = CodesField(
        codes=COUNTRIES, meaning="country", label="Countries", help_text="Two-letter codes: GB, DE, US."
    )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if not cleaned.get("target"):
            return cleaned
        try:
            target = Target.parse(cleaned["target"], cleaned.get("scope") or None)
        except BadUrl as error:
            self.add_error("target", f"This is no domain or URL: {error}.")
            return cleaned
        if str(target) in cleaned.get("competitors", ()):
            self.add_error("competitors", f"{target} is the project itself.")
        cleaned["target"] = target
        return cleaned


class DeleteProjectForm(forms.Form):
    typed = forms.CharField(max_length=2048, label="Type the project's domain or URL to confirm")

    def __init__(self, *args: Any, project: Project, **options: Any) -> None:
        super().__init__(*args, **options)
        self.project = project

    def clean_typed(self) -> str:
        typed = self.cleaned_data["typed"].strip().lower()
        if typed not in (self.project.domain, str(self.project.target)):
            raise forms.ValidationError(f"This is not {self.project.target}.")
        return typed


class PlaceForm(forms.Form):
    """A role in a workspace and the projects it is about; only what the one who gives it may give is offered."""

    role = forms.ChoiceField(label="Role")
    all_projects = forms.TypedChoiceField(
        label="Sees",
        coerce=lambda text: text == "all",
        choices=(("all", "All projects, also future ones"), ("named", "Only the projects ticked below")),
        widget=forms.RadioSelect,
        initial="all",
        required=False,
        empty_value=True,
        help_text="Owners and admins see all projects; a client always sees named ones only.",
    )
    projects = forms.ModelMultipleChoiceField(
        queryset=Project.objects.none(), required=False, widget=forms.CheckboxSelectMultiple, label="Projects"
    )

    def __init__(self, *args: Any, actor: Membership, roles: list[Role], **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["role"].choices = [(role.value, role.label) for role in roles]
        self.fields["projects"].queryset = actor.workspace.projects.filter(removed_at=None)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        named = cleaned.get("role") == Role.CLIENT or not cleaned.get("all_projects", True)
        if named and cleaned.get("role") not in (Role.OWNER, Role.ADMIN) and not cleaned.get("projects"):
            self.add_error("projects", "Tick at least one project.")
        return cleaned

    @property
    def place(self) -> Place:
        role = self.cleaned_data["role"]
        whole = role in (Role.OWNER, Role.ADMIN) or (role != Role.CLIENT and self.cleaned_data["all_projects"])
        return Place(role, whole, () if whole else tuple(self.cleaned_data["projects"]))


class InviteForm(PlaceForm):
    email = forms.EmailField(label="E-mail address")

    field_order = ("email", "role", "all_projects", "projects")


class ProfileForm(forms.Form):
    name = forms.CharField(max_length=120, required=False, label="Name", help_text="How others in a workspace see you.")


class SignUpForm(SignupForm):
    """Sign-up of the first user, or by invitation: then for the invited address only."""

    name = forms.CharField(
        max_length=120, required=False, label="Name", widget=forms.TextInput(attrs={"autocomplete": "name"})
    )
    field_order = ("name", "email", "password1", "password2")

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.invitation = accounts.pending(context.request)
        if self.invitation:
            self.initial["email"] = self.invitation.email
            self.fields["email"].widget.attrs["readonly"] = True

    def clean_email(self) -> str:
        email: str = super().clean_email()
        if self.invitation and email != self.invitation.email:
            raise forms.ValidationError(f"The invitation is for {self.invitation.email}: use that address.")
        return email

    def save(self, request: HttpRequest) -> User:
        if not self.invitation:  # the first user of an installation, which may have no mail server to prove it by
            get_adapter().stash_verified_email(request, self.cleaned_data["email"])
        user: User = super().save(request)
        user.name = self.cleaned_data["name"]
        user.save(update_fields=["name"])
        if self.invitation:
            invitations.accept(self.invitation, user)
            request.session.pop(accounts.SESSION_KEY, None)
            audit.record(
                "member.joined",
                workspace=self.invitation.workspace,
                user=user,
                what=user.email,
                ip=audit.ip_of(request),
            )
        return user
