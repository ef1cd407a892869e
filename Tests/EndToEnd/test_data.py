"""Storage and end users' data as an owner meets them: a class is chosen, a user's data is given out, the user is erased, and no total moves."""
import json
import uuid

import pytest
import requests
from selenium.webdriver.common.by import By

from browser import Browser
from traffic import span, wait_until

pytestmark = pytest.mark.pages

ALICE = "alice.canary@example.com"


@pytest.fixture(scope="module")
def quipu(start):
    service = start()
    for user in [ALICE, "bob", ALICE]:
        send(service, user)
    service.wait_until_folded()
    return service


@pytest.fixture(scope="module")
def browser(quipu):
    browser = Browser(quipu.url)
    browser.sign_in(quipu.email, quipu.password)
    yield browser
    browser.close()


def send(quipu, user):
    attributes = {"user.id": user, "session.id": f"chat of {user}", "gen_ai.prompt.0.content": f"I am {user}, says {user}",
                  "langfuse.trace.name": f"chat with {user}", "metadata.mail": user}
    trace = uuid.uuid4().hex
    body = {"resourceSpans": [{"resource": {}, "scopeSpans": [{"scope": {"name": "test"}, "spans": [span(trace, **attributes)]}]}]}
    assert requests.post(quipu.url + "/v1/traces", json=body, auth=quipu.auth, timeout=60).status_code == 200
    return trace


def cookies(browser):
    return {c["name"]: c["value"] for c in browser.driver.get_cookies()}


def test_a_project_chooses_how_long_its_payloads_are_kept(quipu, browser):
    browser.open("/settings/storage")
    assert "Default" in browser.text and "observations" in browser.text
    chosen = browser.driver.find_element(By.NAME, "days")
    chosen.find_element(By.CSS_SELECTOR, "option[value='7']").click()
    browser.press(By.CSS_SELECTOR, "button[value=choose]")
    selected = browser.driver.find_element(By.CSS_SELECTOR, "select[name=days] option:checked")
    assert selected.get_attribute("value") == "7"
    browser.press(By.CSS_SELECTOR, "button[value=move]")

    def is_moved():
        browser.open("/settings/storage")
        return "done" in browser.text
    wait_until(is_moved)
    assert "I am bob" in json.dumps([quipu.get("/api/v1/traces/" + t["id"]) for t in quipu.get("/api/v1/traces")["traces"]] + [bodies(quipu)])


def bodies(quipu):
    found = []
    for trace in quipu.get("/api/v1/traces")["traces"]:
        for o in quipu.get("/api/v1/traces/" + trace["id"])["observations"]:
            found.append(quipu.get("/api/v1/observations/" + o["id"], trace=trace["id"]))
    return found


def test_what_is_kept_of_a_user_is_given_out_line_by_line(quipu, browser):
    answer = requests.get(quipu.url + "/settings/users-data/export", params={"user": ALICE}, cookies=cookies(browser), timeout=60)
    assert answer.status_code == 200 and "attachment" in answer.headers["content-disposition"]
    lines = [json.loads(line) for line in answer.text.splitlines()]
    assert len(lines) == 2 and all(line["user"] == ALICE for line in lines)
    assert "I am " + ALICE in answer.text and "I am bob" not in answer.text


def test_an_erased_user_is_nowhere_and_no_total_moves(quipu, browser):
    before = quipu.get("/api/v1/costs", groupBy="model")["total"]
    browser.open("/settings/users-data")
    form = browser.driver.find_element(By.CSS_SELECTOR, "form[method=post][action$='/settings/users-data']")
    for name, text in [("user", ALICE), ("again", ALICE + "x"), ("reason", "asked for it")]:
        form.find_element(By.NAME, name).send_keys(text)
    browser.press(By.CSS_SELECTOR, "form[action$='/settings/users-data'] button")
    assert "not the same user" in browser.text
    again = browser.driver.find_element(By.NAME, "again")
    again.clear()
    again.send_keys(ALICE)
    browser.press(By.CSS_SELECTOR, "form[action$='/settings/users-data'] button")

    def is_done():
        browser.open("/settings/users-data")
        return browser.driver.find_elements(By.LINK_TEXT, "Receipt")
    wait_until(is_done)
    link = browser.driver.find_element(By.LINK_TEXT, "Receipt").get_attribute("href")
    receipt = requests.get(link, cookies=cookies(browser), timeout=60).json()
    assert receipt["erased"]["traces"] == 2 and "backups" in receipt["notReached"] and ALICE not in json.dumps(receipt)
    send(quipu, ALICE)
    quipu.wait_until_folded()
    told = json.dumps([quipu.get("/api/v1/traces"), bodies(quipu), quipu.get("/api/v1/costs", groupBy="user"), quipu.get("/api/v1/traces", q=ALICE)])
    assert ALICE not in told and receipt["pseudonym"] in told and "I am bob" in told
    after = quipu.get("/api/v1/costs", groupBy="model")["total"]
    assert after["calls"] == before["calls"] + 1
    for page in ["/", "/users", "/traces", "/settings/users-data", "/settings/audit"]:
        browser.open(page)
        assert ALICE not in browser.driver.page_source, page
