"""Content that a project does not keep is nowhere: canaries come by every protocol, then the whole database (blocks inflated), the log
and everything the API gives are searched for them. Files leave bodies, long fields are cut, and money does not notice."""
import base64
import ctypes
import ctypes.util
import hashlib
import json
import random
import re
import subprocess
import uuid
from datetime import datetime, timezone

import pytest
import requests
from google.protobuf import json_format
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from test_backup import address, as_database_user, psql
from traffic import span, wait_until

NOW = datetime.now(timezone.utc).isoformat()
MARK = uuid.uuid4().hex[:10]
CANARIES = {
    "email": f"canary.{MARK}@nest-{MARK}.example.org", "phone": "+49 170 8675309", "iban": "DE89 3704 0044 0532 0130 00",
    "card": "4111 1111 1111 1111", "api-key": f"sk-proj-{MARK}Zx81Qw92Er73Ty64", "ip": "203.0.113.77", "ipv6": "2001:db8:85a3::8a2e:370:7334",
    "ticket": "TCK-204718"}
# As they would stand in a dump, also without their blanks.
NEEDLES = [MARK, "8675309", "170 867", "0532 0130", "05320130", "1111 1111", "4111111111111111", "203.0.113.77", "8a2e:370", "TCK-204718"]
CANARY = "; ".join(CANARIES.values())
ESCAPED = json.dumps({"arguments": json.dumps({"mail": CANARIES["email"]}).replace("@", "\\u0040"), "card": 4111111111111111, CANARIES["email"]: 1})
NESTED = json.dumps([{"role": "user", "parts": [{"type": "text", "content": CANARY}, {"type": "tool_call", "arguments": ESCAPED}]}])


@pytest.fixture(scope="module")
def quipu(start):
    service = start(QUIPU_LOG_LEVEL="debug")
    printed = subprocess.run(
        [service.binary, "keys", "create", "--name", "admin", "--scopes", "read,ingest,admin"], env=service.environment,
        capture_output=True, text=True, timeout=120).stdout
    service.admin = (re.search(r"public key\s+(\S+)", printed).group(1), re.search(r"secret key\s+(\S+)", printed).group(1))
    service.project = service.get("/api/public/projects")["data"][0]["id"]
    return service


def rules(quipu, status=200, **changes):
    answer = requests.patch(quipu.url + f"/api/v1/content-rules/{quipu.project}", auth=quipu.admin, json=changes, timeout=60)
    assert answer.status_code == status, answer.text
    return answer.json()


def post(quipu, path, auth=None, **more):
    return requests.post(quipu.url + path, auth=auth or quipu.auth, timeout=60, **more)


def text(key, value):
    return {"key": key, "value": {"stringValue": value}}


def otel_span(trace, value, nested, person="visitor"):
    sent = span(trace, name="answer", **{
        "gen_ai.input.messages": nested, "gen_ai.output.messages": nested, "langfuse.observation.metadata.note": value, "app.remark": value,
        "user.id": person, "session.id": person, "langfuse.trace.tags": person})
    sent["status"] = {"code": 2, "message": value}
    sent["events"] = [{"timeUnixNano": sent["endTimeUnixNano"], "name": "exception", "attributes": [text("exception.message", value)]}]
    return sent


def otel(spans):
    return {"resourceSpans": [{"resource": {"attributes": [text("service.name", "desk")]}, "scopeSpans": [{"scope": {"name": "test"}, "spans": spans}]}]}


