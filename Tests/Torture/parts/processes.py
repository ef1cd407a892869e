#!/usr/bin/env python3
"""Part `processes`: two and three services on one database, the same spans sent to all of them, one killed in the middle."""
import threading
import time

import paths  # noqa: F401

import audit
import rounds
from ledger import Ledger
from sender import Sender
from servers import OwnServer
from service import Service

TRACES = 250


def start_together(server, count):
    """All at once, as a deployment does: migrations and first start must happen once."""
    services, failures = [], []

    def start():
        try:
            services.append(Service(server))
        except Exception as error:  # noqa: BLE001
            failures.append(error)

    threads = [threading.Thread(target=start) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        for service in services:
            service.close()
        raise failures[0]
    return services


def race(services, requests):
    """Each request to every service at the same moment, so that they meet at the same new traces."""
    barrier = threading.Barrier(len(services))

    def send(service):
        private = Sender([service], Ledger(), threads=1, duplicates=0)
        for request in requests:
            barrier.wait()
            private.add([request])
            private.wait(60)
        private.close()
        broken.extend(private.broken)

    broken = []
    threads = [threading.Thread(target=send, args=(s,)) for s in services]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return broken


def one_round(services, server, ledger, rng, kills):
    planned, requests = ledger.plan(TRACES)
    raced, mixed = requests[:20], requests[20:]
    broken = race(services, raced)
    for request in raced:
        ledger.acknowledge(request)
    sender = Sender(services, ledger, threads=12, duplicates=0.4)
    sender.add(mixed)
    if kills:
        time.sleep(rng.random() * 0.6)
        victim = rng.choice(services)
        victim.kill()
        time.sleep(rng.random() * 0.5)
        victim.restart()
    sender.wait(120)
    sender.close()
    findings = audit.check_traces(services, planned)
    findings.add(audit.check_totals(rng.choice(services), ledger))
    findings.wrong += broken + sender.broken
    return findings, sender


def run(count, number, report, rng):
    ledger, server, services = Ledger(rng.randrange(10**9)), OwnServer(), []
    try:
        services = start_together(server, count)
        for i in range(number):
            kills = i % 2 == 1
            findings, sender = one_round(services, server, ledger, rng, kills)
            if i == number - 1 or i % 10 == 9:
                findings.add(audit.check_rollups(rng.choice(services), server))
            report.add(f"{count} services" + (", one killed" if kills else ""), findings, str(dict(sender.answers)))
    finally:
        for service in services:
            service.close()
        server.close()


def main():
    report, (_, rng) = rounds.Report("processes"), rounds.new_ledger()
    each = max(1, rounds.chosen("rounds", 100) // 4)
    for count in (2, 3):
        run(count, each, report, rng)
    report.finish()


if __name__ == "__main__":
    main()
