"""Which days a page is about: a range that was asked for, and the step of its chart.

Decided: `?range=` names one of the usual ranges, `?since=` and `?until=` any other, `?step=` day, week or month. What
does not fit is ignored. Days are UTC, as everywhere in the index. A chart has at most MOST steps: a longer range gets
the next longer step, and the page says so. Refused: a range kept in the session, because a view must be shareable.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from django.http import HttpRequest

from backlinks import index
from seoapp.lib.tables import Link

RANGES = (("30", "30 days"), ("90", "90 days"), ("365", "1 year"), ("1825", "5 years"), ("all", "All"))
USUAL = "90"
STEPS = (("day", "Daily"), ("week", "Weekly"), ("month", "Monthly"))
MOST = 4_000
DAYS = {"day": 1, "week": 7, "month": 28}
EARLIEST = date(1971, 1, 1)
Address = Callable[[Mapping[str, str]], str]


@dataclass(frozen=True, slots=True)
class Period:
    """`asked` are the URL parameters that give it again; `ranges` and `steps` are switches."""

    span: index.Span
    asked: dict[str, str]
    ranges: list[Link]
    steps: list[Link]
    is_own: bool
    note: str = ""

    @property
    def words(self) -> str:
        return f"{self.span.first:%-d %b %Y} to {self.span.last:%-d %b %Y}"

    @property
    def step_word(self) -> str:
        return self.span.step


def today() -> date:
    return datetime.now(UTC).date()


def period_of(
    request: HttpRequest, address: Address, earliest: Callable[[], date | None], *, usual: str = USUAL
) -> Period:
    """The period of a request. `address` makes a URL of the page; `earliest` is asked only for the whole history."""
    name, since, until = _range(request, usual), _day(request, "since"), _day(request, "until")
    if since or until:
        last = min(until or today(), today())
        first = since or last - timedelta(days=int(USUAL))
        first, last = min(first, last), max(first, last)
        days = {"since": first.isoformat(), "until": last.isoformat()}
    else:
        last = today()
        first = (earliest() or last) if name == "all" else last - timedelta(days=int(name))
        days = {"range": name} if name != usual else {}
    step, note = _step(request, first, last)
    chosen = {"step": step} if request.GET.get("step") in DAYS else {}
    return Period(
        index.Span(first, last, step),
        days | chosen,
        [
            Link(label, address(chosen | {"range": one}), not since and not until and one == name)
            for one, label in RANGES
        ],
        [Link(label, address(days | {"step": one}), one == step) for one, label in STEPS],
        bool(since or until),
        note,
    )


def _range(request: HttpRequest, usual: str) -> str:
    asked = request.GET.get("range", "")
    return asked if asked in dict(RANGES) else usual


def _day(request: HttpRequest, name: str) -> date | None:
    try:
        found = date.fromisoformat(request.GET.get(name, "").strip()[:10])
    except ValueError:
        return None
    return found if EARLIEST <= found <= today() else None


def _step(request: HttpRequest, first: date, last: date) -> tuple[str, str]:
    """The step that was asked for, else one that suits the range; longer where there would be too many."""
    days = (last - first).days + 1
    asked = request.GET.get("step", "")
    step = asked if asked in DAYS else "day" if days <= 100 else "week" if days <= 800 else "month"
    longer = [one for one in DAYS if DAYS[one] >= DAYS[step] and days / DAYS[one] <= MOST]
    shown = longer[0] if longer else "month"
    note = "" if shown == step else f"The range has more than {MOST:,} steps of a {step}: it is shown by {shown}."
    return shown, note


def label(first: date, last: date) -> str:
    """A step on the axis of a chart: a day, a whole month, or from when to when."""
    if first.day == 1 and (last + timedelta(days=1)).day == 1 and (last - first).days < 31:
        return f"{first:%b %Y}"
    return f"{first:%-d %b %Y}" if first == last else f"{first:%-d %b} \N{EN DASH} {last:%-d %b %Y}"
