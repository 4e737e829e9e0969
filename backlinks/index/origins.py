"""Where links come from: referring domains and links by country, top-level domain and language, as SQL.

Decided: a domain counts once for each country that its addresses lie in and each language that its pages have, so the
shares of domains may add up to more than the whole; a link counts for the one value that it has. The share of follow
counts domains of which a rel is known, the middle authority those that have a score.
"""

from .anchorwords import LANGUAGE

_OF_DOMAINS = """countIf(follow > 0) AS following, countIf(follow + nofollow > 0) AS told,
    if(countIf(authority >= 0) = 0, -1, quantileExactIf(0.5)(authority, authority >= 0)) AS middle"""
_EDGES = f"""count() AS n, toUInt64(0) AS links, toUInt64(0) AS live, toUInt64(0) AS lost, toUInt64(0) AS unknown,
    {_OF_DOMAINS}"""
_LINKS = """toUInt64(0) AS n, count() AS links, countIf(state = 'live') AS live, countIf(state = 'lost') AS lost,
    countIf(state = 'unknown') AS unknown, toUInt64(0) AS following, toUInt64(0) AS told, toFloat64(-1) AS middle"""
_SUMS = """sum(n) AS domains, sum(links) AS links, sum(live) AS live, sum(lost) AS lost, sum(unknown) AS unknown"""
_SHARES = """if(sum(told) = 0, -1, sum(following) / sum(told)) AS follow_share, max(middle) AS authority"""
# {edges}: all referring domains; {scored}: the same with their authority.
_OF_ALL = "/ (SELECT greatest(count(), 1) FROM ({edges})) AS share"
COUNTRIES = f"""SELECT country, {_SUMS}, {_SHARES}, sum(n) {_OF_ALL} FROM (
        SELECT place AS country, {_EDGES} FROM ({{scored}})
            ARRAY JOIN if(empty(countries), [''], countries) AS place GROUP BY place
        UNION ALL SELECT country, {_LINKS} FROM links WHERE {{where}} GROUP BY country
    ) GROUP BY country"""
TLDS = f"""SELECT tld, count() AS domains, sum(links) AS links, sum(live) AS live, sum(lost) AS lost,
    sum(unknown) AS unknown, if(told = 0, -1, following / told) AS follow_share, middle AS authority,
    count() {_OF_ALL}, {_OF_DOMAINS} FROM ({{scored}}) GROUP BY tld"""
# {spoken}: `BY_LANGUAGE` with authority.
BY_LANGUAGE = f"""SELECT spoken, source_domain, count() AS links, countIf(state = 'live') AS live,
        countIf(state = 'lost') AS lost, countIf(state = 'unknown') AS unknown, countIf(nofollow = 0) AS follow,
        countIf(nofollow = 1) AS nofollow
    FROM (SELECT *, {LANGUAGE} AS spoken FROM links WHERE {{where}}) GROUP BY spoken, source_domain"""
LANGUAGES = f"""SELECT spoken AS language, count() AS domains, sum(links) AS links, sum(live) AS live,
    sum(lost) AS lost, sum(unknown) AS unknown, if(told = 0, -1, following / told) AS follow_share,
    middle AS authority,
    count() / (SELECT greatest(uniqExact(cityHash64(source_domain)), 1) FROM links WHERE {{where}}) AS share,
    {_OF_DOMAINS} FROM ({{spoken}}) GROUP BY spoken"""
