"""Costs, teams, users and endpoints in a real browser: the numbers of the page, of the API and of the file are the same to the last digit,
every level adds up, and everything works without script."""
import csv
import io
import os
import re
import subprocess
from decimal import Decimal

import pytest
import requests
from selenium.webdriver.common.by import By

from browser import FORMS, Browser

pytestmark = pytest.mark.pages

SHOTS = os.environ.get("QUIPU_SCREENSHOTS")


def key_of(service, scopes):
    done = subprocess.run(
        [service.binary, "keys", "create", "--project", "helpdesk", "--name", "reader", "--scopes", scopes], env=service.environment,
        capture_output=True, text=True, timeout=180)
    assert done.returncode == 0, done.stderr
    return (re.search(r"public key\s+(\S+)", done.stdout).group(1), re.search(r"secret key\s+(\S+)", done.stdout).group(1))


@pytest.fixture(scope="module")
def demo(start):
    service = start("demo")
    # A key reads its own project; one that may administrate reads the organisation, as its owner sees it.
    service.reader = key_of(service, "read")
    service.public_key, service.secret_key = key_of(service, "read,admin")
    return service


@pytest.fixture(scope="module")
def browser(demo):
    browser = Browser(demo.url)
    browser.sign_in(demo.email, demo.password)
    yield browser
    browser.close()


@pytest.fixture(scope="module")
def plain(demo):
    """A browser without script."""
    browser = Browser(demo.url, script=False)
    browser.sign_in(demo.email, demo.password)
    yield browser
    browser.close()


@pytest.fixture(scope="module")
def days(demo):
    """The last 14 whole days of the demo, as pages (the last day included) and as the API (excluded) write them."""
    import datetime
    today = datetime.datetime.now(datetime.timezone.utc).date()
    day = lambda back: (today - datetime.timedelta(days=back)).isoformat()
    return {"page": f"from={day(14)}&to={day(1)}", "api": {"from": day(14), "to": day(0)}}


def session(browser):
    """The browser's session for plain requests: files."""
    s = requests.Session()
    for cookie in browser.driver.get_cookies():
        s.cookies.set(cookie["name"], cookie["value"])
    return s


def file_of(demo, browser, query):
    answer = session(browser).get(f"{demo.url}/costs.csv?{query}", timeout=60)
    assert answer.status_code == 200 and answer.headers["content-type"].startswith("text/csv"), answer.text[:300]
    return list(csv.DictReader(io.StringIO(answer.text)))


def money(text):
    """Of an exact amount; an unknown one stands as a dash or a sentence and adds nothing."""
    return Decimal(text.replace("$", "").replace(",", "")) if "$" in text else Decimal(0)


def amounts(browser):
    """Exact amount by name of the rows on the page, in their order; the total is named Total."""
    found = []
    for row in browser.driver.find_elements(By.CSS_SELECTOR, "#rows tr"):
        names = row.find_elements(By.CSS_SELECTOR, "th[scope=row] .cell > .row, th[scope=row] .cell > .none")
        cells = row.find_elements(By.CSS_SELECTOR, "td.main")
        if not names or not cells:
            continue
        spans = cells[0].find_elements(By.CSS_SELECTOR, "span[title]")
        text = spans[0].get_attribute("title") if spans else cells[0].text
        found.append((names[0].text, money(text)))
    return found


@pytest.mark.parametrize("dimension", ["team", "model", "endpoint", "userGroup", "environment"])
def test_page_api_and_file_agree_to_the_last_digit(demo, browser, days, dimension):
    query = f"{days['page']}&by={dimension}&all=rows"
    browser.open("/costs?" + query)
    page = amounts(browser)
    report = demo.get("/api/v1/costs", groupBy=dimension, **days["api"])
    lines = file_of(demo, browser, query)
    assert page[0] == ("Total", Decimal(report["total"]["cost"]))
    api = sorted(Decimal(row["cost"] or 0) for row in report["rows"])
    assert sorted(amount for _, amount in page[1:]) == api
    name = "user_group" if dimension == "userGroup" else dimension
    assert [(line[name] or "Total", Decimal(line["cost"] or 0)) for line in lines] == page
    assert sum(amount for _, amount in page[1:]) == page[0][1]


@pytest.mark.at_root
def test_a_key_that_may_administrate_gets_the_organisation_and_another_its_project(demo, days):
    ask = lambda auth, **more: requests.get(demo.url + "/api/v1/costs", params={**days["api"], **more}, auth=auth, timeout=60).json()
    everything = ask(demo.auth, groupBy="project")
    parts = {row["project"]: Decimal(row["cost"]) for row in everything["rows"]}
    assert len(parts) == 2 and sum(parts.values()) == Decimal(everything["total"]["cost"])
    assert ask(demo.reader)["total"] == ask(demo.auth, project="helpdesk")["total"]
    assert Decimal(ask(demo.reader)["total"]["cost"]) == parts["helpdesk"] < Decimal(everything["total"]["cost"])
    other = next(project for project in parts if project != "helpdesk")
    assert ask(demo.reader, project=other)["total"]["calls"] == 0


