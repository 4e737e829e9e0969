from tests.backlinks.crawl.crawling import free_web
from tests.web.fixtures import small_web

__all__ = ["free_web", "small_web"]
