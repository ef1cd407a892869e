"""Each trace tells what was done to its own content when it was stored, whatever rules hold now: masked, left out by the project or by the
key, expired, or not open to the reader, who then gets no count of what is in it."""
import json
import os
import re
import uuid

import pytest
import requests

from browser import Browser
from people import Person, add, run
from test_backup import psql
from traffic import span

pytestmark = pytest.mark.pages

SHOTS = os.environ.get("QUIPU_SCREENSHOTS")
QUESTION = "write to ada@example.org and bob@example.org, pay with 4111 1111 1111 1111"
MASKED = {"email": 2, "card": 1}


def new_key(quipu, *more):
    printed = run(quipu, "keys", "create", "--name", "k" + uuid.uuid4().hex[:6], *more)
    return re.search(r"public key\s+(\S+)", printed).group(1), re.search(r"secret key\s+(\S+)", printed).group(1)


@pytest.fixture(scope="module")
def service(start):
    service = start()
    service.admin = new_key(service, "--scopes", "read,ingest,admin")
    service.project = service.get("/api/public/projects")["data"][0]["id"]
    return service


def rules(service, **changes):
    answer = requests.patch(f"{service.url}/api/v1/content-rules/{service.project}", auth=service.admin, json=changes, timeout=60)
    assert answer.status_code == 200, answer.text


def ask(service, auth=None, question=QUESTION):
    """A call by OpenTelemetry; its trace."""
    trace = uuid.uuid4().hex
    sent = span(trace, name="answer", **{
        "gen_ai.operation.name": "chat", "gen_ai.request.model": "gpt-4o-mini", "gen_ai.usage.input_tokens": 9,
        "gen_ai.input.messages": json.dumps([{"role": "user", "parts": [{"type": "text", "content": question}]}])})
    body = {"resourceSpans": [{"resource": {}, "scopeSpans": [{"scope": {"name": "test"}, "spans": [sent]}]}]}
    answer = requests.post(service.url + "/v1/traces", json=body, auth=auth or service.auth, timeout=60)
    assert answer.status_code == 200, answer.text
    return trace


def told(service, trace):
    return requests.get(f"{service.url}/api/v1/traces/{trace}", auth=service.admin, timeout=60).json()


def notes(service, trace):
    return told(service, trace)["observations"][0]["contentNotes"]


@pytest.fixture(scope="module")
def traces(service):
    """One for each way; rules were changed in between, and hold no more."""
    found = {"whole": ask(service)}
    rules(service, level="masked")
    found["masked"] = ask(service)
    found["quiet"] = ask(service, question="how high is Ausangate?")
    found["dropped"] = ask(service, new_key(service, "--scopes", "ingest", "--content", "drop"))
    rules(service, level="metadataOnly")
    found["metadata"] = ask(service)
    rules(service, level="full")
    found["byKey"] = ask(service, new_key(service, "--scopes", "ingest", "--content", "mask"))
    return found


@pytest.mark.at_root
def test_the_api_tells_what_was_done_then(service, traces):
    expected = {
        "whole": [], "masked": [("masked", "project", MASKED, [])], "quiet": [("masked", "project", {}, [])],
        "dropped": [("none", "key", {}, ["input", "attributes"])], "metadata": [("metadataOnly", "project", {}, ["input", "attributes"])],
        "byKey": [("masked", "key", MASKED, [])]}
    for name, wanted in expected.items():
        got = [(n["level"], n["by"], n["masked"], n["notStored"]) for n in notes(service, traces[name])]
        # Attributes are there when a span has some that no convention reads.
        assert [(l, b, m, [f for f in left if f != "attributes"]) for l, b, m, left in got] == [
            (l, b, m, [f for f in left if f != "attributes"]) for l, b, m, left in wanted], f"{name}: {got}"


def pane(person, service, trace):
    page = person.look(f"/project/{service.project}/traces/{trace}")
    assert page.status_code == 200, page.text[:500]
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", page.text.split('id="pane"')[1]))


def test_the_page_tells_it(service, traces):
    owner = Person(service, service.email, service.password)
    shown = {name: pane(owner, service, trace) for name, trace in traces.items()}
    assert "Masked when stored" not in shown["whole"] and "ada@example.org" in shown["whole"]
    assert "Masked when stored: 2 e-mail addresses, 1 card number." in shown["masked"]
    assert "Masked when stored: nothing was found to mask." in shown["quiet"]
    assert "Not stored: the key’s policy was no content. Left out: input" in shown["dropped"]
    assert "Not stored: the project kept metadata only. Left out: input" in shown["metadata"]
    assert "Masked when stored, by the key’s policy: 2 e-mail addresses, 1 card number." in shown["byKey"]


def test_who_reads_no_content_learns_what_was_left_out_and_counts_nothing(service, traces):
    email = add(service, f"viewer-{uuid.uuid4().hex[:6]}@example.org", "viewer", [], [service.project])
    viewer = Person(service, email)
    for name in traces:
        shown = pane(viewer, service, traces[name])
        assert "You have no access to inputs and outputs here." in shown
        assert "e-mail address" not in shown and "card number" not in shown and "Masked" not in shown
    assert "Not stored: the key’s policy was no content." in pane(viewer, service, traces["dropped"])


def test_what_retention_took_is_expired(service, traces):
    trace = ask(service)
    psql(service, f"delete from payloads where trace_id = '{uuid.UUID(trace)}'")
    assert "Expired. Inputs, outputs and metadata are past their retention" in pane(Person(service, service.email, service.password), service, trace)


def test_no_pane_is_wider_than_its_screen(service, traces):
    browser = Browser(service.url)
    try:
        browser.sign_in(service.email, service.password)
        for dark in (False, True):
            for width in (1280, 390):
                for name in ("masked", "dropped", "metadata"):
                    with browser.seen(dark, width):
                        browser.open(f"/project/{service.project}/traces/{traces[name]}")
                        assert browser.driver.execute_script("return document.documentElement.scrollWidth - window.innerWidth") <= 0
                        if SHOTS:
                            browser.screenshot(f"{SHOTS}/notes-{name}-{'dark' if dark else 'light'}-{width}.png")
    finally:
        browser.close()