def test_a_declared_key_has_one_name_on_pages_in_files_and_in_the_api(demo, browser, days):
    report = demo.get("/api/v1/costs", groupBy="metadata.customer", **days["api"])
    name, cost = next((row["metadata.customer"], Decimal(row["cost"])) for row in report["rows"] if row["metadata.customer"])
    lines = file_of(demo, browser, f"{days['page']}&by=metadata.customer&all=rows")
    assert next(Decimal(line["cost"]) for line in lines if line["metadata_customer"] == name) == cost
    lines = file_of(demo, browser, f"{days['page']}&by=team&metadata.customer={requests.utils.quote(name)}")
    assert Decimal(lines[0]["cost"]) == cost < Decimal(report["total"]["cost"])
    for query in ("metadata.nope=x", "by=metadata.nope"):
        answer = session(browser).get(f"{demo.url}/costs?{query}", timeout=60)
        assert answer.status_code == 400 and "metadata.customer" in answer.text


@pytest.mark.at_root
@pytest.mark.parametrize("zone", ["UTC+3", "GMT+3", "UTC3", "+03", "Mars"])
def test_zones_are_names_because_offsets_are_read_both_ways(demo, days, zone):
    for path in ("costs", "prices/unpriced"):
        answer = requests.get(f"{demo.url}/api/v1/{path}", params={**days["api"], "timeZone": zone}, auth=demo.auth, timeout=60)
        assert answer.status_code == 400 and "IANA name" in answer.text


@pytest.mark.at_root
def test_times_are_whole_milliseconds_and_say_so(demo, days):
    report = demo.get("/api/v1/costs", measures="latencyP50Milliseconds,latencyP95Milliseconds", **days["api"])
    assert type(report["total"]["latencyP50Milliseconds"]) is int and 0 < report["total"]["latencyP50Milliseconds"] <= report["total"]["latencyP95Milliseconds"]


@pytest.mark.at_root
def test_members_of_a_group_are_for_keys_that_may_administrate(demo):
    groups = demo.get("/api/v1/user-groups")["userGroups"]
    path = f"{demo.url}/api/v1/user-groups/{groups[0]['id']}/members"
    assert requests.get(path, auth=demo.auth, timeout=60).status_code == 200
    assert requests.get(path, auth=demo.reader, timeout=60).status_code == 403


def test_the_file_has_the_columns_and_the_order_of_the_page(demo, browser, days):
    query = f"{days['page']}&by=team,model&columns=calls,listCost,latencyP95Milliseconds&sort=calls&order=asc"
    lines = file_of(demo, browser, query)
    assert list(lines[0]) == [
        "line", "team", "model", "unpriced_calls", "calls", "list_cost", "latency_p95_milliseconds", "cost", "share", "previous_cost", "change"]
    rows = [line for line in lines if line["line"] == "row"]
    assert [int(row["calls"]) for row in rows] == sorted(int(row["calls"]) for row in rows)
    browser.open("/costs?" + query)
    assert [name for name, _ in amounts(browser)] == ["Total"] + [line["model"] or line["team"] for line in lines[1:]]
    for row in rows:
        parts = [line for line in lines if line["line"] == "part" and line["team"] == row["team"]]
        for column in ("calls", "cost", "list_cost", "previous_cost"):
            assert sum(Decimal(part[column] or 0) for part in parts) == Decimal(row[column] or 0), (row["team"], column)
    for column in ("calls", "cost", "list_cost", "previous_cost"):
        assert sum(Decimal(row[column] or 0) for row in rows) == Decimal(lines[0][column])


def test_the_parts_of_the_stacked_chart_are_its_total(browser, days):
    browser.open(f"/costs?{days['page']}&by=model")
    total = amounts(browser)[0][1]
    table = browser.driver.find_element(By.CSS_SELECTOR, "table[data-steps]")
    value = "return [...arguments[0].querySelectorAll('tbody tr')].map(r => [...r.cells].slice(1).map(c => (c.querySelector('span') || {}).title || c.textContent))"
    steps = [[money(cell) for cell in row] for row in browser.driver.execute_script(value, table)]
    assert len(steps) == 14
    for row in steps:
        assert row[0] == sum(row[1:])
    assert sum(row[0] for row in steps) == total


