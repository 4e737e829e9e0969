"""Where the referring domains stand among all that were scored with them, and the figures that cost them points.

Decided: a score's row keeps what each unnatural sign took away, and the formula's lines run back from points to the
figure: beyond the end of a line it is what the line ends with, and before its beginning 0, which is all that a
threshold between the two asks. Signs that were not checked stay unknown. How far distrust goes is told only where
somebody has listed a bad site. Refused: computing these figures a second time, which takes the whole graph.
"""

from collections.abc import Iterator, Mapping

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from audit.profile import Numbers, Rows, days
from backlinks import index
from backlinks.authority.solve import FAR

from .asked import Asked, picked

# Version of the formula -> column of ours -> (sign, points at most, figure where they begin, figure where they end).
LINES: Mapping[str, Mapping[str, tuple[str, float, float, float]]] = {
    "A1": {
        "follow_share": ("follow_share", 8, 0.95, 1),
        "traffic_residual": ("links_above_popularity", 6, 2, 4),
        "one_network": ("one_network", 3, 0.10, 0.40),
        "twins": ("identical_profile", 2, 1, 5),
        "reciprocal": ("reciprocity", 4, 0.5, 0.9),
        "closed": ("closed_community", 4, 0.80, 0.95),
    }
}
REACHED = 0.5  # of the scored domains, from which on "no way leads there" says something
COLUMNS = ("trust_top", "bad_top", "hops", "scored_on", *LINES["A1"])


def of_standings(asked: Asked) -> Rows:
    """trust_top, bad_top, hops and scored_on of each domain that has a score, and the figures of LINES."""
    count = len(asked.names)
    found = index.standings.standings(asked.query)
    if found is None or not found.num_rows:
        return Rows(count)
    made = {name: np.full(found.num_rows, np.nan, np.float32) for name in COLUMNS}
    for run in index.shown_runs(asked.project.workspace_id):
        its = np.flatnonzero((found["workspace"].to_numpy() == run.workspace) & (found["run"].to_numpy() == run.run))
        for name, values in _of_run(run, found.take(pa.array(its))):
            made[name][its] = values
    rows = asked.rows_of(found["domain"].combine_chunks())
    return Rows(count, {name: picked(values, rows) for name, values in made.items()})


def _of_run(run: index.ScoreRun, scores: pa.Table) -> Iterator[tuple[str, NDArray[np.float64]]]:
    yield "trust_top", _trust_top(run, scores)
    yield "hops", _hops(run, scores)
    yield "scored_on", np.full(scores.num_rows, days(run.computed_at.date()), np.float64)
    if run.facts.get("seeds", {}).get("bad"):
        yield "bad_top", _bad_top(run, scores)
    lost = np.array(scores["penalties"].to_pylist(), np.float64).reshape(-1, len(index.PENALTIES))
    for name, (sign, most, start, end) in LINES.get(run.version, {}).items():
        yield name, figure_of(lost[:, index.PENALTIES.index(sign)], most, start, end)


def _trust_top(run: index.ScoreRun, scores: pa.Table) -> NDArray[np.float64]:
    """Unknown where no seed is in the graph; what trust does not reach has no position."""
    place, trust = scores["trust_at"].to_numpy(), scores["trust"].to_numpy()
    top = np.where(place > 0, (place - 1) / max(run.domains, 1), 1.0)
    return np.where(trust < 0, np.nan, top)


def _hops(run: index.ScoreRun, scores: pa.Table) -> NDArray[np.float64]:
    """Unknown where no seed is in the graph, or the scores are older than this figure; beyond the farthest infinite, or
    unknown too where seeds reach too little of the graph: a part of the web has lost the ways through the rest."""
    steps = scores["hops"].to_numpy().astype(np.float64)
    whole = run.facts.get("trust_reached", 0) >= REACHED * run.domains
    return np.where(steps < 0, np.nan, np.where(steps >= FAR, np.inf if whole else np.nan, steps))


def _bad_top(run: index.ScoreRun, scores: pa.Table) -> NDArray[np.float64]:
    counts = np.zeros(index.standings.STEPS + 1)
    for mark, domains in index.standings.bad_marks(run.key).items():
        counts[mark] = domains
    above = counts[::-1].cumsum()[::-1] - counts
    marks = np.floor(scores["bad_share"].to_numpy() * np.float32(index.standings.STEPS)).astype(np.int64)
    return above[marks] / max(counts.sum(), 1)


def figure_of(points: NDArray[np.float64], most: float, start: float, end: float) -> Numbers:
    """What a sign measured, by the points that it took: 0 where that was too little, NaN where it was not checked."""
    measured = np.where(points > 0, start + points / most * (end - start), 0)
    return np.where(points < 0, np.nan, measured).astype(np.float32)
