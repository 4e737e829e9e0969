"""Pages of topics: shares with their rows, a domain's words, what an editor changes and takes back, who may."""

import pytest
from django.test import Client

from backlinks import index
from backlinks.workbench.models import TopicChoice
from projects.models import AuditEntry, Competitor
from tests.backlinks.pages import all_rows, csv_of, number_in, rows_of, soup_of, url_of
from tests.conftest import Cast, Hold
from tests.factories import add_links

HOME = "https://client.example/"
LINKS = [
    {"source": "https://poker.example/a", "target": HOME, "title": "Poker night", "anchor": "Client"},
    {"source": "https://poker.example/b", "target": HOME, "title": "Poker again", "anchor": "Client"},
    {"source": "https://hotel.example/a", "target": HOME, "title": "A hotel guide", "anchor": "our hotel"},
    {"source": "https://blank.example/a", "target": HOME, "title": "Hello", "anchor": "<b>x</b>"},
]
RIVAL = [{"source": "https://inn.example/a", "target": "https://rival.example/", "title": "Hotels", "anchor": "x"}]


@pytest.fixture
def judged(cast: Cast, held_index: Hold) -> Cast:
    def made() -> None:
        add_links(workspace=cast.workspace.pk, links=[{"title": "", "anchor": "", **one} for one in LINKS + RIVAL])
        index.judge_topics(cast.workspace.pk, ["client.example", "rival.example"])

    held_index(("judged", cast.workspace.pk), made)
    return cast


def change(client: Client, cast: Cast, domain: str, **data: object) -> int:
    return client.post(url_of(cast.project, f"topics/of/{domain}/change/"), data).status_code


def test_the_page_says_which_topics_and_each_count_leads_to_its_rows(judged: Cast, browse: type[Client]) -> None:
    client = browse(judged.viewer)
    page = soup_of(client.get(url_of(judged.project, "topics/")))
    bars = {row.th.a.text: row for row in page.select(".topic-bars tbody tr")}
    assert set(bars) == {"Gambling", "Travel"}
    for row in bars.values():
        link = row.select("td")[-1].a
        assert all_rows(client, link["href"]) == number_in(link) == 1
    rows = {row.td.get_text(strip=True): row for row in rows_of(page)}
    assert set(rows) == {"Gambling / Poker", "Travel / Hotels and places to stay"}
    links = rows["Gambling / Poker"].select("td")[3].a
    assert all_rows(client, links["href"]) == number_in(links) == 2
    unknown = page.select_one(".card-inset a[href*='topics=none']")
    assert unknown and unknown.text == "1 referring domain" and all_rows(client, unknown["href"]) == 1


def test_own_topics_and_relevance_beside_the_competitors(judged: Cast, browse: type[Client]) -> None:
    page = soup_of(browse(judged.viewer).get(url_of(judged.project, "topics/")))
    own = page.select_one("[aria-labelledby=topic-own]")
    assert own and own.select_one(".tag").text == "Travel / Hotels and places to stay"
    rows = [[cell.get_text(strip=True) for cell in row.find_all(["th", "td"])] for row in own.select("tbody tr")]
    assert rows == [["client.example", "50.0 %", "1", "2"], ["rival.example", "100 %", "1", "1"]]


def test_the_list_sorts_filters_and_exports(judged: Cast, browse: type[Client]) -> None:
    client, url = browse(judged.viewer), url_of(judged.project, "topics/")
    exported = csv_of(client.get(f"{url}?export=csv&sort=label"))
    assert [row[0] for row in exported] == ["Topic", "Gambling / Poker", "Travel / Hotels and places to stay"]
    assert len(rows_of(soup_of(client.get(f"{url}?label=poker&domains_min=1")))) == 1
    assert len(rows_of(soup_of(client.get(f"{url}?links_min=3")))) == 0
    assert AuditEntry.objects.filter(action="export").exists()


def test_a_domains_page_shows_the_words_that_decided(judged: Cast, browse: type[Client]) -> None:
    page = soup_of(browse(judged.viewer).get(url_of(judged.project, "topics/of/poker.example/")))
    row = page.select_one("[aria-labelledby=judged] tbody tr")
    assert row and row.th.text == "Gambling / Poker" and [tag.text for tag in row.select(".tag")] == ["poker"]
    assert not page.select("main form[method=post]"), "a viewer changes nothing"
    page = soup_of(browse(judged.viewer).get(url_of(judged.project, "topics/of/blank.example/")))
    assert "No topic known" in page.get_text()


def test_an_editor_changes_topics_and_takes_it_back(judged: Cast, browse: type[Client]) -> None:
    editor = browse(judged.editor)
    assert change(editor, judged, "poker.example", topics=["home/garden", "", "food"]) == 302
    domains = url_of(judged.project, "domains/?cols=source_domain.topics")
    page = soup_of(editor.get(domains))
    (row,) = [one for one in rows_of(page) if "poker.example" in one.text]
    tags = [one.text for one in row.select(".tag")]
    assert tags == ["Food and drink", "Home and garden / Garden"]
    assert row.select_one("a[href*='topics/of/poker.example']")
    assert all_rows(editor, url_of(judged.project, "domains/?topics=gambling")) == 0
    assert all_rows(editor, url_of(judged.project, "backlinks/?topics=home")) == 2
    own = soup_of(editor.get(url_of(judged.project, "topics/of/poker.example/")))
    assert "Gambling / Poker" in own.select_one("[aria-labelledby=judged]").text, "what was judged stays visible"
    assert change(editor, judged, "poker.example", restore="1") == 302
    assert all_rows(editor, url_of(judged.project, "domains/?topics=gambling")) == 1
    actions = list(AuditEntry.objects.filter(action__startswith="topics.").order_by("pk").values_list("action", "what"))
    assert actions == [("topics.chosen", "poker.example"), ("topics.restored", "poker.example")]


