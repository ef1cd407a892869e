"""What the sender sent, what was acknowledged, and what each item must have become: the account that the service is held against."""
import random
import threading
import time
import uuid
from dataclasses import dataclass, field

# pico-USD per token: input, cached input, output.
PRICES = {
    ("openai", "gpt-4o-mini"): (150_000, 75_000, 600_000),
    ("openai", "gpt-4o"): (2_500_000, 1_250_000, 10_000_000),
    ("anthropic", "claude-sonnet-4-5"): (3_000_000, 300_000, 15_000_000),
}
WORDS = "refund invoice weather Zürich naïve 数据 résumé policy tool answer because order shipping vector summary".split()


@dataclass
class Expected:
    """One observation as it must be once everything about it has arrived."""
    is_call: bool
    usage: dict
    cost_pico: int
    input: str = None


@dataclass
class Request:
    """Bytes to send; `items` are (trace, observation) of which an acknowledgement is a promise."""
    path: str
    body: object
    items: list
    traces: list
    is_acknowledged: bool = False


@dataclass
class Trace:
    id: str
    user: str
    endpoint: str
    observations: dict = field(default_factory=dict)
    # (path, spans or events, ids of observations)
    pieces: list = field(default_factory=list)


def cost_pico(model, input_tokens, cached_tokens, output_tokens):
    price = PRICES[model]
    return input_tokens * price[0] + cached_tokens * price[1] + output_tokens * price[2]


def new_span_id():
    return uuid.uuid4().hex[:16]


def text(rng, words):
    return " ".join(rng.choice(WORDS) for _ in range(words)) + " " + uuid.uuid4().hex


