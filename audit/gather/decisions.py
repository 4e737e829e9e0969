"""What other projects disavowed of the referring domains: a share, never who.

Decided: within a workspace its members see each other's decisions anyway, so its other projects count. Those of other
workspaces count where both projects share theirs, and a domain must be known in three of these workspaces at least, so
that a share does not point at one of them. Of fewer than three projects there is no share. Projects of one site count
once. A decision about one page says nothing of its domain, and one that waits for a second person (or for the client
who stands for him) is none yet.
Refused: the newest files of others, which hold lines that nobody decided.
"""

from collections import defaultdict
from collections.abc import Iterable

import numpy as np
from django.db.models import Q

from audit.clients import standing
from audit.models import Decision, ReviewSettings
from audit.profile import Numbers, Rows
from backlinks import index
from projects.models import Project

from .asked import Asked, picked

LEAST = 3  # other projects that know a domain; and other workspaces, where any counts
Site = tuple[int, str]  # a workspace and a target


def of_decisions(asked: Asked) -> Rows:
    """disavowed: the share of the other projects that know a domain which disavowed it."""
    others = others_of(asked.project)
    if len(others) < LEAST:
        return Rows(len(asked.names))
    own = asked.project.workspace_id
    disavowed = _disavowed(others)
    known = index.knowers.known_to(asked.query, list(others))
    rows = asked.rows_of(known["name"].combine_chunks())
    count = {name: np.nan_to_num(picked(known[name], rows)) for name in ("profiles", "own", "workspaces")}
    foreign = count["workspaces"] >= LEAST
    knowers = np.where(foreign, count["profiles"], count["own"])
    names = asked.names.to_pylist()
    ours = np.array([sum(site[0] == own for site in disavowed.get(name, ())) for name in names], np.float32)
    theirs = np.array([len(disavowed.get(name, ())) for name in names], np.float32)
    share = np.where(foreign, theirs, ours) / np.maximum(knowers, 1)
    return Rows(len(names), {"disavowed": _told(share, knowers)})


def are_told(project: Project) -> bool:
    """Whether there are enough other projects for a share of them."""
    return len(others_of(project)) >= LEAST


def _told(share: Numbers, knowers: Numbers) -> Numbers:
    """Somebody may have disavowed what no file of his names any more: no more than all."""
    return np.where(knowers >= LEAST, np.minimum(share, 1), np.nan).astype(np.float32)


def others_of(project: Project) -> dict[Site, list[int]]:
    """The other sites whose decisions may count, each with its projects."""
    own = Project.objects.filter(removed_at=None, workspace=project.workspace_id)
    found = defaultdict(list)
    for one in (*own, *_sharing(project)):
        if one.pk != project.pk and one.target.domain != project.target.domain:
            found[one.workspace_id, one.target.domain].append(one.pk)
    return dict(found)


def _sharing(project: Project) -> Iterable[Project]:
    """Projects of other workspaces that share, where this one does."""
    if not ReviewSettings.objects.filter(project=project, shares_decisions=True).exists():
        return ()
    sharing = Project.objects.filter(removed_at=None, review_settings__shares_decisions=True)
    return sharing.exclude(workspace=project.workspace_id)


def _disavowed(others: dict[Site, list[int]]) -> dict[str, set[Site]]:
    """Domain -> the sites that disavowed it."""
    site_of = {number: site for site, numbers in others.items() for number in numbers}
    made = Decision.objects.filter(project__in=site_of, verdict=Decision.Verdict.DISAVOW, url="")
    asks = ReviewSettings.objects.filter(project__in=site_of, needs_second=True)
    alone, by_client = (
        set(asks.filter(client_is_second=one).values_list("project", flat=True)) for one in (False, True)
    )
    waits = Q(project__in=alone, approved_at=None) | Q(project__in=by_client, approved_at=None) & ~standing.is_agreed()
    found = defaultdict(set)
    for number, domain in made.exclude(waits).values_list("project", "domain"):
        found[domain].add(site_of[number])
    return found
