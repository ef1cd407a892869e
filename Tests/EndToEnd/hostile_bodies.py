"""Hostile bodies: compressed and nested bombs, limits of size, truncation. Each case takes the service and raises when a promise is broken."""
import gzip
import time
import zlib

import requests

from hostile_wire import (JSON, MIB, PROTOBUF, check_serves, connect, gzipped, head, is_otlp_error, part, post,
                          post_json, peak_mib, request, span)

LIMIT = 64 * MIB


def zeros(mebibytes, level=9):
    """So many MiB of zeros as one gzip member, made without holding them."""
    packer, out = zlib.compressobj(level, zlib.DEFLATED, 31), []
    for _ in range(mebibytes):
        out.append(packer.compress(bytes(MIB)))
    return b"".join(out) + packer.flush()


def gzip_bombs_stop_at_the_limit(quipu):
    gibibyte = zeros(1024)
    nested = gzip.compress(gzip.compress(gibibyte))
    many = zeros(1) * 1100
    for body, accepted in ((gibibyte, (413, 503)), (many, (413, 503)), (gzip.compress(gibibyte), (400,)), (nested, (400,))):
        for path, type in (("/v1/traces", PROTOBUF), ("/v1/logs", JSON), ("/api/public/ingestion", JSON), ("/api/public/scores", JSON)):
            answer = post(quipu, body, type, path, Content_Encoding="gzip")
            # A compressed file inside is just no message.
            assert answer.status_code in accepted, (len(body), path, answer.status_code, answer.text[:200])


def damaged_gzip_is_refused_with_its_reason(quipu):
    body = gzipped(request([span()]))
    flipped = body[:-6] + bytes([body[-6] ^ 1]) + body[-5:]
    wrong_length = body[:-1] + bytes([body[-1] ^ 1])
    for damaged in (flipped, wrong_length, body[:-9], body[:11], body[:1], b"", body + b"rubbish", b"not gzip at all", body[10:]):
        answer = post(quipu, damaged, Content_Encoding="gzip")
        assert answer.status_code == 400 and is_otlp_error(answer, 3), (damaged[:12], answer.status_code, answer.text[:200])
    for whole in (body, body + b"\0\0\0", gzipped(request([span()])) + gzipped(request([span()])), zlib.compress(request([span()]))):
        assert post(quipu, whole, Content_Encoding="gzip").status_code == 200
    assert post(quipu, zlib.compress(request([span()])), Content_Encoding="deflate").status_code == 200


def other_encodings_are_refused_by_saying_what_is_taken(quipu):
    for encoding in ("br", "zstd", "compress", "gzip, gzip", "x-snappy", "identity, br", "\u00fc"):
        answer = post_json(quipu, {}, Content_Encoding=encoding.encode("latin-1"))
        assert answer.status_code == 415 and "gzip" in answer.json()["message"], (encoding, answer.text)
    for type in ("text/plain", "", "application/x-www-form-urlencoded", "application/grpc", "application/jsonx"):
        answer = post(quipu, b"{}", type)
        assert answer.status_code == 415 and "application/x-protobuf" in answer.text, (type, answer.status_code, answer.text)


def nesting_bombs_cost_nothing(quipu):
    for opening in (b"[", b'{"a":', b'[{"a":'):
        for path in ("/v1/traces", "/v1/logs", "/v1/metrics", "/api/public/ingestion", "/api/public/scores"):
            for body in (opening * 100_000, b'{"resourceSpans":' + opening * 100_000, b'{"batch":' + opening * 100_000):
                answer = post(quipu, body, JSON, path)
                assert answer.status_code in (200, 207, 400), (path, answer.status_code, answer.text[:200])
    inner = part(1, "deep")
    for depth in range(3000):
        inner = part(5, part(1, inner)) if depth % 2 else part(6, part(1, part(1, "k") + part(2, inner)))
    deep = part(9, part(1, "deep") + part(2, inner))
    trace = span()
    answer = post(quipu, request([span(more=deep), trace]))
    assert answer.status_code == 200 and b"64" in answer.content, answer.content
    group = bytes([15 << 3 | 3]) * 200_000
    assert post(quipu, group).status_code == 400
    text = '[' * 200_000
    event = {"id": "deep", "type": "trace-create", "timestamp": "2026-11-22T10:00:00Z", "body": {"id": "deep", "metadata": {"x": text}, "input": text}}
    assert post_json(quipu, {"batch": [event]}, "/api/public/ingestion").status_code == 207


