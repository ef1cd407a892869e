"""What a finance person does with the demo: opens last month's report, traces a line to its calls, downloads it in forms that agree, closes
the month, and sees a later correction as a line of its own. And who owns what: teams, rules with their preview, groups, dimensions."""
import csv
import io
import os
import re
import subprocess
import uuid
import zipfile
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from urllib.parse import quote
from xml.etree import ElementTree

import pytest
import requests
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import Select

from browser import FORMS, Browser
from traffic import span, wait_until

pytestmark = pytest.mark.pages

SHOTS = os.environ.get("QUIPU_SCREENSHOTS")
NOW = datetime.now(timezone.utc)
THIS = NOW.strftime("%Y-%m")
LAST = (NOW.replace(day=1) - timedelta(days=1)).strftime("%Y-%m")
LAST_NAME = (NOW.replace(day=1) - timedelta(days=1)).strftime("%B %Y")
# The first days of a month wait for late calls of the one before.
ripe = pytest.mark.skipif(NOW.day < 5, reason="last month still waits for late calls")


@pytest.fixture(scope="module")
def demo(start):
    return start("demo")


@pytest.fixture(scope="module")
def browser(demo):
    browser = Browser(demo.url)
    browser.sign_in(demo.email, demo.password)
    yield browser
    browser.close()


def session(browser):
    """The signed-in person without the browser."""
    session = requests.Session()
    for cookie in browser.driver.get_cookies():
        session.cookies.set(cookie["name"], cookie["value"])
    return session


def shot(browser, name):
    if SHOTS:
        browser.screenshot(os.path.join(SHOTS, name + ".png"))


def field(browser, name, value, form=""):
    element = browser.driver.find_element(By.CSS_SELECTOR, f"{form} [name='{name}']")
    if element.tag_name == "select":
        Select(element).select_by_visible_text(value)
    elif element.get_attribute("type") in ("date", "month"):
        browser.driver.execute_script("arguments[0].value = arguments[1]", element, value)
    else:
        element.clear()
        element.send_keys(value)


def press(browser, words):
    browser.press(By.XPATH, f"//button[starts-with(normalize-space(.), '{words}')]")


def download(demo, browser, query):
    answer = session(browser).get(demo.url + "/reports/allocation/file?" + query, timeout=150)
    assert answer.status_code == 200 and "attachment" in answer.headers["content-disposition"], answer.text[:300]
    return answer


def workbook(data):
    """Rows of the first sheet that has a line column, as texts."""
    names = {"m": "http://schemas.openxmlformats.org/spreadsheetml/2006/main"}
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        strings = []
        if "xl/sharedStrings.xml" in archive.namelist():
            strings = ["".join(t.itertext()) for t in ElementTree.fromstring(archive.read("xl/sharedStrings.xml")).findall("m:si", names)]
        for sheet in sorted(n for n in archive.namelist() if n.startswith("xl/worksheets/sheet")):
            rows = []
            for row in ElementTree.fromstring(archive.read(sheet)).iter("{%s}row" % names["m"]):
                cells = {}
                for cell in row.findall("m:c", names):
                    column = re.match("[A-Z]+", cell.get("r")).group()
                    value = cell.find("m:v", names)
                    text = "".join(cell.find("m:is", names).itertext()) if cell.get("t") == "inlineStr" else value.text if value is not None else ""
                    cells[column] = strings[int(text)] if cell.get("t") == "s" else text
                rows.append(cells)
            heads = [i for i, r in enumerate(rows) if "Line" in r.values() and "Effective cost" in r.values()]
            if heads:
                head = rows[heads[0]]
                return [{head[c]: v for c, v in r.items() if c in head} for r in rows[heads[0] + 1:]]
    raise AssertionError("no sheet of lines")


def numbers(demo, browser, query):
    """Effective cost by line in each of the four forms, exact where a form has it."""
    as_json = download(demo, browser, "format=json&" + query).json()
    rows = list(csv.DictReader(io.StringIO(download(demo, browser, "format=csv&" + query).content.decode())))
    focus = list(csv.DictReader(io.StringIO(download(demo, browser, "format=focus&" + query).content.decode())))
    sheet = workbook(download(demo, browser, "format=xlsx&" + query).content)
    return as_json, rows, focus, sheet


