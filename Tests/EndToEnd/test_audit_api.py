"""The audit log for programs: read on from where one stopped, held against a head that is kept elsewhere."""
import subprocess
import time

import pytest
import requests

from people import PASSWORD, Person, add, key, run
from test_backup import psql


@pytest.fixture(scope="module")
def quipu(start):
    return start(QUIPU_LOG_LEVEL="notice")


@pytest.fixture(scope="module")
def ask(quipu):
    auth = key(quipu, "admin")
    for n in range(5):
        add(quipu, f"member{n}@people.example", "viewer")

    def ask(path="", status=200, **asked):
        answer = requests.get(quipu.url + "/api/v1/audit" + path, params=asked, auth=auth, timeout=60)
        assert answer.status_code == status, answer.text
        return answer.json()

    return ask


def every(ask, **asked):
    entries, cursor = [], None
    while True:
        page = ask(limit=3, **asked, **({"cursor": cursor} if cursor else {}))
        entries += page["entries"]
        cursor = page["nextCursor"]
        if cursor is None:
            return entries


def test_pages_in_both_orders_are_the_whole_chain(ask):
    newest, oldest = every(ask), every(ask, order="asc")
    assert newest == oldest[::-1] and [entry["number"] for entry in oldest] == list(range(1, len(oldest) + 1))
    assert oldest[0]["previousSha256"] == "0" * 64
    assert all(entry["previousSha256"] == before["sha256"] for before, entry in zip(oldest, oldest[1:]))
    assert {"member added", "key created"} & {entry["action"] for entry in oldest}


def test_whoever_asks_on_gets_what_came_since_and_no_more(quipu, ask):
    last = ask(limit=1)["entries"][0]["number"]
    assert ask(order="asc", cursor=last) == {"entries": [], "nextCursor": None}
    add(quipu, "late@people.example", "viewer")
    assert [entry["subject"] for entry in ask(order="asc", cursor=last)["entries"]] and ask(limit=1)["entries"][0]["number"] > last


def test_filters_are_those_of_the_page(quipu, ask):
    everything = every(ask)
    action = everything[0]["action"]
    assert every(ask, action=action) == [entry for entry in everything if entry["action"] == action]
    assert every(ask, subject="MEMBER3@people") == [entry for entry in everything if "member3@people" in entry["subject"].lower()] != []
    assert every(ask, actor="command") == [entry for entry in everything if "command" in entry["actor"].lower()] != []
    third = everything[-3]["at"]
    assert every(ask, to=third) == [entry for entry in everything if entry["at"] < third]
    assert every(ask, **{"from": third}) == [entry for entry in everything if entry["at"] >= third]
    for wrong in ({"limit": 1001}, {"limit": 0}, {"cursor": "x"}, {"order": "up"}, {"from": "yesterday"}, {"actr": "x"}, {"from": "2026-02-01", "to": "2026-01-01"}):
        ask(status=400, **wrong)


def test_only_keys_that_administrate_read_it(quipu, ask):
    for path in ("", "/head"):
        assert requests.get(quipu.url + "/api/v1/audit" + path, timeout=60).status_code == 401
        for scopes in ("ingest", "read", "readMoney"):
            answer = requests.get(quipu.url + "/api/v1/audit" + path, auth=key(quipu, scopes), timeout=60)
            assert answer.status_code == 403 and "entries" not in answer.text, scopes
    add(quipu, "owner@people.example", "owner")
    assert Person(quipu, "owner@people.example", PASSWORD).look("/api/v1/audit").status_code == 401


def test_a_kept_head_finds_a_chain_that_was_written_anew(quipu, ask):
    head, last = ask("/head"), ask(limit=1)["entries"][0]
    assert (head["entries"], head["sha256"]) == (last["number"], last["sha256"]) and head["mark"] == f"{last['number']}:{last['sha256']}"
    # Kept by whoever keeps the service's log.
    quipu.stop()
    quipu.start()
    deadline = time.time() + 60
    while "mark=" + head["mark"] not in quipu.output():
        assert time.time() < deadline, quipu.output()[-2000:]
        time.sleep(0.1)
    kept = quipu.folder + "/kept.log"
    with open(kept, "w") as f:
        f.write(quipu.output())
    assert "as they were written" in run(quipu, "audit", "verify", "--marks", kept)
    # Whoever may do anything in the database writes the log anew from some entry on.
    psql(quipu, """
      set session_replication_role = replica;
      update audit_entries set actor = 'nobody' where number = 2;
      update audit_heads set entries = 1, sha256 = (select sha256 from audit_entries where number = 1);
      do $$ declare entry bigint; begin
        for entry in select id from audit_entries where number >= 2 order by number loop perform chain_audit_entry(entry); end loop;
      end $$;""")
    assert "as they were written" in run(quipu, "audit", "verify")
    for arguments in (["--marks", kept], ["--since", head["mark"]]):
        found = subprocess.run([quipu.binary, "audit", "verify", *arguments], env=quipu.environment, capture_output=True, text=True, timeout=60)
        assert found.returncode != 0 and "written anew" in found.stderr, found.stderr
    with open(kept, "w") as f:
        f.write("no marks here, not even 12:beef\n")
    refused = subprocess.run([quipu.binary, "audit", "verify", "--marks", kept], env=quipu.environment, capture_output=True, text=True, timeout=60)
    assert refused.returncode != 0 and "there are none" in refused.stderr
