"""Sampling leaves out payloads and spans, never money: the same traffic into projects that keep 100 %, 1 % and nothing has the same totals on
page, API and CSV; what is left out is said; errors and late calls bring spans back; settings have versions, a preview and a noise filter."""
import csv
import datetime
import io
import json
import os
import re
import time
import uuid

import pytest
import requests

from browser import Browser
from people import Person, key

pytestmark = pytest.mark.pages

SHOTS = os.environ.get("QUIPU_SCREENSHOTS")
SHARES = {"whole": "100", "percent": "1", "nothing": "0"}
DAYS = "2020-01-01"
UNTIL = (datetime.date.today() + datetime.timedelta(days=2)).isoformat()


def value(v):
    return {"intValue": str(v)} if isinstance(v, int) else {"stringValue": v}


def span(trace, name, parent=None, error=False, offset=0, **attributes):
    start = time.time_ns() - 60 * 10**9 + offset * 10**6
    made = {"traceId": trace, "spanId": uuid.uuid4().hex[:16], "name": name, "startTimeUnixNano": str(start),
            "endTimeUnixNano": str(start + 10**8), "attributes": [{"key": k, "value": value(v)} for k, v in attributes.items()]}
    if parent:
        made["parentSpanId"] = parent
    if error:
        made["status"] = {"code": 2, "message": "boom"}
    return made


def call(trace, parent=None, model="gpt-4o-mini", question="how high?", **more):
    messages = json.dumps([{"role": "user", "parts": [{"type": "text", "content": question}]}])
    return span(trace, "chat", parent, **{
        "gen_ai.operation.name": "chat", "gen_ai.provider.name": "openai", "gen_ai.request.model": model,
        "gen_ai.usage.input_tokens": 1000, "gen_ai.usage.output_tokens": 100, "gen_ai.input.messages": messages, **more})


def body(spans, scope="app"):
    return {"resourceSpans": [{"resource": {}, "scopeSpans": [{"scope": {"name": scope}, "spans": spans}]}]}


def send(service, auth, spans, scope="app"):
    answer = requests.post(service.url + "/v1/traces", json=body(spans, scope), auth=auth, timeout=60)
    assert answer.status_code == 200, answer.text


def traffic(count=40):
    """Requests to send, one after the other: agents with tools and calls, repeated usage, late calls, users, routes, errors."""
    requests_ = []
    for i in range(count):
        trace = uuid.uuid4().hex
        root = span(trace, f"POST /route{i % 3}", **({"endpoint": "/summarise"} if i % 4 == 0 else {}), **{"user.id": f"user{i % 5}"})
        step = span(trace, "prepare", root["spanId"], offset=1)
        inner = span(trace, "read file", step["spanId"], offset=2, error=i % 10 == 9)
        agent = span(trace, "agent", root["spanId"], offset=3, **{"gen_ai.operation.name": "invoke_agent"})
        llm = call(trace, agent["spanId"], ["gpt-4o-mini", "gpt-4o"][i % 2], offset=4)
        late = call(trace, inner["spanId"], offset=5)
        requests_ += [[step, inner], [llm]] + ([[late]] if i % 3 == 0 else []) + [[root, agent], [llm, inner]]
    return requests_


@pytest.fixture(scope="module")
def service(start):
    return start()


@pytest.fixture(scope="module")
def admin(service):
    return key(service, "admin")


def api(service, admin, method, path, **more):
    answer = requests.request(method, service.url + path, auth=admin, timeout=60, **more)
    assert answer.status_code < 300, f"{path}: {answer.status_code} {answer.text}"
    return answer.json()


@pytest.fixture(scope="module")
def projects(service, admin):
    """Keys by project; settings stand before the first span."""
    team = api(service, admin, "GET", "/api/v1/teams")["teams"][0]["name"]
    keys = {}
    for slug, share in SHARES.items():
        api(service, admin, "POST", "/api/v1/projects", json={"name": slug, "slug": slug, "team": team})
        if share != "100":
            api(service, admin, "PUT", f"/api/v1/sampling/{slug}", json={"payloads": share, "spans": share})
        keys[slug] = key(service, "ingest,read", slug)
    requests_ = traffic()
    for slug in SHARES:
        for spans in requests_:
            send(service, keys[slug], spans)
    service.wait_until_folded()
    return keys


def figures(service, auth, **more):
    """Everything the API knows of a project's money, by several dimensions."""
    told = {}
    for by in ["model", "endpoint", "user", "environment", "service", "kind"]:
        answer = requests.get(service.url + "/api/v1/costs", params={"from": DAYS, "to": UNTIL, "groupBy": by, **more}, auth=auth, timeout=60)
        assert answer.status_code == 200, answer.text
        told[by] = answer.text
    return told


