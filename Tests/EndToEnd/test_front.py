"""Under a base path behind a proxy with TLS: every address, cookie and header; and the audit log of what was done there."""
import csv
import html
import io
import re
import subprocess

import pytest
import requests

from people import Person, hidden, run
from quipu_service import Quipu
from test_backup import psql

BASE = "/x/y"
TLS = {"X-Forwarded-For": "203.0.113.9, 198.51.100.7", "X-Forwarded-Proto": "https", "X-Forwarded-Host": "quipu.example"}
ADDRESS = re.compile(r'\s(href|src|action|formaction|data-trace)="([^"]*)"')


@pytest.fixture(scope="module")
def behind():
    service = Quipu(base=BASE, template="started", QUIPU_PROXIES="1")
    yield service
    service.close()


@pytest.fixture(scope="module")
def owner(behind):
    return Person(behind, behind.email, behind.password)


def outside(quipu):
    return quipu.url.removesuffix(BASE)


def test_only_what_is_beneath_it_is_there(behind):
    root = outside(behind)
    for path in ("/", "/livez", "/traces", "/x", "/x/yz", "/v1/traces", "/sign-in", "/api/openapi.json"):
        answer = requests.get(root + path, timeout=60, allow_redirects=False)
        assert answer.status_code == 404, (path, answer.status_code)
    assert requests.get(root + BASE + "/livez", timeout=60).text == "ok\n"
    for path in (BASE, BASE + "/"):
        answer = requests.get(root + path, timeout=60, allow_redirects=False)
        assert (answer.status_code, answer.headers["location"]) == (303, BASE + "/sign-in"), path


def test_traces_come_in_beneath_it(behind):
    span = {"traceId": "ab" * 16, "spanId": "cd" * 8, "name": "chat", "startTimeUnixNano": "1", "endTimeUnixNano": "2"}
    body = {"resourceSpans": [{"scopeSpans": [{"spans": [span]}]}]}
    assert requests.post(behind.url + "/v1/traces", json=body, auth=behind.auth, timeout=60).status_code == 200
    assert requests.post(outside(behind) + "/v1/traces", json=body, auth=behind.auth, timeout=60).status_code == 404


def test_every_address_of_every_page_is_beneath_it_and_leads(behind, owner):
    """Follows all links of the service that a signed-in owner meets."""
    waiting, seen, asked = {BASE + "/"}, set(), set()
    while waiting and len(seen) < 400:
        path = waiting.pop()
        seen.add(path)
        answer = owner.get(outside(behind) + path, timeout=60, allow_redirects=False)
        assert answer.status_code < 400, (path, answer.status_code)
        if "location" in answer.headers:
            assert answer.headers["location"].startswith(BASE + "/"), path
            waiting |= {answer.headers["location"].split("#")[0]} - seen
        if not answer.headers.get("content-type", "").startswith("text/html"):
            continue
        for name, address in ADDRESS.findall(answer.text):
            address = html.unescape(address)
            if address.startswith("/"):
                assert address.startswith(BASE + "/"), (path, name, address)
            target = address.split("#")[0]
            # One page of each kind: filters and ranges lead to the same routes.
            kind = re.sub(r"\?.*", "", target)
            if name in ("href", "src") and target.startswith(BASE) and kind not in asked:
                asked.add(kind)
                waiting.add(target)
    assert len(seen) > 25, seen


