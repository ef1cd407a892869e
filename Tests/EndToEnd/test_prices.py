"""Prices by hand: an unpriced model of the demo gets a price by two clicks, a re-pricing agrees on page, API and database to the last
digit, files come and go, and every page reads."""
import os
import pathlib
import re
import subprocess
import time
import uuid
from decimal import Decimal

import pytest
import requests
from selenium.webdriver.common.by import By

from browser import Browser
from traffic import span, wait_until

pytestmark = pytest.mark.pages

SHOTS = os.environ.get("QUIPU_SCREENSHOTS")
BINARIES = os.environ.get("QUIPU_POSTGRES_BIN", "/usr/lib/postgresql/15/bin")


SINCE = time.strftime("%Y-%m-%d", time.gmtime(time.time() - 75 * 86400))
# Thousands of calls, but not all of the demo.
RECENT = time.strftime("%Y-%m-%d", time.gmtime(time.time() - 20 * 86400))


def command(quipu, *arguments, check=True):
    done = subprocess.run([quipu.binary, *arguments], env=quipu.environment, capture_output=True, text=True, timeout=600)
    assert done.returncode == 0 or not check, done.stderr + done.stdout
    return done


def sql(quipu, statement):
    """One value, from the private cluster's own socket."""
    folder = quipu.folder + "/data/postgres"
    with open(folder + "/postmaster.pid") as f:
        lines = f.read().split("\n")
    user = os.stat(folder).st_uid
    done = subprocess.run(
        [BINARIES + "/psql", "-h", lines[4], "-p", lines[3], "-U", "quipu", "-d", "quipu", "-Atc", statement],
        capture_output=True, text=True, timeout=180, user=user if os.getuid() == 0 else None)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@pytest.fixture(scope="module")
def demo(start):
    service = start("demo")
    printed = command(service, "keys", "create", "--name", "prices", "--scopes", "read,ingest,admin").stdout
    service.admin = (re.search(r"public key\s+(\S+)", printed).group(1), re.search(r"secret key\s+(\S+)", printed).group(1))
    return service


@pytest.fixture(scope="module")
def browser(demo):
    browser = Browser(demo.url)
    browser.sign_in(demo.email, demo.password)
    yield browser
    browser.close()


def api(quipu, method, path, status=200, **more):
    answer = requests.request(method, quipu.url + path, auth=quipu.admin, timeout=60, **more)
    assert answer.status_code == status, f"{path}: {answer.status_code} {answer.text[:500]}"
    return answer.json() if answer.content else None


def finished(quipu, number):
    wait_until(lambda: api(quipu, "GET", f"/api/v1/repricings/{number}")["state"] != "running")
    job = api(quipu, "GET", f"/api/v1/repricings/{number}")
    assert job["state"] == "finished", job
    quipu.wait_until_folded()
    return job


def exact(browser, name):
    """The exact amount that a re-pricing's page shows."""
    return Decimal(browser.driver.find_element(By.XPATH, f"//dt[.='{name}']/following-sibling::dd[1]").text.lstrip("$"))


def booked(quipu, model):
    """Calls of a model as sent: (count, cost, unpriced) of the rows themselves."""
    count, cost, unpriced = sql(
        quipu, f"select count(*), coalesce(sum(cost_pico), 0), count(*) filter (where cost_status in (2, 3)) from observations "
        f"where is_call and coalesce(response_model, request_model) = '{model}'").split("|")
    return int(count), Decimal(cost) / 10**12, int(unpriced)


def shot(browser, name):
    if SHOTS:
        browser.screenshot(os.path.join(SHOTS, name + ".png"))