def cents(text):
    return Decimal(text).quantize(Decimal("0.01"))


def test_last_months_report_shows_every_team_and_unallocated(demo, browser):
    browser.open("/reports/allocation")
    assert LAST_NAME in browser.text and "Booked month" in browser.text
    report = download(demo, browser, "format=json&month=" + LAST).json()
    names = {line["team"] for line in report["lines"] if line["line"] == "team"}
    assert {"Search", "Growth", "Support", "Platform"} <= names
    rows = [e.text for e in browser.driver.find_elements(By.CSS_SELECTOR, ".ledger tbody tr th a.row")]
    # A team without calls of its own is there for its part of shared costs.
    names |= {line["team"] for line in report["lines"] if line["line"] in ("shared", "adjustment")}
    assert set(rows) == names | {"Unallocated"} and rows[0] == "Unallocated"
    assert "CC-410" in browser.text and "why" in browser.text
    total = browser.driver.find_element(By.CSS_SELECTOR, ".report-total .figure").text
    assert Decimal(total.replace("$", "").replace(",", "")) == cents(report["total"]["effectiveCost"])
    foot = browser.driver.find_element(By.CSS_SELECTOR, ".ledger tfoot")
    own = [line for line in report["lines"] if line["line"] in ("team", "unallocated")]
    # Calls stand beside their own cost; those of corrections are in the table of corrections.
    assert f"{sum(int(line['calls']) for line in own):,}" in foot.text
    priced = sum(int(line["calls"]) - int(line["unpricedCalls"]) for line in own)
    each = sum(Decimal(line["effectiveCostExact"]) for line in own) / priced
    assert abs(Decimal(report["total"]["costPerCall"]) - each) < Decimal("1e-11")
    shot(browser, "report-1280")


def test_a_declared_dimension_has_the_same_name_everywhere(demo, browser):
    query = f"month={LAST}&view=usageMonth&breakdown=metadata.customer"
    report = download(demo, browser, "format=json&" + query).json()
    mine = [line for line in report["lines"] if line["line"] in ("team", "unallocated") and line["metadata.customer"]]
    customer = mine[0]["metadata.customer"]
    cost = sum(Decimal(line["effectiveCostExact"]) for line in mine if line["metadata.customer"] == customer)
    kept = download(demo, browser, f"format=json&month={LAST}&view=usageMonth&metadata.customer={quote(customer)}").json()
    assert 0 < cost == Decimal(kept["total"]["effectiveCostExact"]) < Decimal(report["total"]["effectiveCostExact"])
    assert b"metadata_customer" in download(demo, browser, "format=csv&" + query).content.split(b"\r\n")[0]
    browser.open("/reports/allocation?" + query)
    assert customer in browser.text
    wrong = session(browser).get(demo.url + f"/reports/allocation/file?format=json&month={LAST}&metadata.nothing=x", timeout=60)
    assert wrong.status_code == 400 and "metadata.customer" in wrong.text


def test_a_line_leads_down_to_its_calls(demo, browser):
    browser.open("/reports/allocation")
    browser.press(By.LINK_TEXT, "Search")
    assert "team=Search" in browser.driver.current_url and "breakdown=project" in browser.driver.current_url
    browser.press(By.LINK_TEXT, "endpoint")
    part = browser.driver.find_elements(By.CSS_SELECTOR, ".ledger tr.part")[0]
    calls = int(part.find_element(By.CSS_SELECTOR, "td").text.replace(",", ""))
    endpoint = part.find_element(By.CSS_SELECTOR, "a.row").text
    report = download(demo, browser, f"format=json&month={LAST}&team=Search&breakdown=endpoint").json()
    line = next(line for line in report["lines"] if line.get("endpoint") == endpoint and line["team"] == "Search")
    assert int(line["calls"]) == calls
    browser.press(By.CSS_SELECTOR, ".ledger tr.part td a")
    assert "/traces?" in browser.driver.current_url and "team=Search" in browser.driver.current_url
    rows = browser.driver.find_elements(By.CSS_SELECTOR, ".traces tbody a.row, .rows tbody a.row")
    assert rows
    browser.press(By.CSS_SELECTOR, ".rows tbody a.row")
    assert "/traces/" in browser.driver.current_url and endpoint in browser.text


