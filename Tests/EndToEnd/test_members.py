"""People come by invitation, sign in with a second factor, change roles and go; nobody stays signed in who should not."""
import base64
import hashlib
import hmac
import html
import re
import struct
import time

import pytest
import requests

from people import PASSWORD, Person, add, hidden

pytestmark = pytest.mark.pages

NEW = "four-green-kettles-sing-at-noon"


@pytest.fixture(scope="module")
def quipu(start):
    service = start()
    add(service, "olga@people.example", "owner")
    return service


@pytest.fixture(scope="module")
def olga(quipu):
    return Person(quipu, "olga@people.example")


def totp(secret, shift=0):
    """RFC 6238, in another language than the service's."""
    key = base64.b32decode(secret.replace(" ", "") + "=" * (-len(secret.replace(" ", "")) % 8))
    digest = hmac.new(key, struct.pack(">Q", int(time.time()) // 30 + shift), hashlib.sha1).digest()
    offset = digest[19] & 15
    return f"{(struct.unpack('>I', digest[offset:offset + 4])[0] & 0x7FFFFFFF) % 1_000_000:06d}"


def begin_half_minute():
    """The code of the half-minute before is not taken any more once this one ends: some of it must be left."""
    left = 30 - time.time() % 30
    time.sleep(left if left < 10 else 0)


def key_of(page):
    return re.search(r'<code class="key">([A-Z2-7 ]+)</code>', page).group(1)


def number(person, email):
    page = person.look("/settings/members").text
    return re.search(r'href="[/a-z]*/settings/members/(\d+)">' + re.escape(email), page).group(1)


def change(person, email, act, **fields):
    path = "/settings/members/" + number(person, email)
    return person.send_form(path, csrf=person.csrf, do=act, **fields)


def invite(person, email, role, **fields):
    answer = person.send_form("/settings/members", csrf=person.csrf, email=email, role=role, **fields)
    assert answer.status_code == 200, answer.text[-3000:]
    return html.unescape(re.search(r"<pre data-copyable>([^<]+)</pre>", answer.text).group(1))


def sign_in(quipu, email, password):
    """A browser after the form of e-mail and password, and the answer to it."""
    browser = requests.Session()
    form = browser.get(quipu.url + "/sign-in", timeout=60)
    fields = {"email": email, "password": password, "csrf": hidden(form.text, "csrf"), "next": "/"}
    return browser, browser.post(quipu.url + "/sign-in", data=fields, timeout=60, allow_redirects=False)


def send_code(quipu, browser, code):
    page = browser.get(quipu.url + "/sign-in/code", timeout=60)
    return browser.post(quipu.url + "/sign-in/code", data={"csrf": hidden(page.text, "csrf"), "code": code}, timeout=60, allow_redirects=False)


def test_an_invitation_lets_in_once(quipu, olga):
    link = invite(olga, "vera@people.example", "viewer", place="project 1")
    assert link.startswith(quipu.url + "/welcome/")
    vera = requests.Session()
    page = vera.get(link, timeout=60)
    assert "vera@people.example" in page.text
    for password, again in [("short", "short"), (NEW, NEW + "x"), ("vera-people-2026", "vera-people-2026")]:
        refused = vera.post(link, data={"csrf": hidden(page.text, "csrf"), "password": password, "again": again}, timeout=60, allow_redirects=False)
        assert refused.status_code == 400 and "problem" in refused.text
    forged = vera.post(link, data={"csrf": "0" * 32, "password": NEW, "again": NEW}, timeout=60, allow_redirects=False)
    assert forged.status_code == 403
    taken = vera.post(link, data={"csrf": hidden(page.text, "csrf"), "password": NEW, "again": NEW}, timeout=60, allow_redirects=False)
    assert taken.status_code == 303 and "quipu" in taken.headers["Set-Cookie"]
    assert requests.get(link, timeout=60).status_code == 404
    assert Person(quipu, "vera@people.example", NEW).look("/account").status_code == 200


def test_a_changed_role_ends_the_session_and_shows_in_the_next(quipu, olga):
    add(quipu, "rolf@people.example", "viewer", (), ("default",))
    rolf = Person(quipu, "rolf@people.example")
    assert rolf.look("/settings/members").status_code == 403
    assert change(olga, rolf.email, "role", role="admin").status_code == 303
    assert "/sign-in" in rolf.look("/account").headers["Location"]
    rolf = Person(quipu, rolf.email)
    assert rolf.look("/settings/members").status_code == 200
    # An admin neither makes an owner nor touches one.
    assert change(rolf, "olga@people.example", "link").status_code == 400
    assert change(rolf, "olga@people.example", "disable").status_code == 400
    answer = rolf.send_form("/settings/members", csrf=rolf.csrf, email="boss@people.example", role="owner")
    assert answer.status_code == 400 and "Only an owner makes an owner" in answer.text
    assert change(olga, rolf.email, "disable").status_code == 303
    assert "/sign-in" in rolf.look("/account").headers["Location"]
    wrong, disabled = sign_in(quipu, rolf.email, "not-it-at-all-1")[1], sign_in(quipu, rolf.email, PASSWORD)[1]
    assert (disabled.status_code, len(disabled.text)) == (wrong.status_code, len(wrong.text)) == (401, len(wrong.text))


def test_a_second_factor_is_asked_for_and_no_code_counts_twice(quipu, olga):
    add(quipu, "tina@people.example", "admin")
    tina = Person(quipu, "tina@people.example")
    other = Person(quipu, "tina@people.example")
    page = tina.look("/account/second-factor").text
    assert "<svg class=\"qr\"" in page
    key = key_of(page)
    assert key_of(tina.look("/account/second-factor").text) == key
    wrong = tina.send_form("/account/second-factor", csrf=tina.csrf, do="confirm", code="000000" if totp(key) != "000000" else "000001")
    assert wrong.status_code == 400 and "not the six digits" in wrong.text
    # The half-minute before, so that the next code is there at once.
    begin_half_minute()
    before = tina.cookies["quipu"]
    done = tina.send_form("/account/second-factor", csrf=tina.csrf, do="confirm", code=totp(key, -1))
    codes = re.findall(r"<li><code>([a-z0-9-]{19})</code></li>", done.text)
    assert done.status_code == 200 and len(codes) == 10
    assert tina.cookies["quipu"] != before and tina.look("/account").status_code == 200
    assert "/sign-in" in other.look("/account").headers["Location"]

    browser, answer = sign_in(quipu, tina.email, PASSWORD)
    assert answer.headers["Location"] == quipu.base + "/sign-in/code" and "quipu" not in browser.cookies
    assert browser.get(quipu.url + "/account", timeout=60, allow_redirects=False).status_code == 303
    code = totp(key)
    let_in = send_code(quipu, browser, code)
    assert let_in.status_code == 303 and "quipu" in browser.cookies
    again, _ = sign_in(quipu, tina.email, PASSWORD)
    assert send_code(quipu, again, code).status_code == 401
    assert send_code(quipu, again, codes[0].upper()).status_code == 303
    third, _ = sign_in(quipu, tina.email, PASSWORD)
    assert send_code(quipu, third, codes[0]).status_code == 401
    assert change(olga, tina.email, "unfactor").status_code == 303
    assert sign_in(quipu, tina.email, PASSWORD)[1].headers["Location"] == quipu.base + "/"


def test_a_role_that_needs_a_second_factor_sets_it_up_at_sign_in(quipu, olga):
    add(quipu, "fritz@people.example", "finance")
    fritz = Person(quipu, "fritz@people.example")
    assert olga.send_form("/settings/members/policy", csrf=olga.csrf, role="finance").status_code == 303
    assert "/sign-in" in fritz.look("/account").headers["Location"]
    browser, answer = sign_in(quipu, fritz.email, PASSWORD)
    assert answer.headers["Location"] == quipu.base + "/sign-in/code"
    key = key_of(browser.get(quipu.url + "/sign-in/code", timeout=60).text)
    assert send_code(quipu, browser, "123").status_code == 401 and "quipu" not in browser.cookies
    shown = send_code(quipu, browser, totp(key))
    assert shown.status_code == 200 and "recovery codes" in shown.text and "quipu" in browser.cookies
    page = browser.get(quipu.url + "/account", timeout=60)
    assert "Take it off" not in page.text
    olga.send_form("/settings/members/policy", csrf=olga.csrf)


def test_codes_can_not_be_tried_for_ever(quipu):
    add(quipu, "gabi@people.example", "viewer", (), ("default",))
    gabi = Person(quipu, "gabi@people.example")
    key = key_of(gabi.look("/account/second-factor").text)
    csrf = gabi.csrf
    begin_half_minute()
    gabi.send_form("/account/second-factor", csrf=csrf, do="confirm", code=totp(key, -1))
    browser, _ = sign_in(quipu, gabi.email, PASSWORD)
    answers = [send_code(quipu, browser, "999999" if totp(key) != "999999" else "888888").status_code for _ in range(6)]
    assert answers == [401] * 6
    # The seventh is not looked at, even if it is right.
    assert browser.get(quipu.url + "/sign-in/code", timeout=60, allow_redirects=False).status_code == 303
    late = [sign_in(quipu, gabi.email, PASSWORD)[1].status_code for _ in range(3)]
    assert 429 in late


def test_passwords_change_and_sessions_end(quipu, olga):
    add(quipu, "paul@people.example", "engineer", (), ("default",))
    paul, other = Person(quipu, "paul@people.example"), Person(quipu, "paul@people.example")
    fields = {"csrf": paul.csrf, "current": PASSWORD, "password": NEW, "again": NEW}
    assert paul.send_form("/account/password", **{**fields, "current": "wrong-wrong-wrong"}).status_code == 400
    assert paul.send_form("/account/password", **{**fields, "password": "password1234", "again": "password1234"}).status_code == 400
    before = paul.cookies["quipu"]
    assert paul.send_form("/account/password", **fields).status_code == 303
    assert paul.cookies["quipu"] != before and paul.look("/account").status_code == 200
    assert "/sign-in" in other.look("/account").headers["Location"]
    second = Person(quipu, paul.email, NEW)
    assert paul.look("/account").text.count('name="id"') == 1
    assert paul.send_form("/account/sessions", csrf=paul.csrf).status_code == 303
    assert "/sign-in" in second.look("/account").headers["Location"]
    answer = change(olga, paul.email, "link")
    link = html.unescape(re.search(r"<pre data-copyable>([^<]+)</pre>", answer.text).group(1))
    page = requests.Session()
    form = page.get(link, timeout=60)
    assert page.post(link, data={"csrf": hidden(form.text, "csrf"), "password": PASSWORD, "again": PASSWORD}, timeout=60, allow_redirects=False).status_code == 303
    assert "/sign-in" in paul.look("/account").headers["Location"]


def test_an_auditor_opens_content_for_a_time_and_it_is_told(quipu, olga):
    add(quipu, "iris@people.example", "auditor")
    add(quipu, "vic@people.example", "viewer", (), ("default",))
    iris = Person(quipu, "iris@people.example")
    assert Person(quipu, "vic@people.example").look("/account/break-glass").status_code == 403
    for reason, hours in [("why", 1), ("complaint 4711", 25), ("complaint 4711", 0)]:
        assert iris.send_form("/account/break-glass", csrf=iris.csrf, do="open", reason=reason, hours=hours).status_code == 400
    assert iris.send_form("/account/break-glass", csrf=iris.csrf, do="open", reason="complaint 4711", hours=2).status_code == 303
    assert "complaint 4711" in olga.look("/settings/members/" + number(olga, iris.email)).text
    grant = hidden(iris.look("/account/break-glass").text, "grant")
    assert iris.send_form("/account/break-glass", csrf=iris.csrf, do="withdraw", grant=grant).status_code == 303
    assert "Withdraw</button>" not in iris.look("/account/break-glass").text
    audit = olga.look("/settings/audit").text
    assert "content opened by auditor" in audit and "content access withdrawn" in audit


def test_unknown_and_wrong_are_answered_alike(quipu):
    unknown = [sign_in(quipu, "nobody@people.example", "x" * 12)[1] for _ in range(3)]
    wrong = [sign_in(quipu, "olga@people.example", "x" * 12)[1] for _ in range(3)]
    assert {a.status_code for a in unknown + wrong} == {401}
    plain = [re.sub(r'value="[^"]*"', "", a.text) for a in unknown + wrong]
    assert len(set(plain)) == 1


def test_a_link_from_before_a_promotion_opens_nothing(quipu, olga):
    add(quipu, "ada@people.example", "admin")
    add(quipu, "eva@people.example", "engineer", (), ("default",))
    ada = Person(quipu, "ada@people.example")
    # Whoever held a link would be the member: an admin makes none, and is shown none.
    page = ada.look("/settings/members/" + number(ada, "eva@people.example")).text
    assert 'value="link"' not in page and 'value="grant"' not in page and "made by an owner" in page
    assert 'name="content"' not in ada.look("/settings/members").text and 'name="content"' in olga.look("/settings/members").text
    assert "Only an owner" in change(ada, "eva@people.example", "link").text
    assert "Only an owner" in change(ada, "eva@people.example", "grant", project="", days="", reason="").text
    sock = ada.send_form("/settings/members", csrf=ada.csrf, email="sock@people.example", role="admin", content="1")
    assert sock.status_code == 400 and "Only an owner" in sock.text
    reset = html.unescape(re.search(r"<pre data-copyable>([^<]+)</pre>", change(olga, "eva@people.example", "link").text).group(1))
    invitation = invite(ada, "newt@people.example", "engineer", place="project 1")
    for link, email in ((reset, "eva@people.example"), (invitation, "newt@people.example")):
        assert requests.get(link, timeout=60).status_code == 200
        assert change(olga, email, "role", role="owner").status_code == 303
        assert requests.get(link, timeout=60).status_code == 404
    # What a demoted admin holds is worth nothing either.
    held = invite(ada, "second-self@people.example", "admin")
    assert change(olga, ada.email, "role", role="viewer").status_code == 303
    assert requests.get(held, timeout=60).status_code == 404
