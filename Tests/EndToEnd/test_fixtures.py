"""Captured traffic of six SDK versions, replayed into the running service: every call appears once, as its expectation file says."""
import glob
import json
import os

import pytest
import requests

FIXTURES = os.path.join(os.path.dirname(__file__), "..", "Fixtures")
NAMES = sorted(os.path.basename(os.path.dirname(path)) for path in glob.glob(os.path.join(FIXTURES, "*", "expected.json")))
# True costs at list prices of the calls in Tests/Fixtures/README.md.
TRUE_COST = {
    "chat": "0.0000342", "chat_stream": "0.0000342", "responses": "0.0000342", "responses_stream": "0.0000342", "chat_tools": "0.00057",
    "embeddings": "0.00000018", "messages": "0.0007392", "messages_stream": "0.0007392", "messages_create_stream": "0.0007392"}


def replay(quipu, name, order=lambda paths: paths):
    """Sends every captured request again with this service's key; answers by path."""
    for path in order(sorted(glob.glob(os.path.join(FIXTURES, name, "requests", "*.json")))):
        with open(path) as f:
            request = json.load(f)
        if request["method"] != "POST":
            continue
        sent = {k.lower(): v for k, v in (request["headers"].items() if isinstance(request["headers"], dict) else request["headers"])}
        headers = {k: sent[k] for k in ("content-type", "content-encoding", "user-agent") if k in sent}
        with open(path.removesuffix(".json") + ".body", "rb") as f:
            answer = requests.post(quipu.url + request["path"], data=f.read(), headers=headers, auth=quipu.auth, timeout=20)
        assert answer.status_code in (200, 207), (path, answer.status_code, answer.text)


@pytest.mark.parametrize("name", NAMES)
def test_every_call_of_the_capture_appears_once(quipu, name):
    with open(os.path.join(FIXTURES, name, "expected.json")) as f:
        expected = json.load(f)
    replay(quipu, name, lambda paths: paths[::-1])
    replay(quipu, name)
    rows = {}
    for trace in expected["traces"]:
        stored = quipu.get("/api/v1/traces/" + trace["id"])
        assert len(stored["observations"]) == trace["observations"], trace["id"]
        for key in ("user", "session", "tags"):
            if key in trace:
                assert stored[key] == trace[key], (trace["id"], key)
        rows |= {row["id"]: row for row in stored["observations"]}
    counted = {id for id, row in rows.items() if row["costStatus"] not in (None, "shadowed")}
    for call in expected["calls"]:
        ids = [o["id"] for o in call.get("observations", [])]
        mine = [id for id in ids if id in counted]
        assert len(mine) == (1 if ids else 0), (call["call"], [(id, rows[id]["costStatus"]) for id in ids])
        counted -= set(mine)
        if call["status"] == "exact" and call["call"] in TRUE_COST and rows[mine[0]]["costStatus"] == "priced":
            assert rows[mine[0]]["cost"] == TRUE_COST[call["call"]], call["call"]
        if call["status"] == "usage missing" and call["call"] == "chat_stream_no_usage":
            assert rows[mine[0]]["cost"] is None
    assert counted == set(), "counted beside the true calls"
