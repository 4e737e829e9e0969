"""What was found at a domain, in words for somebody who knows the site and not the trade.

Decided: evidence only, as a sentence a marker; context is no reason to ask anybody. The thing that domains share is
left out of the sentences, because it may name another domain, and a client sees those alone that were shared. Refused:
the facts of the audit's pages, which speak of thresholds.
"""

import math
from collections.abc import Iterable, Mapping

from audit.markers.marker import BECOMES, CONTEXT
from audit.words import MARKED, plain

Values = Mapping[str, tuple[float, str]]  # marker -> value, what it said
# {value}: the number that was found; {said} only where it is a word of the linking page itself.
PLAIN = {
    "NET01": "Nearly the same text stands on {value} websites: copies of one page, made for links.",
    "NET02": "{value} websites have the linking page under exactly the same path: one hand set them up.",
    "NET03": "{value} websites have the linking page under exactly the same title.",
    "NET04": "{value} websites report their visits to one and the same account: they have one owner.",
    "NET05": "{value} websites earn for one and the same advertising account: they have one owner.",
    "NET06": "{value} of the websites that link to you stand on one and the same server.",
    "NET08": "{value} of the websites that link to you were registered alike, as by one owner.",
    "NET10": "{value} of the websites that link to you share one security certificate: they are run together.",
    "NET12": "It links to almost the same list of websites as others of its kind do.",
    "NET13": "{value} websites are linked from exactly the same places: they are built up together.",
    "NET14": "It is one of {value} websites that link to each other in exchange.",
    "NET15": "It is linked almost only from a closed circle of websites that link to each other.",
    "NET16": "It belongs to a block of websites that were built up alike.",
    "NET17": "{value} websites began to link to you within a few days, with the same words.",
    "NET18": "Hardly anybody links to it, and those who do belong to one network.",
    "NET19": "The name had expired, was bought again, and is used for something else now.",
    "ANC03": "{value} unrelated websites link to you with exactly the same advertising words.",
    "ANC04": "It links with exactly the words that you want to be found by, which people rarely do by themselves.",
    "ANC05": "The words of the link are of a trade with a bad name: “{said}”.",
    "ANC10": "One page links to {value} of your pages, each with words to be found by.",
    "PLC01": "The same link stands on {value} pages of the website, as in a footer.",
    "PLC06": "The link is hidden: visitors cannot see it.",
    "PLC08": "It stands in a paid article that is not marked as one: “{said}”.",
    "PLC10": "The link is behind an image that is too small to see.",
    "PLC11": "The link reaches you through an old address that leads on to yours.",
    "PLC13": "The link is shown to search engines only, not to visitors.",
    "PAG08": "The text of the page is made by a machine: it repeats itself and says nothing.",
    "PAG14": "The page is about trades with a bad name: {said}.",
    "PAG16": "The website seems to be hacked: the page has a hidden block of {value} links.",
    "DOM01": "The search engine does not show a single page of this website.",
    "DOM02": "The website is on a list of those that spread malware or steal passwords.",
    "DOM03": "The website is about: {said}.",
    "DOM05": "It has many links, but hardly any from websites that are trusted.",
    "DOM07": "It has many links, but hardly any visitors.",
    "DOM17": "It has no name of its own, only a number.",
    "DOM18": "It is {value} days old and links to a great many websites already.",
    "DOM25": "It links to {value} websites for each one that links to it.",
    "DOM26": "It links to {value} websites, and most of its pages have hardly any text.",
    "DOM31": "Much of what it links to is on lists of bad websites.",
    "DOM35": "Much of what it links to is gambling, adult pages or loans.",
    "DOM37": "The website is on a list of domains that are blocked.",
    "PRO01": "It is one of {value} websites that began to link to you in one week, far more than usual.",
}
MOST = 6  # sentences
SAID_LENGTH = 80


def sentences(markers: Iterable[str], values: Values) -> list[str]:
    """Of the markers that had fired when it was decided, those that are evidence: what becomes evidence beside other
    evidence only beside some."""
    found = [one for one in markers if one in MARKED and MARKED[one].kind != CONTEXT and MARKED[one].group != "TRU"]
    if all(MARKED[one].kind == BECOMES for one in found):
        return []
    return [_sentence(one, *values.get(one, (math.nan, ""))) for one in found][:MOST]


def _sentence(marker: str, value: float, said: str) -> str:
    """A marker without words here, or a sentence without what belongs into it, is its name."""
    text, number, word = PLAIN.get(marker, ""), plain(value), " ".join(said.split())[:SAID_LENGTH]
    has_all = text and (number or "{value}" not in text) and (word or "{said}" not in text)
    return text.format(value=number, said=word) if has_all else f"{MARKED[marker].name}."