def bodies(value, nested, person):
    """A request by each protocol, ready to be sent again."""
    json_trace, proto_trace, langfuse_trace = uuid.uuid4().hex, uuid.uuid4().hex, uuid.uuid4().hex
    first, second = otel_span(json_trace, value, nested, person), otel_span(proto_trace, value, nested, person)
    for name in ("traceId", "spanId"):
        second[name] = base64.b64encode(bytes.fromhex(second[name])).decode()
    log = {"resourceLogs": [{"resource": {}, "scopeLogs": [{"scope": {"name": "test"}, "logRecords": [{
        "timeUnixNano": first["endTimeUnixNano"], "traceId": json_trace, "spanId": first["spanId"], "eventName": "gen_ai.user.message",
        "body": {"kvlistValue": {"values": [text("content", value)]}}}]}]}]}
    score = {"id": uuid.uuid4().hex, "traceId": langfuse_trace, "name": "helpful", "value": value, "dataType": "TEXT", "comment": value, "metadata": {"by": value}}
    events = [
        ("trace-create", {"id": langfuse_trace, "name": "letter", "timestamp": NOW, "userId": person, "tags": [person], "sessionId": person,
                          "input": value, "output": nested, "metadata": {"note": value}}),
        ("generation-create", {
            "id": uuid.uuid4().hex[:16], "traceId": langfuse_trace, "name": "write", "startTime": NOW, "endTime": NOW, "model": "gpt-4o-mini",
            "usage": {"input": 10, "output": 10}, "input": [{"role": "user", "content": value}], "output": nested, "metadata": {"note": value},
            "level": "ERROR", "statusMessage": value}),
        ("score-create", score),
        # Refused, and the reason may quote it.
        ("generation-create", {"id": uuid.uuid4().hex, "traceId": langfuse_trace, "startTime": value, "level": value})]
    batch = {"batch": [{"id": uuid.uuid4().hex, "type": kind, "timestamp": NOW, "body": body} for kind, body in events]}
    return (json_trace, proto_trace, langfuse_trace), [
        ("/v1/traces", {"json": otel([first])}, 200),
        ("/v1/traces", {"data": json_format.ParseDict(otel([second]), ExportTraceServiceRequest()).SerializeToString(),
                        "headers": {"Content-Type": "application/x-protobuf", "User-Agent": f"sender {value if CANARY in value else 0}"}}, 200),
        ("/v1/logs", {"json": log}, 200), ("/api/public/ingestion", {"json": batch}, 207),
        ("/api/public/scores", {"json": {**score, "id": uuid.uuid4().hex, "timestamp": NOW}}, 200),
        # Not readable at all.
        ("/v1/traces", {"data": value.encode(), "headers": {"Content-Type": "application/json"}}, 400),
        ("/api/public/ingestion", {"json": {"batch": value}}, 400)]


def send(quipu, requests_to_send, auth=None):
    for path, more, status in requests_to_send:
        answer = post(quipu, path, auth, **more)
        assert answer.status_code == status, f"{path}: {answer.status_code} {answer.text[:300]}"


def inflated(frames):
    zstd = ctypes.CDLL(ctypes.util.find_library("zstd") or "libzstd.so.1")
    zstd.ZSTD_getFrameContentSize.restype = ctypes.c_ulonglong
    zstd.ZSTD_decompress.restype = ctypes.c_size_t
    for frame in frames:
        size = zstd.ZSTD_getFrameContentSize(frame, ctypes.c_size_t(len(frame)))
        out = ctypes.create_string_buffer(size)
        assert zstd.ZSTD_decompress(out, ctypes.c_size_t(size), frame, ctypes.c_size_t(len(frame))) == size
        yield out.raw.decode()


def blocks(quipu):
    """Every stored body, also of blocks that wait to be sampled."""
    tables = psql(quipu, """
        select string_agg(distinct c.table_name, ',') from information_schema.columns c join pg_class k on k.relname = c.table_name
        where c.column_name = 'data' and c.data_type = 'bytea' and c.table_name like 'payload%' and not k.relispartition""").split(",")
    found = []
    for table in tables:
        found += [bytes.fromhex(line) for line in psql(quipu, f"select encode(data, 'hex') from {table}").split("\n") if line]
    return list(inflated(found))


