"""Who may do what: each role and each kind of key at each route that the program says it has, as pages, JSON, CSV and XLSX, for what is
one's own and what is not; and that no page leads where its reader may not go."""
import csv
import io
import json
import os
import re
import zipfile
from datetime import datetime, timedelta, timezone

import pytest
import requests

from browser import Browser
from people import PASSWORD, ROLES, Person, add, crawl, forms, key, routes, shots_folder, without

pytestmark = pytest.mark.pages

# What each role may do: of everything, of its own, or not at all. Written down from the requirements, not from the program.
MATRIX = """
                owner admin finance teamLead engineer viewer auditor
seeMoney        all   all   all     own      own      own    all
seeUserCost     all   all   all     own      -        -      all
seeTraces       all   all   all     own      own      own    all
seeRequests     all   all   -       own      own      -      -
editPrices      all   all   all     -        -        -      -
editTeams       all   all   all     -        -        -      -
editRules       all   -     all     -        -        -      -
manageKeys      all   all   -       own      own      -      -
manageMembers   all   all   -       -        -        -      -
manageContent   all   all   -       own      -        -      -
manageData      all   all   -       -        -        -      -
readAudit       all   all   -       -        -        -      all
export          all   all   all     own      own      -      all
"""
HEAD, *LINES = [line.split() for line in MATRIX.strip().splitlines()]
EXTENT = {(role, line[0]): extent for line in LINES for role, extent in zip(HEAD, line[1:])}

# Routes that anybody may call: signing in, health, files of pages, and those that ask for their own credentials.
OPEN = re.compile(
    r"(GET|POST) (/sign-in\S*|/sign-out|/theme|/assets/\*\*|/favicon\.ico|/livez|/readyz|/metrics|/(otlp/|api/public/otel/)?v1/(traces|logs|metrics)"
    r"|/api/public/\S+|/api/openapi\.json|/welcome/:token)")

# What each role sees on the rail, settings apart, which hold one's own account too.
RAIL = {
    "owner": "Overview Costs Teams Reports Traces Users Prices Connect", "admin": "Overview Costs Teams Reports Traces Users Prices Connect",
    "finance": "Overview Costs Teams Reports Traces Users Prices", "teamLead": "Overview Costs Teams Reports Traces Users Prices Connect",
    "engineer": "Overview Costs Teams Reports Traces Prices Connect", "viewer": "Overview Costs Teams Reports Traces Prices",
    "auditor": "Overview Costs Teams Reports Traces Users Prices"}

# Storefront belongs to the team Search; Growth spends there too. Helpdesk is foreign to all three.
PLACES = {"teamLead": (["Search"], []), "engineer": ([], ["storefront"]), "viewer": ([], ["storefront"])}
OWN_TEAMS = {"teamLead": {"Search"}, "engineer": {"Search", "Growth"}, "viewer": {"Search", "Growth"}}
FOREIGN_TEAMS = {"Support", "Platform"}
LAST = (datetime.now(timezone.utc).replace(day=1) - timedelta(days=1)).strftime("%Y-%m")


@pytest.fixture(scope="module")
def quipu(start):
    return start("demo")


@pytest.fixture(scope="module")
def people(quipu):
    signed_in = {}
    for role in ROLES:
        teams, projects = PLACES.get(role, ([], []))
        signed_in[role] = Person(quipu, add(quipu, f"{role.lower()}@people.example", role, teams, projects))
    return signed_in


@pytest.fixture(scope="module")
def browser(quipu):
    browser = Browser(quipu.url)
    yield browser
    browser.close()


@pytest.fixture(scope="module")
def table(quipu):
    found = routes(quipu)
    assert len(found) > 100
    return found


@pytest.fixture(scope="module")
def known(quipu, people):
    """A trace of each project, for whatever takes one."""
    def trace(project):
        page = people["owner"].look(f"/traces?project={project}").text
        return re.search(rf"/project/{project}/traces/([0-9a-zA-Z_-]+)", page).group(1)

    return {"project": "storefront", "trace": trace("storefront"), "foreign": trace("helpdesk"), "month": LAST, "team": "Search", "observation": "0" * 16}


# What belongs to some roles alone, whatever they may do else.
OF_ROLES = {"/account/break-glass": {"auditor"}}


def allowed(role, route):
    if route.path in OF_ROLES:
        return role in OF_ROLES[route.path]
    if route.kind == "member":
        return True
    return EXTENT[role, route.detail] in (("all",) if route.kind == "permittedForAll" else ("all", "own"))


def is_closed(answer):
    return answer.status_code == 403 and "form was not accepted" not in answer.text


@pytest.mark.at_root
def test_every_route_says_who_may_call_it_and_few_are_open(table):
    kinds = {"open", "key", "member", "permitted", "permittedForAll"}
    assert not [route for route in table if route.kind not in kinds]
    named = {line[0] for line in LINES}
    assert not [route for route in table if route.kind.startswith("permitted") and route.detail not in named]
    assert not [f"{route.method} {route.path}" for route in table if route.kind == "open" and not OPEN.fullmatch(f"{route.method} {route.path}")]


