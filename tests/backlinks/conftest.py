from tests.backlinks.pages import profile

__all__ = ["profile"]
