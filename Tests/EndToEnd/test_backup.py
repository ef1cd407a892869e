"""Backup and restore, drilled: under load, into a fresh folder, over old data, with everything that can go wrong."""
import glob
import os
import resource
import shutil
import signal
import subprocess
import time
import uuid

import pytest

from traffic import Senders, observations, send, servers, span, stored_calls, wait_until


@pytest.fixture
def shelf(tmp_path_factory):
    """A folder that the service's user may write to, whoever that is."""
    import tempfile
    folder = tempfile.mkdtemp(prefix="quipu-backup-")
    os.chmod(folder, 0o777)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def fresh(start):
    """A service without data, not started."""
    return start(template=None, starts=False)


def run(quipu, *arguments, **more):
    return subprocess.run([quipu.binary, *arguments], env=quipu.environment, capture_output=True, text=True, timeout=300, **more)


def told(done):
    """What backup and restore print, without the first line, which holds file and time."""
    assert done.returncode == 0, done.stderr
    return dict(line.split(None, 1) for line in done.stdout.strip().splitlines()[1:])


def as_database_user(command):
    return (["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups", "--"] if os.geteuid() == 0 else []) + command


def address(quipu, database="quipu"):
    with open(quipu.folder + "/data/postgres/postmaster.pid") as f:
        return f"host={f.read().splitlines()[4]} port=5432 user=quipu dbname={database}"


def psql(quipu, sql, database="quipu"):
    done = subprocess.run(
        as_database_user(["psql", "-XAtc", sql, address(quipu, database)]), capture_output=True, text=True, timeout=180, cwd="/tmp")
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def take_keys(quipu, other):
    quipu.public_key, quipu.secret_key = other.public_key, other.secret_key


def test_a_backup_under_load_holds_all_that_was_acknowledged_before_and_a_fresh_service_goes_on_with_it(own_quipu, fresh, shelf):
    senders = Senders(own_quipu)
    senders.wait_for(100)
    before = [trace for _, trace in senders.acknowledged]
    written = run(own_quipu, "backup", shelf + "/a.quipu")
    senders.wait_for(20)
    after = senders.end()
    assert set(senders.statuses) == {200}
    assert os.listdir(shelf) == ["a.quipu"] and os.stat(shelf + "/a.quipu").st_mode & 0o777 == 0o600
    restored = run(fresh, "restore", shelf + "/a.quipu")
    assert told(restored) == told(written)
    assert len(before) <= int(told(written)["observations"]) <= len(after) + len(senders.threads)

    take_keys(fresh, own_quipu)
    fresh.start()
    assert "secret key" not in fresh.printed
    for trace in before:
        assert len(observations(fresh, trace)) == 1
    total = stored_calls(fresh, len(before))
    assert str(total["calls"]) == told(written)["observations"] and total["cost"] + " USD" == told(written)["cost"]
    assert run(fresh, "rollup", "rebuild").returncode == 0
    assert fresh.get("/api/v1/costs")["total"] == total
    assert send(fresh, [span(uuid.uuid4().hex)]).status_code == 200
    assert stored_calls(fresh, total["calls"] + 1)["calls"] == total["calls"] + 1


def test_a_stopped_service_is_backed_up_and_stays_stopped(own_quipu, shelf):
    assert send(own_quipu, [span(uuid.uuid4().hex)]).status_code == 200
    own_quipu.stop()
    assert told(run(own_quipu, "backup", shelf + "/a.quipu"))["observations"] == "1"
    assert servers(own_quipu) == []