def iso(nanoseconds):
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(nanoseconds // 10**9)) + f".{nanoseconds // 10**6 % 1000:03d}Z"


class Maker:
    """Makes traces of the kinds that stress counting once: late roots, wrappers that repeat usage, creates with later updates."""

    def __init__(self, seed, users=40):
        self.rng = random.Random(seed)
        self.users = users

    def trace(self):
        rng = self.rng
        trace = Trace(uuid.uuid4().hex, f"user-{rng.randrange(self.users)}", f"/feature-{rng.randrange(8)}")
        kind = rng.choices(("spans", "wrapper", "batch"), (6, 2, 2))[0]
        {"spans": self._spans, "wrapper": self._wrapper, "batch": self._batch}[kind](trace)
        return trace

    def _call(self):
        """A model with a usage of its own."""
        rng = self.rng
        model = rng.choice(list(PRICES))
        cached = rng.choice((0, 0, rng.randrange(1, 500)))
        return model, rng.randrange(501, 4000), cached, rng.randrange(1, 900), text(rng, rng.randrange(5, 250))

    def _span(self, trace, span_id, parent, name, kind, attributes):
        end = time.time_ns() - self.rng.randrange(0, 3000) * 10**9
        value = lambda v: {"intValue": str(v)} if isinstance(v, int) else {"stringValue": v}
        span = {
            "traceId": trace.id, "spanId": span_id, "name": name, "kind": kind, "startTimeUnixNano": str(end - 10**9),
            "endTimeUnixNano": str(end), "attributes": [{"key": k, "value": value(v)} for k, v in attributes.items()]}
        if parent:
            span["parentSpanId"] = parent
        return span

    def _call_span(self, trace, parent, name, call, operation="chat", is_counted=True):
        model, input_tokens, cached, output, prompt = call
        span_id = new_span_id()
        attributes = {
            "gen_ai.operation.name": operation, "gen_ai.provider.name": model[0], "gen_ai.request.model": model[1],
            "gen_ai.usage.input_tokens": input_tokens, "gen_ai.usage.output_tokens": output, "input.value": prompt}
        if cached:
            attributes["gen_ai.usage.cache_read.input_tokens"] = cached
        usage = {"input": input_tokens - cached, "output": output, **({"cacheRead": cached} if cached else {})}
        cost = cost_pico(model, input_tokens - cached, cached, output) if is_counted else 0
        trace.observations[span_id] = Expected(is_counted, usage, cost, prompt)
        return self._span(trace, span_id, parent, name, 3, attributes)

    def _root(self, trace):
        span_id = new_span_id()
        said = {"user.id": trace.user, "session.id": "session-" + trace.id[:4], "http.route": trace.endpoint}
        trace.observations[span_id] = Expected(False, {}, 0)
        return self._span(trace, span_id, None, "root", 2, said)

    def _spans(self, trace):
        root = self._root(trace)
        spans = [self._call_span(trace, root["spanId"], f"call {i}", self._call()) for i in range(self.rng.randrange(1, 5))]
        for i in range(self.rng.randrange(0, 4)):
            tool = new_span_id()
            trace.observations[tool] = Expected(False, {}, 0)
            spans.append(self._span(trace, tool, root["spanId"], f"tool {i}", 1, {"gen_ai.operation.name": "execute_tool"}))
        self.rng.shuffle(spans)
        middle = self.rng.randrange(0, len(spans))
        for part in (spans[:middle], spans[middle:], [root]):
            self._add(trace, "/v1/traces", part, [s["spanId"] for s in part])

    def _wrapper(self, trace):
        """The agent span repeats the usage of the call below it: counted once, at the call."""
        root = self._root(trace)
        call = self._call()
        wrapper = self._call_span(trace, root["spanId"], "agent", call, operation="invoke_agent", is_counted=False)
        inner = self._call_span(trace, wrapper["spanId"], "call", call)
        for span in self.rng.sample((wrapper, inner, root), 3):
            self._add(trace, "/v1/traces", [span], [span["spanId"]])

    def _batch(self, trace):
        """Langfuse's protocol: a create without usage, an update with it, and the trace, each in a request of its own."""
        now = time.time_ns()
        model, input_tokens, cached, output, prompt = self._call()
        generation = new_span_id()
        # No route is known: the endpoint is the trace's name.
        trace.endpoint = "batch"
        usage = {"input": input_tokens, "output": output, **({"cache_read_input_tokens": cached} if cached else {})}
        body = {"id": generation, "traceId": trace.id}
        create = {**body, "model": model[1], "name": "generation", "startTime": iso(now - 2 * 10**9), "input": prompt}
        update = {**body, "endTime": iso(now), "usageDetails": usage, "output": "done"}
        event = lambda kind, at, content: {"id": str(uuid.uuid4()), "timestamp": iso(at), "type": kind, "body": content}
        shown = {"input": input_tokens, "output": output, **({"cacheRead": cached} if cached else {})}
        trace.observations[generation] = Expected(True, shown, cost_pico(model, input_tokens, cached, output), prompt)
        said = {"id": trace.id, "name": "batch", "userId": trace.user, "timestamp": iso(now - 2 * 10**9)}
        pieces = [
            (event("generation-create", now, create), [generation]), (event("generation-update", now + 10**9, update), [generation]),
            (event("trace-create", now, said), [])]
        self.rng.shuffle(pieces)
        for content, ids in pieces:
            self._add(trace, "/api/public/ingestion", [content], ids)

    @staticmethod
    def _add(trace, path, content, ids):
        if content:
            trace.pieces.append((path, content, ids))


class Ledger:
    """All traces ever planned, and what of them was acknowledged."""

    def __init__(self, seed=1):
        self.maker = Maker(seed)
        self.traces = {}
        self.acknowledged = set()
        self._lock = threading.Lock()

    def plan(self, count):
        """Requests for `count` new traces: pieces of several traces share a request, later pieces come in later ones."""
        traces = [self.maker.trace() for _ in range(count)]
        self.traces.update((t.id, t) for t in traces)
        rng, queued = self.maker.rng, []
        for trace in traces:
            at = rng.random()
            for piece in trace.pieces:
                queued.append((at, trace, piece))
                at += rng.random() * 0.2
        queued.sort(key=lambda entry: entry[0])
        requests, open_requests = [], {}
        for _, trace, (path, content, ids) in queued:
            request, room = open_requests.get(path, (None, 0))
            if room == 0:
                request, room = Request(path, [], [], []), rng.choice((1, 1, 2, 6))
                requests.append(request)
            request.body += content
            request.items += [(trace.id, i) for i in ids]
            request.traces.append(trace.id)
            open_requests[path] = (request, room - 1)
        return traces, requests

    def acknowledge(self, request):
        with self._lock:
            request.is_acknowledged = True
            self.acknowledged.update(request.items)

    def totals(self, by=None):
        """Calls, tokens and pico-USD of everything planned; true once all of it is acknowledged. `by` names a trace's field."""
        totals = {}
        for trace in self.traces.values():
            total = totals.setdefault(getattr(trace, by) if by else None, {"calls": 0, "input": 0, "cacheRead": 0, "output": 0, "cost": 0})
            for item in trace.observations.values():
                if item.is_call:
                    total["calls"] += 1
                    total["cost"] += item.cost_pico
                    for bucket in ("input", "cacheRead", "output"):
                        total[bucket] += item.usage.get(bucket, 0)
        return totals if by else totals.get(None, {"calls": 0, "input": 0, "cacheRead": 0, "output": 0, "cost": 0})
