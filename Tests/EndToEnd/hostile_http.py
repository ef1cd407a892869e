"""Hostile HTTP: framing, lengths, heads, addresses and methods. Each case takes the service and raises when a promise is broken."""
from hostile_wire import MIB, connect, exchange, head, receive, request, span, statuses

BODY = request([span()])


def wrong_content_lengths_are_refused(quipu):
    for length in ("-1", "+5", "0x10", "1e3", "99999999999999999999999", "5, 6", "abc", ""):
        got = exchange(quipu, head(quipu, Content_Length=length) + b"\r\n" + BODY, 5)
        assert statuses(got)[:1] in ([400], [413]), (length, got[:200])


def two_lengths_or_length_with_chunks_do_not_smuggle_a_request(quipu):
    """What follows a request whose length is ambiguous must never be taken for a second request."""
    inner = b"GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n"
    forms = [
        head(quipu, Content_Length="5") + b"Content-Length: 6\r\n\r\nxxxxx" + inner,
        head(quipu, Content_Length=str(len(inner))) + b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + inner,
        head(quipu, Transfer_Encoding="chunked") + b"Content-Length: 3\r\n\r\n0\r\n\r\n" + inner,
        head(quipu, Transfer_Encoding="xchunked") + b"\r\n0\r\n\r\n" + inner,
        head(quipu, Transfer_Encoding="chunked, identity") + b"\r\n0\r\n\r\n" + inner,
        head(quipu) + b"Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n" + inner,
        head(quipu, Transfer_Encoding="chunked") + b"\r\n-1\r\n\r\n" + inner,
        head(quipu, Transfer_Encoding="chunked") + b"\r\nfffffffffffffffff\r\n\r\n" + inner,
        head(quipu, Content_Length="0") + b" folded: yes\r\nX: a\nY: b\r\n\r\n" + inner,
    ]
    for sent in forms:
        got = exchange(quipu, sent, 5)
        assert b"quipu_ingest" not in got or len(statuses(got)) == 1 or b"Content-Length: 0" in sent, (sent[-160:], got[:300])
        assert not statuses(got) or statuses(got)[0] < 500, (sent[-120:], got[:200])


def a_body_shorter_than_its_length_is_stored_by_nobody(quipu):
    got = exchange(quipu, head(quipu, Content_Length=str(len(BODY) + 9)) + b"\r\n" + BODY, 5, closes=True)
    assert not statuses(got) or statuses(got) == [400], got[:200]


def pipelined_requests_are_answered_in_order(quipu):
    one = head(quipu, Content_Length=str(len(BODY)), Connection="keep-alive") + b"\r\n" + BODY
    other = head(quipu, "GET /livez HTTP/1.1", Connection="keep-alive") + b"\r\n"
    assert statuses(exchange(quipu, one + other + one + other, 10)) == [200, 200, 200, 200]


def an_upload_that_asks_first_is_told_to_go_on(quipu):
    for declared, expected in ((len(BODY), [100]), (65 * MIB, [413]), (0, [200])):
        with connect(quipu) as s:
            s.sendall(head(quipu, Content_Length=str(declared), Expect="100-continue") + b"\r\n")
            # An upload that asks waits for the answer before it sends its body; curl gives up after a second.
            got = s.recv(4096)
            if not declared:
                continue
            assert statuses(got) == expected, got[:200]
            if expected == [100]:
                s.sendall(BODY)
                assert statuses(receive(s)) == [200]


def methods_that_are_not_served_are_told_so(quipu):
    for method, path, allowed in (("HEAD", "/livez", (200,)), ("OPTIONS", "/v1/traces", (404, 405)), ("OPTIONS", "*", (400, 404, 405)),
                                  ("DELETE", "/v1/traces", (404, 405)), ("GET", "/v1/traces", (405,)), ("TRACE", "/", (404, 405)),
                                  ("CONNECT", "x:1", (400, 404, 405)), ("PURGE", "/", (400, 404, 405)), ("B\x01D", "/", (400,)),
                                  ("HEAD", "/v1/traces", (404, 405))):
        got = exchange(quipu, head(quipu, f"{method} {path} HTTP/1.1", Content_Length="0") + b"\r\n", 5)
        assert statuses(got)[:1] == [] or statuses(got)[0] in allowed, (method, path, got[:200])


