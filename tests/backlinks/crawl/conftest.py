from tests.backlinks.crawl.crawling import free_web
from tests.backlinks.unsettled import settled, unsettled
from tests.web.fixtures import small_web

__all__ = ["free_web", "settled", "small_web", "unsettled"]
