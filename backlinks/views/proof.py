"""The proof of a link: every check of it, newest first, each with the evidence that was kept; and watching it.

Decided: markup from outside is shown as text, with the link itself marked in it. The evidence is what our own visit
kept (markup around the link, headers, hash of the page); nothing is fetched to show it.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from backlinks import index
from backlinks.crawl import checks
from backlinks.crawl.models import Crawl, WatchedLink
from backlinks.crawl.proof import marked
from projects import access
from projects.access import visible_projects
from projects.audit import record_request
from seoapp.lib.weburl import BadUrl, parse

from .reading import Reading, report_page
from .reasons import CHANGED, STATES, in_words, status_words, tone

NOT_MODIFIED = 304
RELS = ("nofollow", "ugc", "sponsored")


@dataclass(frozen=True, slots=True)
class Check:
    """One check as it is shown. `snippet` is (before, the link, after) of the kept markup."""

    at: datetime
    state: str
    tone: str
    why: str
    answer: str
    final_url: str
    changes: list[tuple[str, str, str]]
    target: str
    target_url: str
    anchor: str
    rel: str
    placement: str
    snippet: tuple[str, str, str]
    headers: list[tuple[str, str]]
    page_hash: str
    url: str
    is_unchanged: bool

    @property
    def has_snippet(self) -> bool:
        return any(self.snippet)


def timeline(request: HttpRequest, reading: Reading, query: index.LinkQuery, link_id: int) -> list[Check]:
    """Every check of a link that the project's workspace has made."""
    rows = index.of_link(query, link_id)
    visible = visible_projects(request.membership)  # type: ignore[attr-defined]
    batches = {row["batch"] for row in rows}
    found = Crawl.objects.filter(workspace=reading.project.workspace, project__in=visible, batch__in=batches)
    urls = {
        one.batch: Reading(one.project, one.project.target, {}).url("check_items", {"check": str(one.pk)})
        for one in found.select_related("project__workspace")
    }
    return [_check(row, urls.get(row["batch"], "")) for row in rows]


def _check(row: Mapping[str, Any], url: str) -> Check:
    return Check(
        row["checked_at"],
        STATES.get(row["state"], row["state"]).capitalize(),
        tone(row["state"]),
        in_words(row["reason"]),
        status_words(row["http_status"]) if row["http_status"] else "No answer",
        row["final_url"] if _moved(row["source_key"], row["final_url"]) else "",
        [
            (CHANGED.get(name, name), row["before"][name], row["after"].get(name, ""))
            for name in CHANGED
            if name in row["before"]
        ],
        status_words(row["target_status"]) if row["target_status"] else "",
        row["target_final"] if _moved(row["target_key"], row["target_final"]) else "",
        row["anchor"],
        rel_words(row, row["headers"].get("meta robots", "")),
        row["placement"],
        marked(row["snippet"], row["final_url"] or row["source_url"], row["target_key"]),
        sorted(row["headers"].items()),
        row["page_hash"],
        url,
        row["http_status"] == NOT_MODIFIED,
    )


def rel_words(link: Mapping[str, Any], robots: str = "") -> str:
    """“nofollow ugc”, “follow”, or "" where nothing is known; `robots` is what the page asks for all of its links."""
    whole = bool({"nofollow", "none"} & set(re.split(r"[\s,:]+", robots.lower())))
    words = {"nofollow": "nofollow (whole page)"} if whole else {}
    found = [words.get(name, name) for name in RELS if link.get(name) in (1, True)]
    return " ".join(found) or ("follow" if link.get("nofollow") in (0, False) else "")


def _moved(key: str, url: str) -> bool:
    """Whether an address is another page than the one that was asked for."""
    try:
        return bool(url) and parse(url).key != key
    except BadUrl:
        return False


# --- Watching ---------------------------------------------------------------------------------------------------------
def watched(reading: Reading, found: Mapping[str, Any]) -> WatchedLink | None:
    """Whether the project looks at this link first; it is the key of both addresses that counts."""
    source, target = parse(found["source_url"]), parse(found["target_url"])
    identity = checks.identity_of(source, target)
    return WatchedLink.objects.filter(project=reading.project, identity=identity).first()


@access.project("editor")
@require_POST
@report_page
def watch(request: HttpRequest, reading: Reading, link_id: int) -> HttpResponse:
    """Look at this link first in every check of the project, or no longer (`stop`)."""
    found = index.link(index.pin(reading.query("links")), link_id) if link_id < 2**64 and not reading.keep else None
    if found is None:
        raise Http404
    stop = "stop" in request.POST
    with transaction.atomic():
        if stop:
            held = watched(reading, found)
            if held is not None:
                held.delete()
        else:
            checks.watch(reading.project, found["source_url"], found["target_url"])
        action = "link.unwatched" if stop else "link.watched"
        record_request(request, action, reading.project.workspace, found["source_url"], target=found["target_url"])
    messages.success(
        request, "The link is no longer watched." if stop else "The link is looked at first in every check from now on."
    )
    return redirect(reading.url("link", link_id=link_id))
