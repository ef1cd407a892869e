"""The benchmark itself: every case gives every figure and loses nothing. No figure is judged."""
import json
import os
import subprocess
import sys
import tempfile

import pytest

from quipu_service import ROOT

BENCH = os.path.join(ROOT, "Tests", "Bench")
sys.path.insert(0, BENCH)
FIGURES = [
    "durableSpansPerSecond", "serviceCpuSecondsPer1000", "postgresCpuSecondsPer1000", "generatorCpuSecondsPer1000", "servicePeakMiB",
    "walBytesPerSpan", "storedBytesPerSpan", "ratioToFloor"]
LATENCIES = ["p50Milliseconds", "p90Milliseconds", "p99Milliseconds"]


@pytest.fixture(scope="module")
def report(tmp_path_factory):
    path = str(tmp_path_factory.mktemp("bench") / "report.json")
    done = subprocess.run(
        [sys.executable, os.path.join(BENCH, "bench.py"), "--spans", "1000", "--half-seconds", "0.5", "--idle-seconds", "0.3", "--json", path],
        capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stderr
    with open(path) as file:
        return {**json.load(file), "printed": done.stdout}


def test_every_case_gives_every_figure(report):
    import cases
    assert [c["case"] for c in report["cases"]] == list(cases.ALL)
    for case in report["cases"]:
        assert all(case[name] is not None for name in FIGURES), case
        assert all(case[load][name] > 0 for load in ("full", "half") for name in LATENCIES), case
        assert case["case"] in report["printed"]
    assert len([f for f in report["floors"] if f["postgresCpuSecondsPer1000"] > 0]) == len(report["floors"]) >= 3


def test_what_was_sent_is_acknowledged_and_stored_once(report):
    for case in report["cases"]:
        assert case["spansSent"] == case["spansAcknowledged"] == case["spansStored"] > 0, case
        assert case["refusals"] == []
    repeated = [c for c in report["cases"] if c["case"] == "full"][0]
    assert repeated["requests"] > repeated["spansSent"] / 50


def test_the_filler_makes_traces_that_read_as_their_originals(tmp_path):
    data = str(tmp_path / "grown")
    os.makedirs(data)
    # The service's user passes through all that pytest made.
    for folder in [tmp_path, *tmp_path.parents]:
        if str(folder).startswith(tempfile.gettempdir() + "/"):
            os.chmod(folder, 0o755)
    done = subprocess.run(
        [sys.executable, os.path.join(BENCH, "grow.py"), "--data", data, "--million", "0.006", "--days", "3"],
        capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stderr


def test_protobuf_is_what_the_official_classes_read():
    from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

    import templates
    body = bytes(templates.plain(1)[0].body(7, 1_795_000_000_000_000_000))
    request = ExportTraceServiceRequest.FromString(body)
    assert request.SerializeToString() == body
    spans = request.resource_spans[0].scope_spans[0].spans
    assert len(spans) == 50 and len({s.trace_id for s in spans}) == 5 and {len(s.attributes) for s in spans} == {25}
    assert spans[0].start_time_unix_nano == 1_795_000_000_000_000_000 and spans[0].trace_id[:4] == templates.tag(7)
