"""A real SDK's call is received, priced, charged to a team, and seen."""
import json
import os
import subprocess
import sys
import time

import pytest

from browser import Browser

pytestmark = pytest.mark.pages

HERE = os.path.dirname(__file__)


def run_sdk(script, quipu, llm, **more):
    environment = {
        **os.environ, "LANGFUSE_HOST": quipu.url, "LANGFUSE_BASE_URL": quipu.url, "LANGFUSE_PUBLIC_KEY": quipu.public_key,
        "LANGFUSE_SECRET_KEY": quipu.secret_key, "OTEL_EXPORTER_OTLP_ENDPOINT": quipu.url,
        "OTEL_EXPORTER_OTLP_HEADERS": f"Authorization=Bearer%20{quipu.secret_key}", "OPENAI_API_KEY": "sk-fake",
        "OPENAI_BASE_URL": llm.url + "/v1", "ANTHROPIC_API_KEY": "sk-ant-fake", "ANTHROPIC_BASE_URL": llm.url, **more}
    done = subprocess.run([sys.executable, os.path.join(HERE, script)], env=environment, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def by_name(trace, name):
    return [o for o in trace["observations"] if o["name"] == name]


def test_langfuse_call_is_priced_owned_and_seen(quipu, llm):
    printed = run_sdk("sdk_langfuse.py", quipu, llm)
    acknowledged_at = time.time()
    trace = quipu.wait_for_trace(lambda t: t["name"] == "answer-question")
    costs = quipu.wait_for_cost(lambda r: any(row["user"] == "ana" for row in r["rows"]), groupBy="user")
    print(f"in the reports {time.time() - acknowledged_at:.2f} s after the SDK's flush returned")
    assert (trace["user"], trace["session"], trace["tags"]) == ("ana", "session-1", ["first-light"])
    calls = [o for o in trace["observations"] if o["kind"] == "generation"]
    assert len(calls) == 2
    priced = next(o for o in calls if o["model"].startswith("gpt-4o-mini"))
    assert priced["usage"] == {"input": 56, "cacheRead": 64, "output": 27, "reasoning": 8}
    assert (priced["cost"], priced["costStatus"], priced["endpoint"]) == ("0.0000342", "priced", "/ask")
    unknown = next(o for o in calls if o is not priced)
    assert (unknown["cost"], unknown["costStatus"]) == (None, "unpriced")
    row = next(row for row in costs["rows"] if row["user"] == "ana")
    assert (row["calls"], row["unpricedCalls"], row["cost"]) == (2, 1, "0.0000342")
    assert [s["name"] for s in quipu.get("/api/v1/traces/" + trace["id"])["scores"]] == ["helpful"]
    link = printed.strip().splitlines()[0]
    assert link == f"{quipu.url}/project/default/traces/{trace['id']}"
    browser = Browser(quipu.url)
    browser.sign_in(quipu.email, quipu.password)
    browser.open(link.removeprefix(quipu.url))
    for words in ("answer-question", "$0.00003420", "1 unpriced", "ana", "session-1"):
        assert words in browser.text, words
    browser.close()


def test_openlit_calls_arrive_once_each_with_cached_tokens_priced(quipu, llm, tmp_path):
    pricing = tmp_path / "pricing.json"
    pricing.write_text(json.dumps({"chat": {}, "embeddings": {}, "images": {}, "audio": {}}))
    run_sdk("sdk_openlit.py", quipu, llm, PRICING_JSON=str(pricing))
    trace = quipu.wait_for_trace(lambda t: t["environment"] == "staging" and t["calls"] == 3)
    calls = {o["model"].split("-2")[0]: o for o in trace["observations"] if o["costStatus"] == "priced"}
    assert calls["gpt-4o-mini"]["cost"] == "0.0000342"
    assert calls["text-embedding-3-small"]["cost"] == "0.00000018"
    assert calls["claude-sonnet-4-5"]["cost"] == "0.0007392"
    assert trace["cost"] == "0.00077358"


def test_teams_and_unallocated_add_up_to_the_total(quipu, llm):
    report = quipu.get("/api/v1/costs", groupBy="team")
    from decimal import Decimal
    assert sum(Decimal(row["cost"] or 0) for row in report["rows"]) == Decimal(report["total"]["cost"])
    assert "My team" in [row["team"] for row in report["rows"]]
