"""Requests serialised once; per request only ids, times and a few digits are patched in place, so that sending costs little.

A template carries marks: 4 bytes (8 hex digits in JSON) that become the request's tag in every id, numbers that stand for
times, and runs of digits that stand for a trace's user, session and endpoint."""
import functools
import random
import re
import struct

import facts
import otlp

MARK = bytes.fromhex("faceb00c")
MARK_BEFORE = bytes.fromhex("faceb00d")  # ids of the request before: a root that comes late
TIME_MARK = 0x2BCDEF0100000000  # 19 digits in decimal too
STEP_NS = 3_000_000
ROOT_EXTRA_SECONDS = 5
RESOURCE = {
    "service.name": "bench-app", "telemetry.sdk.language": "python", "openinference.project.name": "default",
    "deployment.environment.name": "production"}
SCOPE = ("bench", "1")


def tag(number):
    """Scattered, as random ids are."""
    return struct.pack(">I", number * 2654435761 & 0xFFFFFFFF)


def trace_id(template, trace, mark=MARK):
    return mark + struct.pack(">III", 0xC0FFEE01, template, trace)


def span_id(template, place, mark=MARK):
    return mark + struct.pack(">I", template * 1000 + place)


class Template:
    """A request's bytes and what to patch in them."""

    def __init__(self, raw, times, write_time, is_text=False, digits=()):
        self.raw = raw
        self.times = times  # (offset, nanoseconds after the request's base, of the request before)
        self.write_time = write_time
        self.is_text = is_text
        self.digits = digits  # ((width, which, trace, of the request before), offsets)
        self.parts = raw.split(MARK.hex().encode() if is_text else MARK)
        self.marks_before = [m.start() for m in re.finditer(re.escape(MARK_BEFORE), raw)]

    def body(self, number, base_ns, base_before_ns=0, value=None):
        now = tag(number)
        out = bytearray((now.hex().encode() if self.is_text else now).join(self.parts))
        for offset in self.marks_before:
            out[offset:offset + 4] = tag(number - 1)
        write = self.write_time
        for offset, after, is_before in self.times:
            write(out, offset, (base_before_ns if is_before else base_ns) + after)
        for (width, which, trace, is_before), offsets in self.digits:
            text = b"%0*d" % (width, value(number - 1 if is_before else number, trace, which))
            for offset in offsets:
                out[offset:offset + width] = text
        return out


def write_fixed64(out, offset, ns):
    struct.pack_into("<Q", out, offset, ns)


def write_decimal(out, offset, ns):
    out[offset:offset + 19] = b"%019d" % ns


def parent_place(place, per_trace):
    """Spans of a trace hang in a tree of depth four."""
    within = place % per_trace
    if within == 0:
        return None
    return place - within + (0 if within < 4 else within - 3)


@functools.cache
def plain_spans(template, batch, per_trace, prompt_bytes, completion_bytes):
    """(spans as dictionaries, their facts): the shape that all figures of other products were measured with."""
    rng = random.Random(1000 + template)
    spans, all_facts = [], []
    for place in range(batch):
        f = facts.span_facts(rng, place % 2 == 0, prompt_bytes, completion_bytes)
        f["after"] = place % per_trace * STEP_NS
        f["until"] = f["after"] + int((f["duration"] if place % per_trace else f["duration"] + ROOT_EXTRA_SECONDS) * 1e9)
        parent = parent_place(place, per_trace)
        spans.append({
            "trace": trace_id(template, place // per_trace), "id": span_id(template, place),
            "parent": None if parent is None else span_id(template, parent), "name": f["name"], "kind": 3 if f["llm"] else 1,
            "start": TIME_MARK + 2 * place, "end": TIME_MARK + 2 * place + 1,
            "error": "RateLimitError: 429" if f["error"] else None, "attributes": facts.attributes(rng, f)})
        f["attributes"] = spans[-1]["attributes"]
        all_facts.append(f)
    return spans, all_facts


def time_slots(raw, pack, all_facts):
    slots, at = [], 0
    for place, f in enumerate(all_facts):
        for mark, after in ((TIME_MARK + 2 * place, f["after"]), (TIME_MARK + 2 * place + 1, f["until"])):
            at = raw.index(pack(mark), at)
            slots.append((at, after, f.get("before", False)))
    return slots


def protobuf_template(spans, all_facts, digits=()):
    raw = otlp.protobuf(RESOURCE, SCOPE, spans)
    return Template(raw, time_slots(raw, lambda v: struct.pack("<Q", v), all_facts), write_fixed64, digits=digits)


def json_template(spans, all_facts):
    raw = otlp.json_request(RESOURCE, SCOPE, spans)
    return Template(raw, time_slots(raw, lambda v: b"%d" % v, all_facts), write_decimal, is_text=True)


def plain(count=20, batch=50, per_trace=10, prompt_bytes=1500, completion_bytes=800, as_json=False):
    """Templates of the plain shape."""
    make = json_template if as_json else protobuf_template
    return [make(*plain_spans(t, batch, per_trace, prompt_bytes, completion_bytes)) for t in range(count)]


def single_spans(count=20):
    """One span a request, each a trace of its own, every second an LLM call."""
    out = []
    for t in range(count):
        spans, all_facts = plain_spans(t, 2, 1, 1500, 800)
        place = t % 2
        span = {**spans[place], "start": TIME_MARK, "end": TIME_MARK + 1}
        out.append(protobuf_template([span], [all_facts[place]]))
    return out