def test_an_unpriced_model_of_the_demo_is_priced_by_two_clicks(demo, browser):
    model = "triage-gpt-4o-mini"
    count, _, unpriced = booked(demo, model)
    assert count > 100 and 0 < unpriced <= count
    browser.open("/prices/unpriced?range=90d")
    assert model in browser.text
    shot(browser, "unpriced-demo")
    browser.press(By.XPATH, f"//tr[contains(., '{model}')]//button[starts-with(., 'Price as gpt-4o-mini')]")
    assert f"{model} is priced as gpt-4o-mini" in browser.driver.page_source
    shot(browser, "dry-run-demo")
    before = int(sql(demo, "select count(*) from observations where is_call and cost_status in (2, 3)"))
    browser.press(By.XPATH, "//button[starts-with(., 'Re-price ')]")
    number = int(browser.driver.current_url.rsplit("/", 1)[1])
    job = finished(demo, number)
    browser.open(f"/prices/repricings/{number}")
    assert "Done." in browser.text
    shot(browser, "job-demo")
    assert job["changed"] == unpriced
    _, cost, left = booked(demo, model)
    assert left == 0 and cost > 0
    assert exact(browser, "Exact after") == Decimal(job["after"]) == cost - sum_before(demo, model)
    assert int(sql(demo, "select count(*) from observations where is_call and cost_status in (2, 3)")) == before - unpriced
    browser.open("/prices/unpriced?range=90d")
    assert model not in browser.text


def sum_before(quipu, model):
    """Cost of the model's calls that no re-pricing touched."""
    return Decimal(sql(
        quipu, f"select coalesce(sum(cost_pico), 0) from observations where is_call and first_cost_status is null "
        f"and coalesce(response_model, request_model) = '{model}'")) / 10**12


def test_a_price_of_ones_own_is_tried_saved_and_applied_with_totals_that_agree_to_the_last_digit(demo, browser):
    model = "intent-tagger-7b"
    browser.open("/prices/unpriced?range=90d")
    browser.press(By.XPATH, f"//tr[contains(., '{model}')]//a[.='Set price']")
    browser.driver.find_element(By.NAME, "price.input_mtok").send_keys("0.0437")
    browser.driver.find_element(By.NAME, "price.output_mtok").send_keys("0.1291")
    browser.press(By.XPATH, "//button[.='Try it on the last seven days']")
    assert "Tried on the last seven days" in browser.text and "Cost then" in browser.text
    shot(browser, "trial-demo")
    browser.driver.find_element(By.NAME, "source").send_keys("own cluster")
    browser.press(By.XPATH, "//button[.='Save price']")
    dry = api(demo, "POST", "/api/v1/repricings", json={"from": SINCE, "models": [model], "reason": "see"})
    browser.press(By.XPATH, "//button[starts-with(., 'Re-price ')]")
    job = finished(demo, int(browser.driver.current_url.rsplit("/", 1)[1]))
    browser.open("/prices/repricings/" + str(job["id"]))
    count, cost, left = booked(demo, model)
    assert left == 0 and job["changed"] == dry["total"]["changed"]
    # Page, API, dry run and database.
    assert exact(browser, "Exact after") == Decimal(job["after"]) == Decimal(dry["total"]["after"]) - sum_before(demo, model)
    assert Decimal(dry["total"]["after"]) == cost
    by_hand = sql(demo, f"select sum(coalesce(usage_input, 0) * 43700 + coalesce(usage_output, 0) * 129100) from observations where is_call "
                        f"and cost_status = 1 and response_model = '{model}'")
    assert Decimal(by_hand) / 10**12 == cost


def test_rollups_page_and_api_agree_with_the_rows_after_re_pricing(demo, browser):
    total = total_by_api(demo)
    rows = Decimal(sql(demo, "select sum(cost_pico) from observations where is_call")) / 10**12
    hours = Decimal(sql(demo, "select sum(cost_pico) from spend_hour")) / 10**12
    assert rows == hours == total
    browser.open("/?range=90d")
    titles = [e.get_attribute("title") for e in browser.driver.find_elements(By.CSS_SELECTOR, ".tile.main .figure [title], .tile .figure [title]")]
    assert any(Decimal(t.lstrip("$")) == rows for t in titles if t and t.startswith("$")), (titles, rows)


