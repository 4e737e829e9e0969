"""Why a score has changed: since the newest computation of an earlier day by cause, between any two days by part.

Decided: the rows of the newest computation and of the newest one of an earlier day are kept, so between them each cause
can be told apart (own links, the graph around, weights). Of every day before, the points of each part are kept for
ever: their differences are the causes, and they add up to the difference of the scores as well. Refused: the two newest
computations, because each import of a day makes one, and between these nothing may have changed.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.http import HttpRequest

from backlinks import index
from backlinks.authority.change import Cause, Change, Neighbour, last_change
from backlinks.authority.explain import LOSSES, MEANINGS
from seoapp.lib import charts

from .reading import Reading
from .standing import score_url_of

NAMED = 10
WORTH = 0.2  # of the first cause: from here on the second one is named in the sentence too
LEAST = 0.005  # points that two places would make nothing of
MINUS = "\N{MINUS SIGN}"
LIMITS = "The ends of the scale, the most that penalties take, and rounding."


@dataclass(frozen=True, slots=True)
class CauseRow:
    """`start` and `width` are percent of a bar whose middle is 0."""

    cause: Cause
    start: float
    width: float


@dataclass(frozen=True, slots=True)
class NeighbourRow:
    neighbour: Neighbour
    href: str


@dataclass(frozen=True, slots=True)
class Changed:
    """A change as the page shows it; `first` and `last` are its days, `keys` those that can be chosen."""

    before: float
    after: float
    points: float
    first: str
    last: str
    words: str
    causes: list[CauseRow]
    gained: list[NeighbourRow]
    lost: list[NeighbourRow]
    gained_url: str
    lost_url: str
    is_detailed: bool
    choices: list[tuple[str, str]]
    from_key: str
    to_key: str
    hidden: dict[str, str]


@dataclass(frozen=True, slots=True)
class Moment:
    """One kept score: a day of a formula version."""

    day: date
    version: str
    score: float
    parts: Mapping[str, float]

    @property
    def key(self) -> str:
        return f"{self.day.isoformat()}.{self.version}"

    @property
    def label(self) -> str:
        return f"{self.day.isoformat()} ({self.version}): {self.score:g}"


def change(request: HttpRequest, reading: Reading) -> Changed | None:
    """Between the moments that `from` and `to` name, else of the newest and an earlier day; None without two days."""
    workspace, domain = reading.project.workspace_id, reading.target.domain
    moments = [
        Moment(row["day"], row["version"], row["score"], row["parts"]) for row in index.score_days(workspace, domain)
    ]
    chosen = _chosen(request, moments)
    newest = last_change(workspace, domain)
    if newest and (chosen is None or _is_newest(newest, chosen, moments)):
        return _detailed(reading, newest, moments)
    return _by_parts(reading, *chosen, moments) if chosen else None


def _chosen(request: HttpRequest, moments: Sequence[Moment]) -> tuple[Moment, Moment] | None:
    earlier = [one for one in moments if one.day < moments[-1].day]
    if not earlier:
        return None
    known = {one.key: one for one in moments}
    first = known.get(request.GET.get("from", ""), earlier[-1])
    last = known.get(request.GET.get("to", ""), moments[-1])
    return (first, last) if moments.index(first) <= moments.index(last) else (last, first)


def _is_newest(newest: Change, chosen: tuple[Moment, Moment], moments: Sequence[Moment]) -> bool:
    """Whether the chosen days are those of the computations that are kept."""
    first, last = chosen
    return (first.day, last.day) == (newest.from_at.date(), newest.to_at.date()) and last is moments[-1]


# --- By cause -------------------------------------------------------------------------------------------------------
def _detailed(reading: Reading, found: Change, moments: Sequence[Moment]) -> Changed:
    days = found.from_at.date(), found.to_at.date()
    words = _words(found.points, found.causes)
    if found.only_graph:
        words = f"Nothing of its own has changed: {words[:1].lower()}{words[1:]}"
    return Changed(
        before=found.before,
        after=found.after,
        points=found.points,
        first=f"{found.from_at:%Y-%m-%d %H:%M}",
        last=f"{found.to_at:%Y-%m-%d %H:%M} UTC",
        words=words,
        causes=cause_rows([one for one in found.causes if abs(one.points) >= LEAST]),
        gained=[_neighbour(reading, one) for one in found.gained],
        lost=[_neighbour(reading, one) for one in found.lost],
        is_detailed=True,
        from_key=next((one.key for one in reversed(moments) if one.day == days[0]), ""),
        to_key=moments[-1].key if moments else "",
        **_around(reading, days, moments),
    )


# --- By part --------------------------------------------------------------------------------------------------------
def _by_parts(reading: Reading, first: Moment, last: Moment, moments: Sequence[Moment]) -> Changed:
    points = round(last.score - first.score, 2)
    causes = sorted(_differences(first, last), key=lambda one: -abs(one.points))
    days = first.day, last.day
    gained, lost = (
        [_neighbour(reading, one) for one in _named(reading, asked)] for asked in (_gained(*days), _lost(*days))
    )
    return Changed(
        before=first.score,
        after=last.score,
        points=points,
        first=f"{first.day} ({first.version})",
        last=f"{last.day} ({last.version})",
        words=_words(points, causes),
        causes=cause_rows([one for one in causes if abs(one.points) >= LEAST]),
        gained=gained,
        lost=lost,
        is_detailed=False,
        from_key=first.key,
        to_key=last.key,
        **_around(reading, days, moments),
    )


def _differences(first: Moment, last: Moment) -> list[Cause]:
    """What each part and penalty has added or taken away; the rest is one more, so that all add up."""
    names = [name for name in (*MEANINGS, *LOSSES) if name in first.parts or name in last.parts]
    causes = [_difference(name, first, last) for name in names]
    told = [one for one in causes if abs(one.points) >= LEAST]
    rest = last.score - first.score - sum(one.points for one in told)
    return [*told, Cause("Rounding and limits", LIMITS, rest)] if abs(rest) > 1e-9 else told


def _difference(name: str, first: Moment, last: Moment) -> Cause:
    label = MEANINGS[name][0] if name in MEANINGS else LOSSES[name][0]
    before, after = first.parts.get(name), last.parts.get(name)
    said = " → ".join("not known" if one is None else f"{one:.2f}" for one in (before, after))
    return Cause(label, f"{said} points.", (after or 0.0) - (before or 0.0))


def _named(reading: Reading, asked: Mapping[str, str]) -> list[Neighbour]:
    whole = reading.of_domain(reading.target.domain)
    rows = index.fetch(whole.query("domains", {**asked, "sort": "-authority", index.GRAPH: index.GRAPH_OFF})).rows
    return [
        Neighbour(row["source_domain"], row["authority"] if row["authority"] >= 0 else None, None)
        for row in rows[:NAMED]
    ]


# --- What both show -------------------------------------------------------------------------------------------------
def _words(points: float, causes: Sequence[Cause]) -> str:
    if not causes:
        return "Nothing has changed."
    if abs(points) < LEAST:
        return "The score is the same: what moved it up and down makes 0 together."
    with_it = [one for one in causes if one.points * points > 0]
    against = [one for one in causes if one.points * points < 0 and abs(one.points) >= LEAST]
    said = f"It {'rose' if points > 0 else 'fell'} by {abs(points):g}, most of it by "
    said += " and ".join(_told(one) for one in with_it[:2] if abs(one.points) >= WORTH * abs(with_it[0].points))
    return f"{said}; {_told(against[0])} worked against it." if against else f"{said}."


def _told(cause: Cause) -> str:
    label = f"{cause.label[:1].lower()}{cause.label[1:]}"
    return f"{label} ({f'{cause.points:+.2f}'.replace('-', MINUS)})"


def cause_rows(causes: Sequence[Cause]) -> list[CauseRow]:
    longest = max((abs(one.points) for one in causes), default=0.0)
    made = []
    for one in causes:
        half = charts.bar(abs(one.points), longest) / 2
        made.append(CauseRow(one, 50.0 if one.points > 0 else 50 - half, half))
    return made


def _neighbour(reading: Reading, one: Neighbour) -> NeighbourRow:
    scored = one.authority is not None and not reading.is_narrow
    return NeighbourRow(one, score_url_of(reading, one.domain) if scored else "")


def _gained(first: date, last: date) -> dict[str, str]:
    return {"first_seen_from": first.isoformat(), "first_seen_to": last.isoformat()}


def _lost(first: date, last: date) -> dict[str, str]:
    return {"state": "lost", "lost_at_from": first.isoformat(), "lost_at_to": last.isoformat()}


def _around(reading: Reading, days: tuple[date, date], moments: Sequence[Moment]) -> dict[str, Any]:
    whole = {"target": reading.target.domain, "scope": "root"} if reading.target.scope != "root" else {}
    return {
        "gained_url": reading.url("domains", whole | _gained(*days)),
        "lost_url": reading.url("domains", whole | _lost(*days)),
        "choices": [(one.key, one.label) for one in reversed(moments)],
        "hidden": reading.carried,
    }
