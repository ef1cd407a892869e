"""The table on the terminal and the JSON file."""
import json

FLOOR_HEAD = ("floor: COPY into one table, 5 indexes", "rows/s", "PG ms/1000", "WAL B", "stored B", "COPY B")
HEAD = (
    "case", "spans/s", "req/s", "CPU ms/1000: svc", "PG", "sum", "×floor", "gen", "full p50", "p90", "p99 ms", "half p50", "p90", "p99 ms",
    "peak MiB", "WAL B", "stored B", "retries")


def table(head, rows):
    """First column to the left, numbers to the right."""
    texts = [[cell(value) for value in row] for row in rows]
    widths = [max(len(column[i]) for column in [head] + texts) for i in range(len(head))]
    lines = []
    for row in [head] + texts:
        lines.append("  ".join(text.ljust(w) if i == 0 else text.rjust(w) for i, (text, w) in enumerate(zip(row, widths))).rstrip())
    return "\n".join(lines)


def cell(value):
    if value is None:
        return "–"
    return f"{value:.2f}" if isinstance(value, float) and value < 10 else f"{value:.1f}" if isinstance(value, float) else str(value)


def floor_row(name, f):
    return (name, f["rowsPerSecond"], f["postgresCpuSecondsPer1000"] * 1000, f["walBytesPerRow"], f["storedBytesPerRow"], f["copyBytesPerRow"])


def case_row(c):
    service, postgres = c.get("serviceCpuSecondsPer1000"), c.get("postgresCpuSecondsPer1000")
    milliseconds = [None if v is None else v * 1000 for v in (service, postgres, None if service is None else service + postgres)]
    generator = c.get("generatorCpuSecondsPer1000")
    latencies = [c[load].get(f"p{p}Milliseconds") for load in ("full", "half") for p in (50, 90, 99)]
    return (
        c["name"], c["durableSpansPerSecond"], c["requestsPerSecond"], *milliseconds, c.get("ratioToFloor"),
        None if generator is None else generator * 1000, *latencies, c.get("servicePeakMiB"), c.get("walBytesPerSpan"),
        c.get("storedBytesPerSpan"), c["retries"])


def idle_line(name, idle):
    return (
        f"idle {name}: service {idle['serviceMiB']} MiB, CPU ms a second: service {idle['serviceCpuSecondsPerSecond'] * 1000:.1f}, "
        f"PostgreSQL {idle['postgresCpuSecondsPerSecond'] * 1000:.1f} (not subtracted below)")


def warnings(report):
    lines = []
    for c in report["cases"]:
        expected = 0 if c["case"] == "duplicates" else c["spansAcknowledged"]
        missing = c["spansAcknowledged"] != c["spansSent"] or (expected and c["spansStored"] < expected)
        if missing or c["refusals"] or (c["case"] == "duplicates" and c["spansStored"] != c["spansSent"]):
            lines.append(f"{c['name']}: sent {c['spansSent']}, acknowledged {c['spansAcknowledged']}, stored {c['spansStored']}, {c['refusals']}")
    return lines


def text(report):
    floors = [floor_row(f["name"], f) for f in report["floors"]]
    lines = [
        f"{report['machine']['cores']} cores, load {report['machine']['load']}, PostgreSQL {report['postgres']}, fsync and synchronous_commit on",
        *(idle_line(name, i) for name, i in report["idle"].items()), "",
        table(FLOOR_HEAD, floors), "", table(HEAD, [case_row(c) for c in report["cases"]])]
    return "\n".join(lines + [""] + warnings(report))


def write(report, path):
    with open(path, "w") as file:
        json.dump(report, file, indent=1)
        file.write("\n")
