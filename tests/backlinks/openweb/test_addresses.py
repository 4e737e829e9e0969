"""Countries and networks of addresses: from the packages' tables to where an address lies."""

import io
import json
import stat
import tarfile
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from backlinks import index
from backlinks.index import engine
from backlinks.openweb import address_tables, addresses
from backlinks.openweb.models import OpenImport
from projects.models import Run

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("link_index")]
Place = index.addresses.Place
# 9.9.0.0/16 is German but for its middle, with a gap behind it; 10.0.0.0/8 and documentation are nobody's.
COUNTRIES = (
    "9.9.0.0,9.9.255.255,DE\n9.9.16.0,9.9.16.255,FR\n9.11.0.0,9.11.255.255,US\n10.0.0.0,10.255.255.255,US\n"
    "11.0.0.0,11.255.255.255,US\n"
)
NETWORKS = '9.9.8.0,9.9.31.255,64500,"Example, Inc."\n9.11.128.0,9.12.0.255,64501,Other\n'
COUNTRIES_6 = (
    "2a00:1::,2a00:1:ffff:ffff:ffff:ffff:ffff:ffff,SE\n"
    "2a00:2:0:1:4000::,2a00:2:0:1:ffff:ffff:ffff:ffff,NO\n2a00:2:0:1::,2a00:2:0:1:3fff:ffff:ffff:ffff,FI\n"
    "2a00:2:0:5:0:0:0:10,2a00:2:0:7:0:0:0:10,DK\n"
)
NETWORKS_6 = "2a00:1:8000::,2a00:2:0:0:ffff:ffff:ffff:ffff,64502,Six\n"
FILES = {
    "geo-whois-asn-country-ipv4.csv": COUNTRIES,
    "asn-ipv4.csv": NETWORKS,
    "geo-whois-asn-country-ipv6.csv": COUNTRIES_6,
    "asn-ipv6.csv": NETWORKS_6,
}


def package(name: str, version: str) -> str:
    return json.dumps({"name": f"@ip-location-db/{name}", "version": version})


def folder_of(folder: Path, files: dict[str, str] = FILES, version: str = "2.3.2026061719") -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in {**files, "package.json": package("asn", version)}.items():
        (folder / name).write_text(text)
    return folder


def archive_of(path: Path, files: dict[str, str]) -> None:
    with tarfile.open(path, "w:gz") as archive:
        for name, text in files.items():
            member = tarfile.TarInfo(f"package/{name}")
            member.size = len(text.encode())
            archive.addfile(member, io.BytesIO(text.encode()))


def refresh(*arguments: object) -> dict[str, Any]:
    out = io.StringIO()
    call_command("refresh_addresses", *map(str, arguments), "--json", stdout=out, stderr=io.StringIO())
    return json.loads(out.getvalue())


def located(*ips: str) -> dict[str, tuple[str, int]]:
    return {ip: (place.country, place.asn) for ip, place in index.addresses.locate(ips).items()}


def test_both_tables_become_one(tmp_path: Path) -> None:
    answer = refresh(folder_of(tmp_path / "tables"))
    assert (answer["rows"], answer["accepted"], answer["rejected"]) == (12, 12, 0)
    assert (answer["day"], answer["tables"]) == ("2026-06-17", "ip-location-db 2.3.2026061719")
    assert "nro.net" in answer["attribution"] and "RouteViews" in answer["attribution"]
    found = index.addresses.locate(["9.9.16.7", "9.12.0.3"])
    assert found == {"9.9.16.7": Place("FR", 64500, "Example, Inc."), "9.12.0.3": Place("", 64501, "Other")}
    facts = index.addresses.current()
    assert facts and (facts.label, facts.ranges) == ("ip-location-db 2.3.2026061719", answer["ranges"])


