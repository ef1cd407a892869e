"""Words said in a call are found by page and API, with where they stand; exact ids too; a page says how far it got and goes on."""
import json
import os
import time
import uuid

import pytest
import requests
from selenium.webdriver.common.by import By

from browser import FORMS, Browser
from traffic import send, span, wait_until

pytestmark = pytest.mark.pages

SHOTS = os.environ.get("QUIPU_SCREENSHOTS")


def ago(s, seconds):
    """The span, that many seconds earlier."""
    at = time.time_ns() - seconds * 10**9
    return {**s, "startTimeUnixNano": str(at), "endTimeUnixNano": str(at + 10**9)}


def say(trace, name, text, answer="fine", **attributes):
    messages = [{"role": "user", "parts": [{"type": "text", "content": text}]}]
    reply = [{"role": "assistant", "parts": [{"type": "text", "content": answer}]}]
    # json.dumps writes what is not ASCII as \\uXXXX, as most SDKs do.
    return span(trace, name, **{"gen_ai.input.messages": json.dumps(messages), "gen_ai.output.messages": json.dumps(reply), **attributes})


@pytest.fixture(scope="module")
def traces(quipu):
    ids = {name: uuid.uuid4().hex for name in ["oslo", "tokyo", "kyiv", "old"]}
    assert send(quipu, [
        say(ids["oslo"], "ask weather", "How is the <b>weather</b> in Oslo & Ålesund?", "Snow, said \"the\" harbour master."),
        say(ids["tokyo"], "ask weather", "東京の天気はどうですか", "晴れです"),
        say(ids["kyiv"], "ask weather", "Яка погода у Києві?", "Сонячно", **{"session.id": "sess-77", "user.id": "oksana"})]).status_code == 200
    assert send(quipu, [ago(say(ids["old"], "ask weather", "weather of yesteryear", **{"session.id": "sess-old"}), 40 * 86400)]).status_code == 200
    for i in range(60):
        trace = uuid.uuid4().hex
        assert send(quipu, [ago(say(trace, f"step {i}", f"a ticket about pagination number {i}"), 60 * i)]).status_code == 200
    return ids


@pytest.fixture(scope="module")
def browser(quipu):
    browser = Browser(quipu.url)
    browser.sign_in(quipu.email, quipu.password)
    yield browser
    browser.close()


def page_of(quipu, q, **params):
    answer = quipu.get("/api/v1/traces", q=q, **params)
    return [t["id"] for t in answer["traces"]], answer


def found(quipu, q):
    """All that is found, and the first answer with a hit. A search ends after a time, which a busy machine needs for less than all."""
    ids, answer = page_of(quipu, q)
    last = answer
    while last["next"] is not None:
        more, last = page_of(quipu, q, cursor=last["next"])
        answer = answer if answer["traces"] else last
        ids += more
    return ids, answer


@pytest.mark.at_root
def test_words_of_any_script_are_found_in_any_case(quipu, traces):
    for text in ["oslo", "ÅLESUND weather", '"the <b>WEATHER</b> in"', "harbour oslo", 'said']:
        assert found(quipu, text)[0] == [traces["oslo"]], text
    assert found(quipu, "天気")[0] == [traces["tokyo"]]
    assert found(quipu, "晴れ")[0] == [traces["tokyo"]]
    assert found(quipu, "ПОГОДА")[0] == [traces["kyiv"]]
    assert found(quipu, "oslo погода")[0] == []
    assert found(quipu, '"oslo weather"')[0] == []


@pytest.mark.at_root
def test_a_hit_says_where_it_stands(quipu, traces):
    ids, answer = found(quipu, "ålesund")
    match = answer["traces"][0]["match"]
    assert match["in"] in ("input", "attributes") and match["observationName"] == "ask weather"
    assert [p["text"] for p in match["excerpt"] if p["hit"]] == ["Ålesund"]
    answers = []
    wait_until(lambda: answers.append(page_of(quipu, "ålesund")[1]) or answers[-1]["next"] is None)
    assert answers[-1]["searchedBackTo"] is None and answers[-1]["searched"] == "content and ids"


