"""Forms of the crawler's pages: what to fetch, what to check, how often; each lists its fields."""

from typing import Any

from django import forms

from seoapp.lib.weburl import BadUrl, parse
from seoapp.lib.words import counted

from .crawl.jobs import LIMITS, MAX_STARTS

SHOWN_BAD = 8  # bad lines that an error names
LIST_BYTES = 10 * 1024 * 1024  # of the form with a pasted list
MOST_LINKS = LIMITS["max_pages"][1]
SECONDS_A_PAGE, AN_HOUR = 5, 3600
REPEATS = ((0, "Never by itself"), (1, "Every day"), (2, "Every 2 days"), (3, "Every 3 days"), (7, "Every week"),
           (14, "Every 2 weeks"), (30, "Every 30 days"), (90, "Every 90 days"))  # fmt: skip


def _time_for(pages: int) -> int:
    """Seconds in which so many pages of one site can be fetched politely; an hour at least."""
    return max(AN_HOUR, pages * SECONDS_A_PAGE)


def _number(name: str, label: str, **options: Any) -> forms.IntegerField:
    low, high = LIMITS[name]
    return forms.IntegerField(label=label, min_value=low, max_value=high, **options)


class SiteCrawlForm(forms.Form):
    """One site, from one address on."""

    kind = "site"
    site = forms.CharField(
        label="Site",
        max_length=2048,
        help_text="Any domain, folder or page. It is asked by https unless you type http:// in front.",
        widget=forms.TextInput(
            attrs={"list": "known-sites", "inputmode": "url", "autocomplete": "off", "spellcheck": "false"}
        ),
    )
    max_pages = _number("max_pages", "Pages at most", initial=500)
    max_depth = _number("max_depth", "Clicks from the first page", initial=5)
    max_hosts = _number("max_hosts", "Hosts at most", initial=100)
    with_subdomains = forms.BooleanField(label="Follow links to its subdomains too", required=False, initial=True)

    def clean_site(self) -> str:
        text = self.cleaned_data["site"]
        try:
            parse(text, "https")
        except BadUrl as error:
            raise forms.ValidationError(f"This is no address of a web page: {error}.") from error
        return text

    def asked(self) -> dict[str, Any]:
        """What `jobs.start` takes."""
        limits = {name: self.cleaned_data[name] for name in ("max_pages", "max_depth", "max_hosts", "with_subdomains")}
        return limits | {"starts": [self.cleaned_data["site"]], "max_seconds": _time_for(limits["max_pages"])}


class PageListForm(forms.Form):
    """Pages, one a line."""

    kind = "list"
    pages = forms.CharField(
        label="Pages",
        help_text=f"One address a line, {MAX_STARTS:,} at most. These pages are fetched, and what they redirect to.",
        widget=forms.Textarea(attrs={"rows": 6, "spellcheck": "false", "autocomplete": "off"}),
        error_messages={"required": "Paste at least one address."},
    )

    @classmethod
    def too_long(cls) -> "PageListForm":
        """The form of somebody who has sent more than is read."""
        form = cls({})
        form.fields["pages"].error_messages["required"] = (
            f"This list is larger than {LIST_BYTES // 1024 // 1024} MB, or has too many fields, and was not read. "
            f"{MAX_STARTS:,} addresses at once are the most: split the list, and paste one part after the other."
        )
        return form

    def clean_pages(self) -> list[str]:
        numbered = [(number, line.strip()) for number, line in enumerate(self.cleaned_data["pages"].splitlines(), 1)]
        lines = [(number, line) for number, line in numbered if line]
        found = list(dict.fromkeys(line for _, line in lines))
        if len(found) > MAX_STARTS:
            raise forms.ValidationError(
                f"{len(found):,} addresses are too many at once: {MAX_STARTS:,} is the most. Split the list."
            )
        bad = [problem for number, line in lines if (problem := _problem(number, line))]
        if bad:
            more = [f"… and {counted(len(bad) - SHOWN_BAD, 'more line')}."] if len(bad) > SHOWN_BAD else []
            raise forms.ValidationError([*bad[:SHOWN_BAD], *more])
        return found

    def asked(self) -> dict[str, Any]:
        """What `jobs.start` takes; a page may redirect five times before it is read."""
        starts = self.cleaned_data["pages"]
        return {"starts": starts, "max_pages": len(starts) * 6, "max_seconds": _time_for(len(starts))}


def _problem(number: int, line: str) -> str:
    try:
        parse(line, "https")
    except BadUrl as error:
        return f"Line {number}: “{line[:80]}” is no address of a web page ({error})."
    return ""


class CheckNowForm(forms.Form):
    limit = forms.IntegerField(
        label="Links at most",
        min_value=1,
        max_value=MOST_LINKS,
        help_text="Watched links come first, then those never looked at, then those looked at longest ago.",
    )


class CheckPlanForm(forms.Form):
    every_days = forms.TypedChoiceField(label="Look at each link", choices=REPEATS, coerce=int)
    daily_links = forms.IntegerField(
        label="Links a day at most",
        min_value=1,
        max_value=MOST_LINKS,
        help_text="Hosts are asked slowly, so a small number spares them and you.",
    )

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        chosen = self.initial.get("every_days", 0)
        if chosen not in dict(REPEATS):  # planned by a command: kept until somebody chooses another
            self.fields["every_days"].choices = [*REPEATS, (chosen, f"Every {chosen} days")]
