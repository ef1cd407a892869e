"""What an operator and a sender can rely on."""
import concurrent.futures
import json
import os
import subprocess
import time
import uuid

import requests

from traffic import observations, send, span, wait_until


def test_what_was_acknowledged_is_there_after_a_kill_and_the_orphaned_database_is_taken_over(own_quipu):
    traces = [uuid.uuid4().hex for _ in range(30)]
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda t: send(own_quipu, [span(t)]), traces))
    assert all(a.status_code == 200 and a.json() == {} for a in answers)
    own_quipu.kill()
    own_quipu.start()
    assert "secret" not in own_quipu.printed
    for trace in traces:
        assert len(observations(own_quipu, trace)) == 1
    report = own_quipu.wait_for_cost(lambda r: r["total"]["calls"] == 30)
    assert report["total"]["cost"] == "0.0063"


def test_a_second_service_on_the_same_data_is_refused_with_a_clear_message(quipu):
    second = subprocess.run(
        [quipu.binary, "serve"], env={**quipu.environment, "QUIPU_PORT": str(quipu.port)}, capture_output=True, text=True, timeout=180)
    assert second.returncode != 0
    assert "already" in (second.stdout + second.stderr) or "another" in (second.stdout + second.stderr).lower()


def test_sending_everything_twice_and_shuffled_changes_nothing(quipu):
    trace = uuid.uuid4().hex
    spans = [span(trace, f"call {i}") for i in range(12)]
    assert send(quipu, spans).status_code == 200
    before = quipu.get("/api/v1/traces/" + trace)
    quipu.wait_until_folded()
    total = quipu.get("/api/v1/costs")["total"]
    for part in (spans[6:][::-1], spans[:6], spans):
        assert send(quipu, part).status_code == 200
    quipu.wait_until_folded()
    assert quipu.get("/api/v1/traces/" + trace) == before
    assert quipu.get("/api/v1/costs")["total"] == total


def test_one_bad_span_costs_only_itself(quipu):
    trace = uuid.uuid4().hex
    bad = {**span(trace), "spanId": "00"}
    answer = send(quipu, [span(trace), bad, span(trace)])
    assert answer.status_code == 200
    assert answer.json()["partialSuccess"]["rejectedSpans"] == "1"
    assert len(observations(quipu, trace)) == 2


def test_batch_events_get_a_result_each(quipu):
    trace, generation = str(uuid.uuid4()), str(uuid.uuid4())
    now = time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime())
    usage = {"prompt_tokens": 100, "completion_tokens": 20, "total_tokens": 120, "prompt_tokens_details": {"cached_tokens": 40}}
    events = [
        {"id": "e1", "timestamp": now, "type": "trace-create", "body": {"id": trace, "name": "chat", "userId": "u1", "tags": ["a"]}},
        {"id": "e2", "timestamp": now, "type": "generation-create",
         "body": {"id": generation, "traceId": trace, "model": "gpt-4o", "startTime": now, "endTime": now, "usageDetails": usage}},
        {"id": "e3", "timestamp": "bad", "type": "span-create", "body": {}},
    ]
    answer = requests.post(quipu.url + "/api/public/ingestion", json={"batch": events}, auth=quipu.auth, timeout=60)
    assert answer.status_code == 207
    assert [s["id"] for s in answer.json()["successes"]] == ["e1", "e2"]
    assert [(e["id"], e["status"]) for e in answer.json()["errors"]] == [("e3", 400)]
    stored = quipu.get("/api/v1/traces/" + trace)
    assert (stored["id"], stored["user"]) == (trace, "u1")
    assert stored["observations"][0]["id"] == generation
    assert stored["observations"][0]["usage"] == {"input": 60, "cacheRead": 40, "output": 20}


