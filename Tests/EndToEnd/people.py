"""Members of each role, signed in without a browser, and the table of routes that the program prints."""
import html
import os
import re
import subprocess
from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit

import requests

ROLES = ["owner", "admin", "finance", "teamLead", "engineer", "viewer", "auditor"]
PASSWORD = "seven-llamas-cross-41-bridges"


def run(quipu, *arguments, **environment):
    done = subprocess.run(
        [quipu.binary, *arguments], env={**quipu.environment, **environment}, capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stderr + done.stdout
    return done.stdout


def add(quipu, email, role, teams=(), projects=(), *more):
    """A member who can sign in at once."""
    places = [word for team in teams for word in ("--team", team)] + [word for slug in projects for word in ("--project", slug)]
    run(quipu, "members", "add", "--email", email, "--role", role, *places, *more, QUIPU_MEMBER_PASSWORD=PASSWORD)
    return email


def key(quipu, scopes, project="default"):
    """Public and secret part of a new key."""
    printed = run(quipu, "keys", "create", "--project", project, "--name", "test " + scopes, "--scopes", scopes)
    return re.search(r"public key\s+(\S+)", printed).group(1), re.search(r"secret key\s+(\S+)", printed).group(1)


def hidden(page, name):
    found = re.search(rf'name="{name}" value="([^"]*)"', page)
    return html.unescape(found.group(1)) if found else None


class Person(requests.Session):
    """A signed-in member."""

    def __init__(self, quipu, email, password=PASSWORD):
        super().__init__()
        self.quipu = quipu
        self.email = email
        form = self.look("/sign-in")
        answer = self.send_form("/sign-in", email=email, password=password, csrf=hidden(form.text, "csrf"), next="/")
        assert answer.status_code == 303, f"{email} could not sign in: {answer.status_code} {answer.text[-2000:]}"
        self.landing = answer.headers["Location"]

    def look(self, path, **more):
        return self.get(self.quipu.url + path, timeout=60, allow_redirects=False, **more)

    def send_form(self, path, **fields):
        return self.post(self.quipu.url + path, data=fields, timeout=60, allow_redirects=False)

    def send_to(self, route, address, fields, **more):
        """Whatever a form of the route sends, in the form that it takes: some take files."""
        sent = lambda **body: self.request(route.method, self.quipu.url + address, timeout=60, allow_redirects=False, **body, **more)
        answer = sent(data=fields)
        return sent(files={name: (None, value) for name, value in fields.items()} or {"file": (None, "")}) if answer.status_code == 400 else answer

    @property
    def csrf(self):
        return hidden(self.look("/").text, "csrf")


@dataclass(frozen=True)
class Route:
    method: str
    path: str
    kind: str
    detail: str

    @property
    def names(self):
        return re.findall(r":(\w+)", self.path)

    def at(self, **values):
        """The address with its parameters filled in; 1 where nothing is known of them."""
        path = re.sub(r":(\w+)", lambda name: str(values.get(name.group(1), 1)), self.path)
        return path.replace("**", "css/quipu.css")

    def fits(self, path):
        pattern = re.sub(r":\w+", "[^/]+", re.escape(self.path).replace(r"\:", ":").replace(r"\*\*", ".*"))
        return re.fullmatch(pattern, path) is not None


def routes(quipu):
    """Every route of the program, as registered."""
    return [Route(*(line.split(" ", 3) + [""])[:4]) for line in run(quipu, "routes").splitlines()]


def links(page, address):
    """Addresses of this service that the page leads to, with their query."""
    found = [html.unescape(link) for link in re.findall(r'<a [^>]*?href="([^"]*)"', page)]
    whole = [urlsplit(urljoin(address, link)) for link in found]
    here = urlsplit(address)
    return [part.path + ("?" + part.query if part.query else "") for part in whole if part.netloc == here.netloc]


def forms(page):
    """Addresses that the page's forms post to."""
    tags = re.findall(r"<form [^>]*>", page)
    return [html.unescape(re.search(r'action="([^"]*)"', tag).group(1)) for tag in tags if 'method="post"' in tag and "action=" in tag]


def crawl(person, start="/", pages_max=150):
    """Every page that can be reached by links, one of each kind: (path with query, answer)."""
    base = urlsplit(person.quipu.url).path
    waiting, seen = [start], set()
    while waiting and len(seen) < pages_max:
        address = waiting.pop(0)
        kind = kind_of(address)
        if kind in seen or address.startswith("/assets/"):
            continue
        seen.add(kind)
        answer = person.look(address)
        yield address, answer
        if answer.is_redirect:
            waiting += [without(base, link) for link in links(f'<a href="{html.escape(answer.headers["Location"])}">', person.quipu.url + address)]
        elif answer.headers.get("Content-Type", "").startswith("text/html"):
            waiting += [without(base, link) for link in links(answer.text, person.quipu.url + address)]


def without(base, path):
    return path[len(base):] or "/" if base and path.startswith(base) else path


def kind_of(address):
    """Addresses that differ in ids, names of things and values only are of one kind; a project is part of it."""
    part = urlsplit(address)
    path = re.sub(r"/traces/[^/]+", "/traces/*", part.path)
    path = re.sub(r"/observations/[^/]+", "/observations/*", path)
    path = re.sub(r"^/teams/[^/]+", "/teams/*", path)
    path = re.sub(r"/\d[\d-]*", "/*", path)
    names = sorted({field.split("=")[0] for field in part.query.split("&") if field})
    return path, tuple(names)


def shots_folder():
    return os.environ.get("QUIPU_SCREENSHOTS")