def test_a_row_leads_deeper_and_in_the_end_to_its_calls(demo, browser, days):
    browser.open(f"/costs?{days['page']}&by=team")
    browser.press(By.LINK_TEXT, "Support")
    assert "team=Support" in browser.driver.current_url and "by=endpoint" in browser.driver.current_url
    support = amounts(browser)[0][1]
    report = demo.get("/api/v1/costs", groupBy="team", **days["api"])
    assert support == next(Decimal(row["cost"]) for row in report["rows"] if row["team"] == "Support")
    browser.press(By.LINK_TEXT, "/chat")
    assert "by=model" in browser.driver.current_url
    chat, name = amounts(browser)[0][1], amounts(browser)[1][0]
    report = demo.get("/api/v1/costs", groupBy="model", team="Support", endpoint="/chat", **days["api"])
    assert chat == Decimal(report["total"]["cost"])
    browser.press(By.LINK_TEXT, name)
    assert "/traces?" in browser.driver.current_url
    for part in ("team=Support", "endpoint=/chat", "model="):
        assert part in browser.driver.current_url


@pytest.mark.at_root
def test_the_period_before_is_the_period_before(demo, browser, days):
    import datetime
    lines = file_of(demo, browser, f"{days['page']}&by=team")
    first = datetime.date.fromisoformat(days["api"]["from"])
    before = {"from": (first - datetime.timedelta(days=14)).isoformat(), "to": first.isoformat()}
    report = demo.get("/api/v1/costs", groupBy="team", **before)
    assert Decimal(lines[0]["previous_cost"]) == Decimal(report["total"]["cost"])
    by_team = {row["team"] or "Unallocated": Decimal(row["cost"] or 0) for row in report["rows"]}
    for line in lines[1:]:
        assert Decimal(line["previous_cost"]) == by_team.get(line["team"], 0)
    assert "previous_cost" not in file_of(demo, browser, f"{days['page']}&by=team&compare=0")[0]


def test_teams_agree_with_the_api_and_unallocated_says_why(demo, browser, days):
    browser.open("/teams?" + days["page"])
    rows = browser.driver.find_elements(By.CSS_SELECTOR, ".teams tbody tr")
    assert "Unallocated" in rows[0].text
    exact = {}
    for row in rows:
        name = row.find_element(By.CSS_SELECTOR, "a.row").text
        spans = row.find_elements(By.CSS_SELECTOR, "td.main span[title]")
        text = spans[0].get_attribute("title") if spans else row.find_element(By.CSS_SELECTOR, "td.main").text
        exact[name] = money(text)
    report = demo.get("/api/v1/costs", groupBy="team", **days["api"])
    for row in report["rows"]:
        assert exact[row["team"] or "Unallocated"] == Decimal(row["cost"])
    why = browser.driver.find_element(By.ID, "why").text
    assert "No rule matched" in why and "Demo Platform" in why
    assert "median of that weekday" in browser.text
    unallocated = demo.get("/api/v1/costs", groupBy="key", team="", **days["api"])
    assert unallocated["total"]["calls"] > 0
    browser.press(By.LINK_TEXT, "Make a rule")
    assert "/settings/rules/new?" in browser.driver.current_url


def test_a_team_has_a_page_of_its_own(demo, browser, days):
    browser.open("/teams/Support?" + days["page"])
    report = demo.get("/api/v1/costs", groupBy="model", team="Support", **days["api"])
    figure = browser.driver.find_element(By.CSS_SELECTOR, ".tile.main .figure span").get_attribute("title")
    assert money(figure) == Decimal(report["total"]["cost"])
    for words in ("By model", "By endpoint", "By user group", "Forecast", "/chat"):
        assert words in browser.text
    browser.open("/teams/none-such")
    assert "There is nothing here" in browser.text


def test_users_agree_with_the_api_and_can_be_searched(demo, browser, days):
    browser.open("/users?" + days["page"])
    report = demo.get("/api/v1/costs", groupBy="user", **days["api"])
    costs = sorted((Decimal(row["cost"] or 0) for row in report["rows"] if row["user"]), reverse=True)
    rows = browser.driver.find_elements(By.CSS_SELECTOR, "#users tbody tr")
    top = [row.find_element(By.CSS_SELECTOR, "td.main span[title]").get_attribute("title") for row in rows]
    assert [money(text) for text in top] == costs[:20]
    active = browser.driver.find_element(By.CSS_SELECTOR, "#groups tr.total td.fold").text
    assert int(active.replace(",", "")) == len(costs)
    name = rows[0].find_element(By.CSS_SELECTOR, "a.row").text
    field = browser.driver.find_element(By.NAME, "q")
    field.send_keys(name.upper())
    browser.press(By.CSS_SELECTOR, "#users form button")
    assert [row.text for row in browser.driver.find_elements(By.CSS_SELECTOR, "#users tbody a.row")] == [name]
    browser.open(f"/users?group=Enterprise&{days['page']}")
    groups = [row.text for row in browser.driver.find_elements(By.CSS_SELECTOR, "#groups tbody a.row")]
    assert groups == ["Enterprise"]


