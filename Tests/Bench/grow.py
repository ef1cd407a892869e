"""Fills a data folder around HTTP: real traffic of profile `full` for one day goes through the service, then whole traces are cloned by
SQL with ids, times, users and sessions of their own, over many days, with their bodies.

python3 grow.py --data DIR --million N [--days D]     QUIPU_BINARY names the program; the data is in DIR/data, the keys in service.py
python3 grow.py --data DIR --sums 365                 a year of sums alone (sums.py), for reads.py --sums

Every table with a column trace_id takes part, whatever its other columns are: partitions of a day are made as the service makes them.
Rollups come from `quipu rollup rebuild`. At the end some clones are read through the API and compared with what they are clones of."""
import argparse
import datetime
import json
import os
import re
import sys
import threading
import time

import cases
import full
import sums
from cluster import FillingCluster
from service import Service

SEED_TRACES_MAX, SEED_TEMPLATES_MAX, PER_TRACE, TRACES_A_REQUEST = 4000, 200, 10, 5
DAY = datetime.timedelta(days=1)
STEP = "bench_seed"
LEFT_OUT = {"scores"}
# Users move within their group, so that their calls' owner stays right.
USER_STEP = full.GROUPS


def say(text):
    print(f"==> {time.strftime('%H:%M:%S')} {text}", file=sys.stderr, flush=True)


