"""Why a score has changed: the difference of two computations, split by cause, so that the causes add up to it.

Decided: a part's change has three causes that can be told apart without a third computation. *Own*: where the new value
(as a multiple of the average domain) would have stood among the domains of the old computation, against where the old
value stood. *The graph*: from there to where it stands now; others have moved, or the release has. *Weights*: a part
that became known or unknown gives its weight to the others or takes it back. What a retired formula would have said is
taken from its own rows, which stand beside the shown ones. Refused: a second solve of the old graph with the new links,
because it takes as long as the computation itself and says little more.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from backlinks import index
from seoapp.lib.weburl import Target

from . import formula
from .explain import LOSSES, MEANINGS
from .solve import ALPHA

NAMED = 10  # referring domains gained and lost that are named
LEAST = 0.005  # points under which a cause is not told apart
SAME = 0.02  # of a value: less is what other domains' coming and going does to everybody
RANKED = ("pagerank", "harmonic", "trust")


@dataclass(frozen=True, slots=True)
class Cause:
    """`points` that it has added (or taken away)."""

    label: str
    detail: str
    points: float


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A referring domain that came or went; `effect` is the share of the domain's link power that its vote makes up."""

    domain: str
    authority: float | None
    effect: float | None


@dataclass(frozen=True, slots=True)
class Change:
    """From one computation to another: the points of `causes` add up to `after` less `before`."""

    domain: str
    before: float
    after: float
    from_at: datetime
    to_at: datetime
    from_release: str
    to_release: str
    causes: tuple[Cause, ...]
    gained: tuple[Neighbour, ...]
    lost: tuple[Neighbour, ...]

    @property
    def points(self) -> float:
        return round(self.after - self.before, 2)

    @property
    def only_graph(self) -> bool:
        """Nothing but the graph around the domain has moved."""
        named = [one for one in self.causes if one.label != ROUNDING]
        return bool(named) and all(one.label.startswith(GRAPH) for one in named)


GRAPH, ROUNDING = "The graph", "Rounding and limits"


def last_change(workspace: int, domain: str) -> Change | None:
    """What has changed since the newest computation of an earlier day; None where none knows the domain."""
    for place in sorted({workspace, 0}, reverse=True):
        runs = index.score_runs(place)
        if len(runs) == 2:
            rows = [index.score_rows([run.key], [domain]).get(domain) for run in runs]
            if rows[0] is not None and rows[1] is not None:
                return _change(workspace, domain, runs, rows)
    return None


def _change(workspace: int, domain: str, runs: Sequence[index.ScoreRun], rows: Sequence[Mapping[str, Any]]) -> Change:
    (new_run, old_run), (new, old) = runs, rows
    causes = [one for one in _causes(old_run, new_run, old, new) if abs(one.points) >= LEAST]
    rest = new["score"] - old["score"] - sum(one.points for one in causes)
    if abs(rest) > 1e-9:
        causes.append(Cause(ROUNDING, "The ends of the scale, and what is too small to be told apart.", rest))
    gained, lost = _neighbours(workspace, domain, old_run, new_run, new)
    return Change(
        domain,
        old["score"],
        new["score"],
        old_run.computed_at,
        new_run.computed_at,
        old_run.release,
        new_run.release,
        tuple(sorted(causes, key=lambda one: -abs(one.points))),
        gained,
        lost,
    )


def _causes(
    old_run: index.ScoreRun, new_run: index.ScoreRun, old: Mapping[str, Any], new: Mapping[str, Any]
) -> Iterator[Cause]:
    if old_run.version != new_run.version:
        again = index.score_rows([(old_run.workspace, old_run.run, new_run.version)], [old["domain"]])
        by_new = again.get(old["domain"])
        if by_new is not None:
            detail = f"{new_run.version} instead of {old_run.version}, on what was known before."
            yield Cause("Formula version", detail, by_new["score"] - old["score"])
            old = by_new
    for place, name in enumerate(formula.PARTS):
        yield from _of_part(name, place, old_run, new_run, old, new)
    yield from _of_weights(old["parts"], new["parts"])
    for place, name in enumerate(formula.PENALTIES):
        yield _of_penalty(name, old["penalties"][place], new["penalties"][place])


def _of_part(
    name: str,
    place: int,
    old_run: index.ScoreRun,
    new_run: index.ScoreRun,
    old: Mapping[str, Any],
    new: Mapping[str, Any],
) -> Iterator[Cause]:
    label = MEANINGS[name][0]
    before, after = old["parts"][place], new["parts"][place]
    weights = formula.scaled_weight(old["parts"], place), formula.scaled_weight(new["parts"], place)
    if before < 0 or after < 0:
        word = "is known now" if before < 0 else "is no longer known"
        yield Cause(label, f"This part {word}.", weights[1] * max(after, 0) - weights[0] * max(before, 0))
        return
    if name in RANKED:
        between = _share_among(old_run, new_run, name, place, old, new)
        yield Cause(f"Its own {label.lower()}", _moved(name, old, new), weights[0] * (between - before))
        yield Cause(f"{GRAPH}: {label.lower()}", _around(old_run, new_run), weights[0] * (after - between))
    else:
        yield Cause(label, _moved(name, old, new), weights[0] * (after - before))


