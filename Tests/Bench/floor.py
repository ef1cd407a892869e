"""The least that storing the same rows costs: COPY (text, 500 rows a commit, one connection) into one wide table with five indexes,
in the same PostgreSQL as the service, which stands still meanwhile. Not idempotent, nothing decoded, priced, summed or compressed."""
import datetime
import json
import struct
import time

import libpq
import measures
import templates

ROWS_A_COMMIT = 500
COLUMNS = "id, trace, project, ts, name, model, input_tokens, output_tokens, cost, user_id, session, attributes"
TABLE = """
drop table if exists spans;
create table spans (
  id bigint not null, trace uuid not null, project integer not null, ts timestamptz not null, name text, model text,
  input_tokens bigint, output_tokens bigint, cost numeric, user_id text, session text, attributes text compression lz4);
create unique index on spans (project, id);
create index on spans (project, ts);
create index on spans (trace);
create index on spans (project, model, ts);
create index on spans (session);
"""


def escaped(text):
    return text.replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n").replace("\r", "\\r")


def row_rest(f):
    """What does not change from request to request: name and everything after the time."""
    model, usage = "\\N", "\\N\t\\N\t\\N"
    if "model" in f:
        model, usage = f["model"], f"{f['prompt_tokens']}\t{f['completion_tokens']}\t{f['cost']:.9f}"
    attributes = escaped(json.dumps(f["attributes"], separators=(",", ":")))
    return f"{escaped(f['name'])}\t{model}\t{usage}\t{f['user']}\t{f['session']}\t{attributes}\n"


def rows(count, first, base_ns, prompt_bytes=1500, completion_bytes=800, batch=50, template_count=20):
    """COPY text of `count` rows equal to the spans that requests from number `first` on would hold."""
    prepared = [templates.plain_spans(t, batch, 10, prompt_bytes, completion_bytes)[1] for t in range(template_count)]
    rests = [[(row_rest(f), f["after"]) for f in all_facts] for all_facts in prepared]
    lines = []
    for i in range(count // batch):
        number, t = first + i, i % template_count
        now, base = templates.tag(number), base_ns(i)
        for place, (rest, after) in enumerate(rests[t]):
            id = struct.unpack(">q", templates.span_id(t, place, now))[0]
            trace = templates.trace_id(t, place // 10, now).hex()
            started = datetime.datetime.fromtimestamp((base + after) / 1e9, datetime.timezone.utc)
            lines.append(f"{id}\t{trace}\t1\t{started:%Y-%m-%d %H:%M:%S.%f}+00\t{rest}")
    return lines


class Floor:
    """`database` is made in the service's cluster."""

    def __init__(self, service, database="bench_floor"):
        self.service = service
        own = service.connect()
        if not own.run(f"select 1 from pg_database where datname = '{database}'"):
            own.run(f"create database {database}")
        own.close()
        self.connection = service.connect(database)
        self.connection.run("set client_min_messages = warning")

    def measure(self, lines):
        """Copies the lines into an empty table. CPU is of all PostgreSQL processes."""
        commits = ["".join(lines[i:i + ROWS_A_COMMIT]).encode() for i in range(0, len(lines), ROWS_A_COMMIT)]
        statement = f"copy spans ({COLUMNS}) from stdin"
        self.connection.run(TABLE)
        self.service.pause()
        try:
            before = measures.stored_bytes(self.connection)
            wal, cpu, started = measures.wal_position(self.connection), self.service.cluster_seconds(), time.perf_counter()
            for commit in commits:
                self.connection.copy(statement, commit)
            wall, cpu = time.perf_counter() - started, self.service.cluster_seconds() - cpu
            wal = measures.wal_position(self.connection) - wal
            stored = measures.stored_bytes(self.connection) - before
        finally:
            self.service.go_on()
        if int(self.connection.value("select count(*) from spans")) != len(lines):
            raise libpq.DatabaseError("the floor lost rows")
        self.connection.run("drop table spans")
        return {
            "rows": len(lines), "rowsPerSecond": round(len(lines) / wall), "postgresCpuSecondsPer1000": cpu * 1000 / len(lines),
            "walBytesPerRow": round(wal / len(lines)), "storedBytesPerRow": round(stored / len(lines)),
            "copyBytesPerRow": round(sum(map(len, commits)) / len(lines))}
