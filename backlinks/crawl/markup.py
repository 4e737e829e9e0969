"""A page as browsers read it, written out again so plainly that one regular expression can read it.

Decided: lexbor builds the tree that a browser would build, and writes it out: every tag closed, every value in double
quotes, every `<`, `>` and `"` of a text escaped. That text is a regular language, so one pass over its tokens with a
stack sees all there is, in C for the most part, and without recursion. Elements whose content is no markup (script,
style, template, the inside of an iframe) are taken out of the tree first: nothing in them can pose as a tag.
Refused: walking lexbor's nodes from Python, which costs an object and several calls a node; reading the raw source
with expressions, which finds links where no browser does.
"""

import re
from dataclasses import dataclass

from selectolax.lexbor import LexborDocumentOptions, LexborHTMLParser, LexborNode


def words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_ATTRIBUTE = r" [^\t\n\f\r />][^\t\n\f\r />=]*+=\"[^\"]*+\""
# An inline element with nothing but text in it, and no attribute that matters: read as text, its tags dropped later.
_PLAIN = "span|code|em|strong|b|i|tt|small|sup|sub|var|kbd|samp|cite|u|s|q|abbr|mark|font|dfn|bdi"
_LEAF = rf"<(?:{_PLAIN})(?: (?:class|id|lang|title|dir|translate|color|face)=\"[^\"]*+\")*+>[^<]*+</[a-z]++>"
LEAF_TAGS = re.compile(r"</?[a-z]++(?: [a-z]++=\"[^\"]*+\")*+>")
# Tags without attributes that only nest: read as one run, because the same runs come again and again.
_BARE = "</?(?:div|li|ul|p|td|tr|th|dd|dl|dt|ol|span|code|em|strong|b|i|pre|tbody|thead|table|small|cite|label)>"
_RUN = rf"{_BARE}(?:[\t\n\f\r ]*+{_BARE})*+"
_ONE = rf"<(?:/?[a-zA-Z][^\t\n\f\r />]*+(?:{_ATTRIBUTE})*+)>"
_NO_TAG = r"<(?:!--.*?-->|[!?][^>]*+>|)"  # comments and declarations; nothing else that begins so is written out
# Groups: text before the tag; the attributes of an `a`; else one tag or a run of bare ones. Comments have neither.
TAG = re.compile(
    rf"([^<]*+(?:{_LEAF}[^<]*+)*+)(?:<a((?:{_ATTRIBUTE})++)>|({_RUN}|{_ONE})|{_NO_TAG})",
    re.DOTALL,
)
# The parts of a tag: "/" of an end tag, name, attributes.
PARTS = re.compile(rf"<(/?)([a-zA-Z][^\t\n\f\r />]*+)((?:{_ATTRIBUTE})*+)>")
EACH = re.compile(rf"{PARTS.pattern}|{_NO_TAG}", re.DOTALL)
ATTRIBUTE = re.compile(r" ([^\t\n\f\r />][^\t\n\f\r />=]*+)=\"([^\"]*+)\"")
HREF = re.compile(r' href="([^"]*)"')
# Void elements are written without an end tag.
VOID = words("area base basefont bgsound br col embed frame hr img input keygen link meta param source track wbr")
RAW = "script, style, template, noembed, noframes, xmp, plaintext, iframe"
NO_EVENTS = LexborDocumentOptions.WO_EVENTS.value
SCRIPTS_READ = 400  # scripts of a page whose text is kept for the facts


@dataclass(frozen=True, slots=True)
class Script:
    kind: str  # its type attribute, lower case
    source: str
    text: str


def written_out(html: str) -> tuple[str, list[Script]]:
    """(the page as a browser reads it, without content that is no markup, its scripts)."""
    tree = LexborHTMLParser(html.encode("utf-8", "replace"), options=NO_EVENTS)
    root = tree.root
    if root is None:
        return "", []
    nodes = root.css(RAW)
    scripts = [_script(node) for node in nodes if node.tag == "script"][:SCRIPTS_READ]
    for node in reversed(nodes):  # in a picture they can nest: the inner one goes first
        _take_out(node)
    return tree.html or "", scripts


def _script(node: LexborNode) -> Script:
    attributes = node.attributes
    kind = (attributes.get("type") or "").strip().lower()
    return Script(kind, attributes.get("src") or "", node.text() or "")


def _take_out(node: LexborNode) -> None:
    if node.tag in ("xmp", "plaintext"):
        node.replace_with(node.text() or "")  # shown as text
    elif node.tag == "iframe":
        while (child := node.first_child) is not None:
            child.decompose()
    else:
        node.decompose()


def unescaped(text: str) -> str:
    """Text or a value as it stood before it was written out (five escapes, each once)."""
    if "&" not in text:
        return text
    text = text.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", '"').replace("&nbsp;", "\xa0")
    return text.replace("&amp;", "&")


def text_of(written: str) -> str:
    """The text that `TAG` found before a tag."""
    if "<" in written:
        written = LEAF_TAGS.sub("", written)
    return unescaped(written) if "&" in written else written


def attributes_of(written: str) -> dict[str, str]:
    """The attributes of a tag by lower-case name."""
    return {name: unescaped(value) for name, value in ATTRIBUTE.findall(written)}


def one_line(text: str) -> str:
    """Text as rendered: runs of space are one space."""
    return " ".join(text.split())
