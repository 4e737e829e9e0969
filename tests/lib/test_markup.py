"""HTML out of values: as Django's own, for every hostile text."""

import pytest
from django.utils.html import format_html
from django.utils.safestring import SafeString

from seoapp.lib.markup import joined, markup

TEXTS = ("<script>alert(1)</script>", "\"'&<>", "{}", "{0.__class__}", "a {b} c", "\u202etxt", "", 7, 0.5, None, True)


@pytest.mark.parametrize("text", TEXTS)
def test_values_are_escaped_as_django_does(text: object) -> None:
    made = markup('<a title="{}">{}</a>', text, text)
    assert made == format_html('<a title="{}">{}</a>', text, text)
    assert type(made) is SafeString


def test_markup_in_markup_stays_and_is_escaped_once() -> None:
    inner = markup("<b>{}</b>", "a & b")
    assert markup("<i>{}</i>", inner) == "<i><b>a &amp; b</b></i>"
    assert joined([inner, inner], " <br> ") == "<b>a &amp; b</b> &lt;br&gt; <b>a &amp; b</b>"
    assert type(joined([inner])) is SafeString


def test_a_string_that_only_looks_like_markup_is_none() -> None:
    class Sly(str):
        def __html__(self) -> str:
            return "<script>"

    assert markup("{}", Sly("<b>")) == "&lt;b&gt;"
