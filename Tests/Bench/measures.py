"""CPU, memory and bytes of the service and of all processes of its PostgreSQL."""
import os
import time

TICKS = os.sysconf("SC_CLK_TCK")


def stat_fields(process):
    """Of /proc/PID/stat, from the state on: 11…14 are user, system, and those of ended children."""
    with open(f"/proc/{process}/stat") as file:
        return file.read().rsplit(")", 1)[1].split()


def children(process):
    with open(f"/proc/{process}/task/{process}/children") as file:
        return [int(child) for child in file.read().split()]


def process_seconds(process):
    """User and system time of all threads, ended ones too, in nanoseconds: the process's own CPU clock (clock_getcpuclockid)."""
    return time.clock_gettime(~process << 3 | 2)


def cluster_seconds(postmaster):
    """Of the postmaster, its living children and those that it has reaped."""
    while True:
        before = children(postmaster)
        fields = stat_fields(postmaster)
        reaped = (int(fields[13]) + int(fields[14])) / TICKS
        try:
            living = sum(process_seconds(child) for child in before)
        except OSError:
            continue
        if before == children(postmaster):
            return process_seconds(postmaster) + reaped + living


def memory_mib(process, name):
    """`VmRSS`, or `VmHWM` for the highest since `forget_peak`."""
    with open(f"/proc/{process}/status") as file:
        for line in file:
            if line.startswith(name + ":"):
                return int(line.split()[1]) / 1024
    return 0.0


def forget_peak(process):
    """Where the kernel refuses, the peak is that since the start."""
    try:
        with open(f"/proc/{process}/clear_refs", "w") as file:
            file.write("5")
    except OSError:
        pass


def stored_bytes(connection):
    """Of all tables with their indexes, out-of-line values and maps, after a checkpoint."""
    connection.run("checkpoint")
    return int(connection.value(
        "select coalesce(sum(pg_total_relation_size(c.oid)), 0) from pg_class c join pg_namespace n on n.oid = c.relnamespace "
        "where c.relkind = 'r' and n.nspname = 'public'"))


def wal_position(connection):
    return int(connection.value("select pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0')::bigint"))


class Span:
    """What service and PostgreSQL use from its making to `end`."""

    def __init__(self, service, connection):
        self.service, self.connection = service, connection
        self.stored = stored_bytes(connection)
        self.wal = wal_position(connection)
        forget_peak(service.process.pid)
        self.service_seconds, self.cluster_seconds = service.service_seconds(), service.cluster_seconds()

    def end(self):
        """Call when the fold is done; also takes the sizes, after the clocks."""
        self.service_seconds = self.service.service_seconds() - self.service_seconds
        self.cluster_seconds = self.service.cluster_seconds() - self.cluster_seconds
        self.peak_mib = memory_mib(self.service.process.pid, "VmHWM")
        self.wal = wal_position(self.connection) - self.wal
        self.stored = stored_bytes(self.connection) - self.stored
        return self
