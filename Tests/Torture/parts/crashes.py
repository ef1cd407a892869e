#!/usr/bin/env python3
"""Part `crashes`: kill -9 of the service, of a backend, of the whole PostgreSQL, at random moments under load."""
import paths  # noqa: F401

import audit
import faults
import rounds
from servers import OwnServer
from service import Service

TRACES = 250
ROUNDS_PER_REBUILD = 10


def main():
    report, (ledger, rng) = rounds.Report("crashes"), rounds.new_ledger()
    server = OwnServer()
    service = None
    try:
        service = Service(server)
        for number in range(1, rounds.chosen("rounds", 100) + 1):
            fault = rng.choice(faults.CRASHES)
            findings, sender = rounds.crash_round([service], server, ledger, fault, TRACES, rng, window_seconds=0.7)
            if number % ROUNDS_PER_REBUILD == 0:
                findings.add(audit.check_rollups(service, server))
            report.add(fault.__name__, findings, f"{dict(sender.answers)} longest {sender.longest_seconds:.1f} s")
        everything = audit.check_traces([service], ledger.traces.values(), bodies=8)
        everything.add(audit.check_rollups(service, server))
        everything.items = 0
        report.add("everything again", everything)
    finally:
        if service:
            service.close()
        server.close()
    report.finish()


if __name__ == "__main__":
    main()
