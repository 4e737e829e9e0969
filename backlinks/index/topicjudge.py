"""What the referring domains of a target are about: the statement that writes topics.

    n(word)         = 3 · titles + 2 · anchors + texts around links + 1 if it stands in the domain's own name
    evidence(topic) = sum over its words of weight(word) · ln(1 + n(word))
    weight(topic)   = evidence(topic) / evidence of all topics that are kept

Decided: a different text counts once, however many pages repeat it, and a page counts once for each word and field,
however many links it has; so neither a footer on every page nor one page full of links outvotes the rest. The logarithm
does the same for a single word: many words say more than one word often. What speaks for a first level in general is
added to its strongest topic. At most three topics are kept, none under a quarter of the strongest; a domain whose
strongest has less evidence than one clear word beside one link has no topic, and no row. Titles are those of the pages
that link and of the pages that our crawler has read. Ties go to the topic that stands first in the alphabet.
Refused: topics by single links, because ten words are no evidence; a topic called "other", because it says nothing.
"""

from .derive import COMPLETE, DOMAIN_SLICE, OF_GENERATION
from .topicwords import MEANINGS, named, number_of, numbers_of, with_phrases

TITLE, ANCHOR, AROUND, NAME = 1, 2, 3, 4  # fields of a text
COUNTS = {TITLE: 3, ANCHOR: 2, AROUND: 1, NAME: 1}  # what one text of each field counts
MOST_TOPICS = 3
LOOKED_AT = 8  # of a domain's strongest topics, before first levels are added
LEAST_SHARE = 0.25  # of the strongest topic's evidence
LEAST_EVIDENCE = 0.69  # a clear word in one text beside a link: ln 2
MOST_WORDS = 5  # that are remembered of a topic
CRAWLED_PAGES = 500  # of a site, whose titles are read
LEAST_PART = 5  # letters of a word inside a name that is written as one

_LINKS = f"FROM links WHERE {OF_GENERATION} AND {DOMAIN_SLICE}"
_EDGES = f"FROM edges WHERE {OF_GENERATION} AND {DOMAIN_SLICE}"
# A referring domain of one target, as a number.
_WHO = "cityHash64(target_domain, source_domain)"
# The labels of a name but the last, then the beginnings and ends of those that are no word themselves.
_LABELS = "arrayPopBack(splitByNonAlpha(source_domain))"
_PARTS = f"""arrayFlatten(arrayMap(one -> arrayConcat(
            arrayMap(i -> substring(one, 1, i), range({LEAST_PART}, length(one))),
            arrayMap(i -> substring(one, -i), range({LEAST_PART}, length(one)))),
        arrayFilter(one -> length(one) BETWEEN {LEAST_PART + 1} AND 40 AND {number_of("one")} = 0, {_LABELS})))"""
NAME_NUMBERS = f"arrayMap(word -> {number_of('word')}, arrayConcat({_LABELS}, [''], {_PARTS}))"


def with_hits(who: str, field: int, text: str, page: str, numbers: str, rows: str) -> str:
    """One row a text: whom it is about, its field, what it and its page are told apart by, and the words in it."""
    return f"""SELECT {who} AS who, toUInt8({field}) AS field, text, page, {with_phrases("numbers")} AS hits FROM (
        SELECT *, {text} AS text, {page} AS page, {numbers} AS numbers FROM ({rows}))"""


def _of_links(field: int, text: str) -> str:
    rows = f"SELECT {_WHO} AS domain, {text} AS said, cityHash64(source_url) AS address {_LINKS}"
    return with_hits("domain", field, "cityHash64(said)", "address", numbers_of("said"), rows)


def _of_names() -> str:
    rows = f"SELECT {_WHO} AS domain, source_domain {_EDGES}"
    return with_hits("domain", NAME, "toUInt64(0)", "toUInt64(0)", NAME_NUMBERS, rows)


def _of_crawls() -> str:
    """Titles of the referring domains' own pages, of each site the first ones."""
    rows = f"""SELECT target_domain AS site, page_key, any(title) AS said FROM crawled_pages
        WHERE workspace IN {{scope:Array(UInt32)}} AND target_domain IN (SELECT source_domain {_EDGES})
            AND title != '' AND code = '' AND {COMPLETE}
        GROUP BY site, page_key ORDER BY site, page_key LIMIT {CRAWLED_PAGES} BY site"""
    titles = with_hits("site", TITLE, "cityHash64(said)", "cityHash64(page_key)", numbers_of("said"), rows)
    return f"""SELECT known.domain AS who, field, text, page, hits
        FROM (SELECT {_WHO} AS domain, source_domain {_EDGES}) AS known
        INNER JOIN ({titles}) AS titles ON titles.who = known.source_domain"""


def topics_sql(*, with_crawls: bool) -> str:
    """The statement that writes the topics of a generation, out of its links and edges."""
    texts = [
        _of_links(TITLE, "title"),
        _of_links(ANCHOR, "if(anchor = '', alt, anchor)"),
        _of_links(AROUND, "concat(context_left, ' ', context_right)"),
        _of_names(),
        *([_of_crawls()] if with_crawls else []),
    ]
    words = f"arrayMap(word -> {named('word', 'word_names')}, words)"
    return f"""INSERT INTO topics
        (target_domain, workspace, run, source_domain, topic, weight, evidence, links, words)
    SELECT target_domain, {{workspace:UInt32}}, {{run:UInt64}}, source_domain,
        {named("topic", "topic_names")}, weight, evidence, links, {words}
    FROM ({judged_sql(" UNION ALL ".join(texts))}) AS judged
    INNER JOIN (SELECT {_WHO} AS who, target_domain, source_domain, links {_EDGES}) AS known USING (who)"""


