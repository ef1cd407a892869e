"""Measures what storing spans costs beside the bare COPY of equal rows, in one run on one PostgreSQL. See deploy/bench."""
import argparse
import os
import secrets
import sys
import time

import cases
import full
import measures
import report
from floor import Floor, rows
from service import Service


def options():
    parser = argparse.ArgumentParser(prog="deploy/bench", description=__doc__)
    parser.add_argument("--cases", default="all", help="comma list of " + ", ".join(cases.ALL) + " (all)")
    parser.add_argument("--spans", type=int, help="spans of the plain case; the others take a share of it (100000)")
    parser.add_argument("--quick", action="store_true", help="only plain and the floor, in about 20 seconds")
    parser.add_argument("--hours", type=float, default=24, help="starts are spread over so many hours back from now (24)")
    parser.add_argument("--half-seconds", type=float, help="how long half load lasts (8)")
    parser.add_argument("--idle-seconds", type=float, default=3, help="how long idling is watched (3)")
    parser.add_argument("--grow", type=float, metavar="MILLION", help="then plain and full again on so many million stored spans")
    parser.add_argument("--keep", metavar="DIR", help="data folder to use and keep; what it holds already stays")
    parser.add_argument("--json", metavar="FILE", help="writes all figures there")
    given = parser.parse_args()
    given.spans = given.spans or (40_000 if given.quick else 100_000)
    given.half_seconds = given.half_seconds or (4 if given.quick else 8)
    given.cases = ["plain"] if given.quick and given.cases == "all" else list(cases.ALL) if given.cases == "all" else given.cases.split(",")
    unknown = [name for name in given.cases if name not in cases.ALL]
    if unknown:
        parser.error(f"no such case: {', '.join(unknown)}")
    return given


def compare(figures, floors):
    """Service and PostgreSQL against what PostgreSQL alone needs for the bare rows."""
    figures["floor"] = figures.get("floor") or sum(floors) / len(floors)
    if "serviceCpuSecondsPer1000" in figures and figures["floor"]:
        used = figures["serviceCpuSecondsPer1000"] + figures["postgresCpuSecondsPer1000"]
        figures["ratioToFloor"] = used / figures["floor"]


def idle(service, seconds):
    """The service does nothing for anybody."""
    time.sleep(2)
    used, cluster = service.service_seconds(), service.cluster_seconds()
    time.sleep(seconds)
    return {
        "serviceMiB": round(measures.memory_mib(service.process.pid, "VmRSS"), 1),
        "serviceCpuSecondsPerSecond": (service.service_seconds() - used) / seconds,
        "postgresCpuSecondsPerSecond": (service.cluster_seconds() - cluster) / seconds}


def say(text):
    print("==> " + text, file=sys.stderr, flush=True)


class Bench:
    def __init__(self, given, service):
        self.given, self.service = given, service
        self.floor = Floor(service)
        self.floor_rows = max(500, min(given.spans, 40_000))
        self.report = {"floors": [], "cases": []}

    def measure_floor(self, name, count, shape):
        say(name)
        now = time.time_ns()
        reach = int(self.given.hours * cases.NS_PER_HOUR)
        count = max(count, 500)
        steps = count // shape.get("batch", 50)
        lines = rows(count, secrets.randbelow(1 << 32), lambda i: now - int(reach * (1 - (i + 1) / steps)), **shape)
        figures = self.floor.measure(lines)
        self.report["floors"].append({"name": name, **figures})
        return figures["postgresCpuSecondsPer1000"]

    def warm_up(self):
        """Partitions, connections and plans exist before the clock starts."""
        case = cases.ALL["plain"]
        cases.Traffic(case, case.make(), 2000, self.given.hours).send(self.service, case.connections)
        self.service.wait_until_folded()

    def run(self, names, suffix=""):
        """Floors before, between and after; each case is compared with the mean of those around it, other bodies with their own."""
        floors = [self.measure_floor("floor 1" + suffix, self.floor_rows, {})]
        measured = []
        for name in names:
            case = cases.ALL[name]
            if case.profile is full:
                self.make_people()
            say(name + suffix)
            figures = cases.run(case, self.service, self.given.spans, self.given.hours, self.given.half_seconds)
            figures["name"] = name + suffix
            if case.floor_shape:
                figures["floor"] = self.measure_floor(f"floor of {name}{suffix}", int(self.floor_rows * case.share), case.floor_shape)
            measured.append((figures, len(floors)))
            if name in ("plain", "full") or name == names[-1]:
                floors.append(self.measure_floor(f"floor {len(floors) + 1}{suffix}", self.floor_rows, {}))
        for figures, place in measured:
            compare(figures, floors[place - 1:place + 1])
        self.report["cases"] += [figures for figures, _ in measured]

    def make_people(self):
        connection = self.service.connect()
        connection.run(full.PEOPLE)
        connection.close()
        time.sleep(4)  # the service reads its directory every three seconds
        self.report["idle"][f"with {full.USERS} users in groups"] = idle(self.service, 2 * self.given.idle_seconds)


def main():
    given = options()
    binary = os.environ.get("QUIPU_BINARY") or sys.exit("QUIPU_BINARY names no program; deploy/bench sets it")
    service = Service(binary, given.keep)
    try:
        bench = Bench(given, service)
        bench.report["machine"] = {"cores": os.cpu_count(), "load": "%.1f" % os.getloadavg()[0]}
        bench.report["postgres"] = bench.floor.connection.value("show server_version").split()[0]
        bench.report["idle"] = {"at start": idle(service, given.idle_seconds)}
        bench.warm_up()
        bench.run(given.cases)
        if given.grow:
            import grow
            say(f"filling up to {given.grow:g} million spans")
            bench.report["growSeconds"] = grow.fill(service, int(given.grow * 1e6))
            bench.floor = Floor(service)
            bench.warm_up()
            bench.run(["plain", "full"], f" at {given.grow:g} M")
        print(report.text(bench.report), flush=True)
        if given.json:
            report.write(bench.report, given.json)
    finally:
        service.close()


if __name__ == "__main__":
    main()
