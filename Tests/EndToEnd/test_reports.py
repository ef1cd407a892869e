"""Reports and statements of a service with two teams, a shared cost and calls without an owner: JSON, CSV, XLSX and FOCUS agree to the
pico-dollar, months close and are corrected by their own lines."""
import calendar
import csv
import datetime
import hashlib
import io
import json
import os
import re
import subprocess
import sys
import uuid
import xml.etree.ElementTree as ElementTree
import zipfile
from decimal import Decimal

import pytest
import requests

from test_prices import command, sql
from traffic import span, wait_until

BOOKED = ["listCost", "contractedCost", "effectiveCost"]
EVIL = "=HYPERLINK(\"http://x\";\"a\"), +EU"
SHEET = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


def month_before(count):
    today = datetime.datetime.now(datetime.timezone.utc)
    index = today.year * 12 + today.month - 1 - count
    return f"{index // 12:04d}-{index % 12 + 1:02d}"


# Both are over for longer than late calls are waited for.
EARLIER, LAST = month_before(3), month_before(2)


def at(month, day, hour=12):
    year, number = map(int, month.split("-"))
    return calendar.timegm((year, number, day, hour, 0, 0)) * 10**9


def call(month, day, tokens, **attributes):
    made = span(uuid.uuid4().hex, **{"gen_ai.usage.input_tokens": tokens, **attributes})
    made["startTimeUnixNano"], made["endTimeUnixNano"] = str(at(month, day)), str(at(month, day) + 10**9)
    return made


def deliver(quipu, auth, spans):
    body = {"resourceSpans": [{"resource": {}, "scopeSpans": [{"scope": {"name": "test"}, "spans": spans}]}]}
    answer = requests.post(quipu.url + "/v1/traces", json=body, auth=auth, timeout=60)
    assert answer.status_code == 200 and "rejectedSpans" not in answer.text, answer.text


def api(quipu, method, path, status=200, **more):
    answer = requests.request(method, quipu.url + path, auth=quipu.admin, timeout=60, **more)
    assert answer.status_code == status, f"{path}: {answer.status_code} {answer.text[:500]}"
    return answer


def key(quipu, *options):
    printed = command(quipu, "keys", "create", *options).stdout
    return re.search(r"public key\s+(\S+)", printed).group(1), re.search(r"secret key\s+(\S+)", printed).group(1)


@pytest.fixture(scope="module")
def quipu(start):
    service = start()
    service.admin = key(service, "--name", "reports", "--scopes", "read,ingest,admin")
    for name, centre in [(EVIL, "-CC 1"), ("Support", "CC 2")]:
        api(service, "POST", "/api/v1/teams", 201, json={"name": name, "costCentre": centre, "glAccount": "4711"})
    service.evil, service.support = key(service, "--name", "a", "--team", EVIL), key(service, "--name", "b", "--team", "Support")
    for month in (EARLIER, LAST):
        # Odd numbers of tokens: amounts that no cent holds.
        deliver(service, service.evil, [call(month, day, 1000 + day) for day in range(1, 29)])
        deliver(service, service.support, [call(month, 3, 77_777, **{"gen_ai.request.model": "gpt-4o"})])
        deliver(service, service.support, [call(month, 4, 5, **{"gen_ai.request.model": "house-model-no-one-knows"})])
        deliver(service, service.auth, [call(month, 5, 123_457)])
    sql(service, "insert into cost_pools (organisation_id, name, monthly_pico, method, month_from, created_by) "
        f"values (1, 'GPU; node', 100010000000000, 'PROPORTIONAL_COST', '{EARLIER}-01', 'test')")
    service.wait_until_folded()
    return service


def report(quipu, **params):
    return api(quipu, "GET", "/api/v1/reports/allocation", params={"month": LAST, **params})


def rows(text, delimiter=","):
    return list(csv.DictReader(io.StringIO(text, newline=""), delimiter=delimiter))


def snake(name):
    return re.sub(r"([A-Z]|1h)", lambda m: "_" + m.group(1).lower(), name)


def sheets(content):
    """Cells of each sheet as texts, by row: inline texts and numbers as they stand in the XML."""
    book = zipfile.ZipFile(io.BytesIO(content))
    names = [sheet.get("name") for sheet in ElementTree.fromstring(book.read("xl/workbook.xml")).iter(SHEET + "sheet")]
    found = {}
    for number, name in enumerate(names, 1):
        root = ElementTree.fromstring(book.read(f"xl/worksheets/sheet{number}.xml"))
        assert root.find(f".//{SHEET}f") is None, "a formula"
        found[name] = []
        for row in root.iter(SHEET + "row"):
            cells = {}
            for cell in row.iter(SHEET + "c"):
                column = re.match("[A-Z]+", cell.get("r")).group(0)
                text = "".join(part.text or "" for part in cell.iter(SHEET + "t")) if cell.get("t") == "inlineStr" else cell.findtext(SHEET + "v")
                cells[column] = (text, cell.get("t") or "n")
            found[name].append(cells)
    return found


