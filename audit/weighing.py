"""Changing what markers weigh: versions of a workspace's weights, what differs between them, and what would change.

Decided: a version is written once and never edited; an earlier one is made current by writing it again, so that the
newest is always what audits go by, and every audit names a version that still says what it said. Only what differs from
our own values is kept. Before anything is written, the audits whose findings are kept are scored anew by the new
weights (`patterns.py`), beside what they say now. Refused: scoring old audits anew in place, because a trend must not
change behind who reads it.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from django.db import transaction
from django.db.models import Count

from backlinks import index
from projects.models import Project, User, Workspace
from seoapp.lib.words import typed

from . import patterns
from .models import Audit, WeightSet
from .score import BANDS, bands_of, of_profile
from .weights import CAPS, FURTHER, STARTS, VERSION, BadWeights, Weights, read

NOTE_LENGTH = 300
POINTS, CAP = "points.", "cap."  # what fields of the form begin with
CAP_OF = "cap of "  # what the difference of a cap begins with
FURTHER_FIELD, NOFOLLOW_FIELD = "further", "counts_nofollow"
MOST_SHOWN = 200  # domains of one preview
MOST_LINKS = 2_000_000  # of other audits that one preview scores anew


@dataclass(frozen=True, slots=True)
class Difference:
    """One value that two weights do not share."""

    name: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Change:
    """A domain whose band would be another."""

    domain: str
    risk: int
    band: str
    new_risk: int
    new_band: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an audit would say by other weights. `moved` counts domains by (band, new band), `risk_only` those of
    another risk in the same band; `changes` are the first of those that move, the largest change first."""

    audit: Audit
    risk: int
    bands: Mapping[str, int]
    moved: Mapping[tuple[str, str], int]
    risk_only: int
    changes: tuple[Change, ...]

    @property
    def count(self) -> int:
        return sum(self.moved.values())


# --- Versions ---------------------------------------------------------------------------------------------------------
def version_of(number: int) -> str:
    return f"{VERSION}.{number}" if number else VERSION


def versions(workspace: Workspace) -> list[WeightSet]:
    """The newest first."""
    return list(WeightSet.objects.filter(workspace=workspace).order_by("-number").select_related("created_by"))


def audits_by_version(projects: Iterable[Project]) -> dict[str, int]:
    done = Audit.objects.filter(project__in=list(projects)).exclude(finished_at=None)
    return dict(done.order_by().values_list("weights").annotate(Count("pk")))


def weights_in(row: WeightSet) -> Weights:
    return read(version_of(row.number), row.data)


def save(workspace: Workspace, data: Mapping[str, Any], note: str, user: User) -> WeightSet:
    """A new version, which audits go by from now on. Raises BadWeights where nothing would differ, too."""
    kept = reduced(data)
    with transaction.atomic():
        Workspace.objects.select_for_update().get(pk=workspace.pk)
        newest = WeightSet.objects.filter(workspace=workspace).order_by("-number").first()
        if kept == (reduced(newest.data) if newest else {}):
            raise BadWeights("Nothing differs from the weights that are in use.")
        return WeightSet.objects.create(
            workspace=workspace,
            number=newest.number + 1 if newest else 1,
            data=kept,
            note=typed(note, NOTE_LENGTH),
            created_by=user,
        )


def reduced(data: Mapping[str, Any]) -> dict[str, Any]:
    """What of checked weights differs from our own. Raises BadWeights."""
    weights = read("", data)
    points = {name: value for name, value in sorted(weights.points.items()) if value != STARTS[name]}
    caps = {name: value for name, value in sorted(weights.caps.items()) if value != CAPS[name]}
    kept: dict[str, Any] = {name: value for name, value in (("points", points), ("caps", caps)) if value}
    if weights.further != FURTHER:
        kept[FURTHER_FIELD] = weights.further
    if weights.counts_nofollow:
        kept[NOFOLLOW_FIELD] = True
    return kept


def differences(before: Weights, after: Weights) -> list[Difference]:
    found = [
        Difference(name, _plain(before.of(name)), _plain(after.of(name)))
        for name in STARTS
        if before.of(name) != after.of(name)
    ]
    found += [
        Difference(f"{CAP_OF}{name}", _plain(before.cap(name)), _plain(after.cap(name)))
        for name in CAPS
        if before.cap(name) != after.cap(name)
    ]
    if before.further != after.further:
        found.append(Difference("Further evidence", _plain(before.further), _plain(after.further)))
    if before.counts_nofollow != after.counts_nofollow:
        found.append(Difference("Links that pass nothing on", *(_yes(one.counts_nofollow) for one in (before, after))))
    return found