def test_an_endpoint_gets_a_type_and_is_held_against_its_band(plain):
    browser = plain
    browser.open("/endpoints?range=7d")
    row = lambda: next(r for r in browser.driver.find_elements(By.CSS_SELECTOR, ".endpoints tbody tr") if r.find_element(By.CSS_SELECTOR, "a.row").text == "/chat")
    row().find_element(By.CSS_SELECTOR, "summary").click()
    choice = next(b for b in row().find_elements(By.CSS_SELECTOR, ".choices button") if b.text == "Complex reasoning")
    browser.follow(choice)
    assert "range=7d" in browser.driver.current_url
    first = browser.driver.find_element(By.CSS_SELECTOR, ".endpoints tbody tr")
    assert "/chat" in first.text and "under" in first.text and re.search(r"\d of 4 endpoints", browser.text)
    browser.driver.find_element(By.CSS_SELECTOR, ".add summary").click()
    form = browser.driver.find_element(By.CSS_SELECTOR, ".add form")
    for name, value in (("name", "Small talk"), ("low", "0.5"), ("high", "0.1")):
        form.find_element(By.NAME, name).send_keys(value)
    browser.follow(form.find_element(By.CSS_SELECTOR, "button"))
    assert "A band goes from zero or more to more than that" in browser.text
    form = browser.driver.find_element(By.CSS_SELECTOR, ".add form")
    assert form.find_element(By.NAME, "name").get_attribute("value") == "Small talk"
    high = form.find_element(By.NAME, "high")
    high.clear()
    high.send_keys("0.7")
    browser.follow(form.find_element(By.CSS_SELECTOR, "button"))
    assert "$0.50" in next(r.text for r in browser.driver.find_elements(By.CSS_SELECTOR, ".bands tbody tr") if "Small talk" in r.text)


def test_a_form_from_elsewhere_changes_nothing(demo, browser):
    s = session(browser)
    for path, fields in (("type", {"endpoint": "/chat", "type": ""}), ("types", {"name": "x", "low": "0", "high": "1"}), ("types/remove", {"name": "Classification"})):
        answer = s.post(f"{demo.url}/endpoints/{path}", data={"csrf": "0" * 32, **fields}, timeout=60, allow_redirects=False)
        assert answer.status_code == 403
    assert "Classification" in s.get(demo.url + "/endpoints", timeout=60).text


PAGES = {
    "costs": "/costs", "costs-pairs": "/costs?by=team,model&columns=calls,totalTokens,listCost,costPerRequest", "costs-empty": "/costs?model=none-such",
    "costs-tokens": "/costs?by=endpoint&measure=totalTokens&range=90d", "teams": "/teams", "team": "/teams/Support", "unallocated": "/teams/-",
    "teams-empty": "/teams?model=none-such", "users": "/users", "users-empty": "/users?model=none-such", "endpoints": "/endpoints",
    "endpoints-empty": "/endpoints?model=none-such", "overview": "/",
}


@pytest.mark.parametrize("dark,width", FORMS)
def test_no_page_scrolls_sideways_and_each_reads_without_script(demo, browser, plain, dark, width):
    browser = plain if dark else browser
    with browser.seen(dark, width):
        look_through(browser, dark, width)


def look_through(browser, dark, width):
    name = f"{'dark' if dark else 'light'}-{width}"
    used = {}
    for page, path in PAGES.items():
        browser.open(path)
        used[page] = browser.driver.execute_script("return document.documentElement.scrollWidth")
        assert browser.driver.find_elements(By.CSS_SELECTOR, "main h1"), path
        assert "could not be shown" not in browser.text, (path, browser.text)
        if SHOTS:
            browser.screenshot(os.path.join(SHOTS, f"{page}-{name}.png"))
            height = browser.driver.execute_script("return document.documentElement.scrollHeight")
            if height > 900:
                browser.take_form(dark, width, min(height, 3000))
                browser.screenshot(os.path.join(SHOTS, f"{page}-{name}-whole.png"))
                browser.take_form(dark, width, 900)
    assert {page: wide for page, wide in used.items() if wide > width} == {}


def test_keys_lead_to_the_pages(browser):
    from selenium.webdriver.common.action_chains import ActionChains
    import time
    for key, path in (("c", "/costs"), ("e", "/teams"), ("u", "/users"), ("t", "/traces"), ("o", "/")):
        browser.open("/connect")
        ActionChains(browser.driver).send_keys("g").send_keys(key).perform()
        deadline = time.time() + 60
        while re.sub(r"\?.*", "", browser.driver.current_url.removeprefix(browser.url)) != path:
            assert time.time() < deadline, (key, browser.driver.current_url)
            time.sleep(0.05)
