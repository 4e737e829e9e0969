"""A read that runs out of its time: each page says so in a sentence, and nothing that was asked for is half done."""

import pytest
from django.contrib.messages import get_messages

from backlinks.index import engine
from backlinks.models import Mark
from backlinks.workbench.models import TargetList
from tests.backlinks.pages import rows_of, soup_of, url_of


@pytest.fixture
def out_of_time(monkeypatch):
    def slow(*_told, **_options):
        raise engine.TooLong("The index did not answer in time")

    return lambda: monkeypatch.setattr(engine, "read", slow)


@pytest.mark.parametrize(
    "page", ["competitors/", "compare/?with=rival.example", "network/", "outbound/", "topics/", ""]
)
def test_a_report_is_a_sentence(profile, browse, out_of_time, page):
    client = browse(profile.viewer)
    out_of_time()
    answer = client.get(url_of(profile.project, page))
    assert answer.status_code == 503
    assert "read a host or folder of the target" in soup_of(answer).select_one(".empty-state p").get_text()


def test_a_benchmark_and_a_list_of_targets_are_too(profile, browse, out_of_time):
    client = browse(profile.editor)
    saved = client.post(url_of(profile.project, "benchmarks/save/"), {"name": "Before"})["Location"]
    client.post(url_of(profile.project, "bulk/save/"), {"name": "Mine", "targets": "client.example"})
    out_of_time()
    for url in (saved, url_of(profile.project, f"bulk/{TargetList.objects.get().pk}/")):
        answer = client.get(url)
        assert answer.status_code == 503, url
        assert "Nothing is lost" in answer.content.decode()


def test_nothing_is_done_with_rows_that_could_not_be_asked_for(profile, browse, out_of_time):
    client, url = browse(profile.editor), url_of(profile.project, "backlinks/")
    row = rows_of(soup_of(client.get(url)))[0].select_one("td.pick input")["value"]
    out_of_time()
    told = {"report": "links", "action": "tag", "row": [row], "query": "", "back": url, "tag.tag": "x"}
    answer = client.post(url_of(profile.project, "rows/"), told)
    assert (answer.status_code, answer["Location"]) == (302, url)
    assert str(*get_messages(answer.wsgi_request)).startswith("Nothing was done.")
    assert not Mark.objects.exists()


def test_values_larger_than_a_statement_may_have_are_a_sentence(profile, browse, monkeypatch):
    bound = {f"p{number}": "\U0001f600" * 25_000 for number in range(340)}  # 34 MB of characters that are 4 bytes long
    statement = f"SELECT {' + '.join(f'length({{{name}:String}})' for name in bound)} AS n"
    with pytest.raises(engine.TooMuch):
        list(engine.stream(statement, bound))
    monkeypatch.setattr("backlinks.index.reports._rows", lambda *_told: engine.read(statement, bound))
    answer = browse(profile.viewer).get(url_of(profile.project, "backlinks/"))
    assert answer.status_code == 200
    assert "larger than the index takes" in soup_of(answer).main.get_text()