@pytest.mark.at_root
@pytest.mark.parametrize("query", [f"month={LAST}", f"month={LAST}&view=usageMonth", f"month={LAST}&team=Search", f"month={LAST}&breakdown=model"])
def test_four_forms_agree_and_add_up(demo, browser, query):
    report, rows, focus, sheet = numbers(demo, browser, query)
    total = Decimal(report["total"]["effectiveCostExact"])
    assert total > 0 and sum(Decimal(line["effectiveCostExact"]) for line in report["lines"]) == total
    assert sum(Decimal(line["effectiveCost"]) for line in report["lines"]) == Decimal(report["total"]["effectiveCost"]) == cents(report["total"]["effectiveCost"])
    assert [row["effective_cost"] for row in rows if row["line"]] == [line["effectiveCost"] for line in report["lines"]] + [report["total"]["effectiveCost"]]
    printed = [cents(row["Effective cost"]) for row in sheet if row.get("Line") in ("team", "unallocated", "shared", "adjustment", "total")]
    if "breakdown" not in query:
        assert printed == [Decimal(line["effectiveCost"]) for line in report["lines"]] + [Decimal(report["total"]["effectiveCost"])]
    assert printed[-1] == Decimal(report["total"]["effectiveCost"])
    # FOCUS books cents: what rounding made is a row of its own.
    assert sum(Decimal(row["EffectiveCost"]) for row in focus) == Decimal(report["total"]["effectiveCost"])
    assert sum(int(row["x_RequestCount"]) for row in focus) == int(report["total"]["calls"])


@pytest.mark.at_root
def test_excel_in_europe_gets_its_own_csv(demo, browser):
    text = download(demo, browser, f"format=csv&dialect=excel&month={LAST}").content
    assert text.startswith(b"\xef\xbb\xbf") and b";" in text.split(b"\r\n")[0]


def test_a_wrong_month_is_a_sentence_beside_the_picker(demo, browser):
    browser.open("/reports/allocation?month=2026-13")
    assert browser.driver.find_element(By.CSS_SELECTOR, ".notice.error").text.startswith("Not done.") and "2026-13" in browser.text


def test_a_shared_cost_is_previewed_saved_and_adds_up(demo, browser):
    browser.open("/reports/pools")
    browser.press(By.LINK_TEXT, "Add a shared cost")
    field(browser, "name", "GPU node a100-1")
    field(browser, "purchase", "reserved")
    field(browser, "basis", "an hour")
    field(browser, "rate", "2.50")
    field(browser, "hours", "720.25")
    press(browser, "Preview the split")
    assert "Nothing is saved yet" in browser.text and ("$1,800.62" in browser.text or "$1,800.63" in browser.text)
    parts = [e.text for e in browser.driver.find_elements(By.CSS_SELECTOR, ".preview tbody td:last-child")]
    assert sum(Decimal(p.replace("$", "").replace(",", "")) for p in parts) in (Decimal("1800.62"), Decimal("1800.63"))
    shot(browser, "pool-preview")
    # What was typed is still there.
    field(browser, "hours", "no hours")
    press(browser, "Save")
    assert "Not done." in browser.text and browser.driver.find_element(By.NAME, "hours").get_attribute("value") == "no hours"
    field(browser, "hours", "720.25")
    press(browser, "Save")
    assert "GPU node a100-1" in browser.text and browser.driver.current_url.endswith("/reports/pools")
    report = download(demo, browser, "format=json&month=" + THIS).json()
    shared = [line for line in report["lines"] if line["line"] == "shared" and line["pool"] == "GPU node a100-1"]
    assert sum(Decimal(line["effectiveCostExact"]) for line in shared) == Decimal("1800.625")
    assert shared and all(line["allocationMethod"] == "PROPORTIONAL_COST" for line in shared)
    browser.open(f"/reports/allocation?month={THIS}")
    assert "PROPORTIONAL_COST" in browser.text
    shot(browser, "report-shared")


