"""Crawler traps: URLs that a site makes without end, told by the URL alone or by how many of their kind there are.

Decided: each verdict carries a reason in words, because a page that was left out on purpose must say so. `trap` knows
no state; `Variants` counts what no single URL gives away. A session id is no reason to leave a page out: `instead` is
the same page without it. Dates in blog paths, archives by page, and pages named by an id are content, however many.
Refused: learning traps from page contents (the fetches are already spent by then), and a limit on pages of a host,
which is the crawler's budget and no trap.
"""

import re
from collections import Counter, OrderedDict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from urllib.parse import SplitResult, urlsplit

MAX_URL = 2_000
MAX_DEPTH = 20
MAX_PARAMETERS = 20
MAX_REPEATS = 3  # of a segment or a row of segments, one after the other
MAX_ECHOES = 4  # of a segment anywhere in a path
MONTHS_AHEAD = 13
FIRST_YEAR = 1990  # of a calendar page
YEARS = range(1900, 2200)  # other numbers are ids
MIN_FACETS = 3
MIN_VALUES = 4  # of one facet
MAX_VARIANTS = 300  # of one path by its query
MAX_NAMED = 50_000  # of one path by an id or a page number
MAX_SEARCHES = 50
MAX_KEY_SETS = 40  # different sets of parameter names of one path
MAX_DATES = 120  # pages of one calendar
MAX_COUNTERS = 200_000

# --- Names that sites give to things --------------------------------------------------------------------------------
SESSION = re.compile(
    r"phpsessid|jsessionid|aspsessionid\w*|asp\.net_sessionid|cfid|cftoken|cfsessid|zenid|oscsid|xtcsid|osadmin_?id"
    r"|sess(?:ion)?[_-]?id|sess|sessid|session_key|csrf[_-]?token|_token|nonce",
    re.IGNORECASE,
)
PERHAPS_SESSION = re.compile(r"s|sid|ssid|session|token|phpbb\d?mysql_sid", re.IGNORECASE)
RANDOM = re.compile(r"(?=.*\d)(?=.*[a-z])(?:[0-9a-f]{20,}|[0-9a-z]{26,})", re.IGNORECASE)
SESSION_IN_PATH = re.compile(
    r";(?:jsessionid|phpsessid|sid|sessionid)=[^/?;]*|/\([A-Z]\([0-9a-zA-Z_-]{8,}\)(?:[A-Z]\([^()]*\))*\)(?=/|$)",
    re.IGNORECASE,
)
CALENDAR = re.compile(
    r"(?:^|[/_.&?=-])(?:calend[a-z]*|kalend[a-z]*|cal|events?|agenda|termine|veranstaltung[a-z]*|schedule|availability"
    r"|tribe-bar-date|eventdisplay|booking)(?=$|[/_.&?=-])",
    re.IGNORECASE,
)
DATE_IN_PATH = re.compile(r"(?<=/)(\d{4})[/-](\d{1,2})(?:[/-]\d{1,2})?(?=$|[/._-])|(?<=/)(\d{4})(\d\d)\d\d(?=$|/)")
FOLDERS_OF_A_DATE = re.compile(r"(?<=/)(\d{4})/(\d\d)(?=$|/)()()")
DATE_VALUE = re.compile(r"(\d{4})[/-](\d{1,2})(?:[/-]\d{1,2})?(?:$|[T ].*)|(\d{4})(\d\d)(?:\d\d)?")
DATE_KEY = re.compile(
    r"(?:event_?|cal_?|calendar_|tribe-bar-|start_?|view_?|current)?date|day|month|ym|d|start|from|week|datum|mois|monat|fecha"
)
YEAR_KEYS, MONTH_KEYS = ("year", "y", "jahr", "annee", "yr"), ("month", "m", "monat", "mois", "mo")
FACET = re.compile(
    r"colou?rs?|sizes?|brands?|prices?|(?:min|max|low|high)_?price|price_?(?:min|max|from|to)|materials?|gender|styles?"
    r"|sort(?:_?(?:by|order))?|order(?:_?by)?|dir|direction|view|display|per_?page|limit|rating|availability"
    r"|in_?stock|on_?sale|discount|manufacturers?|vendors?|fits?|features?|condition"
    r"|(?:filter|facet|refine|attribute|attr|query_type|pa|pf|opt)(?:s|[_.\[-].*|\d*)|f\[.*|f\d+",
    re.IGNORECASE,
)
FACET_SEGMENT = re.compile(
    r"(?:colou?r|size|brand|price|material|gender|style|sort|rating|discount)[-_:=].+", re.IGNORECASE
)
SORTED_INDEX = re.compile(r"C=[NMSD][;&]O=[AD]")  # Apache's list of files
FILTER_SEGMENTS = frozenset(("filter", "filters", "refine", "facets"))
NAMING = re.compile(
    r"(?:\w+_)?(?:id|p|t|f|tid|fid|pid|cid|aid|nid|pk|no|nr|item|product|article|post|topic|thread|title|name|slug|isbn|sku"
    r"|v|page|paged|pg|start|offset|seite|lang|hl|tx_\w+|option|itemid|catid|task)",
    re.IGNORECASE,
)
SEARCH = re.compile(r"q|s|qs?|query|search\w*|keywords?|suche|recherche|term", re.IGNORECASE)
BUTTON = re.compile(
    r"replytocom|add[-_]?to[-_]?(?:cart|wishlist|compare|basket)|remove_item|undo_item|share|like_comment|unapproved"
    r"|moderation-hash|oldid|diff|redlink|print(?:able)?|vote|flag",
    re.IGNORECASE,
)
BUTTON_ACTION = re.compile(
    r"edit|history|login|logout|register|lostpassword|reply|report|vote|add\w*|delete", re.IGNORECASE
)
NUMBER = re.compile(r"\d+")


