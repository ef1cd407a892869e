"""The captured requests of Tests/Fixtures, sent again."""
import glob
import json
import os

import requests

FIXTURES = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "Fixtures")
NAMES = sorted(os.path.basename(os.path.dirname(path)) for path in glob.glob(os.path.join(FIXTURES, "*", "expected.json")))


def expected(name):
    with open(os.path.join(FIXTURES, name, "expected.json")) as f:
        return json.load(f)


def replay(quipu, name, order=lambda paths: paths):
    """Sends every captured request of one SDK with this service's key."""
    for path in order(sorted(glob.glob(os.path.join(FIXTURES, name, "requests", "*.json")))):
        with open(path) as f:
            request = json.load(f)
        if request["method"] != "POST":
            continue
        sent = {k.lower(): v for k, v in (request["headers"].items() if isinstance(request["headers"], dict) else request["headers"])}
        headers = {k: sent[k] for k in ("content-type", "content-encoding", "user-agent") if k in sent}
        with open(path.removesuffix(".json") + ".body", "rb") as f:
            answer = requests.post(quipu.url + request["path"], data=f.read(), headers=headers, auth=quipu.auth, timeout=60)
        assert answer.status_code in (200, 207), (path, answer.status_code, answer.text)
