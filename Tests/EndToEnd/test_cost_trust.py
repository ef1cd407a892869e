"""What a cost is worth that comes with a call: said for each key, from then on, and applied to booked calls by a re-pricing."""
import re
import subprocess
import time
import uuid

import pytest
import requests

from traffic import wait_until


def command(quipu, *arguments):
    return subprocess.run([quipu.binary, *arguments], env=quipu.environment, capture_output=True, text=True, timeout=120)


@pytest.fixture(scope="module")
def key(quipu):
    printed = command(quipu, "keys", "create", "--name", "trust").stdout
    return tuple(re.search(part + r"\s+(\S+)", printed).group(1) for part in ("public key", "secret key"))


def sent_cost(quipu, key):
    """The cost that counts of a call of gpt-4o-mini, sent with 0.5 USD where tokens make 0.00021."""
    trace, now = uuid.uuid4().hex, time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime())
    body = {"id": trace[:16], "traceId": trace, "model": "gpt-4o-mini", "startTime": now, "endTime": now,
            "usageDetails": {"input": 1000, "output": 100}, "costDetails": {"total": 0.5}}
    event = {"id": uuid.uuid4().hex, "timestamp": now, "type": "generation-create", "body": body}
    answer = requests.post(quipu.url + "/api/public/ingestion", json={"batch": [event]}, auth=key, timeout=60)
    assert answer.status_code == 207 and not answer.json()["errors"], answer.text
    stored = requests.get(quipu.url + "/api/v1/traces/" + trace, auth=key, timeout=60).json()
    return stored["observations"][0]["cost"]


def test_a_key_says_whether_sent_costs_count(quipu, key):
    assert sent_cost(quipu, key).startswith("0.5")
    for trust, expected in (("ignore", "0.00021"), ("keep-beside", "0.00021"), ("trust", "0.5"), ("default", "0.5")):
        done = command(quipu, "keys", "set-cost-trust", key[0], trust)
        assert done.returncode == 0, done.stderr
        # A running service reads it within seconds.
        wait_until(lambda: sent_cost(quipu, key).startswith(expected))
    assert "was so already" in command(quipu, "keys", "set-cost-trust", key[0], "default").stdout


def test_what_is_no_trust_is_refused_with_what_is_expected(quipu, key):
    done = command(quipu, "keys", "set-cost-trust", key[0], "maybe")
    assert done.returncode != 0 and "expected trust, keep-beside, ignore or default" in done.stderr
    assert command(quipu, "keys", "set-cost-trust", "pk-none", "trust").returncode != 0
