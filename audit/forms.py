"""Forms of the audit's pages; each lists its fields."""

from typing import Any

from django import forms

from . import mailing
from .clients.sharing import MOST_DAYS
from .models import Removal

EVERY = ((0, "Never by itself"), (1, "Every day"), (3, "Every 3 days"), (7, "Every week"), (14, "Every 2 weeks"),
         (30, "Every 30 days"), (90, "Every 90 days"))  # fmt: skip


class ReviewSettingsForm(forms.Form):
    every_days = forms.TypedChoiceField(
        label="Audit",
        choices=EVERY,
        coerce=int,
        help_text="Only where something has changed since: the same links would be judged the same.",
    )
    needs_second = forms.BooleanField(
        label="A disavowal needs a second person",
        required=False,
        help_text="What one person wants disavowed goes into the file when another one has approved it.",
    )

    client_is_second = forms.BooleanField(
        label="The client's agreement counts as the second person",
        required=False,
        help_text="By the link of a client review. Whoever makes such a link also holds it: switch this on only where "
        "you trust that the client answers.",
    )
    shares_decisions = forms.BooleanField(
        label="Share what is disavowed with other workspaces, and learn what they disavow",
        required=False,
        help_text="As a share alone, never who: a domain must be known in three other workspaces that share. Projects "
        "of this workspace count without it.",
    )

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        chosen = self.initial.get("every_days", 0)
        if chosen not in dict(EVERY):  # set by hand: kept until somebody chooses another
            self.fields["every_days"].choices = [*EVERY, (chosen, f"Every {chosen} days")]


class ClientReviewForm(forms.Form):
    title = forms.CharField(label="Title", max_length=120, help_text="The client reads it as the heading.")
    message = forms.CharField(
        label="Message to the client",
        required=False,
        max_length=3000,
        help_text="Plain text: why you ask, and until when you need an answer.",
        widget=forms.Textarea(attrs={"rows": 5}),
    )
    days = forms.IntegerField(label="The link works for so many days", min_value=1, max_value=MOST_DAYS)
    with_reasons = forms.BooleanField(
        label="Show our reasons",
        required=False,
        help_text="What was written as the reason of each decision; comments are never shown.",
    )


class RemovalMailForm(forms.Form):
    subject = forms.CharField(label="Subject", max_length=300, validators=[mailing.checked])
    body = forms.CharField(
        label="Text",
        max_length=mailing.BODY_LENGTH,
        widget=forms.Textarea(attrs={"rows": 18}),
        validators=[mailing.checked],
    )

    def clean_body(self) -> str:
        return str(self.cleaned_data["body"]).replace("\r\n", "\n")


class RemovalForm(forms.Form):
    state = forms.ChoiceField(label="State", choices=Removal.State.choices)
    contact = forms.CharField(
        label="Contact",
        required=False,
        max_length=300,
        help_text="A mail address, or the address of a form.",
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    note = forms.CharField(
        label="Note",
        required=False,
        max_length=1000,
        help_text="What happened: it stands in the history with your name and the time.",
        widget=forms.Textarea(attrs={"rows": 2}),
    )
