"""`{% cells row %}`: the values of a table, each by its kind. Everything from outside goes through `markup`."""

from collections.abc import Callable, Iterable
from datetime import date, datetime
from typing import Any

from django import template
from django.contrib.humanize.templatetags.humanize import intcomma
from django.utils.safestring import SafeString
from django.utils.timezone import localtime

from seoapp.lib import charts
from seoapp.lib.listing import Button
from seoapp.lib.markup import joined, markup
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
CLASSES = {
    **dict.fromkeys(("int", "change", "metric", "number", "score", "share"), "num"),
    "datetime": "date",
    "state": "state-cell",
    "list": "tags",
    "marked": "text",
    "steps": "text",
}
_STATES = "live lost unknown queued running done failed cancelled waiting mapping removed"
STATES = frozenset(_STATES.split())


@register.simple_tag
def cells(row: Iterable[Cell], *, labelled: bool = False) -> SafeString:
    """Each <td> of a row; `labelled` ones say the name of their column, for lists that have no heads on a phone."""
    return joined(cell(one, labelled=labelled) for one in row)


@register.simple_tag
def cell(shown: Cell, *, labelled: bool = False) -> SafeString:
    """The whole <td>."""
    kind = shown.column.kind
    body = _empty(shown) if shown.value in (None, "", [], ()) else _body(shown, kind)
    if shown.lead:
        body = markup('<span class="cell-lead">{}</span>{}', _isolated(shown.lead), body)
    if shown.note:
        body = markup('{}<span class="cell-note">{}</span>', body, shown.note)
    if labelled:
        return markup('<td class="{}" data-label="{}">{}</td>', CLASSES.get(kind, kind), shown.column.label, body)
    return markup('<td class="{}">{}</td>', CLASSES.get(kind, kind), body)


def _empty(shown: Cell) -> SafeString:
    """Nothing to show; where rows stand behind the nothing (links without anchor), it still leads to them."""
    word = shown.empty or ("(not known)" if shown.href else "")
    if not word:
        return markup(NOTHING, shown.why or "Not known", DASH)
    if not shown.href:
        return markup('<span class="unknown">{}</span>', word)
    return markup('<a href="{}" class="unknown">{}</a>', shown.href, word)


def _body(shown: Cell, kind: str) -> SafeString:
    if shown.external:
        return external(shown.value, shown.short)
    body = _shortened(shown.value, shown.short) if shown.short else RENDER.get(kind, _text)(shown.value)
    if shown.icon:
        body = markup("{} {}", icon(shown.icon), body)
    return markup('<a href="{}">{}</a>', shown.href, body) if shown.href else body


def _text(value: Any) -> SafeString:
    return _isolated(str(value))


def _url(value: str) -> SafeString:
    return _isolated(display_url(value))


def _shortened(value: str, short: str) -> SafeString:
    return markup('<bdi title="{}">{}</bdi>', plain(value), plain(short))


@register.filter
def plain(text: object) -> str:
    """Text from outside without the characters that turn others round: overrides show as such, the rest goes, because
    <bdi> finds the direction."""
    return str(text).translate(TURNS)


def _marked(value: tuple[str, str, str]) -> SafeString:
    """Text with the words in its middle marked."""
    return markup('<bdi class="context-cell">{}<mark>{}</mark>{}</bdi>', *map(plain, value))


def _isolated(text: str) -> SafeString:
    """Text of any direction; a long one is cut by the style sheet and shown whole as its title."""
    text = plain(text)
    if len(text) > LONG:
        return markup('<bdi title="{}">{}</bdi>', text, text)
    return markup("<bdi>{}</bdi>", text)


def _number(value: float) -> SafeString:
    return markup("{}", number(value))


def _change(value: float) -> SafeString:
    return markup("{}", signed(value))


def _score(value: float) -> SafeString:
    """A score of 0 to 100 as people say it, exactly as its title."""
    return markup('<span title="{}">{}</span>', number(value), round(value))


def _day(value: date) -> SafeString:
    return markup('<time datetime="{0}">{0}</time>', value.isoformat())


def _moment(value: datetime) -> SafeString:
    local = localtime(value)
    return markup('<time datetime="{}">{}</time>', local.isoformat(), f"{local:%Y-%m-%d %H:%M}")


def _flag(value: object) -> SafeString:
    return markup('<span class="flag-{}">{}</span>', "yes" if value else "no", "yes" if value else "no")


def _list(value: list[str]) -> SafeString:
    return joined((markup('<span class="tag"><bdi>{}</bdi></span>', plain(one)) for one in value), " ")


def _steps(value: list[str]) -> SafeString:
    """One step a line, each with what came before it."""
    lines = joined(markup("<li><bdi>{}</bdi></li>", plain(one)) for one in value)
    return markup('<ol class="steps">{}</ol>', lines)


def _state(value: str) -> SafeString:
    name = value if value in STATES else "unknown"
    return markup('<span class="state state-{}">{}</span>', name, value)


def _button(value: Button | str) -> SafeString:
    """A button; where there is nothing to do, a word in its place."""
    if isinstance(value, str):
        return _text(value)
    return markup(
        '<button class="btn btn-sm" type="submit" form="{}" name="{}" value="{}" aria-label="{} {}">{}</button>',
        value.form, value.name, value.value, value.label, value.value, value.label,
    )  # fmt: skip


def _share(value: float) -> SafeString:
    return markup("{}", percent(value))


def _trend(value: list[int]) -> SafeString:
    """A small line of counts, the oldest first; screen readers get the counts."""
    said = ", ".join(map(number, value))
    points = charts.spark(value)
    return markup(
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
    return markup('<a href="{}" rel="noopener noreferrer nofollow" target="_blank">{}</a>', value, body)
