"""Fills a folder with one corpus per fuzz target, from the captured requests and the attribute names that the conventions read.

    seeds.py FOLDER
"""
import glob
import gzip
import json
import os
import re
import sys

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", "..", ".."))
NOW = 1_795_000_000_000_000_000


def names():
    """Attribute and field names, as texts of the sources."""
    found = set()
    for path in glob.glob(ROOT + "/Sources/Ingest/**/*.swift", recursive=True):
        found |= set(re.findall(r'"([A-Za-z_][A-Za-z0-9_.\-]{2,48})"', open(path).read()))
    return sorted(found)


def value(name):
    if "token" in name or "usage" in name:
        return {"intValue": "17"}
    if name.endswith(("messages", "details", "metadata", "parameters")):
        return {"stringValue": '[{"role":"user","parts":[{"type":"text","content":"hi"}],"input":3,"cache_read_input_tokens":2}]'}
    return {"stringValue": "gpt-4o"}


def otlp():
    """Spans and records that hold all names, twenty at a time."""
    keys = names()
    bodies = []
    for i in range(0, len(keys), 20):
        attributes = [{"key": k, "value": value(k)} for k in keys[i:i + 20]]
        span = {"traceId": "5b8efff798038103d269b633813fc60c", "spanId": "eee19b7ec3c1b174", "parentSpanId": "", "name": "step", "kind": 3,
                "startTimeUnixNano": str(NOW - 10**9), "endTimeUnixNano": str(NOW), "attributes": attributes,
                "events": [{"timeUnixNano": str(NOW), "name": "exception", "attributes": attributes[:2]}],
                "links": [{"traceId": "5b8efff798038103d269b633813fc60c", "spanId": "eee19b7ec3c1b174"}], "status": {"code": 2, "message": "no"}}
        bodies.append({"resourceSpans": [{"resource": {"attributes": attributes[:2]},
                                          "scopeSpans": [{"scope": {"name": "openlit", "version": "1"}, "spans": [span, {**span, "spanId": "eee19b7ec3c1b175", "parentSpanId": "eee19b7ec3c1b174"}]}]}]})
    parts = {"kvlistValue": {"values": [{"key": "content", "value": {"stringValue": "hi"}}, {"key": "role", "value": {"bytesValue": "aGk="}}]}}
    record = {"timeUnixNano": str(NOW), "traceId": "5b8efff798038103d269b633813fc60c", "spanId": "eee19b7ec3c1b174", "body": parts}
    events = ["gen_ai.user.message", "gen_ai.choice", "gen_ai.client.inference.operation.details", "gen_ai.system.message"]
    logs = [{"resourceLogs": [{"scopeLogs": [{"logRecords": [{**record, "eventName": e, "attributes": [{"key": "event.name", "value": {"stringValue": e}}]}]}]}]}
            for e in events]
    return bodies, logs


def captured(corpora):
    """Adds the requests of real SDKs."""
    for path in sorted(glob.glob(ROOT + "/Tests/Fixtures/*/requests/*.body")):
        about = json.load(open(path[:-5] + ".json"))
        headers = {k.lower(): v for k, v in about["headers"]}
        body = open(path, "rb").read()
        if headers.get("content-encoding") == "gzip":
            corpora["gzip"].append(body)
            body = gzip.decompress(body)
        form = "protobuf" if "protobuf" in headers.get("content-type", "") else "json"
        address = about["path"]
        for ending, target in (("/traces", "traces"), ("/logs", "logs"), ("/metrics", "metrics")):
            if address.endswith(ending):
                corpora[f"{target}-{form}"].append(body)
                if form == "protobuf" and "decoded" in about:
                    corpora[f"{target}-json"].append(json.dumps(about["decoded"]).encode())
        if address.endswith("/ingestion"):
            corpora["batch"].append(body)
            corpora["json"].append(body)


def main(folder):
    targets = ["traces-protobuf", "traces-json", "logs-protobuf", "logs-json", "metrics-protobuf", "metrics-json", "batch", "scores",
               "attributes", "gzip", "json", "numbers", "content"]
    corpora = {target: [] for target in targets}
    captured(corpora)
    spans, logs = otlp()
    corpora["traces-json"] += [json.dumps(b).encode() for b in spans]
    corpora["logs-json"] += [json.dumps(b).encode() for b in logs]
    score = {"id": "s", "traceId": "t", "name": "quality", "value": 0.5, "dataType": "NUMERIC", "comment": "c", "configId": "x"}
    point = {"asInt": "1"}
    kinds = ("gauge", "sum", "histogram", "exponentialHistogram", "summary")
    corpora["metrics-json"].append(json.dumps({"resourceMetrics": [{"scopeMetrics": [{"metrics": [{k: {"dataPoints": [point]}} for k in kinds]}]}]}).encode())
    corpora["scores"] += [json.dumps(score).encode(), json.dumps([score, {**score, "value": "good", "dataType": "CATEGORICAL"}]).encode()]
    corpora["gzip"] += [gzip.compress(b"a" * 9000), gzip.compress(b"x") + gzip.compress(b"y"), gzip.compress(b"")]
    corpora["numbers"] += [n.encode() for n in ("0", "-1.5e-7", "3.42e-05", "9223372036854775808", "1e308", "true", "2026-11-22T10:00:00.123+02:00")]
    corpora["attributes"].append(bytes([3, 6, 4]) + b"gpt4" + bytes([40, 0, 1, 9]))
    content = [{"messages": [{"role": "user", "content": "hi"}]}, [{"role": "assistant", "parts": [{"type": "text", "content": "x"}]}],
               {"choices": [{"message": {"role": "tool", "content": [{"type": "text", "text": "hi"}], "tool_calls": [{"function": {"name": "f", "arguments": "{}"}}]}}]}]
    corpora["content"] += [json.dumps(c).encode() for c in content]
    for target, bodies in corpora.items():
        os.makedirs(f"{folder}/seeds/{target}", exist_ok=True)
        os.makedirs(f"{folder}/corpus/{target}", exist_ok=True)
        for i, body in enumerate(bodies):
            open(f"{folder}/seeds/{target}/{i:03}", "wb").write(body)
    with open(f"{folder}/names.dict", "w") as f:
        for name in names():
            f.write(f'"{name}"\n')
        for text in (r"\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", r"\x00", r"\xed\xa0\x80", r"\xef\xbf\xbf", r"\\ud800", r"\\u0000", "1e308", "-9223372036854775808"):
            f.write(f'"{text}"\n')


main(sys.argv[1])
