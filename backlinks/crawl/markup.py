"""A page as browsers read it, written out again so plainly that one regular expression can read it.

Decided: lexbor builds the tree that a browser would build, and writes it out: every tag closed, every value in double
quotes, every `<`, `>` and `"` of a text escaped. That text is a regular language, so one pass over its tokens with a
stack sees all there is, in C for the most part, and without recursion. Elements whose content is no markup (script,
style, template, the inside of an iframe) are taken out of the tree first: nothing in them can pose as a tag.
Refused: walking lexbor's nodes from Python, which costs an object and several calls a node; reading the raw source
with expressions, which finds links where no browser does.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from selectolax.lexbor import LexborDocumentOptions, LexborHTMLParser, LexborNode


def words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_ATTRIBUTE = r" [^\t\n\f\r />][^\t\n\f\r />=]*+=\"[^\"]*+\""
# Groups: text before the tag, "/" of an end tag, name, attributes. The name is None for comments and declarations.
TAG = re.compile(
    rf"([^<]*+)<(?:(/?)([a-zA-Z][^\t\n\f\r />]*+)((?:{_ATTRIBUTE})*+)>|!--.*?-->|[!?][^>]*+>|)",
    re.DOTALL,
)
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
    scripts = []
    for node in root.css(RAW):
        if node.tag == "script" and len(scripts) < SCRIPTS_READ:
            scripts.append(_script(node))
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


def attributes_of(written: str) -> dict[str, str]:
    """The attributes of a tag by lower-case name."""
    return {name: unescaped(value) for name, value in ATTRIBUTE.findall(written)}


def tags(html: str) -> Iterator[re.Match[str]]:
    return TAG.finditer(html)


def one_line(text: str) -> str:
    """Text as rendered: runs of space are one space."""
    return " ".join(text.split())
