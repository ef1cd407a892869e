"""Hostile values: texts, numbers, times, ids, sizes and shapes of traces. Each case takes the service and raises when a promise is broken."""
import os
import time
import uuid

from hostile_wire import (CALL, MIB, PROTOBUF, attribute, fixed, is_otlp_error, part, post, post_json, refused_total, request, span, stored)

NS = 10**9
BATCH = "/api/public/ingestion"


def now_iso():
    return time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime())


def event(type, body, id=None):
    return {"id": id or uuid.uuid4().hex, "type": type, "timestamp": now_iso(), "body": body}


def nul_and_broken_utf8_are_stored_in_every_text_field(quipu):
    """PostgreSQL refuses NUL and invalid UTF-8: one such text must not cost its span."""
    names = ["user.id", "session.id", "langfuse.trace.name", "langfuse.trace.tags", "langfuse.release", "langfuse.version", "gen_ai.prompt.0.content",
             "gen_ai.request.model", "gen_ai.response.model", "gen_ai.response.id", "gen_ai.provider.name", "langfuse.environment", "http.route",
             "langfuse.observation.status_message", "langfuse.observation.metadata.x", "input.value", "output.value", "endpoint", "other",
             "langfuse.observation.prompt.name", "service.name", "gen_ai.openai.request.service_tier", "langfuse.trace.metadata.feature"]
    for bad in (b"a\0b", b"\0", b"\xff\xfe", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\xc0\x80", "\ufeff\u202e\U0010ffff".encode(), b"\\u0000"):
        trace = uuid.uuid4().bytes
        spans = [span(trace, name=bad, attributes={**CALL, **{n: bad for n in names}}, more=part(15, part(2, bad) + part(3, 2))),
                 span(trace, attributes={bad: bad, **CALL}, more=part(11, fixed(1, 1) + part(2, bad) + attribute(bad, bad)))]
        answer = post(quipu, request(spans, {"service.name": bad, bad: bad}))
        assert (answer.status_code, answer.content) == (200, b""), (bad, answer.content[:300])
        assert len(stored(quipu, trace)["observations"]) == 2
    for bad in ("a\\u0000b", "\\ud800", "\\udc00\\ud800", "\\u0000"):
        fields = ",".join(f'"{k}":"{bad}"' for k in (
            "name", "userId", "sessionId", "release", "version", "environment", "model", "statusMessage", "promptName", "input", "output", "comment"))
        id = uuid.uuid4().hex
        text = '{"batch":[' + ",".join(
            f'{{"id":"{bad}{i}","type":"{t}","timestamp":"{now_iso()}","body":{{"id":"{bad}{id}{i}","traceId":"{bad}{id}","value":1,{fields},'
            f'"metadata":{{"{bad}":"{bad}"}},"tags":["{bad}"]}}}}' for i, t in enumerate(("trace-create", "generation-create", "span-create", "score-create"))
        ) + "]}"
        answer = post_json(quipu, text, BATCH)
        # A lone number as the version of a prompt and the like are refused by the field's name; the database never has to.
        assert answer.status_code == 207 and not [e for e in answer.json()["errors"] if "database" in e["error"].lower()], answer.text[:600]


def numbers_at_and_beyond_64_bits_are_kept_or_refused(quipu):
    numbers = [2**63 - 1, -2**63, -1, 10**12, 10**12 + 1, 2**53 + 1, 1e308, -1e308, float("nan"), float("inf"), 0.1, 1.0, "12", "12.5", "1e3", "1e400",
               "-0", "", "abc", "9223372036854775808", "99999999999999999999999999999", True, b"\xff"]
    for number in numbers:
        spans = [span(attributes={**CALL, name: number}) for name in (
            "gen_ai.usage.input_tokens", "gen_ai.usage.output_tokens", "gen_ai.usage.cost", "llm.token_count.prompt", "gen_ai.server.time_to_first_token")]
        answer = post(quipu, request(spans))
        assert answer.status_code == 200, (number, answer.content[:200])
    raw = ["9223372036854775807", "9223372036854775808", "-1", "1e308", "1e999", "1e99999999999", "0.1", "1e3", '"5"', '"x"', "null", "[]", "{}", "true",
           "123456789012345678901234567890", "-0", "1E-400", "0.000000000000000000000000000001"]
    for number in raw:
        bodies = [f'"usage":{{"input":{number},"output":{number},"totalCost":{number}}}', f'"usageDetails":{{"input":{number}}}',
                  f'"costDetails":{{"total":{number}}}', f'"value":{number},"name":"s","traceId":"t"', f'"completionStartTime":{number}',
                  f'"version":{number},"promptVersion":{number}', f'"level":{number}', f'"tags":{number},"public":{number}']
        events = ",".join(
            f'{{"id":"{i}","type":"{t}","timestamp":"{now_iso()}","body":{{"id":"n{uuid.uuid4().hex}","traceId":"n","model":"gpt-4o",{b}}}}}'
            for i, (b, t) in enumerate((b, t) for b in bodies for t in ("generation-create", "score-create", "trace-create")))
        answer = post_json(quipu, '{"batch":[' + events + "]}", BATCH)
        assert answer.status_code == 207, (number, answer.text[:300])
        assert all(e["error"] for e in answer.json()["errors"])


def absurd_times_are_put_right_or_refused_with_a_reason(quipu):
    now = time.time_ns()
    for start, end, kept in ((0, 0, True), (0, now, True), (now, 0, True), (now, now - 10**15, True), (1, 2, True), (1 << 63, 1 << 63, True),
                             ((1 << 64) - 1, (1 << 64) - 1, True), (9_223_372_036 * NS, 9_223_372_036 * NS, True), (now + 90_000 * NS, 0, False),
                             (1_000_000_001 * NS, 1_000_000_002 * NS, False), (now + 3600 * NS, now, True), (now, (1 << 64) - 1, True)):
        trace = uuid.uuid4().bytes
        answer = post(quipu, request([span(trace, start=start, end=end)]))
        assert answer.status_code == 200 and (answer.content == b"") == kept, (start, end, answer.content)
        if kept:
            seen = stored(quipu, trace)["observations"][0]
            assert abs(time.time() - time.mktime(time.strptime(seen["startedAt"][:19], "%Y-%m-%dT%H:%M:%S")) + time.timezone) < 2 * 86400, seen
    for text in ("1970-01-01T00:00:00Z", "2262-04-11T23:47:16.854775807Z", "9999-12-31T23:59:59Z", "0000-00-00T00:00:00Z", "2026-02-30T00:00:00Z",
                 "2026-01-01T24:00:00+99:99", "-2026-01-01T00:00:00Z", "2026-01-01", "now", "", 5, None, "2026-01-01T00:00:00.12345678901234567890Z"):
        body = {"id": uuid.uuid4().hex, "traceId": uuid.uuid4().hex, "startTime": text, "endTime": text, "timestamp": text}
        answer = post_json(quipu, {"batch": [event("span-create", body), event("trace-create", body)]}, BATCH)
        assert answer.status_code == 207, answer.text


def ids_of_every_odd_length_are_refused_alone(quipu):
    good = uuid.uuid4().bytes
    for length in [*range(0, 65), 1000]:
        for trace, id in ((os.urandom(length), None), (good, os.urandom(length))):
            answer = post(quipu, request([span(trace, id), span(good)]))
            assert answer.status_code == 200, (length, answer.content)
    before = refused_total(quipu, "invalidID") + refused_total(quipu, "missingID")
    for trace, id in (("0" * 32, "1" * 16), ("1" * 32, "0" * 16), ("", "1" * 16), ("1" * 32, ""), ("x" * 32, "1" * 16), ("1" * 31, "1" * 16), ("1" * 32, "1" * 15)):
        sent = {"traceId": trace, "spanId": id, "name": "n", "startTimeUnixNano": str(time.time_ns()), "endTimeUnixNano": str(time.time_ns())}
        answer = post_json(quipu, {"resourceSpans": [{"scopeSpans": [{"spans": [sent]}]}]})
        assert answer.status_code == 200 and answer.json()["partialSuccess"]["rejectedSpans"] == "1", (trace, id, answer.text)
        assert answer.json()["partialSuccess"]["errorMessage"]
    assert refused_total(quipu, "invalidID") + refused_total(quipu, "missingID") + refused_total(quipu, "malformed") >= before + 5
    upper = {"traceId": uuid.uuid4().hex.upper(), "spanId": "ABCDEF0123456789", "name": "n", "startTimeUnixNano": str(time.time_ns())}
    assert post_json(quipu, {"resourceSpans": [{"scopeSpans": [{"spans": [upper]}]}]}).json() == {}
    assert quipu.get("/api/v1/traces/" + upper["traceId"].lower())["observations"]
    for id in ("", " ", "\r", "é" * 400, "x" * 801, "../..", "%00", "\u0000", 5, None, [], "\ud83e"):
        answer = post_json(quipu, {"batch": [event("trace-create", {"id": id}), event("span-create", {"id": id, "traceId": id})]}, BATCH)
        assert answer.status_code == 207, (id, answer.text)


def a_span_of_100_000_attributes_is_stored(quipu):
    trace = uuid.uuid4().bytes
    many = {**CALL, **{f"key.{i}": i for i in range(100_000)}}
    assert post(quipu, request([span(trace, attributes=many), span(trace)])).status_code in (200, 503)
    repeated = b"".join(attribute("gen_ai.usage.input_tokens", 1) for _ in range(50_000))
    messages = {f"gen_ai.prompt.{i}.content": "x" for i in range(20_000)} | {"gen_ai.prompt." + "9." * 2000 + "content": "deep"}
    assert post(quipu, request([span(more=repeated), span(attributes=messages)])).status_code in (200, 503)


def long_texts_are_cut_or_refused(quipu):
    long = "ä" * (MIB // 2)
    names = ["user.id", "session.id", "gen_ai.request.model", "gen_ai.response.model", "gen_ai.provider.name", "langfuse.trace.name", "gen_ai.response.id",
             "langfuse.environment", "langfuse.release", "http.route", "langfuse.trace.tags"]
    trace = uuid.uuid4().bytes
    answer = post(quipu, request([span(trace, name=long, attributes={**CALL, **{n: long for n in names}})], {"service.name": long}))
    assert answer.status_code == 200 and answer.content == b"", answer.content[:200]
    assert len(stored(quipu, trace)["observations"]) == 1
    body = {"id": uuid.uuid4().hex, "name": long, "userId": long, "sessionId": long, "tags": [long], "release": long, "version": long, "environment": long}
    generation = {"id": uuid.uuid4().hex, "traceId": body["id"], "model": long, "name": long, "statusMessage": long, "promptName": long}
    answer = post_json(quipu, {"batch": [event("trace-create", body), event("generation-create", generation)]}, BATCH)
    assert answer.status_code == 207 and all(e["error"] and len(e["error"]) < 2000 for e in answer.json()["errors"])


def distinct_models(quipu, count):
    for start in range(0, count, 10_000):
        models = [span(attributes={**CALL, "gen_ai.request.model": f"model-{uuid.uuid4().hex}"}) for _ in range(min(10_000, count - start))]
        assert post(quipu, request(models)).status_code in (200, 503)


def thousands_of_models_are_told_apart(quipu):
    distinct_models(quipu, 2_000)


def chain(trace, length, loops=()):
    """Spans, each the child of the one before; `loops` gives some another parent."""
    ids = [(i + 1).to_bytes(8, "big") for i in range(length)]
    parents = {i: ids[i - 1] if i else b"" for i in range(length)} | {i: ids[j] for i, j in loops}
    return [span(trace, ids[i], parents[i], attributes=CALL if i % 2 else {}) for i in range(length)]


def deep_traces(quipu, length):
    trace = uuid.uuid4().bytes
    assert post(quipu, request(chain(trace, length)), timeout=120).status_code in (200, 503)
    assert post(quipu, request(chain(trace, length)[-1:]), timeout=120).status_code in (200, 503)
    return trace


def a_chain_of_2_000_parents_is_settled(quipu):
    trace = deep_traces(quipu, 2_000)
    assert len(stored(quipu, trace)["observations"]) > 0


def cycles_of_parents_end(quipu):
    for length, loops in ((1, [(0, 0)]), (2, [(0, 1)]), (1_000, [(0, 999)]), (10, [(0, 5), (5, 9), (9, 0)])):
        trace = uuid.uuid4().bytes
        for _ in range(2):
            answer = post(quipu, request(chain(trace, length, loops)))
            assert answer.status_code == 200 and answer.content == b"", answer.content
        assert len(stored(quipu, trace)["observations"]) == min(length, len(stored(quipu, trace)["observations"])) > 0
        page = quipu.get("/api/v1/traces/" + trace.hex())
        assert page["observations"]


def refusals_have_the_form_of_their_protocol_and_are_counted(quipu):
    before = refused_total(quipu)
    answer = post(quipu, b"\x0a\xff", PROTOBUF)
    assert answer.status_code == 400 and is_otlp_error(answer)
    answer = post_json(quipu, "{")
    assert answer.status_code == 400 and is_otlp_error(answer, 3)
    answer = post_json(quipu, "{", BATCH)
    assert answer.status_code == 400 and answer.json()["errors"]
    answer = post_json(quipu, {"batch": [5, {}, event("no-such-type", {})]}, BATCH)
    assert answer.status_code == 207 and len(answer.json()["errors"]) == 3
    assert refused_total(quipu) >= before + 6


CASES = [nul_and_broken_utf8_are_stored_in_every_text_field, numbers_at_and_beyond_64_bits_are_kept_or_refused,
         absurd_times_are_put_right_or_refused_with_a_reason, ids_of_every_odd_length_are_refused_alone, a_span_of_100_000_attributes_is_stored,
         long_texts_are_cut_or_refused, thousands_of_models_are_told_apart, a_chain_of_2_000_parents_is_settled, cycles_of_parents_end,
         refusals_have_the_form_of_their_protocol_and_are_counted]
