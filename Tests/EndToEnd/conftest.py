"""Services for the tests, and how the tests are shared out.

`start` starts services that begin as a copy (data_folders.py); each file has services of its own, so files run beside each other in any
order. Files marked `pages` run twice: at the root of their host and under a base path. pytest-xdist shares out files, not tests:
a file's tests share a service.
"""
import pytest

import data_folders
from fake_llm import FakeLLM
from quipu_service import Quipu

BASE_PATH = "/x/y"
UNDER = "under-base-path"
# The long ones first, so that no worker ends with one alone. The first makes the demo, meanwhile others do without.
LONGEST_FIRST = [
    "test_access_matrix.py", "test_openapi.py", "test_backup.py", "test_prices.py", "test_report_pages.py", f"test_access_matrix.py {UNDER}",
    "test_promises.py", "test_upgrades.py", f"test_prices.py {UNDER}", f"test_report_pages.py {UNDER}", "test_cost_pages.py", "test_canary.py"]


def pytest_configure(config):
    config.addinivalue_line("markers", "pages: the file drives pages; it runs at the root and under a base path")
    config.addinivalue_line("markers", "at_root: a test of such a file that the place makes no difference to; it runs once")
    place = data_folders.begin()
    config.add_cleanup(lambda: data_folders.end(place))


def pytest_generate_tests(metafunc):
    if "base" in metafunc.fixturenames and metafunc.definition.get_closest_marker("pages"):
        metafunc.parametrize("base", ["", BASE_PATH], ids=["at-root", UNDER], scope="module")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items):
    """A mark may stand at single values of a test, too: of what is tried for each role, owner and viewer are enough under a base path."""
    places = {name: place for place, name in enumerate(LONGEST_FIRST)}
    items[:] = [item for item in items if UNDER not in item.nodeid or not item.get_closest_marker("at_root")]
    items.sort(key=lambda item: (places.get(piece_of(item.nodeid), len(places)), piece_of(item.nodeid)))


def piece_of(nodeid):
    """A file at one place is one piece of work."""
    return nodeid.split("::", 1)[0].rsplit("/", 1)[-1] + (" " + UNDER if UNDER in nodeid else "")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    from xdist.scheduler import LoadScopeScheduling

    class ByService(LoadScopeScheduling):
        def _split_scope(self, nodeid):
            return piece_of(nodeid)

    return ByService(config, log)


@pytest.fixture(scope="session")
def llm():
    return FakeLLM()


@pytest.fixture(scope="module")
def base():
    """The path that the service is under."""
    return ""


@pytest.fixture(scope="module")
def start(base):
    """Starts services of this file; they end with it."""
    started = []

    def start(template="started", **settings):
        started.append(Quipu(base=base, template=template, **settings))
        return started[-1]

    yield start
    for service in started:
        service.close()


@pytest.fixture(scope="module")
def quipu(start):
    """The service that the tests of a file share."""
    return start()


@pytest.fixture
def own_quipu(start):
    """A service of its own, for tests that kill it."""
    service = start()
    yield service
    service.close()