def test_only_replace_restores_over_data_and_never_under_a_running_service(own_quipu, shelf):
    kept, later = uuid.uuid4().hex, uuid.uuid4().hex
    assert send(own_quipu, [span(kept)]).status_code == 200
    written = run(own_quipu, "backup", shelf + "/a.quipu")
    assert send(own_quipu, [span(later)]).status_code == 200
    for arguments in (["restore", shelf + "/a.quipu"], ["restore", "--replace", shelf + "/a.quipu"]):
        done = run(own_quipu, *arguments)
        assert done.returncode != 0 and "another Quipu runs" in done.stderr
    own_quipu.stop()
    done = run(own_quipu, "restore", shelf + "/a.quipu")
    assert done.returncode != 0 and "--replace" in done.stderr and servers(own_quipu) == []
    assert told(run(own_quipu, "restore", "--replace", shelf + "/a.quipu")) == told(written)
    own_quipu.start()
    assert len(observations(own_quipu, kept)) == 1
    assert stored_calls(own_quipu, 1)["calls"] == 1
    assert psql(own_quipu, "select count(*) from pg_database where datname like 'quipu_%'") == "0"


def test_a_restore_that_is_killed_leaves_the_old_data_or_the_new_and_the_next_one_works(own_quipu, shelf):
    assert send(own_quipu, [span(uuid.uuid4().hex) for _ in range(3)]).status_code == 200
    written = run(own_quipu, "backup", shelf + "/three.quipu")
    assert send(own_quipu, [span(uuid.uuid4().hex) for _ in range(2)]).status_code == 200
    for number, delay in ((signal.SIGKILL, 0.4), (signal.SIGKILL, 1.2), (signal.SIGTERM, 0.9), (signal.SIGKILL, 2.5)):
        own_quipu.stop()
        process = subprocess.Popen([own_quipu.binary, "restore", "--replace", shelf + "/three.quipu"], env=own_quipu.environment,
                                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(delay)
        process.send_signal(number)
        process.wait(180)
        if number == signal.SIGTERM:
            assert servers(own_quipu) == []
        own_quipu.start()
        assert stored_calls(own_quipu, 1)["calls"] in ((3,) if process.returncode == 0 else (3, 5))
    own_quipu.stop()
    assert told(run(own_quipu, "restore", "--replace", shelf + "/three.quipu")) == told(written)
    own_quipu.start()
    assert stored_calls(own_quipu, 3)["calls"] == 3
    assert psql(own_quipu, "select count(*) from pg_database where datname like 'quipu_%'") == "0"


def test_files_that_are_no_whole_backup_are_refused_and_change_nothing(own_quipu, shelf):
    kept = uuid.uuid4().hex
    assert send(own_quipu, [span(kept)]).status_code == 200
    assert run(own_quipu, "backup", shelf + "/good").returncode == 0
    with open(shelf + "/good", "rb") as f:
        good = f.read()
    with open(shelf + "/text", "w") as f:
        f.write("-- a plain dump\n")
    for name, part in (("half", len(good) // 2), ("short", len(good) - 40)):
        with open(f"{shelf}/{name}", "wb") as f:
            f.write(good[:part])
    psql(own_quipu, "create database other")
    psql(own_quipu, "create table things (id int)", "other")
    psql(own_quipu, "insert into schema_migrations (number, name, sha256) values (9999, 'from_the_future', '')")
    for name, database in (("strange", "other"), ("newer", "quipu")):
        subprocess.run(
            as_database_user(["pg_dump", "-Fc", "-f", f"{shelf}/{name}", address(own_quipu, database)]), check=True, timeout=60, cwd="/tmp")
    done = run(own_quipu, "backup", shelf + "/ahead")
    assert done.returncode != 0 and "start the newer version" in done.stderr
    psql(own_quipu, "delete from schema_migrations where number = 9999")
    own_quipu.stop()
    os.chmod(shelf + "/half", 0o644)
    os.chmod(shelf + "/short", 0o644)
    for name, reason in (("none", "No such file"), ("text", "is no backup"), ("half", "damaged"), ("short", "failed"),
                         ("strange", "without Quipu's tables"), ("newer", "is at migration 9999, this version knows")):
        done = run(own_quipu, "restore", "--replace", f"{shelf}/{name}")
        assert done.returncode != 0 and reason in done.stderr, (name, done.stderr)
    own_quipu.start()
    assert len(observations(own_quipu, kept)) == 1


def test_a_backup_that_fails_or_is_stopped_leaves_no_file_and_keeps_the_last_one(own_quipu, shelf):
    for _ in range(20):
        assert send(own_quipu, [span(uuid.uuid4().hex, big="".join(uuid.uuid4().hex for _ in range(500)))]).status_code == 200
    assert run(own_quipu, "backup", shelf + "/a").returncode == 0
    with open(shelf + "/a", "rb") as f:
        last = f.read()

    def unchanged():
        with open(shelf + "/a", "rb") as f:
            return os.listdir(shelf) == ["a"] and f.read() == last

    # As a full disk: no file may get longer than this.
    full = run(own_quipu, "backup", shelf + "/a", preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (40_000, 40_000)))
    assert full.returncode != 0 and "pg_dump failed" in full.stderr and unchanged()
    missing = run(own_quipu, "backup", shelf + "/no/such/folder")
    assert missing.returncode != 0 and "No such file or directory" in missing.stderr
    locker = subprocess.Popen(
        as_database_user(["psql", "-XAtc", "begin; lock table traces; select 'locked'; select pg_sleep(60)", address(own_quipu)]),
        stdout=subprocess.PIPE, text=True, cwd="/tmp")
    try:
        wait_until(lambda: psql(own_quipu, "select count(*) from pg_locks where mode = 'AccessExclusiveLock' and granted and relation = 'traces'::regclass") == "1")
        stopped = subprocess.Popen([own_quipu.binary, "backup", shelf + "/a"], env=own_quipu.environment, stderr=subprocess.PIPE, text=True)
        wait_until(lambda: os.path.exists(shelf + "/a.part"))
        time.sleep(0.5)
        stopped.terminate()
        _, error = stopped.communicate(timeout=60)
        assert stopped.returncode == 1 and "stopped by a signal" in error and unchanged()
    finally:
        locker.kill()
        locker.wait()
        psql(own_quipu, "select pg_terminate_backend(pid) from pg_stat_activity where query like '%pg_sleep%' and pid <> pg_backend_pid()")


def test_a_database_of_ones_own_is_backed_up_and_restored_by_its_address(own_quipu, shelf):
    psql(own_quipu, "create role plain login password 'a''b\\c'")
    psql(own_quipu, "create database elsewhere owner plain")
    assert send(own_quipu, [span(uuid.uuid4().hex)]).status_code == 200
    written = run(own_quipu, "backup", shelf + "/a")
    elsewhere = {**own_quipu.environment, "DATABASE_URL": address(own_quipu, "elsewhere").replace("user=quipu", "user=plain password='a\\'b\\\\c'")}
    ask = lambda *a: subprocess.run([own_quipu.binary, *a], env=elsewhere, capture_output=True, text=True, timeout=120)
    assert "nothing to back up" in ask("backup", shelf + "/b").stderr
    assert told(ask("restore", shelf + "/a")) == told(written)
    assert told(ask("backup", shelf + "/b")) == told(written)
    refused = ask("restore", "--replace", shelf + "/b")
    assert refused.returncode != 0 and "ALTER ROLE plain CREATEDB" in refused.stderr
    psql(own_quipu, "alter role plain createdb")
    assert told(ask("restore", "--replace", shelf + "/b")) == told(written)
    holder = subprocess.Popen(as_database_user(["psql", "-XAtc", "select pg_sleep(60)", address(own_quipu, "elsewhere")]), cwd="/tmp")
    try:
        wait_until(lambda: psql(own_quipu, "select count(*) from pg_stat_activity where datname = 'elsewhere'") == "1")
        used = ask("restore", "--replace", shelf + "/b")
        assert used.returncode != 0 and "the database elsewhere is in use (sessions: 1)" in used.stderr
    finally:
        holder.kill()
        holder.wait()
    assert sorted(os.path.basename(path) for path in glob.glob(shelf + "/*")) == ["a", "b"]
