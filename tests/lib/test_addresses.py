"""Which addresses may be connected."""

import json

import pytest
from django.conf import settings

from seoapp.lib.addresses import is_listed, refusal

VECTORS = settings.BASE_DIR.parent / "shared" / "hostile" / "ssrf" / "addresses.json"


def words(text: str) -> list[str]:
    return text.split()


REFUSED = words("""
0.0.0.0 0.1.2.3 10.0.0.0 10.255.255.255 100.64.0.0 100.127.255.255 127.0.0.1 127.1.2.3 169.254.0.1 169.254.169.254
172.16.0.0 172.31.255.255 192.0.0.0 192.0.0.255 192.0.2.7 192.88.99.1 192.168.0.0 192.168.255.255 198.18.0.0
198.19.255.255 198.51.100.9 203.0.113.9 224.0.0.1 239.255.255.255 240.0.0.1 255.255.255.255
168.63.129.16 161.26.0.1 161.26.255.255 166.8.0.1 166.11.255.255
:: ::1 ::127.0.0.1 ::ffff:0:127.0.0.1 64:ff9b::7f00:1 64:ff9b::808:808 64:ff9b:1::1 100::1 5f00::1 fc00::1 fdff::1
fe80::1 fec0::1 ff02::1 2001::1 2001:0:4136:e378:8000:63bf:3fff:fdd2 2001:1ff:ffff::1 2001:db8::1 2002:7f00:1::1
2002:808:808::1 3fff::1 3fff:fff:ffff::1 4000::1 1fff:ffff::1 fd00:ec2::254 fd20:ce::254
::ffff:127.0.0.1 ::ffff:10.0.0.1 ::ffff:169.254.169.254 ::ffff:168.63.129.16
2606:4700::5efe:127.0.0.1 2606:4700::200:5efe:10.0.0.1 2001:db8::5efe:8.8.8.8
2606:4700::1%eth0 fe80::1%1
""")
PUBLIC = words("""
1.0.0.0 8.8.8.8 9.255.255.255 11.0.0.0 100.63.255.255 100.128.0.0 126.255.255.255 128.0.0.0 169.253.255.255 169.255.0.0
172.15.255.255 172.32.0.0 191.255.255.255 192.0.1.0 192.0.3.0 192.167.255.255 192.169.0.0 198.17.255.255 198.20.0.0
203.0.112.255 203.0.114.0 223.255.255.255 168.63.129.15 168.63.129.17 161.25.255.255 161.27.0.0 166.7.255.255 166.12.0.0
2000::1 2001:200::1 2001:db7:ffff::1 2001:db9::1 2003::1 2606:4700:4700::1111 2a00:1450:4001:81b::200e 3ffe:ffff::1
3fff:1000::1 ::ffff:8.8.8.8 2606:4700::5efe:8.8.8.8
""")
NO_ADDRESS = [
    "",
    "localhost",
    "127.1",
    "0x7f000001",
    "2130706433",
    "0177.0.0.1",
    "1.2.3",
    "[::1]",
    "1.2.3.4:80",
    "1.2.3.4\n",
]
METADATA = words("""
168.63.129.16 161.26.7.7 166.9.0.1 169.254.169.254 169.254.170.2 100.100.100.200 192.0.0.192 fd00:ec2::254 fd00:ec2::23
fd20:ce::254 fd00:42::42 ::ffff:169.254.169.254 ::ffff:168.63.129.16
""")


@pytest.mark.parametrize("address", REFUSED)
def test_refused(address: str) -> None:
    assert refusal(address)


@pytest.mark.parametrize("address", PUBLIC)
def test_public(address: str) -> None:
    assert refusal(address) == ""


@pytest.mark.parametrize("text", NO_ADDRESS)
def test_what_is_no_address_is_refused_even_when_listed(text: str) -> None:
    assert refusal(text) == "not an address"
    assert refusal(text, [text]) == "not an address"


def test_the_operators_exceptions_are_exact() -> None:
    allowed = ("127.0.0.1", "fd12::1", "10.0.0.0/8", "intranet", "")
    assert refusal("127.0.0.1", allowed) == ""
    assert refusal("fd12:0:0::1", allowed) == ""
    assert refusal("::ffff:127.0.0.1", allowed) == "", "judged as the address inside"
    assert refusal("127.0.0.2", allowed) == "loopback"
    assert refusal("10.0.0.1", allowed) == "private"
    assert refusal("fd12::2", allowed)
    assert is_listed("127.0.0.1", allowed) and not is_listed("8.8.8.8", allowed)
    assert not is_listed("intranet", allowed) and not is_listed("", allowed)


@pytest.mark.parametrize("address", METADATA)
def test_metadata_services_stay_refused_when_listed(address: str) -> None:
    assert refusal(address, [address])
    assert not is_listed(address, [address])


@pytest.mark.skipif(not VECTORS.exists(), reason="the shared vectors are not here")
def test_the_shared_vectors() -> None:
    rows = json.loads(VECTORS.read_text())
    through = [row["address"] for row in rows if row["expect"] in ("block", "review") and not refusal(row["address"])]
    refused = [row["address"] for row in rows if row["expect"] == "allow" and refusal(row["address"])]
    assert through == [] and refused == []
    assert sum(row["expect"] == "block" for row in rows) == 186 and sum(row["expect"] == "allow" for row in rows) == 25
