"""Pages on which a visit saw a way to reach a site's owner."""

import pytest

from backlinks import index

from .test_page_facts import WS, counted

pytestmark = pytest.mark.usefixtures("link_index")
IMPRINT = "<p><a href=/imprint>Imprint</a> <a href='mailto:a@site.example'>write</a></p>"


def test_the_newest_reading_of_pages_with_most_ways_first() -> None:
    counted(1, "https://site.example/gone", html=IMPRINT)
    counted(2, "https://site.example/gone", html="<p>nothing</p>")
    counted(2, "https://site.example/mail")
    counted(2, "https://site.example/most", html=IMPRINT)
    counted(2, "https://other.example/most", html=IMPRINT)
    counted(2, "https://site.example/theirs", html=IMPRINT, workspace=WS + 1)
    found = [(one["page_url"], list(one["contacts"])) for one in index.contact_pages(WS, "site.example", 3)]
    assert found == [("https://site.example/most", ["imprint", "mail"]), ("https://site.example/mail", ["mail"])]
    assert len(index.contact_pages(WS, "site.example", 1)) == 1
    assert list(index.contact_pages(WS, "site.example", 1)[0]["mails"]) == ["a@site.example"]


def test_a_site_is_parked_where_all_its_pages_are() -> None:
    parked = "<title>site.example is for sale</title><script src=https://www.sedoparking.com/x.js></script>"
    counted(1, "https://site.example/", html=parked)
    counted(1, "https://other.example/", "https://other.example/a", html="<p>a page</p>")
    rows = index.parked_domains(WS, ["site.example", "other.example", "nobody.example"])
    assert rows == {"site.example"}
