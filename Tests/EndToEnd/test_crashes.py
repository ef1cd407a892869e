"""kill -9 under load, in short; deploy/torture does it a hundred times."""
import os
import random
import sys

import pytest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "Torture"))
import audit  # noqa: E402
import faults  # noqa: E402
import rounds  # noqa: E402
from ledger import Ledger  # noqa: E402
from sender import Sender  # noqa: E402
from servers import OwnServer  # noqa: E402
from service import Service  # noqa: E402


@pytest.fixture(scope="module")
def server():
    server = OwnServer()
    yield server
    server.close()


@pytest.fixture(scope="module")
def services(server):
    services = [Service(server), Service(server)]
    yield services
    for service in services:
        service.close()


@pytest.fixture(scope="module")
def ledger():
    return Ledger(11)


@pytest.mark.parametrize("fault", [faults.kill_service, faults.kill_backend, faults.kill_database])
def test_a_kill_under_load_loses_and_doubles_nothing(services, server, ledger, fault):
    findings, _ = rounds.crash_round(services, server, ledger, fault, 80, random.Random(1), window_seconds=0.3)
    assert findings.is_clean, findings
    assert all(service.is_running for service in services)


def test_rollups_after_crashes_are_those_of_a_rebuild(services, server, ledger):
    findings = audit.check_rollups(services[0], server)
    assert findings.is_clean, findings


def test_two_services_that_get_the_same_spans_at_once_store_them_once(services, ledger):
    planned, requests = ledger.plan(60)
    senders = [Sender([service], ledger, duplicates=0.3) for service in services]
    for sender in senders:
        sender.add(requests)
    for sender in senders:
        sender.wait(60)
        sender.close()
    findings = audit.check_traces(services, planned)
    findings.add(audit.check_totals(services[1], ledger))
    findings.wrong += senders[0].broken + senders[1].broken
    assert findings.is_clean, findings
