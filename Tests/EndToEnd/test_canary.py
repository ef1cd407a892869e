"""Content stays with those who may read it. A secret stands in every field that people or models fill, by every protocol; then everything
that readers without content can reach is fetched and looked through: pages, panes, searches, files, exports, answers for keys, the log."""
import io
import json
import re
import uuid
import zipfile
from datetime import datetime, timezone

import pytest
import requests
from google.protobuf import json_format
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from people import Person, add, crawl, hidden, key, routes
from traffic import span, wait_until

pytestmark = pytest.mark.pages

# Both words stand in every content field: one is searched for, the other must then not be in the answer.
WORD, SECRET = "marmot" + uuid.uuid4().hex[:8], "kolibri" + uuid.uuid4().hex[:8]
READERS = {"finance": (), "auditor": (), "admin": (), "owner": (), "viewer": ("default",)}
MONTH = datetime.now(timezone.utc).strftime("%Y-%m")
NOW = datetime.now(timezone.utc).isoformat()


def secret(field):
    return f"{WORD} {SECRET}-{field}"


def text(key, value):
    return {"key": key, "value": {"stringValue": value}}


def messages(role, field):
    return json.dumps([{"role": role, "parts": [{"type": "text", "content": secret(field)}]}])


def otel_span(trace, form):
    """A failed call with content in attributes, events, its status and something that nobody knows."""
    sent = span(trace, name="answer", **{
        "gen_ai.input.messages": messages("user", form + "-input"), "gen_ai.output.messages": messages("assistant", form + "-output"),
        "gen_ai.system_instructions": json.dumps([{"type": "text", "content": secret(form + "-instructions")}]),
        "metadata.note": secret(form + "-metadata"), "app.remark": secret(form + "-attribute"),
        "gen_ai.tool.definitions": json.dumps([{"name": "find", "description": secret(form + "-tool")}])})
    sent["status"] = {"code": 2, "message": secret(form + "-status")}
    sent["events"] = [{
        "timeUnixNano": sent["endTimeUnixNano"], "name": "exception",
        "attributes": [text("exception.type", "ValueError"), text("exception.message", secret(form + "-exception")),
                       text("exception.stacktrace", secret(form + "-stack"))]}]
    return sent


def otel(spans):
    return {"resourceSpans": [{"resource": {"attributes": [text("service.name", "desk")]}, "scopeSpans": [{"scope": {"name": "test"}, "spans": spans}]}]}


def send_all(quipu):
    """One trace by each protocol; gives their ids and what the refused event was answered with."""
    post = lambda path, **more: requests.post(quipu.url + path, auth=quipu.auth, timeout=60, **more)
    json_trace, proto_trace, langfuse_trace = uuid.uuid4().hex, uuid.uuid4().hex, uuid.uuid4().hex
    first = otel_span(json_trace, "json")
    assert post("/v1/traces", json=otel([first])).status_code == 200
    hexed = otel_span(proto_trace, "proto")
    for name in ("traceId", "spanId"):
        # protobuf's own JSON has ids in base64, OTLP's in hex.
        import base64
        hexed[name] = base64.b64encode(bytes.fromhex(hexed[name])).decode()
    body = json_format.ParseDict(otel([hexed]), ExportTraceServiceRequest()).SerializeToString()
    assert post("/v1/traces", data=body, headers={"Content-Type": "application/x-protobuf"}).status_code == 200
    log = {"resourceLogs": [{"resource": {}, "scopeLogs": [{"scope": {"name": "test"}, "logRecords": [{
        "timeUnixNano": first["endTimeUnixNano"], "traceId": json_trace, "spanId": first["spanId"], "eventName": "gen_ai.user.message",
        "body": {"kvlistValue": {"values": [text("content", secret("log-body"))]}}, "attributes": [text("remark", secret("log-attribute"))]}]}]}]}
    assert post("/v1/logs", json=log).status_code == 200
    generation = {"id": uuid.uuid4().hex[:16], "traceId": langfuse_trace, "name": "write", "startTime": NOW, "endTime": NOW, "model": "gpt-4o-mini",
                  "usage": {"input": 10, "output": 10}, "input": [{"role": "user", "content": secret("langfuse-input")}],
                  "output": secret("langfuse-output"), "metadata": {"note": secret("langfuse-metadata")}, "level": "ERROR",
                  "statusMessage": secret("langfuse-status"), "modelParameters": {"stop": secret("langfuse-parameter")}}
    score = lambda field, **more: {"id": uuid.uuid4().hex, "traceId": langfuse_trace, "name": "helpful", "comment": secret(field + "-comment"), **more}
    events = [
        ("trace-create", {"id": langfuse_trace, "name": "letter", "timestamp": NOW, "input": secret("trace-input"), "output": secret("trace-output"),
                          "metadata": {"note": secret("trace-metadata")}}),
        ("generation-create", generation),
        ("score-create", score("score", value=1.0)),
        ("score-create", score("category", value=secret("category"), dataType="CATEGORICAL")),
        # Refused: its reason quotes what was sent.
        ("generation-create", {"id": uuid.uuid4().hex, "traceId": langfuse_trace, "startTime": secret("refused-time"), "level": secret("refused-level")}),
        (secret("refused-type"), {"id": uuid.uuid4().hex})]
    batch = [{"id": uuid.uuid4().hex, "type": kind, "timestamp": NOW, "body": body} for kind, body in events]
    answer = post("/api/public/ingestion", json={"batch": batch})
    assert answer.status_code == 207, answer.text
    sent = post("/api/public/scores", json=score("posted", value=0.5))
    assert sent.status_code < 300, sent.text
    return [json_trace, proto_trace, langfuse_trace]


