#!/usr/bin/env python3
"""Part `soak`: half load for long; memory and open files of the service stay where they were, totals are the sender's."""
import statistics
import time

import paths  # noqa: F401

import audit
import rounds
from flood import Flood
from servers import OwnServer
from service import Service

SAMPLE_SECONDS = 1
# Flat: the last fifth's median exceeds the second fifth's by no more than this.
GROWTH_MAX, GROWTH_MAX_MIB = 1.10, 20
OPEN_FILES_MORE_MAX = 10


def median_of_fifth(samples, fifth):
    size = len(samples) // 5
    return statistics.median(samples[size * fifth:size * (fifth + 1)])


def full_load(service, seconds=15):
    """Spans per second that this machine takes, and the flood that found out."""
    flood, started = Flood([service]), time.monotonic()
    time.sleep(seconds)
    flood.stop()
    return flood, flood.spans / (time.monotonic() - started)


def check(samples, findings):
    memory, files = [s[0] for s in samples], [s[1] for s in samples]
    early, late = median_of_fifth(memory, 1), median_of_fifth(memory, 4)
    if late > max(early * GROWTH_MAX, early + GROWTH_MAX_MIB):
        findings.wrong.append(f"memory grew from {early:.0f} to {late:.0f} MiB")
    early_files, late_files = median_of_fifth(files, 1), median_of_fifth(files, 4)
    if late_files > early_files + OPEN_FILES_MORE_MAX:
        findings.wrong.append(f"open files grew from {early_files} to {late_files}")
    return f"MiB {early:.0f} then {late:.0f}, peak {max(memory):.0f}; files {early_files:.0f} then {late_files:.0f}"


def main():
    report = rounds.Report("soak")
    server = OwnServer(max_wal_size="2GB")
    service = None
    try:
        service = Service(server)
        first, spans_per_second = full_load(service)
        rate = rounds.chosen("rate", 0) or spans_per_second / 2
        print(f"full load {spans_per_second:.0f} spans/s, soak at {rate:.0f}", flush=True)
        flood = Flood([service], rate, first=first._next)
        flood._started -= first._next / flood.rate
        samples, seconds = [], rounds.chosen("minutes", 20) * 60
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            time.sleep(SAMPLE_SECONDS)
            samples.append((service.resident_mib(), service.open_files()))
            if len(samples) % 60 == 0:
                print(f"{len(samples):5} s {samples[-1][0]:.0f} MiB, {samples[-1][1]} files, {flood.spans} spans, {flood.answers}", flush=True)
        flood.stop()
        findings = audit.Findings(first.spans + flood.spans, wrong=first.broken + flood.broken)
        detail = check(samples, findings)
        service.wait_until_folded(300)
        meant = {"calls": first.calls + flood.calls, "cost": first.cost + flood.cost}
        shown = audit.measures(service.ask("/api/v1/costs")["total"])
        audit.compare(findings, "total", meant, {name: shown[name] for name in meant})
        findings.add(audit.check_rollups(service, server))
        report.notes.append(f"{rate:.0f} spans/s; {detail}")
        report.add("soak", findings, detail)
    finally:
        if service:
            service.close()
        server.close()
    report.finish()


if __name__ == "__main__":
    main()
