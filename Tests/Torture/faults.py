"""What is done to a service and its database while senders push. Each fault leaves everything running again."""
import random
import signal
import time

from servers import send_signal


def kill_service(service, server, rng):
    service.kill()
    time.sleep(rng.random() * 0.3)
    service.restart()


def kill_backend(service, server, rng):
    """PostgreSQL answers the death of one backend by ending all and recovering."""
    backends = server.backends()
    if backends:
        send_signal(rng.choice(backends), signal.SIGKILL)


def kill_database(service, server, rng):
    server.kill_all()
    time.sleep(rng.random() * 0.5)
    server.start()


def kill_both(service, server, rng):
    kill_in_turn = [server.kill_all, service.kill]
    rng.shuffle(kill_in_turn)
    for kill in kill_in_turn:
        kill()
    server.start()
    service.restart()


def stop_database(service, server, rng):
    server.stop()
    time.sleep(rng.random() * 0.5)
    server.start()


CRASHES = [kill_service, kill_backend, kill_database, kill_both, stop_database]


def wait_until_in_use(sender, requests_before, minimum):
    """Until `minimum` more requests were answered, so that a fault never hits an idle service."""
    deadline = time.monotonic() + 30
    while sum(sender.answers.values()) < requests_before + minimum and time.monotonic() < deadline:
        time.sleep(0.005)


def random_moment(rng: random.Random, seconds):
    time.sleep(rng.random() * seconds)
