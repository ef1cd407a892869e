"""Ways in which a database fails without losing anything. Each is begun, lasts, and is ended; the service stays up all the while."""
import os
import shutil
import subprocess
import tempfile
import threading
import time

from servers import OwnServer


class Outage:
    """`expects_down`: whether the service can store nothing meanwhile and must say so in /readyz. `may_be_read`: what is stored may
    be shown all the while."""
    name = "outage"
    expects_down = True
    may_be_read = False

    def __init__(self, server):
        self.server = server

    def begin(self):
        raise NotImplementedError

    def end(self):
        raise NotImplementedError

    @classmethod
    def make_server(cls):
        return OwnServer()

    def close(self):
        """After the server has gone."""


class Stopped(Outage):
    name = "stopped"

    def begin(self):
        self.server.stop()

    def end(self):
        self.server.start()


class Frozen(Outage):
    name = "frozen"

    def begin(self):
        self.server.freeze()

    def end(self):
        self.server.thaw()


class ReadOnly(Outage):
    """As after a failover to a standby: sessions that began meanwhile stay read-only for as long as they live."""
    may_be_read = True
    name = "read-only"

    def begin(self):
        self.server.psql("alter database quipu set default_transaction_read_only = on", "postgres")
        self.server.end_sessions()

    def end(self):
        self.server.psql("alter database quipu reset default_transaction_read_only", "postgres")


class OutOfConnections(Outage):
    """Another client takes all of them."""
    name = "out of connections"

    @classmethod
    def make_server(cls):
        return OwnServer(max_connections=14)

    def begin(self):
        self.taken = []
        for _ in range(4):
            self.server.end_sessions()
            while True:
                try:
                    self.taken.append(self.server.session("select 1", user="quipu"))
                except RuntimeError:
                    break

    def end(self):
        for session in self.taken:
            session.kill()
            session.wait()


class Background(Outage):
    """A fault that comes and goes; traffic gets through in between."""
    expects_down = False

    def begin(self):
        self.is_over = threading.Event()
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()

    def _run(self):
        while not self.is_over.is_set():
            self.once()

    def end(self):
        self.is_over.set()
        self.thread.join(timeout=60)


class Pulses(Background):
    """Frozen most of the time: so slow that waits pass every limit."""
    name = "slow"

    def once(self):
        self.server.freeze()
        self.is_over.wait(1.5)
        self.server.thaw()
        self.is_over.wait(0.3)


class Locked(Background):
    """Somebody locks the traces for longer than senders wait."""
    name = "locked"

    def once(self):
        session = self.server.session("begin", "lock table traces in exclusive mode")
        self.is_over.wait(6)
        session.kill()
        session.wait()
        self.is_over.wait(1)


class LockTimeout(Outage):
    """Statements end with 55P03, as those of an impatient setup do."""
    name = "lock timeout"
    expects_down = False

    def begin(self):
        self.server.psql("alter role quipu set lock_timeout = '200ms'")
        self.server.end_sessions()
        self.session = self.server.session("begin", "lock table traces in exclusive mode")

    def end(self):
        self.session.kill()
        self.session.wait()
        self.server.psql("alter role quipu reset lock_timeout")
        self.server.end_sessions()


class StatementTimeout(Outage):
    """A lock held beyond the 30 s that a statement may take."""
    name = "statement timeout"
    expects_down = False
    seconds_min = 40

    def begin(self):
        self.session = self.server.session("begin", "lock table traces in exclusive mode")

    def end(self):
        self.session.kill()
        self.session.wait()


class Deadlocks(Background):
    """A concurrent transaction locks the newest traces against the service's order."""
    name = "deadlocks"

    @classmethod
    def make_server(cls):
        return OwnServer(deadlock_timeout="50ms")

    SQL = """
      do $$ declare t record; begin
        for t in select ctid from (select ctid, trace_id from traces order by received_at desc limit 30) x order by trace_id desc loop
          perform 1 from traces where ctid = t.ctid for update; perform pg_sleep(0.005);
        end loop;
      end $$"""

    def once(self):
        try:
            self.server.psql(self.SQL)
        except RuntimeError:
            pass  # This side was the victim.


class SessionsEnded(Background):
    """An administrator ends all sessions again and again."""
    name = "sessions ended"

    def once(self):
        self.server.end_sessions()
        self.is_over.wait(0.3)


class Full(Outage):
    """No space on a small file system; needs root to mount it."""
    may_be_read = True
    mebibytes = 300

    @classmethod
    def make_server(cls):
        folder = tempfile.mkdtemp(prefix="quipu-full-")
        os.chmod(folder, 0o755)
        small = folder + "/small"
        os.mkdir(small)
        done = subprocess.run(
            ["mount", "-t", "tmpfs", "-o", f"size={cls.mebibytes}m,mode=0777", "tmpfs", small], capture_output=True, text=True)
        if done.returncode != 0:
            shutil.rmtree(folder)
            raise NotPossible("mount: " + done.stderr.strip())
        server = cls.on(folder, small)
        server.small = small
        return server

    def begin(self):
        with open(self.server.small + "/filler", "wb") as f:
            try:
                while True:
                    f.write(bytes(1 << 20))
                    f.flush()
            except OSError:
                pass

    def end(self):
        os.unlink(self.server.small + "/filler")
        if self.server.postmaster_is_gone():
            self.server.start()

    def close(self):
        subprocess.run(["umount", "-l", self.server.small])
        shutil.rmtree(self.server.folder, ignore_errors=True)


class DiskFull(Full):
    """Data files cannot grow (53100); the log of changes lies elsewhere."""
    name = "disk full"

    @classmethod
    def on(cls, folder, small):
        return OwnServer(folder=folder, data=small + "/postgres", wal=folder + "/wal")


class LogFull(Full):
    """The log of changes cannot grow: PostgreSQL panics and does not come back until there is room."""
    name = "log full"
    mebibytes = 120

    @classmethod
    def on(cls, folder, small):
        return OwnServer(folder=folder, wal=small + "/wal", max_wal_size="64MB", min_wal_size="32MB", wal_recycle="off")


class NotPossible(Exception):
    """Says why an outage can not be made here."""


SHORT = [Stopped, Frozen, ReadOnly, OutOfConnections, Deadlocks, LockTimeout]
ALL = [*SHORT, Pulses, Locked, StatementTimeout, SessionsEnded, DiskFull, LogFull]
