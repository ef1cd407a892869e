"""Keys: what each may do, how long and how much; a new secret beside the old; what a leaked one did; and that its secret is nowhere."""
import html
import json
import os
import re
import subprocess
import time
import uuid

import pytest
import requests

from people import Person, add, hidden
from traffic import wait_until


pytestmark = pytest.mark.pages


@pytest.fixture(scope="module")
def service(start):
    return start()


def command(service, *arguments):
    return subprocess.run([service.binary, *arguments], env=service.environment, capture_output=True, text=True, timeout=120)


def make(service, *options):
    done = command(service, "keys", "create", "--name", "test", *options)
    assert done.returncode == 0, done.stderr
    return tuple(re.search(part + r"\s+(\S+)", done.stdout).group(1) for part in ("public key", "secret key"))


@pytest.fixture(scope="module")
def admin(service):
    return make(service, "--scopes", "admin")


def spans(count, trace=None):
    start = time.time_ns() - 1_000_000_000
    trace = trace or uuid.uuid4().hex
    made = [{"traceId": trace, "spanId": uuid.uuid4().hex[:16], "name": "call", "startTimeUnixNano": str(start),
             "endTimeUnixNano": str(start + 1_000_000), "attributes": [
                 {"key": "gen_ai.request.model", "value": {"stringValue": "gpt-4o-mini"}},
                 {"key": "gen_ai.operation.name", "value": {"stringValue": "chat"}},
                 {"key": "gen_ai.system", "value": {"stringValue": "openai"}},
                 {"key": "gen_ai.usage.input_tokens", "value": {"intValue": "1000"}},
                 {"key": "gen_ai.usage.output_tokens", "value": {"intValue": "100"}}]} for _ in range(count)]
    return {"resourceSpans": [{"scopeSpans": [{"scope": {"name": "t"}, "spans": made}]}]}


def send(service, key, count=1):
    return requests.post(service.url + "/v1/traces", json=spans(count), auth=key, timeout=60)


def score_event(trace):
    now = time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime())
    return {"id": uuid.uuid4().hex, "timestamp": now, "type": "score-create",
            "body": {"id": uuid.uuid4().hex, "traceId": trace, "name": "thumb", "value": 1}}


def api(service, key, method, path, expected=200, **options):
    answer = requests.request(method, service.url + "/api/v1" + path, auth=key, timeout=60, **options)
    assert answer.status_code == expected, f"{path}: {answer.status_code} {answer.text}"
    return answer.json() if answer.content else None


@pytest.mark.at_root
def test_each_scope_opens_its_routes_and_no_other(service, admin):
    keys = {"ingest": make(service, "--scopes", "ingest"), "read": make(service, "--scopes", "read"),
            "readMoney": make(service, "--scopes", "readMoney"), "admin": admin}
    routes = {"/api/v1/costs": {"read", "readMoney", "admin"}, "/api/v1/traces": {"read", "admin"}, "/api/v1/keys": {"admin"},
              "/api/v1/projects": {"admin"}}
    for path, allowed in routes.items():
        for scope, key in keys.items():
            status = requests.get(service.url + path, auth=key, timeout=60).status_code
            assert status == (200 if scope in allowed else 403), f"{scope} {path}"
    for scope, key in keys.items():
        assert send(service, key).status_code == (200 if scope == "ingest" else 403), scope