def test_lines_add_up_and_nobody_is_left_out(quipu):
    answer = report(quipu).json()
    kinds = [line["line"] for line in answer["lines"]]
    assert kinds.count("unallocated") == 1 and kinds.count("shared") >= 2
    assert {line["team"] for line in answer["lines"] if line["line"] == "team"} >= {EVIL, "Support"}
    for name in BOOKED:
        assert sum(Decimal(line[name]) for line in answer["lines"]) == Decimal(answer["total"][name])
        assert sum(Decimal(line[name + "Exact"]) for line in answer["lines"]) == Decimal(answer["total"][name + "Exact"])
        assert all(-Decimal(line[name]).as_tuple().exponent == 2 for line in answer["lines"])
    assert sum(Decimal(line["effectiveCost"]) for line in answer["lines"] if line["line"] == "shared") == Decimal("100.01")
    assert answer["total"]["calls"] == 31 and answer["total"]["unpricedCalls"] == 1
    assert answer["month"] == LAST and answer["timeZone"] and answer["priceSet"] and answer["generatedAt"]


def test_csv_says_what_json_says(quipu):
    answer, table = report(quipu).json(), rows(report(quipu, format="csv").text)
    wanted = answer["lines"] + [answer["total"]]
    assert len(table) == len(wanted)
    for row, line in zip(table, wanted):
        for name, value in line.items():
            text = "" if value is None else str(value)
            neutral = "'" + text if isinstance(value, str) and text[:1] in ("=", "+", "-", "@") and not re.fullmatch(r"-[\d.]+", text) else text
            assert row[snake(name)] == neutral, name
    assert {row["time_zone"] for row in table} == {answer["timeZone"]}


def test_a_spreadsheet_takes_no_name_for_a_formula(quipu):
    for format in ("csv", "focus"):
        for row in csv.reader(io.StringIO(report(quipu, format=format).text, newline="")):
            for cell in row:
                assert cell[:1] not in ("=", "+", "@", "\t", "\r"), cell
                assert cell[:1] != "-" or re.fullmatch(r"-[\d.]+", cell), cell


def test_european_csv_has_the_same_numbers(quipu):
    plain = rows(report(quipu, format="csv").text)
    answer = report(quipu, format="csv", separator="semicolon", decimal="comma", bom="1")
    assert answer.content.startswith(b"\xef\xbb\xbf") and f"cost-allocation-{LAST}.csv" in answer.headers["content-disposition"]
    european = rows(answer.content.decode("utf-8-sig"), ";")
    for a, b in zip(plain, european):
        assert a["effective_cost_exact"] == b["effective_cost_exact"].replace(",", ".") and a["team"] == b["team"]
        assert "." not in b["effective_cost"]


def test_the_workbook_has_the_same_cells(quipu):
    answer = report(quipu).json()
    book = sheets(report(quipu, format="xlsx").content)
    assert list(book)[0] == "Report" and {"By model", "By endpoint", "By user group", "Charges", "About"} <= set(book)
    header, *body = [[cell for cell in row.values()] and row for row in book["Report"]]
    place = {text: column for column, (text, _) in header.items()}
    wanted = answer["lines"] + [answer["total"]]
    assert len(body) == len(wanted)
    for row, line in zip(body, wanted):
        money, kind = row[place["Effective cost"]]
        assert kind == "n" and Decimal(repr(float(money))) == Decimal(line["effectiveCost"]).normalize() + 0
        assert row[place["Effective cost, exact"]] == (line["effectiveCostExact"], "inlineStr")
        assert row[place["Calls"]] == (str(line["calls"]), "n")
        assert row[place["Team"]][0].lstrip("'") == line["team"]
    for name in ("By model", "By endpoint", "By user group"):
        top, *lines = book[name]
        column = next(column for column, (text, _) in top.items() if text == "Effective cost, exact")
        amounts = [Decimal(line[column][0]) for line in lines]
        assert sum(amounts[:-1]) == amounts[-1] == Decimal(answer["total"]["effectiveCostExact"])


