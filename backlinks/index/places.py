"""Where an address lies, as SQL: its number, its bucket, and the range around it.

Decided: only ranges of the buckets that the asked addresses lie in are joined, because a join builds its table anew
each time, and there are a million ranges. Refused: a dictionary of the index, which needs rights that it does not have
and another definition on a cluster.
"""

SOURCE = "addresses"
SHIFTS = {4: 16, 6: 40}  # bits of an address (of IPv6: of its upper half) within a bucket
LATEST = """(SELECT argMax(batch, since) FROM (
        SELECT batch, max(version) AS since FROM batches WHERE workspace = 0 AND source = 'addresses' GROUP BY batch
        HAVING argMax(state, version) = 'complete'))"""
FAMILY = "multiIf(isIPv4String(ip), 4, isIPv6String(ip), 6, 0)"
NUMBER = """multiIf(isIPv4String(ip), toUInt64(IPv4StringToNumOrDefault(ip)),
        isIPv6String(ip), reinterpretAsUInt64(reverse(substring(IPv6StringToNumOrDefault(ip), 1, 8))), 0)"""
BUCKET = f"toUInt32(bitShiftRight(at, if(family = 4, {SHIFTS[4]}, {SHIFTS[6]})))"


def placed(addresses: str, *, batch: str) -> str:
    """SQL: ip, country, asn and network of the addresses that `addresses` (SQL that gives `ip`) names.

    An address in no range is left out. `batch` is SQL that gives the batch of the ranges. The join holds the addresses,
    which are fewer than the ranges of their buckets.
    """
    numbered = f"""SELECT ip, family, {BUCKET} AS bucket, at FROM (
            SELECT ip, toUInt8({FAMILY}) AS family, {NUMBER} AS at FROM (SELECT DISTINCT ip FROM ({addresses}))
        ) WHERE family > 0"""
    return f"""SELECT asked.ip AS ip, ranges.country AS country, ranges.asn AS asn, ranges.network AS network
    FROM (
        SELECT family, bucket, first, last, country, asn, network FROM ip_ranges
        WHERE workspace = 0 AND batch = {batch} AND (family, bucket) IN (SELECT family, bucket FROM ({numbered}))
    ) AS ranges INNER JOIN ({numbered}) AS asked ON ranges.family = asked.family AND ranges.bucket = asked.bucket
    WHERE asked.at >= ranges.first AND asked.at <= ranges.last"""