def bodies_at_the_limit_are_taken_and_over_it_refused(quipu):
    call = request([span()])
    for size, expected in ((LIMIT - 1, (200, 503)), (LIMIT, (200, 503)), (LIMIT + 1, (413,))):
        # An unknown field fills it up: tag of two bytes, length of four.
        body = call + part(500, bytes(size - len(call) - 6))
        assert len(body) == size
        answer = post(quipu, body)
        assert answer.status_code in expected, (size, answer.status_code, answer.text[:200])
        if answer.status_code == 413:
            assert is_otlp_error(answer)
    answer = post_json(quipu, b'{"batch":[' + b" " * LIMIT, "/api/public/ingestion")
    assert answer.status_code == 413 and answer.json()["message"]


def chunks_without_end_are_cut_off(quipu):
    """Refused at the limit, and the connection ends though the sender goes on."""
    with connect(quipu, 30) as s:
        s.sendall(head(quipu, Transfer_Encoding="chunked") + b"\r\n")
        chunk, sent, started = b"10000\r\n" + bytes(65536) + b"\r\n", 0, time.monotonic()
        try:
            while time.monotonic() - started < 60 and sent < 600 * MIB:
                s.sendall(chunk)
                sent += 65536
        except OSError:
            pass
        assert sent < 600 * MIB, "it goes on taking bytes after the refusal"


def a_truncated_body_is_refused_or_read_as_less(quipu):
    body = request([span(attributes={"a": "b", "n": 1, "gen_ai.usage.input_tokens": 5})])
    session = authorized_session(quipu)
    for end in range(len(body) + 1):
        answer = session.post(quipu.url + "/v1/traces", data=body[:end], headers={"Content-Type": PROTOBUF}, timeout=60)
        assert answer.status_code in (200, 400), (end, answer.status_code, answer.text)
        assert answer.status_code == 200 or is_otlp_error(answer)


def authorized_session(quipu):
    session = requests.Session()
    session.auth = quipu.auth
    return session


def many_small_things_claim_no_great_memory(quipu):
    """Two bytes announce a span: half a million of them must not become gigabytes."""
    before = peak_mib(quipu)
    for body in (part(1, part(2, part(2, b"") * 2_000_000)), part(1, b"") * 2_000_000, part(1, part(2, b"") * 1_000_000),
                 part(1, part(2, part(2, span() + part(9, b"") * 500_000))), part(1, part(2, part(2, span() + part(11, b"") * 500_000)))):
        answer = post(quipu, body)
        assert answer.status_code in (200, 413), (answer.status_code, answer.text[:100])
    for body in (b'{"batch":[' + b"{}," * 1_000_000 + b"{}]}", b'{"batch":[' + b"0," * 3_000_000 + b"0]}"):
        answer = post_json(quipu, body, "/api/public/ingestion", timeout=120)
        assert answer.status_code in (207, 400, 413, 503), answer.status_code
    assert peak_mib(quipu) - before < 900, (before, peak_mib(quipu))


def slow_senders_hold_nobody_up(quipu, connections=500, seconds=12):
    """One byte a second of heads and bodies on many connections, while a normal sender is served."""
    heads = [connect(quipu) for _ in range(connections // 2)]
    bodies = [connect(quipu) for _ in range(connections - connections // 2)]
    try:
        for s in bodies:
            s.sendall(head(quipu, Content_Length=str(40 * MIB)) + b"\r\n")
        slowest, started, text = 0.0, time.monotonic(), head(quipu)
        for second in range(seconds):
            for s in heads:
                s.sendall(text[second:second + 1])
            for s in bodies:
                s.sendall(b"\0")
            before = time.monotonic()
            check_serves(quipu)
            slowest = max(slowest, time.monotonic() - before)
            time.sleep(max(0, started + second + 1 - time.monotonic()))
        assert slowest < 5, slowest
    finally:
        for s in heads + bodies:
            s.close()


CASES = [gzip_bombs_stop_at_the_limit, damaged_gzip_is_refused_with_its_reason, other_encodings_are_refused_by_saying_what_is_taken,
         nesting_bombs_cost_nothing, bodies_at_the_limit_are_taken_and_over_it_refused, chunks_without_end_are_cut_off,
         a_truncated_body_is_refused_or_read_as_less, many_small_things_claim_no_great_memory, slow_senders_hold_nobody_up]
