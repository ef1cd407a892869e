#!/usr/bin/env python3
"""Part `crashes`: kill -9 of the service, of a backend, of the whole PostgreSQL, at random moments under load."""
import paths  # noqa: F401

import audit
import faults
import rounds
from ledger import Ledger
from servers import OwnServer, PrivateServer
from service import Service

TRACES = 250
ROUNDS_PER_REBUILD = 10
PRIVATE = [faults.kill_service, faults.kill_backend, faults.kill_database]


def run(name, service, server, kinds, number, ledger, rng, report):
    for i in range(1, number + 1):
        fault = rng.choice(kinds)
        findings, sender = rounds.crash_round([service], server, ledger, fault, TRACES, rng, window_seconds=0.7)
        if i % ROUNDS_PER_REBUILD == 0:
            findings.add(audit.check_rollups(service, server))
        report.add(name + fault.__name__, findings, f"{dict(sender.answers)} longest {sender.longest_seconds:.1f} s")
    everything = audit.check_traces([service], ledger.traces.values(), bodies=8)
    everything.add(audit.check_rollups(service, server))
    everything.items = 0
    report.add(name + "everything again", everything)


def main():
    report, (ledger, rng) = rounds.Report("crashes"), rounds.new_ledger()
    number = rounds.chosen("rounds", 100)
    server, services = OwnServer(), []
    try:
        services.append(Service(server))
        run("", services[0], server, faults.CRASHES, number - number // 5, ledger, rng, report)
        services.append(Service())
        run("private: ", services[1], PrivateServer(services[1]), PRIVATE, number // 5, Ledger(rng.randrange(10**9)), rng, report)
    finally:
        for service in services:
            service.close()
        server.close()
    report.finish()


if __name__ == "__main__":
    main()
