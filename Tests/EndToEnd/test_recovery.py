"""The private PostgreSQL dies under load: the running service starts it again."""
import os
import signal
import subprocess

import requests

from traffic import Senders, observations, postmaster, stored_calls, wait_until


def ready(quipu):
    return requests.get(quipu.url + "/readyz", timeout=60)


def restarts(quipu):
    lines = requests.get(quipu.url + "/metrics", timeout=60).text.splitlines()
    return [int(line.split()[1]) for line in lines if line.startswith("quipu_postgres_restarts_total ")][0]


def test_a_killed_database_is_started_again_under_load_and_nothing_acknowledged_is_lost(own_quipu):
    process = own_quipu.process.pid
    senders = Senders(own_quipu)
    for round in range(3):
        senders.wait_for(20)
        killed = postmaster(own_quipu)
        os.kill(killed, signal.SIGKILL)
        wait_until(lambda: ready(own_quipu).status_code == 503)
        told = ready(own_quipu)
        assert told.status_code == 200 or "PostgreSQL" in told.json()["for"] or "database" in told.json()["for"]
        wait_until(lambda: ready(own_quipu).status_code == 200)
        assert postmaster(own_quipu) != killed
        senders.wait_for(20)
    acknowledged = senders.end()
    assert own_quipu.process.poll() is None and own_quipu.process.pid == process
    assert set(senders.statuses) <= {200, 503}, senders.statuses
    assert senders.statuses.get(503, 0) > 0 and senders.without_retry_after == 0
    for trace in acknowledged:
        assert len(observations(own_quipu, trace)) == 1
    total = stored_calls(own_quipu, len(acknowledged))
    # A call whose acknowledgement got lost is stored too: each thread may have had one under way at the end.
    assert len(acknowledged) <= total["calls"] <= len(acknowledged) + len(senders.threads)
    done = subprocess.run([own_quipu.binary, "rollup", "rebuild"], env=own_quipu.environment, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    assert own_quipu.get("/api/v1/costs")["total"] == total
    assert restarts(own_quipu) == 3


def test_a_killed_backend_is_nothing_to_the_service(own_quipu):
    senders = Senders(own_quipu)
    senders.wait_for(20)
    backends = subprocess.run(["pgrep", "-P", str(postmaster(own_quipu)), "-f", "quipu quipu"], capture_output=True, text=True).stdout.split()
    assert backends
    os.kill(int(backends[0]), signal.SIGKILL)
    senders.wait_for(20)
    acknowledged = senders.end()
    assert set(senders.statuses) <= {200, 503}, senders.statuses
    for trace in acknowledged:
        assert len(observations(own_quipu, trace)) == 1
    assert restarts(own_quipu) == 0
