#!/usr/bin/env python3
"""Part `hostile`: every hostile request there is, the slow ones and the floods too. No crash, no 500, bounded memory, /livez answers."""
import http.client
import threading
import time

import paths  # noqa: F401

import audit
import hostile_bodies
import hostile_http
import hostile_values
import rounds
from hostile_wire import CALL, MIB, check_health, check_serves, peak_mib, post, request, span
from service import Service

# The limit of bytes in flight is 96 MiB; a large body decodes into up to six times its size.
PEAK_MAX_MIB = 900
LIVEZ_P99_MAX_SECONDS = 0.25


def a_chain_of_10_000_parents_is_settled(service):
    hostile_values.deep_traces(service, 10_000)


def a_trace_of_20_000_spans_takes_ten_senders_at_once(service):
    """Each reads and decides the whole trace again; the memory of it must not add up."""
    trace = bytes(range(16))
    for start in range(0, 20_000, 2_000):
        spans = [span(trace, (start + i + 1).to_bytes(8, "big"), (1).to_bytes(8, "big") if start + i else b"") for i in range(2_000)]
        while post(service, request(spans), timeout=120).status_code != 200:
            time.sleep(0.5)
    before, answers = peak_mib(service), []
    senders = [threading.Thread(target=lambda: [answers.append(post(service, request([span(trace)])).status_code) for _ in range(3)])
               for _ in range(10)]
    for sender in senders:
        sender.start()
    for sender in senders:
        sender.join()
    assert set(answers) <= {200, 503}, answers
    print(f"  ten senders into 20,000 spans: {before} MiB before, {peak_mib(service)} at most; {answers.count(200)} of 30 stored at once", flush=True)


def a_hundred_thousand_models_are_told_apart(service):
    hostile_values.distinct_models(service, 100_000)


def livez_answers_while_large_bodies_arrive(service, seconds=30):
    """Bodies of 5 to 60 MiB from four senders."""
    texts = {**CALL, "gen_ai.input.messages": "y" * 2800, **{f"a.{i}": "v" * 20 for i in range(20)}}
    bodies = [request([span(attributes=texts) for _ in range(count)]) for count in (1_500, 6_000, 17_000)]
    stop, answers, waits = threading.Event(), [], []

    def flood(place):
        while not stop.is_set():
            answers.append(post(service, bodies[place % 3]).status_code)
            place += 1

    senders = [threading.Thread(target=flood, args=(place,)) for place in range(4)]
    for sender in senders:
        sender.start()
    end, connection = time.monotonic() + seconds, http.client.HTTPConnection("127.0.0.1", service.port, timeout=20)
    while time.monotonic() < end:
        started = time.monotonic()
        connection.request("GET", "/livez")
        connection.getresponse().read()
        waits.append(time.monotonic() - started)
        time.sleep(0.05)
    stop.set()
    for sender in senders:
        sender.join()
    waits.sort()
    p99 = waits[len(waits) * 99 // 100]
    print(f"  /livez under {sum(len(b) for b in bodies) // MIB} MiB bodies: p99 {p99 * 1000:.0f} ms, longest {waits[-1] * 1000:.0f} ms", flush=True)
    assert set(answers) <= {200, 503}, set(answers)
    assert p99 <= LIVEZ_P99_MAX_SECONDS, p99


OWN = [a_chain_of_10_000_parents_is_settled, a_trace_of_20_000_spans_takes_ten_senders_at_once, a_hundred_thousand_models_are_told_apart,
       livez_answers_while_large_bodies_arrive]


def main():
    report, service = rounds.Report("hostile"), Service()
    try:
        for case in hostile_http.CASES + hostile_bodies.CASES + hostile_values.CASES + OWN:
            findings = audit.Findings(items=1)
            try:
                case(service)
                check_health(service)
                check_serves(service)
            except (AssertionError, OSError, http.client.HTTPException) as problem:
                findings.wrong.append(f"{case.__name__}: {str(problem)[:300] or repr(problem)}")
            if service.process.poll() is not None:
                service.restart()
            report.add(case.__name__, findings, f"peak {peak_mib(service)} MiB")
        report.notes.append(f"peak {peak_mib(service)} MiB")
        if peak_mib(service) > PEAK_MAX_MIB:
            report.total.wrong.append(f"the service held {peak_mib(service)} MiB")
    finally:
        service.close()
    report.finish()


if __name__ == "__main__":
    main()