CRAWLED_SQL = f"""SELECT 1 FROM crawled_pages WHERE workspace IN {{scope:Array(UInt32)}} AND title != ''
    AND target_domain IN (SELECT source_domain FROM edges WHERE {OF_GENERATION}) LIMIT 1"""


def judged_sql(texts: str) -> str:
    """Topics by rows of texts: who, topic (its place), weight, evidence, words (their places)."""
    counted = f"SELECT who, hit, {_count()} AS n FROM ({texts}) ARRAY JOIN hits AS hit GROUP BY who, hit"
    by_topic = f"""SELECT who, topic, any(level) AS level, sum(weight * log1p(n)) AS said,
            groupArraySorted({MOST_WORDS})((-weight * log1p(n), word)) AS words
        FROM ({counted}) AS counted INNER JOIN ({MEANINGS}) AS meanings ON counted.hit = meanings.number
        GROUP BY who, topic"""
    return f"""SELECT who, one.1 AS topic, one.2 / evidence AS weight, evidence,
        arrayMap(one -> one.2, one.3) AS words
    FROM (
        SELECT who, groupArrayIf((level, said, words), topic = level) AS general,
            arraySlice(arraySort(one -> (-one.2, one.1),
                groupArrayIf((topic, said, words, level), topic != level)), 1, {LOOKED_AT}) AS special,
            {_FOLDED} AS folded,
            arraySlice(arraySort(one -> (-one.2, one.1), folded), 1, {MOST_TOPICS}) AS first,
            arrayFilter(one -> one.2 >= {LEAST_SHARE} * first[1].2, first) AS kept,
            arraySum(arrayMap(one -> one.2, kept)) AS evidence
        FROM ({by_topic}) GROUP BY who HAVING first[1].2 >= {LEAST_EVIDENCE})
    ARRAY JOIN kept AS one"""


# What is said for a first level in general goes to its strongest topic, where it has one.
_ITS_LEVEL = "arrayFirst(one -> one.1 = held.4, general)"
_LEVELS = "arrayMap(one -> one.4, special)"
_FOLDED = f"""arrayConcat(
                arrayMap((held, i) -> (held.1, held.2 + if(indexOf({_LEVELS}, held.4) = i, {_ITS_LEVEL}.2, 0),
                    if(indexOf({_LEVELS}, held.4) = i,
                        arraySlice(arraySort(arrayConcat(held.3, {_ITS_LEVEL}.3)), 1, {MOST_WORDS}), held.3)),
                    special, arrayEnumerate(special)),
                arrayFilter(one -> NOT has({_LEVELS}, one.1), general))"""


def _count() -> str:
    """A text counts once, a page once for each field."""
    return " + ".join(
        f"max(field = {NAME}) * {counts}"
        if field == NAME
        else f"{counts} * least(uniqExactIf(text, field = {field}), uniqExactIf(page, field = {field}))"
        for field, counts in COUNTS.items()
    )


# --- A target's own topics --------------------------------------------------------------------------------------------
OWN_PAGES, OWN_ANCHORS = 1_000, 1_000  # titles and anchors that are looked at
_SEEN = """workspace IN {seen:Array(UInt32)} AND (workspace, batch) IN (SELECT workspace, batch FROM batches
        WHERE workspace IN {seen:Array(UInt32)} GROUP BY workspace, batch HAVING argMax(state, version) = 'complete')"""


def own_topics_sql(links: str, pages: str, *, settled: bool) -> str:
    """Topics of a target by the titles of its crawled pages and the anchors that most domains use.

    `links` and `pages` are conditions on links to the target and on its crawled pages; of a whole domain the anchors
    are `settled`.
    """
    titles = f"""SELECT title AS said, cityHash64(page_key) AS address FROM crawled_pages
        WHERE {_SEEN} AND target_domain = {{target_domain:String}} AND title != '' AND code = '' AND ({pages})
        ORDER BY page_key, fetched_at DESC LIMIT 1 BY page_key LIMIT {OWN_PAGES}"""
    table, by = ("anchors", "max(domains)") if settled else ("links", "uniqExact(cityHash64(source_domain))")
    anchors = f"""SELECT anchor AS said, cityHash64(anchor) AS address FROM {table}
        WHERE {links} AND anchor != '' GROUP BY anchor ORDER BY {by} DESC, anchor LIMIT {OWN_ANCHORS}"""
    texts = [
        with_hits("toUInt64(0)", field, "cityHash64(said)", "address", numbers_of("said"), rows)
        for field, rows in ((TITLE, titles), (ANCHOR, anchors))
    ]
    words = f"arrayMap(word -> {named('word', 'word_names')}, words)"
    return f"""SELECT {named("topic", "topic_names")} AS topic, weight, evidence, {words} AS words
    FROM ({judged_sql(" UNION ALL ".join(texts))})"""
