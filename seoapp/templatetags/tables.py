"""`{% cell cell %}`: one value of a table, by its kind. Everything from outside goes through `format_html`."""

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

from django import template
from django.contrib.humanize.templatetags.humanize import intcomma
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.timezone import localtime

from seoapp.lib import charts
from seoapp.lib.listing import Button
from seoapp.lib.tables import Cell
from seoapp.lib.weburl import display_host, display_url
from seoapp.lib.words import counted as in_words

from .icons import icon

register = template.Library()
LONG = 60
SMALL_PLACES = 6  # of a number that two places would make nothing of
DASH, MINUS = "\N{EN DASH}", "\N{MINUS SIGN}"
# Embeddings, isolates and their ends (nothing), overrides (visible).
TURNS = dict.fromkeys(map(ord, "\u202a\u202b\u202c\u2066\u2067\u2068\u2069")) | {0x202D: "[LRO]", 0x202E: "[RLO]"}
NOTHING = '<span class="unknown" title="{}">{}</span>'
_STATES = "live lost unknown queued running done failed cancelled waiting mapping removed"
STATES = frozenset(_STATES.split())


@register.simple_tag
def cell(shown: Cell, *, labelled: bool = False) -> SafeString:
    """The whole <td>; a `labelled` one says the name of its column, for lists that have no heads on a phone."""
    kind = shown.column.kind
    classes = {
        "int": "num",
        "change": "num",
        "metric": "num",
        "number": "num",
        "score": "num",
        "share": "num",
        "datetime": "date",
        "state": "state-cell",
        "list": "tags",
        "marked": "text",
        "steps": "text",
    }.get(kind, kind)
    body = _empty(shown) if shown.value in (None, "", [], ()) else _body(shown, kind)
    lead = format_html('<span class="cell-lead">{}</span>', _isolated(shown.lead)) if shown.lead else ""
    note = format_html('<span class="cell-note">{}</span>', shown.note) if shown.note else ""
    label = format_html(' data-label="{}"', shown.column.label) if labelled else ""
    return format_html('<td class="{}"{}>{}{}{}</td>', classes, label, lead, body, note)


def _empty(shown: Cell) -> SafeString:
    """Nothing to show; where rows stand behind the nothing (links without anchor), it still leads to them."""
    word = shown.empty or ("(not known)" if shown.href else "")
    if not word:
        return format_html(NOTHING, shown.why or "Not known", DASH)
    if not shown.href:
        return format_html('<span class="unknown">{}</span>', word)
    return format_html('<a href="{}" class="unknown">{}</a>', shown.href, word)


def _body(shown: Cell, kind: str) -> SafeString:
    if shown.external:
        return external(shown.value, shown.short)
    body = _shortened(shown.value, shown.short) if shown.short else RENDER.get(kind, _text)(shown.value)
    if shown.icon:
        body = format_html("{} {}", icon(shown.icon), body)
    return format_html('<a href="{}">{}</a>', shown.href, body) if shown.href else body


def _text(value: Any) -> SafeString:
    return _isolated(str(value))


def _url(value: str) -> SafeString:
    return _isolated(display_url(value))


def _shortened(value: str, short: str) -> SafeString:
    return format_html('<bdi title="{}">{}</bdi>', plain(value), plain(short))


@register.filter
def plain(text: object) -> str:
    """Text from outside without the characters that turn others round: overrides show as such, the rest goes, because
    <bdi> finds the direction."""
    return str(text).translate(TURNS)


def _marked(value: tuple[str, str, str]) -> SafeString:
    """Text with the words in its middle marked."""
    return format_html('<bdi class="context-cell">{}<mark>{}</mark>{}</bdi>', *map(plain, value))


def _isolated(text: str) -> SafeString:
    """Text of any direction; a long one is cut by the style sheet and shown whole as its title."""
    text = plain(text)
    if len(text) > LONG:
        return format_html('<bdi title="{}">{}</bdi>', text, text)
    return format_html("<bdi>{}</bdi>", text)


def _number(value: float) -> SafeString:
    return format_html("{}", number(value))


def _change(value: float) -> SafeString:
    return format_html("{}", signed(value))


def _score(value: float) -> SafeString:
    """A score of 0 to 100 as people say it, exactly as its title."""
    return format_html('<span title="{}">{}</span>', number(value), round(value))