def test_totals_are_equal_at_every_share_on_api_csv_and_page(service, projects):
    reference = figures(service, projects["whole"])
    assert re.search(r'"calls":(5[0-9]|6[0-9])\b', reference["model"]), reference["model"][:2000]
    for slug in ["percent", "nothing"]:
        assert figures(service, projects[slug]) == reference
    owner = Person(service, service.email, service.password)
    files, pages = {}, {}
    for slug in SHARES:
        file = owner.look(f"/costs.csv?project={slug}&by=model,endpoint&range=30d")
        assert file.status_code == 200, file.text[:500]
        files[slug] = list(csv.reader(io.StringIO(file.text)))
        page = owner.look(f"/costs?project={slug}&by=model,endpoint&range=30d").text
        table = re.search(r"<main.*</main>", page, re.S).group(0)
        pages[slug] = re.sub(r"[0-9a-f]{12,}", "", table.replace(slug, "PROJECT"))
    assert len(files["whole"]) > 3
    assert files["percent"] == files["whole"] and files["nothing"] == files["whole"]
    money = {slug: re.findall(r"\$[0-9.,]+", page) for slug, page in pages.items()}
    assert len(money["whole"]) > 4
    assert money["percent"] == money["whole"] and money["nothing"] == money["whole"]


def traces(service, auth):
    answer = requests.get(service.url + "/api/v1/traces", params={"from": DAYS, "limit": 500}, auth=auth, timeout=60).json()["traces"]
    return {t["id"]: t for t in answer}


def detail(service, auth, trace):
    return requests.get(f"{service.url}/api/v1/traces/{trace}", auth=auth, timeout=60).json()


@pytest.mark.at_root
def test_traces_say_the_same_and_what_is_left_out(service, projects):
    whole, nothing = traces(service, projects["whole"]), traces(service, projects["nothing"])
    strip = lambda all_: {i: {k: v for k, v in t.items() if k != "project"} for i, t in all_.items()}
    assert len(whole) == 40 and strip(whole) == strip(nothing)
    left_out = 0
    for trace in whole:
        a, b = detail(service, projects["whole"], trace), detail(service, projects["nothing"], trace)
        assert a["spansSampled"] == 0 and b["spansNoise"] == 0
        assert len(b["observations"]) + b["spansSampled"] == len(a["observations"])
        left_out += b["spansSampled"]
        ids = {o["id"] for o in b["observations"]}
        kept = {o["id"]: o for o in a["observations"]}
        for o in b["observations"]:
            assert o["parentId"] is None or o["parentId"] in ids
            if o["costStatus"] is not None:
                assert o == kept[o["id"]]
        assert [o["id"] for o in a["observations"] if o["level"] == "error" and o["id"] not in ids] == []
    assert left_out > 20


@pytest.mark.at_root
def test_payloads_are_read_and_found_while_they_wait(service, projects):
    trace = uuid.uuid4().hex
    send(service, projects["nothing"], [call(trace, question="where do vicuñas graze?")])
    seen = requests.get(service.url + "/api/v1/traces", params={"q": "vicuñas", "from": DAYS}, auth=projects["nothing"], timeout=60).json()
    assert [t["id"] for t in seen["traces"]] == [trace]
    found = detail(service, projects["nothing"], trace)["observations"][0]["id"]
    told = requests.get(f"{service.url}/api/v1/observations/{found}", params={"trace": trace}, auth=projects["nothing"], timeout=60).json()
    assert "vicuñas" in json.dumps(told["input"], ensure_ascii=False) and told["payloadNotKept"] is None


@pytest.mark.at_root
def test_an_error_at_the_end_and_a_late_call_bring_spans_back(service, admin, projects):
    api(service, admin, "POST", "/api/v1/projects", json={
        "name": "errors", "slug": "errors", "team": api(service, admin, "GET", "/api/v1/teams")["teams"][0]["name"]})
    api(service, admin, "PUT", "/api/v1/sampling/errors", json={"payloads": 0, "spans": 0, "keep": {"errors": True}})
    auth = key(service, "ingest,read", "errors")
    trace = uuid.uuid4().hex
    step = span(trace, "step", endpoint="/late")
    inner = span(trace, "inner", step["spanId"])
    beside = span(trace, "beside", step["spanId"])
    send(service, auth, [step, inner, beside])
    assert detail(service, auth, trace)["observations"] == []
    send(service, auth, [call(trace, inner["spanId"])])
    told = detail(service, auth, trace)
    assert {o["name"] for o in told["observations"]} == {"step", "inner", "chat"}
    assert told["spansSampled"] == 1
    assert {o["endpoint"] for o in told["observations"]} == {"/late"}
    send(service, auth, [span(trace, "failed", error=True)])
    told = detail(service, auth, trace)
    assert {o["name"] for o in told["observations"]} == {"step", "inner", "beside", "chat", "failed"} and told["spansSampled"] == 0