def floods_of_headers_are_refused(quipu):
    many = b"".join(b"x-%d: y\r\n" % i for i in range(10_000))
    for sent in (many, b"x: " + b"y" * MIB + b"\r\n", b"y" * MIB + b": x\r\n", b"cookie: a=b; " * 20_000 + b"\r\n"):
        got = exchange(quipu, head(quipu) + sent + b"\r\n", 10)
        assert statuses(got)[:1] in ([], [400], [431]), got[:200]


def long_and_broken_addresses_are_refused(quipu):
    for path in ("/" + "a" * MIB, "/api/v1/traces?q=" + "a" * MIB, "/api/v1/traces/%00", "/api/v1/traces/%ff%fe", "/api/v1/traces/%",
                 "/api/v1/traces?user=%00", "/api/v1/traces?user=%ff", "/api/v1/costs?model=%00", "/%2e%2e/%2e%2e/etc/passwd",
                 "/assets/../../etc/passwd", "/assets/%2e%2e%2fetc/passwd", "/assets/%00", "//", "/?" + "&" * 50_000, "http://other/livez",
                 "/api/v1/observations/%00?trace=%00", "/api/v1/observations/x?trace=%ff", "/api/v1/traces?cursor=%00",
                 "/api/v1/traces?session=%00&name=%00&environment=%00&model=%00", "/api/public/v2/prompts/%00", "/trace/%00", "/traces?q=%00",
                 "/sign-in?next=%00", "/api/v1/costs?groupBy=user&user=%00", "/api/v1/traces?from=9999999999999999999&to=-1"):
        got = exchange(quipu, head(quipu, f"GET {path} HTTP/1.1") + b"\r\n", 10)
        assert statuses(got)[:1] == [] or statuses(got)[0] < 500, (path[:60], got[:300])
    for raw in (b"\x00", b"\xff\xfe", b"\x80"):
        got = exchange(quipu, b"GET /api/v1/traces/" + raw + b" HTTP/1.1\r\nHost: x\r\n\r\n", 5)
        assert statuses(got)[:1] in ([], [400], [401], [404]), got[:200]


def odd_header_values_do_no_harm(quipu):
    for name, sent in ((b"User-Agent", b"a\x00b"), (b"User-Agent", b"\xff\xfe\xed\xa0\x80"), (b"User-Agent", b"x" * 60_000),
                       (b"x-langfuse-sdk-name", b"\xf0\x9f"), (b"Content-Type", b"application/x-protobuf; \xff"), (b"Accept", b"\x01"),
                       (b"Authorization", b"Basic \xff\xff"), (b"Authorization", b"Basic " + b"QUFB" * 15_000),
                       (b"Authorization", b"Basic AA=="), (b"X-Forwarded-For", b"\xff, 1.2.3.4"), (b"Cookie", b"session=\xff\x00; theme=" + b"z" * 5000)):
        lines = [l for l in head(quipu, Content_Length=str(len(BODY))).split(b"\r\n") if not l.lower().startswith(name.lower() + b":")]
        got = exchange(quipu, b"\r\n".join(lines) + name + b": " + sent + b"\r\n\r\n" + BODY, 5)
        assert statuses(got)[:1] == [] or statuses(got)[0] in (200, 400, 401, 415), (name, sent[:20], got[:200])


def what_is_no_http_is_refused(quipu):
    for sent in (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", b"\r\n" * 1000, b"\0" * 1000,
                 b"GET / HTTP/9.9\r\n\r\n", b"GET /\r\n\r\n", b"HTTP/1.1 200 OK\r\n\r\n", b"POST /v1/traces\r\n" + b"a" * 100_000):
        got = exchange(quipu, sent, 3, closes=True)
        assert not statuses(got) or statuses(got)[0] in (303, 400, 404, 431, 505), (sent[:30], got[:200])


CASES = [wrong_content_lengths_are_refused, two_lengths_or_length_with_chunks_do_not_smuggle_a_request,
         a_body_shorter_than_its_length_is_stored_by_nobody, pipelined_requests_are_answered_in_order,
         an_upload_that_asks_first_is_told_to_go_on, methods_that_are_not_served_are_told_so, floods_of_headers_are_refused,
         long_and_broken_addresses_are_refused, odd_header_values_do_no_harm, what_is_no_http_is_refused]
