from tests.backlinks.crawl.crawling import free_web
from tests.backlinks.pages import profile
from tests.backlinks.unsettled import later, settled, unsettled
from tests.web.fixtures import small_web

__all__ = ["free_web", "later", "profile", "settled", "small_web", "unsettled"]
