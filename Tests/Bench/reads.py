"""Measures reads of a filled data folder (grow.py): milliseconds from the request to the whole answer on loopback, by page and API.

python3 reads.py --data DIR [--rounds 40] [--sums] [--json FILE]     QUIPU_BINARY names the program

--sums asks the queries of cost pages of a year of sums (grow.py --sums), through the API: dimension, range, steps, top 8."""
import argparse
import datetime
import html
import http.client
import json
import os
import random
import re
import sys
import time
import urllib.parse

from service import PASSWORD, Service

UTC = datetime.timezone.utc


class Reader:
    """A signed-in browser without the browser: one connection, kept."""

    def __init__(self, service):
        self.service, self.cookies = service, {}
        self.connection = http.client.HTTPConnection("127.0.0.1", service.port, timeout=120)
        form = self.get("/sign-in")[1].decode()
        token = re.search(r'name="csrf" value="([0-9a-f]+)"', form).group(1)
        sent = urllib.parse.urlencode({"email": "owner@quipu.local", "password": PASSWORD, "csrf": token, "next": "/"})
        status, _ = self.get("/sign-in", sent)
        assert status == 303, f"sign-in answered {status}"

    def get(self, path, form=None):
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        if form is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        if path.startswith("/api/"):
            headers["Authorization"] = self.service.authorization
        self.connection.request("POST" if form is not None else "GET", path, form, headers)
        answer = self.connection.getresponse()
        for name, value in answer.getheaders():
            if name.lower() == "set-cookie":
                key, _, rest = value.partition("=")
                self.cookies[key] = rest.split(";")[0]
        return answer.status, answer.read()


def questions(reader, days):
    """Name → a function that makes the next address; values differ from round to round, as those of people do."""
    listed = []
    for hours in range(2, 40, 4):
        before = (datetime.datetime.now(UTC) - datetime.timedelta(hours=hours)).strftime("%Y-%m-%dT%H:%M:%SZ")
        first = (datetime.datetime.now(UTC) - datetime.timedelta(hours=hours + 2)).strftime("%Y-%m-%dT%H:%M:%SZ")
        body = json.loads(reader.get(f"/api/v1/traces?from={first}&to={before}&limit=50")[1])
        listed += body["traces"]
    chance = random.Random(7)
    pick = lambda: chance.choice(listed)
    link = re.compile(r'href="(/project/[^"]+/traces/[0-9a-f]{32})')
    page = reader.get("/traces")[1].decode()
    links = [html.unescape(found) for found in link.findall(page)]
    asked = {
        "overview, 7 days": lambda: "/?range=7d", "overview, 30 days": lambda: "/?range=30d",
        "costs by model and team, API": lambda: "/api/v1/costs?groupBy=model,team&" + span(chance, days, 7),
        "costs by endpoint, API": lambda: "/api/v1/costs?groupBy=endpoint&" + span(chance, days, 30),
        "costs by user, a day, API": lambda: "/api/v1/costs?groupBy=user&" + span(chance, days, 1),
        "traces, newest": lambda: "/traces?range=7d",
        "traces by session": lambda: "/traces?range=30d&session=" + quote(pick().get("session")),
        "traces of a user": lambda: "/traces?range=30d&user=" + quote(pick().get("user")),
        "traces of no such user": lambda: f"/traces?range=30d&user=nobody-{chance.random()}",
        "traces with errors": lambda: "/traces?range=7d&errors=1",
        "trace": lambda: chance.choice(links),
        "trace, API": lambda: "/api/v1/traces/" + pick()["id"],
        "search an id": lambda: "/traces?q=" + pick()["id"],
        "search a word in a day": lambda: "/traces?range=24h&q=" + chance.choice(["refund", "invoice", "revenue", "latency"]),
        "search an absent word in a day": lambda: f"/traces?range=24h&q=zyx{chance.randrange(10**6)}word",
    }
    for sort in ("cost", "duration", "tokens"):
        asked[f"traces by {sort}, a day"] = lambda sort=sort: f"/traces?range=24h&sort={sort}"
    return asked


def questions_of_sums():
    """What cost pages ask: calls and cost by each dimension, in months and days, the largest eight."""
    today = datetime.datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    end = (today + datetime.timedelta(days=1)).strftime("%Y-%m-%d")
    asked = {}
    for days in (30, 100, 365):
        first = (today - datetime.timedelta(days=days - 1)).strftime("%Y-%m-%d")
        base = f"/api/v1/costs?measures=calls,errors,unpricedCalls,cost&from={first}&to={end}"
        for dimension in ("endpoint", "model", "team", "userGroup", "project"):
            asked[f"{dimension}, {days} days"] = f"{base}&groupBy={dimension}"
            for interval in ("month", "day") if days > 30 else ("day",):
                asked[f"{dimension}, {days} days, by {interval}, top 8"] = f"{base}&groupBy={dimension}&interval={interval}&top=8"
        asked[f"endpoint and model, {days} days, top 8"] = f"{base}&groupBy=endpoint,model&top=8"
        asked[f"team, {days} days, against before"] = f"{base}&groupBy=team&compare=previous"
        asked[f"active users by team, {days} days"] = f"{base},activeUsers&groupBy=team"
        asked[f"every bucket by endpoint, {days} days"] = f"/api/v1/costs?groupBy=endpoint&from={first}&to={end}"
    return {name: lambda path=path: path for name, path in asked.items()}


def span(chance, days, length):
    end = datetime.datetime.now(UTC).replace(minute=0, second=0, microsecond=0) - datetime.timedelta(days=chance.randrange(max(1, days - length)))
    first = end - datetime.timedelta(days=length)
    return f"from={first:%Y-%m-%dT%H:%M:%SZ}&to={end:%Y-%m-%dT%H:%M:%SZ}"


def quote(text):
    return urllib.parse.quote(text or "none", safe="")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", required=True, metavar="DIR")
    parser.add_argument("--rounds", type=int, default=40)
    parser.add_argument("--days", type=int, default=35, help="how far back the filled data reaches")
    parser.add_argument("--sums", action="store_true", help="the data is a year of sums")
    parser.add_argument("--json", metavar="FILE")
    given = parser.parse_args()
    service = Service(os.environ.get("QUIPU_BINARY") or sys.exit("QUIPU_BINARY names no program"), given.data)
    figures = {}
    try:
        reader = Reader(service)
        print(f"{'':42} {'best':>8} {'p50':>8} {'p95':>8} {'max':>8} ms   KiB  status")
        for name, address in (questions_of_sums() if given.sums else questions(reader, given.days)).items():
            times, statuses, size = [], set(), 0
            for number in range(given.rounds + 3):
                path = address()
                start = time.perf_counter()
                status, body = reader.get(path)
                elapsed = (time.perf_counter() - start) * 1000
                if number >= 3:
                    times.append(elapsed)
                statuses.add(status)
                size = len(body)
            times.sort()
            p50, p95 = times[len(times) // 2], times[min(len(times) - 1, int(len(times) * 0.95))]
            figures[name] = {"best": times[0], "p50": p50, "p95": p95, "max": times[-1], "bytes": size}
            print(f"{name:42} {times[0]:8.1f} {p50:8.1f} {p95:8.1f} {times[-1]:8.1f} {size // 1024:8} {sorted(statuses)}", flush=True)
    finally:
        service.close()
    if given.json:
        with open(given.json, "w") as file:
            json.dump(figures, file, indent=1)


if __name__ == "__main__":
    main()