def test_borders_and_gaps_of_ipv4(tmp_path: Path) -> None:
    refresh(folder_of(tmp_path / "tables"))
    assert located("9.8.255.255", "9.9.0.0", "9.9.7.255", "9.9.8.0", "9.9.15.255", "9.9.16.0") == {
        "9.9.0.0": ("DE", 0),
        "9.9.7.255": ("DE", 0),
        "9.9.8.0": ("DE", 64500),
        "9.9.15.255": ("DE", 64500),
        "9.9.16.0": ("FR", 64500),
    }
    assert located("9.9.16.255", "9.9.17.0", "9.9.31.255", "9.9.32.0", "9.9.255.255", "9.10.0.0") == {
        "9.9.16.255": ("FR", 64500),
        "9.9.17.0": ("DE", 64500),  # the wider range goes on behind the finer one
        "9.9.31.255": ("DE", 64500),
        "9.9.32.0": ("DE", 0),
        "9.9.255.255": ("DE", 0),
    }
    assert located("9.11.127.255", "9.11.128.0", "9.12.0.255", "9.12.1.0", "11.255.255.255", "12.0.0.0") == {
        "9.11.127.255": ("US", 0),
        "9.11.128.0": ("US", 64501),
        "9.12.0.255": ("", 64501),
        "11.255.255.255": ("US", 0),
    }


def test_borders_of_ipv6_are_those_of_a_64(tmp_path: Path) -> None:
    refresh(folder_of(tmp_path / "tables"))
    assert located("2a00:1::1", "2a00:1:7fff:ffff::1", "2a00:1:8000::1", "2a00:2::1", "2a00:2:0:2::1") == {
        "2a00:1::1": ("SE", 0),
        "2a00:1:7fff:ffff::1": ("SE", 0),
        "2a00:1:8000::1": ("SE", 64502),
        "2a00:2::1": ("", 64502),
    }
    shared = located("2a00:2:0:1::1", "2a00:2:0:1:ffff::1", "2a00:2:0:5::1", "2a00:2:0:6::", "2a00:2:0:7::1")
    assert {place for place, _ in list(shared.values())[:2]} == {"NO"}  # it has three quarters of that /64
    assert [shared[ip][0] for ip in ("2a00:2:0:5::1", "2a00:2:0:6::", "2a00:2:0:7::1")] == ["DK"] * 3


def test_private_and_translated_addresses_lie_nowhere(tmp_path: Path) -> None:
    refresh(folder_of(tmp_path / "tables"))
    assert located("10.1.2.3", "64:ff9b::909:1001", "::1", "2002:909:1001::1", "fe80::1%eth0", "", "no address") == {}
    assert not engine.read("SELECT first FROM ip_ranges WHERE family = 4 AND first >= 167772160 AND last < 184549376")


def test_tables_of_numbers_say_the_same(tmp_path: Path) -> None:
    def numbers(text: str, family: int) -> str:
        rows = [line.split(",", 2) for line in text.splitlines()]
        return "".join(
            f"{address_tables.address_number(first, family)},{address_tables.address_number(last, family)},{rest}\n"
            for first, last, rest in rows
        )

    files = {
        name.replace(".csv", "-num.csv"): numbers(text, 6 if "ipv6" in name else 4) for name, text in FILES.items()
    }
    refresh(folder_of(tmp_path / "spelled"))
    spelled = engine.read("SELECT * EXCEPT (batch) FROM ip_ranges ORDER BY family, first")
    refresh(folder_of(tmp_path / "numbers", files, "2.3.2026071719"))
    assert engine.read("SELECT * EXCEPT (batch) FROM ip_ranges ORDER BY family, first") == spelled


def test_packages_are_read_as_npm_gives_them(tmp_path: Path) -> None:
    country = {name: text for name, text in FILES.items() if "country" in name}
    archive_of(tmp_path / "a.tgz", {**country, "package.json": package("geo-whois-asn-country", "2.3.2026061719")})
    archive_of(tmp_path / "b.tgz", {name: text for name, text in FILES.items() if name not in country})
    answer = refresh(tmp_path)
    assert answer["accepted"] == 12 and answer["day"] == "2026-06-17" and answer["notes"] == []
    assert located("9.9.16.1") == {"9.9.16.1": ("FR", 64500)}
    again = refresh(tmp_path)
    assert again["notes"] == ["These tables were read before: nothing changes."]
    assert OpenImport.objects.count() == 1


def test_newer_tables_replace_older_ones(tmp_path: Path) -> None:
    refresh(folder_of(tmp_path / "old"))
    newer = FILES | {"geo-whois-asn-country-ipv4.csv": "9.9.0.0,9.9.255.255,AT\n"}
    refresh(folder_of(tmp_path / "new", newer, "2.3.2026071719"))
    assert located("9.9.16.1", "11.0.0.1") == {"9.9.16.1": ("AT", 64500)}
    assert engine.read("SELECT uniqExact(batch) AS n FROM ip_ranges")[0]["n"] == 1
    states = OpenImport.objects.order_by("pk").values_list("state", "identity")
    assert states[0] == ("removed", None) and states[1][0] == "done"


