import pytest

from fake_llm import FakeLLM
from quipu_service import Quipu


@pytest.fixture(scope="session")
def llm():
    return FakeLLM()


@pytest.fixture(scope="session")
def quipu():
    service = Quipu()
    yield service
    service.close()


@pytest.fixture
def own_quipu():
    """A service of its own, for tests that kill it."""
    service = Quipu()
    yield service
    service.close()