@pytest.mark.parametrize("role", ROLES)
def test_pages_and_forms_open_as_the_matrix_says(role, people, table, known):
    person, wrong, cells = people[role], [], 0
    for route in table:
        if route.kind not in ("member", "permitted", "permittedForAll"):
            continue
        cells += 1
        team = known["team"] if not route.path.startswith("/settings") else 1
        address = route.at(**{**known, "team": team})
        if route.method == "GET":
            answer = person.look(address)
            held = answer.status_code < 500 and answer.status_code not in (401, 403) and "/sign-in" != answer.headers.get("Location", "")[-8:]
        else:
            # Without the form's token an open door says so and changes nothing; a closed one says that it is closed.
            answer = person.send_to(route, address, {"csrf": "0" * 32})
            held = answer.status_code == 403 and "form was not accepted" in answer.text
        if not (held if allowed(role, route) else is_closed(answer)):
            wrong.append(f"{route.method} {address} ({route.kind} {route.detail}): {answer.status_code}")
    assert not wrong, "\n".join(wrong)
    assert cells > 60


def test_nobody_gets_in_without_signing_in_or_a_key(quipu, table, known):
    wrong = []
    for route in table:
        answer = requests.request(route.method, quipu.url + route.at(**known), timeout=60, allow_redirects=False)
        if route.kind == "key":
            held = answer.status_code == 401
        elif route.kind == "open":
            takes_key = route.path.startswith("/api/public/") or "/v1/" in route.path
            held = answer.status_code in (401, 405) if takes_key and not re.search("health|ready", route.path) else answer.status_code < 500
        else:
            held = answer.status_code == 303 and "/sign-in" in answer.headers["Location"]
        if not held:
            wrong.append(f"{route.method} {route.path} ({route.kind}): {answer.status_code}")
    assert not wrong, "\n".join(wrong)


@pytest.mark.at_root
@pytest.mark.parametrize("scope", ["ingest", "read", "readMoney", "admin"])
def test_keys_open_what_their_scopes_say(scope, quipu, table, known):
    pair, wrong, cells = key(quipu, scope, "storefront"), [], 0
    for route in table:
        if route.kind != "key":
            continue
        cells += 1
        values = {**known, **({"trace": known["trace"], "observation": "0" * 16})}
        # What can't be read changes nothing.
        body = {} if route.method == "GET" else {"data": b"\x00 no body", "headers": {"Content-Type": "application/json"}}
        answer = requests.request(
            route.method, quipu.url + route.at(**{**values, "id": 999_999, "export": 999_999, "repricing": 999_999}), auth=pair, timeout=60, **body)
        # A key that nobody signed in made goes by its scopes; what its maker would need stands behind them.
        scopes = route.detail.split(" ")[0]
        is_open = scopes == "any" or scope in scopes.split(",")
        # A key that may change keys may still not make one that opens more than itself.
        is_refused = answer.status_code == 403 and "opens content" not in answer.text
        if answer.status_code >= 500 or is_refused == is_open or answer.status_code == 401:
            wrong.append(f"{route.method} {route.path} ({route.detail}): {answer.status_code} {answer.text[:200]}")
    assert not wrong, "\n".join(wrong)
    assert cells > 30


@pytest.mark.parametrize("role", ROLES)
def test_traces_of_foreign_projects_are_not_there(role, people, known):
    person, is_own = people[role], role in PLACES
    foreign = f"/project/helpdesk/traces/{known['foreign']}"
    assert person.look(f"/project/storefront/traces/{known['trace']}").status_code == 200
    expected = 404 if is_own else 200
    assert person.look(foreign).status_code == expected
    assert person.look(f"/trace/{known['foreign']}").status_code == (404 if is_own else 303)
    page = person.look(foreign + "/observations/" + "0" * 16 + "?partial=1")
    assert page.status_code == 404
    for query in ("", "?project=helpdesk", f"?q={known['foreign']}", "?sort=cost", "?team=Support"):
        listed = person.look("/traces" + query)
        assert listed.status_code == 200, query
        if is_own:
            assert "/project/helpdesk/" not in listed.text and "Helpdesk" not in listed.text, query


@pytest.mark.parametrize("role", ROLES)
def test_money_of_foreign_teams_and_projects_is_in_no_page_and_no_file(role, people):
    person = people[role]
    everything = {path: people["owner"].look(path) for path in ("/costs.csv?by=team", "/costs.csv?by=project")}
    pages = ["/", "/costs?by=team", "/costs?by=project", "/teams", "/endpoints", f"/reports/allocation?month={LAST}", "/reports/statements",
             f"/reports/statements/{LAST}"]
    for path in pages:
        answer = person.look(path)
        assert answer.status_code == 200, path
        if role in PLACES:
            figures = re.sub(r'<form.*?</form>|<details class="menu.*?</details>', "", answer.text, flags=re.S)
            assert not [name for name in FOREIGN_TEAMS | {"Helpdesk"} if re.search(rf">\s*{name}\b", figures)], path
    if EXTENT[role, "export"] == "-":
        for path in everything:
            assert is_closed(person.look(path))
        return
    for path, whole in everything.items():
        rows = list(csv.DictReader(io.StringIO(person.look(path).text)))
        names = {row[path.split("=")[1]] for row in rows if row["line"] != "total"}
        if role not in PLACES:
            assert rows == list(csv.DictReader(io.StringIO(whole.text))), path
        elif path.endswith("team"):
            assert OWN_TEAMS[role] <= names and not names & FOREIGN_TEAMS, names
        else:
            assert names == {"Storefront"}, names


