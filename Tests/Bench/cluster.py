"""The private PostgreSQL of a stopped service, started with settings for filling: quick, and not safe against a crash meanwhile."""
import glob
import os
import signal
import subprocess
import tempfile
import time

import libpq

SETTINGS = {
    "listen_addresses": "", "port": "5432", "max_connections": "20", "shared_buffers": "2GB", "fsync": "off", "full_page_writes": "off",
    "synchronous_commit": "off", "wal_level": "minimal", "max_wal_senders": "0", "max_wal_size": "8GB", "checkpoint_timeout": "1h",
    "maintenance_work_mem": "512MB", "work_mem": "512MB", "autovacuum": "off", "jit": "off", "timezone": "UTC",
    "max_locks_per_transaction": "512"}


class FillingCluster:
    """Use as a context. Runs as the owner of the data folder, because PostgreSQL refuses root."""

    def __init__(self, folder):
        self.directory = folder + "/data/postgres"

    def __enter__(self):
        owner = os.stat(self.directory)
        with open(self.directory + "/PG_VERSION") as file:
            version = file.read().strip()
        folder = os.environ.get("QUIPU_POSTGRES_BIN") or f"/usr/lib/postgresql/{version}/bin"
        self.sockets = tempfile.mkdtemp(prefix="quipu-fill-")
        os.chown(self.sockets, owner.st_uid, owner.st_gid)
        arguments = [x for name, value in SETTINGS.items() for x in ("-c", f"{name}={value}")]
        change = {"user": owner.st_uid, "group": owner.st_gid, "extra_groups": []} if os.geteuid() == 0 else {}
        self.log = open(self.sockets + "/log", "ab")
        self.process = subprocess.Popen(
            [folder + "/postgres", "-D", self.directory, "-c", f"unix_socket_directories={self.sockets}", *arguments],
            stdout=self.log, stderr=self.log, cwd="/", **change)
        for _ in range(600):
            try:
                self.connect().close()
                return self
            except libpq.DatabaseError as error:
                if self.process.poll() is not None:
                    raise RuntimeError(f"PostgreSQL did not start: {open(self.sockets + '/log').read()[-1000:]}") from error
                time.sleep(0.1)
        raise RuntimeError("PostgreSQL does not answer")

    def connect(self):
        connection = libpq.Connection(f"host='{self.sockets}' port=5432 user=quipu dbname=quipu")
        connection.run("set client_min_messages = warning")
        return connection

    def __exit__(self, *_):
        """A fast shutdown writes everything; then the files are made durable."""
        self.process.send_signal(signal.SIGINT)
        self.process.wait(timeout=600)
        self.log.close()
        os.sync()
        for path in glob.glob(self.sockets + "/*") + glob.glob(self.sockets + "/.*"):
            os.unlink(path)
        os.rmdir(self.sockets)
