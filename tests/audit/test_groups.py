"""What an audit found by anchor and by target page, against plain counts; and the lists that their rows lead to."""

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from django.test import Client

from audit.models import Audit
from audit.views.asked import run_of
from backlinks import index
from backlinks.index import engine, folding
from seoapp.lib.listquery import ListQuery
from tests.audit.audited import FARM, HOME, audited, links
from tests.backlinks.pages import csv_of, rows_of, soup_of, url_of
from tests.conftest import Cast, Hold

GROUPS = index.auditgroups
TOLD = ("ANC01", "ANC03", "NET02")
BANDS = {"toxic": "toxic", "potentially": "potentially", "none": "harmless", "unassessed": "unassessed"}


@pytest.fixture
def audit(cast: Cast, held_index: Hold) -> Audit:
    return audited(cast, held_index)


def query(params: Mapping[str, str] | None = None) -> ListQuery:
    return ListQuery.parse(GROUPS.anchor_fields(TOLD), params or {}, sort=GROUPS.SORT)


def domains_of(audit: Audit) -> dict[str, dict[str, Any]]:
    run = run_of(audit)
    fields = index.auditlists.fields(())
    rows = index.auditlists.every_domain(run, ListQuery.parse(fields, {}, sort=index.auditlists.SORT))
    return {row["source_domain"]: row for row in rows}


def test_anchors_count_domains_by_band(audit: Audit) -> None:
    run, judged = run_of(audit), domains_of(audit)
    risks: dict[str, list[int]] = defaultdict(list)
    linking: dict[str, list[str]] = defaultdict(list)
    for domain in judged:
        for link in index.auditlists.links_of(run, domain):
            words = folding.fold(link["anchor"])
            risks[words].append(link["risk"])
            linking[words].append(domain)
    rows = {row["key"]: row for row in GROUPS.every_anchor(run, query(), TOLD)}
    assert set(rows) == {"cheap shoes", "client", "old", "quiet"} == set(linking)
    for words, row in rows.items():
        bands = Counter(BANDS[judged[domain]["band"]] for domain in set(linking[words]))
        assert {name: row[name] for name in BANDS.values()} == {name: bands[name] for name in BANDS.values()}
        assert (row["domains"], row["links"]) == (len(set(linking[words])), len(linking[words]))
        assert (row["risk"], row["mean_risk"]) == (max(risks[words]), round(sum(risks[words]) / len(risks[words])))
    farm = rows["cheap shoes"]
    assert (farm["toxic"], farm["anchor_class"], farm["markers"]) == (6, "exact", ["ANC01", "ANC03", "NET02"])
    assert rows["quiet"]["risk"] < 45 <= judged["farm0.example"]["risk"], "a link's risk, beside its domain's band"
    assert rows["quiet"]["toxic"] == 1
    assert farm["first_seen"] == datetime.fromtimestamp(min(one["first_seen"] for one in links()), UTC).replace(
        hour=0, minute=0, second=0, tzinfo=None
    )


def test_anchors_are_filtered_and_sorted(audit: Audit) -> None:
    run = run_of(audit)
    assert [row["key"] for row in GROUPS.anchor_rows(run, query({"anchor_class": "exact"}), TOLD).rows] == [
        "cheap shoes"
    ]
    assert [row["key"] for row in GROUPS.anchor_rows(run, query({"markers": "NET02"}), TOLD).rows] == ["cheap shoes"]
    by_name = [row["key"] for row in GROUPS.anchor_rows(run, query({"sort": "anchor"}), TOLD).rows]
    assert by_name == sorted(by_name)


def test_pages_of_the_target(cast: Cast, audit: Audit) -> None:
    run = run_of(audit)
    site = index.LinkQuery.parse(workspace=cast.workspace.pk, target=cast.project.target, report="pages", params={})
    (home,) = GROUPS.page_rows(run, site, ListQuery.parse(GROUPS.PAGE_FIELDS, {}, sort=GROUPS.SORT)).rows
    plain = links()
    names = {one["source"].split("/")[2] for one in plain}
    follow = sum(not one["nofollow"] for one in plain) / len(plain)
    assert (home["target_url"], home["key"], home["domains"]) == (HOME, "client.example/", len(names))
    assert home["links"] == len(plain) and home["follow"] == pytest.approx(follow)
    assert home["toxic"] == len(FARM)
    classes = Counter({"exact": len(FARM), "brand": 4, "other": 2})
    assert [tuple(one) for one in home["anchors"]] == classes.most_common()
    assert (home["answer"], home["status"]) == ("unknown", -1)
    assert GROUPS.has_pages(run)