def total_by_api(quipu):
    """The API's keys see one project each: the projects' totals add up."""
    total = Decimal(0)
    for project in ("default", "storefront", "helpdesk"):
        printed = command(quipu, "keys", "create", "--name", "reader " + project, "--project", project, "--scopes", "read").stdout
        secret = re.search(r"secret key\s+(\S+)", printed).group(1)
        public = re.search(r"public key\s+(\S+)", printed).group(1)
        day = lambda days: time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + days * 86400))
        report = requests.get(
            quipu.url + "/api/v1/costs", params={"from": day(-70), "to": day(1)}, auth=(public, secret), timeout=60).json()
        total += Decimal(report["total"]["cost"] or 0)
    return total


@pytest.mark.at_root
def test_re_pricing_there_and_back_restores_every_digit(demo):
    fingerprint = "select md5(string_agg(id::text || ':' || coalesce(cost_pico::text, '-'), ',' order by trace_id, id)) from observations"
    before = sql(demo, fingerprint)
    term = api(demo, "POST", "/api/v1/prices", 201, json={"kind": "term", "provider": "openai", "factor": "0.85", "source": "contract"})
    there = api(demo, "POST", "/api/v1/repricings", 202, json={"from": RECENT, "reason": "contract", "dryRun": False})
    there = finished(demo, there["id"])
    assert Decimal(there["after"]) < Decimal(there["before"]) and sql(demo, fingerprint) != before
    api(demo, "DELETE", f"/api/v1/prices/term/{term['id']}", 204)
    back = api(demo, "POST", "/api/v1/repricings", 202, json={"from": RECENT, "reason": "no contract", "dryRun": False})
    back = finished(demo, back["id"])
    assert sql(demo, fingerprint) == before
    assert (back["before"], back["after"]) == (there["after"], there["before"])
    assert total_by_api(demo) == Decimal(sql(demo, "select sum(cost_pico) from observations where is_call")) / 10**12


def test_a_cost_explains_itself_on_its_page_and_in_the_api(demo, browser):
    trace = uuid.uuid4().hex
    assert requests.post(
        demo.url + "/v1/traces", json={"resourceSpans": [{"resource": {}, "scopeSpans": [{"scope": {"name": "test"}, "spans": [span(trace)]}]}]},
        auth=demo.admin, timeout=60).status_code == 200
    call = api(demo, "GET", f"/api/v1/traces/{trace}")["observations"][0]
    why = api(demo, "GET", f"/api/v1/observations/{call['id']}/cost", params={"trace": trace})
    assert why["cost"] == why["effective"] == why["contracted"] == "0.00021" and why["account"]["agrees"]
    assert why["account"]["price"]["provider"] == "openai" and why["account"]["price"]["model"] == "gpt-4o-mini"
    assert why["usage"]["buckets"] == {"input": 1000, "output": 100} and why["usage"]["rule"]
    assert sum(Decimal(line["contracted"]) for line in why["account"]["lines"]) == Decimal(why["cost"])
    # A new price leaves what is booked, and the page says so.
    listing = api(demo, "POST", "/api/v1/prices", 201, json={
        "kind": "listing", "provider": "openai", "pattern": "gpt-4o-mini", "prices": {"input_mtok": "1", "output_mtok": "2"}, "source": "contract"})
    why = api(demo, "GET", f"/api/v1/observations/{call['id']}/cost", params={"trace": trace})
    assert why["cost"] == "0.00021" and why["account"]["cost"] == "0.0012" and not why["account"]["agrees"]
    assert why["account"]["price"]["own"] == listing["id"]
    browser.open(f"/project/default/traces/{trace}?observation={call['id']}")
    assert "Prices changed since." in browser.text and "$0.0002100" in browser.text
    # The same span again keeps what was booked; a new one is priced by the new row.
    again = uuid.uuid4().hex
    assert requests.post(
        demo.url + "/v1/traces", json={"resourceSpans": [{"resource": {}, "scopeSpans": [{"scope": {"name": "test"}, "spans": [span(again)]}]}]},
        auth=demo.admin, timeout=60).status_code == 200
    assert api(demo, "GET", f"/api/v1/traces/{again}")["observations"][0]["cost"] == "0.0012"
    assert api(demo, "GET", f"/api/v1/traces/{trace}")["observations"][0]["cost"] == "0.00021"
    api(demo, "DELETE", f"/api/v1/prices/listing/{listing['id']}", 204)