@pytest.mark.at_root
@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("form", ["csv", "json", "xlsx", "focus"])
def test_reports_as_files_hold_own_teams_only(form, role, people):
    answer = people[role].look(f"/reports/allocation/file?format={form}&month={LAST}")
    if EXTENT[role, "export"] == "-":
        assert is_closed(answer)
        return
    assert answer.status_code == 200, answer.text[:500]
    text = answer.text if form != "xlsx" else "".join(
        zipfile.ZipFile(io.BytesIO(answer.content)).read(name).decode() for name in zipfile.ZipFile(io.BytesIO(answer.content)).namelist())
    if form == "json":
        json.loads(text)
    names = {name for name in {"Search", "Growth"} | FOREIGN_TEAMS if name in text}
    assert names == ({"Search", "Growth"} | FOREIGN_TEAMS if role not in PLACES else OWN_TEAMS[role])


@pytest.mark.at_root
def test_keys_see_their_project_alone(quipu, known):
    pair = key(quipu, "read", "storefront")
    fetch = lambda path: requests.get(quipu.url + path, auth=pair, timeout=60)
    assert fetch(f"/api/v1/traces/{known['trace']}").status_code == 200
    assert fetch(f"/api/v1/traces/{known['foreign']}").status_code == 404
    assert fetch(f"/api/v1/observations/{'0' * 16}?trace={known['foreign']}").status_code == 404
    rows = fetch("/api/v1/costs?groupBy=project").json()["rows"]
    assert len(rows) == 1 and "Helpdesk" not in json.dumps(rows)
    assert "helpdesk" not in fetch("/api/v1/traces?project=helpdesk").text


@pytest.mark.parametrize("role", [role if role in ("owner", "viewer") else pytest.param(role, marks=pytest.mark.at_root) for role in ROLES])
def test_no_page_leads_where_its_reader_may_not_go(role, people, table, quipu):
    person, wrong, count = people[role], [], 0
    posts = [route for route in table if route.method == "POST"]
    base = quipu.url.split("/", 3)[3:]
    prefix = "/" + base[0] if base else ""
    for address, answer in crawl(person):
        count += 1
        if answer.status_code >= 400 and answer.status_code != 404 or answer.status_code == 404 and "settings" in address:
            wrong.append(f"{address}: {answer.status_code}")
        if not answer.headers.get("Content-Type", "").startswith("text/html"):
            continue
        for action in forms(answer.text):
            path = without(prefix, action.split("?")[0])
            route = next((route for route in posts if route.fits(path)), None)
            if route is None:
                wrong.append(f"{address} posts to {path}, where nothing is")
            elif route.kind != "open" and not allowed(role, route):
                wrong.append(f"{address} shows a form for {path}")
    assert not wrong, "\n".join(wrong)
    assert count > 12


@pytest.mark.parametrize("role", ROLES)
def test_who_may_not_read_content_is_told_so_and_whom_to_ask(role, people, known, quipu):
    page = people[role].look(f"/project/storefront/traces/{known['trace']}").text
    # Nobody was given a grant; an engineer of the project needs none.
    assert ("You have no access to inputs and outputs here" in page) == (role != "engineer")
    assert ("Auditors open content for a time" in page) == (role == "auditor")
    assert ("Finance accounts for the money" in page) == (role == "finance")


def test_who_has_no_project_is_told_what_to_do(quipu):
    newcomer = Person(quipu, add(quipu, "newcomer@people.example", "viewer"))
    for path in ("/", "/traces"):
        page = newcomer.look(path)
        assert page.status_code == 200 and "Nothing is open to you yet" in page.text and "Connect an application" not in page.text
    text = "".join(answer.text for _, answer in crawl(newcomer) if answer.headers.get("Content-Type", "").startswith("text/"))
    assert not [name for name in ("Storefront", "Helpdesk", "Growth") if name in text]


@pytest.mark.parametrize("role", ROLES)
def test_the_rail_shows_what_is_open(role, people, browser):
    browser.driver.delete_all_cookies()
    browser.sign_in(f"{role.lower()}@people.example", PASSWORD)
    labels = browser.driver.execute_script("return [...document.querySelectorAll('.rail .sections a')].map(a => a.textContent.trim())")
    assert [label for label in labels if label != "Settings"] == RAIL[role].split()
    if shots_folder():
        browser.screenshot(os.path.join(shots_folder(), f"role-{role}.png"))
        browser.open("/traces")
        browser.screenshot(os.path.join(shots_folder(), f"role-{role}-traces.png"))
