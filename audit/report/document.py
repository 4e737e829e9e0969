"""A report as HTML that refers to nothing: our template, every text escaped, the logo inside."""

import base64
from datetime import date
from typing import Any

from django.template.loader import render_to_string

from audit.markers import MARKERS
from audit.markers.marker import GROUPS
from audit.weights import CAPS, VERSION
from projects import logos
from seoapp.lib.words import cut_in_middle

from . import telling
from .contents import SECTIONS, Contents

TITLE = "Backlink audit"
LONG_TITLE, LONG_SITE = 40, 90  # characters from which on they are set smaller, and cut
COVER_NOTE, COVER_LINES = 420, 7  # a longer note has a page of its own
TEMPLATE = "audit/report/document.html"


def html_of(told: Contents, *, who: str, today: date) -> str:
    """`who` made it, on which day."""
    return render_to_string(TEMPLATE, _context(told) | {"who": who, "today": today})


def _context(told: Contents) -> dict[str, Any]:
    project = told.audit.project
    picture = logos.bytes_of(project.workspace)
    gauge, tone = told.gauge
    title, note = told.wanted.heading or TITLE, told.wanted.note
    return {
        "told": told,
        "audit": told.audit,
        "project": project,
        "site": cut_in_middle(project.target.label, LONG_SITE),
        "maker": project.workspace.name,
        "logo": f"data:image/png;base64,{base64.b64encode(picture).decode()}" if picture else "",
        "title": title,
        "is_long": len(title) > LONG_TITLE,
        "note": note,
        "fits_cover": len(note) <= COVER_NOTE and note.count("\n") < COVER_LINES,
        "verdict": telling.verdict(told),
        "meaning": list(telling.meaning(told)),
        "steps": telling.steps(told),
        "has": dict.fromkeys(told.wanted.sections, True),
        "parts": [(name, label) for name, label in SECTIONS.items() if name in told.wanted.sections],
        "newest_first": told.audits[::-1],
        "gauge": gauge,
        "gauge_tone": tone,
        "formula": VERSION,
        "caps": [(GROUPS[name], f"{cap:g}") for name, cap in CAPS.items()],
        "markers_count": len(MARKERS),
    }