@dataclass(frozen=True, slots=True)
class Trap:
    """Why a URL is not fetched. `instead`: the same page under a URL that is no trap."""

    kind: str  # session, calendar, repeated, growing, facets, button, variants
    reason: str
    instead: str = ""


# --- By the URL alone -----------------------------------------------------------------------------------------------
def trap(url: str, today: date) -> Trap | None:
    """The trap that a URL is, by the URL alone; None for most."""
    clean = without_session(url)
    if clean != url:
        return Trap("session", "The URL carries a session id: every visit would make a new one.", clean)
    parts = urlsplit(url)
    pairs = _pairs(parts.query)
    return (
        _growing(url, parts, pairs)
        or _repeated(_segments(parts.path))
        or _calendar(parts, pairs, today)
        or _button(pairs)
        or _facets(parts, pairs)
    )


def without_session(url: str) -> str:
    """The URL without session ids in path and query; the rest keeps its order and spelling."""
    head, mark, query = url.partition("?")
    head = SESSION_IN_PATH.sub("", head)
    if not mark:
        return head
    left = [pair for pair in query.split("&") if not _is_session(*pair.partition("=")[::2])]
    return f"{head}?{'&'.join(left)}" if left else head


def _is_session(key: str, value: str) -> bool:
    if SESSION.fullmatch(key):
        return True
    return bool(PERHAPS_SESSION.fullmatch(key) and RANDOM.fullmatch(value))


def _pairs(query: str) -> list[tuple[str, str]]:
    """Names and values of a query, names in lower case with readable brackets."""
    split = (pair.partition("=") for pair in query.split("&") if pair)
    return [(key.lower().replace("%5b", "[").replace("%5d", "]"), value) for key, _, value in split]


def _segments(path: str) -> list[str]:
    return [segment for segment in path.split("/") if segment]


