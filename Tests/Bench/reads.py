"""Measures reads of a filled data folder (grow.py): milliseconds from the request to the whole answer on loopback, by page and API.

python3 reads.py --data DIR [--rounds 40] [--sums] [--json FILE]     QUIPU_BINARY names the program

--sums asks cost pages of a year of sums (grow.py --sums) and tells beside each page the CPU time of its dearest statement over sums, the
least of the rounds: what issue 5 holds to 30 ms."""
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

import statements
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
    """Pages over 7 days to a year: costs by what sums are kept by, alone and in pairs, and the pages that ask several of them."""
    today = datetime.date.today()
    asked = {}
    for days in (7, 30, 90, 365):
        span = f"from={today - datetime.timedelta(days=days - 1)}&to={today}"
        pairs = ["endpoint", "model", "team", "userGroup", "project", "key", "endpoint,model", "team,endpoint", "userGroup,model", "team,model"]
        for by in pairs:
            asked[f"costs by {by}, {days} days"] = f"/costs?by={by}&compare=previous&{span}"
        for name, path in (("overview", "/"), ("teams", "/teams"), ("a team", "/teams/sums%20team%203"), ("endpoints", "/endpoints")):
            asked[f"{name}, {days} days"] = f"{path}?{span}"
    month = (today.replace(day=1) - datetime.timedelta(days=1)).strftime("%Y-%m")
    asked["allocation report, last month"] = f"/reports/allocation?month={month}"
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
        if given.sums:
            statements.say_all(service)
        reader, log = Reader(service), statements.Log(service)
        print(f"{'':42} {'best':>8} {'p50':>8} {'p95':>8} {'max':>8} ms   KiB  status")
        for name, address in (questions_of_sums() if given.sums else questions(reader, given.days)).items():
            times, statuses, size, least = [], set(), 0, {}
            log.taken()
            for number in range(given.rounds + 3):
                path = address()
                start = time.perf_counter()
                status, body = reader.get(path)
                elapsed = (time.perf_counter() - start) * 1000
                if number >= 3:
                    times.append(elapsed)
                statuses.add(status)
                size = len(body)
                for cpu, tables, statement in log.taken() if given.sums else []:
                    known = least.get(statement)
                    least[statement] = (min(cpu, known[0]) if known else cpu, tables)
            times.sort()
            p50, p95 = times[len(times) // 2], times[min(len(times) - 1, int(len(times) * 0.95))]
            figures[name] = {"best": times[0], "p50": p50, "p95": p95, "max": times[-1], "bytes": size}
            line = f"{name:42} {times[0]:8.1f} {p50:8.1f} {p95:8.1f} {times[-1]:8.1f} {size // 1024:8} {sorted(statuses)}"
            if least:
                cpu, tables = max(least.values())
                figures[name] |= {"statements": len(least), "dearestCPU": cpu}
                line += f"  {len(least)} statements, dearest {cpu:.1f} ms CPU of {', '.join(tables)}"
            print(line, flush=True)
    finally:
        if given.sums:
            statements.quiet(service)
        service.close()
    if given.json:
        with open(given.json, "w") as file:
            json.dump(figures, file, indent=1)


if __name__ == "__main__":
    main()