def test_forms_and_cookies_stay_beneath_it(behind):
    visitor = requests.Session()
    form = visitor.get(behind.url + "/sign-in?next=/costs", timeout=60)
    assert f'action="{BASE}/sign-in"' in form.text
    fields = {"email": behind.email, "password": behind.password, "csrf": hidden(form.text, "csrf"), "next": hidden(form.text, "next")}
    answer = visitor.post(behind.url + "/sign-in", data=fields, timeout=60, allow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (303, BASE + "/costs")
    assert all(cookie.path == BASE for cookie in visitor.cookies) and "quipu" in visitor.cookies


def test_behind_tls_cookies_are_secure_and_headers_strict(behind):
    form = requests.get(behind.url + "/sign-in", headers=TLS, timeout=60)
    cookies = {c.split("=")[0]: c for c in form.headers["set-cookie"].split(", ") if "quipu" in c}
    fields = {"email": behind.email, "password": behind.password, "csrf": hidden(form.text, "csrf")}
    answer = requests.post(
        behind.url + "/sign-in", data=fields, headers=TLS, cookies={"quipu_form": form.cookies["quipu_form"]}, timeout=60, allow_redirects=False)
    assert answer.status_code == 303, answer.text
    given = answer.headers["set-cookie"]
    assert given.startswith("__Secure-quipu=") and "Secure" in given.split("; ") and f"Path={BASE}" in given and "HttpOnly" in given
    assert all("Secure" in cookie for cookie in cookies.values())
    signed_in = requests.get(
        behind.url + "/", headers={**TLS, "Cookie": given.split(";")[0]}, timeout=60, allow_redirects=False)
    assert signed_in.status_code == 200
    assert signed_in.headers["strict-transport-security"].startswith("max-age=")
    policy = signed_in.headers["content-security-policy"]
    assert "default-src 'none'" in policy and "frame-ancestors 'none'" in policy and "unsafe" not in policy
    for name in ("x-content-type-options", "referrer-policy", "x-frame-options", "permissions-policy"):
        assert signed_in.headers[name]
    assert "strict-transport-security" not in requests.get(behind.url + "/sign-in", timeout=60).headers


def test_the_address_that_people_use_is_the_proxys_word_and_no_strangers(behind, owner, quipu):
    told = requests.get(behind.url + "/api/openapi.json", headers=TLS, timeout=60).json()["servers"]
    assert told == [{"url": "https://quipu.example" + BASE}]
    told = requests.get(behind.url + "/api/openapi.json", headers={"Host": "evil.example"}, timeout=60).json()["servers"]
    assert told == [{"url": behind.url}]
    # Without a proxy nobody's word counts.
    told = requests.get(quipu.url + "/api/openapi.json", headers={**TLS, "Host": "evil.example"}, timeout=60).json()["servers"]
    assert told == [{"url": quipu.url}]
    assert behind.url in owner.look("/connect").text


def test_the_audit_log_tells_who_came_from_where_and_finds_what_was_changed(behind, owner):
    owner.headers.update({"X-Forwarded-For": "203.0.113.9, 198.51.100.7", "User-Agent": "A Browser/1"})
    assert owner.look("/costs.csv?user=somebody&range=7d").status_code == 200
    page = owner.look("/settings/audit?action=file+downloaded").text
    assert "198.51.100.7" in page and "A Browser/1" in page and "203.0.113.9" not in page and "somebody" not in page
    lines = list(csv.DictReader(io.StringIO(owner.look("/settings/audit/file").text)))
    assert {"signed in", "file downloaded"} <= {line["action"] for line in lines}
    assert [int(line["number"]) for line in lines] == list(range(1, len(lines) + 1))
    assert all(line["previous_sha256"] == before["sha256"] for before, line in zip(lines, lines[1:]))

    told = run(behind, "audit", "verify")
    mark = re.search(r"the last is (\d+:[0-9a-f]{64})", told).group(1)
    assert int(mark.split(":")[0]) >= len(lines) and run(behind, "audit", "verify", "--since", mark)
    assert len(run(behind, "audit", "export", "--json").splitlines()) >= len(lines)

    refused = subprocess.run(
        [behind.binary, "audit", "verify", "--since", mark.split(":")[0] + ":" + "0" * 64], env=behind.environment, capture_output=True, text=True, timeout=180)
    assert refused.returncode != 0 and "written anew" in refused.stderr
    with pytest.raises(AssertionError):
        psql(behind, "delete from audit_entries where number = 2")
    psql(behind, "set session_replication_role = replica; update audit_entries set actor = 'nobody' where number = 2")
    found = subprocess.run([behind.binary, "audit", "verify"], env=behind.environment, capture_output=True, text=True, timeout=180)
    assert found.returncode != 0 and "entry 2 " in found.stderr and "changed" in found.stderr