def test_prices_come_and_go_by_file_on_page_api_and_command_line(demo, browser):
    exported = requests.get(demo.url + "/api/v1/prices/export", auth=demo.admin, timeout=60)
    assert exported.status_code == 200 and "intent-tagger-7b" in exported.text and "attachment" in exported.headers["content-disposition"]
    again = api(demo, "POST", "/api/v1/prices/import?format=quipu&dryRun=0", data=exported.content)
    assert again["added"]["listings"] == [] and again["kept"] >= 2
    table = "provider,match,pattern,input_mtok,output_mtok,source\nacme,prefix,acme-,1,2,list\nacme,exact,broken,free,2,list\n"
    # Commands give up root: the file lies where the service's user may read.
    file = pathlib.Path(demo.folder) / "own.csv"
    file.write_text(table)
    file.chmod(0o644)
    dry = command(demo, "prices", "import", str(file)).stdout
    assert "would add" in dry and "not understood" in dry and "dry run" in dry
    browser.open("/prices/import")
    browser.driver.find_element(By.NAME, "file").send_keys(str(file))
    browser.press(By.XPATH, "//button[.='Dry run']")
    assert "1 added" in browser.text and "1 not understood" in browser.text, browser.text
    shot(browser, "import-demo")
    browser.press(By.XPATH, "//button[.='Import']")
    assert "They hold for calls from now on" in browser.text
    assert "acme" in command(demo, "prices", "list").stdout
    assert "acme" in command(demo, "prices", "export", "--format", "csv").stdout
    # Another price in its place, told alike before and after; then the old file brings the old price back.
    dearer = table.replace("acme-,1,2", "acme-,1 >200000:3,2")
    for text, line in [(dearer, "$1.00 becomes $1.00 ($3.00 over 200,000 tokens)"), (table, "$1.00 ($3.00 over 200,000 tokens) becomes $1.00")]:
        file.write_text(text)
        numbers = "0 added, 1 changed, 0 ended, 0 unchanged, 1 not understood"
        dry = command(demo, "prices", "import", str(file)).stdout
        assert "would change  acme prefix acme-: Input " + line in dry and numbers in dry, dry
        as_json = api(demo, "POST", "/api/v1/prices/import?format=csv&dryRun=1&source=own.csv", data=text)
        assert len(as_json["changed"]["listings"]) == 1 and as_json["added"]["listings"] == [] and as_json["kept"] == 0, as_json
        done = command(demo, "prices", "import", str(file), "--apply").stdout
        assert "changed  acme prefix acme-: Input " + line in done and numbers in done, done
        assert "0 added, 0 changed, 0 ended, 1 unchanged" in command(demo, "prices", "import", str(file)).stdout
    assert [p for p in api(demo, "GET", "/api/v1/prices")["listings"] if p["provider"] == "acme"][0]["prices"]["input_mtok"] == "1"
    assert "calls" in command(demo, "prices", "unpriced", "--days", "90").stdout or not api(demo, "GET", "/api/v1/prices/unpriced")["models"]


@pytest.mark.at_root
def test_the_command_line_dry_runs_and_applies(demo):
    printed = command(demo, "reprice", "--from", SINCE, "--model", "intent-tagger-7b", "--reason", "look").stdout
    assert "total  0 of" in printed and "dry run" in printed
    done = command(demo, "reprice", "--from", SINCE, "--model", "intent-tagger-7b", "--reason", "again", "--apply").stdout
    assert re.search(r"re-pricing \d+: 0 calls changed", done), done
    assert command(demo, "reprice", "--from", "yesterday", "--reason", "x", check=False).returncode != 0