@ripe
def test_closing_names_the_month_freezes_it_and_proves_it(demo, browser):
    browser.open("/reports/statements")
    browser.press(By.LINK_TEXT, LAST_NAME)
    # Earlier months are closed first.
    for month in earlier_open(demo, browser):
        close(browser, month)
    browser.open("/reports/statements/" + LAST)
    assert "Ready to close." in browser.text and "are frozen as the lines below" in browser.text
    field(browser, "confirm", "october")
    field(browser, "comment", "Approved by Grace")
    press(browser, "Close ")
    assert "Not done." in browser.text and browser.driver.find_element(By.NAME, "comment").get_attribute("value") == "Approved by Grace"
    before = download(demo, browser, "format=json&month=" + LAST).json()["total"]
    close(browser, LAST, "Approved by Grace")
    assert "Closed" in browser.text and "Approved by Grace" in browser.text and demo.email in browser.text
    digest = browser.driver.find_element(By.CSS_SELECTOR, ".proof code").text
    assert re.fullmatch("[0-9a-f]{64}", digest)
    browser.press(By.LINK_TEXT, "Verify")
    assert "It matches." in browser.text
    shot(browser, "statement-closed")
    after = download(demo, browser, "format=json&month=" + LAST).json()
    assert after["total"]["effectiveCostExact"] == before["effectiveCostExact"]
    browser.open("/reports/allocation?month=" + LAST)
    assert "SHA-256" in browser.text and digest[:12] in browser.text


def earlier_open(demo, browser):
    browser.open("/reports/statements")
    links = [e.get_attribute("href").rsplit("/", 1)[1] for e in browser.driver.find_elements(By.CSS_SELECTOR, ".statements tbody tr:has(.amber) a.row")]
    return sorted(month for month in links if month < LAST)


def close(browser, month, comment=""):
    browser.open("/reports/statements/" + month)
    field(browser, "confirm", month)
    field(browser, "comment", comment)
    press(browser, "Close ")
    assert browser.driver.find_elements(By.CSS_SELECTOR, ".proof code"), browser.text


@ripe
def test_a_later_call_of_a_closed_month_is_a_correction_of_its_own(demo, browser):
    frozen = download(demo, browser, "format=json&month=" + LAST).json()
    late = span(uuid.uuid4().hex, "late call")
    start = int(datetime.strptime(LAST + "-15", "%Y-%m-%d").replace(tzinfo=timezone.utc).timestamp() * 10**9)
    late["startTimeUnixNano"], late["endTimeUnixNano"] = str(start), str(start + 10**9)
    body = {"resourceSpans": [{"resource": {}, "scopeSpans": [{"scope": {"name": "test"}, "spans": [late]}]}]}
    assert requests.post(demo.url + "/v1/traces", json=body, auth=demo.auth, timeout=60).status_code == 200
    demo.wait_until_folded()

    def corrections():
        report = download(demo, browser, "format=json&month=" + THIS).json()
        return [line for line in report["lines"] if line["line"] == "adjustment" and line["correctionOf"] == LAST]

    wait_until(lambda: sum(Decimal(line["effectiveCostExact"]) for line in corrections()) == Decimal("0.00021"))
    # The closed month stays, in the books; its ledger does not.
    again = download(demo, browser, "format=json&month=" + LAST).json()
    assert again["lines"] == frozen["lines"]
    usage = download(demo, browser, f"format=json&month={LAST}&view=usageMonth").json()
    browser.open("/reports/allocation?month=" + THIS)
    section = browser.driver.find_element(By.ID, "corrections")
    assert LAST_NAME in section.text and "$0.0002100" in section.text
    link = section.find_element(By.CSS_SELECTOR, "a[href*='/traces?']").get_attribute("href")
    assert f"from={LAST}-01" in link and "team=" in link
    shot(browser, "report-correction")
    focus = list(csv.DictReader(io.StringIO(download(demo, browser, "format=focus&month=" + THIS).content.decode())))
    assert [row for row in focus if row["ChargeClass"] == "Correction" and row["x_CorrectedMonth"] == LAST]
    browser.open("/reports/allocation?month=" + LAST)
    assert "came after the close" in browser.text
    assert "less changes that are not posted yet" in browser.text and usage["total"]["effectiveCostExact"] != again["total"]["effectiveCostExact"]


