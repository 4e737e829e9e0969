"""The catalogue: every marker, in the order of its groups."""

from . import anc, dom, net, pag, plc, pro, tru
from .marker import Marker

MARKERS: tuple[Marker, ...] = (
    *net.MARKERS, *anc.MARKERS, *plc.MARKERS, *pag.MARKERS, *dom.MARKERS, *pro.MARKERS, *tru.MARKERS,
)  # fmt: skip
