"""Words of figures, and what people typed as it can be kept."""

import pytest

from seoapp.lib.words import typed


@pytest.mark.parametrize(
    ("text", "kept"),
    [("  a\r\nb\rc\n ", "a\nb\nc"), ("be\0fore\0", "before"), ("\0 \0", ""), ("x" * 9, "xxxxx"), ("äöü€𝄞!", "äöü€𝄞")],
)
def test_what_people_typed(text: str, kept: str) -> None:
    assert typed(text, 5) == kept[:5]
