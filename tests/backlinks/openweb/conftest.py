from tests.backlinks.unsettled import settled, unsettled

__all__ = ["settled", "unsettled"]
