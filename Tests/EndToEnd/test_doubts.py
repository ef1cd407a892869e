"""Usage that does not add up is flagged on the row, and is found by its doubt: in the API, on the page and in the address."""
import os
import uuid

import pytest
import requests
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import Select

from browser import FORMS, Browser
from traffic import observations, send, span

pytestmark = pytest.mark.pages

SHOTS = os.environ.get("QUIPU_SCREENSHOTS")
NAMES = ["contradiction", "negative-remainder", "unexplained", "estimated", "unreadable", "served-from-cache"]
TOTAL = "gen_ai.usage.total_tokens"


@pytest.fixture(scope="module")
def traces(quipu):
    """By doubt: one call each. The parts make 1100 tokens."""
    traces = {name: uuid.uuid4().hex for name in ["contradiction", "unexplained", "estimated", "served-from-cache", "none"]}
    spans = [
        span(traces["contradiction"], "a contradiction in a call whose name is far too long for its column", **{TOTAL: 500}),
        span(traces["unexplained"], "more than its parts", **{TOTAL: 1500}),
        span(traces["estimated"], "a guess", **{"gen_ai.usage.estimated": "true", TOTAL: 1100}),
        span(traces["served-from-cache"], "a hit", **{"gen_ai.cache.hit": "true", TOTAL: 1100}),
        span(traces["none"], "all fits", **{TOTAL: 1100})]
    assert send(quipu, spans).status_code == 200
    return traces


@pytest.fixture(scope="module")
def browser(quipu):
    browser = Browser(quipu.url)
    browser.sign_in(quipu.email, quipu.password)
    yield browser
    browser.close()


def found(quipu, traces, doubt):
    """Which of the test's own traces the list has."""
    listed = {trace["id"] for trace in quipu.get("/api/v1/traces", doubt=doubt)["traces"]}
    return {name for name, id in traces.items() if id in listed}


@pytest.mark.at_root
def test_the_api_lists_calls_by_their_doubt(quipu, traces):
    assert found(quipu, traces, "contradiction") == {"contradiction"}
    assert found(quipu, traces, "contradiction,unexplained") == {"contradiction", "unexplained"}
    assert found(quipu, traces, "") == set(traces)


@pytest.mark.at_root
def test_the_row_and_the_account_of_its_cost_name_the_doubt(quipu, traces):
    for name, trace in traces.items():
        row = observations(quipu, trace)[0]
        expected = [] if name == "none" else [name]
        assert row["doubts"] == expected, row
        for path in ("/api/v1/observations/" + row["id"], f"/api/v1/observations/{row['id']}/cost"):
            assert quipu.get(path, trace=trace)["doubts"] == expected, path


@pytest.mark.at_root
@pytest.mark.parametrize("value", ["guess", "contradiction,", "Contradiction", "contradiction,negativeRemainder"])
def test_another_doubt_is_refused_with_the_names_that_exist(quipu, value):
    answer = requests.get(quipu.url + "/api/v1/traces", params={"doubt": value}, auth=quipu.auth, timeout=60)
    assert answer.status_code == 400 and answer.json()["code"] == "bad_request"
    assert all(name in answer.json()["message"] for name in NAMES), answer.text


def test_the_page_filters_by_a_doubt_and_takes_it_away(browser, traces):
    browser.open("/traces")
    select = Select(browser.driver.find_element(By.CSS_SELECTOR, "select[name=doubt]"))
    assert {option.get_attribute("value") for option in select.options} >= {"", *NAMES}
    select.select_by_value("contradiction")
    browser.press(By.CSS_SELECTOR, ".filters button")
    assert "doubt=contradiction" in browser.driver.current_url
    links = [a.get_attribute("href") for a in browser.driver.find_elements(By.CSS_SELECTOR, "a.row")]
    assert any(traces["contradiction"] in link for link in links)
    assert not any(traces[other] in link for link in links for other in ("unexplained", "none"))
    assert Select(browser.driver.find_element(By.CSS_SELECTOR, "select[name=doubt]")).first_selected_option.get_attribute("value") == "contradiction"
    browser.press(By.CSS_SELECTOR, ".chips a")
    assert "doubt" not in browser.driver.current_url


@pytest.mark.parametrize("name,word", [("contradiction", "doubt"), ("estimated", "estimate"), ("served-from-cache", "cached"), ("none", None)])
def test_a_line_in_doubt_is_marked(browser, traces, name, word):
    browser.open(f"/project/default/traces/{traces[name]}")
    marks = browser.driver.find_elements(By.CSS_SELECTOR, ".r em.q")
    assert [mark.text for mark in marks] == ([word] if word else [])
    for mark in marks:
        line = browser.driver.find_element(By.CSS_SELECTOR, ".r b").rect
        # A long name is cut, its mark is not.
        assert mark.rect["x"] + mark.rect["width"] <= line["x"] + line["width"] + 1
        assert line["y"] <= mark.rect["y"] <= line["y"] + line["height"]


def test_an_estimate_is_said_beside_the_cost(browser, traces):
    browser.open(f"/project/default/traces/{traces['estimated']}")
    cost = browser.driver.find_element(By.CSS_SELECTOR, ".pane .figures div:first-child").text
    assert "$0.0002100" in cost and "estimated by the sender" in cost
    assert "estimated by the sender" in browser.driver.find_element(By.CSS_SELECTOR, "#why table").text


@pytest.mark.parametrize("dark,width", FORMS)
def test_nothing_of_it_scrolls_sideways(browser, traces, dark, width):
    pages = {
        "doubts": "/traces?doubt=contradiction", "doubts-all": "/traces?doubt=" + ",".join(NAMES),
        **{"doubt-" + name: f"/project/default/traces/{trace}" for name, trace in traces.items()}}
    used = {}
    with browser.seen(dark, width):
        for page, path in pages.items():
            browser.open(path)
            used[page] = browser.driver.execute_script("return document.documentElement.scrollWidth")
            if SHOTS:
                browser.screenshot(os.path.join(SHOTS, f"{page}-{'dark' if dark else 'light'}-{width}.png"))
    assert {page: wide for page, wide in used.items() if wide > width} == {}