def test_a_page_of_a_domain_has_topics_of_its_own(judged: Cast, browse: type[Client]) -> None:
    editor, page = browse(judged.editor), "https://poker.example/b"
    assert change(editor, judged, "poker.example", page=page, topics=["food"]) == 302
    assert TopicChoice.objects.get().page_key == "poker.example/b"
    assert all_rows(editor, url_of(judged.project, "backlinks/?topics=food")) == 1
    assert all_rows(editor, url_of(judged.project, "backlinks/?topics=gambling")) == 1
    listed = soup_of(editor.get(url_of(judged.project, "topics/of/poker.example/")))
    assert "poker.example/b" in listed.get_text()
    assert change(editor, judged, "poker.example", page="https://hotel.example/a", topics=["food"]) == 404


def test_what_does_not_fit_is_refused_with_a_sentence(judged: Cast, browse: type[Client]) -> None:
    editor = browse(judged.editor)
    four = ["food", "home", "sport", "law"]
    for topics, said in ((["nonsense"], "not in the list"), (four, "at most 3")):
        url = url_of(judged.project, "topics/of/poker.example/change/")
        page = soup_of(editor.post(url, {"topics": topics}, follow=True))
        assert said in page.get_text()
    assert not TopicChoice.objects.exists()
    assert change(editor, judged, "poker.example", topics=[]) == 302
    assert TopicChoice.objects.get().topics == [], "none is a choice"


def test_only_domains_of_the_reading_and_only_editors(judged: Cast, browse: type[Client]) -> None:
    assert browse(judged.viewer).get(url_of(judged.project, "topics/of/inn.example/")).status_code == 404
    assert browse(judged.client).get(url_of(judged.project, "topics/of/poker.example/")).status_code == 200
    foreign = url_of(judged.project, "topics/?target=second.example")
    assert browse(judged.client).get(foreign).status_code == 403
    for user in (judged.viewer, judged.client):
        assert change(browse(user), judged, "poker.example", topics=["food"]) == 403
    assert browse(judged.editor).get(url_of(judged.project, "topics/of/poker.example/change/")).status_code == 405
    assert not TopicChoice.objects.exists()


def test_choices_of_another_workspace_are_not_ours(judged: Cast, browse: type[Client]) -> None:
    TopicChoice.objects.create(workspace=judged.other_workspace, domain="poker.example", topics=["food"])
    assert all_rows(browse(judged.viewer), url_of(judged.project, "domains/?topics=food")) == 0


def test_a_competitor_that_is_a_folder_is_measured_as_that_folder(judged: Cast, browse: type[Client]) -> None:
    brought = (("lodge", "rival", "Hotels"), ("bet", "rival", "Poker"), ("resort", "foreign", "Hotels"))
    links = [
        {"source": f"https://{name}.example/a", "target": f"https://hosted.example/{part}/", "title": title}
        for name, part, title in brought
    ]
    add_links(workspace=judged.workspace.pk, links=links)
    index.judge_topics(judged.workspace.pk, ["hosted.example"])
    judged.project.competitors.all().delete()
    for text in ("hosted.example/rival/", "no target"):
        Competitor.objects.create(project=judged.project, target=text)
    client = browse(judged.client)
    rows = soup_of(client.get(url_of(judged.project, "topics/"))).select("[aria-labelledby=topic-own] tbody tr")
    shown = {row.th.get_text(strip=True): row for row in rows}
    assert set(shown) == {"client.example", "hosted.example/rival/"}
    beside = shown["hosted.example/rival/"]
    assert [cell.get_text(strip=True) for cell in beside.select("td")] == ["50.0 %", "1", "2"]
    assert client.get(beside.a["href"]).status_code == 200


def test_what_was_chosen_for_pages_of_other_projects_stays_theirs(judged: Cast, browse: type[Client]) -> None:
    foreign = [{"source": "https://poker.example/SECRET", "target": "https://second.example/", "anchor": "x"}]
    own, other = "https://www.poker.example/a", "https://poker.example/SECRET"
    add_links(workspace=judged.workspace.pk, links=[*foreign, {"source": own, "target": HOME, "anchor": "x"}])
    for key in ("poker.example/a", "poker.example/SECRET", "poker.example/nowhere"):
        TopicChoice.objects.create(workspace=judged.workspace, domain="poker.example", page_key=key, topics=["food"])
    for user in (judged.client, judged.editor):
        client, url = browse(user), url_of(judged.project, "topics/of/poker.example/")
        text = soup_of(client.get(url)).get_text()
        assert "poker.example/a" in text and "SECRET" not in text and "nowhere" not in text
        assert client.get(url, {"page": own}).status_code == 200
        assert client.get(url, {"page": other}).status_code == 404
    assert change(browse(judged.editor), judged, "poker.example", page=other, restore="1") == 404
    url = url_of(judged.second_project, "topics/of/poker.example/")
    assert "SECRET" in soup_of(browse(judged.editor).get(url)).get_text()


def test_without_links_the_page_says_what_brings_topics(cast: Cast, link_index: None, browse: type[Client]) -> None:
    page = soup_of(browse(cast.editor).get(url_of(cast.project, "topics/")))
    assert "not judged yet" in page.get_text()
    assert page.select_one(f"a[href='{url_of(cast.project, 'imports/')}']")
