from tests.backlinks.crawl.crawling import free_web
from tests.backlinks.pages import profile
from tests.web.fixtures import small_web

__all__ = ["free_web", "profile", "small_web"]