@pytest.mark.at_root
def test_a_job_goes_on_after_a_restart(demo):
    # Calls of other tests were booked by prices that are gone.
    finished(demo, api(demo, "POST", "/api/v1/repricings", 202, json={"from": RECENT, "reason": "as of now", "dryRun": False})["id"])
    term = api(demo, "POST", "/api/v1/prices", 201, json={"kind": "term", "factor": "0.5", "source": "contract"})
    job = api(demo, "POST", "/api/v1/repricings", 202, json={"from": RECENT, "reason": "half", "dryRun": False})
    demo.kill()
    demo.start()
    job = finished(demo, job["id"])
    assert job["changed"] > 2000
    assert total_by_api(demo) == Decimal(sql(demo, "select sum(cost_pico) from observations where is_call")) / 10**12
    api(demo, "DELETE", f"/api/v1/prices/term/{term['id']}", 204)
    back = api(demo, "POST", "/api/v1/repricings", 202, json={"from": RECENT, "reason": "whole", "dryRun": False})
    assert finished(demo, back["id"])["after"] == job["before"]


@pytest.mark.at_root
def test_what_if_prices_real_calls_and_given_counts(demo):
    golden = [
        ({"users": 50, "callsPerDay": 20, "days": 30, "costPerCall": "0.1082"}, "3246"),
        ({"users": 50, "callsPerDay": 20, "days": 30, "costPerCall": "0.0136"}, "408"),
        ({"callsPerMinute": 30, "days": 30, "input": 150, "output": 45, "price": {"input_mtok": "10", "output_mtok": "30"}}, "3693.6"),
        ({"costPerHour": "38", "days": 30}, "27360"),
    ]
    for question, cost in golden:
        assert api(demo, "POST", "/api/v1/what-if", json=question)["cost"] == cost, question
    reader = {"toProvider": "openai", "toModel": "gpt-4o"}
    same = api(demo, "GET", "/api/v1/what-if", params={"model": "gpt-4o-mini"})["total"]
    dearer = api(demo, "GET", "/api/v1/what-if", params={"model": "gpt-4o-mini", **reader})["total"]
    assert same["calls"] == dearer["calls"] > 0 and same["then"] == same["now"]
    assert Decimal(dearer["then"]) > Decimal(same["now"]) and dearer["unpricedThen"] == 0
    api(demo, "GET", "/api/v1/what-if", 400, params={"toModle": "gpt-4o"})


def generation(quipu, usage, cost=None, model="claude-sonnet-4-5", **more):
    """One call sent to the batch protocol, and its row as the API tells it."""
    trace, now = uuid.uuid4().hex, time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime())
    body = {"id": trace[:16], "traceId": trace, "model": model, "startTime": now, "endTime": now, "usageDetails": usage, **more}
    if cost is not None:
        body["costDetails"] = {"total": cost}
    event = {"id": uuid.uuid4().hex, "timestamp": now, "type": "generation-create", "body": body}
    answer = requests.post(quipu.url + "/api/public/ingestion", json={"batch": [event]}, auth=quipu.admin, timeout=60)
    assert answer.status_code == 207 and not answer.json()["errors"], answer.text
    return api(quipu, "GET", f"/api/v1/traces/{trace}")["observations"][0]


def asked(quipu, environment, **target):
    return api(quipu, "GET", "/api/v1/what-if", params={"environment": environment, **target})


@pytest.mark.at_root
def test_what_if_keeps_what_a_call_was_said_to_cost(demo):
    said = "said-" + uuid.uuid4().hex[:8]
    generation(demo, {"input": 1000, "output": 100}, 5, model="gpt-4o", environment=said)
    # A trusted cost stays as long as model and price do; elsewhere it is computed.
    for target in ({}, {"toProvider": "openai", "toModel": "gpt-4o"}, {"toModel": "gpt-4o"}):
        total = asked(demo, said, **target)["total"]
        assert (total["now"], total["then"], total["difference"]) == ("5", "5", "0"), (target, total)
    total = asked(demo, said, toProvider="openai", toModel="gpt-4o-mini")["total"]
    assert (total["now"], total["then"], total["difference"]) == ("5", "0.00021", "-4.99979")
    assert asked(demo, said, toServiceTier="batch")["total"]["then"] == "0.00175"