def dump(quipu):
    done = subprocess.run(as_database_user(["pg_dump", "-a", "--inserts", address(quipu)]), capture_output=True, timeout=120, cwd="/tmp")
    assert done.returncode == 0, done.stderr
    return done.stdout.decode(errors="replace")


def everything(quipu, traces):
    """What is stored, logged and given out."""
    quipu.wait_until_folded()
    wait_until(lambda: all(requests.get(quipu.url + "/api/v1/traces/" + t, auth=quipu.auth, timeout=60).status_code == 200 for t in traces))
    wait_until(lambda: psql(quipu, "select count(*) from request_log where status = 400") >= "2")
    parts = [("database", dump(quipu)), ("blocks", "\n".join(blocks(quipu))), ("log", quipu.output())]
    for trace in traces:
        detail = quipu.get("/api/v1/traces/" + trace)
        parts.append(("trace", json.dumps(detail, ensure_ascii=False)))
        for row in detail["observations"]:
            parts.append(("observation", json.dumps(quipu.get("/api/v1/observations/" + row["id"], trace=trace), ensure_ascii=False)))
    parts += [("list", json.dumps(quipu.get("/api/v1/traces"))), ("costs", json.dumps(quipu.get("/api/v1/costs", groupBy="user"))),
              ("metrics", requests.get(quipu.url + "/metrics", timeout=60).text)]
    return parts


def leaks(quipu, traces, needles):
    return {(place, needle) for place, content in everything(quipu, traces) for needle in needles if needle in content}


def stored(quipu):
    """Rows of traces, observations and scores as they are."""
    return [psql(quipu, f"select t::text from {table} t order by 1") for table in ("traces", "observations", "scores")]


def test_masked_values_are_nowhere_and_resends_change_no_row(quipu):
    rules(quipu, level="masked", hashed=True, identifiers=True, patterns=[{"name": "ticket", "pattern": r"TCK-\d{6}"}])
    traces, sent = bodies(CANARY, NESTED, CANARIES["email"])
    send(quipu, sent)
    assert leaks(quipu, traces, NEEDLES) == set()
    before = stored(quipu)
    send(quipu, sent)
    quipu.wait_until_folded()
    assert stored(quipu) == before
    # What stands in their place is the same everywhere, and what was no value is still there.
    content = "\n".join(blocks(quipu))
    assert len(set(re.findall(r"\[email:[0-9a-f]{8}\]", content))) == 1 and "[ticket:" in content and "[card:" in content
    assert quipu.get("/api/v1/traces", q=CANARIES["email"])["traces"] == []
    mask = re.search(r"\[email:[0-9a-f]{8}\]", content).group(0)
    assert len(quipu.get("/api/v1/traces", q=mask)["traces"]) == 3
    observation = quipu.get("/api/v1/traces/" + traces[0])["observations"][0]
    assert observation["status"]["message"].startswith("[email:") if isinstance(observation.get("status"), dict) else True
    wait_until(lambda: quipu_counts(quipu).get("email", 0) > 10)


def quipu_counts(quipu):
    answer = requests.get(quipu.url + f"/api/v1/content-rules/{quipu.project}", auth=quipu.admin, timeout=60)
    assert answer.status_code == 200, answer.text
    return answer.json()["last30Days"]