def test_what_is_missing_is_said(tmp_path: Path) -> None:
    answer = refresh(folder_of(tmp_path / "tables", {"geo-whois-asn-country-ipv4.csv": COUNTRIES}))
    assert len(answer["notes"]) == 3 and "There is no table of networks for IPv6." in answer["notes"]
    assert located("9.9.16.1") == {"9.9.16.1": ("FR", 0)}


def test_bad_rows_are_refused_and_listed(tmp_path: Path) -> None:
    bad = (
        "9.9.0.0,9.9.255.255,DE\n9.9.1.0,9.9.0.0,DE\nx,9.9.0.0,DE\n9.9.0.0,9.9.0.1,Germany\n9.9.0.0,2a00::,DE\n"
        "9.9.0.0\n"
    )
    answer = refresh(folder_of(tmp_path / "tables", FILES | {"geo-whois-asn-country-ipv4.csv": bad}))
    assert (answer["rows"], answer["rejected"]) == (13, 5)
    reasons = {one["row"]: one["reason"] for one in answer["problems"]}
    assert reasons[2] == reasons[3] == reasons[5] == "no range of addresses"
    assert reasons[4] == "no country of two letters" and "cells" in reasons[6]
    assert {one["file"] for one in answer["problems"]} == {"geo-whois-asn-country-ipv4.csv"}


def test_a_wrong_folder_and_a_broken_archive_are_sentences(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="no table of countries"):
        refresh(folder_of(tmp_path / "empty", {}))
    with pytest.raises(CommandError, match="There is no folder"):
        refresh(tmp_path / "none")
    archive_of(tmp_path / "whole.tgz", FILES)
    broken = tmp_path / "broken"
    broken.mkdir()
    (broken / "asn.tgz").write_bytes((tmp_path / "whole.tgz").read_bytes()[:300])
    with pytest.raises(CommandError, match=r"asn\.tgz is damaged or cut off"):
        refresh(broken)
    assert index.addresses.current() is None


def test_the_newest_tables_are_fetched_by_npm(tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.SEOAPP_DATA = tmp_path / "data"
    archive_of(tmp_path / "tables.tgz", FILES)
    npm = tmp_path / "bin" / "npm"
    npm.parent.mkdir()
    npm.write_text(f'#!/bin/sh\n[ "$1 $4" = "pack --pack-destination" ] && cp {tmp_path}/tables.tgz "$5"\n')
    npm.chmod(npm.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", f"{npm.parent}:/usr/bin:/bin")
    assert refresh()["accepted"] == 12
    npm.write_text("#!/bin/sh\necho 'npm error network is off' >&2; exit 1\n")
    with pytest.raises(CommandError, match=r"npm error network is off.*refresh_addresses FOLDER"):
        refresh()
    assert located("9.9.16.1") == {"9.9.16.1": ("FR", 64500)}
    monkeypatch.setenv("PATH", str(tmp_path))
    settings.BASE_DIR = tmp_path
    with pytest.raises(CommandError, match="no npm on this machine"):
        refresh()


def test_an_index_that_is_away_leaves_nothing_half_done(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = addresses.receive(folder_of(tmp_path / "tables"))
    monkeypatch.setattr(addresses, "SENT_ROWS", 3)
    sent: list[int] = []
    add = index.addresses.add

    def stumble(*arguments: Any, block: int) -> None:
        if block == 2 and len(sent) < 3:
            sent.append(block)
            raise index.IndexUnavailable("The link index does not answer.")
        sent.append(block)
        add(*arguments, block=block)

    monkeypatch.setattr(index.addresses, "add", stumble)
    addresses.runs.execute(made.run_id)
    made.run.refresh_from_db()
    assert made.run.state == Run.State.QUEUED and index.addresses.current() is None
    Run.objects.filter(pk=made.run_id).update(lease_until=None)
    addresses.runs.execute(made.run_id)
    made.refresh_from_db()
    assert made.state == OpenImport.State.DONE
    facts = index.addresses.current()
    assert facts and facts.ranges == made.options["ranges"]
    addresses.remove(made)
    assert index.addresses.current() is None and located("9.9.16.1") == {}
