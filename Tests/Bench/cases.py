"""What is sent: each case prepares requests, sends them at full speed, waits for the fold, then once more at half that rate."""
import gzip
import secrets
import time

import full
import langfuse
import measures
import sender
import templates

NS_PER_HOUR = 3_600_000_000_000
SAMPLING = "/api/v1/sampling/default"
SETTINGS_SECONDS = 5  # the service reads what was set elsewhere every few seconds
WAY = {"otlp": "/v1/traces", "langfuse": "/api/public/ingestion"}


class Case:
    """`share` of the wanted number of spans is sent, because some cases cost more a span. `key` are options of a key of its own,
    `payloads` is the percentage of them that the project keeps."""

    def __init__(self, name, make, share=1.0, connections=8, batch=50, content_type="application/x-protobuf", path=WAY["otlp"],
                 is_gzip=False, is_repeat=False, profile=None, floor_shape=None, key=(), payloads=None):
        self.name, self.make, self.share, self.connections, self.batch = name, make, share, connections, batch
        self.content_type, self.path, self.is_gzip, self.is_repeat = content_type, path, is_gzip, is_repeat
        self.profile = profile
        self.floor_shape = floor_shape or {}
        self.key, self.payloads = key, payloads


LONG = {"prompt_bytes": 20_000, "completion_bytes": 800, "batch": 50, "template_count": 5}
HUGE = {"prompt_bytes": 200_000, "completion_bytes": 800, "batch": 10, "template_count": 4}


def long_templates(shape):
    return lambda: templates.plain(
        shape["template_count"], batch=shape["batch"], prompt_bytes=shape["prompt_bytes"], completion_bytes=shape["completion_bytes"])


ALL = {case.name: case for case in (
    Case("plain", templates.plain),
    Case("one-span", templates.single_spans, share=.2, connections=64, batch=1),
    Case("gzip", templates.plain, share=.5, is_gzip=True),
    Case("json", lambda: templates.plain(as_json=True), share=.5, content_type="application/json"),
    Case("langfuse", langfuse.make, share=.5, content_type="application/json", path=WAY["langfuse"]),
    Case("duplicates", templates.plain, share=.5, is_repeat=True),
    Case("payload-20k", long_templates(LONG), share=.1, floor_shape=LONG),
    Case("payload-200k", long_templates(HUGE), share=.02, batch=10, floor_shape=HUGE),
    Case("limits", templates.plain, share=.5, key=("--requests-per-minute", "10000000", "--spans-per-minute", "1000000000")),
    Case("masked", templates.plain, share=.5, key=("--content", "mask")),
    Case("sampled", templates.plain, share=.5, payloads="10"),
    Case("full", full.make, profile=full),
)}


