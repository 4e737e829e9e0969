"""Scrapy as a peer of `bench/crawl.py`: the same pages, read by the same code, stored as the same rows.

Its settings are those of a careful broad crawl: robots.txt obeyed, one request at a time for each host, two hundred in
all, no delay; everything that costs without being asked for here (cookies, retries, statistics in the log, the telnet
console) is off. Names under `.localhost` are answered at once, as our own resolver does.
"""

import logging
import time
from collections.abc import AsyncIterator, Sequence
from typing import Any

import scrapy
from scrapy.crawler import CrawlerProcess
from scrapy.http import Response
from scrapy.resolver import CachingThreadedResolver
from twisted.internet import defer

from backlinks import index
from backlinks.crawl import child, record
from backlinks.crawl.messages import Job

PAGES_A_BLOCK = 200
KEPT = ("content-type", "last-modified", "etag", "x-robots-tag", "location", "server", "date", "link")
SETTINGS = {
    "ROBOTSTXT_OBEY": True, "CONCURRENT_REQUESTS": 200, "CONCURRENT_REQUESTS_PER_DOMAIN": 1, "DOWNLOAD_DELAY": 0,
    "COOKIES_ENABLED": False, "RETRY_ENABLED": False, "TELNETCONSOLE_ENABLED": False, "LOG_LEVEL": "ERROR",
    "REDIRECT_ENABLED": True, "DNS_RESOLVER": f"{__name__}.Loopback", "USER_AGENT": "LinkledgerBot/1.0",
    "METAREFRESH_ENABLED": False, "LOG_INSTALL_ROOT_HANDLER": False, "LOGSTATS_INTERVAL": 0,
}  # fmt: skip


class Loopback(CachingThreadedResolver):
    def getHostByName(self, name: str, timeout: Sequence[int] = ()) -> "defer.Deferred[str]":
        return defer.succeed("127.0.0.1")


class Pages(scrapy.Spider):
    name = "pages"

    def __init__(self, urls: Sequence[str], **more: Any) -> None:
        super().__init__(**more)
        self.urls = urls

    async def start(self) -> AsyncIterator[scrapy.Request]:
        for url in self.urls:
            yield scrapy.Request(url, self.parse)

    def parse(self, response: Response, **more: Any) -> dict[str, Any]:
        names = {name.decode().lower(): values[-1].decode() for name, values in response.headers.items()}
        moment, ip = int(time.time()), str(response.ip_address)
        about = {"fetched_at": moment, "http_status": response.status, "ip": ip, "bytes": len(response.body)}
        job = Job(
            url=response.url, body=response.body, status=response.status, at=moment, ip=ip, visit=about,
            content_type=names.get("content-type", ""), headers={name: names[name] for name in KEPT if name in names},
        )  # fmt: skip
        reading = child.read(job)
        return {
            "observations": reading.observations,
            "internal_links": reading.inside,
            "crawled_pages": reading.visited,
        }


class Store:
    """Puts what was read into the index, in blocks."""

    batch: index.Batch

    def __init__(self) -> None:
        self._waiting: list[dict[str, Any]] = []
        self._block = 0

    def process_item(self, item: dict[str, Any]) -> dict[str, Any]:
        self._waiting.append(item)
        if len(self._waiting) >= PAGES_A_BLOCK:
            self._flush()
        return item

    def close_spider(self) -> None:
        self._flush()

    def _flush(self) -> None:
        waiting, self._waiting = self._waiting, []
        self._block += 1
        for table in waiting[0] if waiting else ():
            columns = record.joined(one[table] for one in waiting if one[table])
            index.add(self.batch, table, columns, block=self._block)


def run(batch: index.Batch, urls: Sequence[str]) -> None:
    Store.batch = batch
    logging.disable(logging.WARNING)  # Django has set the loggers up already: Scrapy would write every page
    process = CrawlerProcess({**SETTINGS, "ITEM_PIPELINES": {Store: 100}})
    process.crawl(Pages, urls=urls)
    process.start()