@pytest.mark.at_root
def test_exact_ids_ignore_the_range(quipu, traces):
    assert found(quipu, traces["old"])[0] == [traces["old"]]
    assert found(quipu, "sess-old")[0] == [traces["old"]]
    assert found(quipu, "yesteryear")[0] == []
    assert found(quipu, "oksana")[1]["traces"][0]["match"]["in"] == "user"
    assert found(quipu, "sess-77")[1]["traces"][0]["match"]["in"] == "session"


@pytest.mark.at_root
def test_going_on_reaches_everything_once(quipu, traces):
    seen, cursor = [], {}
    while True:
        ids, answer = page_of(quipu, "pagination ticket", limit=7, **cursor)
        seen += ids
        if answer["next"] is None:
            break
        assert answer["searchedBackTo"] or len(ids) == 7
        cursor = {"cursor": answer["next"]}
    assert len(seen) == 60 and len(set(seen)) == 60


@pytest.mark.at_root
def test_what_cannot_be_searched_is_refused_with_a_reason(quipu, traces):
    def refused(**params):
        answer = requests.get(quipu.url + "/api/v1/traces", params=params, auth=quipu.auth, timeout=60)
        assert answer.status_code == 400, answer.text
        return answer.text
    assert "order" in refused(q="word", sort="cost")
    assert "cursor" in refused(q="word", cursor="abc")
    assert "20" in refused(q=" ".join(f"word{i}" for i in range(21)))
    assert "1000" in refused(q="x" * 1001)


@pytest.mark.parametrize("dark,width", FORMS)
def test_the_page_marks_hits_and_goes_on(browser, traces, dark, width):
    with browser.seen(dark, width):
        look_through(browser, traces, dark, width)


def look_through(browser, traces, dark, width):
    def shot(name):
        assert browser.driver.execute_script("return document.documentElement.scrollWidth") <= width
        if SHOTS:
            browser.screenshot(f"{SHOTS}/search-{name}-{width}-{'dark' if dark else 'light'}.png")

    browser.open("/traces")
    field = browser.driver.find_element(By.NAME, "q")
    field.send_keys('"<b>weather</b>" oslo')
    shot("form")
    browser.press(By.CSS_SELECTOR, ".filters button")
    # A busy machine may stop on the way and say so.
    until(browser, lambda: browser.driver.find_elements(By.CSS_SELECTOR, ".match mark"))
    marks = [m.text for m in browser.driver.find_elements(By.CSS_SELECTOR, ".match mark")]
    assert "<b>weather</b>" in marks and "Oslo" in marks
    shot("hit")
    hit = browser.driver.current_url
    until(browser, lambda: is_through(browser))
    assert "whole range has been searched" in browser.text or "Nothing more found" in browser.text
    browser.driver.get(hit)
    browser.press(By.CSS_SELECTOR, "a.row")
    assert traces["oslo"] in browser.driver.current_url and "observation=" in browser.driver.current_url
    browser.open("/traces?q=pagination")
    rows, pages = [], 0
    while True:
        rows += [row.get_attribute("href") for row in browser.driver.find_elements(By.CSS_SELECTOR, "a.row")]
        shot(f"many-{pages}")
        if is_through(browser):
            break
        # By its number of rows or by its time, a page says how far back it got.
        assert "Searched back to" in browser.text
        browser.press(By.CSS_SELECTOR, "a[rel=next]")
        pages += 1
    assert pages >= 1 and len(rows) == 60 and len(set(rows)) == 60
    browser.open("/traces?q=nowhereatall")
    until(browser, lambda: is_through(browser))
    assert "Nothing found" in browser.text or "Nothing more found" in browser.text
    shot("none")
    browser.open("/traces?q=oksana")
    until(browser, lambda: "Its user id" in browser.text)
    shot("id")


def is_through(browser):
    """Whether nothing is left to search: said below the hits, or instead of them."""
    return not browser.driver.find_elements(By.CSS_SELECTOR, "a[rel=next]")


def until(browser, fact):
    """Goes on to the next page of a search until the fact is true."""
    while not fact():
        assert "Searched back to" in browser.text, browser.text
        browser.press(By.CSS_SELECTOR, "a[rel=next]")