@pytest.mark.at_root
def test_a_public_key_creates_scores_and_nothing_else(service):
    public, secret = make(service, "--scopes", "ingest,read")
    bearer = {"Authorization": "Bearer " + public}
    one = requests.post(service.url + "/api/public/scores", headers=bearer, timeout=60,
                        json={"traceId": uuid.uuid4().hex, "name": "thumb", "value": 1})
    assert one.status_code == 200, one.text
    assert requests.post(service.url + "/v1/traces", json=spans(1), headers=bearer, timeout=60).status_code == 403
    for path in ("/api/v1/traces", "/api/v1/costs", "/api/public/projects"):
        assert requests.get(service.url + path, headers=bearer, timeout=60).status_code == 403, path
    trace = uuid.uuid4().hex
    batch = [score_event(trace), {**score_event(trace), "type": "trace-create", "body": {"id": trace, "name": "forged"}}]
    reply = requests.post(service.url + "/api/public/ingestion", json={"batch": batch}, headers=bearer, timeout=60)
    assert reply.status_code == 207 and len(reply.json()["successes"]) == 1
    assert [error["status"] for error in reply.json()["errors"]] == [401]
    stored = requests.get(service.url + "/api/v1/traces/" + trace, auth=(public, secret), timeout=60)
    assert "forged" not in stored.text
    # As user name and as password it is no key.
    assert requests.get(service.url + "/api/v1/traces", auth=(public, public), timeout=60).status_code == 401


@pytest.mark.at_root
def test_a_public_key_changes_no_score_that_is_there(service):
    public, secret = make(service, "--scopes", "ingest,read")
    bearer, trace = {"Authorization": "Bearer " + public}, uuid.uuid4().hex
    first = score_event(trace)
    score = first["body"]["id"]
    assert requests.post(service.url + "/v1/traces", json=spans(1, trace), auth=(public, secret), timeout=60).status_code == 200
    assert requests.post(service.url + "/api/public/ingestion", json={"batch": [first]}, auth=(public, secret), timeout=60).status_code == 207
    time.sleep(1.1)
    forged = score_event(trace)
    forged["body"].update(id=score, value=0.25)
    reply = requests.post(service.url + "/api/public/ingestion", json={"batch": [forged]}, headers=bearer, timeout=60)
    assert reply.status_code == 207 and len(reply.json()["successes"]) == 1
    alone = requests.post(service.url + "/api/public/scores", headers=bearer, timeout=60, json={**forged["body"], "value": 0.75})
    assert alone.status_code == 200 and alone.json()["id"]
    stored = requests.get(service.url + "/api/v1/traces/" + trace, auth=(public, secret), timeout=60).json()
    assert [(entry["id"], entry["value"]) for entry in stored["scores"]] == [(score, 1)]


@pytest.mark.at_root
def test_only_an_administrator_key_reads_rules_groups_and_cost_centres(service, admin):
    api(service, admin, "POST", "/teams", 201, json={"name": "Secretive", "costCentre": "CC-777", "owner": "boss@acme.example"})
    for scope in ("read", "readMoney"):
        key = make(service, "--scopes", scope)
        for path in ("/attribution-rules", "/user-groups"):
            api(service, key, "GET", path, 403)
        teams = api(service, key, "GET", "/teams")["teams"]
        assert "Secretive" in {team["name"] for team in teams} and all(set(team) == {"id", "name"} for team in teams), teams
        api(service, key, "GET", "/declared-keys")
    assert "CC-777" in {team["costCentre"] for team in api(service, admin, "GET", "/teams")["teams"]}
    for path in ("/attribution-rules", "/user-groups"):
        api(service, admin, "GET", path)


def made_by(person, **fields):
    page = person.look("/settings/keys/new").text
    project = re.search(r'<select name="project"><option value="(\d+)"', page).group(1)
    answer = person.send_form("/settings/keys", csrf=hidden(page, "csrf"), project=project, content="0", **fields)
    assert answer.status_code == 200, answer.text[:2000]
    parts = re.search(r"pk-lf-[0-9a-f-]{36}", answer.text).group(0), re.search(r"sk-lf-[0-9a-f-]{36}", answer.text).group(0)
    return parts, re.search(r'href="[/a-z]*?(/settings/keys/\d+)">Done', answer.text).group(1)