def _day(value: date) -> SafeString:
    return format_html('<time datetime="{0}">{0}</time>', value.isoformat())


def _moment(value: datetime) -> SafeString:
    local = localtime(value)
    return format_html('<time datetime="{}">{}</time>', local.isoformat(), f"{local:%Y-%m-%d %H:%M}")


def _flag(value: object) -> SafeString:
    return format_html('<span class="flag-{}">{}</span>', "yes" if value else "no", "yes" if value else "no")


def _list(value: list[str]) -> SafeString:
    return format_html_join(" ", '<span class="tag"><bdi>{}</bdi></span>', ((plain(one),) for one in value))


def _steps(value: list[str]) -> SafeString:
    """One step a line, each with what came before it."""
    lines = format_html_join("", "<li><bdi>{}</bdi></li>", ((plain(one),) for one in value))
    return format_html('<ol class="steps">{}</ol>', lines)


def _state(value: str) -> SafeString:
    name = value if value in STATES else "unknown"
    return format_html('<span class="state state-{}">{}</span>', name, value)


def _button(value: Button | str) -> SafeString:
    """A button; where there is nothing to do, a word in its place."""
    if isinstance(value, str):
        return _text(value)
    return format_html(
        '<button class="btn btn-sm" type="submit" form="{}" name="{}" value="{}" aria-label="{} {}">{}</button>',
        value.form, value.name, value.value, value.label, value.value, value.label,
    )  # fmt: skip


def _share(value: float) -> SafeString:
    return format_html("{}", percent(value))


def _trend(value: list[int]) -> SafeString:
    """A small line of counts, the oldest first; screen readers get the counts."""
    said = ", ".join(map(number, value))
    points = charts.spark(value)
    return format_html(
        '<span title="{}"><svg class="spark" viewBox="0 0 {} {}" role="img" aria-label="{}">'
        '<polyline points="{}"/></svg></span>',
        said,
        charts.SPARK_WIDTH,
        charts.SPARK_HEIGHT,
        said,
        points,
    )


RENDER: dict[str, Callable[[Any], SafeString]] = {
    "url": _url,
    "int": _number,
    "metric": _number,
    "number": _number,
    "score": _score,
    "change": _change,
    "date": _day,
    "datetime": _moment,
    "bool": _flag,
    "list": _list,
    "state": _state,
    "marked": _marked,
    "share": _share,
    "trend": _trend,
    "button": _button,
}


@register.filter
def number(value: float | None) -> str:
    """1234567 → 1,234,567; 12.50 → 12.5; 0.0041 → 0.0041; None → a dash."""
    if value is None:
        return DASH
    if isinstance(value, float) and not value.is_integer():
        places = 2 if abs(value) >= 0.01 else SMALL_PLACES
        return intcomma(f"{value:.{places}f}".rstrip("0").rstrip("."), use_l10n=False)
    return intcomma(int(value), use_l10n=False)


@register.filter
def signed(value: float) -> str:
    """A change with its sign; one that two places make nothing of is 0."""
    shown = round(value, 2)
    return f"{'+' if shown > 0 else MINUS if shown < 0 else ''}{number(abs(shown))}"


@register.filter
def counted(count: float, nouns: str) -> str:
    """`{{ 2|counted:"page" }}` → 2 pages; `{{ 2|counted:"address,addresses" }}` where an s is not enough."""
    one, _, many = nouns.partition(",")
    return in_words(count, one, many)


@register.filter
def percent(share: float) -> str:
    """0.0412 → 4.1 %."""
    value = share * 100
    if 0 < value < 0.1:
        return "< 0.1 %"
    return f"{value:.0f} %" if value in (0, 100) else f"{value:.1f} %"


@register.filter
def host(value: str) -> str:
    """A host for people: look-alikes stay visible as A-labels."""
    return display_host(value)


@register.filter
def external(value: str, short: str = "") -> SafeString:
    """A link out, to http and https addresses only; anything else is text. A `short` one says the rest as its title."""
    if not value.startswith(("http://", "https://")):
        return _url(value)
    body = _shortened(value, short) if short else _url(value)
    return format_html('<a href="{}" rel="noopener noreferrer nofollow" target="_blank">{}</a>', value, body)
