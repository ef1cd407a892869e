"""PostgreSQL servers that can be hurt: one of our own behind DATABASE_URL, or the private one of a service."""
import glob
import os
import shutil
import signal
import subprocess
import tempfile
import time

from quipu_service import free_port


def binaries():
    found = sorted(glob.glob("/usr/lib/postgresql/*/bin"), key=lambda path: int(path.split("/")[4]))
    return found[-1] if found else os.path.dirname(shutil.which("postgres"))


def as_postgres():
    """PostgreSQL refuses to run as root."""
    return ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"] if os.geteuid() == 0 else []


def children_of(process):
    done = subprocess.run(["pgrep", "-P", str(process)], capture_output=True, text=True)
    return [int(line) for line in done.stdout.split()]


def send_signal(process, number):
    try:
        os.kill(process, number)
    except ProcessLookupError:
        pass


def command_line(process):
    try:
        with open(f"/proc/{process}/cmdline", "rb") as f:
            return f.read().replace(b"\0", b" ").decode(errors="replace").strip()
    except OSError:
        return ""


def run_psql(address, sql, prefix=()):
    done = subprocess.run(
        [*prefix, f"{binaries()}/psql", "-XAtq", "-v", "ON_ERROR_STOP=1", *address, "-c", sql], capture_output=True, text=True, cwd="/")
    if done.returncode != 0:
        raise RuntimeError(f"psql: {done.stderr}")
    return done.stdout.strip()


class Server:
    """What can be done to any running PostgreSQL."""
    data = None

    @property
    def postmaster(self):
        with open(self.data + "/postmaster.pid") as f:
            return int(f.readline())

    def kill_all(self):
        """SIGKILL to the postmaster and every child: as a power cut, but for the disk's cache."""
        postmaster = self.postmaster
        children = children_of(postmaster)
        for process in [postmaster, *children]:
            send_signal(process, signal.SIGKILL)
        while any(command_line(process) for process in [postmaster, *children]):
            time.sleep(0.01)

    def backends(self):
        """Processes that serve a client."""
        lines = {process: command_line(process) for process in children_of(self.postmaster)}
        return [p for p, line in lines.items() if line.startswith("postgres: ") and ("127.0.0.1(" in line or "[local]" in line)]

    def freeze(self):
        self._frozen = [self.postmaster, *children_of(self.postmaster)]
        for process in self._frozen:
            send_signal(process, signal.SIGSTOP)

    def thaw(self):
        for process in self._frozen:
            send_signal(process, signal.SIGCONT)


class PrivateServer(Server):
    """The cluster in a service's data folder; the service starts it again, so that `start` has nothing to do."""

    def __init__(self, service):
        self.data = service.folder + "/data/postgres"

    def start(self):
        pass

    def psql(self, sql):
        with open(self.data + "/postmaster.pid") as f:
            lines = f.read().splitlines()
        return run_psql(["-h", lines[4], "-p", lines[3], "-U", "quipu", "-d", "quipu"], sql, as_postgres())


class OwnServer(Server):
    """A server beside the service, with real durability."""

    def __init__(self, folder=None, data=None, wal=None, **settings):
        self.folder = folder or tempfile.mkdtemp(prefix="quipu-torture-")
        self.data = data or self.folder + "/postgres"
        self.port = free_port()
        self.settings = {"max_connections": "60", **settings}
        os.chmod(self.folder, 0o755)
        for path in filter(None, (self.data, wal)):
            os.makedirs(path)
        if as_postgres():
            for path in filter(None, (self.folder, self.data, wal)):
                shutil.chown(path, "postgres", "postgres")
        self._run(
            "initdb", "-D", self.data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", *(["-X", wal] if wal else []))
        self.start()
        # No superuser: what is kept for those must stay out of its reach.
        self.psql("create role quipu login", database="postgres")
        self.psql("create database quipu owner quipu", database="postgres")

    @property
    def url(self):
        return f"postgres://quipu@127.0.0.1:{self.port}/quipu"

    def _run(self, program, *arguments):
        done = subprocess.run(
            [*as_postgres(), f"{binaries()}/{program}", *arguments], capture_output=True, text=True, cwd="/")
        if done.returncode != 0:
            raise RuntimeError(f"{program}: {done.stderr}")
        return done.stdout

    def start(self, seconds=120):
        """Starts it and waits until it takes connections, recovery included."""
        settings = {"port": self.port, "listen_addresses": "127.0.0.1", "unix_socket_directories": self.folder, **self.settings}
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        log = open(self.folder + "/postgres.log", "ab")
        self.process = subprocess.Popen(
            [*as_postgres(), f"{binaries()}/postgres", "-D", self.data, *options], stdout=log, stderr=log, cwd="/",
            start_new_session=True)
        deadline = time.monotonic() + seconds
        while subprocess.run([f"{binaries()}/pg_isready", "-q", "-h", "127.0.0.1", "-p", str(self.port)]).returncode != 0:
            if self.process.poll() is not None:
                raise RuntimeError("PostgreSQL ended while it started; see " + self.folder + "/postgres.log")
            assert time.monotonic() < deadline, "PostgreSQL does not get ready"
            time.sleep(0.05)

    def kill_all(self):
        super().kill_all()
        self.process.wait()

    def stop(self):
        """A fast shutdown: sessions are ended."""
        if self.process.poll() is None:
            send_signal(self.postmaster, signal.SIGINT)
            self.process.wait(timeout=60)

    def postmaster_is_gone(self):
        return self.process.poll() is not None

    def _address(self, user, database):
        return ["-h", "127.0.0.1", "-p", str(self.port), "-U", user, "-d", database]

    def psql(self, sql, database="quipu"):
        return run_psql(self._address("postgres", database), sql)

    def session(self, *statements, user="postgres"):
        """A client that runs the statements and then holds its connection until `kill`."""
        process = subprocess.Popen(
            [f"{binaries()}/psql", "-XAtq", "-v", "ON_ERROR_STOP=1", *self._address(user, "quipu")], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        try:
            process.stdin.write("".join(s + ";\n" for s in statements) + "\\echo done\n")
            process.stdin.flush()
        except BrokenPipeError:
            pass
        while (line := process.stdout.readline()) != "done\n":
            if not line:
                raise RuntimeError("psql ended")
        return process

    def end_sessions(self):
        """Ends what the service has open."""
        self.psql("select pg_terminate_backend(pid) from pg_stat_activity where usename = 'quipu' and application_name <> 'psql'", "postgres")

    def close(self):
        try:
            if self.process.poll() is None:
                send_signal(self.postmaster, signal.SIGINT)
                try:
                    self.process.wait(timeout=20)
                except subprocess.TimeoutExpired:
                    self.kill_all()
        finally:
            shutil.rmtree(self.folder, ignore_errors=True)