def test_a_key_shows_no_more_money_than_its_maker_sees_and_reads_no_longer_than_they_do(service, admin):
    own, other = (api(service, admin, "POST", "/teams", 201, json={"name": name})["name"] for name in ("Own team", "Other team"))
    api(service, admin, "POST", "/projects", 201, json={"name": "Shared", "slug": "shared", "team": own})
    for team in (own, other):
        sender = make(service, "--project", "shared", "--scopes", "ingest", "--team", team)
        assert send(service, sender, 2 if team == own else 3).status_code == 200
    service.wait_until_folded()
    engineer = Person(service, add(service, "engineer@keys.example", "engineer", (), ["shared"]))
    lead = Person(service, add(service, "lead@keys.example", "teamLead", [own]))
    whole = make(service, "--project", "shared", "--scopes", "readMoney")
    engineers, page = made_by(engineer, name="mine", scope=["ingest", "read"])
    money, _ = made_by(engineer, name="money", scope=["readMoney"])
    leads, lead_page = made_by(lead, name="leads", scope=["readMoney"])
    calls = lambda key, **query: {row["team"]: row["calls"] for row in api(
        service, key, "GET", "/costs", params={"groupBy": "team", **query})["rows"]}
    assert calls(whole) == calls(engineers) == {own: 2, other: 3}
    assert calls(leads) == {own: 2}
    for key in (engineers, money):
        assert "end user" in api(service, key, "GET", "/costs", 400, params={"groupBy": "user"})["message"]
        assert "end user" in api(service, key, "GET", "/costs", 400, params={"user": "anna"})["message"]
    api(service, leads, "GET", "/costs", params={"groupBy": "user"})
    assert "not by end user" in engineer.look(page).text and f"of {own}, wherever" in lead.look(lead_page).text
    # A new secret of a key that shows more is not the lead's.
    number = api(service, admin, "GET", f"/keys/{whole[0]}")["id"]
    refused = lead.send_form(f"/settings/keys/{number}/rotate", csrf=lead.csrf, overlap="0")
    assert refused.status_code in (400, 403) and not re.search(r"sk-lf-[0-9a-f]{8}", refused.text) and calls(whole)

    # How to connect tells of keys what the list of keys tells, no more.
    for path in ("/connect", "/connect?project=shared"):
        seen = engineer.look(path).text
        assert engineers[0] in seen and whole[0] not in seen and leads[0] not in seen and sender[0] not in seen and "another key" in seen, path
        assert sender[0] in lead.look(path).text

    owner = Visitor(service)
    member = re.search(r'href="[/a-z]*?(/settings/members/\d+)"[^>]*>engineer@keys.example', owner.page("/settings/members")).group(1)
    assert "are revoked for good" in owner.page(member)
    owner.post(member, do="disable")
    assert send(service, engineers).status_code == 401 and api(service, money, "GET", "/costs")
    log = command(service, "audit", "export").stdout
    assert [line for line in log.splitlines() if "key revoked" in line and engineers[0] in line]


def member_page(visitor, email):
    return re.search(rf'href="[/a-z]*?(/settings/members/\d+)"[^>]*>{re.escape(email)}', visitor.page("/settings/members")).group(1)


def test_a_key_and_those_made_by_it_do_what_their_maker_may(service):
    admin, owner = Person(service, add(service, "admin@keys.example", "admin")), Visitor(service)
    parent, page = made_by(admin, name="parent", scope=["admin", "ingest"])
    child = api(service, parent, "POST", "/keys", 201, json={"project": "default", "name": "child", "scopes": ["admin", "ingest"]})
    child = (child["publicKey"], child["secretKey"])
    assert api(service, child, "GET", "/projects") and send(service, child).status_code == 200
    path = member_page(owner, admin.email)
    owner.post(path, do="role", role="viewer")
    for key in (parent, child):
        assert "made this key" in api(service, key, "POST", "/teams", 403, json={"name": "Mine"})["message"]
        assert "made this key" in api(service, key, "POST", "/keys", 403, json={"project": "default", "name": "more"})["message"]
        assert send(service, key).status_code == 200
    assert "its maker may not any more" in owner.page(page)
    owner.post(path, do="role", role="admin")
    assert api(service, child, "GET", "/projects")
    owner.post(path, do="disable")
    assert [send(service, key).status_code for key in (parent, child)] == [401, 401]


