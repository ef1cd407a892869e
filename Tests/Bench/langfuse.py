"""Langfuse batches as its SDK version 2 sends them: a create event when a step begins, an update event when it ends."""
import json

import templates

TIME_FORM = "2099-01-%02dT00:%02d:%02d.000Z"
TYPES = {True: "generation", False: "span"}
_seconds = {}


def write_iso(out, offset, ns):
    """24 characters, milliseconds, UTC."""
    import time
    second, rest = divmod(ns, 1_000_000_000)
    text = _seconds.get(second)
    if text is None:
        if len(_seconds) > 10_000:
            _seconds.clear()
        text = _seconds[second] = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(second)).encode()
    out[offset:offset + 24] = b"%b.%03dZ" % (text, rest // 1_000_000)


class Batch:
    """Events of one request, with the times to patch."""

    def __init__(self, template):
        self.template = template
        self.events, self.after = [], []

    def time(self, after_ns):
        index = len(self.after)
        self.after.append(after_ns)
        return TIME_FORM % (index // 3600 + 1, index // 60 % 60, index % 60)

    def event(self, kind, after_ns, body):
        name = "%s-%04x-4000-8000-%012x" % (templates.MARK.hex(), self.template, len(self.events))
        self.events.append({"id": name, "timestamp": self.time(after_ns), "type": kind, "body": body})

    def made(self):
        raw = json.dumps({"batch": self.events, "metadata": {"sdk_name": "python", "sdk_version": "2.60.10"}}).encode()
        times = [(raw.index((TIME_FORM % (i // 3600 + 1, i // 60 % 60, i % 60)).encode()), after, False) for i, after in enumerate(self.after)]
        return templates.Template(raw, times, write_iso, is_text=True)


def add_observation(batch, span, f):
    kind = TYPES[f["llm"]]
    create = {
        "id": span["id"].hex(), "traceId": span["trace"].hex(), "name": f["name"], "startTime": batch.time(f["after"]),
        "input": f["input"], "metadata": {"tenant": "acme", "feature": "search"}}
    if span["parent"]:
        create["parentObservationId"] = span["parent"].hex()
    end = {"id": span["id"].hex(), "traceId": span["trace"].hex(), "endTime": batch.time(f["until"]), "output": f["output"]}
    if f["llm"]:
        create.update(model=f["model"], modelParameters={"temperature": 0.2, "max_tokens": 800})
        end["usageDetails"] = {"input": f["prompt_tokens"] - f["cached"], "output": f["completion_tokens"], "input_cached_tokens": f["cached"]}
    if f["error"]:
        end.update(level="ERROR", statusMessage="RateLimitError: 429")
    batch.event(kind + "-create", f["after"], create)
    batch.event(kind + "-update", f["until"], end)


def make(count=20, spans_per_request=50, per_trace=10):
    out = []
    for t in range(count):
        spans, all_facts = templates.plain_spans(t, spans_per_request, per_trace, 1500, 800)
        batch = Batch(t)
        for place, (span, f) in enumerate(zip(spans, all_facts)):
            if place % per_trace == 0:
                batch.event("trace-create", f["after"], {
                    "id": span["trace"].hex(), "timestamp": batch.time(f["after"]), "name": "chat", "userId": f["user"],
                    "sessionId": f["session"], "tags": ["prod", "weather"], "environment": "production"})
            add_observation(batch, span, f)
        out.append(batch.made())
    return out
