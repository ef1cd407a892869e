"""Starts the program as a user would, on a private data folder with its own PostgreSQL at full durability."""
import base64
import http.client
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import time

import libpq
import measures

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", ".."))
PUBLIC_KEY, SECRET_KEY = "pk-lf-bench", "sk-lf-bench-of-this-machine"
PASSWORD = "bench password"


def basic(public_key, secret_key):
    return "Basic " + base64.b64encode(f"{public_key}:{secret_key}".encode()).decode()


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class Service:
    """`folder` is kept if given, else made under the temporary folder and removed by `close`."""

    def __init__(self, binary, folder=None):
        self.binary = os.path.abspath(binary)
        self.is_kept = folder is not None
        self.folder = os.path.abspath(folder) if folder else tempfile.mkdtemp(prefix="quipu-bench-")
        os.makedirs(self.folder, exist_ok=True)
        os.chmod(self.folder, 0o755)
        self.port = free_port()
        self.process = None
        self.authorization = basic(PUBLIC_KEY, SECRET_KEY)
        self.share()
        self.start()

    def share(self):
        """A copy that the service's user can read wherever the clone lies."""
        for name in ("Migrations", "Public"):
            shutil.rmtree(f"{self.folder}/{name}", ignore_errors=True)
            shutil.copytree(f"{ROOT}/{name}", f"{self.folder}/{name}")
        subprocess.run(["chmod", "-R", "a+rX", f"{self.folder}/Migrations", f"{self.folder}/Public"], check=True)

    @property
    def environment(self):
        inherited = {k: v for k, v in os.environ.items() if k != "DATABASE_URL" and not k.startswith("QUIPU_")}
        passed = {k: v for k, v in os.environ.items() if k in ("QUIPU_RUN_AS", "QUIPU_POSTGRES_BIN")}
        return {
            **inherited, **passed, "QUIPU_HOST": "127.0.0.1", "QUIPU_PORT": str(self.port), "QUIPU_DATA": self.folder + "/data",
            "QUIPU_SHARE": self.folder, "QUIPU_LOG_LEVEL": "warning", "QUIPU_INIT_PUBLIC_KEY": PUBLIC_KEY,
            "QUIPU_INIT_SECRET_KEY": SECRET_KEY, "QUIPU_INIT_PASSWORD": PASSWORD}

    def start(self):
        with open(self.folder + "/out.log", "ab") as log:
            self.process = subprocess.Popen(
                [self.binary, "serve"], env=self.environment, stdout=log, stderr=subprocess.STDOUT, start_new_session=True)
        deadline = time.time() + 120
        while not self.is_ready():
            if self.process.poll() is not None or time.time() > deadline:
                with open(self.folder + "/out.log", errors="replace") as log:
                    raise RuntimeError("the service did not start: " + log.read()[-2000:])
            time.sleep(0.1)

    def get(self, path):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            connection.request("GET", path, headers={"Authorization": self.authorization})
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()

    def is_ready(self):
        try:
            return self.get("/readyz")[0] == 200
        except OSError:
            return False

    def metric(self, name):
        for line in self.get("/metrics")[1].decode().splitlines():
            if line.startswith(name + " "):
                return float(line.split()[1])
        return None

    def wait_until_folded(self, seconds=300):
        """Until every acknowledged call is in the rollups."""
        deadline = time.time() + seconds
        while self.metric("quipu_rollup_backlog_seconds") != 0:
            if time.time() > deadline:
                raise RuntimeError("the rollups do not catch up")
            time.sleep(0.2)

    def command(self, *arguments):
        """Runs a subcommand beside the service; gives what it prints."""
        return subprocess.run([self.binary, *arguments], env=self.environment, check=True, capture_output=True, text=True).stdout

    def key(self, *options):
        """Authorization of a new key."""
        printed = self.command("keys", "create", "--name", "bench", *options)
        return basic(*(re.search(part + r"\s+(\S+)", printed).group(1) for part in ("public key", "secret key")))

    def put(self, path, body):
        """With a key that may administrate."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            head = {"Authorization": self.key("--scopes", "admin"), "Content-Type": "application/json"}
            connection.request("PUT", path, json.dumps(body), head)
            answer = connection.getresponse()
            if answer.status >= 300:
                raise RuntimeError(f"{path}: {answer.status} {answer.read().decode()}")
        finally:
            connection.close()

    @property
    def postmaster(self):
        with open(self.folder + "/data/postgres/postmaster.pid") as file:
            return file.read().split("\n")

    def connect(self, database="quipu"):
        return libpq.Connection(f"host='{self.postmaster[4]}' port=5432 user=quipu dbname={database}")

    def service_seconds(self):
        return measures.process_seconds(self.process.pid)

    def cluster_seconds(self):
        return measures.cluster_seconds(int(self.postmaster[0]))

    def pause(self):
        """Stands still while the floor is measured in the same PostgreSQL."""
        os.kill(self.process.pid, signal.SIGSTOP)

    def go_on(self):
        os.kill(self.process.pid, signal.SIGCONT)

    def stop(self):
        """Also stops the private PostgreSQL, with a checkpoint."""
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(timeout=90)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()

    def close(self):
        self.stop()
        if not self.is_kept:
            shutil.rmtree(self.folder, ignore_errors=True)