def test_a_key_reads_prompts_while_its_maker_does(service):
    second, owner = Person(service, add(service, "owner2@keys.example", "owner")), Visitor(service)
    sender, trace, word = make(service, "--scopes", "ingest"), uuid.uuid4().hex, "marmalade"
    body = spans(1, trace)
    span = body["resourceSpans"][0]["scopeSpans"][0]["spans"][0]
    span["attributes"].append({"key": "gen_ai.input.messages", "value": {"stringValue": json.dumps([{"role": "user", "content": word}])}})
    assert requests.post(service.url + "/v1/traces", json=body, auth=sender, timeout=60).status_code == 200
    path = member_page(owner, second.email)
    owner.post(path, do="grant", project="", days="1", reason="")
    key, page = made_by(second, name="reads", scope=["read"])

    def told():
        whole = requests.get(service.url + "/api/v1/traces/" + trace, auth=key, timeout=60)
        one = requests.get(f"{service.url}/api/v1/observations/{span['spanId']}?trace={trace}", auth=key, timeout=60)
        assert whole.status_code == one.status_code == 200 and "gpt-4o-mini" in whole.text + one.text
        return whole.text + one.text

    assert word in told()
    grant = re.search(r'name="grant" value="(\d+)"', owner.page(path)).group(1)
    owner.post(path, do="withdraw", grant=grant)
    assert word not in told()
    assert "read inputs and outputs" in owner.page(page)


@pytest.mark.at_root
def test_an_expired_key_is_refused_and_so_is_an_expiry_in_the_past(service, admin):
    # A busy machine may take longer to make a key than the key lives.
    for seconds in (3, 12, 60):
        end = time.time() + seconds
        text = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(end))
        made = requests.post(service.url + "/api/v1/keys", auth=admin, timeout=60, json={
            "project": "default", "name": "short", "scopes": ["ingest"], "expiresAt": text})
        key = (made.json().get("publicKey"), made.json().get("secretKey"))
        taken = send(service, key).status_code
        if taken == 200 or time.time() < int(end):
            break
    assert taken == 200, made.text
    wait_until(lambda: send(service, key).status_code == 401)
    assert time.time() >= int(end)
    assert "expiry" in json.dumps(api(service, admin, "POST", "/keys", 400, json={
        "project": "default", "name": "late", "expiresAt": "2020-01-01"}))


@pytest.mark.at_root
def test_limits_are_told_in_the_form_of_the_protocol_with_a_time_to_come_back(service):
    key = make(service, "--scopes", "ingest", "--requests-per-minute", "3")
    # A minute may begin in between: then three more pass.
    answers = [send(service, key) for _ in range(8)]
    refused = [answer for answer in answers if answer.status_code != 200]
    assert len(refused) >= 2 and {answer.status_code for answer in refused} == {429}
    assert refused[0].json()["code"] == 8 and 1 <= int(refused[0].headers["Retry-After"]) <= 60
    batch = requests.post(service.url + "/api/public/ingestion", json={"batch": [score_event("t")]}, auth=key, timeout=60)
    assert batch.status_code == 429 and set(batch.json()) == {"message", "error"} and "Retry-After" in batch.headers

    key = make(service, "--scopes", "ingest", "--spans-per-minute", "10")
    answers = [send(service, key, 4).status_code for _ in range(7)]
    assert answers.count(200) in (2, 4) and answers.count(429) == 7 - answers.count(200)
    assert send(service, key, 11).status_code == 413

    key = make(service, "--scopes", "ingest", "--request-bytes-max", "2048")
    assert send(service, key, 1).status_code == 200 and send(service, key, 10).status_code == 413