def test_old_audits_have_anchors_and_ask_to_be_run_again_for_pages(
    cast: Cast, audit: Audit, browse: type[Client]
) -> None:
    number = 99
    engine.write(
        """INSERT INTO audit_links (target_domain, workspace, run, source_domain, link_id, target_url, anchor)
        VALUES ('client.example', {ws:UInt32}, {run:UInt64}, 'a.example', 1, 'https://client.example/', 'Été: 1!')""",
        {"ws": cast.workspace.pk, "run": number},
    )
    old = replace(run_of(audit), run=number)
    try:
        assert not GROUPS.has_pages(old)
        assert [row["key"] for row in GROUPS.every_anchor(old, query(), TOLD)] == ["ete 1"]
        Audit.objects.filter(pk=audit.pk).update(number=number)
        text = browse(cast.viewer).get(url_of(cast.project, "audit/pages/")).content.decode()
        assert "Run the audit again" in text and "list-target-pages" not in text
    finally:
        index.audits.forget("client.example", cast.workspace.pk, [number])


def test_words_are_folded_as_anchors_are(index_process: None) -> None:
    (made,) = engine.read(
        "SELECT default_expression AS made FROM system.columns WHERE table = 'audit_links' AND name = 'words'"
    )
    texts = ["Straße  №1", "ÇA-VA?", "ガイド", "Øresund", "", "★"]
    given = f"SELECT arrayMap(anchor -> {made['made']}, {{texts:Array(String)}}) AS words"
    assert engine.read(given, {"texts": texts})[0]["words"] == [folding.fold(one) for one in texts]


def test_rows_lead_to_their_domains(cast: Cast, audit: Audit, browse: type[Client]) -> None:
    client = browse(cast.client)
    page = soup_of(client.get(url_of(cast.project, "audit/anchors/risk/")))
    row = next(one for one in rows_of(page) if "cheap shoes" in one.get_text())
    assert "Money anchor repeated" in row.get_text()
    evidence = next(one for one in row.select("td.num a") if "band=toxic" in one["href"])
    there = soup_of(client.get(evidence["href"]))
    shown = [one.select_one("td.text a").get_text(strip=True) for one in rows_of(there)]
    assert sorted(shown) == list(FARM) and evidence.get_text(strip=True) == "6"
    chip = next(one for one in there.select(".chip") if "cheap shoes" in one.get_text())
    assert "anchor=" not in chip["href"]
    assert all("anchor=cheap" in one["href"] for one in there.select("nav.switch a"))
    pages = soup_of(client.get(url_of(cast.project, "audit/pages/")))
    linked = pages.select_one(".list-table tbody a")["href"]
    assert len(rows_of(soup_of(client.get(linked)))) == audit.domains
    assert not rows_of(soup_of(client.get(url_of(cast.project, "audit/domains/?linked=client.example/nothing"))))


def test_a_narrowed_list_is_reviewed_and_decided(cast: Cast, audit: Audit, browse: type[Client]) -> None:
    client, here = browse(cast.editor), url_of(cast.project, "audit/domains/?anchor=client")
    page = soup_of(client.get(here))
    walk = page.select_one("a[href*='audit/review/']")["href"]
    assert "1 of 4" in soup_of(client.get(walk, follow=True)).get_text()
    client.post(url_of(cast.project, "audit/decide/"), {"action": "keep", "all": "yes", "query": "", "back": here})
    kept = cast.project.decisions.values_list("domain", flat=True)
    assert sorted(kept) == ["blog.example", "forum.example", "news.example", "shop.example"]


def test_both_lists_are_exported(cast: Cast, audit: Audit, browse: type[Client]) -> None:
    client = browse(cast.client)
    heads, *rows = csv_of(client.get(url_of(cast.project, "audit/anchors/risk/?export=csv")))
    told = {row[0]: dict(zip(heads, row, strict=True)) for row in rows}
    assert (
        told["cheap shoes"]["Evidence"] == "6"
        and "ANC03 Money anchor repeated" in told["cheap shoes"]["What was found"]
    )
    heads, row = csv_of(client.get(url_of(cast.project, "audit/pages/?export=csv")))
    assert dict(zip(heads, row, strict=True))["Domains"] == str(audit.domains)