def test_the_trial_of_a_price_leaves_what_a_call_was_said_to_cost(demo, browser):
    model = "said-" + uuid.uuid4().hex[:8]
    generation(demo, {"input": 1000, "output": 100}, 5, model=model)
    browser.open("/prices/new?pattern=" + model)
    browser.driver.find_element(By.NAME, "price.input_mtok").send_keys("1")
    browser.press(By.XPATH, "//button[.='Try it on the last seven days']")
    row = browser.driver.find_element(By.XPATH, f"//tr[contains(., '{model}')]").text
    assert row.count("$5") == 2, row


@pytest.mark.at_root
def test_what_if_leaves_calls_that_a_cache_of_the_framework_answered_at_zero(demo):
    place, trace = "cache-" + uuid.uuid4().hex[:8], uuid.uuid4().hex
    spans = [span(trace, **{"gen_ai.request.model": "gpt-4o-mini", "deployment.environment": place, "litellm.cache_hit": "True"})]
    body = {"resourceSpans": [{"resource": {"attributes": [{"key": "deployment.environment.name", "value": {"stringValue": place}}]},
                               "scopeSpans": [{"scope": {"name": "litellm"}, "spans": spans}]}]}
    assert requests.post(demo.url + "/v1/traces", json=body, auth=demo.admin, timeout=60).status_code == 200
    row = api(demo, "GET", f"/api/v1/traces/{trace}")["observations"][0]
    assert row["costStatus"] == "free" and row["cost"] == "0", row
    for target in ({}, {"toProvider": "anthropic", "toModel": "claude-sonnet-4-5"}, {"price.input_mtok": "1", "price.output_mtok": "1"}):
        total = asked(demo, place, **target)["total"]
        assert (total["calls"], total["now"], total["then"]) == (1, "0", "0"), (target, total)


@pytest.mark.at_root
def test_what_if_takes_cache_writes_as_input_where_they_have_no_price_and_says_so(demo):
    place = "writes-" + uuid.uuid4().hex[:8]
    generation(demo, {"input": 1000, "cache_creation_input_tokens": 2000, "output": 100}, environment=place)
    answer = asked(demo, place, toProvider="openai", toModel="gpt-4o")
    assert answer["total"]["then"] == "0.0085" and answer["total"]["unpricedThen"] == 0, answer
    assert answer["total"]["cacheWritesAsInput"] == 2000 and "gpt-4o has no price for cache writes" in answer["notes"][0]
    assert answer["total"]["difference"] is not None
    same = asked(demo, place)
    assert same["total"]["cacheWritesAsInput"] == 0 and same["notes"] == [] and same["total"]["difference"] == "0", same
    given = api(demo, "POST", "/api/v1/what-if", json={
        "calls": 1, "input": 1000, "cacheWrite": 2000, "output": 100, "toProvider": "openai", "toModel": "gpt-4o"})
    assert given["cost"] == "0.0085" and "cache writes" in given["notes"][0], given
    # A price that is not whole gives no difference, and says for how many calls.
    half = asked(demo, place, **{"price.output_mtok": "1"})
    assert half["total"]["difference"] is None and half["total"]["unpricedThen"] == 1 and "1 of 1 calls" in half["notes"][0], half


@pytest.mark.at_root
@pytest.mark.parametrize("question, missing", [
    ({"users": 50}, "callsPerDay"), ({"users": 50, "calls": 10, "input": 5}, "callsPerDay"), ({"days": 30}, "callsPerMinute"),
    ({"days": 30, "calls": 10, "costPerCall": "1"}, "callsPerDay"), ({"costPerCall": "0.1"}, "calls"), ({"hours": 5}, "costPerHour"),
    ({"input": 100, "output": 10}, "calls"), ({"calls": 5, "callsPerDay": 5, "costPerCall": "1"}, "callsPerDay"),
    ({"calls": 5, "costPerCall": "1", "from": "2026-01-01"}, "from")])
