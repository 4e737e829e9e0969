"""What the engine itself may do, whatever SQL arrives: its own grants, settings limits and memory.

Decided: ClickHouse's access control is the wall, because it judges what its own parser understood. The one user has no
grant on sources (file, url, remote, s3...), on dictionaries, functions, users or backups, only the engines below, and
cannot raise the memory of a query. `statements` stands before it for the few things that need no grant. chDB's own
database `default` shows the files of the machine as tables; it is moved aside to `_files`, where reading is refused,
and `default` is an ordinary database. Refused: a deny-list over SQL text alone (`SELECT * FROM `/etc/passwd``).
"""

import os
import uuid
from dataclasses import dataclass
from pathlib import Path

MEGABYTE = 1024 * 1024
ENGINES_WORDS = """MergeTree ReplacingMergeTree SummingMergeTree AggregatingMergeTree CollapsingMergeTree
    VersionedCollapsingMergeTree Memory Null"""
ENGINES = ENGINES_WORDS.split()
GRANTS = (
    "GRANT SHOW, SELECT, INSERT, ALTER TABLE, ALTER VIEW, CREATE DATABASE, CREATE TABLE, CREATE VIEW, DROP DATABASE, "
    "DROP TABLE, DROP VIEW, TRUNCATE, OPTIMIZE, KILL QUERY ON *.*",
    *(f"GRANT TABLE ENGINE ON {engine}" for engine in ENGINES),
)
# `optimize_and_compare_chain` looks for a < b AND b < c, of which we have none: 40 ms of each settle.
USERS = """<clickhouse>
<users><default>
  <password></password><networks><ip>127.0.0.1</ip><ip>::1</ip><ip>::ffff:127.0.0.1</ip></networks>
  <profile>default</profile><quota>default</quota>
  <grants>{grants}</grants>
</default></users>
<profiles><default>
  <max_memory_usage>{query}</max_memory_usage>
  <max_threads>{threads}</max_threads>
  <async_insert>0</async_insert>
  <optimize_and_compare_chain>0</optimize_and_compare_chain>
  <constraints>
    <max_memory_usage><min>1</min><max>{query}</max></max_memory_usage>
    <max_threads><max>256</max></max_threads>
    <async_insert><readonly/></async_insert>
  </constraints>
</default></profiles>
<quotas><default/></quotas>
</clickhouse>
"""
ENGINE = """<clickhouse>
<max_server_memory_usage>{total}</max_server_memory_usage>
<users_config>users.xml</users_config>
<default_database>_files</default_database>
<timezone>UTC</timezone>
</clickhouse>
"""


@dataclass(frozen=True, slots=True)
class Limits:
    """places: queries at once; queue: how many wait; memory: bytes of all; threads: of one query, 0 all cores."""

    places: int = 16
    queue: int = 64
    memory: int = 0
    threads: int = 0

    @property
    def total(self) -> int:
        """Without a wish, three fifths of the machine: the rest belongs to the web and the page cache."""
        return self.memory or os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") * 3 // 5

    @property
    def query(self) -> int:
        """Bytes that one query may use: one alone never takes everything."""
        return self.total * 3 // 4

    @property
    def answer(self) -> int:
        """Bytes of one answer that is held whole."""
        return self.total // 4


def prepare(folder: Path, limits: Limits) -> str:
    """Write the engine's configuration beside its data; returns chDB's connection string, relative to `folder`."""
    grants = "".join(f"<query>{grant}</query>" for grant in GRANTS)
    threads = limits.threads or os.cpu_count() or 1
    (folder / "users.xml").write_text(USERS.format(grants=grants, query=limits.query, threads=threads))
    (folder / "engine.xml").write_text(ENGINE.format(total=limits.total))
    metadata = folder / "chdb" / "metadata"
    metadata.mkdir(parents=True, exist_ok=True)
    # The engine's own short cut to the tables of `default`; where it stands, a start attaches them twice and dies.
    if (metadata / "default").is_symlink():
        (metadata / "default").unlink()
    if not (metadata / "default.sql").exists():
        (metadata / "default.sql").write_text(f"ATTACH DATABASE _ UUID '{uuid.uuid4()}'\nENGINE = Atomic\n")
    return "chdb?config-file=engine.xml"
