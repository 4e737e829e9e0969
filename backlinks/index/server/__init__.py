"""The embedded link index: ClickHouse's HTTP protocol over chDB, on loopback only.

Decided: chDB allows one process per data folder, so this process is that one and everybody else speaks HTTP to it, with
the same client that speaks to a ClickHouse server. Every request has a chDB connection to itself, with its settings and
no others (`sessions`); a semaphore bounds how many run at once, and killing needs none of those places. Refused: one
shared connection (it serialises: a `select 1` waited 42 s behind a scan) and settings pasted into SQL text (a comment
swallows them).
"""
