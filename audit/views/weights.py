"""What markers weigh in a workspace: its weights in use, what others would change, and the versions there were.

Decided: a form is tried before it is saved: its values stand in the address, the page shows which domains would change
their band, and only there is the button that saves. An earlier version and a proposal are values in that form, too, so
that there is one way to change weights. Refused: saving without having seen what changes.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from audit import precision, weighing
from audit.auditing import weights_of
from audit.markers import MARKERS
from audit.markers.marker import GROUPS
from audit.models import Audit, WeightSet
from audit.precision import Precision, Proposal
from audit.score import BAND_LABELS
from audit.weighing import CAP, POINTS, Difference, Outcome
from audit.weights import CAPS, STARTS, BadWeights, Weights, read
from audit.words import KIND_WORDS, name_of
from backlinks import index
from projects import access
from projects import audit as audit_log
from projects.models import Project

from .asked import shown, url_of

VERSION, ACCEPT = "version", "accept"  # URL parameters
OURS = "0"


@dataclass(frozen=True, slots=True)
class Line:
    """A marker in the form: `value` is what its field holds."""

    id: str
    name: str
    kind: str
    start: float
    field: str
    value: str
    precision: Precision | None


@dataclass(frozen=True, slots=True)
class Form:
    """What the fields hold, the weights that this makes (None: they cannot be used, `error` says why), and a note."""

    values: Mapping[str, str]
    weights: Weights | None
    error: str = ""
    note: str = ""
    is_tried: bool = False


@access.project("viewer")
@require_safe
def weights(request: HttpRequest, project: Project) -> HttpResponse:
    """The weights in use; for an admin as a form, with what would change by what it holds."""
    visible = access.visible_projects(request.membership)  # type: ignore[attr-defined]
    in_use, learned, audit = weights_of(project), precision.learnt(visible), shown(project)
    proposed = precision.proposals(learned, in_use)
    form = _form(request, project, in_use, proposed)
    context = {
        "project": project,
        "audit": audit,
        "weights": in_use,
        "form": form,
        "groups": _groups(form.values, learned),
        "proposals": proposed,
        "versions": _versions(project, weighing.audits_by_version(visible)),
    }
    if form.is_tried and form.weights is not None:
        try:
            context |= _tried(project, in_use, form.weights, audit, visible)
        except index.IndexUnavailable as error:
            return render(request, "backlinks/unavailable.html", {"reason": str(error)}, status=503)
    return render(request, "audit/weights.html", context)


def _form(request: HttpRequest, project: Project, in_use: Weights, proposed: list[Proposal]) -> Form:
    """What is in the address: a form's fields, an earlier version, or proposals that are accepted into the form."""
    params = {name: text for name, text in request.GET.items() if len(text) <= weighing.NOTE_LENGTH}
    if not request.membership.may("admin"):  # type: ignore[attr-defined]
        return Form(weighing.fields(in_use), in_use)
    if weighing.is_form(params):
        return _entered(params)
    if params.get(VERSION):
        return _earlier(project, params[VERSION])
    accepted = set(request.GET.getlist(ACCEPT))
    changed = {f"{POINTS}{one.marker}": f"{one.points:g}" for one in proposed if one.marker in accepted}
    if changed:
        return _entered(weighing.fields(in_use) | changed)
    return Form(weighing.fields(in_use), in_use)


def _entered(params: Mapping[str, str], note: str = "") -> Form:
    try:
        made = read("", weighing.entered(params))
    except BadWeights as error:
        return Form(weighing.fields(Weights()) | params, None, str(error))
    return Form(weighing.fields(made), made, note=note, is_tried=True)


def _earlier(project: Project, number: str) -> Form:
    """An earlier version, or our own weights."""
    if number == OURS:
        return _entered({}, "Our own weights again")
    row = WeightSet.objects.filter(workspace=project.workspace_id, number=int(number) if number.isdecimal() else 0)
    if (found := row.first()) is None:
        raise Http404
    try:
        return _entered(weighing.fields(weighing.weights_in(found)), f"Version {found.number} again")
    except BadWeights as error:
        return Form(weighing.fields(Weights()), None, f"Version {found.number} cannot be used any more: {error}")


