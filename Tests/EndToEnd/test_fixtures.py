"""Captured traffic of six SDK versions, replayed into the running service: every call appears once, as its expectation file says."""
import pytest

from fixtures import NAMES, expected, replay

# True costs at list prices of the calls in Tests/Fixtures/README.md.
TRUE_COST = {
    "chat": "0.0000342", "chat_stream": "0.0000342", "responses": "0.0000342", "responses_stream": "0.0000342", "chat_tools": "0.00057",
    "embeddings": "0.00000018", "messages": "0.0007392", "messages_stream": "0.0007392", "messages_create_stream": "0.0007392"}


@pytest.mark.parametrize("name", NAMES)
def test_every_call_of_the_capture_appears_once(quipu, name):
    truth = expected(name)
    replay(quipu, name, lambda paths: paths[::-1])
    replay(quipu, name)
    rows = {}
    for trace in truth["traces"]:
        stored = quipu.get("/api/v1/traces/" + trace["id"])
        assert len(stored["observations"]) == trace["observations"], trace["id"]
        for key in ("user", "session", "tags"):
            if key in trace:
                assert stored[key] == trace[key], (trace["id"], key)
        rows |= {row["id"]: row for row in stored["observations"]}
    counted = {id for id, row in rows.items() if row["costStatus"] not in (None, "shadowed")}
    for call in truth["calls"]:
        ids = [o["id"] for o in call.get("observations", [])]
        mine = [id for id in ids if id in counted]
        assert len(mine) == (1 if ids else 0), (call["call"], [(id, rows[id]["costStatus"]) for id in ids])
        counted -= set(mine)
        if call["status"] == "exact" and call["call"] in TRUE_COST and rows[mine[0]]["costStatus"] == "priced":
            assert rows[mine[0]]["cost"] == TRUE_COST[call["call"]], call["call"]
        if call["status"] == "usage missing" and call["call"] == "chat_stream_no_usage":
            assert rows[mine[0]]["cost"] is None
    assert counted == set(), "counted beside the true calls"
