"""Spans as simple as can be, and a sender that repeats until it is told yes."""
import os
import threading
import time
import uuid

import requests


def span(trace, name="call", **attributes):
    """A call of gpt-4o-mini that costs 0.00021 USD."""
    now = time.time_ns()
    sent = {"gen_ai.operation.name": "chat", "gen_ai.provider.name": "openai", "gen_ai.request.model": "gpt-4o-mini",
            "gen_ai.usage.input_tokens": 1000, "gen_ai.usage.output_tokens": 100, **attributes}
    value = lambda v: {"intValue": str(v)} if isinstance(v, int) else {"stringValue": v}
    return {
        "traceId": trace, "spanId": uuid.uuid4().hex[:16], "name": name, "kind": 3, "startTimeUnixNano": str(now - 10**9),
        "endTimeUnixNano": str(now), "attributes": [{"key": k, "value": value(v)} for k, v in sent.items()]}


def send(quipu, spans, session=requests, timeout=60, **more):
    body = {"resourceSpans": [{"resource": {}, "scopeSpans": [{"scope": {"name": "test"}, "spans": spans}]}]}
    return session.post(quipu.url + "/v1/traces", json=body, auth=quipu.auth, timeout=timeout, **more)


def observations(quipu, trace):
    return quipu.get("/api/v1/traces/" + trace)["observations"]


class Senders:
    """Threads that send one call after the other, each again until it is acknowledged; the ledger is `acknowledged`."""

    def __init__(self, quipu, threads=4):
        self.quipu = quipu
        self.acknowledged = []
        self.statuses = {}
        self.without_retry_after = 0
        self.lock = threading.Lock()
        self.ending = threading.Event()
        self.threads = [threading.Thread(target=self.run, daemon=True) for _ in range(threads)]
        for thread in self.threads:
            thread.start()

    def run(self):
        session = requests.Session()
        call = None
        while not self.ending.is_set():
            call = call or span(uuid.uuid4().hex)
            try:
                answer = send(self.quipu, [call], session)
                status = answer.status_code
                if status == 503 and "retry-after" not in answer.headers:
                    self.without_retry_after += 1
            except requests.RequestException:
                status = 0
            with self.lock:
                self.statuses[status] = self.statuses.get(status, 0) + 1
                if status == 200:
                    self.acknowledged.append((time.time(), call["traceId"]))
            if status == 200:
                call = None
            else:
                time.sleep(0.05)

    def wait_for(self, more, seconds=180):
        """Until so many more calls are acknowledged."""
        wanted = len(self.acknowledged) + more
        deadline = time.time() + seconds
        while len(self.acknowledged) < wanted:
            assert time.time() < deadline, f"{self.statuses}"
            time.sleep(0.02)

    def end(self):
        self.ending.set()
        for thread in self.threads:
            thread.join(30)
        return [trace for _, trace in self.acknowledged]


def stored_calls(quipu, expected, seconds=180):
    """The total of the cost report once it has `expected` calls or more and everything is folded."""
    quipu.wait_until_folded(seconds)
    return quipu.wait_for_cost(lambda r: r["total"]["calls"] >= expected, seconds)["total"]


def wait_until(fact, seconds=180):
    deadline = time.time() + seconds
    while not fact():
        assert time.time() < deadline, "it does not come true"
        time.sleep(0.02)


def postmaster(quipu):
    with open(quipu.folder + "/data/postgres/postmaster.pid") as f:
        return int(f.readline())


def servers(quipu):
    """The processes that work in the service's data folder: its PostgreSQL."""
    found = []
    for name in filter(str.isdigit, os.listdir("/proc")):
        try:
            if os.readlink(f"/proc/{name}/cwd") == quipu.folder + "/data/postgres":
                found.append(int(name))
        except OSError:
            pass
    return found
