"""Holds what the service shows against the sender's ledger."""
import concurrent.futures
import subprocess
from dataclasses import dataclass, field
from decimal import Decimal


@dataclass
class Findings:
    items: int = 0
    lost: list = field(default_factory=list)
    twice: list = field(default_factory=list)
    wrong: list = field(default_factory=list)

    @property
    def is_clean(self):
        return not (self.lost or self.twice or self.wrong)

    def add(self, other):
        self.items += other.items
        for name in ("lost", "twice", "wrong"):
            getattr(self, name).extend(getattr(other, name))

    def __str__(self):
        examples = (self.lost + self.twice + self.wrong)[:5]
        return f"items {self.items}, lost {len(self.lost)}, twice {len(self.twice)}, wrong {len(self.wrong)} {examples or ''}"


def pico(money):
    return 0 if money is None else int(Decimal(money) * 10**12)


def check_trace(service, trace, findings, bodies=0):
    """Each acknowledged observation is there once, and means what was sent. `bodies` of them are read whole."""
    shown = service.ask("/api/v1/traces/" + trace.id)
    seen = {}
    for observation in shown["observations"] if shown else []:
        if observation["id"] in seen:
            findings.twice.append((trace.id, observation["id"]))
        seen[observation["id"]] = observation
    for extra in seen.keys() - trace.observations.keys():
        findings.twice.append((trace.id, extra, "was never sent"))
    for span, expected in trace.observations.items():
        findings.items += 1
        if span not in seen:
            findings.lost.append((trace.id, span))
            continue
        got = seen[span]
        meant = (expected.usage, expected.cost_pico, trace.user, trace.endpoint if expected.is_call else got["endpoint"])
        if (got["usage"], pico(got["cost"]), got["user"], got["endpoint"]) != meant:
            findings.wrong.append((trace.id, span, got["name"], got["usage"], got["cost"], got["user"], got["endpoint"], meant))
        if expected.input and bodies > 0:
            bodies -= 1
            body = service.ask("/api/v1/observations/" + span, trace=trace.id)
            if body is None or body["input"] != expected.input:
                findings.lost.append((trace.id, span, "its body", body and str(body["input"])[:80]))


def check_traces(services, traces, bodies=1):
    traces = list(traces)
    findings = [Findings() for _ in traces]
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        jobs = [pool.submit(check_trace, services[i % len(services)], t, f, bodies) for i, (t, f) in enumerate(zip(traces, findings))]
        for job in jobs:
            job.result()
    result = Findings()
    for finding in findings:
        result.add(finding)
    return result


def measures(row):
    tokens = row["tokens"]
    return {"calls": row["calls"], **{b: tokens.get(b, 0) for b in ("input", "cacheRead", "output")}, "cost": pico(row["cost"])}


def check_totals(service, ledger):
    """The cost report, in whole, by user and by endpoint, against the ledger's sums. All must be acknowledged."""
    service.wait_until_folded()
    findings = Findings()
    compare(findings, "total", ledger.totals(), measures(service.ask("/api/v1/costs")["total"]))
    for dimension in ("user", "endpoint"):
        shown = {row[dimension]: measures(row) for row in service.ask("/api/v1/costs", groupBy=dimension)["rows"]}
        meant = {key: total for key, total in ledger.totals(dimension).items() if total["calls"]}
        for key in shown.keys() | meant.keys():
            compare(findings, f"{dimension} {key}", meant.get(key, {}), shown.get(key, {}))
    return findings


def check_sums(service, ledger, flood=None):
    """Calls and cost of everything that was sent, by all senders."""
    service.wait_until_folded(300)
    findings, meant = Findings(), ledger.totals()
    meant = {"calls": meant["calls"] + (flood.calls if flood else 0), "cost": meant["cost"] + (flood.cost if flood else 0)}
    shown = measures(service.ask("/api/v1/costs")["total"])
    compare(findings, "sum", meant, {name: shown[name] for name in meant})
    return findings


def compare(findings, name, meant, shown):
    if meant == shown:
        return
    more = shown.get("calls", 0) > meant.get("calls", 0) or shown.get("cost", 0) > meant.get("cost", 0)
    (findings.twice if more else findings.lost).append((name, "meant", meant, "shown", shown))


ROLLUPS = "select tablename from pg_tables where schemaname = 'public' and tablename ~ '^(spend|charges)_' order by 1"


def rollup_digests(server):
    tables = server.psql(ROLLUPS).split()
    assert tables, "no rollups"
    digest = "select md5(coalesce(string_agg(t::text, E'\\n' order by t::text), '')) from {} t"
    return {table: server.psql(digest.format(table)) for table in tables}


def check_rollups(service, server):
    """Rollups are what a rebuild makes of the observations, to the last digit, and no delta is left."""
    service.wait_until_folded()
    findings = Findings()
    if (left := server.psql("select count(*) from deltas")) != "0":
        findings.wrong.append(("deltas left", left))
    before = rollup_digests(server)
    done = subprocess.run([service.binary, "rollup", "rebuild"], env=service.environment, capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stderr
    after = rollup_digests(server)
    findings.wrong += [("rollup differs from its rebuild", table) for table in before if before[table] != after[table]]
    return findings
