"""What a referring domain's authority is made of, beside what the audit found there.

Decided: the parts are the score's own (`backlinks.authority.explain`), shown short, with the page that explains them.
Who sees named projects only is told the score alone, because he may not read other domains than these.
"""

from typing import Any

from django.http import HttpRequest

from backlinks.authority.explain import NoScore, explain
from backlinks.views.authority_parts import part_rows
from backlinks.views.reading import Reading
from projects.models import Project
from seoapp.lib.weburl import BadUrl


def parts_of(request: HttpRequest, project: Project, domain: str) -> dict[str, Any]:
    """The parts of the domain's newest score, or why there is none; nothing to who may not read it."""
    if request.membership.is_narrow:  # type: ignore[attr-defined]
        return {}
    try:
        reading = Reading(project, project.target, {}).of_domain(domain)
        found = explain(project.workspace_id, reading.target)
    except (NoScore, BadUrl) as error:
        return {"no_score": str(error)}
    return {"authority": found, "rounded": round(found.score), "parts": part_rows(reading, found),
            "penalties": [one for one in found.penalties if one.points], "why_url": reading.url("why")}  # fmt: skip
