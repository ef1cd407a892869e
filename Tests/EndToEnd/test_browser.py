"""A person signs in and sees the call: pages in a real browser, light and dark, wide and narrow, with and without script."""
import os
import re
import time
import uuid

import pytest
import requests
from selenium.webdriver.common.by import By

from browser import FORMS, Browser
from traffic import send, span

pytestmark = pytest.mark.pages

SHOTS = os.environ.get("QUIPU_SCREENSHOTS")


@pytest.fixture(scope="module")
def trace(quipu):
    """A trace with a server span, a priced call, an unpriced call and a failed one."""
    trace = uuid.uuid4().hex
    root = {**span(trace, "POST /answer"), "kind": 2}
    root["attributes"] = [
        {"key": k, "value": {"stringValue": v}} for k, v in {"http.route": "/answer", "user.id": "carla", "session.id": "s-9"}.items()]
    text = '[{"role":"user","parts":[{"type":"text","content":"What is a quipu? <b>really</b>"}]}]'
    calls = [
        span(trace, "priced call", **{"gen_ai.input.messages": text}),
        span(trace, "own model", **{"gen_ai.request.model": "in-house-9000", "gen_ai.provider.name": "in-house"}),
        {**span(trace, "failed call"), "status": {"code": 2, "message": "429 rate limit"}}]
    calls[2]["attributes"] = [a for a in calls[2]["attributes"] if "usage" not in a["key"]]
    for call in calls:
        call["parentSpanId"] = root["spanId"]
    assert send(quipu, [root, *calls]).status_code == 200
    quipu.wait_for_cost(lambda r: any(row["endpoint"] == "/answer" for row in r["rows"]), groupBy="endpoint")
    return trace


@pytest.fixture(scope="module")
def browser(quipu):
    browser = Browser(quipu.url)
    browser.sign_in(quipu.email, quipu.password)
    yield browser
    browser.close()


@pytest.fixture(scope="module")
def stranger(quipu):
    """A browser that nobody is signed in with."""
    browser = Browser(quipu.url)
    yield browser
    browser.close()


def test_pages_ask_to_sign_in_and_lead_back(quipu, stranger, trace):
    browser = stranger
    browser.open("/traces?name=answer")
    assert "/sign-in?next=" in browser.driver.current_url
    browser.driver.find_element(By.NAME, "email").send_keys(quipu.email)
    browser.driver.find_element(By.NAME, "password").send_keys("not the password")
    browser.press(By.CSS_SELECTOR, "form button")
    assert "don’t belong together" in browser.text
    browser.driver.find_element(By.NAME, "password").send_keys(quipu.password)
    browser.press(By.CSS_SELECTOR, "form button")
    assert browser.driver.current_url.endswith("/traces?name=answer")
    browser.driver.delete_all_cookies()


def test_overview_shows_the_cost_and_how_much_is_unpriced(browser, trace):
    browser.open("/?endpoint=/answer")
    assert "$0.0002100" in browser.text
    assert "1 unpriced" in browser.text
    browser.press(By.PARTIAL_LINK_TEXT, "unpriced")
    assert "/traces?" in browser.driver.current_url and "unpriced=1" in browser.driver.current_url


def test_the_link_that_sdks_print_opens_the_trace_with_its_cost_user_session_and_team(quipu, browser, trace):
    browser.open(f"/project/default/traces/{trace}")
    for words in ("POST /answer", "carla", "s-9", "$0.0002100", "priced call", "own model", "failed call"):
        assert words in browser.text, words
    stored = quipu.get("/api/v1/traces/" + trace)
    call = next(o for o in stored["observations"] if o["name"] == "priced call")
    browser.open(f"/project/default/traces/{trace}?observation={call['id']}")
    for words in ("What is a quipu? <b>really</b>", "Why this cost", "My team", "/answer"):
        assert words in browser.text, words
    browser.open("/trace/" + trace)
    assert browser.driver.current_url.endswith(f"/project/default/traces/{trace}")


def test_connect_lists_what_came_and_why_something_was_refused(quipu, browser, trace):
    send(quipu, [{**span(uuid.uuid4().hex), "spanId": "00"}])
    browser.open("/connect")
    for words in ("/v1/traces", "1 refused: ", quipu.public_key):
        assert words in browser.text, words
    assert quipu.secret_key not in browser.driver.page_source


def test_pages_load_nothing_from_elsewhere_and_run_no_inline_script(quipu, browser, trace):
    for path in ("/", "/traces", f"/project/default/traces/{trace}", "/connect"):
        browser.open(path)
        sources = browser.driver.execute_script(
            "return performance.getEntriesByType('resource').map(r => r.name)")
        assert all(source.startswith(quipu.url) for source in sources), sources
        errors = [e for e in browser.driver.get_log("browser") if "Content Security Policy" in e["message"] or e["level"] == "SEVERE"]
        assert errors == []


