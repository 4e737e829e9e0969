"""The proof of a link as plain text: what one check saw, what the check before it saw, and every check in one line.

Decided: it is for somebody without access, a webmaster for one, so times are in UTC and it names no page of ours. What
came from outside stands on one line or is indented, and characters that cannot be seen are written out: no header and
no markup can pass for words of ours. Refused: a file for download, because a text is copied from where it is read.
"""

from collections.abc import Iterator
from datetime import UTC, datetime

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from backlinks import index
from projects import access

from .proof import Check, timeline
from .reading import Reading, report_page

MOMENT = "%Y-%m-%d %H:%M:%S UTC"
WIDTH = 24  # of the names on the left


@access.project("client")
@require_safe
@report_page
def proof_text(request: HttpRequest, reading: Reading, link_id: int) -> HttpResponse:
    """The newest check, or the one of a moment (`at`, in seconds since 1970)."""
    query = index.pin(reading.query("links"))
    found = index.link(query, link_id) if link_id < 2**64 else None
    made = timeline(request, reading, query, link_id) if found else []
    at = request.GET.get("at", "")
    number = next((place for place, one in enumerate(made) if at in ("", str(int(one.at.timestamp())))), None)
    if found is None or number is None:
        raise Http404
    lines = written(found["source_url"], found["target_url"], made, number)
    return HttpResponse("\n".join(lines) + "\n", content_type="text/plain; charset=utf-8")


def written(source: str, target: str, made: list[Check], number: int) -> Iterator[str]:
    yield from _headed("Proof of a link", "=")
    yield _named("Linking page", source)
    yield _named("Target page", target)
    yield ""
    yield from _headed("What was found")
    yield from _seen(made[number])
    before = _before(made, number)
    if before is not None:
        yield ""
        yield from _headed("Before")
        yield from _seen(before)
    yield ""
    yield from _headed("Every check")
    for one in made:
        yield _named(_at(one.at), f"{one.state}: {one.why}" if one.why else one.state)


def _before(made: list[Check], number: int) -> Check | None:
    """The newest check before that has the link's markup."""
    return next((one for one in made[number + 1 :] if one.has_snippet), None)


def _seen(check: Check) -> Iterator[str]:
    """Everything that one check kept."""
    yield _named("Looked at", _at(check.at))
    yield _named("Verdict", f"{check.state}: {check.why}" if check.why else check.state)
    yield _named("Linking page", _answer(check.answer, check.final_url))
    if check.target:
        yield _named("Target page", _answer(check.target, check.target_url))
    if check.anchor or check.rel or check.placement:
        anchor = f'"{check.anchor}"' if check.anchor else "no text"
        yield _named("Link", ", ".join(one for one in (anchor, check.rel, check.placement) if one))
    for name, before, after in check.changes:
        yield _named(name, f"{before or '(nothing)'} -> {after or '(nothing)'}")
    for name, value in check.headers:
        yield _named(name, value)
    if check.page_hash:
        yield _named("SHA-256 of the page", check.page_hash)
    yield _named("Markup around the link", "" if check.has_snippet else "none: the link was not seen in this visit")
    yield from _indented("".join(check.snippet))


def _answer(words: str, final: str) -> str:
    return f"{words}, at {final}" if final else words


def _headed(title: str, line: str = "-") -> tuple[str, str]:
    return title, line * len(title)


def _named(name: str, value: str) -> str:
    return f"{visible(name)}:".ljust(WIDTH) + f" {visible(value)}" if value else f"{visible(name)}:"


def _indented(markup: str) -> Iterator[str]:
    for line in markup.expandtabs(4).splitlines():
        yield f"    {visible(line)}"


def _at(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime(MOMENT)


def visible(text: str) -> str:
    """One line, with what cannot be seen written as its number."""
    return "".join(one if one.isprintable() else f"\\u{ord(one):04x}" for one in text)
