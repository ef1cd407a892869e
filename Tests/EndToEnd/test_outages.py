"""A database that fails for a moment under load: 503 with Retry-After, readiness that tells, recovery without a restart, nothing lost.

deploy/torture does it for a minute each, with a full disk and a flood of requests."""
import os
import sys

import pytest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "Torture"))
import outages  # noqa: E402
import trial  # noqa: E402
from ledger import Ledger  # noqa: E402
from servers import OwnServer  # noqa: E402
from service import Service  # noqa: E402


@pytest.fixture(scope="module")
def server():
    server = OwnServer(max_connections=14, deadlock_timeout="50ms")
    yield server
    server.close()


@pytest.fixture(scope="module")
def service(server):
    service = Service(server, QUIPU_LOG_LEVEL="error")
    yield service
    service.close()


@pytest.fixture(scope="module")
def ledger():
    return Ledger(12)


@pytest.mark.parametrize("kind", outages.SHORT, ids=lambda kind: kind.name)
def test_an_outage_loses_nothing_and_is_told(service, server, ledger, kind):
    findings, detail = trial.endure(service, server, kind(server), seconds=1, ledger=ledger, traces=25)
    assert findings.is_clean, (findings, detail)
