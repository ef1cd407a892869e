"""Rounds of load, a fault in the middle, and an audit; and the one line each part ends with."""
import os
import random
import sys
import time

import audit
import faults
from ledger import Ledger
from sender import Sender


def crash_round(services, server, ledger, fault, traces, rng, window_seconds):
    """One round: everything planned is acknowledged in the end. Returns what the audit found of this round's traces, and the sender."""
    planned, requests = ledger.plan(traces)
    sender = Sender(services, ledger)
    try:
        sender.add(requests)
        faults.wait_until_in_use(sender, 0, 5)
        faults.random_moment(rng, window_seconds)
        if sender.unfinished:
            fault(rng.choice(services), server, rng)
        sender.wait(120)
    finally:
        sender.close()
    findings = audit.check_traces(services, planned)
    findings.add(audit.check_totals(services[0], ledger))
    findings.wrong += sender.broken
    return findings, sender


class Report:
    """Prints as it goes; the summary goes to the file that deploy/torture names."""

    def __init__(self, part):
        self.part, self.started = part, time.monotonic()
        self.rounds, self.total = 0, audit.Findings()
        self.notes = []

    def add(self, name, findings, detail=""):
        self.rounds += 1
        self.total.add(findings)
        print(f"{self.part} {self.rounds:4} {name:24} {findings} {detail}", flush=True)

    def finish(self):
        """Exits 0 only if nothing was lost, nothing counted twice, no promise broken."""
        seconds = time.monotonic() - self.started
        line = "\t".join(str(v) for v in (
            self.part, self.rounds, self.total.items, len(self.total.lost), len(self.total.twice), len(self.total.wrong), f"{seconds:.0f}",
            "; ".join(self.notes)))
        if path := os.environ.get("TORTURE_SUMMARY"):
            with open(path, "a") as f:
                f.write(line + "\n")
        print(line, flush=True)
        for problem in (self.total.lost + self.total.twice + self.total.wrong)[:40]:
            print("  ", problem, flush=True)
        sys.exit(0 if self.total.is_clean else 1)


def chosen(name, standard):
    """A figure that deploy/torture hands on, such as TORTURE_ROUNDS."""
    return type(standard)(os.environ.get("TORTURE_" + name.upper(), standard))


def new_ledger():
    seed = chosen("seed", random.randrange(10**9))
    print(f"seed {seed}", flush=True)
    return Ledger(seed), random.Random(seed + 1)