def _groups(values: Mapping[str, str], learned: Mapping[str, Precision]) -> list[dict[str, Any]]:
    """The markers by group, and the cap of each group that has one."""
    return [
        {
            "title": title,
            "cap_field": f"{CAP}{group}" if group in CAPS else "",
            "cap": values.get(f"{CAP}{group}", ""),
            "cap_start": CAPS.get(group),
            "lines": [
                Line(
                    one.id,
                    one.name,
                    KIND_WORDS[one.kind] if STARTS[one.id] >= 0 else "Trust",
                    STARTS[one.id],
                    f"{POINTS}{one.id}",
                    values.get(f"{POINTS}{one.id}", ""),
                    learned.get(one.id),
                )
                for one in MARKERS
                if one.group == group
            ],
        }
        for group, title in GROUPS.items()
    ]


def _tried(project: Project, in_use: Weights, new: Weights, audit: Audit | None, visible: Any) -> dict[str, Any]:
    """What would change by new weights, in the newest audit of this project and in all others that are kept."""
    differ = weighing.differences(in_use, new)
    context: dict[str, Any] = {"differences": [_named(one) for one in differ], "is_tried": True}
    ours = weighing.fields(Weights())
    context["hidden"] = {name: text for name, text in weighing.fields(new).items() if ours.get(name) != text}
    if not differ or audit is None:
        return context
    here = weighing.outcome(audit, new)
    elsewhere, left = weighing.outcomes(weighing.others(visible, audit), new)
    return context | {
        "outcome": here,
        "moved": _moved(here) if here else [],
        "changes": [_shown(project, one) for one in here.changes] if here else [],
        "elsewhere": elsewhere,
        "left": left,
    }


def _named(one: Difference) -> dict[str, str]:
    group = GROUPS.get(one.name.removeprefix(weighing.CAP_OF))
    name = f"{one.name} {name_of(one.name)}" if one.name in STARTS else f"Cap of {group}" if group else one.name
    return {"name": name, "before": one.before, "after": one.after}


def _moved(one: Outcome) -> list[tuple[str, str, int]]:
    return [(BAND_LABELS[before], BAND_LABELS[after], count) for (before, after), count in one.moved.items()]


def _shown(project: Project, one: weighing.Change) -> dict[str, Any]:
    return {
        "domain": one.domain,
        "href": url_of(project, "domain", domain=one.domain),
        "risk": one.risk,
        "band": BAND_LABELS[one.band],
        "new_risk": one.new_risk,
        "new_band": BAND_LABELS[one.new_band],
    }


def _versions(project: Project, audits: Mapping[str, int]) -> list[dict[str, Any]]:
    """Each version with what differs from the one before it, the newest first; our own weights are the last."""
    rows = weighing.versions(project.workspace)
    known = [_read(row) for row in rows] + [Weights()]
    made = [
        {
            "number": row.number,
            "version": weighing.version_of(row.number),
            "row": row,
            "differences": [_named(one) for one in weighing.differences(known[at + 1], known[at])],
            "audits": audits.get(weighing.version_of(row.number), 0),
        }
        for at, row in enumerate(rows)
    ]
    ours = weighing.version_of(0)
    return [*made, {"number": 0, "version": ours, "row": None, "differences": [], "audits": audits.get(ours, 0)}]


def _read(row: WeightSet) -> Weights:
    """A version; where a marker of it is no more, our own weights stand for it."""
    try:
        return weighing.weights_in(row)
    except BadWeights:
        return Weights(weighing.version_of(row.number))


@access.project("admin")
@require_POST
def weights_save(request: HttpRequest, project: Project) -> HttpResponse:
    """Save what was tried as a new version."""
    workspace = project.workspace
    before = weights_of(project)
    try:
        row = weighing.save(
            workspace, weighing.entered(request.POST.dict()), request.POST.get("note", ""), request.user
        )
    except BadWeights as error:
        messages.error(request, str(error))
        return redirect(url_of(project, "weights"))
    differ = weighing.differences(before, weighing.weights_in(row))
    changed = [f"{one.name}: {one.before} to {one.after}" for one in differ]
    version = weighing.version_of(row.number)
    audit_log.record_request(
        request, "weights.saved", workspace, f"version {version}", project=project.pk, changed=changed
    )
    messages.success(
        request, f"Weights {version} are in use: audits go by them from now on. Earlier ones stay as they were."
    )
    return redirect(url_of(project, "weights"))
