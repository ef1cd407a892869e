"""Every released state of the database, kept with data in Tests/Fixtures/migrations, is brought to this version."""
import datetime
import glob
import importlib.machinery
import importlib.util
import json
import os
import re
import shutil
import subprocess
import time
import uuid

import pytest
import requests

from fixtures import FIXTURES, NAMES, replay
from quipu_service import ROOT, Quipu
from traffic import observations, send, span

STATES = sorted(os.path.basename(path).removesuffix(".dump") for path in glob.glob(os.path.join(FIXTURES, "migrations", "*.dump")))


def load_make():
    loader = importlib.machinery.SourceFileLoader("make", os.path.join(FIXTURES, "migrations", "make"))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader("make", loader))
    loader.exec_module(module)
    return module


make = load_make()


def agrees(now, then, path=""):
    """What was said then is said now; fields may have been added."""
    if isinstance(then, dict):
        for key in then:
            agrees(now[key], then[key], f"{path}/{key}")
    elif isinstance(then, list) and then and isinstance(then[0], dict):
        assert len(now) == len(then), path
        for i, (a, b) in enumerate(zip(now, then)):
            agrees(a, b, f"{path}/{i}")
    else:
        assert now == then, path


def expect_new_sums(quipu, span):
    """Sums of before are made again in the background: by key and group over a year, and at list prices."""
    total = quipu.get("/api/v1/costs", groupBy="model", **span)["total"]
    for group in ("key", "userGroup"):
        until = time.time() + 120
        while True:
            try:
                told = quipu.get("/api/v1/costs", groupBy=group, **span)["total"]
                break
            except AssertionError:
                assert time.time() < until, f"no sums by {group}"
                time.sleep(1)
        assert told["calls"] > 0 and told == total


@pytest.mark.parametrize("state", STATES)
def test_a_released_state_is_upgraded_with_its_data(state):
    with open(os.path.join(FIXTURES, "migrations", state + ".json")) as f:
        truth = json.load(f)
    newest = max(os.path.basename(path)[:4] for path in glob.glob(ROOT + "/Migrations/0*.sql"))
    quipu = Quipu(starts=False, **make.SETTINGS)
    try:
        dump = quipu.folder + "/state"
        shutil.copyfile(os.path.join(FIXTURES, "migrations", state + ".dump"), dump)
        os.chmod(dump, 0o644)
        done = subprocess.run([quipu.binary, "restore", dump], env=quipu.environment, capture_output=True, text=True, timeout=300)
        assert done.returncode == 0, done.stderr
        assert state == newest or f"migrated from {int(state)}" in done.stdout
        printed = dict(line.split(None, 1) for line in done.stdout.strip().splitlines()[1:])
        assert printed == {**truth["printed"], "migration": str(int(newest))}

        quipu.start()
        now = make.told(quipu)
        # Bodies have an age of their own.
        made = datetime.date.fromisoformat(truth["span"]["to"]) - datetime.timedelta(days=365)
        kept = datetime.date.today() < made + datetime.timedelta(days=390)
        agrees({key: now[key] for key in truth if key in now and (key != "bodies" or kept)},
               {key: truth[key] for key in truth if key in now and (key != "bodies" or kept)})
        expect_new_sums(quipu, truth["span"])

        # Sent again, everything meets its own rows; rebuilt, the sums are the same.
        for name in NAMES:
            replay(quipu, name)
        assert make.told(quipu)["costs"] == now["costs"]
        rebuilt = subprocess.run([quipu.binary, "rollup", "rebuild"], env=quipu.environment, capture_output=True, text=True, timeout=120)
        assert rebuilt.returncode == 0, rebuilt.stderr
        assert make.told(quipu)["costs"] == now["costs"]

        fresh, before = uuid.uuid4().hex, quipu.get("/api/v1/costs", **truth["span"])["total"]["calls"]
        assert send(quipu, [span(fresh)]).status_code == 200
        assert len(observations(quipu, fresh)) == 1
        # The account of then signs in and sees pages.
        browser = requests.Session()
        token = re.search(r'name="csrf" value="([0-9a-f]+)"', browser.get(quipu.url + "/sign-in", timeout=60).text).group(1)
        form = {"csrf": token, "email": "owner@quipu.local", "password": make.SETTINGS["QUIPU_INIT_PASSWORD"], "next": "/"}
        assert browser.post(quipu.url + "/sign-in", data=form, timeout=60).url == quipu.url + "/"
        page = browser.get(quipu.url + "/trace/" + next(iter(truth["traces"])), timeout=60)
        assert page.status_code == 200 and "/traces/" in page.url
        total = quipu.get("/api/v1/costs", **{**truth["span"], "to": (datetime.date.today() + datetime.timedelta(days=2)).isoformat()})["total"]
        assert total["calls"] >= before
    finally:
        quipu.close()


def test_there_is_a_state_of_the_first_release():
    assert "0006" in STATES
    for state in STATES:
        assert os.path.exists(os.path.join(FIXTURES, "migrations", state + ".json"))


def database(quipu, name):
    """The address of a new database on the service's PostgreSQL."""
    with open(quipu.folder + "/data/postgres/postmaster.pid") as f:
        address = f"host={f.read().splitlines()[4]} port=5432 user=quipu dbname="
    drop = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups", "--"] if os.geteuid() == 0 else []
    run = lambda sql, where: subprocess.run(drop + ["psql", "-XAtc", sql, address + where], check=True, timeout=60, cwd="/tmp", capture_output=True)
    run("create database " + name, "postgres")
    return address + name, lambda sql: run(sql, name)


def test_processes_that_migrate_at_once_do_it_once(quipu):
    address, _ = database(quipu, "at_once")
    environment = {**quipu.environment, "DATABASE_URL": address}
    processes = [subprocess.Popen([quipu.binary, "migrate"], env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) for _ in range(4)]
    told = [process.communicate(timeout=120)[0] for process in processes]
    assert [process.returncode for process in processes] == [0] * 4
    assert sorted(told)[-3:] == ["nothing to apply\n"] * 3 and told.count("nothing to apply\n") == 3
    status = subprocess.run([quipu.binary, "migrate", "--status"], env=environment, capture_output=True, text=True, timeout=180)
    assert "pending" not in status.stdout and "applied  1 create_accounts" in status.stdout


def test_an_older_program_refuses_a_newer_database(quipu):
    address, run = database(quipu, "newer")
    environment = {**quipu.environment, "DATABASE_URL": address}
    assert subprocess.run([quipu.binary, "migrate"], env=environment, capture_output=True, timeout=120).returncode == 0
    run("insert into schema_migrations (number, name, sha256) values (9999, 'from_the_future', '')")
    for command in ("serve", "migrate", "demo"):
        done = subprocess.run([quipu.binary, command], env=environment, capture_output=True, text=True, timeout=120)
        assert done.returncode != 0 and "the database is at migration 9999" in done.stderr and "start the newer version" in done.stderr
