"""The addresses of competitors: of whole domains alone, because a folder's are not those of its domain."""

import pytest

from projects.models import Competitor
from tests.backlinks.pages import fill, number_in, soup_of, url_of


@pytest.fixture
def placed(cast, link_index):
    """One, two, three and four linking domains with an address for four targets."""
    targets = ("client.example", "rival.example", "hosted.example/rival", "hosted.example/foreign")
    links = [
        {"source": f"https://d{one}.example/{number}", "target": f"https://{target}/", "ip": f"9.9.{number}.{one}"}
        for number, target in enumerate(targets, 1)
        for one in range(number)
    ]
    fill(cast, links)
    for text in ("hosted.example/rival/", "no target"):
        Competitor.objects.create(project=cast.project, target=text)
    return cast


def test_a_folder_is_not_shown_as_its_domain(placed, browse):
    for user in (placed.client, placed.viewer):
        client = browse(user)
        page = soup_of(client.get(url_of(placed.project, "ips/")))
        own, *rivals = page.select("[aria-label^='Beside the competitors'] tbody tr")
        assert (own.th.get_text(), number_in(own.td)) == ("client.example", 1)
        assert [(row.th.get_text(), number_in(row.td)) for row in rivals] == [("rival.example", 2)]
        assert client.get(rivals[0].a["href"]).status_code == 200
