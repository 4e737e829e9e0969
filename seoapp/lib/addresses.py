"""Which addresses the product may connect to: the policy of the one door out.

Decided: an address is judged, never a name or a URL. IPv4 is refused range by range after IANA's special-purpose
registry; IPv6 is refused unless it lies in 2000::/3, because what is special outside it keeps growing. An IPv4 address
that travels inside an IPv6 one is judged as itself. Addresses of cloud metadata services stay refused even when the
operator lists them: whoever reaches them holds the machine's credentials. Refused: `ipaddress.is_global` and
`is_private`, which let a third of known hostile addresses through and change with the Python release; translated
addresses (NAT64, 6to4, Teredo), because where they end is decided elsewhere.
"""

from collections.abc import Collection
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network

REFUSED_IPV4 = {
    "0.0.0.0/8": "this network",
    "10.0.0.0/8": "private",
    "100.64.0.0/10": "shared by a carrier",
    "127.0.0.0/8": "loopback",
    "169.254.0.0/16": "link-local",
    "172.16.0.0/12": "private",
    "192.0.0.0/24": "protocol assignments",
    "192.0.2.0/24": "documentation",
    "192.88.99.0/24": "6to4 relay",
    "192.168.0.0/16": "private",
    "198.18.0.0/15": "benchmarks",
    "198.51.100.0/24": "documentation",
    "203.0.113.0/24": "documentation",
    "224.0.0.0/3": "multicast, reserved or broadcast",
}
REFUSED_IPV6 = {
    "2001::/23": "Teredo or another protocol assignment",
    "2001:db8::/32": "documentation",
    "2002::/16": "6to4",
    "3fff::/20": "documentation",
}
GLOBAL_IPV6 = IPv6Network("2000::/3")
# Never connected, listed or not. Azure's and IBM's are numbered like public ones: no general rule finds them.
METADATA = {
    "168.63.129.16/32": "Azure host agent",
    "161.26.0.0/16": "IBM Cloud private endpoints",
    "166.8.0.0/14": "IBM Cloud private endpoints",
    "169.254.0.0/16": "link-local, where clouds keep their metadata",
    "100.100.100.200/32": "Alibaba Cloud metadata",
    "192.0.0.192/32": "Oracle Cloud metadata",
    "fd00:ec2::/64": "Amazon metadata",
    "fd20:ce::254/128": "Google Cloud metadata",
    "fd00:42::42/128": "Scaleway metadata",
}
ISATAP = (0x00005EFE, 0x02005EFE)

Address = IPv4Address | IPv6Address
Range = tuple[int, int, str]


def _ranges(table: dict[str, str], version: int) -> tuple[Range, ...]:
    networks = [(ip_network(text), reason) for text, reason in table.items()]
    return tuple(
        (int(network[0]), int(network[-1]), reason) for network, reason in networks if network.version == version
    )


RANGES = {4: _ranges(REFUSED_IPV4, 4), 6: _ranges(REFUSED_IPV6, 6)}
METADATA_RANGES = {4: _ranges(METADATA, 4), 6: _ranges(METADATA, 6)}
FIRST_GLOBAL, LAST_GLOBAL = int(GLOBAL_IPV6[0]), int(GLOBAL_IPV6[-1])


def refusal(address: str, allowed: Collection[str] = ()) -> str:
    """Why this address may not be connected, in a few words; "" where it may. `allowed` lists exact exceptions."""
    return _refusal(address, frozenset(allowed))


@lru_cache(maxsize=20_000)
def _refusal(address: str, allowed: frozenset[str]) -> str:
    found = _read(address)
    if found is None:
        return "not an address"
    metadata = _within(found, METADATA_RANGES[found.version])
    if metadata:
        return metadata
    if found in _read_all(allowed):
        return ""
    if found.version == 6 and not FIRST_GLOBAL <= int(found) <= LAST_GLOBAL:
        return "not a public IPv6 address"
    return _within(found, RANGES[found.version])


def is_listed(address: str, allowed: Collection[str]) -> bool:
    """Is this address one of the operator's exceptions, and may it be one?"""
    return bool(allowed) and _read(address) in _read_all(frozenset(allowed)) and not refusal(address, allowed)


@lru_cache(maxsize=20_000)
def is_address(text: str) -> bool:
    return _read(text) is not None


def _read(text: str) -> Address | None:
    """The address that decides; None for what is none, or has a scope id."""
    try:
        found = ip_address(text)
    except ValueError:
        return None
    if isinstance(found, IPv4Address):
        return found
    if found.scope_id:
        return None
    return _carried(found) or found


def _carried(found: IPv6Address) -> IPv4Address | None:
    """The IPv4 address inside an IPv4-mapped one, or behind an ISATAP interface identifier on a global prefix."""
    if found.ipv4_mapped:
        return found.ipv4_mapped
    identifier = int(found) >> 32 & 0xFFFFFFFF
    if identifier in ISATAP and FIRST_GLOBAL <= int(found) <= LAST_GLOBAL and not _within(found, RANGES[6]):
        return IPv4Address(int(found) & 0xFFFFFFFF)
    return None


def _within(found: Address, ranges: tuple[Range, ...]) -> str:
    number = int(found)
    return next((reason for low, high, reason in ranges if low <= number <= high), "")


@lru_cache(maxsize=100)
def _read_all(allowed: frozenset[str]) -> frozenset[Address | None]:
    return frozenset(map(_read, allowed)) - {None}