@pytest.fixture(scope="module")
def quipu(start):
    service = start(QUIPU_LOG_LEVEL="debug")
    service.traces = send_all(service)
    service.wait_until_folded()
    wait_until(lambda: len(service.get("/api/v1/traces")["traces"]) == 3)
    service.routes = routes(service)
    return service


@pytest.fixture(scope="module")
def people(quipu):
    signed_in = {role: Person(quipu, add(quipu, f"{role}@people.example", role, (), places)) for role, places in READERS.items()}
    signed_in["engineer"] = Person(quipu, add(quipu, "engineer@people.example", "engineer", (), ["default"]))
    return signed_in


def whole(answer):
    """Headers and body, files within a workbook too."""
    body = answer.text
    if answer.content[:2] == b"PK":
        book = zipfile.ZipFile(io.BytesIO(answer.content))
        body = "\n".join(book.read(name).decode(errors="replace") for name in book.namelist())
    return f"{dict(answer.headers)}\n{body}"


def leaks(answer, word=SECRET):
    return sorted(set(re.findall(word + r"[-a-z]*", whole(answer))))


def panes(person, quipu):
    """Addresses of every step of every trace, as the page links them."""
    found = []
    for trace in quipu.traces:
        address = f"/project/default/traces/{trace}"
        page = person.look(address).text
        steps = sorted(set(re.findall(r"observation=([0-9a-f]+)", page)))
        found += [address] + [f"{address}?observation={step}" for step in steps] + [f"{address}/observations/{step}?partial=1" for step in steps]
    return found


def test_who_may_read_content_finds_it_everywhere(quipu, people):
    """The secret is there to be found: without this, no other test here could fail."""
    engineer = people["engineer"]
    seen = set()
    for address in panes(engineer, quipu):
        seen.update(leaks(engineer.look(address)))
    fields = {name.removeprefix(SECRET + "-") for name in seen}
    expected = {f"{form}-{field}" for form in ("json", "proto") for field in ("input", "output", "status", "attribute")}
    expected |= {"trace-input", "trace-output", "langfuse-input", "langfuse-output", "langfuse-metadata", "langfuse-status", "score-comment",
                 "posted-comment", "category"}
    assert expected <= fields, expected - fields
    assert engineer.look(f"/traces?q={WORD}").text.count("/project/default/traces/") >= 3


@pytest.mark.parametrize("role", [role if role in ("owner", "viewer") else pytest.param(role, marks=pytest.mark.at_root) for role in READERS])
def test_no_page_tells_content_to_who_may_not_read_it(role, quipu, people):
    person, found, count = people[role], [], 0
    def look(address):
        answer = person.look(address)
        if leaks(answer) or leaks(answer, WORD):
            found.append(f"{address}: {leaks(answer)}")
        return answer

    for address, answer in crawl(person, pages_max=200):
        count += 1
        if leaks(answer):
            found.append(f"{address}: {leaks(answer)}")
    for address in panes(person, quipu):
        assert look(address).status_code == 200, address
        count += 1
    for query in ("errors=1", "name=answer", "sort=cost", "sort=duration", "model=gpt-4o-mini", "unpriced=1"):
        look("/traces?" + query)
    for trace in quipu.traces:
        look(f"/trace/{trace}")
        look(f"/project/default/traces/{trace}/observations/nothing?partial=1")
        look(f"/project/default/traces/{trace}?find=answer")
    assert not found, "\n".join(found)
    assert count > 20


