"""What can be chosen of a report."""

from typing import Any

from django import forms

from audit.models import ReportFile

from .contents import MOST_DOMAINS, SECTIONS, Wanted

COUNTS = (25, 100, 200, MOST_DOMAINS)


class ReportForm(forms.Form):
    format = forms.ChoiceField(
        label="File",
        choices=((ReportFile.Format.PDF, "PDF, to read and to send"), (ReportFile.Format.XLSX, "Excel, with all rows")),
        widget=forms.RadioSelect,
    )
    heading = forms.CharField(label="Heading", required=False, max_length=120, help_text="Empty: Backlink audit.")
    note = forms.CharField(
        label="Note",
        required=False,
        max_length=2000,
        help_text="A few words of yours on the first page, as plain text.",
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    sections = forms.MultipleChoiceField(
        label="Sections of the PDF",
        choices=tuple(SECTIONS.items()),
        widget=forms.CheckboxSelectMultiple,
        required=False,
        initial=tuple(SECTIONS),
        help_text="The summary is always there; the Excel file holds everything.",
    )
    most_domains = forms.TypedChoiceField(
        label="Domains in the PDF",
        choices=tuple((one, f"{one:,} at most") for one in COUNTS),
        coerce=int,
        initial=100,
        help_text="The riskiest ones; the rest is counted there and listed in the Excel file.",
    )
    for_clients = forms.BooleanField(
        label="Clients of this project may download it",
        required=False,
        initial=True,
        help_text="It may tell them more than their pages do: decisions with their reasons, and requests for removal.",
    )

    @property
    def wanted(self) -> Wanted:
        told: dict[str, Any] = self.cleaned_data
        return Wanted(frozenset(told["sections"]), told["heading"], told["note"], told["most_domains"])