def test_a_number_that_nothing_is_made_of_is_refused_with_what_is_missing(demo, question, missing):
    assert missing in api(demo, "POST", "/api/v1/what-if", 400, json=question)["message"]


@pytest.mark.at_root
def test_an_entry_ends_at_a_time_and_what_is_no_parameter_is_refused(demo):
    term = api(demo, "POST", "/api/v1/prices", 201, json={"kind": "term", "provider": "acme", "factor": "0.5", "source": "contract"})
    path = f"/api/v1/prices/term/{term['id']}"
    for wrong in ("?at=", "?at=soon", "?when=2026-11-01", "?at=1800-01-01"):
        api(demo, "DELETE", path + wrong, 400)
    ended = api(demo, "DELETE", path + "?at=2026-11-01T00:00:00Z")
    assert ended["to"] == "2026-11-01T00:00:00Z" and ended["factor"] == "0.5" and ended["id"] != term["id"], ended
    found = [t for t in api(demo, "GET", "/api/v1/prices")["terms"] if t["provider"] == "acme"]
    assert [(t["id"], t["to"]) for t in found] == [(ended["id"], "2026-11-01T00:00:00Z")]
    api(demo, "DELETE", f"/api/v1/prices/term/{ended['id']}", 204)
    assert not [t for t in api(demo, "GET", "/api/v1/prices")["terms"] if t["provider"] == "acme"]
    api(demo, "DELETE", "/api/v1/prices/switch/openai?at=2026-11-01", 400)


def test_the_page_refuses_a_name_for_nothing(demo, browser):
    cookies = {c["name"]: c["value"] for c in browser.driver.get_cookies()}
    browser.open("/prices")
    token = browser.driver.find_element(By.NAME, "csrf").get_attribute("value")
    answer = requests.post(
        demo.url + "/prices/aliases", data={"csrf": token, "match": "exact", "pattern": "ours", "targetModel": "no-such-model"}, cookies=cookies,
        headers={"Origin": demo.url}, timeout=60)
    assert answer.status_code == 400 and "neither the catalogue nor a price of your own" in answer.text, answer.text[:300]


@pytest.mark.at_root
def test_a_name_may_only_stand_for_a_model_that_has_a_price(demo):
    def alias(status, **fields):
        return api(demo, "POST", "/api/v1/prices", status, json={"kind": "alias", "pattern": "ours-" + uuid.uuid4().hex[:6], **fields})
    assert "no-such-model" in alias(400, targetModel="no-such-model")["message"]
    alias(400, targetModel="no-such-model", targetProvider="openai")
    listing = api(demo, "POST", "/api/v1/prices", 201, json={
        "kind": "listing", "pattern": "no-such-model", "prices": {"input_mtok": "1"}, "source": "own"})
    made = [alias(201, targetModel="no-such-model"), alias(201, targetModel="gpt-4o-mini", targetProvider="openai")]
    for one in made:
        api(demo, "DELETE", f"/api/v1/prices/alias/{one['id']}", 204)
    api(demo, "DELETE", f"/api/v1/prices/listing/{listing['id']}", 204)


@pytest.mark.at_root
def test_an_observation_tells_list_contracted_and_first_charge(demo):
    listing = api(demo, "POST", "/api/v1/prices", 201, json={
        "kind": "listing", "provider": "openai", "pattern": "gpt-4o-mini", "prices": {"input_mtok": "0.1", "output_mtok": "0.1"}, "source": "contract"})
    trace = uuid.uuid4().hex
    body = {"resourceSpans": [{"resource": {}, "scopeSpans": [{"scope": {"name": "test"}, "spans": [span(trace)]}]}]}
    assert requests.post(demo.url + "/v1/traces", json=body, auth=demo.admin, timeout=60).status_code == 200
    row = api(demo, "GET", f"/api/v1/traces/{trace}")["observations"][0]
    assert (row["cost"], row["list"], row["contracted"], row["firstCharge"]) == ("0.00011", "0.00021", "0.00011", None), row
    api(demo, "DELETE", f"/api/v1/prices/listing/{listing['id']}", 204)
    day = time.strftime("%Y-%m-%d", time.gmtime(time.time() - 86400))
    job = api(demo, "POST", "/api/v1/repricings", 202, json={"from": day, "models": ["gpt-4o-mini"], "reason": "no contract", "dryRun": False})
    finished(demo, job["id"])
    row = api(demo, "GET", f"/api/v1/observations/{row['id']}", params={"trace": trace})
    assert (row["cost"], row["list"], row["contracted"]) == ("0.00021", None, "0.00021"), row
    assert row["firstCharge"] == {"status": "priced", "cost": "0.00011"}


