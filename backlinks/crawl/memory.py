"""What a site crawl has seen so far: its addresses, its hosts, and how many of a kind there are.

Decided: it is read from the crawl's rows, and kept in the process for the next time that the crawl goes on, which may
be seconds later; then only newer rows are read. Whoever asks gets a copy, because what a worker has seen and could not
store must be found again. Rows of one crawl are added one worker after the other (`frontier.hold`), so none appears
below one that was read. Refused: to keep it in the database too, where it would be one big write each second.
"""

from array import array
from collections import OrderedDict
from urllib.parse import urlsplit

from .models import Crawl, CrawlUrl
from .traps import Variants

REMEMBERED = 200_000  # addresses of a crawl
CRAWLS_KEPT = 2
_kept: OrderedDict[tuple[int, int], "Memory"] = OrderedDict()


class Memory:
    def __init__(self) -> None:
        self._last = 0  # the newest row that was read
        self._keys = array("q")
        self._hosts: set[str] = set()
        self._variants = Variants()

    def learn(self, crawl: Crawl) -> None:
        """Read the rows that were added since the last time."""
        pages = CrawlUrl.objects.filter(crawl=crawl, purpose=CrawlUrl.Purpose.PAGE, pk__gt=self._last)
        newest = pages.exclude(domain="").order_by("-pk").values_list("pk", "key", "url")[:REMEMBERED]
        for pk, key, url in reversed(newest):
            self._last = pk
            self._keys.append(key)
            self._variants.take(url)
            if len(self._hosts) < crawl.max_hosts:
                self._hosts.add(urlsplit(url).hostname or "")
        del self._keys[:-REMEMBERED]

    def seen(self) -> OrderedDict[int, None]:
        return OrderedDict.fromkeys(self._keys)

    def hosts(self) -> set[str]:
        return set(self._hosts)

    def variants(self) -> Variants:
        return Variants(self._variants.counts)


def memory_of(crawl: Crawl) -> Memory:
    """What this process remembers of a crawl, with what its rows say since."""
    name = crawl.pk, crawl.batch
    memory = _kept.pop(name, None) or Memory()
    memory.learn(crawl)
    _kept[name] = memory
    if len(_kept) > CRAWLS_KEPT:
        _kept.popitem(last=False)
    return memory