def test_wrong_keys_are_refused_in_each_protocols_form(quipu):
    wrong = ("pk-lf-wrong", "sk-lf-wrong")
    otlp = requests.post(quipu.url + "/v1/traces", json={}, auth=wrong, timeout=60)
    assert (otlp.status_code, otlp.json()["code"]) == (401, 16)
    batch = requests.post(quipu.url + "/api/public/ingestion", json={"batch": []}, auth=wrong, timeout=60)
    assert batch.status_code == 401 and set(batch.json()) == {"message", "error"}
    api = requests.get(quipu.url + "/api/v1/costs", auth=wrong, timeout=60)
    assert api.status_code == 401 and set(api.json()) == {"code", "message", "requestId"}


def test_transport_contract_of_otlp(quipu):
    post = lambda **k: requests.post(quipu.url + "/v1/traces", auth=quipu.auth, timeout=60, **k).status_code
    assert post(data=b"x", headers={"Content-Type": "text/plain"}) == 415
    assert post(data=b"x", headers={"Content-Type": "application/json", "Content-Encoding": "br"}) == 415
    assert post(data=b"{", headers={"Content-Type": "application/json"}) == 400
    assert post(data=b"\x0a\xff", headers={"Content-Type": "application/x-protobuf"}) == 400
    assert post(data=b"", headers={"Content-Type": "application/x-protobuf"}) == 200
    assert requests.post(quipu.url + "/otlp/v1/metrics", json={}, auth=quipu.auth, timeout=60).status_code == 200


def test_a_gzip_bomb_is_refused_while_it_inflates(own_quipu):
    import gzip
    bomb = gzip.compress(b"\0" * (200 << 20))
    answer = requests.post(
        own_quipu.url + "/v1/traces", data=bomb, auth=own_quipu.auth, timeout=60,
        headers={"Content-Type": "application/x-protobuf", "Content-Encoding": "gzip"})
    assert answer.status_code == 413


def test_wrong_settings_stop_the_start_by_name_value_and_form(quipu):
    done = subprocess.run(
        [quipu.binary, "show-config"], env={**quipu.environment, "QUIPU_PORT": "eighty"}, capture_output=True, text=True, timeout=180)
    assert done.returncode != 0
    assert 'QUIPU_PORT is "eighty": expected a port, 1 to 65535' in done.stderr


def test_keys_can_be_made_listed_and_revoked_beside_the_running_service(quipu):
    run = lambda *a: subprocess.run([quipu.binary, "keys", *a], env=quipu.environment, capture_output=True, text=True, timeout=180)
    made = run("create", "--name", "reader", "--scopes", "read")
    assert made.returncode == 0, made.stderr
    public, secret = [line.split()[-1] for line in made.stdout.splitlines()[:2]]
    refused = requests.post(quipu.url + "/v1/traces", json={}, headers={"x-api-key": secret}, timeout=60)
    assert refused.status_code == 403
    assert requests.get(quipu.url + "/api/v1/costs", auth=(public, secret), timeout=60).status_code == 200
    assert secret not in run("list").stdout and public in run("list").stdout
    assert run("revoke", public).returncode == 0
    wait_until(lambda: requests.get(quipu.url + "/api/v1/costs", auth=(public, secret), timeout=60).status_code == 401)