def _growing(url: str, parts: SplitResult, pairs: list[tuple[str, str]]) -> Trap | None:
    depth = parts.path.count("/")
    if len(url) > MAX_URL:
        return Trap("growing", f"The URL has {len(url):,} characters: such URLs grow from page to page.")
    if depth > MAX_DEPTH:
        return Trap("growing", f"The path is {depth} folders deep: such paths grow from page to page.")
    if len(pairs) > MAX_PARAMETERS:
        return Trap("growing", f"The query has {len(pairs)} parameters.")
    if "%252525" in url:
        return Trap("growing", "The URL is escaped again on every page that it passes.")
    if parts.query.lower().count("http%3a") + parts.query.count("://") + parts.query.lower().count("http%253a") >= 3:
        return Trap("growing", "The URL holds a URL that holds a URL: it grows from page to page.")
    return None


def _repeated(segments: list[str]) -> Trap | None:
    for length in (1, 2, 3, 4):
        block = _repeated_block(segments, length)
        if block:
            return Trap("repeated", f"/{'/'.join(block)}/ comes {MAX_REPEATS} times in a row in the path.")
    words = Counter(one for one in segments if len(one) > 2 and not one.isdigit())
    for word, times in words.most_common(1):
        if times >= MAX_ECHOES:
            return Trap("repeated", f"/{word}/ comes {times} times in the path.")
    return None


def _repeated_block(segments: list[str], length: int) -> list[str]:
    """A row of segments that repeats; rows of numbers and of short names are no sign (tiles, hashed folders)."""
    for start in range(len(segments) - length * MAX_REPEATS + 1):
        block = segments[start : start + length]
        row = segments[start : start + length * MAX_REPEATS]
        if row == block * MAX_REPEATS and any(len(one) > 2 and not one.isdigit() for one in block):
            return block
    return []


def _calendar(parts: SplitResult, pairs: list[tuple[str, str]], today: date) -> Trap | None:
    hinted = _is_calendar(parts, pairs)
    found = _date_in_query(pairs) or _date_in_path(parts.path, FOLDERS_OF_A_DATE if not hinted else DATE_IN_PATH)
    if not found:
        return None
    year, month = found
    ahead = (year - today.year) * 12 + month - today.month
    if ahead > MONTHS_AHEAD:
        return Trap("calendar", f"A page of {year}-{month:02}, {ahead} months ahead: a calendar without end.")
    if hinted and year < FIRST_YEAR:
        return Trap("calendar", f"A calendar page of {year}: a calendar without end.")
    return None


def _is_calendar(parts: SplitResult, pairs: list[tuple[str, str]]) -> bool:
    return bool(CALENDAR.search(parts.path) or any(CALENDAR.search(key) for key, _ in pairs))


def _date_in_path(path: str, pattern: re.Pattern[str] = DATE_IN_PATH) -> tuple[int, int] | None:
    return next(filter(None, (_year_and_month(*found) for found in pattern.findall(path))), None)


def _date_in_query(pairs: list[tuple[str, str]]) -> tuple[int, int] | None:
    values = dict(pairs)
    year = next((values[key] for key in values if key in YEAR_KEYS), "")
    month = next((values[key] for key in values if key in MONTH_KEYS), "")
    dates = [_year_and_month(year, month)]
    for key, value in values.items():
        found = DATE_VALUE.fullmatch(value) if DATE_KEY.fullmatch(key) else None
        if found and (found[1] or "dat" in key or key in ("ym", "month")):  # ?start=20400 is a place in a list
            dates.append(_year_and_month(*found.groups(default="")))
    return next(filter(None, dates), None)


def _year_and_month(year: str, month: str, joined_year: str = "", joined_month: str = "") -> tuple[int, int] | None:
    year, month = year or joined_year, month or joined_month
    if not re.fullmatch(r"[0-9]{4}", year) or not re.fullmatch(r"0?[1-9]|1[0-2]", month) or int(year) not in YEARS:
        return None
    return int(year), int(month)


def _button(pairs: list[tuple[str, str]]) -> Trap | None:
    for key, value in pairs:
        if (BUTTON.fullmatch(key) and value) or (key in ("action", "do", "mode") and BUTTON_ACTION.fullmatch(value)):
            return Trap("button", f"{key}={value[:40]} is a button of a page, not a page.")
    return None