@pytest.mark.at_root
def test_an_old_secret_is_taken_beside_the_new_until_it_is_ended(service, admin):
    public, old = make(service, "--scopes", "ingest")
    new = api(service, admin, "POST", f"/keys/{public}/rotate", json={"overlapHours": 1})["secretKey"]
    assert new != old
    for secret in (old, new):
        assert send(service, (public, secret)).status_code == 200
    newest = api(service, admin, "POST", f"/keys/{public}/rotate", json={"overlapHours": 0})["secretKey"]
    assert [send(service, (public, secret)).status_code for secret in (old, new, newest)] == [401, 401, 200]
    api(service, admin, "DELETE", f"/keys/{public}", 204)
    assert send(service, (public, newest)).status_code == 401
    assert api(service, admin, "POST", f"/keys/{public}/rotate", 409, json={"overlapHours": 0})["code"] == "not_accepted"


@pytest.mark.at_root
def test_an_administrator_key_opens_no_content_by_making_keys(service, admin):
    body = {"project": "default", "name": "reader", "scopes": ["read"]}
    assert "content" in api(service, admin, "POST", "/keys", 403, json=body)["message"]
    reader = make(service, "--scopes", "read")
    api(service, admin, "POST", f"/keys/{reader[0]}/rotate", 403, json={})
    both = make(service, "--scopes", "read,admin")
    assert api(service, both, "POST", "/keys", 201, json=body)["scopes"] == ["read"]


@pytest.mark.at_root
def test_what_a_key_did_is_told_by_day_route_and_address(service, admin):
    key = make(service, "--scopes", "ingest,read")
    assert send(service, key, 3).status_code == 200
    assert requests.get(service.url + "/api/v1/traces", auth=key, timeout=60).status_code == 200
    assert requests.get(service.url + "/api/v1/keys", auth=key, timeout=60).status_code == 403
    service.wait_until_folded()
    activity = api(service, admin, "GET", f"/keys/{key[0]}")["activity"]
    routes = {entry["route"]: (entry["requests"], entry["refused"]) for entry in activity["routes"]}
    assert routes == {"POST /v1/traces": (1, 0), "GET /api/v1/traces": (1, 0), "GET /api/v1/keys": (1, 1)}
    assert [(entry["address"], entry["requests"]) for entry in activity["addresses"]] == [("127.0.0.1", 3)]
    assert (activity["days"][0]["accepted"], activity["days"][0]["calls"], activity["calls"]) == (3, 3, 3)
    assert float(activity["cost"]) == pytest.approx(3 * 0.00021)


@pytest.mark.at_root
def test_an_address_that_was_not_seen_before_is_in_the_audit_log(start):
    service = start(QUIPU_PROXIES="1")
    try:
        admin = make(service, "--scopes", "admin")
        key = make(service, "--scopes", "ingest")
        for address in ("198.51.100.4", "203.0.113.9", "203.0.113.9", "<script>"):
            sent = requests.post(service.url + "/v1/traces", json=spans(1), auth=key, headers={"X-Forwarded-For": address}, timeout=60)
            assert sent.status_code == 200
        addresses = api(service, admin, "GET", f"/keys/{key[0]}")["activity"]["addresses"]
        assert {(entry["address"], entry["requests"]) for entry in addresses} == {
            ("198.51.100.4", 1), ("203.0.113.9", 2), ("unknown", 1)}
        listed = next(entry for entry in api(service, admin, "GET", "/keys")["keys"] if entry["publicKey"] == key[0])
        assert listed["lastUsedAddress"] == "unknown" and listed["lastUsedAt"]
        log = command(service, "audit", "export").stdout
        told = [line for line in log.splitlines() if "key used from a new address" in line and key[0] in line]
        assert [address for address in ("198.51.100.4", "203.0.113.9", "unknown") if any(address in line for line in told)] == [
            "203.0.113.9", "unknown"] and len(told) == 2
    finally:
        service.close()


# Pages