def test_rebuilt_rollups_equal_the_incremental_ones(quipu):
    quipu.wait_until_folded()
    before = quipu.get("/api/v1/costs", groupBy="model,team", interval="hour")
    done = subprocess.run([quipu.binary, "rollup", "rebuild"], env=quipu.environment, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    after = quipu.get("/api/v1/costs", groupBy="model,team", interval="hour")
    assert after["rows"] == before["rows"] and after["total"] == before["total"]


def test_prompts_answer_the_404_that_sdks_fall_back_on(quipu):
    answer = requests.get(quipu.url + "/api/public/v2/prompts/greet", auth=quipu.auth, timeout=60)
    assert answer.status_code == 404 and answer.json()["error"] == "LangfuseNotFoundError"


def test_metrics_and_health_tell_operators_what_happens(quipu):
    assert requests.get(quipu.url + "/livez", timeout=60).text == "ok\n"
    assert requests.get(quipu.url + "/readyz", timeout=60).json() == {"status": "ready"}
    text = requests.get(quipu.url + "/metrics", timeout=60).text
    for name in ("quipu_ingest_requests_total", "quipu_ingest_items_refused_total", "quipu_rollup_backlog_seconds", "quipu_unpriced_calls"):
        assert name in text


def test_content_that_arrives_before_its_span_is_joined_to_it(quipu):
    trace = uuid.uuid4().hex
    call = span(trace, "told by events")
    now = str(time.time_ns())
    record = lambda name, body: {
        "timeUnixNano": now, "traceId": trace, "spanId": call["spanId"], "eventName": name,
        "body": {"kvlistValue": {"values": [{"key": k, "value": {"stringValue": v}} for k, v in body.items()]}}}
    logs = [record("gen_ai.user.message", {"content": "Told before the span"}), record("something.else", {"content": "x"})]
    body = {"resourceLogs": [{"scopeLogs": [{"scope": {"name": "test"}, "logRecords": logs}]}]}
    answer = requests.post(quipu.url + "/otlp/v1/logs", json=body, auth=quipu.auth, timeout=60)
    assert answer.status_code == 200 and answer.json()["partialSuccess"]["rejectedLogRecords"] == "1"
    assert send(quipu, [call]).status_code == 200
    stored = quipu.get("/api/v1/observations/" + call["spanId"], trace=trace)
    assert "Told before the span" in json.dumps(stored["input"])


def test_user_and_session_of_a_late_root_reach_its_calls_and_their_cost(quipu):
    trace = uuid.uuid4().hex
    call = span(trace)
    root = {**span(trace, "late root"), "spanId": uuid.uuid4().hex[:16], "kind": 2}
    root["attributes"] = [
        {"key": k, "value": {"stringValue": v}} for k, v in {"user.id": "late-user", "session.id": "late-session", "http.route": "/late"}.items()]
    call["parentSpanId"] = root["spanId"]
    assert send(quipu, [call]).status_code == 200
    quipu.wait_for_cost(lambda r: r["total"]["calls"] > 0)
    assert send(quipu, [root]).status_code == 200
    stored = next(o for o in observations(quipu, trace) if o["name"] == "call")
    assert (stored["user"], stored["session"], stored["endpoint"]) == ("late-user", "late-session", "/late")
    report = quipu.wait_for_cost(lambda r: any(row["user"] == "late-user" for row in r["rows"]), groupBy="user,model")
    row = next(row for row in report["rows"] if row["user"] == "late-user")
    assert (row["calls"], row["cost"]) == (1, "0.00021")


def test_the_demo_fills_every_dimension_and_repeating_it_changes_no_total(start):
    service = start("demo")
    run = lambda *a: subprocess.run([service.binary, *a], env=service.environment, capture_output=True, text=True, timeout=900)
    keys = run("keys", "create", "--project", "helpdesk", "--name", "reader", "--scopes", "read")
    reader = tuple(line.split()[-1] for line in keys.stdout.splitlines()[:2])

    def told():
        service.wait_until_folded()
        ask = lambda **params: requests.get(service.url + "/api/v1/costs", params=params, auth=reader, timeout=60).json()
        return {name: ask(groupBy=name) for name in ("team", "model", "provider", "endpoint", "environment", "userGroup", "user", "kind")}

    first = told()
    assert all(len(report["rows"]) >= 2 for report in first.values()), {k: len(v["rows"]) for k, v in first.items()}
    assert first["model"]["total"]["unpricedCalls"] > 0
    assert None in [row["team"] for row in first["team"]["rows"]]
    again = run("demo")
    assert again.returncode == 0, again.stderr
    second = told()
    assert {k: (v["rows"], v["total"]) for k, v in second.items()} == {k: (v["rows"], v["total"]) for k, v in first.items()}


def test_a_new_keys_first_call_has_its_owner(quipu):
    made = subprocess.run(
        [quipu.binary, "keys", "create", "--name", "fresh", "--team", "My team"], env=quipu.environment, capture_output=True, text=True,
        timeout=60)
    assert made.returncode == 0, made.stderr
    pair = tuple(line.split()[-1] for line in made.stdout.splitlines()[:2])
    trace = uuid.uuid4().hex
    body = {"resourceSpans": [{"scopeSpans": [{"spans": [span(trace)]}]}]}
    assert requests.post(quipu.url + "/v1/traces", json=body, auth=pair, timeout=60).status_code == 200
    assert [o["team"] for o in observations(quipu, trace)] == ["My team"]


def test_a_database_that_hangs_is_answered_with_503(own_quipu):
    import signal
    with open(own_quipu.folder + "/data/postgres/postmaster.pid") as f:
        postmaster = f.readline().strip()
    children = subprocess.run(["pgrep", "-P", postmaster], capture_output=True, text=True).stdout.split()
    spans = [span(uuid.uuid4().hex)]
    assert send(own_quipu, [span(uuid.uuid4().hex)]).status_code == 200
    for process in [postmaster, *children]:
        os.kill(int(process), signal.SIGSTOP)
    try:
        answer = send(own_quipu, spans)
        assert answer.status_code == 503 and "retry-after" in answer.headers
    finally:
        for process in [postmaster, *children]:
            os.kill(int(process), signal.SIGCONT)
    wait_until(lambda: send(own_quipu, spans).status_code == 200)
    assert len(observations(own_quipu, spans[0]["traceId"])) == 1


def test_the_api_refuses_in_its_own_form_what_it_can_not_read(quipu):
    for path in ("/api/v1/traces?limit=0", "/api/v1/traces?order=up", "/api/v1/costs?bogus=1", "/api/v1/costs?groupBy=colour",
                 "/api/v1/costs?kind=foo", "/api/v1/costs?timeZone=Mars", "/api/v1/traces?cursor=x",
                 "/api/v1/traces?costAbove=1e-9223372036854775808"):
        answer = requests.get(quipu.url + path, auth=quipu.auth, timeout=60)
        assert answer.status_code == 400 and set(answer.json()) == {"code", "message", "requestId"}, (path, answer.text)


def test_ids_with_any_characters_can_be_asked_for(quipu):
    now = time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime())
    events = [{"id": uuid.uuid4().hex, "timestamp": now, "type": "generation-create",
               "body": {"id": "step one/ü", "traceId": "my trace/ü 1", "model": "gpt-4o", "input": {"q": 1}, "usage": {"input": 1, "output": 1}}}]
    assert requests.post(quipu.url + "/api/public/ingestion", json={"batch": events}, auth=quipu.auth, timeout=60).status_code == 207
    quoted = requests.utils.quote("my trace/ü 1", safe="")
    assert quipu.get("/api/v1/traces/" + quoted)["id"] == "my trace/ü 1"
    step = quipu.get("/api/v1/observations/" + requests.utils.quote("step one/ü", safe=""), trace="my trace/ü 1")
    assert (step["id"], step["input"]) == ("step one/ü", {"q": 1})


def test_a_slow_upload_holds_nobody_else_up(own_quipu):
    import socket
    from base64 import b64encode
    token = b64encode(":".join(own_quipu.auth).encode()).decode()
    with socket.create_connection(("127.0.0.1", own_quipu.port)) as slow:
        slow.sendall(
            f"POST /v1/traces HTTP/1.1\r\nHost: x\r\nAuthorization: Basic {token}\r\nContent-Type: application/json\r\n"
            f"Content-Length: {40 << 20}\r\n\r\n{{".encode())
        for _ in range(12):
            time.sleep(0.25)
            slow.sendall(b" ")
            assert send(own_quipu, [span(uuid.uuid4().hex)]).status_code == 200
