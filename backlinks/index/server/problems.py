"""Errors in ClickHouse's own words: a code, a sentence, a name."""

import re

CODE = re.compile(r"Code: (\d+)")
NOISE = re.compile(r"^(?:Streaming (?:query|insert)[a-z ]* failed: )+")
STATUS = {516: 401, 81: 404, 60: 404, 202: 503, 236: 503, 159: 408, 164: 403, 497: 403}


class Problem(Exception):
    """An answer that is an error; `code` is ClickHouse's, `status` HTTP's."""

    def __init__(self, text: str) -> None:
        text = NOISE.sub("", text.strip())
        found = CODE.search(text)
        self.code = int(found.group(1)) if found else 1002
        self.status = STATUS.get(self.code, 500)
        self.text = text if found else f"Code: 1002. DB::Exception: {text}. (UNKNOWN_EXCEPTION)"
        super().__init__(self.text)


def problem(code: int, name: str, sentence: str) -> Problem:
    return Problem(f"Code: {code}. DB::Exception: {sentence}. ({name})")


def cancelled() -> Problem:
    return problem(394, "QUERY_WAS_CANCELLED", "Query was cancelled")