def test_focus_adds_up_to_the_report(quipu):
    answer, focus = report(quipu).json(), rows(report(quipu, format="focus").text)
    rounding = [row for row in focus if row["ChargeDescription"].startswith("Rounding")]
    for column, name in [("EffectiveCost", "effectiveCost"), ("ListCost", "listCost"), ("ContractedCost", "contractedCost")]:
        assert sum(Decimal(row[column]) for row in focus) == Decimal(answer["total"][name]), column
        exact = sum(Decimal(row[column]) for row in focus if row not in rounding)
        assert exact == Decimal(answer["total"][name + "Exact"]), column
    for team in {line["team"] for line in answer["lines"]}:
        wanted = sum(Decimal(line["effectiveCost"]) for line in answer["lines"] if line["team"] == team)
        assert sum(Decimal(row["EffectiveCost"]) for row in focus if row["x_Team"].lstrip("'") == team) == wanted, team
    for row in focus:
        if row["PricingQuantity"]:
            assert Decimal(row["PricingQuantity"]) * Decimal(row["ListUnitPrice"]) == Decimal(row["ListCost"])
            assert Decimal(row["PricingQuantity"]) * Decimal(row["ContractedUnitPrice"]) == Decimal(row["ContractedCost"])
        for name in ("Tags", "SkuPriceDetails"):
            assert not row[name] or all(isinstance(v, str) for v in json.loads(row[name]).values())
        assert row["ChargePeriodStart"] < row["ChargePeriodEnd"]
    assert sum(int(row["x_RequestCount"]) for row in focus) == answer["total"]["calls"]


def test_the_official_validator_accepts_the_focus_file(quipu, tmp_path):
    """focus_validator 1.0.0 knows FOCUS 1.0, with five columns under the names of its preview: they are given to it as well."""
    pandas = pytest.importorskip("pandas", reason="focus_validator is not installed")
    validator = pytest.importorskip("focus_validator", reason="focus_validator is not installed")
    path = tmp_path / "focus.csv"
    path.write_text(report(quipu, format="focus").text)
    frame = pandas.read_csv(path, dtype=str, keep_default_na=False)
    for old, new in [("InvoiceIssuer", "InvoiceIssuerName"), ("Provider", "ProviderName"), ("Publisher", "PublisherName"),
                     ("ResourceID", "ResourceId"), ("ChargeType", "ChargeCategory")]:
        frame[old] = frame[new]
    frame.to_csv(path, index=False)
    # It reads its list of currencies from the folder that it was installed to.
    folder = os.path.dirname(os.path.dirname(validator.__file__))
    done = subprocess.run(
        [os.path.join(os.path.dirname(sys.executable), "focus-validator"), "--data-file", str(path), "--validate-version", "1.0"],
        cwd=folder, capture_output=True, text=True, timeout=120)
    assert "Validation succeeded" in done.stdout, done.stdout[-3000:] + done.stderr[-2000:]


def test_filters_and_breakdowns_are_those_of_the_api(quipu):
    one = report(quipu, team="Support", breakdown="model").json()
    assert {line["team"] for line in one["lines"] if line["line"] == "team"} == {"Support"}
    assert {line["model"] for line in one["lines"] if line["line"] == "team"} == {"gpt-4o", "house-model-no-one-knows"}
    assert one["filter"] == "team = Support"
    for wrong in ({"view": "all"}, {"breakdown": "colour"}, {"breakdown": "team"}, {"format": "pdf"}, {"month": "2026-13"}, {"teem": "x"},
                  {"from": LAST + "-01"}):
        answer = requests.get(quipu.url + "/api/v1/reports/allocation", params={"month": LAST, **wrong}, auth=quipu.admin, timeout=60)
        assert answer.status_code == 400 and answer.json()["message"], wrong
    assert requests.get(quipu.url + f"/api/v1/reports/allocation?month={LAST}", timeout=60).status_code == 401


def test_an_export_is_made_in_the_background(quipu):
    begun = api(quipu, "POST", "/api/v1/exports", 202, json={"month": LAST})
    place = begun.headers["location"]
    wait_until(lambda: api(quipu, "GET", place).json()["state"] not in ("waiting", "running"))
    export = api(quipu, "GET", place).json()
    assert export["state"] == "finished", export
    assert export["daysDone"] == export["daysTotal"] == calendar.monthrange(*map(int, LAST.split("-")))[1]
    file = api(quipu, "GET", export["file"])
    assert f"focus-1.2-{LAST}.csv" in file.headers["content-disposition"] and len(file.content) == export["bytes"]
    direct = rows(report(quipu, format="focus").text)
    mine = rows(file.text)
    assert len(mine) == export["rows"] == len(direct)
    assert [{**row, "x_GeneratedAt": ""} for row in mine] == [{**row, "x_GeneratedAt": ""} for row in direct]
    assert place.rsplit("/", 1)[1] in [str(e["id"]) for e in api(quipu, "GET", "/api/v1/exports").json()["exports"]]
    # A key of one project sees nothing of what the whole organisation spent.
    assert requests.get(quipu.url + place, auth=quipu.support, timeout=60).status_code == 404
    api(quipu, "DELETE", place, 204)
    api(quipu, "GET", place, 404)
    for wrong in ({}, {"month": "x"}, {"month": LAST, "format": 7}, {"month": LAST, "colour": "red"}, []):
        assert api(quipu, "POST", "/api/v1/exports", 400, json=wrong).json()["message"]