def _plain(value: float) -> str:
    """12.0 as 12, and every other number whole: what is saved is what was tried."""
    return repr(float(value)).removesuffix(".0")


def _yes(value: bool) -> str:  # noqa: FBT001  # a value, no switch
    return "any risk" if value else "at most 44"


# --- The form ---------------------------------------------------------------------------------------------------------
def fields(weights: Weights) -> dict[str, str]:
    """What the fields of the form hold."""
    made = {f"{POINTS}{name}": _plain(weights.of(name)) for name in STARTS}
    made |= {f"{CAP}{name}": _plain(weights.cap(name)) for name in CAPS}
    made[FURTHER_FIELD] = _plain(weights.further)
    return made | ({NOFOLLOW_FIELD: "yes"} if weights.counts_nofollow else {})


def entered(params: Mapping[str, str]) -> dict[str, Any]:
    """The weights that a form holds; a field that is missing has our own value. Raises BadWeights."""
    points = {name: _entered(name, params[f"{POINTS}{name}"]) for name in STARTS if params.get(f"{POINTS}{name}")}
    caps = {name: _entered(name, params[f"{CAP}{name}"]) for name in CAPS if params.get(f"{CAP}{name}")}
    further = params.get(FURTHER_FIELD)
    data = {
        "points": points,
        "caps": caps,
        FURTHER_FIELD: _entered("Further evidence", further) if further else FURTHER,
        NOFOLLOW_FIELD: params.get(NOFOLLOW_FIELD) == "yes",
    }
    return reduced(data)


def _entered(name: str, text: str) -> float:
    try:
        return float(text.strip().replace(",", "."))
    except ValueError:
        raise BadWeights(f"{name}: {text[:40]!r} is no number.") from None


def is_form(params: Mapping[str, str]) -> bool:
    return any(name.startswith((POINTS, CAP)) or name in (FURTHER_FIELD, NOFOLLOW_FIELD) for name in params)


# --- What would change ------------------------------------------------------------------------------------------------
def outcome(audit: Audit, weights: Weights, most: int = MOST_SHOWN) -> Outcome | None:
    """What an audit would say by these weights; None where it cannot be scored anew."""
    target, workspace = audit.project.target.domain, audit.project.workspace_id
    kept = patterns.kept(index.auditlists.AuditRun(target, workspace, audit.number))
    if kept is None:
        return None
    made = patterns.rescored(kept, weights)
    band = bands_of(made.risk, made.confidence)
    risk, _, bands = of_profile(made.risk, made.confidence)
    moves = kept.band != band
    moved = Counter(zip(kept.band[moves].tolist(), band[moves].tolist(), strict=True))
    rows = np.flatnonzero(moves)
    size = np.abs(kept.risk[rows].astype(np.int16) - made.risk[rows])
    first = rows[np.argsort(-size, kind="stable")][:most].tolist()
    changes = tuple(
        Change(kept.names[row].as_py(), int(kept.risk[row]), str(kept.band[row]), int(made.risk[row]), str(band[row]))
        for row in first
    )
    ordered = {pair: moved[pair] for pair in ((one, other) for one in BANDS for other in BANDS) if pair in moved}
    return Outcome(audit, risk, bands, ordered, int(np.count_nonzero(~moves & (kept.risk != made.risk))), changes)


def others(projects: Iterable[Project], shown: Audit) -> list[Audit]:
    """The other audits of these projects whose findings are kept, the newest first."""
    kept = Audit.objects.filter(project__in=list(projects), is_kept=True).exclude(finished_at=None)
    return list(kept.exclude(pk=shown.pk).select_related("project__workspace").order_by("-finished_at"))


def outcomes(audits: Iterable[Audit], weights: Weights) -> tuple[list[Outcome], int]:
    """What each would say by these weights, as far as MOST_LINKS reach, and how many were not tried."""
    found: list[Outcome] = []
    links, left = 0, 0
    for audit in audits:
        links += audit.links
        made = outcome(audit, weights, 0) if links <= MOST_LINKS else None
        if made is None:
            left += 1
        else:
            found.append(made)
    return found, left
