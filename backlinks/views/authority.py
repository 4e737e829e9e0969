"""Why this score: a score opened into what it is made of."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from backlinks import index
from projects import access

from .reading import Reading, page_context, report_page
from .standing import course, standing


@access.project("client")
@report_page
def why(request: HttpRequest, reading: Reading) -> HttpResponse:
    query = index.pin(reading.query("links"))
    head = index.headline(query)
    context = page_context(request, reading) | {
        "authority": standing(reading, query, head.authority),
        "course": course(reading),
    }
    return render(request, "backlinks/why.html", context)
