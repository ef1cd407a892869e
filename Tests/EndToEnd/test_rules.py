"""Rules on a running service: made by API they move new calls, a preview and a dry run say so before, a re-run moves booked calls and
back, and context that comes late attributes its calls again."""
import re
import subprocess
import time
import uuid

import pytest
import requests

from traffic import span, wait_until


@pytest.fixture(scope="module")
def quipu(start):
    service = start()
    printed = subprocess.run(
        [service.binary, "keys", "create", "--name", "rules", "--scopes", "read,ingest,admin"], env=service.environment,
        capture_output=True, text=True, timeout=120).stdout
    service.admin = (re.search(r"public key\s+(\S+)", printed).group(1), re.search(r"secret key\s+(\S+)", printed).group(1))
    return service


def api(quipu, method, path, status=200, **more):
    answer = requests.request(method, quipu.url + path, auth=quipu.admin, timeout=60, **more)
    assert answer.status_code == status, f"{path}: {answer.status_code} {answer.text[:500]}"
    return answer.json() if answer.content else None


def call(quipu, **attributes):
    """Sends one call and gives its trace."""
    trace = uuid.uuid4().hex
    answer = requests.post(
        quipu.url + "/v1/traces", timeout=60, auth=quipu.admin,
        json={"resourceSpans": [{"resource": {}, "scopeSpans": [{"scope": {"name": "test"}, "spans": [span(trace, **attributes)]}]}]})
    assert answer.status_code == 200, answer.text
    return trace


def finished(quipu, number):
    wait_until(lambda: api(quipu, "GET", f"/api/v1/reattributions/{number}")["state"] != "running")
    job = api(quipu, "GET", f"/api/v1/reattributions/{number}")
    assert job["state"] == "finished", job
    return job


def test_rules_move_new_calls_at_once_and_booked_ones_by_a_run(quipu):
    team = api(quipu, "POST", "/api/v1/teams", 201, json={"name": "Gold", "costCentre": "CC-7", "owner": "ann@acme.org"})
    assert team["costCentre"] == "CC-7" and team in api(quipu, "GET", "/api/v1/teams")["teams"]
    api(quipu, "POST", "/api/v1/declared-keys", 201, json={"key": "tenant", "label": "Customer", "dimension": True})
    for _ in range(3):
        call(quipu, tenant="acme")
    for _ in range(2):
        call(quipu, tenant="other")
    rule = {"name": "acme pays", "conditions": [{"field": "metadata:tenant", "match": "equals", "values": ["acme"]}], "team": "Gold"}

    seen = api(quipu, "POST", "/api/v1/attribution-rules/preview", json=rule)
    assert seen["total"]["calls"] == 5 and seen["moved"]["calls"] == 3 and seen["isComplete"], seen
    assert seen["declaredKeys"][0]["key"] == "tenant" and seen["examples"][0]["after"]["team"] == "Gold"
    assert api(quipu, "GET", "/api/v1/attribution-rules")["rules"] == []

    made = api(quipu, "POST", "/api/v1/attribution-rules", 201, json=rule)
    assert made["position"] == 1 and made["team"] == "Gold"
    call(quipu, tenant="acme")
    gold = lambda: api(quipu, "GET", "/api/v1/costs?team=Gold")["total"]["calls"]
    quipu.wait_until_folded()
    assert gold() == 1

    since = time.strftime("%Y-%m-%d", time.gmtime(time.time() - 86400))
    period = {"from": since, "reason": "Gold pays for acme"}
    dry = api(quipu, "POST", "/api/v1/reattributions/dry-run", json=period)
    assert dry["moved"]["calls"] == 3 and dry["total"]["calls"] == 6
    before = api(quipu, "GET", "/api/v1/costs")["total"]
    job = finished(quipu, api(quipu, "POST", "/api/v1/reattributions", 202, json=period)["id"])
    assert job["changed"] == 3 and job["moved"] == dry["moved"]["cost"] and job["calls"] == 6
    quipu.wait_until_folded()
    assert gold() == 4
    assert api(quipu, "GET", "/api/v1/costs")["total"] == before

    api(quipu, "DELETE", f"/api/v1/attribution-rules/{made['id']}", 204)
    finished(quipu, api(quipu, "POST", "/api/v1/reattributions", 202, json=period)["id"])
    quipu.wait_until_folded()
    assert gold() == 0
    assert api(quipu, "GET", "/api/v1/costs")["total"] == before
    ended = api(quipu, "GET", "/api/v1/attribution-rules?ended=1")["rules"]
    assert [r["id"] for r in ended] == [made["id"]] and ended[0]["endedBy"].startswith("key ")


def test_late_context_attributes_again(quipu):
    api(quipu, "POST", "/api/v1/teams", 201, json={"name": "Late"})
    rule = {"name": "nightly", "conditions": [{"field": "tag", "match": "equals", "values": ["nightly"]}], "team": "Late"}
    api(quipu, "POST", "/api/v1/attribution-rules", 201, json=rule)
    trace = call(quipu)
    late = lambda: api(quipu, "GET", "/api/v1/costs?team=Late")["total"]["calls"]
    quipu.wait_until_folded()
    assert late() == 0
    event = {"id": uuid.uuid4().hex, "type": "trace-create", "timestamp": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
             "body": {"id": trace, "tags": ["nightly"]}}
    answer = requests.post(quipu.url + "/api/public/ingestion", json={"batch": [event]}, auth=quipu.admin, timeout=60)
    assert answer.status_code == 207 and not answer.json()["errors"], answer.text
    quipu.wait_until_folded()
    assert late() == 1


def test_groups_come_by_list_and_what_is_wrong_is_said(quipu):
    text = "user,group\nanna,Schools\nben\ncleo,Schools\n"
    taken = api(quipu, "PUT", "/api/v1/user-groups/members", data=text.encode(), headers={"Content-Type": "text/csv"})
    assert taken["changed"] == 2 and taken["created"] == ["Schools"] and [p["line"] for p in taken["problems"]] == [3]
    group = [g for g in api(quipu, "GET", "/api/v1/user-groups")["userGroups"] if g["name"] == "Schools"][0]
    assert group["members"] == 2
    assert api(quipu, "GET", f"/api/v1/user-groups/{group['id']}/members")["users"] == ["anna", "cleo"]
    assert api(quipu, "PUT", f"/api/v1/user-groups/{group['id']}/members", json={"users": ["dora"]})["changed"] == 3
    api(quipu, "POST", "/api/v1/teams", 201, json={"name": "Blue"})
    assert api(quipu, "PATCH", f"/api/v1/user-groups/{group['id']}", json={"team": "Blue"})["team"] == "Blue"
    wrong = api(quipu, "POST", "/api/v1/attribution-rules", 400, json={"name": "x", "team": "Nobody"})
    for name in ("Unallocated", "other", "-"):
        assert "name other than" in api(quipu, "POST", "/api/v1/teams", 400, json={"name": name})["message"]
    api(quipu, "POST", "/api/v1/attribution-rules/preview", 404, json={"name": "x", "team": "Blue", "replacing": 999})
    assert "Nobody" in wrong["message"]
    wrong = api(quipu, "POST", "/api/v1/attribution-rules", 400,
                json={"name": "x", "team": "Blue", "conditions": [{"field": "user", "match": "regex", "values": ["("]}]})
    assert "regular expression" in wrong["message"]
    assert requests.post(quipu.url + "/api/v1/teams", json={"name": "y"}, auth=quipu.auth, timeout=60).status_code == 403