@pytest.mark.at_root
def test_settings_are_checked_versioned_and_previewed(service, admin, projects):
    for bad in [{"payloads": "101"}, {"payloads": "x"}, {"spans": -1}, {"keep": {"costAbove": "cheap"}}, {"keep": 5}, {"nothing": 1},
                {"environment": "e" * 300}, {"keep": {"users": [1]}}, {"keep": {"durationAboveMs": -5}}]:
        answer = requests.put(service.url + "/api/v1/sampling/whole", json=bad, auth=admin, timeout=60)
        assert answer.status_code == 400, f"{bad}: {answer.status_code} {answer.text}"
    assert requests.get(service.url + "/api/v1/sampling/whole", auth=projects["whole"], timeout=60).status_code == 403
    assert requests.get(service.url + "/api/v1/sampling/elsewhere", auth=admin, timeout=60).status_code == 404
    preview = api(service, admin, "POST", "/api/v1/sampling/whole/preview", json={"payloads": "0", "spans": "0", "keep": {"errors": True}})
    assert preview["traces"] == 40 and preview["kept"] == {"error": 4}
    assert 0 < preview["payloadBytesKept"] < preview["payloadBytes"] and 0 < preview["spansOmitted"] < preview["spans"]
    assert api(service, admin, "GET", "/api/v1/sampling/whole")["settings"] == []


def test_pages_save_preview_and_filter_noise(service, admin, projects):
    owner = Person(service, service.email, service.password)
    page = owner.look("/settings/sampling/whole")
    assert page.status_code == 200 and "Preview on the last day" in page.text
    typed = {"csrf": owner.csrf, "environment": "", "payloads": "25", "spans": "50", "errors": "1", "costAbove": "0.05", "users": "ann\nbob"}
    shown = owner.send_form("/settings/sampling/whole/preview", **typed)
    assert shown.status_code == 200 and "Nothing is saved yet" in shown.text and "traces" in shown.text
    refused = owner.send_form("/settings/sampling/whole", **{**typed, "payloads": "a lot"})
    assert refused.status_code == 400 and "expected a percentage" in refused.text
    assert owner.send_form("/settings/sampling/whole", **{**typed, "csrf": "0" * 32}).status_code == 403
    assert owner.send_form("/settings/sampling/whole", **typed).status_code == 303
    told = api(service, admin, "GET", "/api/v1/sampling/whole")["settings"]
    assert [(s["payloads"], s["spans"], s["keep"]["users"], s["by"]) for s in told] == [("25", "50", ["ann", "bob"], service.email)]
    own = {**typed, "environment": "prod", "payloads": "100", "spans": "100"}
    assert owner.send_form("/settings/sampling/whole", **own).status_code == 303
    assert len(api(service, admin, "GET", "/api/v1/sampling/whole")["settings"]) == 2
    assert owner.send_form("/settings/sampling/whole/end", csrf=owner.csrf, environment="prod").status_code == 303
    assert len(api(service, admin, "GET", "/api/v1/sampling/whole")["settings"]) == 1
    filtered = owner.send_form("/settings/sampling/whole/noise", csrf=owner.csrf, scope="app", others="@opentelemetry/*\n fs ")
    assert filtered.status_code == 303
    assert api(service, admin, "GET", "/api/v1/sampling/whole")["noise"]["scopes"] == ["app", "@opentelemetry/*", "fs"]
    page = owner.look("/settings/sampling/whole").text
    assert "follows the project again" in page and "errors, over $0.05, 2 users" in page


@pytest.mark.skipif(SHOTS is None, reason="no folder for screenshots")
def test_pages_look_right(service, projects):
    for dark in (False, True):
        for width in (1280, 390):
            browser = Browser(service.url, dark=dark, width=width, height=1400)
            try:
                browser.sign_in(service.email, service.password)
                mark = f"{'dark' if dark else 'light'}-{width}"
                trace = next(t for t in traces(service, projects["nothing"]) if detail(service, projects["nothing"], t)["spansSampled"])
                for name, path in [("list", "/settings/sampling"), ("project", "/settings/sampling/nothing"), ("trace", f"/project/nothing/traces/{trace}")]:
                    browser.open(path)
                    wide = browser.driver.execute_script("return document.documentElement.scrollWidth - window.innerWidth")
                    assert wide <= 0, f"{name} {mark} is {wide} px too wide"
                    browser.screenshot(f"{SHOTS}/sampling-{name}-{mark}.png")
            finally:
                browser.close()