def test_a_large_export_is_made_in_the_background(demo, browser):
    browser.open("/reports/exports")
    press(browser, "Start")
    wait_until(lambda: (browser.open("/reports/exports"), browser.driver.find_elements(By.LINK_TEXT, "Download"))[1])
    shot(browser, "exports-done")
    link = browser.driver.find_element(By.LINK_TEXT, "Download").get_attribute("href")
    made = session(browser).get(link, timeout=60)
    direct = download(demo, browser, f"format=focus&month={LAST}")
    stamp = lambda text: [{k: v for k, v in row.items() if k != "x_GeneratedAt"} for row in csv.DictReader(io.StringIO(text))]
    assert stamp(made.content.decode()) == stamp(direct.content.decode())
    press(browser, "Remove")
    assert not browser.driver.find_elements(By.LINK_TEXT, "Download")


def test_a_team_gets_its_books(demo, browser):
    browser.open("/settings/teams")
    browser.press(By.LINK_TEXT, "Add a team")
    field(browser, "name", "Search")
    press(browser, "Save team")
    assert "Not done." in browser.text and "Search" in browser.driver.find_element(By.NAME, "name").get_attribute("value")
    field(browser, "name", "Research")
    field(browser, "costCentre", "CC-900")
    field(browser, "glAccount", "6400")
    field(browser, "owner", "Mae Jemison")
    field(browser, "parent", "Platform")
    press(browser, "Save team")
    assert "CC-900" in browser.text and "Mae Jemison" in browser.text
    shot(browser, "settings-teams")


def test_a_rule_is_previewed_saved_moved_and_run_over_the_past(demo, browser):
    browser.open("/settings/rules/new")
    field(browser, "name", "Chats are research")
    field(browser, "field.0", "project")
    field(browser, "match.0", "is not")
    field(browser, "values.0", "none-such")
    field(browser, "team", "Research")
    press(browser, "Preview")
    words = browser.driver.find_element(By.CSS_SELECTOR, ".verdict").text
    assert "would belong to another team" in words and "Research" in browser.text, browser.text
    shot(browser, "rule-preview")
    press(browser, "Save rule")
    rows = [e.text for e in browser.driver.find_elements(By.CSS_SELECTOR, ".rules tbody th a.row")]
    assert rows[-1] == "Chats are research"
    browser.press(By.XPATH, "(//button[@value='up'])[last()]")
    rows = [e.text for e in browser.driver.find_elements(By.CSS_SELECTOR, ".rules tbody th a.row")]
    assert rows.index("Chats are research") == len(rows) - 2
    shot(browser, "rules")
    # A few days of the closed month are enough.
    start = (NOW.replace(day=1) - timedelta(days=3)).strftime("%Y-%m-%d")
    # On a busy machine it may take longer than a page waits for.
    wait_until(lambda: (browser.open(f"/settings/rules/rerun/new?from={start}&reason=Research+owns+search&dry=1"), "would change" in browser.text)[1])
    assert "Research" in browser.text
    if NOW.day >= 5:
        assert "Corrections of closed months" in browser.text and LAST_NAME in browser.text
    shot(browser, "reattribution-dry")
    press(browser, "Re-attribute ")
    wait_until(lambda: (browser.driver.refresh(), "Done." in browser.text)[1], seconds=300)
    shot(browser, "reattribution-done")
    demo.wait_until_folded()
    report = download(demo, browser, f"format=json&month={LAST}&view=usageMonth").json()
    assert any(line["team"] == "Research" and Decimal(line["effectiveCostExact"]) > 0 for line in report["lines"])
    # Nothing is left to do: a second look says so.
    browser.open(f"/settings/rules/rerun/new?from={start}&dry=1")
    assert "Nothing would change." in browser.text


