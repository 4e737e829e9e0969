"""What lies around the referring domains: what they link to, links back, who links to them, and their certificates.

Decided: sites that the workspace looks after and their rivals are no part of what a site links to, because somebody
brought their profiles: two sites that both link to them have that in common by our choice. A domain of which no other
link is known has no set, rather than an empty one. Members of closed communities are joined by the links between them.
"""

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from audit.markers.sharing import components
from audit.profile import Numbers, Prints, Rows, Sets, Words
from backlinks import index
from projects.models import Competitor, Project
from seoapp.lib.weburl import BadUrl, Target

from .asked import Asked, picked
from .links import sets_of

CLOSED = 0.8
MOST_CLOSED = 2_000  # domains whose links among each other are read


def of_neighbours(asked: Asked) -> Rows:
    """linked, outbound, gets_back, votes_print and certificate of each domain."""
    found = index.surroundings.linked_sets(asked.query, brought(asked.project.workspace_id))
    rows = asked.rows_of(found["name"].combine_chunks())
    numbers = {"outbound": picked(found["outbound"], rows), "gets_back": _gets_back(asked)}
    sets = {"linked": _taken(sets_of(found["linked"]), rows), "certificate": _certificates(asked)}
    return Rows(len(asked.names), numbers, sets=sets, prints={"votes_print": _prints(asked)})


def brought(workspace: int) -> set[str]:
    """Domains whose profiles somebody of the workspace looks after."""
    projects = Project.objects.filter(workspace=workspace, removed_at=None)
    return set(projects.values_list("domain", flat=True)) | {
        target.domain for project in projects for target in rivals(project)
    }


def rivals(project: Project) -> list[Target]:
    """The competitors of a project that can be read, each once."""
    found: dict[str, Target] = {}
    for text in Competitor.objects.filter(project=project).order_by("pk").values_list("target", flat=True):
        try:
            found.setdefault(text, Target.parse(text))
        except BadUrl:
            continue
    return list(found.values())


def _certificates(asked: Asked) -> Sets:
    found = index.surroundings.certificates(asked.query)
    return _taken(sets_of(found["certificate"]), asked.rows_of(found["name"].combine_chunks()))


def _gets_back(asked: Asked) -> Numbers:
    back = index.surroundings.linked_back(asked.query)
    if back is None:
        return np.full(len(asked.names), np.nan, np.float32)
    return (asked.rows_of(back) >= 0).astype(np.float32)


def _prints(asked: Asked) -> Prints:
    """0 of a domain without one."""
    found = index.surroundings.prints(asked.query)
    if found is None or not found.num_rows:
        return np.zeros(len(asked.names), np.uint64)
    rows = asked.rows_of(found["name"].combine_chunks())
    prints = found["print"].to_numpy().astype(np.uint64)
    return np.where(rows >= 0, np.maximum(prints, np.uint64(1))[rows], np.uint64(0))


def _taken(sets: Sets, rows: NDArray[np.int64]) -> Sets:
    """The lists of these rows; row -1 is not known."""
    if not len(sets.known):
        return Sets.unknown(len(rows))
    sizes = np.where(rows >= 0, sets.sizes[rows], 0)
    starts = np.concatenate(([0], np.cumsum(sizes))).astype(np.int64)
    places = np.arange(starts[-1]) - np.repeat(starts[:-1] - sets.starts[rows], sizes)
    return Sets(starts, sets.codes[places], sets.values, (rows >= 0) & sets.known[rows])


# --- Closed communities -----------------------------------------------------------------------------------------------
def of_communities(asked: Asked, domains: Rows) -> Rows:
    """community: the first name of those closed domains that hang together by links."""
    closed = np.flatnonzero(domains.number("closed") >= np.float32(CLOSED))[:MOST_CLOSED]
    if len(closed) < 2:
        return Rows(len(asked.names))
    names = asked.names.take(pa.array(closed)).to_pylist()
    place = {name: number for number, name in enumerate(names)}
    around = index.neighbours.Around(index.Sight(asked.project.workspace_id), asked.query.scores, index.graph.current())
    pairs = [(place[one.source], place[one.target]) for one in index.neighbours.links_among(around, names)]
    ends = np.array(pairs, np.int64).reshape(-1, 2)
    part = components(len(names), (ends[:, 0], ends[:, 1]))
    first = np.full(len(names), len(names), np.int64)
    np.minimum.at(first, part, np.arange(len(names)))
    called: list[str | None] = [None] * len(asked.names)
    for row, number in zip(closed.tolist(), first[part].tolist(), strict=True):
        called[row] = names[number]
    return Rows(len(asked.names), texts={"community": Words.of(called)})
