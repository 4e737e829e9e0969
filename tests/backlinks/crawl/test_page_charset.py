"""Which charset a page is read in."""

from pathlib import Path

import pytest
import webencodings
from django.conf import settings

from backlinks.crawl import page
from backlinks.crawl.charset import decode

VECTORS = Path(settings.BASE_DIR).parent / "shared" / "hostile" / "html" / "html5lib-tests" / "encoding"
META = b'<meta charset="%s">'


@pytest.mark.parametrize(
    ("body", "content_type", "charset", "text"),
    [
        (b"\xef\xbb\xbf\xc3\xa4", "text/html; charset=iso-8859-1", "utf-8", "ä"),
        ("ä".encode("utf-16"), "text/html; charset=utf-8", "utf-16le", "ä"),
        (b"\xfe\xff\x00\xe4", "", "utf-16be", "ä"),
        (b"\xe4", "text/html; charset=ISO-8859-1", "windows-1252", "ä"),
        (b"\x80", "text/html; charset='latin1'", "windows-1252", "€"),
        (b"\xc0", 'text/html;charset="windows-1251"', "windows-1251", "А"),
        (META % b"windows-1251" + b"\xc0", "text/html; charset=utf-8", "utf-8", None),
        (META % b"windows-1251" + b"\xc0", "text/html", "windows-1251", None),
        (b"<meta http-equiv=Content-Type content='text/html; charset=koi8-r'>\xc1", "", "koi8-r", None),
        (b"<!-- <meta charset=koi8-r> --><meta charset=gbk>\xc4\xe3", "", "gbk", None),
        (META % b"utf-16" + b"\xc3\xa4", "", "utf-8", None),
        (META % b"x-user-defined" + b"\xe4", "", "windows-1252", None),
        (b"\xc3\xa4", "", "utf-8", "ä"),
        (b"\xc3\xa4\xe2\x82", "", "utf-8", "ä"),
        (b"\xe4", "", "windows-1252", "ä"),
        (b"\xc3\xa4\xe4\xff", "text/html; charset=utf-8", "utf-8", "ä\ufffd\ufffd"),
        (b"plain", "", "windows-1252", "plain"),
        (b"\x93\xfa\x96\x7b", "text/html; charset=shift_jis", "shift_jis", "日本"),
        # Python codecs that are no charsets, and labels that are none.
        (b"+AGE-", "text/html; charset=utf-7", "windows-1252", "+AGE-"),
        (b"\xe4", "text/html; charset=zlib", "windows-1252", "ä"),
        (b"\xc3\xa4", "text/html; charset=idna", "utf-8", "ä"),
        (b"\xc3\xa4", "text/html; charset=", "utf-8", "ä"),
        (META % b"unicode_escape" + b"\\u0041", "", "windows-1252", None),
        (b"<\x00a\x00>\x00x\x00\xe4\x00", "", "utf-16le", "<a>xä"),
        (b"", "", "windows-1252", ""),
    ],
)
def test_charset(body: bytes, content_type: str, charset: str, text: str | None) -> None:
    found, name = decode(body, content_type)
    assert name == charset
    assert text is None or found == text


def test_a_late_meta_is_found_as_browsers_find_it() -> None:
    assert decode(b"<!-- " + b"x" * 9000 + b" --><meta charset=koi8-r>\xc1")[1] == "koi8-r"


def test_utf_16_pages_keep_their_links() -> None:
    html = '<html><a href="/ä">ä</a>' * 50
    for body, content_type in (
        (html.encode("utf-16"), "text/html"),
        (html.encode("utf-16-le"), "text/html; charset=utf-16"),
        (html.encode("utf-16-be"), "text/html"),
    ):
        assert len(page.read(body, "http://x.example/", content_type=content_type).links) == 50


def cases() -> list[tuple[bytes, str]]:
    found = []
    for path in sorted(VECTORS.glob("*.dat")):
        for case in path.read_bytes().split(b"#data\n")[1:]:
            data, _, rest = case.partition(b"\n#encoding\n")
            found.append((data, rest.split(b"\n")[0].decode()))
    return found


@pytest.mark.skipif(not VECTORS.exists(), reason="shared vectors are not here")
def test_vectors_of_html5lib() -> None:
    found = cases()
    assert len(found) >= 80
    wrong = [(data[:80], label) for data, label in found if decode(data)[1] != webencodings.lookup(label).name]
    assert not wrong
