"""Senders as SDKs are, but patient: many at once, each request repeated until it is acknowledged, some of them needlessly."""
import collections
import http.client
import json
import random
import threading
import time
import urllib.parse

from service import authorization


def encoded(request):
    if request.path == "/v1/traces":
        return json.dumps({"resourceSpans": [{"scopeSpans": [{"scope": {"name": "torture"}, "spans": request.body}]}]}).encode()
    return json.dumps({"batch": request.body}).encode()


def refused_items(status, answer):
    """Why a success is none: items that were refused in it."""
    reply = json.loads(answer or b"{}")
    if status == 207:
        return reply["errors"] or None
    return reply.get("partialSuccess")


class Sender:
    """Sends requests to `services` at random until each is acknowledged; notes every answer that breaks a promise."""

    def __init__(self, services, ledger, threads=8, duplicates=0.08, patience_seconds=0.3):
        self.services, self.ledger = services, ledger
        self.duplicates = duplicates
        # Retry-After is obeyed up to this, so that rounds stay short.
        self.patience_seconds = patience_seconds
        self.answers = collections.Counter()
        self.broken = []
        self.longest_seconds = 0.0
        self._due = []
        self._open = 0
        self._condition = threading.Condition()
        self._is_closed = False
        self._threads = [threading.Thread(target=self._work, args=(i,), daemon=True) for i in range(threads)]
        for thread in self._threads:
            thread.start()

    def add(self, requests):
        with self._condition:
            self._open += len(requests)
            self._due += [(0.0, r) for r in reversed(requests)]
            self._condition.notify_all()

    @property
    def unfinished(self):
        return self._open

    def wait(self, seconds):
        """Until everything is acknowledged."""
        deadline = time.monotonic() + seconds
        with self._condition:
            while self._open:
                if not self._condition.wait(timeout=max(0.0, deadline - time.monotonic())) and time.monotonic() >= deadline:
                    raise AssertionError(f"{self._open} requests were never acknowledged; answers: {dict(self.answers)}")

    def close(self):
        with self._condition:
            self._is_closed = True
            self._condition.notify_all()
        for thread in self._threads:
            thread.join(timeout=30)

    def _take(self):
        with self._condition:
            while not self._is_closed:
                now = time.monotonic()
                for i in range(len(self._due) - 1, -1, -1):
                    if self._due[i][0] <= now:
                        return self._due.pop(i)[1]
                self._condition.wait(timeout=0.05 if self._due else None)
        return None

    def _later(self, request, seconds):
        with self._condition:
            self._due.insert(0, (time.monotonic() + seconds, request))
            self._condition.notify()

    def _done(self):
        with self._condition:
            self._open -= 1
            self._condition.notify_all()

    def _work(self, number):
        rng, connections = random.Random(number), {}
        while (request := self._take()) is not None:
            service = rng.choice(self.services)
            try:
                wait_seconds = self._send(request, service, connections)
            except (OSError, http.client.HTTPException) as error:
                connections.pop(service.url, None)
                self.answers[type(error).__name__] += 1
                if isinstance(error, TimeoutError):
                    self.broken.append("no answer within 20 s")
                wait_seconds = 0.1
            if wait_seconds is not None:
                self._later(request, wait_seconds)
                time.sleep(0.02)
            elif rng.random() < self.duplicates:
                self._later(request, rng.random() * 0.5)
            else:
                self._done()

    def _send(self, request, service, connections):
        """None when acknowledged, else seconds to wait."""
        connection = connections.get(service.url)
        if connection is None:
            address = urllib.parse.urlsplit(service.url)
            connection = connections[service.url] = http.client.HTTPConnection(address.hostname, address.port, timeout=20)
        started = time.monotonic()
        connection.request(
            "POST", request.path, encoded(request), {"Content-Type": "application/json", "Authorization": authorization(service)})
        response = connection.getresponse()
        answer = response.read()
        self.longest_seconds = max(self.longest_seconds, time.monotonic() - started)
        self.answers[response.status] += 1
        if response.status in (200, 207):
            if refused := refused_items(response.status, answer):
                self.broken.append(f"items refused: {str(refused)[:300]}")
            self.ledger.acknowledge(request)
            return None
        retry_after = response.headers.get("Retry-After")
        if response.status not in (429, 503) or retry_after is None:
            self.broken.append(f"{response.status}, Retry-After {retry_after}: {answer[:200]!r}")
        return min(float(retry_after or 1), self.patience_seconds)
