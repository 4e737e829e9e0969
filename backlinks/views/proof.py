"""The proof of a link: every check of it, newest first, each with the evidence that was kept; watching and checking it.

Decided: markup from outside is shown as text, with the link itself marked in it. The evidence is what our own visit
kept (markup around the link, headers, what the page says of being indexed, hash of the page); nothing is fetched to
show it. A check that did not see the link shows it as the newest one before did. The same as plain text is made by
`proof_text.py`, for whoever has to be shown it.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from backlinks import index
from backlinks.crawl import checks, jobs
from backlinks.crawl.models import Crawl, WatchedLink
from backlinks.crawl.proof import marked
from projects import access
from projects.access import visible_projects
from projects.audit import record_request
from projects.tasks import ring
from seoapp.lib.weburl import BadUrl, parse

from .reading import Reading, report_page
from .reasons import CHANGED, STATES, in_words, status_words, tone

NOT_MODIFIED = 304
RELS = ("nofollow", "ugc", "sponsored")
ROBOTS, CANONICAL = "meta robots", "link canonical"  # what the page says, kept beside its headers
TAGS = {ROBOTS: "robots meta tag", CANONICAL: "canonical tag"}
LINK_SECONDS = 3600  # that the check of one link may take


@dataclass(frozen=True, slots=True)
class Check:
    """One check as it is shown. `snippet` is (before, the link, after) of the kept markup; `earlier` the newest check
    before that has some, where this one has none."""

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
    text_url: str
    earlier: "Check | None" = None

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
    made: list[Check] = []
    earlier = None
    for row in reversed(rows):
        check = _check(row, urls.get(row["batch"], ""), _text_url(reading, link_id, row))
        made.append(check if check.has_snippet else replace(check, earlier=earlier))
        earlier = check if check.has_snippet else earlier
    return made[::-1]


def _text_url(reading: Reading, link_id: int, row: Mapping[str, Any]) -> str:
    return reading.url("proof_text", {"at": str(int(_moment(row).timestamp()))}, link_id=link_id)


def _moment(row: Mapping[str, Any]) -> datetime:
    """The index speaks UTC without saying so."""
    return row["checked_at"].replace(tzinfo=UTC)


def _check(row: Mapping[str, Any], url: str, text_url: str) -> Check:
    return Check(
        _moment(row),
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
        rel_words(row, row["headers"].get(ROBOTS, "")),
        row["placement"],
        marked(row["snippet"], row["final_url"] or row["source_url"], row["target_key"]),
        _headers(row["headers"]),
        row["page_hash"],
        url,
        row["http_status"] == NOT_MODIFIED,
        text_url,
    )


def _headers(kept: Mapping[str, str]) -> list[tuple[str, str]]:
    """What the page itself says first, then the headers of its answer."""
    said = [(label, kept[name]) for name, label in TAGS.items() if name in kept]
    return said + sorted((name, value) for name, value in kept.items() if name not in TAGS)


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
    found = _own_link(reading, link_id)
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


# --- Checking this link alone -----------------------------------------------------------------------------------------
def running(reading: Reading, found: Mapping[str, Any]) -> Crawl | None:
    """The check of this link alone that is not over."""
    asked = [parse(found["source_url"]).url, parse(found["target_url"]).url]
    made = Crawl.objects.filter(project=reading.project, kind=Crawl.Kind.CHECK, starts=asked).select_related("run")
    return next((one for one in made[:1] if one.is_active and not one.is_being_removed), None)


@access.project("editor")
@require_POST
@report_page
def link_check(request: HttpRequest, reading: Reading, link_id: int) -> HttpResponse:
    """Look at this link now; asked twice, it is looked at once."""
    found = _own_link(reading, link_id)
    project, addresses = reading.project, [found["source_url"], found["target_url"]]
    if running(reading, found) is None:
        try:
            with transaction.atomic():
                check, is_new = jobs.start_once(
                    project=project, kind="check", user=request.user, starts=addresses, max_pages=1,
                    max_seconds=LINK_SECONDS,
                )  # fmt: skip
                if is_new:
                    record_request(
                        request, "check.started", project.workspace, str(check), project=project.name, links=1
                    )
                    ring(check.run_id)
        except jobs.CrawlRefused as error:
            messages.warning(request, str(error))
    return redirect(reading.url("link", link_id=link_id) + "#proof")


def _own_link(reading: Reading, link_id: int) -> Mapping[str, Any]:
    """A link of the project itself; any other is not there."""
    found = index.link(index.pin(reading.query("links")), link_id) if link_id < 2**64 and not reading.keep else None
    if found is None:
        raise Http404
    return found