def test_only_those_who_may_change_prices(demo, browser):
    weak = (demo.public_key, demo.secret_key)
    for method, path in [("POST", "/api/v1/prices"), ("DELETE", "/api/v1/prices/term/1"), ("POST", "/api/v1/prices/import"),
                         ("POST", "/api/v1/repricings"), ("GET", "/api/v1/repricings")]:
        assert requests.request(method, demo.url + path, auth=weak, json={}, timeout=60).status_code == 403, path
    assert requests.post(demo.url + "/prices/terms", data={"factor": "0"}, timeout=60, allow_redirects=False).status_code == 303
    cookies = {c["name"]: c["value"] for c in browser.driver.get_cookies()}
    for path in ("/prices/terms", "/prices/listings", "/prices/aliases", "/prices/switches", "/prices/remove", "/prices/repricings"):
        answer = requests.post(demo.url + path, data={"csrf": "0" * 32, "factor": "0"}, cookies=cookies, timeout=60)
        assert answer.status_code == 403, path


@pytest.mark.at_root
@pytest.mark.parametrize("body", [
    b"", b"[]", b"{", b'{"kind":"term","factor":"-1","source":"x"}', b'{"kind":"listing","pattern":"(","match":"regex","prices":{"input_mtok":"1"},"source":"x"}',
    b'{"kind":"listing","pattern":"a","prices":{"input_mtok":"1e400"},"source":"x"}', b'{"kind":"listing","pattern":"a","prices":{},"source":"x"}',
    b'{"kind":"switch"}', b'{"kind":"other"}',
    b'{"kind":"term","factor":"0.5","source":"x","typo":1}', b'{"kind":"term","factor":"0.5","source":"x","from":"2026-13-45"}'])
def test_bad_prices_are_refused_with_their_reason(demo, body):
    answer = requests.post(demo.url + "/api/v1/prices", data=body, auth=demo.admin, timeout=60)
    assert answer.status_code == 400 and len(answer.json()["message"]) > 10, answer.text


@pytest.mark.parametrize("script", [True, False], ids=["script", "plain"])
def test_price_pages_read_without_script_and_none_scrolls_sideways(demo, browser, script):
    pages = {
        "prices": "/prices", "prices-search": "/prices?q=claude", "prices-none": "/prices?q=none-such",
        "prices-model": "/prices/model?provider=anthropic&model=claude-sonnet-4-5", "prices-new": "/prices/new?pattern=x",
        "unpriced": "/prices/unpriced?range=90d", "repricings": "/prices/repricings", "repricing-new": "/prices/repricings/new",
        "repricing-dry": "/prices/repricings/new?from=" + RECENT + "&dry=1", "prices-import": "/prices/import"}
    if not script:
        browser = Browser(demo.url, script=False)
        browser.sign_in(demo.email, demo.password)
    for dark, width in [(False, 1280), (False, 390), (True, 1280)] if script else [(True, 390)]:
        with browser.seen(dark, width):
            for name, path in pages.items():
                browser.open(path)
                assert "There is nothing here" not in browser.text and "could not be" not in browser.text, path
                wide = browser.driver.execute_script("return document.documentElement.scrollWidth")
                assert wide <= width, (name, wide)
                if SHOTS and script:
                    browser.screenshot(os.path.join(SHOTS, f"{name}-{'dark' if dark else 'light'}-{width}.png"))
    if not script:
        browser.close()