@pytest.mark.parametrize("level, kept", [("metadataOnly", {"note"}), ("none", set())])
def test_what_a_level_leaves_out_is_nowhere(quipu, level, kept):
    rules(quipu, level=level)
    words = {name: f"{name}{uuid.uuid4().hex[:10]}" for name in ("note", "rest")}
    traces, sent = bodies(words["rest"], json.dumps([{"role": "user", "content": words["rest"]}]), "visitor")
    swap = lambda value: json.loads(json.dumps(value).replace(f'"note": "{words["rest"]}"', f'"note": "{words["note"]}"'))
    sent = [(path, {**more, "json": swap(more["json"])} if "json" in more and path != "/v1/traces" else more, status) for path, more, status in sent]
    # Metadata of the score and of OpenTelemetry spans carries the other word; at "metadata only" it is kept, and only there.
    send(quipu, [s for s in sent if level == "none" or s[0] == "/api/public/ingestion" and s[2] == 207][:1] if level != "none" else sent)
    used = traces[2:] if level != "none" else traces
    if level == "none":
        assert leaks(quipu, used, list(words.values())) == set()
        return
    wait_until(lambda: requests.get(quipu.url + "/api/v1/traces/" + used[0], auth=quipu.auth, timeout=60).status_code == 200)
    content = "\n".join(blocks(quipu))
    assert (words["note"] in content) == ("note" in kept) and words["rest"] not in content
    messages = psql(quipu, "select string_agg(concat(status_message), ' ') from observations")
    comments = psql(quipu, "select string_agg(concat(text, comment), ' ') from scores")
    assert words["rest"] not in messages + comments


def test_tokens_and_cost_are_the_same_at_every_level(quipu):
    totals = []
    for level in ("full", "masked", "metadataOnly", "none"):
        rules(quipu, level=level)
        trace = uuid.uuid4().hex
        assert post(quipu, "/v1/traces", json=otel([otel_span(trace, "words", json.dumps([{"role": "user", "content": "words"}]))])).status_code == 200
        found = quipu.wait_for_trace(lambda t: t["id"] == trace)
        totals.append((found["cost"], found["observations"][0]["usage"]))
    assert all(total == totals[0] for total in totals) and totals[0][0]


def test_the_stricter_of_project_and_key_wins(quipu):
    rules(quipu, level="full")
    psql(quipu, f"update api_keys set content_policy = 2 where public_key = '{quipu.admin[0]}'")
    word = "plain" + uuid.uuid4().hex[:10]
    # Grants are remembered for some seconds.
    wait_until(lambda: not_kept(quipu, word))


def not_kept(quipu, word):
    trace = uuid.uuid4().hex
    value = word + uuid.uuid4().hex[:6]
    body = otel([otel_span(trace, value, json.dumps([{"role": "user", "content": value}]))])
    assert post(quipu, "/v1/traces", auth=quipu.admin, json=body).status_code == 200
    wait_until(lambda: requests.get(quipu.url + "/api/v1/traces/" + trace, auth=quipu.auth, timeout=60).status_code == 200)
    return not any(value in block for block in blocks(quipu))


def png(size):
    return b"\x89PNG\r\n\x1a\n" + random.Random(size).randbytes(size)


