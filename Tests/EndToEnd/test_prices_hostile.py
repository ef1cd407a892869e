"""Prices against hostile input: files and questions that are wrong in part or too large, and an export that is taken in again."""
import re
import subprocess

import pytest
import requests



@pytest.fixture(scope="module")
def prices(start):
    service = start()
    made = subprocess.run(
        [service.binary, "keys", "create", "--name", "prices", "--scopes", "read,ingest,admin"], env=service.environment,
        capture_output=True, text=True, timeout=120).stdout
    service.admin = (re.search(r"public key\s+(\S+)", made).group(1), re.search(r"secret key\s+(\S+)", made).group(1))
    return service


def ask(service, method, path, status, **more):
    answer = requests.request(method, service.url + path, auth=service.admin, timeout=60, **more)
    assert answer.status_code == status, answer.text[:500]
    return answer.json()


@pytest.mark.parametrize("format", ["quipu", "csv"])
def test_an_export_taken_in_again_adds_nothing(prices, format):
    for price in ["1e3", ".5", "5.", "0.10", "1.0 >200000:2.50"]:
        ask(prices, "POST", "/api/v1/prices", 201, json={
            "kind": "listing", "provider": "Open AI", "pattern": "GPT-" + price, "prices": {"input_mtok": price}, "source": "contract"})
    ask(prices, "POST", "/api/v1/prices", 201, json={
        "kind": "term", "provider": "OpenAI", "match": "prefix", "pattern": "GPT-4", "factor": "0.850", "source": "contract"})
    ask(prices, "POST", "/api/v1/prices", 201, json={"kind": "alias", "pattern": "My-Deployment", "targetModel": "GPT-4o"})
    exported = requests.get(prices.url + "/api/v1/prices/export?format=" + format, auth=prices.admin, timeout=60).content
    again = ask(prices, "POST", "/api/v1/prices/import?format=" + format, 200, data=exported)
    assert again["problems"] == [] and not any(again["added"].values()), again["added"]


@pytest.mark.parametrize("row", [
    b"a,1," + b"s" * 1001 + b",,,", b"a,1,x," + b"p" * 101 + b",,", b"a,1,x,,1800-01-01,", b"a,1,x,,,mood=good", b"a,1,x,,,service_tier=",
    b"a,1,x\0,,,", b"a\0c,1,x,,,", b"a,1e400,x,,,", b"a,-1,x,,,"])
def test_one_bad_row_is_told_and_the_rest_is_taken(prices, row):
    table = b"pattern,input_mtok,source,provider,valid_from,conditions\n" + row + b"\ngood,2,list,,,\n"
    told = ask(prices, "POST", "/api/v1/prices/import?format=csv", 200, data=table)
    assert [p["place"] for p in told["problems"]] == ["line 2"]
    assert [entry["pattern"] for entry in told["added"]["listings"]] == ["good"]


@pytest.mark.parametrize("price", ["+1", "-1", "1e400", "nan", "1,5", "１", "1 >5:2 >4:3", "9" * 40])
def test_what_is_no_price_is_refused(prices, price):
    ask(prices, "POST", "/api/v1/prices", 400, json={
        "kind": "listing", "pattern": "a", "prices": {"input_mtok": price}, "source": "x"})


@pytest.mark.parametrize("field", ["toProvider", "toModel", "toServiceTier", "toRegion"])
def test_a_name_that_nothing_is_called_like_is_not_read_for_every_call(prices, field):
    assert field in ask(prices, "GET", f"/api/v1/what-if?{field}=" + "a" * 5000, 400)["message"]
