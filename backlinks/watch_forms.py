"""The form of a watched site."""

from django import forms

from seoapp.lib.weburl import BadUrl, parse

from .crawl.watching import PAGES

REPEATS = ((1, "Every hour"), (3, "Every 3 hours"), (6, "Every 6 hours"), (12, "Every 12 hours"), (24, "Every day"),
           (72, "Every 3 days"), (168, "Every week"))  # fmt: skip


class WatchForm(forms.Form):
    url = forms.CharField(
        label="Site",
        max_length=2048,
        help_text="Its start page: a domain or an address. The feeds that it names are read, and its sitemaps.",
        widget=forms.TextInput(attrs={"inputmode": "url", "autocomplete": "off", "spellcheck": "false"}),
    )
    every_hours = forms.TypedChoiceField(label="Look for new pages", choices=REPEATS, coerce=int, initial=24)
    max_pages = forms.IntegerField(
        label="New pages at most, each time",
        min_value=PAGES[0],
        max_value=PAGES[1],
        initial=100,
        help_text="The newest are fetched first; the rest waits for the next time.",
    )

    def clean_url(self) -> str:
        text = self.cleaned_data["url"]
        try:
            return parse(text, "https").url
        except BadUrl as error:
            raise forms.ValidationError(f"This is no address of a web page: {error}.") from error
