"""Load by the thousand: OTLP protobuf bodies serialised once, of which only ids and times are patched."""
import http.client
import random
import struct
import threading
import time

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue

from ledger import PRICES, cost_pico, text
from service import authorization

SPANS, SPANS_PER_TRACE = 50, 10


def attribute(key, value):
    return KeyValue(key=key, value=AnyValue(int_value=value) if isinstance(value, int) else AnyValue(string_value=value))


class Template:
    """One request of 50 spans in 5 traces, half of them calls with 1.5 KB and 0.8 KB of text."""

    def __init__(self, seed):
        rng = random.Random(seed)
        self.calls, self.cost = 0, 0
        message = ExportTraceServiceRequest()
        spans = message.resource_spans.add().scope_spans.add().spans
        # Marks that are found again in the bytes.
        self._marks = []
        for i in range(SPANS):
            span = spans.add(name="chat" if i % 2 == 0 else "tool", kind=3)
            span.trace_id = struct.pack(">QQ", 0x7173717371737173, i // SPANS_PER_TRACE)
            span.span_id = struct.pack(">Q", 0x7A7A7A7A7A7A0000 + i)
            span.start_time_unix_nano, span.end_time_unix_nano = 0x6162636461626300 + i, 0x6566676865666700 + i
            span.attributes.extend(attribute(k, v) for k, v in self._attributes(rng, i).items())
        self._bytes = message.SerializeToString()
        self._places = [
            (self._bytes.index(s.trace_id + b"\x12"), self._bytes.index(s.span_id), self._bytes.index(struct.pack("<Q", s.start_time_unix_nano)),
             self._bytes.index(struct.pack("<Q", s.end_time_unix_nano))) for s in spans]
        # The first span of a trace is found first; the others lie behind it.
        at = 0
        for i, s in enumerate(spans):
            at = self._bytes.index(s.trace_id, at)
            self._places[i] = (at, *self._places[i][1:])
            at += 16

    def _attributes(self, rng, i):
        common = {"user.id": f"user-{rng.randrange(500)}", "session.id": f"session-{rng.randrange(2000)}", "deployment.environment.name": "production"}
        common.update({f"app.note_{n}": text(rng, 2) for n in range(10)})
        if i % 2:
            return {**common, "gen_ai.operation.name": "execute_tool", "gen_ai.tool.name": "search", "input.value": text(rng, 20)}
        model = rng.choice(list(PRICES))
        input_tokens, output = rng.randrange(200, 3000), rng.randrange(20, 800)
        self.calls += 1
        self.cost += cost_pico(model, input_tokens, 0, output)
        return {
            **common, "gen_ai.operation.name": "chat", "gen_ai.provider.name": model[0], "gen_ai.request.model": model[1],
            "gen_ai.usage.input_tokens": input_tokens, "gen_ai.usage.output_tokens": output,
            "input.value": text(rng, 220), "output.value": text(rng, 110)}

    def body(self, number):
        """The request of this number: the same number gives the same ids."""
        body = bytearray(self._bytes)
        start = time.time_ns() // 3_600_000_000_000 * 3_600_000_000_000 - 60 * 10**9 + number % 50_000_000
        for i, (trace_at, span_at, start_at, end_at) in enumerate(self._places):
            struct.pack_into(">QQ", body, trace_at, 0x1000000000000000 + number, 1 + i // SPANS_PER_TRACE)
            struct.pack_into(">Q", body, span_at, (number + 1) * SPANS + i)
            struct.pack_into("<Q", body, start_at, start)
            struct.pack_into("<Q", body, end_at, start + 10**9)
        return bytes(body)


class Flood:
    """Sends requests at a rate (0: as fast as they are taken) until `stop`; each until it is acknowledged, one in 20 twice."""

    def __init__(self, services, rate_spans=0, threads=6, first=0):
        self.services, self.rate = services, rate_spans / SPANS
        self.templates = [Template(seed) for seed in range(12)]
        self.requests = self.calls = self.cost = 0
        self.answers, self.broken, self.longest_seconds = {}, [], 0.0
        self._next = first
        self._lock = threading.Lock()
        self._started = time.monotonic()
        self._is_over = False
        self._threads = [threading.Thread(target=self._work, args=(i,), daemon=True) for i in range(threads)]
        for thread in self._threads:
            thread.start()

    @property
    def spans(self):
        return self.requests * SPANS

    def stop(self):
        self._is_over = True
        for thread in self._threads:
            thread.join(timeout=120)
            assert not thread.is_alive(), f"a request was never acknowledged; answers: {self.answers}"

    def _take(self):
        with self._lock:
            number = self._next
            self._next += 1
        if self.rate:
            time.sleep(max(0.0, self._started + number / self.rate - time.monotonic()))
        return number

    def _work(self, seed):
        rng, connections = random.Random(seed), {}
        while not self._is_over:
            number = self._take()
            template = self.templates[number % len(self.templates)]
            body = template.body(number)
            for _ in range(2 if rng.random() < 0.05 else 1):
                while not self._send(body, rng.choice(self.services), connections):
                    time.sleep(0.2)
            with self._lock:
                self.requests += 1
                self.calls += template.calls
                self.cost += template.cost

    def _send(self, body, service, connections):
        started = time.monotonic()
        try:
            connection = connections.setdefault(service.url, http.client.HTTPConnection("127.0.0.1", service.port, timeout=20))
            connection.request(
                "POST", "/v1/traces", body, {"Content-Type": "application/x-protobuf", "Authorization": authorization(service)})
            response = connection.getresponse()
            answer, status = response.read(), response.status
        except (OSError, http.client.HTTPException) as error:
            connections.pop(service.url, None)
            answer, status = b"", type(error).__name__
        with self._lock:
            self.longest_seconds = max(self.longest_seconds, time.monotonic() - started)
            self.answers[status] = self.answers.get(status, 0) + 1
            if status == 200 and answer or isinstance(status, int) and status not in (200, 429, 503):
                self.broken.append(f"{status} {answer[:200]!r}")
            elif status in (429, 503) and response.headers.get("Retry-After") is None:
                self.broken.append(f"{status} without Retry-After")
        return status == 200
