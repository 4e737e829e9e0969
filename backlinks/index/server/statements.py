"""What a request may say: one statement, of a known kind, without a way out of the data folder.

Decided: a tokenizer that knows strings, quoted names and comments looks at the words; so `SELECT 'file('` passes and
`SELECT * FROM file('/etc/passwd')` does not. Refused: regular expressions over the raw text.
"""

import re
from dataclasses import dataclass

READS = frozenset(("SELECT", "WITH", "SHOW", "DESCRIBE", "DESC", "EXPLAIN", "EXISTS", "("))
WRITES = frozenset(("INSERT", "ALTER", "OPTIMIZE", "DELETE", "CREATE", "DROP", "RENAME", "EXCHANGE", "TRUNCATE"))
OUTSIDE = frozenset(
    """file files url urlcluster s3 s3cluster s3queue gcs azureblobstorage azureblobstoragecluster hdfs hdfscluster remote
    remotesecure cluster clusterallreplicas mysql postgresql mongodb sqlite odbc jdbc redis executable executablepool
    iceberg iceberglocal iceberglocalcluster icebergs3 icebergazure deltalake deltalakelocal deltalakes3 hudi paimon
    python filecluster input arrowflight kafka nats rabbitmq ytsaurus mergetreetextindex loop fuzzquery fuzzjson
    dictionary catboostevaluate dictget ai aigenerate""".split()
)
TOKEN = re.compile(
    r"""(?P<space>\s+|--[^\n]*|\#!?[ ][^\n]*|/\*.*?\*/)
    |(?P<string>'(?:[^'\\]|\\.|'')*')
    |(?P<heredoc>\$(?P<tag>\w*)\$.*?\$(?P=tag)\$)
    |(?P<quoted>"(?:[^"\\]|\\.|"")*"|`(?:[^`\\]|\\.|``)*`)
    |(?P<word>[A-Za-z_]\w*)
    |(?P<other>.)""",
    re.VERBOSE | re.DOTALL,
)
FORMAT = re.compile(r"\bFORMAT\s+(\w+)\s*;?\s*$", re.IGNORECASE)


class Refused(ValueError):
    """The statement is not one that this server runs."""


@dataclass(frozen=True, slots=True)
class Statement:
    """kind: read, write, insert or kill. `format` is the one named at the end, "" otherwise."""

    sql: str
    kind: str
    format: str

    @property
    def streams(self) -> bool:
        """chDB streams the rows of a SELECT; DESCRIBE and its like come whole."""
        return self.kind == "read" and re.match(r"\s*(SELECT|WITH)\b", self.sql, re.IGNORECASE) is not None


def examine(sql: str) -> Statement:
    """Classify one statement; raises `Refused` with a sentence."""
    tokens = [found for found in TOKEN.finditer(sql) if found.lastgroup != "space"]
    while tokens and tokens[-1].group() == ";":
        tokens.pop()
    if not tokens:
        raise Refused("Empty query")
    _check(tokens)
    first = tokens[0].group().upper()
    named = tokens[-1].group() if len(tokens) > 1 and tokens[-2].group().upper() == "FORMAT" else ""
    body = sql[: tokens[-1].end()]
    if first == "KILL":
        return Statement(body, "kill", named)
    if first in READS:
        return Statement(body, "read", named)
    if first == "INSERT":
        return Statement(body[: tokens[-2].start()] if named else body, "insert", named)
    if first in WRITES:
        return Statement(body, "write", named)
    raise Refused(f"{first} statements are not served")


def _check(tokens: list[re.Match[str]]) -> None:
    for number, token in enumerate(tokens):
        text = token.group()
        if text == ";":
            raise Refused("Multi-statements are not allowed")
        name = text.strip('`"').lower() if token.lastgroup in ("word", "quoted") else ""
        follower = tokens[number + 1].group() if number + 1 < len(tokens) else ""
        if name in OUTSIDE and follower == "(":
            raise Refused(f"{name}() reaches outside the index and is not served")
        if name == "outfile" and number and tokens[number - 1].group().upper() == "INTO":
            raise Refused("INTO OUTFILE is not served")
        if name == "engine" and number + 2 < len(tokens) and follower == "=":
            engine = tokens[number + 2].group().strip('`"').lower()
            if not engine.endswith("mergetree") and engine not in ("memory", "null", "log", "tinylog", "atomic"):
                raise Refused(f"Tables of engine {engine} are not served")


def split_insert(head: bytes) -> tuple[str, bytes]:
    """An INSERT that leads its own data: (statement with FORMAT, first bytes of the data)."""
    found = re.match(rb"\s*INSERT\s.*?\bFORMAT\s+\w+[ \t]*\r?\n?", head, re.IGNORECASE | re.DOTALL)
    if not found:
        return head.decode("utf-8"), b""
    return found.group().decode("utf-8").strip(), head[found.end() :]
