"""What hostile requests are made of: raw sockets, OTLP protobuf by hand, and what must hold after each of them."""
import base64
import gzip
import json
import os
import re
import socket
import struct
import time
import uuid

import requests

PROTOBUF, JSON = "application/x-protobuf", "application/json"
MIB = 1 << 20


# Protobuf

def varint(number):
    number &= (1 << 64) - 1
    out = bytearray()
    while number > 127:
        out.append(number & 127 | 128)
        number >>= 7
    out.append(number)
    return bytes(out)


def part(field, content):
    """A field: bytes or text with its length, an int as varint."""
    if isinstance(content, int):
        return varint(field << 3) + varint(content)
    if isinstance(content, str):
        content = content.encode()
    return varint(field << 3 | 2) + varint(len(content)) + content


def fixed(field, number):
    return varint(field << 3 | 1) + struct.pack("<Q", number & (1 << 64) - 1)


def value(sent):
    """An AnyValue; bytes are taken for a text that may be no UTF-8."""
    if isinstance(sent, bool):
        return part(2, int(sent))
    if isinstance(sent, int):
        return part(3, sent)
    if isinstance(sent, float):
        return varint(4 << 3 | 1) + struct.pack("<d", sent)
    return part(1, sent)


def attribute(key, sent):
    return part(9, part(1, key) + part(2, value(sent)))


CALL = {"gen_ai.operation.name": "chat", "gen_ai.provider.name": "openai", "gen_ai.request.model": "gpt-4o-mini",
        "gen_ai.usage.input_tokens": 1000, "gen_ai.usage.output_tokens": 100}


def span(trace=None, id=None, parent=b"", name="call", start=None, end=None, attributes=CALL, more=b""):
    """A span of one call; everything can be replaced by something worse."""
    now = time.time_ns()
    trace = uuid.uuid4().bytes if trace is None else trace
    id = uuid.uuid4().bytes[:8] if id is None else id
    start, end = now - 10**9 if start is None else start, now if end is None else end
    head = part(1, trace) + part(2, id) + (part(4, parent) if parent else b"") + part(5, name) + fixed(7, start) + fixed(8, end)
    return head + b"".join(attribute(k, v) for k, v in dict(attributes).items()) + more


def request(spans, resource=()):
    return part(1, part(1, b"".join(part(1, part(1, k) + part(2, value(v))) for k, v in dict(resource).items()))
                + part(2, part(1, part(1, "hostile")) + b"".join(part(2, s) for s in spans)))


# HTTP

def authorization(quipu):
    return "Basic " + base64.b64encode(":".join(quipu.auth).encode()).decode()


def post(quipu, body, type=PROTOBUF, path="/v1/traces", timeout=60, **headers):
    sent = {"Content-Type": type, **{k.replace("_", "-"): v for k, v in headers.items()}}
    return requests.post(quipu.url + path, data=body, auth=quipu.auth, headers=sent, timeout=timeout)


def post_json(quipu, body, path="/v1/traces", **more):
    text = body if isinstance(body, (bytes, str)) else json.dumps(body, ensure_ascii=False).encode("utf-8", "surrogatepass")
    return post(quipu, text, JSON, path, **more)


def head(quipu, line="POST /v1/traces HTTP/1.1", type=PROTOBUF, **headers):
    """The head of a request as bytes, without the empty line."""
    fields = {"Host": "x", "Authorization": authorization(quipu), "Content-Type": type, "Connection": "close", **headers}
    return "\r\n".join([line] + [f"{k.replace('_', '-')}: {v}" for k, v in fields.items()]).encode() + b"\r\n"


def connect(quipu, timeout=60):
    return socket.create_connection(("127.0.0.1", quipu.port), timeout=timeout)


def exchange(quipu, sent, timeout=60, closes=False):
    """Sends bytes as they are; all that comes back until the service closes or is silent for a second after an answer."""
    with connect(quipu, timeout) as s:
        try:
            s.sendall(sent)
            if closes:
                s.shutdown(socket.SHUT_WR)
        except OSError:
            pass
        return receive(s, timeout)


def receive(s, timeout=60, quiet=1.0):
    got = b""
    s.settimeout(timeout)
    while True:
        try:
            piece = s.recv(65536)
        except OSError:
            return got
        if not piece:
            return got
        got += piece
        if is_whole(got):
            s.settimeout(quiet)


def is_whole(got):
    headers, found, rest = got.partition(b"\r\n\r\n")
    length = re.search(rb"(?i)content-length: *(\d+)", headers)
    return bool(found) and (len(rest) >= int(length.group(1)) if length else True)


def statuses(got):
    return [int(s) for s in re.findall(rb"HTTP/1\.[01] (\d{3})", got)]


# What holds

def peak_mib(quipu):
    """The most memory the service ever held."""
    with open(f"/proc/{quipu.process.pid}/status") as f:
        return int(re.search(r"VmHWM:\s+(\d+)", f.read()).group(1)) // 1024


def check_health(quipu):
    """Alive, nothing that is the service's own fault: no crash, no 500, no statement that the database refused."""
    assert quipu.process.poll() is None, "the service ended: " + quipu.output()[-2000:]
    assert requests.get(quipu.url + "/livez", timeout=60).status_code == 200
    faults = [line for line in quipu.output().splitlines() if "request failed" in line or " error " in line or "Fatal" in line]
    assert not faults, faults[:3]
    text = requests.get(quipu.url + "/metrics", timeout=60).text
    assert not re.search(r'quipu_ingest_requests_total\{[^}]*status="500"', text)


def check_serves(quipu):
    """A normal sender is served."""
    assert post(quipu, request([span()])).status_code == 200


def refused_total(quipu, reason=None):
    """Items and requests refused so far, by /metrics."""
    text = requests.get(quipu.url + "/metrics", timeout=60).text
    found = re.findall(r'quipu_ingest_items_refused_total\{reason="([^"]*)"\} (\d+)', text)
    return sum(int(count) for name, count in found if reason in (None, name))


def stored(quipu, trace):
    """A trace as the API shows it, by the bytes of its id."""
    return quipu.get("/api/v1/traces/" + trace.hex())


def gzipped(body):
    return gzip.compress(body, 1)


def is_otlp_error(answer, code=None):
    """A google.rpc.Status in the request's encoding that says why."""
    if answer.headers["content-type"] == JSON:
        said = answer.json()
        return bool(said["message"]) and (code is None or said["code"] == code)
    return answer.headers["content-type"] == PROTOBUF and len(answer.content) > 8
