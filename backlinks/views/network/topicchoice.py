"""What one domain is about: the words that decided, and what an editor says in their place.

Decided: the page exists for referring domains of what is being read, and for the target itself; of any other domain
nothing is said, and nobody learns whether it is known. Nor of a page that does not link to what is read: what was
chosen for it may be another client's business. What was judged stays visible beside a choice.
"""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.http import require_POST, require_safe

from backlinks import index
from backlinks.topics import choices
from backlinks.topics.taxonomy import label_of, taxonomy, topic_ids
from backlinks.views.reading import Reading, page_context, report_page
from projects import access
from projects.audit import record_request
from seoapp.lib.weburl import BadUrl, parse

MAX_PAGE = 2048


@access.project("client")
@report_page
@require_safe
def domain_topics(request: HttpRequest, reading: Reading, domain: str) -> HttpResponse:
    page_url, page = _page(request.GET.get("page", ""), domain)
    query = _known(reading, domain, page)
    choice = choices.choice_of(reading.project.workspace, domain, page)
    context = page_context(request, reading) | {
        "domain": domain,
        "page_url": page_url,
        "judged": _judged(query, domain),
        "choice": choice,
        "chosen": [label_of(one) for one in choice.topics] if choice else [],
        "pages": [] if page else _pages(reading, query, domain),
        "options": _options(choice.topics if choice else []),
        "links_url": reading.url("links", {"source_domain_is": domain}),
        "change_url": reading.url("domain_topics_change", domain=domain),
        "domain_url": reading.url("domain_topics", domain=domain) if page else "",
        "list_url": reading.url("topics"),
        "is_judged": index.is_judged(query),
        "can_edit": request.membership.may("editor"),  # type: ignore[attr-defined]
    }
    return render(request, "backlinks/domain_topics.html", context)


@access.project("editor")
@report_page
@require_POST
def domain_topics_change(request: HttpRequest, reading: Reading, domain: str) -> HttpResponse:
    """Choose topics in place of the judged ones, or (`restore`) go back to these."""
    page_url, page = _page(request.POST.get("page", ""), domain)
    _known(reading, domain, page)
    workspace, named = reading.project.workspace, page_url or domain
    if "restore" in request.POST:
        if choices.restore(workspace=workspace, domain=domain, page=page):
            record_request(request, "topics.restored", workspace, named)
        messages.success(request, f"The topics of {named} are again those that were judged.")
        return _back(reading, domain, page_url)
    picked = [one for one in request.POST.getlist("topics") if one]
    try:
        choices.choose(workspace=workspace, user=request.user, domain=domain, page=page, topics=picked)
    except ValueError as error:
        messages.error(request, f"The topics were not changed: {error}.")
        return _back(reading, domain, page_url)
    record_request(request, "topics.chosen", workspace, named, topics=picked)
    messages.success(request, f"The topics of {named} are changed for the whole workspace.")
    return _back(reading, domain, page_url)


def _back(reading: Reading, domain: str, page_url: str) -> HttpResponseRedirect:
    params = {"page": page_url} if page_url else {}
    return HttpResponseRedirect(reading.url("domain_topics", params, domain=domain))


def _page(text: str, domain: str) -> tuple[str, str]:
    """URL and key of the page that is asked for; empty for the whole domain."""
    if not text:
        return "", ""
    try:
        url = parse(text[:MAX_PAGE], "https")
    except BadUrl as error:
        raise Http404 from error
    if url.domain != domain:
        raise Http404
    return url.url, url.key


def _known(reading: Reading, domain: str, page: str) -> index.LinkQuery:
    """The query, for a domain that is one of this reading, and a page of it (by key, or "") that links to it."""
    query = index.pin(reading.query("domains", {}))
    if domain != reading.target.domain and not index.refers(query, domain):
        raise Http404
    if page and not index.linking_pages(query, domain, [page]):
        raise Http404
    return query


def _judged(query: index.LinkQuery, domain: str) -> list[dict[str, Any]]:
    """Topics with their shares and words; of the target itself those of its own pages and anchors."""
    found, _ = index.judged_topics(query, domain)
    if domain == query.target.domain and not found:
        found = list(index.judged_of_target(query).topics)
    return [{"label": label_of(one.topic), "share": one.weight, "words": one.words} for one in found]


def _pages(reading: Reading, query: index.LinkQuery, domain: str) -> list[dict[str, Any]]:
    """What was chosen for pages that link to what is read."""
    rows = choices.choices_of_pages(reading.project.workspace, domain)
    linking = index.linking_pages(query, domain, [one.page_key for one in rows])
    return [
        {
            "key": one.page_key,
            "topics": [label_of(topic) for topic in one.topics],
            "url": reading.url("domain_topics", {"page": f"https://{one.page_key}"}, domain=domain),
        }
        for one in rows
        if one.page_key in linking
    ]


def _options(chosen: list[str]) -> list[dict[str, Any]]:
    """One select for each topic that may be chosen, with the groups of the first levels."""
    groups = [(one.label, [one.id, *_below(one.id)]) for one in taxonomy().topics.values() if one.id == one.group]
    labelled = [(label, [(topic, label_of(topic)) for topic in topics]) for label, topics in groups]
    picked = [*chosen, *[""] * choices.MOST][: choices.MOST]
    return [{"number": number, "value": value, "groups": labelled} for number, value in enumerate(picked, 1)]


def _below(level: str) -> list[str]:
    return [one for one in topic_ids() if one.startswith(f"{level}/")]
