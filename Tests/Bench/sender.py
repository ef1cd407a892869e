"""Sends prepared requests from one process over keep-alive connections, closed loop or at a rate, and keeps every latency.

At a rate latency counts from the scheduled time, so that a stall is felt by all that should have been sent meanwhile. 429, 503 and
broken connections are sent again after Retry-After; the latency then counts from the first attempt."""
import gc
import heapq
import select
import socket
import time

RETRY_STATUSES = {0, 429, 502, 503, 504}
ATTEMPTS_MAX = 60


class Result:
    """What became of the requests."""

    def __init__(self):
        self.latencies = []
        self.statuses = {}
        self.retries = 0
        self.acknowledged = set()
        self.bad = []
        self.wall_seconds = self.cpu_seconds = 0.0

    def milliseconds(self, share):
        if not self.latencies:
            return None
        ordered = sorted(self.latencies)
        return round(1000 * ordered[min(len(ordered) - 1, int(share * len(ordered)))], 2)


class Exchange:
    """One connection and the request under way on it."""

    __slots__ = ("socket", "index", "due", "attempts", "rest", "is_blocked", "answer")

    def __init__(self):
        self.socket = None
        self.index = -1
        self.rest = None
        self.is_blocked = False
        self.answer = b""


class Sender:
    def __init__(self, port, head, count, body, connections, rate=0.0):
        """`body(i)` gives the bytes of request i of `count`; `rate` in requests a second, 0 sends as fast as answers come."""
        self.port, self.head, self.count, self.body, self.rate = port, head, count, body, rate
        self.poll = select.epoll()
        self.idle = [Exchange() for _ in range(min(connections, count))]
        self.by_descriptor = {}
        self.again = []  # (when, request, since, attempts)
        self.next = 0
        self.open = 0
        self.result = Result()

    def run(self):
        gc.collect()
        gc.disable()
        cpu = time.process_time()
        self.started = time.perf_counter()
        try:
            while self.next < self.count or self.again or self.open:
                self.begin_all(time.perf_counter())
                for descriptor, events in self.poll.poll(self.patience()):
                    self.advance(self.by_descriptor[descriptor], events)
        finally:
            gc.enable()
        self.result.wall_seconds = time.perf_counter() - self.started
        self.result.cpu_seconds = time.process_time() - cpu
        for exchange in self.idle:
            if exchange.socket:
                exchange.socket.close()
        self.poll.close()
        return self.result

    def due(self, index):
        return self.started + index / self.rate if self.rate else 0.0

    def patience(self):
        """Seconds until something is to be sent."""
        if not self.idle:
            return 30
        times = [self.again[0][0]] if self.again else []
        if self.next < self.count:
            times.append(self.due(self.next))
        return max(0, min(times) - time.perf_counter()) if times else 30

    def begin_all(self, now):
        while self.idle:
            if self.again and self.again[0][0] <= now:
                _, index, since, attempts = heapq.heappop(self.again)
                self.begin(index, since, attempts)
            elif self.next < self.count and self.due(self.next) <= now:
                self.begin(self.next, self.due(self.next) or time.perf_counter(), 1)
                self.next += 1
            else:
                return

    def begin(self, index, since, attempts):
        exchange = self.idle.pop()
        exchange.index, exchange.due, exchange.attempts, exchange.answer = index, since, attempts, b""
        self.open += 1
        body = self.body(index)
        exchange.rest = memoryview(b"".join((self.head, b"%d\r\n\r\n" % len(body), body)))
        try:
            if exchange.socket is None:
                self.connect(exchange)
            self.write(exchange)
        except OSError as error:
            self.broken(exchange, error)

    def connect(self, exchange):
        exchange.socket = socket.create_connection(("127.0.0.1", self.port), timeout=10)
        exchange.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        exchange.socket.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 20)
        exchange.socket.setblocking(False)
        self.by_descriptor[exchange.socket.fileno()] = exchange
        self.poll.register(exchange.socket, select.EPOLLIN)

    def write(self, exchange):
        try:
            while exchange.rest:
                exchange.rest = exchange.rest[exchange.socket.send(exchange.rest):]
            exchange.rest = None
        except BlockingIOError:
            pass
        if exchange.is_blocked != (exchange.rest is not None):
            exchange.is_blocked = not exchange.is_blocked
            self.poll.modify(exchange.socket, select.EPOLLIN | (select.EPOLLOUT if exchange.is_blocked else 0))

    def advance(self, exchange, events):
        try:
            if events & select.EPOLLOUT and exchange.rest is not None:
                self.write(exchange)
            if events & ~select.EPOLLOUT:
                data = exchange.socket.recv(65536)
                if not data:
                    raise ConnectionError("closed")
                exchange.answer += data
                self.read(exchange)
        except BlockingIOError:
            pass
        except OSError as error:
            self.broken(exchange, error)

    def read(self, exchange):
        end = exchange.answer.find(b"\r\n\r\n")
        if end < 0:
            return
        head = exchange.answer[:end].lower()
        at = head.find(b"content-length:")
        if at >= 0:
            length = int(head[at + 15:].split(b"\r\n", 1)[0])
            if len(exchange.answer) < end + 4 + length:
                return
        elif b"transfer-encoding: chunked" in head and not exchange.answer.endswith(b"0\r\n\r\n"):
            return
        if b"connection: close" in head:
            self.drop(exchange)
        after = head.find(b"retry-after:")
        wait = float(head[after + 12:].split(b"\r\n", 1)[0]) if after >= 0 else 0.25
        self.finish(exchange, int(head[9:12]), wait, exchange.answer[end + 4:])

    def broken(self, exchange, error):
        self.drop(exchange)
        if exchange.index >= 0:
            self.finish(exchange, 0, 0.25, repr(error).encode())

    def drop(self, exchange):
        if exchange.socket:
            self.by_descriptor.pop(exchange.socket.fileno(), None)
            exchange.socket.close()
            exchange.socket, exchange.rest, exchange.is_blocked = None, None, False

    def finish(self, exchange, status, wait, answer):
        result, index, now = self.result, exchange.index, time.perf_counter()
        result.statuses[status] = result.statuses.get(status, 0) + 1
        self.idle.append(exchange)
        self.open -= 1
        exchange.index = -1
        if status in RETRY_STATUSES and exchange.attempts < ATTEMPTS_MAX:
            result.retries += 1
            heapq.heappush(self.again, (now + wait, index, exchange.due, exchange.attempts + 1))
            return
        result.latencies.append(now - exchange.due)
        if 200 <= status < 300:
            result.acknowledged.add(index)
        elif len(result.bad) < 3:
            result.bad.append((status, answer[:300].decode(errors="replace")))


def head(path, authorization, content_type="application/x-protobuf", is_gzip=False):
    """Everything of a request before its length."""
    lines = [
        f"POST {path} HTTP/1.1", "Host: 127.0.0.1", f"Authorization: {authorization}", f"Content-Type: {content_type}",
        "User-Agent: quipu-bench"] + (["Content-Encoding: gzip"] if is_gzip else [])
    return ("\r\n".join(lines) + "\r\nContent-Length: ").encode()