def test_every_page_reads_without_script(quipu, trace):
    browser = Browser(quipu.url, script=False)
    browser.sign_in(quipu.email, quipu.password)
    for path, words in (("/?endpoint=/answer", "$0.0002100"), ("/traces?name=answer", "carla"), (f"/project/default/traces/{trace}", "priced call")):
        browser.open(path)
        assert words in browser.text
    browser.close()


def test_a_missing_page_says_so_and_keeps_the_request_id(browser):
    browser.open("/nowhere")
    assert "There is nothing here" in browser.text
    assert len(browser.driver.find_element(By.CSS_SELECTOR, "code[data-copy]").text) >= 8


def sent_at_last(quipu, spans):
    """A slow machine may say 503: SDKs send again then."""
    for _ in range(20):
        status = send(quipu, spans).status_code
        if status != 503:
            return status == 200
        time.sleep(1)
    return False


@pytest.mark.at_root
def test_a_trace_of_ten_thousand_observations_opens(quipu, browser):
    trace = uuid.uuid4().hex
    root = span(trace, "big root", **{"gen_ai.operation.name": "invoke_workflow"})
    for part in range(10):
        spans = [{**span(trace, f"step {part}-{i}"), "parentSpanId": root["spanId"]} for i in range(1000)]
        assert sent_at_last(quipu, spans)
    assert sent_at_last(quipu, [root])
    browser.open(f"/project/default/traces/{trace}")
    assert browser.driver.execute_script("return document.querySelectorAll('a[data-id], a[href*=\"observation=\"]').length") >= 9000
    navigation = browser.driver.execute_script("return performance.getEntriesByType('navigation')[0].toJSON()")
    print({k: round(navigation[k]) for k in ("responseStart", "responseEnd", "domComplete", "transferSize")})


@pytest.mark.parametrize("dark,width", FORMS)
def test_no_page_scrolls_sideways(stranger, browser, trace, dark, width):
    name = f"{'dark' if dark else 'light'}-{width}"
    used = {}

    def look(browser, page, path):
        with browser.seen(dark, width):
            browser.open(path)
            used[page] = browser.driver.execute_script("return document.documentElement.scrollWidth")
            if SHOTS:
                browser.screenshot(os.path.join(SHOTS, f"{page}-{name}.png"))

    look(stranger, "sign-in", "/sign-in")
    for page, path in {
        "overview": "/", "overview-empty": "/?model=none-such", "traces": "/traces", "traces-empty": "/traces?name=none-such",
        "trace": f"/project/default/traces/{trace}", "connect": "/connect", "missing": "/nowhere",
    }.items():
        look(browser, page, path)
    assert {page: wide for page, wide in used.items() if wide > width} == {}


def sign_in_form(quipu, session, **fields):
    page = session.get(quipu.url + "/sign-in", timeout=60).text
    token = re.search(r'name="csrf" value="([0-9a-f]+)"', page).group(1)
    form = {"csrf": token, "email": quipu.email, "password": quipu.password, "next": "/", **fields}
    return session.post(quipu.url + "/sign-in", data=form, timeout=60, allow_redirects=False)


@pytest.mark.at_root
def test_wrong_passwords_are_limited_also_when_they_come_at_once(own_quipu):
    from concurrent.futures import ThreadPoolExecutor
    with ThreadPoolExecutor(12) as pool:
        tries = pool.map(lambda _: sign_in_form(own_quipu, requests.Session(), password="wrong").status_code, range(24))
    statuses = list(tries)
    assert 1 <= statuses.count(401) <= 8 and statuses.count(429) == 24 - statuses.count(401)
    assert sign_in_form(own_quipu, requests.Session()).status_code == 429


@pytest.mark.parametrize("target", ["//evil.example", "/\t/evil.example", "/\\evil.example", "https://evil.example"])
def test_signing_in_leads_to_this_service_only(quipu, target):
    answer = sign_in_form(quipu, requests.Session(), next=target)
    assert (answer.status_code, answer.headers["location"]) == (303, quipu.base + "/")


def test_a_form_from_elsewhere_is_refused(quipu):
    answer = requests.post(
        quipu.url + "/sign-in", data={"email": quipu.email, "password": quipu.password, "csrf": "0" * 32}, timeout=60, allow_redirects=False)
    assert answer.status_code == 403 and "quipu=" not in answer.headers.get("set-cookie", "").replace("quipu_form=", "")


@pytest.mark.at_root
def test_a_lost_password_can_be_set_anew_beside_the_service(own_quipu):
    import subprocess
    assert sign_in_form(own_quipu, requests.Session()).status_code == 303
    done = subprocess.run(
        [own_quipu.binary, "members", "set-password", own_quipu.email], env=own_quipu.environment, capture_output=True, text=True, timeout=180)
    assert done.returncode == 0, done.stderr
    password = re.search(r"password\s+(\S+)", done.stdout).group(1)
    assert sign_in_form(own_quipu, requests.Session()).status_code == 401
    assert sign_in_form(own_quipu, requests.Session(), password=password).status_code == 303
