"""Whether an element hides what is in it, by its own attributes and inline style; "" or why.

Decided: only what the page itself says in the tag is believed: a style sheet would have to be fetched and run. A class
is a hint, and only the few by which frameworks hide text everywhere are taken as one; the reason then names the class,
and the text stays text of the page and of its anchors, because search engines read it. A class that shows the element
again on a wider screen, or on focus, takes the hint back. Foreground equal to background counts when both stand in one
style. A closed `details` hides nothing, and aria-hidden alone neither: both are seen.
"""

import re
from functools import lru_cache

from .markup import attributes_of

AROUND_SIGNS = re.compile(r" ?([:;,()!]) ?")
BY_CLASS = "class "
CLASSES = frozenset(
    ("sr-only", "visually-hidden", "screen-reader-text", "d-none", "hidden", "element-invisible", "visuallyhidden")
)
SHOWN_AGAIN = re.compile(
    r"[\w\[\]-]+:(?:block|inline|inline-block|flex|inline-flex|grid|table|contents|not-sr-only)"
    r"|d-(?:sm|md|lg|xl|xxl|print)-(?!none)[a-z-]+|(?:visually-hidden|sr-only)-focusable|focusable|skip-link"
)
HINT = re.compile(r" (?:style|hidden|aria-hidden|width)=\"")
_SMALL = r"0*(?:\.0+)?(?:px|pt|em|rem|%|ex)?(?:!important)?(?:;|$)"
_FAR = r"-\d{4,}(?:\.\d+)?(?:px|pt|em|rem|%|vw)?|-\d{3,}(?:em|rem|%|vw)"
STYLES = (
    (re.compile(r"(?:^|;)display:none"), "display:none"),
    (re.compile(r"(?:^|;)visibility:(?:hidden|collapse)"), "visibility:hidden"),
    (re.compile(rf"(?:^|;)font-size:(?:{_SMALL}|[01]px|1pt)"), "font-size:0"),
    (re.compile(r"(?:^|;)font:[^;]*?(?:^|\s|:)0(?:px|pt|em)?(?:/|\s)"), "font-size:0"),
    (re.compile(rf"(?:^|;)opacity:{_SMALL}"), "opacity:0"),
    (re.compile(rf"(?:^|;)text-indent:(?:{_FAR})"), "text-indent off-screen"),
    (re.compile(r"(?:^|;)clip:rect\((?:0|1)(?:px)?[, ]"), "clipped"),
    (re.compile(r"(?:^|;)clip-path:(?:inset\((?:50|100)%|polygon\(0 0,0 0|circle\(0)"), "clipped"),
    (re.compile(r"(?:^|;)transform:scale\(0(?:,0)?\)"), "scale 0"),
    (re.compile(r"(?:^|;)color:transparent"), "color transparent"),
)
OFF_SCREEN = re.compile(rf"(?:^|;)(?:left|top|right|bottom|margin-left|margin-top):(?:{_FAR})")
PLACED = re.compile(r"(?:^|;)(?:position:(?:absolute|fixed|relative)|margin-)")
NO_SIZE = re.compile(rf"(?:^|;)(?:max-)?(?:height|width):(?:{_SMALL}|1px)")
CUT = re.compile(r"(?:^|;)overflow(?:-[xy])?:hidden")
COLOR = re.compile(r"(?:^|;)color:([^;]+)")
BACKGROUND = re.compile(r"(?:^|;)background(?:-color)?:([^;\s]+)")
HEX = re.compile(r"#([0-9a-f])([0-9a-f])([0-9a-f])")
NAMED = {
    "white": "#ffffff",
    "black": "#000000",
    "red": "#ff0000",
    "rgb(255,255,255)": "#ffffff",
    "rgb(0,0,0)": "#000000",
}


@lru_cache(maxsize=20_000)
def hidden_by_class(text: str) -> str:
    """The class by which frameworks hide this element, as a reason; "" where it has none or is shown again."""
    names = text.split()
    found = next((name for name in names if name in CLASSES), "")
    return BY_CLASS + found if found and not any(map(SHOWN_AGAIN.fullmatch, names)) else ""


def is_certain(why: str) -> bool:
    """Whether this is a reason that the tag itself gives: not none, and no hint of a class."""
    return bool(why) and not why.startswith(BY_CLASS)


def stronger(outer: str, inner: str) -> str:
    """Of two reasons the one that counts: the outer, unless it is but a hint."""
    return outer if is_certain(outer) else inner if is_certain(inner) else outer or inner


@lru_cache(maxsize=20_000)
def hidden_by(written: str) -> str:
    """Why the element with these attributes is hidden; "" where it is not."""
    if not HINT.search(written):
        return ""
    attributes = attributes_of(written)
    if "hidden" in attributes and attributes["hidden"].lower() != "until-found":
        return "hidden attribute"
    if "style" in attributes and (why := hidden_by_style(attributes["style"])):
        return why
    if attributes.get("aria-hidden", "").lower() == "true" and attributes.get("tabindex", "").strip().startswith("-"):
        return "aria-hidden and out of the tab order"
    return ""


def hidden_by_style(style: str) -> str:
    """Why this inline style hides the element; "" where it does not."""
    plain = AROUND_SIGNS.sub(r"\1", " ".join(style[:4000].lower().split()))
    for rule, why in STYLES:
        if rule.search(plain):
            return why
    if OFF_SCREEN.search(plain) and PLACED.search(plain):
        return "off-screen"
    if NO_SIZE.search(plain) and CUT.search(plain):
        return "no size"
    return "color of the background" if _same_color(plain) else ""


def _same_color(plain: str) -> bool:
    front, back = COLOR.search(plain), BACKGROUND.search(plain)
    return bool(front and back) and _color(front.group(1)) == _color(back.group(1))


def _color(text: str) -> str:
    text = text.replace("!important", "").strip()
    short = HEX.fullmatch(text)
    return "#" + "".join(2 * digit for digit in short.groups()) if short else NAMED.get(text, text)
