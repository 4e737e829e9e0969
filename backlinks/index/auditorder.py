"""Where a domain stands in a list of an audit: its neighbours, its place, and how many there are.

Decided: a run never changes, so the names of a list in their order are read once and kept in the memory of this
process; a move from one domain to the next sorts nothing then. What a team decided changes all the time, so the kept
names are those before decisions, and the decided ones are taken out when they have changed. Refused: sorting in the
index at each move (60 ms of CPU for 200,000 domains), and naming thousands of decided domains to it (as much again).
"""

import threading
from collections import OrderedDict
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from seoapp.lib.listquery import ListQuery

from . import asking, engine
from .auditlists import DOMAINS_SQL, TIE, Among, AuditRun

MOST_BYTES = 48 << 20  # of this process; a list of 200,000 domains takes 5 MB
Stays = NDArray[np.bool_]


@dataclass(slots=True)
class Order:
    """The names of a list in their order, and which of them stay after the decisions that were last asked about."""

    names: pa.StringArray
    last: tuple[Among, Stays] | None = None

    def stays(self, among: Among) -> Stays:
        if self.last is not None and self.last[0] == among:
            return self.last[1]
        made = _stays(self.names, among)
        self.last = among, made
        return made


class Orders:
    """Orders in the memory of this process, the longest unused out first."""

    def __init__(self, most_bytes: int) -> None:
        self._most, self._held = most_bytes, 0
        self._orders: OrderedDict[str, Order] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: str) -> Order | None:
        with self._lock:
            if key in self._orders:
                self._orders.move_to_end(key)
            return self._orders.get(key)

    def put(self, key: str, order: Order) -> None:
        with self._lock:
            if key in self._orders:
                return
            self._orders[key] = order
            self._held += order.names.nbytes
            while self._held > self._most and len(self._orders) > 1:
                self._held -= self._orders.popitem(last=False)[1].names.nbytes


orders = Orders(MOST_BYTES)


@dataclass(frozen=True, slots=True)
class Around:
    """Where a domain stands in a list: its neighbours in order ("": none), its place (0: it has left)."""

    before: str
    after: str
    position: int
    total: int


def around(asked: AuditRun, query: ListQuery, among: Among, domain: str) -> Around:
    """Of a domain that has left the list: where it stood. Without a domain: before the first."""
    order = _order(asked, query)
    names, stays = order.names, order.stays(among)
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


def _order(asked: AuditRun, query: ListQuery) -> Order:
    """The domains that the filters leave, in their order, whatever was decided about them."""
    sql, parameters = asking.filtered(DOMAINS_SQL, asked.bound, query.filters, query.fields)
    key = f"{engine.written.times} {sorted(parameters.items())} {sql} {query.sort} {query.descending}"
    found = orders.get(key)
    if found is None:
        statement = f"SELECT source_domain FROM ({sql}) {asking.order_of(query, TIE)}"
        found = Order(engine.arrow(statement, parameters)["source_domain"].combine_chunks())
        orders.put(key, found)
    return found


def _place(names: pa.StringArray, domain: str) -> int:
    """-1 where it is not among them."""
    return pc.index(names, pa.scalar(domain, names.type)).as_py() if domain else -1


def _stays(names: pa.StringArray, among: Among) -> Stays:
    """Which names of the order the list has."""
    if not among.names:
        return np.full(len(names), not among.is_only)
    held = pc.is_in(names, value_set=pa.array(among.names, names.type)).to_numpy(zero_copy_only=False)
    return held if among.is_only else ~held


def _stood(asked: AuditRun, query: ListQuery, names: pa.StringArray, domain: str) -> int:
    """Where a domain that the filters do not leave would stand: behind those of the list that are before it in all."""
    whole = replace(asked, anchor="", linked="", found="")
    is_narrow = bool(query.filters) or whole != asked
    every = _order(whole, replace(query, filters=())).names if domain and is_narrow else names
    place = _place(every, domain)
    return pc.sum(pc.is_in(every[:place], value_set=names)).as_py() or 0 if place > 0 else 0