def _facets(parts: SplitResult, pairs: list[tuple[str, str]]) -> Trap | None:
    if SORTED_INDEX.fullmatch(parts.query):
        return Trap("facets", "The list of a folder's files in another order.")
    chosen = [(key, value) for key, value in pairs if value and _is_facet(key)]
    names = {key for key, _ in chosen}
    if len(names) >= MIN_FACETS:
        return Trap("facets", f"A list under {len(names)} filters at once: {', '.join(sorted(names))[:100]}.")
    for name in names:
        values = sum(1 + len(re.findall(r",|%2c|\||%7c", value.lower())) for key, value in chosen if key == name)
        if values >= MIN_VALUES:
            return Trap("facets", f"A list filtered by {values} values of {name[:40]} at once.")
    return _facets_in_path(_segments(parts.path))


def _is_facet(key: str) -> bool:
    return bool(FACET.fullmatch(key) or FACET.fullmatch(key.partition("[")[0]))


def _facets_in_path(segments: list[str]) -> Trap | None:
    after = next((number for number, one in enumerate(segments) if one.lower() in FILTER_SEGMENTS), len(segments))
    named = sum(1 for one in segments if FACET_SEGMENT.fullmatch(one))
    if len(segments) - after > MIN_FACETS or named >= MIN_FACETS:
        return Trap("facets", "A list under several filters at once, written as folders.")
    return None


# --- By how many there are ------------------------------------------------------------------------------------------
class Variants:
    """Counts URLs of a kind. Ask once for each URL that is new; the counters can be stored and given back."""

    def __init__(self, counts: Mapping[str, int] | None = None) -> None:
        self._counts: OrderedDict[str, int] = OrderedDict(counts or {})

    @property
    def counts(self) -> dict[str, int]:
        return dict(self._counts)

    def take(self, url: str) -> Trap | None:
        """Count a new URL; the trap that it is one too many of, else None."""
        parts = urlsplit(url)
        pairs = _pairs(parts.query)
        dated = _date_in_path(parts.path) or _date_in_query(pairs)
        if dated and _is_calendar(parts, pairs):
            return self._dates(parts)
        return self._queries(parts, pairs) if pairs else None

    def _dates(self, parts: SplitResult) -> Trap | None:
        shape = NUMBER.sub("#", parts.path)
        if self._count(f"{parts.netloc}{shape} dates") > MAX_DATES:
            return Trap("calendar", f"More than {MAX_DATES} pages of the calendar {shape[:100]}.")
        return None

    def _queries(self, parts: SplitResult, pairs: list[tuple[str, str]]) -> Trap | None:
        place, path = f"{parts.netloc}{parts.path}", parts.path[:100]
        keys = {key for key, _ in pairs}
        if any(SEARCH.fullmatch(key) for key in keys):
            return self._over(f"{place} searches", MAX_SEARCHES, f"search results of {path}")
        if all(NAMING.fullmatch(key) for key in keys):
            return self._over(f"{place} named", MAX_NAMED, f"pages of {path} by number")
        known = f"{place} keys {_short(keys)}" in self._counts
        if not known and self._count(f"{place} key sets") > MAX_KEY_SETS:
            return Trap("variants", f"More than {MAX_KEY_SETS} combinations of parameters of {path}.")
        self._count(f"{place} keys {_short(keys)}")
        return self._over(f"{place} variants", MAX_VARIANTS, f"variants of {path} by its query")

    def _over(self, counter: str, most: int, what: str) -> Trap | None:
        return Trap("variants", f"More than {most:,} {what}.") if self._count(counter) > most else None

    def _count(self, counter: str) -> int:
        """Count one. The counters that were asked longest ago are forgotten when there are too many."""
        self._counts[counter] = times = self._counts.get(counter, 0) + 1
        self._counts.move_to_end(counter)
        if len(self._counts) > MAX_COUNTERS:
            self._counts.popitem(last=False)
        return times


def _short(keys: Iterable[str]) -> str:
    return " ".join(sorted(key[:40] for key in keys))
