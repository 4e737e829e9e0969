"""What an answer means for its address and for its host: read it, try again, or give up. Pure.

Decided: a temporary failure (no answer, 429, 5xx) is tried again after a growing pause, and its host is asked less
often; it never says anything about a link. A server that names a moment (Retry-After) is obeyed; when that is too far
away, the address is given up for this crawl and the host rests until then.
"""

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from seoapp.lib.http import FetchError, Response

ATTEMPTS = 3
WAIT_HERE = 300.0  # seconds that a crawl waits for one address
TEMPORARY_CODES = frozenset(("dns", "timeout", "connect", "busy", "bad_response"))
TEMPORARY_STATUS = frozenset((408, 425, 429, *range(500, 600)))


@dataclass(frozen=True, slots=True)
class Outcome:
    """next: read, unchanged, redirect, retry or fail. `code` and `reason` say why not read.

    retry_in: seconds until the address may be tried again; rest: seconds that the host asked for (0: none);
    strained: the host had trouble, so ask it less often.
    """

    next: str
    code: str = ""
    reason: str = ""
    retry_in: float = 0.0
    rest: float = 0.0
    strained: bool = False


def judge(answer: Response | FetchError, attempts: int, pause: float) -> Outcome:
    """`attempts`: tries so far, this one included; `pause`: seconds before the second one, tripled each time."""
    if isinstance(answer, FetchError):
        temporary = answer.code in TEMPORARY_CODES
        made = _again_or_fail(answer.code, answer.reason, attempts, pause, rest=0.0, is_temporary=temporary)
        return replace(made, strained=False) if answer.code == "busy" else made  # our own limit, not the host's
    if answer.status == 304:
        return Outcome("unchanged")
    if 300 <= answer.status < 400:
        return _redirect(answer)
    if 200 <= answer.status < 300:
        return Outcome("read")
    rest = retry_after(answer.header("retry-after")) if answer.status in (429, 503) else 0.0
    return _again_or_fail(
        f"http_{answer.status}",
        f"The server answered {answer.status}.",
        attempts,
        pause,
        rest=rest,
        is_temporary=answer.status in TEMPORARY_STATUS,
    )


def _redirect(answer: Response) -> Outcome:
    if answer.redirect:
        return Outcome("redirect")
    return Outcome("fail", "bad_redirect", "The server redirects, but not to an address of the web.")


def _again_or_fail(code: str, reason: str, attempts: int, pause: float, *, rest: float, is_temporary: bool) -> Outcome:
    wait = max(rest, pause * 3 ** (attempts - 1))
    if is_temporary and attempts < ATTEMPTS and wait <= WAIT_HERE:
        return Outcome("retry", code, reason, retry_in=wait, rest=rest, strained=True)
    if rest > WAIT_HERE:
        reason = f"{reason} It asked to come back in {round(rest / 60)} minutes."
    return Outcome("fail", code, reason, rest=rest, strained=is_temporary)


def retry_after(value: str, moment: datetime | None = None) -> float:
    """Seconds that a Retry-After header asks for; 0 where it says nothing usable."""
    text = value.strip()
    if text.isascii() and text.isdigit() and len(text) < 9:
        return float(text)
    try:
        when = parsedate_to_datetime(text)
    except ValueError:
        return 0.0
    when = when if when.tzinfo else when.replace(tzinfo=UTC)
    return max((when - (moment or datetime.now(UTC))).total_seconds(), 0.0)
