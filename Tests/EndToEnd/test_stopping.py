"""Stopping: what was acknowledged is stored, and nothing stays behind. Waits are generous; none says how fast it is."""
import os
import signal
import socket
import subprocess
import time
import uuid
from base64 import b64encode

import pytest
import requests

from traffic import Senders, observations, send, servers, span, stored_calls, wait_until


def slow_upload(quipu):
    """A connection with a request that never gets whole."""
    token = b64encode(":".join(quipu.auth).encode()).decode()
    slow = socket.create_connection(("127.0.0.1", quipu.port))
    slow.sendall(
        f"POST /v1/traces HTTP/1.1\r\nHost: x\r\nAuthorization: Basic {token}\r\nContent-Type: application/json\r\n"
        f"Content-Length: {1 << 20}\r\n\r\n{{".encode())
    time.sleep(0.3)
    return slow


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_what_was_acknowledged_is_stored_and_the_database_is_stopped_too(own_quipu, number):
    senders = Senders(own_quipu)
    senders.wait_for(60)
    own_quipu.process.send_signal(number)
    assert own_quipu.process.wait(timeout=180) == 0
    acknowledged = senders.end()
    assert set(senders.statuses) <= {0, 200, 503}, senders.statuses
    assert servers(own_quipu) == []
    assert not os.path.exists(own_quipu.folder + "/data/postgres/postmaster.pid")
    own_quipu.start()
    for trace in acknowledged:
        assert len(observations(own_quipu, trace)) == 1
    # Nothing was in doubt: no request was cut off.
    assert stored_calls(own_quipu, len(acknowledged))["calls"] == len(acknowledged)


def is_refused(quipu):
    """Whether a new connection is turned away."""
    try:
        return requests.get(quipu.url + "/readyz", timeout=60).status_code == 503
    except requests.ConnectionError:
        return True


def test_no_new_connections_while_a_slow_client_is_waited_for_and_then_left(own_quipu):
    with slow_upload(own_quipu):
        own_quipu.process.terminate()
        wait_until(lambda: is_refused(own_quipu))
        assert own_quipu.process.wait(timeout=180) == 0
    assert servers(own_quipu) == []


def test_a_database_that_hangs_does_not_keep_the_service_from_ending(own_quipu):
    acknowledged = uuid.uuid4().hex
    assert send(own_quipu, [span(acknowledged)]).status_code == 200
    for process in servers(own_quipu):
        os.kill(process, signal.SIGSTOP)
    assert send(own_quipu, [span(uuid.uuid4().hex)]).status_code == 503
    own_quipu.process.terminate()
    assert own_quipu.process.wait(timeout=180) == 0
    assert servers(own_quipu) == []
    own_quipu.start()
    assert len(observations(own_quipu, acknowledged)) == 1


def test_a_second_signal_ends_at_once_and_leaves_no_database(own_quipu):
    acknowledged = uuid.uuid4().hex
    with slow_upload(own_quipu):
        assert send(own_quipu, [span(acknowledged)]).status_code == 200
        own_quipu.process.terminate()
        # Two signals that come before the first is looked at are one.
        wait_until(lambda: is_refused(own_quipu))
        own_quipu.process.terminate()
        assert own_quipu.process.wait(timeout=180) == 128 + signal.SIGTERM
    assert servers(own_quipu) == []
    own_quipu.start()
    assert len(observations(own_quipu, acknowledged)) == 1


@pytest.mark.parametrize("after_seconds", [0.05, 0.3, 0.7, 1.5])
def test_a_signal_during_the_start_ends_it_and_leaves_no_database(own_quipu, after_seconds):
    own_quipu.stop()
    process = subprocess.Popen([own_quipu.binary, "serve"], env=own_quipu.environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    time.sleep(after_seconds)
    process.terminate()
    process.communicate(timeout=180)
    # Before the program listens to signals they end it as any other.
    assert process.returncode in (0, -signal.SIGTERM)
    assert servers(own_quipu) == []
    own_quipu.start()
