"""Why this score: a score opened into what it is made of, what has changed it, and how it stands beside others."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from backlinks import index
from backlinks.authority.explain import Explanation, NoScore, explain
from projects import access

from .authority_around import around, others_visits
from .authority_change import LEAST, change
from .authority_parts import missing, part_rows, penalty_rows
from .reading import Reading, page_context, report_page
from .standing import course, score_url_of

NOT_YOURS = (
    "The score of this domain rests on visits of another client's site, so what it is made of is not shown to you."
)


@access.project("client")
@report_page
def why(request: HttpRequest, reading: Reading) -> HttpResponse:
    """The page answers also where there is no score: it says why, and what is known of the domain all the same."""
    query = index.pin(reading.query("links"))
    private = others_visits(request, reading)
    context = page_context(request, reading) | {
        "course": course(reading),
        "data_url": _data_url(request, reading),
        **around(reading, private),
    }
    try:
        if reading.target.domain in private:
            raise NoScore(NOT_YOURS)
        found = explain(reading.project.workspace_id, reading.target)
    except NoScore as error:
        context |= {"reason": str(error)}
    else:
        context |= _opened(reading, query, found) | {"change": change(request, reading)}
    return render(request, "backlinks/why.html", context)


def _data_url(request: HttpRequest, reading: Reading) -> str:
    """The page that says what the index holds, for those who may open it."""
    if not request.membership.may("viewer"):  # type: ignore[attr-defined]
        return ""
    return reverse("backlinks:data", kwargs={"slug": reading.project.workspace.slug})


def _opened(reading: Reading, query: index.LinkQuery, found: Explanation) -> dict[str, Any]:
    return {
        "found": found,
        "rounded": round(found.score),
        "parts": part_rows(reading, found),
        "penalties": penalty_rows(reading, query, found),
        "missing": missing(found),
        "limits": found.limits if abs(found.limits) >= LEAST else 0.0,
        "page_floor": index.FLOOR,
        "page_share": index.SHARE,
        "domain_url": score_url_of(reading, found.domain) if found.page_share is not None else "",
        "agreement": found.facts.get("agreement", []),
    }
