"""A picture as files: SVG drawn by the server, and GraphML for other programs.

Decided: each kind has a shape as well as a colour, so that the picture can be read without colours. Text goes through
the writers of XML; characters that XML cannot hold are left out. Refused: a style sheet inside the SVG, which the
policy of pages would refuse; so colours are attributes, on a white ground.
"""

import io
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from xml.etree import ElementTree

import networkx as nx

from seoapp.lib.weburl import display_host
from seoapp.lib.words import counted

from .judge import GREEN, GREY, KINDS, RED, UNKNOWN
from .picture import Dot, Line, Picture

SIDE, MARGIN, LEGEND = 1200, 60, 48
COLOURS = {RED: "#b91c1c", GREEN: "#15803d", GREY: "#64748b", UNKNOWN: "#64748b"}
TARGET_COLOUR, LINE_COLOUR, TEXT_COLOUR = "#0f766e", "#94a3b8", "#1f2937"
LEAST, MORE = 3.0, 11.0  # radius of a dot without authority, and what one of 100 has more
LEAST_RED, CROWD = 5.0, 200
LABELLED_TIER = 1
FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def radius(dot: Dot, many: int) -> float:
    """Size by authority; in a picture of many dots all are smaller, but for dangerous ones, which must be seen."""
    if dot.node.tier == 0:
        return 14.0
    whole = (LEAST + MORE * (dot.node.authority or 0) / 100) * (1 if many < CROWD else 0.7)
    return round(max(whole, LEAST_RED) if dot.judgement.kind == RED else whole, 2)


def clean(text: str) -> str:
    """Text as XML may hold it."""
    return FORBIDDEN.sub("", text)


# --- SVG --------------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class _At:
    x: float
    y: float


def svg(picture: Picture, title: str) -> bytes:
    """The whole picture with a legend; each domain says its facts as its title."""
    size = {"width": str(SIDE), "height": str(SIDE + LEGEND), "viewBox": f"0 0 {SIDE} {SIDE + LEGEND}"}
    root = ElementTree.Element("svg", {"xmlns": "http://www.w3.org/2000/svg", "role": "img", **size})
    ElementTree.SubElement(root, "title").text = clean(title)
    ElementTree.SubElement(root, "rect", {"width": "100%", "height": "100%", "fill": "#ffffff"})
    at = {one.node.domain: _place(one) for one in picture.dots}
    lines = ElementTree.SubElement(root, "g", {"stroke-width": "0.8"})
    faint = f"{max(0.05, min(0.5, 250 / max(1, len(picture.lines)))):.2f}"
    for one in sorted(picture.lines, key=lambda line: (line.is_red, line.is_choice)):
        _draw_line(lines, one, at, faint)
    dots = ElementTree.SubElement(root, "g", {"font-family": "sans-serif", "font-size": "12", "fill": TEXT_COLOUR})
    for one in reversed(picture.dots):
        _draw_dot(dots, one, at[one.node.domain], radius(one, len(picture.dots)))
    _draw_legend(root)
    return b'<?xml version="1.0" encoding="UTF-8"?>\n' + ElementTree.tostring(root, "utf-8")


def _place(dot: Dot) -> _At:
    reach = SIDE / 2 - MARGIN
    return _At(round(SIDE / 2 + reach * dot.point[0], 1), round(SIDE / 2 + reach * dot.point[1], 1))


def _draw_line(parent: ElementTree.Element, line: Line, at: dict[str, _At], faint: str) -> None:
    one, other = at[line.source], at[line.target]
    ends = {"x1": str(one.x), "y1": str(one.y), "x2": str(other.x), "y2": str(other.y)}
    look = {"stroke": COLOURS[RED], "stroke-dasharray": "4 2"} if line.is_red else {"stroke": LINE_COLOUR}
    look |= {} if line.is_red or line.is_choice else {"stroke-opacity": faint}
    drawn = ElementTree.SubElement(parent, "line", ends | look)
    if line.reasons:
        words = " ".join(reason.text for reason in line.reasons)
        ElementTree.SubElement(drawn, "title").text = clean(f"{line.source} → {line.target}: {words}")


def _draw_dot(parent: ElementTree.Element, dot: Dot, at: _At, size: float) -> None:
    group = ElementTree.SubElement(parent, "g")
    ElementTree.SubElement(group, "title").text = clean("\n".join(_says(dot)))
    _draw_shape(group, "target" if dot.node.tier == 0 else dot.judgement.kind, at, size)
    if dot.node.tier <= LABELLED_TIER:
        place = {"x": str(round(at.x, 1)), "y": str(round(at.y - size - 3, 1)), "text-anchor": "middle"}
        ElementTree.SubElement(group, "text", place).text = clean(display_host(dot.node.domain))