@pytest.mark.parametrize("role", READERS)
def test_who_may_not_read_content_finds_and_counts_nothing_by_it(role, quipu, people):
    person = people[role]
    other = "absent" + uuid.uuid4().hex[:8]
    def figures(page, word):
        """What the page tells, without the word that was asked for, the clock and the request's id."""
        page = re.sub(r"<form.*?</form>|<header.*?</header>|<nav.*?</nav>", "", page.replace(word, "?"), flags=re.S)
        return re.sub(r"<time.*?</time>|<code data-copy.*?</code>", "", page)

    for field in ("q", "name", "session", "user", "find"):
        there, absent = (person.look(f"/traces?{field}={word}") for word in (WORD, other))
        assert SECRET not in there.text and there.status_code == absent.status_code, field
        assert figures(there.text, WORD) == figures(absent.text, other), field
    for path in ("/costs?endpoint=", "/users?q=", "/endpoints?endpoint=", "/teams?user=", "/costs?by=user&user="):
        there, absent = (person.look(path + word) for word in (WORD, other))
        assert there.status_code == absent.status_code and figures(there.text, WORD) == figures(absent.text, other), path
    for trace in quipu.traces:
        there, absent = (person.look(f"/project/default/traces/{trace}?find={word}") for word in (WORD, other))
        assert figures(there.text, WORD) == figures(absent.text, other)


@pytest.mark.at_root
@pytest.mark.parametrize("role", ["finance", "auditor", "admin", "owner"])
def test_no_file_holds_content(role, quipu, people):
    person = people[role]
    files = [f"/reports/allocation/file?month={MONTH}&view=usageMonth&format={form}" for form in ("csv", "json", "xlsx", "focus")]
    files += ["/costs.csv?by=" + by for by in ("team", "user", "endpoint,model", "key", "service", "environment")] + ["/prices/export"]
    for path in files:
        answer = person.look(path)
        assert answer.status_code < 500 and not leaks(answer) and not leaks(answer, WORD), path
    page = person.look("/reports/exports").text
    begun = person.send_form("/reports/exports", csrf=hidden(page, "csrf"), month=MONTH, view="usageMonth", format="focus")
    assert begun.status_code == 303, begun.text[-1500:]
    link = lambda: re.search(r'href="([^"]*/reports/exports/\d+/file)"', person.look("/reports/exports").text)
    wait_until(lambda: link() is not None)
    answer = requests.Session.get(person, quipu.url.split("/", 3)[0] + "//" + quipu.url.split("/")[2] + link().group(1), timeout=60)
    assert answer.status_code == 200 and len(answer.content) > 0 and not leaks(answer)


@pytest.mark.at_root
@pytest.mark.parametrize("scope", ["readMoney", "admin", "ingest"])
def test_keys_that_do_not_read_get_no_content(scope, quipu, people):
    pair, found, count = key(quipu, scope), [], 0
    observation = quipu.get("/api/v1/traces/" + quipu.traces[0])["observations"][0]["id"]
    for route in quipu.routes:
        if route.method != "GET" or route.kind != "key":
            continue
        for trace in quipu.traces if ":trace" in route.path else quipu.traces[:1]:
            path = route.at(trace=trace, observation=observation, month=MONTH)
            for query in ("", f"?trace={trace}", f"?month={MONTH}&format=json") + ((f"?q={WORD}", "?errors=1") if path.endswith("traces") else ()):
                answer = requests.get(quipu.url + path + query, auth=pair, timeout=60)
                count += answer.status_code == 200
                assert answer.status_code < 500, path + query
                # The word itself stands in the question.
                if leaks(answer):
                    found.append(f"{path}{query}: {leaks(answer)}")
    assert not found, "\n".join(found)
    assert count > 10 or scope == "ingest"
    if scope == "admin":
        listed = requests.get(quipu.url + f"/api/v1/traces?q={WORD}", auth=pair, timeout=60)
        assert listed.status_code != 200 or listed.json()["traces"] == []


@pytest.mark.at_root
def test_what_needs_no_key_and_the_log_hold_no_content(quipu, people):
    for path in ("/metrics", "/readyz", "/livez", "/api/public/health", "/nothing-here", "/api/v1/traces"):
        answer = requests.get(quipu.url + path, timeout=60)
        assert not leaks(answer) and not leaks(answer, WORD), path
    # Ended, it has written all that it has to say.
    quipu.stop()
    log = quipu.output()
    assert SECRET not in log, re.findall(SECRET + r"[-a-z]*", log)[:20]
