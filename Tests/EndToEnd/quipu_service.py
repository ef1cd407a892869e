"""Starts the built program as a user would: its own data folder, its own private PostgreSQL, keys read from what it prints once."""
import os
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import time

import requests

import data_folders

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", ".."))


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class Quipu:
    """A running service. `template` names what its data begins as: "started" (once, then stopped) or "demo"; without one this is its first
    start. Settings of the first start (QUIPU_INIT_...) want none. `starts=False` gives a service without data that was not started yet."""

    def __init__(self, base="", template=None, starts=True, **settings):
        self.binary = os.environ["QUIPU_BINARY"]
        self.folder = tempfile.mkdtemp(prefix="quipu-e2e-")
        os.chmod(self.folder, 0o755)
        self.port = free_port()
        self.base = base
        self.url = f"http://127.0.0.1:{self.port}{base}"
        inherited = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
        self.environment = {
            **inherited, "QUIPU_PORT": str(self.port), "QUIPU_DATA": self.folder + "/data", "QUIPU_SHARE": ROOT,
            "QUIPU_LOG_LEVEL": "warning", "QUIPU_BASE_PATH": base, **settings}
        self.process = None
        self.printed = ""
        first = data_folders.copy(template, self.folder, make_template) if template else None
        if starts:
            self.start()
        self.printed = first or self.printed
        self.public_key = self.told("public key", settings.get("QUIPU_INIT_PUBLIC_KEY"))
        self.secret_key = self.told("secret key", settings.get("QUIPU_INIT_SECRET_KEY"))
        self.email = self.told("e-mail", settings.get("QUIPU_INIT_EMAIL", "owner@quipu.local"))
        self.password = self.told("password", settings.get("QUIPU_INIT_PASSWORD"))

    def told(self, name, preset):
        """What the first start prints once; presets are for services that share a database, of which one prints."""
        return preset or (re.search(name + r"\s+(\S+)", self.printed).group(1) if self.printed else None)

    @property
    def log_path(self):
        return self.folder + "/out.log"

    def start(self, seconds=180):
        start_at = os.path.getsize(self.log_path) if os.path.exists(self.log_path) else 0
        log = open(self.log_path, "ab")
        self.process = subprocess.Popen(
            [self.binary, "serve"], env=self.environment, stdout=log, stderr=subprocess.STDOUT, start_new_session=True)
        deadline = time.time() + seconds
        while time.time() < deadline:
            if self.process.poll() is not None:
                raise RuntimeError("the service ended: " + self.output(start_at))
            try:
                if requests.get(self.url + "/readyz", timeout=60).status_code == 200:
                    self.printed = self.output(start_at)
                    return
            except (requests.ConnectionError, requests.Timeout):
                pass
            time.sleep(0.05)
        self.kill()
        raise RuntimeError("the service did not get ready: " + self.output(start_at))

    def output(self, start_at=0):
        with open(self.log_path, "rb") as f:
            f.seek(start_at)
            return f.read().decode(errors="replace")

    def kill(self):
        os.kill(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def stop(self):
        if self.process is None:
            return 0
        if self.process.poll() is None:
            self.process.terminate()
            self.process.wait(timeout=120)
        return self.process.returncode

    def close(self):
        try:
            self.stop()
        finally:
            shutil.rmtree(self.folder, ignore_errors=True)

    @property
    def auth(self):
        return (self.public_key, self.secret_key)

    def get(self, path, **params):
        answer = requests.get(self.url + path, params=params, auth=self.auth, timeout=60)
        assert answer.status_code == 200, f"{path}: {answer.status_code} {answer.text}"
        return answer.json()

    def wait_for_trace(self, accepts, seconds=180):
        """The first trace that `accepts`, as soon as the API shows it."""
        deadline = time.time() + seconds
        while time.time() < deadline:
            for trace in self.get("/api/v1/traces")["traces"]:
                if accepts(trace):
                    return self.get("/api/v1/traces/" + trace["id"])
            time.sleep(0.1)
        raise AssertionError(f"no such trace; there are {self.get('/api/v1/traces')}")

    def wait_until_folded(self, seconds=180):
        """Until every acknowledged call is in the rollups."""
        deadline = time.time() + seconds
        while time.time() < deadline:
            lines = requests.get(self.url + "/metrics", timeout=60).text.splitlines()
            if [float(line.split()[1]) for line in lines if line.startswith("quipu_rollup_backlog_seconds ")] == [0.0]:
                return
            time.sleep(0.1)
        raise AssertionError("the rollups do not catch up")

    def wait_for_cost(self, accepts, seconds=180, **params):
        deadline = time.time() + seconds
        report = None
        while time.time() < deadline:
            report = self.get("/api/v1/costs", **params)
            if accepts(report):
                return report
            time.sleep(0.1)
        raise AssertionError(f"the cost report stayed {report}")


def make_template(name):
    """A stopped service as `name` says."""
    if name == "started":
        service = Quipu()
    else:
        service = Quipu(template="started")
        done = subprocess.run([service.binary, "demo"], env=service.environment, capture_output=True, text=True, timeout=900)
        assert done.returncode == 0, done.stderr + done.stdout
        service.wait_until_folded(600)
    service.stop()
    return service
