"""What a request may say: one statement, of a known kind, without a way out of the data folder.

Decided: a tokenizer that knows strings, quoted names and comments as ClickHouse's does looks at the words; so
`SELECT 'file('` passes and `SELECT file('/etc/passwd')` does not. Whatever two tokenizers could read differently (a
character outside ASCII that is not quoted, an escape in a quoted function name, a quote that never closes) is refused.
The engine's own grants stand behind it (`rights`). Refused: regular expressions over the raw text.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from .problems import problem

READS = frozenset(("SELECT", "WITH", "FROM", "SHOW", "DESCRIBE", "DESC", "EXPLAIN", "EXISTS", "("))
WRITES = frozenset(("ALTER", "OPTIMIZE", "DELETE", "CREATE", "DROP", "RENAME", "EXCHANGE", "TRUNCATE"))
# Every table function of the engine but these is refused; a test compares OUTSIDE with what the engine has.
INSIDE_WORDS = """
    numbers numbers_mt zeros zeros_mt values sqlstandardvalues generaterandom generateseries generate_series primes
    null format view viewexplain viewifpermitted merge mergetreeindex mergetreeanalyzeindexes
    mergetreeanalyzeindexesuuid mergetreeprojection mergetreetextindex mergetreecodecblockcounts"""
INSIDE = frozenset(INSIDE_WORDS.split())
OUTSIDE_WORDS = """
    arrowstream azureblobstorage azureblobstoragecluster bigquery cluster clusterallreplicas cosn deltalake
    deltalakeazure deltalakeazurecluster deltalakecluster deltalakelocal deltalakes3 deltalakes3cluster dictionary eval
    executable file filecluster filesystem fuzzjson fuzzquery gcs hdfs hdfscluster hudi hudicluster iceberg icebergazure
    icebergazurecluster icebergcluster iceberghdfs iceberghdfscluster iceberglocal iceberglocalcluster icebergs3
    icebergs3cluster input jdbc loop mongodb mysql odbc oss paimon paimonazure paimonazurecluster paimoncluster
    paimonhdfs paimonhdfscluster paimonlocal paimons3 paimons3cluster postgresql prometheusquery prometheusqueryrange
    python redis remote remotesecure s3 s3cluster sqlite timeseriesdata timeseriesmetricfamilies timeseriesmetrics
    timeseriessamples timeseriesselector timeseriestags url urlcluster ytsaurus
    files s3queue executablepool arrowflight kafka nats rabbitmq disk catboostevaluate evalmlmethod
    showcertificate getmacro reversednsquery aiclassify aiembed aiextract aifilter aigenerate airedact aisimilarity
    aitranslate"""
OUTSIDE = frozenset(OUTSIDE_WORDS.split())
TOKEN = re.compile(
    r"""(?P<space>[ \t\r\n\f\v]+|--[^\n]*|//[^\n]*|\#[ !][^\n]*)
    |(?P<comment>/\*)
    |(?P<string>'(?:[^'\\]|\\.|'')*')
    |(?P<heredoc>\$(?P<tag>\w*)\$.*?\$(?P=tag)\$)
    |(?P<quoted>"(?:[^"\\]|\\.|"")*"|`(?:[^`\\]|\\.|``)*`)
    |(?P<word>[A-Za-z_]\w*)
    |(?P<number>\d\w*)
    |(?P<other>.)""",
    re.VERBOSE | re.DOTALL | re.ASCII,
)
COMMENT_EDGE = re.compile(r"/\*|\*/")
HEAD_BYTES = 65536


@dataclass(frozen=True, slots=True)
class Token:
    """kind: string, heredoc, quoted, word, number or other; `end` is where it ends in the text."""

    kind: str
    text: str
    start: int
    end: int

    @property
    def upper(self) -> str:
        return self.text.upper() if self.kind in ("word", "other") else ""


@dataclass(frozen=True, slots=True)
class Statement:
    """kind: read, write, insert or kill. `format` is the one it names, "" otherwise; chDB streams a SELECT only."""

    sql: str
    kind: str
    format: str
    streams: bool


def refused(sentence: str) -> Exception:
    return problem(62, "SYNTAX_ERROR", sentence)


def tokens_of(sql: str) -> Iterator[Token]:
    """Words, names, strings and signs, without space and comments (which nest, as ClickHouse's do)."""
    position = 0
    while found := TOKEN.match(sql, position):
        kind = str(found.lastgroup)
        position = _after_comment(sql, found.end()) if kind == "comment" else found.end()
        if kind not in ("space", "comment"):
            yield Token("heredoc" if kind == "tag" else kind, found.group(), found.start(), found.end())


def _after_comment(sql: str, position: int) -> int:
    depth = 1
    while depth:
        edge = COMMENT_EDGE.search(sql, position)
        if not edge:
            raise refused("A comment is not closed")
        depth += 1 if edge.group() == "/*" else -1
        position = edge.end()
    return position


@lru_cache(maxsize=512)
def examine(sql: str) -> Statement:
    """Classify one statement; raises `Problem` with a sentence. The same texts come again and again: values are bound,
    and the words of a long one take 20 ms."""
    tokens = list(tokens_of(sql))
    while tokens and tokens[-1].text == ";":
        tokens.pop()
    if not tokens:
        raise refused("Empty query")
    _check(tokens)
    first = tokens[0].upper
    at = _format_at(tokens)
    named = tokens[at + 1].text if at else ""
    body = sql[: tokens[-1].end]
    if first == "KILL":
        return Statement(body, "kill", named, streams=False)
    if first in READS:
        return Statement(body, "read", named, streams=first in ("SELECT", "WITH"))
    if first == "INSERT":
        return Statement(body[: tokens[at].start] if at else body, "insert", named, streams=False)
    if first == "CREATE" and {"TEMPORARY", "TEMP"} & {token.upper for token in tokens[1:4]}:  # or replace
        raise refused("Temporary tables are not served: each request is a session of its own")
    if first in WRITES:
        return Statement(body, "write", named, streams=False)
    raise refused(f"{tokens[0].text[:40]} statements are not served")


def _format_at(tokens: Sequence[Token]) -> int:
    """Where `FORMAT name` stands, at the end or before the last SETTINGS; 0 when nowhere."""
    for at in range(len(tokens) - 2, 0, -1):
        if tokens[at].upper == "FORMAT" and tokens[at + 1].kind == "word":
            rest = tokens[at + 2 :]
            return at if not rest or rest[0].upper == "SETTINGS" else 0
    return 0


def _check(tokens: Sequence[Token]) -> None:
    for token, before, after in zip(tokens, (None, *tokens), (*tokens[1:], None), strict=False):
        if token.kind == "other":
            _check_sign(token)
        if after and after.text == "(" and token.kind in ("word", "quoted"):
            _check_call(token)
        if before and token.upper == "OUTFILE" and before.upper == "INTO":
            raise refused("INTO OUTFILE is not served")
        if before and token.upper == "INFILE" and before.upper == "FROM" and after and after.kind == "string":
            raise refused("FROM INFILE is not served")


def _check_sign(token: Token) -> None:
    if token.text == ";":
        raise refused("Multi-statements are not allowed")
    if token.text in "'\"`":
        raise refused("A quoted text is not closed")
    if not token.text.isascii() or not token.text.isprintable():
        raise refused("A character outside ASCII must stand in quotes")


def _check_call(token: Token) -> None:
    if token.kind == "quoted" and "\\" in token.text:
        raise refused("A function name has no escapes")
    name = token.text.strip('`"').lower()
    if name in OUTSIDE:
        raise refused(f"{name}() reaches outside the index and is not served")


def split_insert(head: bytes) -> tuple[str, bytes] | None:
    """An INSERT that leads its own data: (statement with FORMAT, first bytes of the data); None when it does not."""
    if not head[:HEAD_BYTES].lstrip()[:6].upper().startswith((b"INSERT", b"/*", b"--")):
        return None
    text = head[:HEAD_BYTES].decode("utf-8", "surrogateescape")
    before = None
    for number, token in enumerate(tokens_of(text)):
        if (number == 0 and token.upper != "INSERT") or token.upper in ("VALUES", "SELECT", "WITH"):
            return None
        if before and before.upper == "FORMAT" and token.kind == "word":
            statement = text[: token.end]
            data = head[len(statement.encode("utf-8", "surrogateescape")) :]
            return statement, re.sub(rb"\A[ \t]*\r?\n?", b"", data, count=1)
        before = token
    return None
