"""Ways around the roles that were found open: content as a dimension, a key that does more than its maker, a team moved beneath another for its
prompts, two roles that add up, and a level of content that is lifted by who may not read it."""
import html
import re
import time

import pytest
import requests

from people import Person, add, hidden, key


@pytest.fixture(scope="module")
def quipu(start):
    return start("demo")


@pytest.fixture(scope="module")
def person(quipu):
    known = {}

    def sign_in(role, teams=(), projects=(), *more):
        name = (role, tuple(teams), tuple(projects), *more)
        if name not in known:
            known[name] = Person(quipu, add(quipu, f"edge{len(known)}@people.example", role, teams, projects, *more))
        return known[name]

    return sign_in


def send(person, path, **fields):
    return person.send_form(path, csrf=person.csrf, **fields)


def call(quipu, pair, method, path, **more):
    return requests.request(method, quipu.url + "/api/v1" + path, auth=pair, timeout=60, **more)


@pytest.mark.at_root
def test_content_is_no_dimension_and_finance_declares_none(quipu, person):
    finance, owner, admin = person("finance"), person("owner"), person("admin")
    assert send(finance, "/settings/dimensions", key="tier", dimension="1").status_code == 403
    page = finance.look("/settings/dimensions")
    assert page.status_code == 200 and "Owners and admins declare keys" in page.text and 'name="key"' not in page.text
    for name in ("gen_ai.input.messages", "gen_ai.prompt", "langfuse.observation.metadata.prompt"):
        refused = send(owner, "/settings/dimensions", key=name, dimension="1")
        assert refused.status_code == 400 and "write content under" in html.unescape(refused.text), name
        assert call(quipu, key(quipu, "admin"), "POST", "/declared-keys", json={"key": name, "dimension": True}).status_code == 409
        assert finance.look(f"/costs.csv?by=metadata.{name}").status_code == 400
    assert send(admin, "/settings/dimensions", key="tier", dimension="1").status_code == 303
    # Processes read what is declared every few seconds.
    deadline = time.monotonic() + 60
    while finance.look("/costs.csv?by=metadata.tier").status_code != 200:
        assert time.monotonic() < deadline, "declared, and not there to ask for"
        time.sleep(0.5)


def made_by(person, scope):
    """A key that the member makes on the page."""
    project = re.search(r'<option value="(\d+)"', person.look("/settings/keys/new").text).group(1)
    page = send(person, "/settings/keys", project=project, name="edge", scope=scope).text
    return re.search(r"\bpk-[\w-]+", page).group(0), re.search(r"\bsk-[\w-]+", page).group(0)


@pytest.mark.at_root
def test_a_key_does_nothing_that_is_closed_to_its_maker(quipu, person):
    of_admin, of_owner, of_nobody = made_by(person("admin"), "admin"), made_by(person("owner"), "admin"), key(quipu, "admin")
    rule = {"name": "all", "conditions": [], "team": "Search"}
    for method, path, body in [
        ("POST", "/statements/2001-01/close", {}), ("GET", "/attribution-rules", None), ("POST", "/attribution-rules/preview", rule),
        ("POST", "/attribution-rules", rule), ("GET", "/reattributions", None),
    ]:
        answer = call(quipu, of_admin, method, path, **({} if body is None else {"json": body}))
        assert answer.status_code == 403 and "the member who made the key" in answer.text, f"{method} {path}: {answer.status_code} {answer.text}"
    assert call(quipu, of_admin, "GET", "/projects").status_code == 200 and call(quipu, of_admin, "GET", "/statements").status_code == 200
    for pair in (of_owner, of_nobody):
        assert call(quipu, pair, "GET", "/attribution-rules").status_code == 200
        assert call(quipu, pair, "POST", "/attribution-rules/preview", json=rule).status_code == 200


def team(owner, name):
    page = owner.look("/settings/teams").text
    return re.search(rf'/settings/teams/(\d+)">\s*{name}<', page).group(1)


@pytest.mark.at_root
def test_no_team_is_moved_beneath_another_for_its_prompts(person):
    finance, owner = person("finance"), person("owner")
    engineer = person("engineer", ["Search"])
    child, parent = team(owner, "Support"), team(owner, "Search")
    fields = {"id": child, "name": "Support", "parent": parent}
    moved = send(finance, "/settings/teams", **fields)
    assert moved.status_code == 400 and "an owner or admin sets another" in html.unescape(moved.text)
    assert "Helpdesk" not in engineer.look("/traces?project=helpdesk").text
    form = finance.look(f"/settings/teams/{child}").text
    assert "Owners and admins make a team part of another" in form and f'<option value="{parent}"' not in form
    # The rest of a team is finance's.
    assert send(finance, "/settings/teams", id=child, name="Support", costCentre="4799").status_code == 303
    assert send(owner, "/settings/teams", **fields).status_code == 303
    assert "/project/helpdesk/" in engineer.look("/traces?project=helpdesk").text
    assert send(finance, "/settings/teams", **fields, costCentre="4798").status_code == 303
    assert send(finance, "/settings/teams", id=child, name="Support").status_code == 303


@pytest.mark.at_root
def test_two_roles_in_two_places_do_not_add_up(quipu, person):
    run_role = ("--project-role", "viewer")
    mixed, viewer = person("teamLead", ["Search"], ["helpdesk"], *run_role), person("viewer", [], ["helpdesk"])
    lead = person("teamLead", ["Search"])
    users = lambda reader, project: set(re.findall(r"[\w.+-]+@[\w.-]+", reader.look(f"/traces?project={project}").text)) - {reader.email}
    assert users(mixed, "helpdesk") == users(viewer, "helpdesk") == set()
    assert users(mixed, "storefront") == users(lead, "storefront")
    assert "/project/helpdesk/" in mixed.look("/traces?project=helpdesk").text
    assert viewer.look("/connect").status_code == 403
    connect = mixed.look("/connect")
    assert connect.status_code == 200 and "Storefront" in connect.text and "Helpdesk" not in connect.text
    assert "Helpdesk" not in mixed.look("/costs.csv?by=project").text


@pytest.mark.at_root
def test_who_may_not_read_content_only_makes_less_be_kept(person):
    owner, lead = person("owner"), person("teamLead", ["Search"])
    kinds = ["email", "phone", "iban", "card", "apiKey", "ip"]
    rules = lambda level: {"level": level, "kind": kinds, "kilobytes": "1024", "patterns": ""}
    assert send(owner, "/settings/content/storefront", **rules("metadataOnly")).status_code == 303
    for level in ("full", "masked"):
        lifted = send(lead, "/settings/content/storefront", **rules(level))
        assert lifted.status_code == 400 and "you may not read it" in html.unescape(lifted.text), level
    assert send(lead, "/settings/content/storefront", **rules("none")).status_code == 303
    assert send(lead, "/settings/content/storefront", **rules("metadataOnly")).status_code == 400
    assert send(owner, "/settings/content/storefront", **rules("full")).status_code == 303