def seed(service, observations):
    """Sends a day of traffic, a third of what is wanted at most; returns that day (UTC)."""
    connection = service.connect()
    connection.run(full.PEOPLE)
    connection.close()
    time.sleep(4)
    today = datetime.datetime.now(datetime.timezone.utc).replace(hour=0, minute=0, second=0, microsecond=0)
    case = cases.ALL["full"]
    until = int((today - datetime.timedelta(minutes=5)).timestamp() * 1e9)
    traces = max(20, min(SEED_TRACES_MAX, observations // PER_TRACE // 3))
    made = full.make(min(SEED_TEMPLATES_MAX, max(2, traces // TRACES_A_REQUEST)))
    traffic = cases.Traffic(case, made, traces * PER_TRACE, 23.8, until)
    result = traffic.send(service, 8)
    if result.bad or result.acknowledged_spans != traffic.spans:
        raise RuntimeError(f"the seed was not stored: {result.statuses} {result.bad}")
    service.wait_until_folded()
    return (today - DAY).date()


class Table:
    """A table or leaf partition that holds rows of the seed."""

    def __init__(self, connection, name, parent, bound):
        self.name, self.parent, self.bound = name, parent, bound
        self.columns = connection.run(
            "select attname, format_type(atttypid, atttypmod) from pg_attribute "
            f"where attrelid = 'public.{name}'::regclass and attnum > 0 and not attisdropped and attgenerated = '' order by attnum")
        self.day = datetime.datetime.strptime(name[-8:], "%Y%m%d").date() if parent else None

    def target(self, day):
        """The table that rows of a day go to, and how it is made when it is a partition."""
        if not self.parent:
            return self.name, None, None
        bound = self.bound
        for shift in (1, 0):
            bound = bound.replace(str(self.day + shift * DAY), f"<{shift}>")
        for shift in (1, 0):
            bound = bound.replace(f"<{shift}>", str(day + shift * DAY))
        return self.name[:-8] + day.strftime("%Y%m%d"), self.parent, bound

    def seed_table(self):
        return f"{STEP}.{self.name}"

    def copy_seed(self, connection):
        """Beside the rows the place where `parts` names a block, in bytes of the block's id."""
        extra = ""
        if any(name == "parts" for name, _ in self.columns):
            extra = (
                ", (select row(position(int8send(b.id) in t.parts), b.id)::bench_seed.place from bench_seed.blocks b "
                "where b.trace_id = t.trace_id and position(int8send(b.id) in t.parts) > 0 limit 1) as seed_place")
        connection.run(
            f"create unlogged table {self.seed_table()} as select t.*{extra} from {self.name} t "
            f"join {STEP}.traces_wanted w using (project_id, trace_id); analyze {self.seed_table()}")
        if extra:
            lost = connection.value(f"select count(*) from {self.seed_table()} where parts is not null and seed_place is null")
            if lost != "0":
                raise RuntimeError(f"{lost} rows of {self.name} have parts that name no block: StoredParts has changed, adapt grow.py")

    def clone(self, name, type_, day):
        """The expression for a column, over seed row s and clone m."""
        number = (day - datetime.date(1970, 1, 1)).days
        moved = "{0} + (({1} - ({0} >> 16) / 86400000) * 86400000 << 16)"
        if name == "trace_id":
            return "m.trace_id"
        if name == "block_id":
            return moved.format("s.block_id", number)
        if name == "written_on":
            return f"date '{day}'"
        if name == "parts":
            block = moved.format("((s.seed_place).id)", number)
            return f"case when s.parts is null then null else overlay(s.parts placing int8send({block}) from (s.seed_place).at) end"
        if name == "received_at":
            return "m.started_at + interval '12 s'"
        if name in ("user_id", "session_id"):
            return f"case when s.{name} is null then null else m.{name} end"
        return f"s.{name} + m.shift" if type_ == "timestamp with time zone" else f"s.{name}"

    def insertion(self, day, clones, target):
        """Rows lie in order of time, as they would have come."""
        names = ", ".join(name for name, _ in self.columns)
        values = ", ".join(self.clone(name, type_, day) for name, type_ in self.columns)
        return (
            f"insert into {target} ({names}) select {values} from {clones} m join {self.seed_table()} s on s.trace_id = m.seed_id "
            "order by m.started_at")


def tables(connection):
    """Every table or leaf partition with rows of the seed."""
    found = connection.run(
        "select c.relname, p.relname, pg_get_expr(c.relpartbound, c.oid) from pg_class c "
        "join pg_attribute a on a.attrelid = c.oid and a.attname = 'trace_id' and not a.attisdropped "
        "left join pg_inherits i on i.inhrelid = c.oid left join pg_class p on p.oid = i.inhparent "
        "where c.relkind = 'r' and c.relnamespace = 'public'::regnamespace order by c.relname")
    result = []
    for name, parent, bound in found:
        if name in LEFT_OUT:
            continue
        if connection.run(f"select 1 from {name} t join {STEP}.traces_wanted w using (project_id, trace_id) limit 1"):
            result.append(Table(connection, name, parent, bound))
    return result


def prepare(connection, day):
    """Seed rows by table, without indexes to look through."""
    connection.run(
        f"drop schema if exists {STEP} cascade; create schema {STEP}; create type {STEP}.place as (at integer, id bigint);"
        f"create unlogged table {STEP}.traces_wanted as select project_id, trace_id, started_at, user_id from traces "
        f"where observations = {PER_TRACE} and user_id like 'user-______' and first_started_at >= '{day} 00:00:00+00' "
        f"and last_started_at < '{day + DAY} 00:00:00+00';"
        f"create unlogged table {STEP}.blocks as select b.trace_id, b.block_id as id from payloads b "
        f"join {STEP}.traces_wanted w using (project_id, trace_id); create index on {STEP}.blocks (trace_id);"
        f"analyze {STEP}.traces_wanted; analyze {STEP}.blocks")
    result = tables(connection)
    for table in result:
        table.copy_seed(connection)
    return result


def make_clones(connection, name, day, count, hours):
    """Which seed trace becomes which new one, when, and whose. Each stays in its hour of the day, of which the first `hours` are
    filled, and users come back more or less often, so that rollups have the rows that recurring traffic gives them."""
    user = f"(substr(w.user_id, 6)::integer + {USER_STEP} * floor({full.USERS // USER_STEP} * power(random(), 4))::integer) % {full.USERS}"
    wanted = f"from {STEP}.traces_wanted where extract(hour from started_at) < {hours}"
    places = max(1, int(connection.value(f"select count(*) {wanted}")))
    connection.run(
        f"create temporary table {name} as select w.trace_id as seed_id, gen_random_uuid() as trace_id, n.started_at, "
        f"n.started_at - w.started_at as shift, 'user-' || lpad(({user})::text, 6, '0') as user_id, "
        f"'session-' || lpad(floor(random() * {full.SESSIONS})::text, 7, '0') as session_id "
        f"from (select g, g % {places} as place from generate_series(0, {count} - 1) g) c "
        f"join (select row_number() over (order by random()) - 1 as place, * {wanted}) w on w.place = c.place "
        f"cross join lateral (select timestamptz '{day} 00:00:00+00' + extract(hour from w.started_at) * interval '1 h' "
        f"+ (10 + 3580 * random() + 0 * c.g) * interval '1 s' as started_at) n; analyze {name}")


def create_partition(connection, target, parent):
    connection.run(f"create table {target} (like {parent} including all excluding indexes)")


def attach(connection, target, parent, bound):
    """Indexes first, so that attaching finds them."""
    rows = connection.run(
        "select pg_get_indexdef(i.indexrelid), pg_get_constraintdef(c.oid) from pg_index i "
        f"left join pg_constraint c on c.conindid = i.indexrelid where i.indrelid = '{parent}'::regclass")
    for index, constraint in rows:
        if constraint:
            connection.run(f"alter table {target} add {constraint}")
        else:
            connection.run(re.sub(r"INDEX \S+ ON (ONLY )?\S+ ", f"INDEX ON {target} ", index, count=1))
    connection.run(f"alter table {parent} attach partition {target} {bound}")


def fill_day(connection, seeds, day, count, hours):
    """One transaction, so that new partitions need no write-ahead log."""
    clones = f"clones_{day:%Y%m%d}"
    connection.run("begin")
    make_clones(connection, clones, day, count, hours)
    made, seen = [], set()
    for table in seeds:
        target, parent, bound = table.target(day)
        if parent and target not in seen and connection.value(f"select to_regclass('{target}') is null") == "t":
            create_partition(connection, target, parent)
            made.append((target, parent, bound))
        seen.add(target)
        connection.run(table.insertion(day, clones, target))
    for target, parent, bound in made:
        attach(connection, target, parent, bound)
    samples = connection.run(f"select seed_id, trace_id from {clones} limit 1")
    connection.run(f"drop table {clones}; commit")
    return samples


def days_of(days, traces):
    """(day, traces, hours of it): evenly, today as far as its whole hours have come, newest first."""
    now = datetime.datetime.now(datetime.timezone.utc)
    a_day = traces / (days - 1 + now.hour / 24)
    plan = [(now.date(), round(a_day * now.hour / 24), now.hour)] if a_day * now.hour >= 24 else []
    return plan + [(now.date() - n * DAY, round(a_day), 24) for n in range(1, days)]


def fill_days(cluster, seeds, plan):
    """Two at a time, the oldest first. Returns (seed trace, clone) of each day."""
    waiting, samples, failures = list(plan), [], []

    def work():
        connection = cluster.connect()
        try:
            while waiting and not failures:
                samples.extend(fill_day(connection, seeds, *waiting.pop()))
        except Exception as error:  # noqa: BLE001 – told by the thread that started this one
            failures.append(error)
        connection.close()

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]
    return samples


def vacuum(cluster, names):
    """As autovacuum would have done by now, two tables at a time."""
    waiting = list(names)

    def work():
        connection = cluster.connect()
        while waiting:
            connection.run(f"vacuum (analyze) {waiting.pop()}")
        connection.close()

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def leaves(connection):
    return [row[0] for row in connection.run(
        "select c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace where c.relkind = 'r' and n.nspname = 'public' "
        "order by pg_total_relation_size(c.oid)")]


def bodies(service, trace, observation):
    status, body = service.get(f"/api/v1/observations/{observation}?trace={trace}")
    if status != 200:
        raise RuntimeError(f"observation {observation} of {trace}: {status} {body[:200]}")
    shown = json.loads(body)
    return {key: shown[key] for key in ("input", "output", "metadata", "name", "model", "usage", "cost")}


def check(service, samples):
    """Clones read as what they were cloned from, bodies included."""
    for original, copy in samples:
        original, copy = original.replace("-", ""), copy.replace("-", "")
        trace = json.loads(service.get("/api/v1/traces/" + copy)[1])
        if len(trace["observations"]) != PER_TRACE:
            raise RuntimeError(f"trace {copy} has {len(trace['observations'])} observations")
        for shown in trace["observations"][:4]:
            mine, its = bodies(service, copy, shown["id"]), bodies(service, original, shown["id"])
            if mine != its or mine["input"] is None:
                raise RuntimeError(f"observation {shown['id']} of clone {copy} reads {mine}, its original {its}")


def fill(service, observations, days=35):
    """Leaves the service running on about so many more observations. Returns seconds by step."""
    times, started = {}, time.time()

    def step(name):
        nonlocal started
        times[name] = round(time.time() - started, 1)
        say(f"{name}: {times[name]} s")
        started = time.time()

    day = seed(service, observations)
    step("seed through HTTP")
    service.stop()
    with FillingCluster(service.folder) as cluster:
        connection = cluster.connect()
        seeds = prepare(connection, day)
        step("prepare")
        samples = fill_days(cluster, seeds, days_of(days, observations // PER_TRACE))
        connection.run(f"drop schema {STEP} cascade")
        step("clone")
        names = leaves(connection)
        connection.close()
        vacuum(cluster, names)
        step("vacuum")
    step("shut down")
    service.start()
    service.command("rollup", "rebuild")
    step("rollup rebuild")
    connection = service.connect()
    connection.run("vacuum (analyze) spend_hour")
    connection.run("vacuum (analyze) spend_endpoint_hour")
    connection.run("vacuum (analyze) spend_user_day")
    connection.run("checkpoint")
    check(service, samples[:5])
    step("check")
    size, traces = connection.run("select pg_database_size(current_database()), count(*) from traces")[0]
    connection.close()
    say(f"{int(traces):,} traces, {int(size) / 1e9:.1f} GB")
    return times


def fill_sums(service, days):
    """Leaves the service running on sums without calls."""
    service.stop()
    with FillingCluster(service.folder) as cluster:
        connection = cluster.connect()
        for table, rows in sums.fill(connection, days).items():
            say(f"{table}: {rows:,} rows")
        connection.close()
    service.start()
    sums.wait(service)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", required=True, metavar="DIR")
    wanted = parser.add_mutually_exclusive_group(required=True)
    wanted.add_argument("--million", type=float, metavar="N", help="observations")
    wanted.add_argument("--sums", type=int, metavar="DAYS", help="only sums, of so many days at 1 M calls each")
    parser.add_argument("--days", type=int, default=35)
    given = parser.parse_args()
    service = Service(os.environ.get("QUIPU_BINARY") or sys.exit("QUIPU_BINARY names no program"), given.data)
    try:
        if given.sums:
            fill_sums(service, given.sums)
        else:
            fill(service, int(given.million * 1e6), given.days)
    finally:
        service.close()


if __name__ == "__main__":
    main()