def test_a_dimension_counts_from_its_declaration(demo, browser):
    browser.open("/settings/dimensions")
    assert "Customer" in browser.text and "count from the declaration" in browser.text
    field(browser, "key", "tenant")
    field(browser, "label", "Tenant")
    press(browser, "Declare")
    assert "rules and reports, dimension 2" in browser.text
    shot(browser, "dimensions")


def test_groups_are_filled_by_a_file_line_by_line(demo, browser):
    browser.open("/settings/groups")
    browser.driver.find_element(By.NAME, "text").send_keys("user,group\nada,Partners\ngrace\n")
    press(browser, "Upload")
    assert "1 users are new" in browser.text and "Partners" in browser.text and "1 lines not taken" in browser.text
    browser.driver.find_element(By.NAME, "text").send_keys("no header")
    press(browser, "Upload")
    assert "Not done." in browser.text and browser.driver.find_element(By.NAME, "text").get_attribute("value") == "no header"
    shot(browser, "groups")


def test_a_form_from_elsewhere_changes_nothing(demo, browser):
    for path, fields in {
        "/reports/pools": {"name": "x"}, f"/reports/statements/{LAST}/close": {"confirm": LAST}, "/settings/teams": {"name": "x"},
        "/settings/rules": {"name": "x"}, "/settings/groups": {"name": "x"}, "/settings/dimensions": {"key": "x"}, "/reports/exports": {"month": LAST},
    }.items():
        assert session(browser).post(demo.url + path, data={"csrf": "0" * 32, **fields}, timeout=60, allow_redirects=False).status_code == 403, path


@pytest.mark.at_root
def test_the_report_prints_as_a_document(demo, browser):
    import base64
    browser.open(f"/reports/allocation?month={LAST}")
    printed = base64.b64decode(browser.driver.execute_cdp_cmd("Page.printToPDF", {"preferCSSPageSize": True})["data"])
    folder = SHOTS or demo.folder
    path = os.path.join(folder, "report.pdf")
    os.makedirs(folder, exist_ok=True)
    with open(path, "wb") as f:
        f.write(printed)
    done = subprocess.run(["pdftotext", "-layout", path, "-"], capture_output=True, text=True)
    if done.returncode != 0:
        pytest.skip("pdftotext is not installed")
    for words in ("Cost allocation by team", LAST_NAME, "Unallocated", "Search", "Total", "Approved by"):
        assert words in done.stdout, done.stdout
    assert "Download" not in done.stdout and "Settings" not in done.stdout


@pytest.mark.parametrize("dark,width", FORMS)
def test_no_report_or_settings_page_scrolls_sideways(browser, dark, width):
    used = {}
    pages = {
        "allocation": "/reports/allocation", "allocation-model": f"/reports/allocation?month={LAST}&breakdown=model", "allocation-now": f"/reports/allocation?month={THIS}",
        "allocation-empty": "/reports/allocation?month=2019-01&view=usageMonth", "statements": "/reports/statements", "statement": f"/reports/statements/{LAST}",
        "pools": "/reports/pools", "pool-new": "/reports/pools/new", "exports": "/reports/exports", "teams": "/settings/teams", "team-new": "/settings/teams/new",
        "rules": "/settings/rules", "rule-new": "/settings/rules/new", "rerun": "/settings/rules/rerun", "rerun-new": "/settings/rules/rerun/new",
        "dimensions": "/settings/dimensions", "groups": "/settings/groups",
    }
    browser.driver.get_log("browser")
    with browser.seen(dark, width):
        for page, path in pages.items():
            browser.open(path)
            assert "Something" not in browser.text, page
            used[page] = browser.driver.execute_script("return document.documentElement.scrollWidth")
            shot(browser, f"live-{page}-{'dark' if dark else 'light'}-{width}")
            errors = [e for e in browser.driver.get_log("browser") if e["level"] == "SEVERE"]
            assert errors == [], (page, errors)
    assert {page: wide for page, wide in used.items() if wide > width} == {}