def test_the_command_line_writes_the_same_files(quipu):
    answer = report(quipu).json()
    printed = rows(command(quipu, "report", "allocation", "--month", LAST).stdout)
    assert [row["effective_cost_exact"] for row in printed] == [line["effectiveCostExact"] for line in answer["lines"] + [answer["total"]]]
    filtered = json.loads(command(quipu, "report", "allocation", "--month", LAST, "--format", "json", "--filter", "team=Support").stdout)
    assert {line["team"] for line in filtered["lines"] if line["line"] == "team"} == {"Support"}
    os.chmod(quipu.folder, 0o777)
    for format in ("xlsx", "focus"):
        path = f"{quipu.folder}/report.{format}"
        command(quipu, "report", "allocation", "--month", LAST, "--format", format, "--output", path)
        assert os.path.getsize(path) > 1000
    assert sheets(open(f"{quipu.folder}/report.xlsx", "rb").read())["Report"]
    failed = command(quipu, "report", "allocation", "--month", "soon", check=False)
    assert failed.returncode != 0 and "soon" in failed.stderr


def test_a_month_closes_and_is_corrected_in_the_next(quipu):
    before = {entry["month"]: entry for entry in api(quipu, "GET", "/api/v1/statements").json()["statements"]}
    assert before[EARLIER]["state"] == before[LAST]["state"] == "ready"
    assert requests.post(quipu.url + f"/api/v1/statements/{EARLIER}/close", json={}, auth=quipu.support, timeout=60).status_code == 403
    now = month_before(0)
    assert api(quipu, "POST", f"/api/v1/statements/{now}/close", 409, json={"comment": "too early"}).json()["message"]
    open_month = report(quipu, month=EARLIER).json()
    closed = api(quipu, "POST", f"/api/v1/statements/{EARLIER}/close", 201, json={"comment": "all agreed"}).json()
    assert closed["state"] == "closed" and closed["comment"] == "all agreed" and len(closed["sha256"]) == 64
    frozen = report(quipu, month=EARLIER).json()
    assert frozen["statementHash"] == closed["sha256"] and frozen["statementState"] == "closed"
    assert [line["effectiveCostExact"] for line in frozen["lines"]] == [line["effectiveCostExact"] for line in open_month["lines"]]

    text = api(quipu, "GET", f"/api/v1/statements/{EARLIER}/text").content
    assert hashlib.sha256(text).hexdigest() == closed["sha256"]

    deliver(quipu, quipu.support, [call(EARLIER, 20, 1_000_003)])
    quipu.wait_until_folded()
    assert report(quipu, month=EARLIER).json()["lines"] == frozen["lines"]
    late = Decimal("1000003") * Decimal("0.00000015") + 100 * Decimal("0.0000006")
    bridge = api(quipu, "GET", f"/api/v1/statements/{EARLIER}").json()["bridge"]
    assert Decimal(bridge["waiting"]) == late and Decimal(bridge["ledger"]) - Decimal(bridge["frozen"]) == late

    said = command(quipu, "report", "close", "--month", LAST, "--comment", "by hand").stdout
    assert LAST in said and "closed" in said
    assert "by hand" in command(quipu, "report", "list").stdout
    booked = report(quipu).json()
    correction = [line for line in booked["lines"] if line["line"] == "adjustment"]
    assert [(line["team"], line["correctionOf"]) for line in correction] == [("Support", EARLIER)]
    assert Decimal(correction[0]["effectiveCostExact"]) == late
    focus = rows(report(quipu, format="focus").text)
    corrected = [row for row in focus if row["ChargeClass"] == "Correction"]
    assert corrected and {row["x_CorrectedMonth"] for row in corrected} == {EARLIER}
    assert sum(Decimal(row["EffectiveCost"]) for row in corrected) == late
    assert sum(Decimal(row["EffectiveCost"]) for row in focus) == Decimal(booked["total"]["effectiveCost"])
    for name in BOOKED:
        assert sum(Decimal(line[name + "Exact"]) for line in booked["lines"]) == Decimal(booked["total"][name + "Exact"])
    assert api(quipu, "POST", f"/api/v1/statements/{LAST}/close", 409, json={"comment": "again"}).json()["message"]


def test_an_export_survives_the_end_of_its_process(quipu):
    begun = api(quipu, "POST", "/api/v1/exports", 202, json={"from": EARLIER + "-01", "to": LAST + "-15", "format": "focus"})
    quipu.kill()
    quipu.start()
    place = begun.headers["location"]
    wait_until(lambda: api(quipu, "GET", place).json()["state"] == "finished")
    export = api(quipu, "GET", place).json()
    assert len(rows(api(quipu, "GET", export["file"]).text)) == export["rows"] > 50
