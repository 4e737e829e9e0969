"""Where a domain stands in a list of an audit: its neighbours, its place, and how many there are.

Decided: a run never changes, so the names of a list in their order are read once and kept in the memory of this
process; a move from one domain to the next sorts nothing then. What a team decided changes all the time, so the kept
names are those before decisions, and the decided ones are taken out at each move. Refused: sorting in the index at
each move (60 ms of CPU for 200,000 domains), and naming thousands of decided domains to it (as much again).
"""

from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from seoapp.lib.listquery import ListQuery

from . import asking, engine
from .auditlists import DOMAINS_SQL, TIE, Among, AuditRun
from .kept import KEPT_SECONDS, Near

MOST_BYTES = 48 << 20  # of this process; a list of 200,000 domains takes 5 MB
orders = Near(MOST_BYTES)


@dataclass(frozen=True, slots=True)
class Around:
    """Where a domain stands in a list: its neighbours in order ("": none), its place (0: it has left)."""

    before: str
    after: str
    position: int
    total: int


def around(asked: AuditRun, query: ListQuery, among: Among, domain: str) -> Around:
    """Of a domain that has left the list: where it stood. Without a domain: before the first."""
    names = _names(asked, query)
    stays = _stays(names, among)
    place = _place(names, domain)
    is_listed = place >= 0
    at = place if is_listed else _stood(asked, query, names, domain)
    earlier, later = np.flatnonzero(stays[:at]), np.flatnonzero(stays[at + is_listed :])
    return Around(
        before=names[earlier[-1]].as_py() if len(earlier) else "",
        after=names[at + is_listed + later[0]].as_py() if len(later) else "",
        position=len(earlier) + 1 if is_listed and stays[at] else 0,
        total=int(stays.sum()),
    )


def _names(asked: AuditRun, query: ListQuery) -> pa.StringArray:
    """The domains that the filters leave, in their order, whatever was decided about them."""
    sql, parameters = asking.filtered(DOMAINS_SQL, asked.bound, query.filters, query.fields)
    key = f"{engine.written.times} {sorted(parameters.items())} {sql} {query.sort} {query.descending}"
    found = orders.get(key)
    if found is None:
        statement = f"SELECT source_domain FROM ({sql}) {asking.order_of(query, TIE)}"
        found = engine.arrow(statement, parameters)["source_domain"].combine_chunks()
        orders.put(key, found, KEPT_SECONDS)
    return found


def _place(names: pa.StringArray, domain: str) -> int:
    """-1 where it is not among them."""
    return pc.index(names, pa.scalar(domain, names.type)).as_py() if domain else -1


def _stays(names: pa.StringArray, among: Among) -> NDArray[np.bool_]:
    """Which names of the order the list has."""
    if not among.names:
        return np.full(len(names), not among.is_only)
    held = pc.is_in(names, value_set=pa.array(among.names, names.type)).to_numpy(zero_copy_only=False)
    return held if among.is_only else ~held


def _stood(asked: AuditRun, query: ListQuery, names: pa.StringArray, domain: str) -> int:
    """Where a domain that the filters do not leave would stand: behind those of the list that are before it in all."""
    whole = replace(asked, anchor="", linked="")
    is_narrow = bool(query.filters) or whole != asked
    every = _names(whole, replace(query, filters=())) if domain and is_narrow else names
    place = _place(every, domain)
    return pc.sum(pc.is_in(every[:place], value_set=names)).as_py() or 0 if place > 0 else 0