class Visitor:
    def __init__(self, service):
        self.url, self.http = service.url, requests.Session()
        form = self.page("/sign-in")
        done = self.http.post(service.url + "/sign-in", timeout=60, data={
            "csrf": self.token(form), "email": service.email, "password": service.password})
        assert "Sign out" in done.text

    @staticmethod
    def token(page):
        return re.search(r'name="csrf" value="([^"]*)"', page).group(1)

    def page(self, path, status=200):
        answer = self.http.get(self.url + path, timeout=60)
        assert answer.status_code == status, f"{path}: {answer.status_code}"
        return answer.text

    def post(self, path, status=200, **fields):
        data = {"csrf": self.token(self.page("/settings/keys")), **fields}
        answer = self.http.post(self.url + path, data=data, timeout=60)
        assert answer.status_code == status, f"{path}: {answer.status_code} {answer.text[:2000]}"
        return answer.text


def test_on_pages_a_key_is_made_used_looked_at_and_revoked(service):
    visitor = Visitor(service)
    project = re.search(r'<select name="project"><option value="(\d+)"', visitor.page("/settings/keys/new")).group(1)
    made = visitor.post("/settings/keys", name="From <page>", project=project, scope=["ingest", "readMoney"], content="1", requests="500")
    secret = re.search(r"sk-lf-[0-9a-f-]{36}", made).group(0)
    public = re.search(r"pk-lf-[0-9a-f-]{36}", made).group(0)
    path = re.search(r'href="[/a-z]*?(/settings/keys/\d+)">Done', made).group(1)
    assert send(service, (public, secret)).status_code == 200
    service.wait_until_folded()
    page = visitor.page(path)
    assert "From &lt;page&gt;" in page and "POST /v1/traces" in page and "127.0.0.1" in page and "500 requests a minute" in page
    assert "masked" in page and secret not in page and service.email in page
    # Not done without a token of this session, nor with values that are none.
    assert visitor.http.post(service.url + path + "/revoke", data={}, timeout=60).status_code == 403
    assert "whole number" in visitor.post(path + "/change", 400, name="x", requests="many", content="0")
    assert "Renamed" in visitor.post(path + "/change", name="Renamed", requests="", content="0")
    rotated = visitor.post(path + "/rotate", overlap="1")
    newer = re.search(r"sk-lf-[0-9a-f-]{36}", rotated).group(0)
    assert newer != secret and all(send(service, (public, one)).status_code == 200 for one in (secret, newer))
    visitor.post(path + "/end-previous")
    assert [send(service, (public, one)).status_code for one in (secret, newer)] == [401, 200]
    assert "Revoked" in visitor.post(path + "/revoke")
    assert send(service, (public, newer)).status_code == 401
    assert "choose what" in html.unescape(visitor.post("/settings/keys", 400, name="nothing", project=project)).lower()


def test_a_project_is_made_and_given_to_another_team(service):
    visitor = Visitor(service)
    page = visitor.page("/settings/projects")
    team = re.search(r'<select name="team"><option value="(\d+)"', page).group(1)
    assert "Night shift" in visitor.post("/settings/projects", name="Night shift", slug="night", team=team)
    assert "slug" in visitor.post("/settings/projects", 400, name="Again", slug="night", team=team)
    key = make(service, "--project", "night", "--scopes", "ingest")
    assert send(service, key).status_code == 200


@pytest.mark.at_root
def test_no_secret_lies_in_the_database_or_the_log(service, admin):
    public, secret = make(service, "--scopes", "ingest")
    newer = api(service, admin, "POST", f"/keys/{public}/rotate", json={"overlapHours": 1})["secretKey"]
    assert send(service, (public, secret)).status_code == 200
    data = os.path.join(service.folder, "data")
    found = subprocess.run(["grep", "-rlaF", "-e", secret[6:], "-e", newer[6:], data, service.log_path], capture_output=True, text=True, timeout=120)
    assert found.returncode == 1 and found.stdout == "", found.stdout
