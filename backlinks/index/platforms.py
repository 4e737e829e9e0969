"""What the site of a link is made with, as SQL: by our own visits, else as Ahrefs says.

Decided: a link has the platform that most pages of its host show that our crawler read, whichever of them links; the
newest reading that shows one speaks for its page. Where there is none, Ahrefs' word stands, and `platform_by` says
whose word it is. Refused: the platform of another host of the domain, because a shop, a
blog and a forum of one company run on different software.
"""

SAYS = ("crawl", "ahrefs")
# COUNTED: the condition that a batch counts. ROWS are those it is joined to.
_READ = """SELECT host, page_key, argMax(platform, (fetched_at, row)) AS named FROM crawled_pages
    WHERE workspace IN {seen:Array(UInt32)} AND target_domain IN (SELECT source_domain FROM (ROWS))
        AND http_status BETWEEN 200 AND 299 AND code = '' AND platform != '' AND COUNTED
    GROUP BY host, page_key"""


def _bare(host: str) -> str:
    return f"if(startsWith({host}, 'www.'), substring({host}, 5), {host})"


OF_HOSTS = f"""SELECT bare AS made_host, argMax(named, (n, named)) AS made_with FROM (
    SELECT {_bare("host")} AS bare, named, count() AS n FROM ({_READ}) GROUP BY bare, named) GROUP BY bare"""
SAME_HOST = f"made.made_host = {_bare('source_host')}"
_WORD = "labels['ahrefs_platform']"
COLUMNS = {
    "platform": f"""multiIf(made.made_with != '', toString(made.made_with),
        has(splitByString(', ', lower({_WORD})), 'wordpress'), 'WordPress', {_WORD})""",
    "platform_by": f"multiIf(made.made_with != '', 'crawl', {_WORD} != '', 'ahrefs', '')",
}
