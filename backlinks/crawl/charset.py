"""Which bytes are a page, and which text they hold.

Decided: the order of browsers: byte order mark, then the header, then `meta` near the top, then UTF-8 where the bytes
are valid, else windows-1252 (plain ASCII too, which reads the same). Browsers look at 1,024 bytes and start over when
the parser meets a later `meta`; we look at 16 KB at once. Labels are looked up in the Encoding Standard's table only.
We decode and hand text to the parser: given raw UTF-16, lexbor finds no link at all. Refused: guessing by letter
frequencies, which makes the same page read differently after an edit; Python's codec names (`utf-7`, `idna`, `zlib`),
which are no charsets.
"""

import codecs
import re

import webencodings

PRESCAN = 16_384
DEFAULT = "windows-1252"
BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16le"), (codecs.BOM_UTF16_BE, "utf-16be"))
PAGE_TYPES = frozenset(("text/html", "application/xhtml+xml"))
UNKNOWN_TYPES = frozenset(("", "unknown/unknown", "application/unknown", "*/*"))
# The first bytes of what is sent as text/html by mistake or by malice.
SIGNATURES = (
    (b"\x89PNG\r\n\x1a\n", "a PNG image"),
    (b"GIF8", "a GIF image"),
    (b"\xff\xd8\xff", "a JPEG image"),
    (b"%PDF-", "a PDF file"),
    (b"PK\x03\x04", "a ZIP archive"),
    (b"\x1f\x8b\x08", "a gzip file"),
    (b"RIFF", "a RIFF file"),
    (b"OggS", "an Ogg file"),
    (b"ID3", "an MP3 file"),
    (b"\x7fELF", "a program"),
    (b"MZ\x90", "a program"),
    (b"wOFF", "a font"),
    (b"wOF2", "a font"),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive"),
    (b"Rar!\x1a\x07", "a RAR archive"),
    (b"\x00\x00\x01\x00", "an icon"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an Office file"),
    (b"\x1aE\xdf\xa3", "a video"),
)
CHARSET = re.compile(r"charset\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s;\"']+))", re.IGNORECASE)
META_CHARSET = re.compile(
    rb"charset[\t\n\f\r ]*=[\t\n\f\r ]*(?:\"([^\"]*)\"|'([^']*)'|([^\t\n\f\r ;\"']+))", re.IGNORECASE
)
BINARY = re.compile(rb"[\x00-\x08\x0b\x0e-\x1a\x1c-\x1f]")
SPACES = b"\t\n\f\r "
SPACES_OR_SLASH = SPACES + b"/"
_TAG = re.compile(rb"</?[a-zA-Z][^\t\n\f\r />]*")


class NotAPage(ValueError):
    """The bytes are no HTML page; `str(error)` says what they are in a few words."""

    @property
    def reason(self) -> str:
        return str(self)


def check_type(body: bytes, content_type: str) -> None:
    """Raise `NotAPage` for what no browser would show as HTML, whatever its header says."""
    kind = content_type.partition(";")[0].strip().lower()
    if kind not in PAGE_TYPES and kind not in UNKNOWN_TYPES and "/" in kind:
        raise NotAPage(f"not HTML: {kind[:60]}")
    head = body[:16]
    for signature, what in SIGNATURES:
        if head.startswith(signature):
            raise NotAPage(what)
    if head[4:8] == b"ftyp":
        raise NotAPage("a video")
    if kind not in PAGE_TYPES and not _marked(body) and not _bare_utf16(body) and BINARY.search(body[:1445]):
        raise NotAPage("binary data without a type")


def decode(body: bytes, content_type: str = "") -> tuple[str, str]:
    """(text, name of the charset it was read in). Never fails: a byte that means nothing becomes U+FFFD."""
    encoding = _declared(body, content_type)
    if encoding is None and not body.isascii():
        text = _as_utf8(body)
        if text:
            return text, "utf-8"
    encoding = encoding or webencodings.lookup(DEFAULT)
    for mark, name in BOMS:
        if encoding.name == name and body.startswith(mark):
            body = body[len(mark) :]
    return encoding.codec_info.decode(body, "replace")[0], encoding.name


def _as_utf8(body: bytes) -> str:
    """The text, if the bytes are UTF-8 beyond doubt; a page cut short may end inside a character."""
    try:
        text = codecs.getincrementaldecoder("utf-8")().decode(body, final=False)
    except UnicodeDecodeError:
        return ""
    return "" if text.isascii() else text


def _declared(body: bytes, content_type: str) -> webencodings.Encoding | None:
    marked = _marked(body)
    if marked:
        return webencodings.lookup(marked)
    found = CHARSET.search(content_type)
    named = webencodings.lookup(found.group(1) or found.group(2) or found.group(3) or "") if found else None
    return named or prescan(body[:PRESCAN]) or _bare_utf16(body)


def _marked(body: bytes) -> str:
    return next((name for mark, name in BOMS if body.startswith(mark)), "")


def _bare_utf16(body: bytes) -> webencodings.Encoding | None:
    """UTF-16 with neither mark nor header: a page starts with `<` or space, so every other byte is NUL."""
    head = body[:64]
    if len(head) >= 8 and not any(head[1::2]) and all(head[0::2]):
        return webencodings.lookup("utf-16le")
    if len(head) >= 8 and not any(head[0::2]) and all(head[1::2]):
        return webencodings.lookup("utf-16be")
    return None


# --- The Encoding Standard's look at the first bytes ------------------------------------------------------------------
def prescan(head: bytes) -> webencodings.Encoding | None:
    """The charset that a `meta` in these bytes names, as browsers find it: comments and other tags are stepped over."""
    at = 0 if b"charset" in head.lower() else len(head)
    while True:
        at = head.find(b"<", at)
        if at < 0:
            return None
        if head.startswith(b"<!--", at):
            end = head.find(b"-->", at + 2)
            at = end + 3 if end >= 0 else len(head)
        elif head[at : at + 5].lower() == b"<meta" and head[at + 5 : at + 6] in _after_name():
            found, at = _meta(head, at + 5)
            if found:
                return found
        elif tag := _TAG.match(head, at):
            at = tag.end()
            while (one := _attribute(head, at)) is not None:
                at = one[2]
        elif head[at + 1 : at + 2] in (b"!", b"/", b"?"):
            end = head.find(b">", at)
            at = end + 1 if end >= 0 else len(head)
        else:
            at += 1


def _after_name() -> tuple[bytes, ...]:
    return tuple(bytes([one]) for one in SPACES_OR_SLASH)


def _meta(head: bytes, at: int) -> tuple[webencodings.Encoding | None, int]:
    """(the charset that this `meta` names, where it ends)."""
    seen: dict[bytes, bytes] = {}
    while (one := _attribute(head, at)) is not None:
        seen.setdefault(one[0], one[1])
        at = one[2]
    label = seen.get(b"charset")
    if label is None and seen.get(b"http-equiv", b"").lower() == b"content-type":
        found = META_CHARSET.search(seen.get(b"content", b""))
        label = next((group for group in found.groups() if group is not None), None) if found else None
    whole = head.find(b">", at) >= 0
    encoding = webencodings.lookup(label.decode("ascii", "replace")) if label and whole else None
    if encoding is not None and encoding.name.startswith("utf-16"):
        return webencodings.lookup("utf-8"), at
    if encoding is not None and encoding.name == "x-user-defined":
        return webencodings.lookup(DEFAULT), at
    return encoding, at


def _attribute(head: bytes, at: int) -> tuple[bytes, bytes, int] | None:
    """(name, value, where it ends) of the next attribute; None at the end of the tag, and where the bytes end."""
    while at < len(head) and head[at] in SPACES_OR_SLASH:
        at += 1
    if at >= len(head) or head[at : at + 1] == b">":
        return None
    start = at
    while at < len(head) and not (head[at : at + 1] == b"=" and at > start) and head[at] not in SPACES_OR_SLASH + b">":
        at += 1
    name = head[start:at].lower()
    after = at
    while after < len(head) and head[after] in SPACES:
        after += 1
    if head[after : after + 1] != b"=":
        return name, b"", at
    return name, *_value(head, after + 1)


def _value(head: bytes, at: int) -> tuple[bytes, int]:
    while at < len(head) and head[at] in SPACES:
        at += 1
    quote = head[at : at + 1]
    if quote in (b'"', b"'"):
        end = head.find(quote, at + 1)
        return (head[at + 1 : end], end + 1) if end >= 0 else (b"", len(head))
    start = at
    while at < len(head) and head[at] not in SPACES + b">":
        at += 1
    return head[start:at], at
