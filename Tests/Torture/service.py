"""Services under torture: with known keys, restarted as a supervisor would, watched for memory and open files."""
import base64
import http.client
import json
import os
import re
import threading
import time
import urllib.parse

import requests

from quipu_service import Quipu

KEYS = {"QUIPU_INIT_PUBLIC_KEY": "pk-lf-torture-0000", "QUIPU_INIT_SECRET_KEY": "sk-lf-torture-secret-0000",
        "QUIPU_INIT_PASSWORD": "torture-password-0000"}


def authorization(service):
    return "Basic " + base64.b64encode(":".join(service.auth).encode()).decode()


class Service(Quipu):
    """`server` is the database behind DATABASE_URL; None runs a private one."""

    def __init__(self, server=None, **settings):
        address = {"DATABASE_URL": server.url} if server else {}
        super().__init__(**KEYS, **address, **settings)
        self.connections = threading.local()

    def restart(self, seconds=120):
        """Again and again until it runs: a start while the database recovers ends with an error."""
        deadline = time.monotonic() + seconds
        while True:
            try:
                return self.start()
            except RuntimeError:
                if time.monotonic() > deadline:
                    raise
                if self.process.poll() is None:
                    self.kill()
                time.sleep(0.1)

    def ask(self, path, **params):
        """A JSON answer, asked for until the database can give it; None for 404."""
        deadline = time.monotonic() + 60
        target = path + ("?" + urllib.parse.urlencode(params) if params else "")
        while True:
            try:
                status, body = self._get(target)
                if status == 404:
                    return None
                if status == 200:
                    return json.loads(body)
                problem = f"{status} {body[:200]}"
            except (OSError, http.client.HTTPException) as error:
                self.connections.kept = None
                problem = repr(error)
            assert time.monotonic() < deadline, f"{path}: {problem}"
            time.sleep(0.1)

    def _get(self, target):
        """One connection a thread: audits ask ten thousands of questions."""
        connection = getattr(self.connections, "kept", None)
        if connection is None:
            connection = self.connections.kept = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        connection.request("GET", target, headers={"Authorization": authorization(self)})
        answer = connection.getresponse()
        return answer.status, answer.read()

    def sign_in(self):
        """A browser's session."""
        browser = requests.Session()
        page = browser.get(self.url + "/sign-in", timeout=30).text
        fields = dict(re.findall(r'name="(csrf|next)" value="([^"]*)"', page))
        answer = browser.post(
            self.url + "/sign-in", data={**fields, "email": self.email, "password": self.password}, timeout=30, allow_redirects=False)
        assert answer.status_code == 303, answer.text
        return browser

    def readiness(self):
        """Status and body of /readyz; 0 when nobody listens."""
        try:
            answer = requests.get(self.url + "/readyz", timeout=20)
            return answer.status_code, answer.text
        except requests.RequestException as error:
            return 0, str(error)

    def wait_for_readiness(self, status, seconds=90):
        deadline = time.monotonic() + seconds
        while (now := self.readiness())[0] != status:
            assert time.monotonic() < deadline, f"/readyz stayed {now}"
            time.sleep(0.1)
        return now[1]

    @property
    def is_running(self):
        return self.process.poll() is None

    def resident_mib(self):
        with open(f"/proc/{self.process.pid}/statm") as f:
            return int(f.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20

    def open_files(self):
        return len(os.listdir(f"/proc/{self.process.pid}/fd"))