def _draw_shape(parent: ElementTree.Element, kind: str, at: _At, size: float) -> None:
    if kind == "target":
        look = {"fill": "#ffffff", "stroke": TARGET_COLOUR, "stroke-width": "3"}
        ElementTree.SubElement(parent, "circle", {"cx": str(at.x), "cy": str(at.y), "r": str(size), **look})
        ElementTree.SubElement(
            parent, "circle", {"cx": str(at.x), "cy": str(at.y), "r": str(size / 2), "fill": TARGET_COLOUR}
        )
    elif kind == GREEN:
        ElementTree.SubElement(
            parent, "circle", {"cx": str(at.x), "cy": str(at.y), "r": str(size), "fill": COLOURS[kind]}
        )
    else:
        corners = {RED: 3, GREY: 4, UNKNOWN: 4}[kind]
        turn = {RED: -math.pi / 2, GREY: math.pi / 4, UNKNOWN: 0.0}[kind]
        look = {"fill": "#ffffff", "stroke": COLOURS[kind]} if kind == UNKNOWN else {"fill": COLOURS[kind]}
        points = " ".join(_corners(at, size * 1.15, corners, turn))
        ElementTree.SubElement(parent, "polygon", {"points": points, **look})


def _corners(at: _At, size: float, corners: int, turn: float) -> Iterator[str]:
    for number in range(corners):
        angle = turn + 2 * math.pi * number / corners
        yield f"{at.x + size * math.cos(angle):.1f},{at.y + size * math.sin(angle):.1f}"


def _draw_legend(root: ElementTree.Element) -> None:
    legend = ElementTree.SubElement(root, "g", {"font-family": "sans-serif", "font-size": "14", "fill": TEXT_COLOUR})
    x = MARGIN
    for kind, label in {"target": "Target", **KINDS}.items():
        _draw_shape(legend, kind, _At(x, SIDE + LEGEND / 2), 7)
        ElementTree.SubElement(legend, "text", {"x": str(x + 14), "y": str(SIDE + LEGEND / 2 + 5)}).text = label
        x += 150


def _says(dot: Dot) -> Iterator[str]:
    """The facts of a domain as lines of text."""
    node, judgement = dot.node, dot.judgement
    yield node.domain
    if node.found:
        score = "no score" if node.authority is None else f"authority {node.authority:g}"
        yield f"Tier {node.tier}, {score}, {counted(node.found.links, 'link')} to {node.parent}"
        yield KINDS[judgement.kind]
    yield from (f"{one.label}: {one.text}" for one in judgement.reasons)
    if judgement.shared:
        yield f"In common: {', '.join(judgement.shared)}"
    if judgement.unchecked:
        yield f"Not checked: {', '.join(judgement.unchecked)}"


# --- GraphML ----------------------------------------------------------------------------------------------------------
def graphml(picture: Picture) -> bytes:
    """The picture as a directed graph with all that is known of its domains and links."""
    graph = nx.DiGraph()
    for one in picture.dots:
        graph.add_node(one.node.domain, **_node_columns(one))
    for one in picture.lines:
        reasons = clean("; ".join(f"{reason.label}: {reason.text}" for reason in one.reasons))
        facts = {"links": one.links, "state": one.state, "in_graph": one.in_graph, "red": one.is_red}
        graph.add_edge(one.source, one.target, **facts, reasons=reasons)
    file = io.BytesIO()
    nx.write_graphml_xml(graph, file)
    return file.getvalue()


def _node_columns(dot: Dot) -> dict[str, str | int | float]:
    """What is not known is left out: GraphML has no empty number."""
    node, judgement = dot.node, dot.judgement
    columns: dict[str, str | int | float | None] = {
        "tier": node.tier,
        "parent": node.parent,
        "class": "target" if node.tier == 0 else judgement.kind,
        "authority": node.authority,
        "links": node.found.links if node.found else None,
        "worth": node.found.worth if node.found else None,
        "linked_domains": dot.linked or None,
        "country": node.found.country if node.found else None,
        "networks": " ".join(dot.networks),
        "group": dot.group,
        "reasons": "; ".join(f"{one.label}: {one.text}" for one in judgement.reasons),
        "in_common": ", ".join(judgement.shared),
        "not_checked": ", ".join(judgement.unchecked),
        "x": dot.point[0],
        "y": dot.point[1],
    }
    return {
        name: clean(value) if isinstance(value, str) else value for name, value in columns.items() if value is not None
    }
