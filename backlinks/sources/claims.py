"""What the optional columns of a table claim about a link: texts, rel, kind, loss, flags, redirects."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from .cells import Memo, flag, group_count, http_status, is_set, language, opposite, rel
from .chunks import Cells

Made = dict[str, list[Any]]
FLAGS = ("nofollow", "ugc", "sponsored")
LIMITS = {"title": 500, "anchor": 1000, "alt": 1000, "context_left": 300, "context_right": 300}
KINDS = {
    "a": "text", "text": "text", "textlink": "text", "img": "image", "image": "image", "imagelink": "image",
    "iframe": "frame", "frame": "frame", "form": "form", "redirect": "redirect", "canonical": "canonical",
    "alternate": "alternate", "rss": "rss", "": "text", "dofollow": "text", "nofollow": "text", "href": "text",
}  # fmt: skip
LOST = frozenset(
    ("removedfromhtml", "notcanonical", "noindex", "pageredirected", "pageerror", "lostredirect", "notfound")
)  # fmt: skip
NO_FLAG = "not a yes or no that can be read"
NO_VALUE = "not a value that can be read"


@dataclass(slots=True)
class Tally:
    """What happened to many rows, told once."""

    cut_texts: int = 0
    no_answer: int = 0

    def notes(self) -> list[str]:
        made = []
        if self.no_answer:
            made.append(f"{self.no_answer} pages gave the vendor no answer (status 0): their status is unknown.")
        if self.cut_texts:
            made.append(f"{self.cut_texts} texts were longer than the ledger keeps and were cut.")
        return made


def add(made: Made, cells: Cells, tally: Tally) -> None:
    """Add the columns of the link log that these cells claim."""
    for name, limit in LIMITS.items():
        if name in cells:
            made[name] = _texts(cells[name], limit, tally)
    if "language" in cells:
        made["language"] = cells.each("language", language)
    if "group_count" in cells:
        made["group_count"] = cells.values("group_count", group_count, 1, NO_VALUE)
    _rel(made, cells)
    _kinds(made, cells)
    _losses(made, cells)
    _flags(made, cells, tally)
    _redirects(made, cells)


def _texts(column: Sequence[str], limit: int, tally: Tally) -> Sequence[str]:
    if max(map(len, column)) <= limit:
        return column
    tally.cut_texts += sum(len(cell) > limit for cell in column)
    return [cell[:limit] for cell in column]


def _rel(made: Made, cells: Cells) -> None:
    if "rel" in cells:
        made |= dict(zip(FLAGS, map(list, zip(*cells.each("rel", rel), strict=True)), strict=True))
    if "dofollow" in cells:
        made["nofollow"] = cells.values("dofollow", opposite, -1, NO_FLAG)
    if "set:nofollow" in cells:
        made["nofollow"] = [int(on) for on in cells.each("set:nofollow", is_set)]
    for name in FLAGS:
        if name in cells:
            made[name] = cells.values(name, flag, -1, NO_FLAG)


def _kinds(made: Made, cells: Cells) -> None:
    kinds = _found_kinds(made, cells)
    if kinds is None:
        return
    made["kind"] = kinds
    if "anchor" not in made or "alt" in cells:
        return
    # Vendors put the alt text of an image where the anchor stands.
    made["alt"] = [None] * len(kinds)
    if "image" in kinds:
        made["alt"] = [text if kind == "image" else None for text, kind in zip(made["anchor"], kinds, strict=True)]
        made["anchor"] = ["" if kind == "image" else text for text, kind in zip(made["anchor"], kinds, strict=True)]


def _found_kinds(made: Made, cells: Cells) -> list[str] | None:
    if "link_type" in cells:
        return cells.each("link_type", lambda cell: KINDS.get(cell.strip().lower(), "other"))
    if "old_type" in cells:
        made["nofollow"] = cells.each("old_type", _old_nofollow)
        return list(map(_old_kind, cells["old_type"]))
    marks = [name for name in cells.names("is:") if name != "is:text"]
    if not marks:
        return None
    kinds = ["text"] * len(cells.rows)
    for name in marks:
        column = cells[name]
        memo = cells.memo(name, is_set)
        if any(map(memo.__getitem__, set(column))):
            kind = name.split(":")[1]
            kinds = [kind if memo[cell] else old for cell, old in zip(column, kinds, strict=True)]
    return kinds


def _old_kind(cell: str) -> str:
    text = cell.lower()
    return next((kind for kind in ("image", "redirect", "frame", "form") if kind in text), "text")


def _old_nofollow(cell: str) -> int:
    text = cell.lower()
    return 1 if "nofollow" in text else 0 if "dofollow" in text or "follow" in text else -1


def _losses(made: Made, cells: Cells) -> None:
    """Why a link is gone. A drop from the vendor's index, or an old crawl, is no loss: nobody knows."""
    if "vendor_lost" in cells:
        made["lost_reason"] = ["vendor_unspecified" if on else "" for on in cells.each("vendor_lost", is_set)]
    elif "old_crawl" in cells:
        made["lost_reason"] = ["vendor_dropped:oldcrawl" if on else "" for on in cells.each("old_crawl", is_set)]
    elif "lost_at" in made or "lost_reason" in cells or "drop_reason" in cells:
        days = map(bool, made.get("lost_at") or [0] * len(cells.rows))
        keys = list(zip(cells.column("lost_reason"), cells.column("drop_reason"), days, strict=True))
        reasons = {key: _lost(*key) for key in set(keys)}
        made["lost_reason"] = list(map(reasons.__getitem__, keys))


def _lost(seen: str, drop: str, has_day: bool) -> str:  # noqa: FBT001
    """An observed reason; else the vendor's drop; else unspecified, where only a day stands."""
    word = seen.strip().lower().replace(" ", "").replace("_", "")
    if word:
        return word if word in LOST else f"vendor_{word}"[:60]
    if drop.strip():
        return f"vendor_dropped:{drop.strip().lower()}"[:60]
    return "vendor_unspecified" if has_day else ""


def _flags(made: Made, cells: Cells, tally: Tally) -> None:
    """Words that hold for a row, joined by spaces."""
    names = cells.names("flag:") + [name for name in ("vendor_lost",) if name in cells]
    words = [name.removeprefix("flag:") for name in names]
    columns = [cells[name] for name in names]
    if "http_status" in cells:
        made["http_status"] = cells.values("http_status", http_status, 0, "not an HTTP status")
        unanswered = cells["http_status"].count("0")
        if unanswered:
            tally.no_answer += unanswered
            words.append("no_answer")
            columns.append(["true" if cell == "0" else "" for cell in cells["http_status"]])
    if words:
        joined = Memo(lambda row: " ".join(word for word, cell in zip(words, row, strict=True) if is_set(cell)))
        made["flags"] = list(map(joined.__getitem__, zip(*columns, strict=True)))


def _redirects(made: Made, cells: Cells) -> None:
    if "redirect_urls" in cells:
        pairs = zip(cells["redirect_urls"], cells.column("redirect_codes"), strict=True)
        made["redirect_chain"] = [_chain(urls, codes) if urls.strip() else "" for urls, codes in pairs]


def _chain(urls: str, codes: str) -> str:
    """[{url, status}] as JSON, in the order of the hops; they may be separated by spaces or line ends."""
    hops = urls.split()
    numbers = [part for part in codes.replace(",", " ").split() if part.isdigit()]
    numbers += ["0"] * (len(hops) - len(numbers))
    return json.dumps([{"url": url, "status": int(code)} for url, code in zip(hops, numbers, strict=False)])
