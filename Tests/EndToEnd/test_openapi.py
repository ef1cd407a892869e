"""The document at /api/openapi.json, and schemathesis: requests made from it, right and wrong ones, never meet an error of ours."""
import os
import subprocess
import sys

import pytest
import requests

from fixtures import NAMES, replay
from people import key, run

# Each answers as the document says; whether a wrong request is refused is the other tests' matter.
CHECKS = "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance"
# The run goes by this key and must not take it away; these have a run of their own.
OWN_KEY = ["revokeKey", "rotateKey", "changeKey"]


@pytest.fixture(scope="module")
def filled(start):
    service = start()
    for name in NAMES:
        replay(service, name)
    return service


def fuzz(quipu, auth, *arguments, examples=12):
    tool = os.path.join(os.path.dirname(sys.executable), "st")
    done = subprocess.run(
        [tool, "run", quipu.url + "/api/openapi.json", "--auth", ":".join(auth), "--checks", CHECKS, "--phases", "coverage,fuzzing",
         "--max-examples", str(examples), "--seed", "20261123", "--continue-on-failure", "--suppress-health-check", "all",
         "--request-timeout", "60", "--no-shrink", *arguments],
        capture_output=True, text=True, timeout=1500, cwd=quipu.folder, env={**os.environ, "NO_COLOR": "1"})
    assert done.returncode == 0, done.stdout[-12_000:] + done.stderr[-2000:]
    return done.stdout


def test_every_route_for_programs_is_in_the_document(filled):
    document = requests.get(filled.url + "/api/openapi.json", timeout=60).json()
    assert document["openapi"] == "3.1.0" and document["servers"] == [{"url": filled.url}]
    written = {(method.upper(), path) for path, methods in document["paths"].items() for method in methods}
    for line in run(filled, "routes").splitlines():
        method, path, access = line.split(" ")[:3]
        if access != "key":
            continue
        named = "/".join("{" + part[1:] + "}" if part.startswith(":") else "{rest}" if part == "**" else part for part in path.split("/"))
        assert (method, named) in written, line
        answers = document["paths"][named][method.lower()]
        assert answers["security"] and {"401", "403", "429"} <= set(answers["responses"]), line


def test_no_request_meets_an_error_of_ours(filled):
    auth = key(filled, "ingest,read,admin")
    fuzz(filled, auth, *(word for name in OWN_KEY for word in ("--exclude-operation-id", name)))


def test_keys_can_be_changed_rotated_and_revoked_in_any_form(filled):
    auth = key(filled, "admin")
    fuzz(filled, auth, *(word for name in OWN_KEY for word in ("--include-operation-id", name)), examples=30)


def test_whoever_reads_money_alone_meets_none_either(filled):
    fuzz(filled, key(filled, "readMoney"), "--include-method", "GET", examples=4)