class Traffic:
    """The requests of one run of a case, in order of the times they hold, the last one `now_ns`."""

    def __init__(self, case, made, spans, hours, now_ns=None, authorization=None):
        self.case, self.templates, self.authorization = case, made, authorization
        self.requests = max(2, spans // case.batch)
        self.first = secrets.randbelow(1 << 32)
        self.now_ns = now_ns or time.time_ns()
        self.reach_ns = int(hours * NS_PER_HOUR)
        self.order = case.profile.schedule(self.requests) if case.profile else range(self.requests)
        self.spans = self.requests * case.batch
        self.sent = [gzip.compress(self.made(i)) for i in range(self.requests)] if case.is_gzip else None

    def base_ns(self, i):
        return self.now_ns - int(self.reach_ns * (1 - (i + 1) / self.requests))

    def made(self, i):
        template = self.templates[i % len(self.templates)]
        if self.case.profile:
            return template.body(self.first + i, self.base_ns(i), self.base_ns(i - 1), self.case.profile.value)
        return template.body(self.first + i, self.base_ns(i))

    def body(self, place):
        """Of the request at this place in the order of sending."""
        i = self.order[place]
        return self.sent[i] if self.sent else self.made(i)

    def send(self, service, connections, rate_spans=0.0):
        head = sender.head(self.case.path, self.authorization or service.authorization, self.case.content_type, self.case.is_gzip)
        rate = rate_spans / self.case.batch
        result = sender.Sender(service.port, head, len(self.order), self.body, connections, rate).run()
        result.acknowledged_spans = len({self.order[place] for place in result.acknowledged}) * self.case.batch
        return result


def stored_spans(service, connection, traffic):
    """Observations in the days that the traffic lies in."""
    from_ns = traffic.now_ns - traffic.reach_ns - 2 * NS_PER_HOUR
    return int(connection.value(f"select count(*) from observations where started_at >= to_timestamp({from_ns / 1e9})"))


def latency(result):
    return {f"p{p}Milliseconds": result.milliseconds(p / 100) for p in (50, 90, 99)}


def run(case, service, spans, hours, half_seconds):
    """Figures of one case, under the settings it asks for."""
    authorization = service.key(*case.key) if case.key else None
    if case.payloads:
        service.put(SAMPLING, {"payloads": case.payloads, "spans": "100"})
        time.sleep(SETTINGS_SECONDS)
    try:
        return measured(case, service, spans, hours, half_seconds, authorization)
    finally:
        if case.payloads:
            service.put(SAMPLING, {"payloads": "100", "spans": "100"})
            time.sleep(SETTINGS_SECONDS)


def measured(case, service, spans, hours, half_seconds, authorization):
    """Spans are counted once, however often they were sent."""
    connection = service.connect()
    made = case.make()
    wanted = max(int(spans * case.share), 2 * case.batch)
    traffic = Traffic(case, made, wanted, hours, authorization=authorization)
    before = stored_spans(service, connection, traffic)
    if case.is_repeat:
        traffic.send(service, case.connections)
    service.wait_until_folded()
    span = measures.Span(service, connection)
    fast = traffic.send(service, case.connections)
    service.wait_until_folded()
    span.end()
    acknowledged = fast.acknowledged_spans
    stored = stored_spans(service, connection, traffic) - before
    figures = {
        "case": case.name, "spansSent": traffic.spans, "requests": len(traffic.order), "spansAcknowledged": acknowledged,
        "spansStored": stored, "bytesPerRequest": len(traffic.body(0)),
        "connections": case.connections, "hours": hours, "durableSpansPerSecond": round(acknowledged / fast.wall_seconds),
        "requestsPerSecond": round(len(fast.acknowledged) / fast.wall_seconds), "statuses": fast.statuses, "retries": fast.retries,
        "refusals": fast.bad}
    if acknowledged:
        figures.update(costs(span, fast, acknowledged))
    figures["full"] = latency(fast)
    rate = acknowledged / fast.wall_seconds / 2
    figures["half"] = half_load(case, made, service, rate, hours, half_seconds, traffic)
    connection.close()
    return figures


def costs(span, result, spans):
    each = 1000 / spans
    return {
        "serviceCpuSecondsPer1000": span.service_seconds * each, "postgresCpuSecondsPer1000": span.cluster_seconds * each,
        "generatorCpuSecondsPer1000": result.cpu_seconds * each, "servicePeakMiB": round(span.peak_mib, 1),
        "walBytesPerSpan": round(span.wal / spans), "storedBytesPerSpan": round(span.stored / spans)}


def half_load(case, made, service, rate, hours, seconds, traffic):
    """Latency at half the rate, open loop. Repeats are sent again from the traffic that is stored already."""
    if rate <= 0:
        return {}
    slow = traffic if case.is_repeat else Traffic(case, made, int(rate * seconds), hours, authorization=traffic.authorization)
    result = slow.send(service, 64, rate)
    service.wait_until_folded()
    sent = slow.spans if case.is_repeat else result.acknowledged_spans
    return {"spansPerSecond": round(sent / result.wall_seconds), "retries": result.retries, **latency(result)}