def test_a_file_is_stored_once_and_given_to_who_may_read_it(quipu):
    rules(quipu, level="full")
    picture, traces = png(3000), [uuid.uuid4().hex, uuid.uuid4().hex]
    digits = base64.b64encode(picture).decode()
    messages = json.dumps([{"role": "user", "content": [
        {"type": "text", "text": "what is this"}, {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": digits}},
        {"type": "image_url", "image_url": {"url": "data:image/png;base64," + digits}}]}])
    for trace in traces:
        assert post(quipu, "/v1/traces", json=otel([otel_span(trace, "x", messages)])).status_code == 200
    sha256 = hashlib.sha256(picture).hexdigest()
    assert psql(quipu, f"select count(*), max(byte_count) from media where sha256 = '\\x{sha256}'") == "1|3008"
    assert psql(quipu, f"select count(*) from media_uses where sha256 = '\\x{sha256}'") == "2"
    content = "\n".join(blocks(quipu))
    assert digits[:200] not in content and content.count(f"id={sha256}") >= 4
    answer = requests.get(quipu.url + "/api/v1/media/" + sha256, auth=quipu.auth, timeout=60)
    assert answer.status_code == 200 and answer.content == picture and answer.headers["content-type"] == "image/png"
    assert "sandbox" in answer.headers["content-security-policy"] and answer.headers["x-content-type-options"] == "nosniff"
    assert requests.get(quipu.url + "/api/v1/media/" + sha256, timeout=60).status_code == 401
    assert requests.get(quipu.url + "/api/v1/media/" + "0" * 64, auth=quipu.auth, timeout=60).status_code == 404
    assert requests.get(quipu.url + "/api/v1/media/..%2f..%2fx", auth=quipu.auth, timeout=60).status_code == 404
    # What could be a document of this site is given as a download.
    page = b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>" + b" " * 2000
    svg = "data:image/svg+xml;base64," + base64.b64encode(page).decode()
    assert post(quipu, "/v1/traces", json=otel([otel_span(uuid.uuid4().hex, "x", json.dumps([{"role": "user", "content": svg}]))])).status_code == 200
    answer = requests.get(quipu.url + "/api/v1/media/" + hashlib.sha256(page).hexdigest(), auth=quipu.auth, timeout=60)
    assert answer.content == page and answer.headers["content-type"] == "application/octet-stream"
    assert answer.headers["content-disposition"].startswith("attachment")


def test_masked_content_keeps_no_file(quipu):
    rules(quipu, level="masked")
    picture, trace = png(2500), uuid.uuid4().hex
    messages = json.dumps([{"role": "user", "content": "data:image/png;base64," + base64.b64encode(picture).decode()}])
    assert post(quipu, "/v1/traces", json=otel([otel_span(trace, "x", messages)])).status_code == 200
    wait_until(lambda: requests.get(quipu.url + "/api/v1/traces/" + trace, auth=quipu.auth, timeout=60).status_code == 200)
    assert psql(quipu, f"select count(*) from media where sha256 = '\\x{hashlib.sha256(picture).hexdigest()}'") == "0"
    assert any("@@@quipuMedia:type=image/png|bytes=2508@@@" in block for block in blocks(quipu))


def test_a_field_over_the_limit_is_cut_and_says_so(quipu):
    rules(quipu, level="full", bodyBytesMax=8192)
    long, trace = "é" * 20_000, uuid.uuid4().hex
    assert post(quipu, "/v1/traces", json=otel([otel_span(trace, "x", long)])).status_code == 200
    found = quipu.wait_for_trace(lambda t: t["id"] == trace)
    row = quipu.get("/api/v1/observations/" + found["observations"][0]["id"], trace=trace)
    shown = json.dumps(row["input"], ensure_ascii=False)
    assert "40" in shown and "cut here" in shown and len(shown.encode()) < 9000
    assert row["usage"] and found["cost"]
    rules(quipu, bodyBytesMax=1 << 20)


def test_rules_that_cannot_be_used_are_refused(quipu):
    assert "pattern bad" in rules(quipu, 400, patterns=[{"name": "bad", "pattern": "("}])["message"]
    assert "empty" in rules(quipu, 400, patterns=[{"name": "bad", "pattern": "x*"}])["message"]
    rules(quipu, 400, patterns=[{"name": "email", "pattern": "x"}])
    rules(quipu, 400, level="everything")
    assert requests.patch(quipu.url + f"/api/v1/content-rules/{quipu.project}", auth=quipu.auth, json={}, timeout=60).status_code == 403


def test_a_pattern_that_runs_away_keeps_the_field_out(quipu):
    rules(quipu, level="masked", patterns=[{"name": "slow", "pattern": r"(a+)+$"}])
    trace = uuid.uuid4().hex
    assert post(quipu, "/v1/traces", json=otel([otel_span(trace, "x", "a" * 60 + "b")])).status_code == 200
    wait_until(lambda: requests.get(quipu.url + "/api/v1/traces/" + trace, auth=quipu.auth, timeout=60).status_code == 200)
    content = blocks(quipu)
    assert not any("a" * 60 in block for block in content) and any("the pattern slow took too long" in block for block in content)
    rules(quipu, patterns=[])
