"""Computing scores: the run kind `authority`, for the open graph or for what one workspace knows.

Decided: a computation measures once, scores the measures by each formula that is on, writes all rows, and counts from
the moment of one row. It is a full solve each time; what went in is named in its facts (release, lists, seeds by hash,
votes by hash), so that anybody can make the same bytes again. A workspace's own computation covers the open graph
joined with its own links; of a very large graph it keeps only the domains that its profiles name. Refused: scores from
a release's own ranks where the graph is too large, because they could not be explained by our votes.
"""

import secrets
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from django.conf import settings
from django.utils import timezone

from backlinks import index
from projects import runs
from projects.models import Competitor, Project, Run, User, Workspace
from seoapp.lib.checkpoint import checkpoint
from seoapp.lib.weburl import BadUrl, Target

from . import formula, seeds, sites
from .agreement import Reference, agreement
from .formula import Scores
from .gather import Gathered, TooLarge, gather
from .measures import measure
from .references import references
from .seeds import Seeds, reversed_name

KIND = "authority"
OVERLAY_WHOLE = 1_000_000  # a workspace keeps scores of the whole graph up to so many domains
WRITTEN_ROWS = 250_000
COPIED = (
    "score", "confidence", "pagerank", "harmonic", "trust", "bad_share", "hops", "subnets", "popularity_rank", "visits",
    "pagerank_at", "harmonic_at", "trust_at", "votes", "linked_domains", "passes",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Computed:
    """What a computation has published; `domains` 0: there was nothing to score."""

    version: str
    run: int
    domains: int
    edges: int
    seconds: float


def start(workspace: Workspace | None, user: User | None = None) -> Run:
    """Queue a computation; None: of the open graph alone. One that waits already is the one that is wanted."""
    waiting = Run.objects.filter(kind=KIND, workspace=workspace, state=Run.State.QUEUED).first()
    return waiting or runs.start(kind=KIND, workspace=workspace, project=None, arguments={}, user=user)


def carry_out(claimed: runs.Claimed) -> None:
    """The run kind `authority`."""

    def say(line: str) -> None:
        claimed.step(line=line)

    done = compute(claimed.run.workspace_id or 0, say)
    claimed.step(line=f"{done.domains:,} domains scored by {done.version} in {done.seconds:.1f} s")


def compute(workspace: int, say: Callable[[str], None], *, moment: datetime | None = None) -> Computed:
    """Score every domain that `workspace` can see (0: the open graph) and publish it, as of `moment` (default now)."""
    began = time.monotonic()
    sown = operators_seeds()
    _note_days(workspace)
    gathered = gather(workspace, sown, settings.AUTHORITY_MEMORY_MB << 20, say)
    run = _new_run()
    domains, edges = len(gathered.votes.names), len(gathered.votes.targets)
    if domains and (not workspace or gathered.has_own(workspace)):
        measures = measure(gathered.votes, sown)
        say("measured")
        _page_ranks(workspace, run, say)
        others = list(references(workspace, gathered))
        for version in versions_on(timezone.now().date()):
            scores = formula.FORMULAS[version](measures)
            _publish(workspace, run, gathered, scores, others, say, moment or timezone.now())
    else:
        index.withdraw_scores(workspace)
    return Computed(formula.VERSION, run, domains, edges, round(time.monotonic() - began, 3))


def _note_days(workspace: int) -> None:
    """Remember on which days domains were seen, by what came in since the last computation."""
    last = next(iter(index.score_runs(workspace)), None)
    batches = index.batches_since(workspace, last.computed_at) if last else []
    if last is None or batches:
        index.days.note_observed(workspace, batches)


def _new_run() -> int:
    """Later than every run before: nanoseconds, with chance in the last digits."""
    return time.time_ns() // 1000 * 1000 + secrets.randbelow(1000)


def versions_on(day: date) -> list[str]:
    """The version that is shown, then those that are retired but still computed beside it."""
    return [formula.VERSION, *(name for name, until in formula.RETIRING.items() if day <= until)]


def operators_seeds() -> Seeds:
    """The shipped seeds with the operator's own: SEOAPP_DATA/seeds/good.txt and bad.txt, one domain a line."""
    folder = Path(settings.SEOAPP_DATA) / "seeds"
    own = {name: _lines(folder / f"{name}.txt") for name in ("good", "bad")}
    return seeds.shipped().joined(sites=own["good"], bad=own["bad"])


def _lines(path: Path) -> tuple[str, ...]:
    return seeds.lines(path.read_text(encoding="utf-8")) if path.exists() else ()


# --- Writing ----------------------------------------------------------------------------------------------------------
def _publish(
    workspace: int,
    run: int,
    gathered: Gathered,
    scores: Scores,
    others: list[Reference],
    say: Callable[[str], None],
    now: datetime,
) -> None:
    kept = _kept(workspace, gathered)
    for part in _portions(kept):
        index.add_scores(workspace, run, scores.version, _columns(gathered, scores, part))
        say("scores are being written")
        checkpoint("scores written")
    release = gathered.release.release if gathered.release else ""
    facts = scores.facts | {
        "lists": [f"{one.list} {one.day}" for one in gathered.lists],
        "agreement": [asdict(one) for one in agreement(scores.score, others)],
        "own_votes": gathered.owned_votes,
    }
    made = index.ScoreRun(
        workspace, run, scores.version, release, now, len(scores.score), int(scores.facts["edges"]), facts
    )
    checkpoint("scores unpublished")
    index.publish_scores(made, shown=scores.version == formula.VERSION)
    index.add_score_days(workspace, run, scores.version, now.date(), _days(workspace, gathered, scores))


def _kept(workspace: int, gathered: Gathered) -> np.ndarray:
    """Nodes whose rows are written."""
    nodes = len(gathered.votes.names)
    return np.arange(nodes) if not workspace or nodes <= OVERLAY_WHOLE else np.unique(gathered.own)


def _portions(kept: np.ndarray) -> Iterator[np.ndarray]:
    for start in range(0, len(kept), WRITTEN_ROWS):
        yield kept[start : start + WRITTEN_ROWS]


def _columns(gathered: Gathered, scores: Scores, nodes: np.ndarray) -> dict[str, Any]:
    """The rows of these nodes as the table `authority` takes them."""
    names = gathered.votes.names.take(pa.array(nodes)).to_pylist()
    return {
        "domain": [reversed_name(name) for name in names],
        **{name: getattr(scores, name)[nodes] for name in COPIED},
        "parts": scores.parts[nodes].tolist(),
        "penalties": scores.penalties[nodes].tolist(),
    }


def _days(workspace: int, gathered: Gathered, scores: Scores) -> Iterator[dict[str, Any]]:
    """Scores to keep for ever: of domains in some profile."""
    wanted = index.profiled_domains(workspace) | _looked_at(workspace)
    turned = pa.array([reversed_name(name) for name in sorted(wanted)], pa.string())
    nodes = pc.index_in(turned, value_set=gathered.votes.names).to_pylist()
    for name, node in zip(sorted(wanted), nodes, strict=True):
        if node is not None:
            score = float(scores.score[node])
            points = formula.points(scores.parts[node].tolist(), scores.penalties[node].tolist(), score)
            yield {"domain": name, "score": score, "parts": points}


def _looked_at(workspace: int) -> set[str]:
    """Registrable domains of the projects and competitors of a workspace; of all where it is the open graph."""
    projects, rivals = Project.objects.filter(removed_at=None), Competitor.objects.filter(project__removed_at=None)
    if workspace:
        projects, rivals = projects.filter(workspace=workspace), rivals.filter(project__workspace=workspace)
    targets = [one.target for one in projects]
    for text in rivals.values_list("target", flat=True):
        try:
            targets.append(Target.parse(text))
        except BadUrl:
            continue
    return {one.domain for one in targets}


def _page_ranks(workspace: int, run: int, say: Callable[[str], None]) -> None:
    """PageRank among the pages of each site that this workspace has crawled."""
    for domain, links in index.crawled_sites(workspace):
        index.add_page_ranks(workspace, run, domain, sites.ranks(links))
        say(f"pages of {domain}")


def _name_of(run: Run) -> str:
    return "Authority scores" if run.workspace_id else "Authority scores of the open graph"


RUN_KIND = runs.RunKind(
    name=KIND,
    label="Authority scores",
    run=carry_out,
    transient=(index.IndexUnavailable,),
    name_of=_name_of,
)
__all__ = ["KIND", "RUN_KIND", "Computed", "TooLarge", "compute", "operators_seeds", "start", "versions_on"]
