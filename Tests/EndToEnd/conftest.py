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
# The long ones first, so that no worker ends with one alone; two that need the demo are not next to each other, for one makes it.
LONGEST_FIRST = ["test_access_matrix", "test_openapi"]


def pytest_configure(config):
    config.addinivalue_line("markers", "pages: the file drives pages; it runs at the root and under a base path")
    config.addinivalue_line("markers", "at_root: a test of such a file that asks for files, by keys or by commands alone; once is enough")
    place = data_folders.begin()
    config.add_cleanup(lambda: data_folders.end(place))


def pytest_generate_tests(metafunc):
    marks = {mark.name for mark in metafunc.definition.iter_markers()}
    if "base" in metafunc.fixturenames and "pages" in marks:
        places = {"at-root": ""} if "at_root" in marks else {"at-root": "", UNDER: BASE_PATH}
        metafunc.parametrize("base", places.values(), ids=places.keys(), scope="module")


def pytest_collection_modifyitems(items):
    places = {name: place for place, name in enumerate(LONGEST_FIRST)}
    items.sort(key=lambda item: (places.get(item.path.stem, len(places)), item.path.stem, UNDER in item.nodeid))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    from xdist.scheduler import LoadScopeScheduling

    class ByService(LoadScopeScheduling):
        """A file at one place is one piece of work."""

        def _split_scope(self, nodeid):
            return nodeid.split("::", 1)[0] + (UNDER if UNDER in nodeid else "")

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