def _of_weights(old: Sequence[float], new: Sequence[float]) -> Iterator[Cause]:
    """What the parts that are known both times gain or lose because another one became known or unknown."""
    came = [MEANINGS[name][0] for place, name in enumerate(formula.PARTS) if old[place] < 0 <= new[place]]
    went = [MEANINGS[name][0] for place, name in enumerate(formula.PARTS) if new[place] < 0 <= old[place]]
    told = [f"{', '.join(came)} became known" if came else "", f"{', '.join(went)} became unknown" if went else ""]
    moved = sum(
        (formula.scaled_weight(new, place) - formula.scaled_weight(old, place)) * new[place]
        for place in range(len(formula.PARTS))
        if old[place] >= 0 and new[place] >= 0
    )
    yield Cause("Weights", f"{' and '.join(filter(None, told))}: the other parts weigh accordingly.", moved)


def _is_unmoved(
    name: str, old_run: index.ScoreRun, new_run: index.ScoreRun, old: Mapping[str, Any], new: Mapping[str, Any]
) -> bool:
    """As many votes as before and, as a multiple of the average domain, nearly the same value: nothing of its own."""
    if old["votes"] != new["votes"] or old[name] <= 0:
        return False
    of = new_run.domains / old_run.domains if name != "harmonic" else old_run.domains / new_run.domains
    return abs(new[name] * of / old[name] - 1) < SAME


def _share_among(
    old_run: index.ScoreRun,
    new_run: index.ScoreRun,
    name: str,
    place: int,
    old: Mapping[str, Any],
    new: Mapping[str, Any],
) -> float:
    """What the new value would have been worth among the domains of the old computation."""
    if new[name] <= 0:
        return 0.0
    if _is_unmoved(name, old_run, new_run, old, new):
        return old["parts"][place]
    scale = new_run.domains / old_run.domains if name != "harmonic" else old_run.domains / new_run.domains
    above, equal = index.standing_of(old_run, name, new[name] * scale)
    of = old_run.facts.get("trust_reached", old_run.domains) if name == "trust" else old_run.domains
    return formula.share_of_position(above + (equal + 1) / 2, of)


def _moved(name: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> str:
    if name == "traffic":
        return f"{_visited(old)} → {_visited(new)}."
    if name == "diversity":
        return f"{old['subnets']:,} → {new['subnets']:,} referring networks."
    places = f"position {old[f'{name}_at']:,.0f} → {new[f'{name}_at']:,.0f}"
    return f"{old['votes']:,} → {new['votes']:,} voting domains; {places}."


def _visited(row: Mapping[str, Any]) -> str:
    if row["visits"] >= 0:
        return f"{row['visits']:,.0f} visits in 30 days"
    return f"rank {row['popularity_rank']:,.0f}" if row["popularity_rank"] else "in no list"


def _around(old_run: index.ScoreRun, new_run: index.ScoreRun) -> str:
    if old_run.release != new_run.release:
        return f"{old_run.release or 'no release'} → {new_run.release or 'no release'}: other domains have moved."
    return f"Other domains have moved: {old_run.domains:,} → {new_run.domains:,} domains."


def _of_penalty(name: str, before: float, after: float) -> Cause:
    label, meaning = LOSSES[name]
    return Cause(label, meaning, max(before, 0.0) - max(after, 0.0))


# --- Referring domains that came and went ---------------------------------------------------------------------------
def _neighbours(
    workspace: int, domain: str, old_run: index.ScoreRun, new_run: index.ScoreRun, row: Mapping[str, Any]
) -> tuple[tuple[Neighbour, ...], tuple[Neighbour, ...]]:
    """The ten most powerful ones of each, by the days between the two computations."""
    since, until = old_run.computed_at.date().isoformat(), new_run.computed_at.date().isoformat()
    gained = {"first_seen_from": since, "first_seen_to": until}
    lost = {"state": "lost", "lost_at_from": since, "lost_at_to": until}
    return tuple(_named(workspace, domain, one, new_run, row) for one in (gained, lost))


def _named(
    workspace: int, domain: str, asked: Mapping[str, str], run: index.ScoreRun, row: Mapping[str, Any]
) -> tuple[Neighbour, ...]:
    params = {**asked, "graph": "off", "sort": "-authority"}
    query = index.LinkQuery.parse(
        workspace=workspace, target=Target.parse(domain, "root"), report="domains", params=params
    )
    found = index.fetch(query).rows[:NAMED]
    scores = index.score_rows([run.key], [one["source_domain"] for one in found])
    return tuple(_neighbour(one["source_domain"], scores.get(one["source_domain"]), row) for one in found)


def _neighbour(name: str, known: Mapping[str, Any] | None, row: Mapping[str, Any]) -> Neighbour:
    if known is None:
        return Neighbour(name, None, None)
    effect = ALPHA * known["passes"] / row["pagerank"] if row["pagerank"] > 0 else None
    return Neighbour(name, known["score"], effect)
