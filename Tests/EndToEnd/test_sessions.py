"""What a stranger's page, link or cookie can make of a signed-in member's browser: nothing."""
import re
import secrets

import pytest
import requests

from people import PASSWORD, Person, add, hidden, routes

pytestmark = pytest.mark.pages

ELSEWHERE = [
    "//evil.example", "https://evil.example/", "/\\evil.example", "\\\\evil.example", "/\t/evil.example", "http:evil.example", "javascript:alert(1)",
    "/%0d%0aSet-Cookie:x=1", "///evil.example", "/\r\nLocation: //evil.example", "evil.example", "/.//evil.example", "/..//evil.example"]


@pytest.fixture(scope="module")
def quipu(start):
    service = start()
    add(service, "ada@people.example", "owner")
    return service


@pytest.fixture(scope="module")
def ada(quipu):
    return Person(quipu, "ada@people.example")


def path_of(quipu, location):
    """Where a browser goes from the answer: within the service, or None."""
    absolute = requests.compat.urljoin(quipu.url + "/sign-in", location.replace("\t", "").replace("\\", "/"))
    return absolute[len(quipu.url):] if absolute.startswith(quipu.url + "/") or absolute == quipu.url else None


def test_a_session_begins_with_signing_in_and_not_with_a_planted_cookie(quipu):
    planted = secrets.token_hex(32)
    victim = requests.Session()
    victim.cookies.set("quipu", planted, domain="127.0.0.1", path="/")
    form = victim.get(quipu.url + "/sign-in", timeout=60)
    answer = victim.post(
        quipu.url + "/sign-in", timeout=60, allow_redirects=False,
        data={"email": "ada@people.example", "password": PASSWORD, "csrf": hidden(form.text, "csrf")})
    assert answer.status_code == 303
    given = re.findall(r"\bquipu=([0-9a-f]{64})", answer.headers["Set-Cookie"])
    assert given and planted not in given
    stranger = requests.get(quipu.url + "/costs", cookies={"quipu": planted}, timeout=60, allow_redirects=False)
    assert stranger.status_code == 303 and "/sign-in" in stranger.headers["Location"]
    cookie = answer.headers["Set-Cookie"]
    assert "HttpOnly" in cookie and "SameSite=Lax" in cookie


def test_signing_in_again_gives_another_session(quipu):
    first, second = Person(quipu, "ada@people.example"), Person(quipu, "ada@people.example")
    assert first.cookies["quipu"] != second.cookies["quipu"] and first.csrf != second.csrf


def test_a_session_that_was_ended_opens_nothing(quipu):
    person = Person(quipu, "ada@people.example")
    token, csrf = person.cookies["quipu"], person.csrf
    assert person.send_form("/sign-out", csrf=csrf).status_code == 303
    again = requests.get(quipu.url + "/costs", cookies={"quipu": token}, timeout=60, allow_redirects=False)
    assert again.status_code == 303 and "/sign-in" in again.headers["Location"]


def test_forms_want_their_token_and_come_from_here(quipu, ada):
    """Each route that a browser's form can reach, as another site would send it."""
    wrong = []
    other = Person(quipu, "ada@people.example")
    for route in routes(quipu):
        if route.method != "POST" or route.kind not in ("member", "permitted", "permittedForAll") and route.path not in ("/sign-out", "/theme"):
            continue
        tries = {"no token": ({}, {}), "a wrong token": ({"csrf": "0" * 32}, {}), "an empty one": ({"csrf": ""}, {}),
                 "that of another session": ({"csrf": other.csrf}, {}), "another site": ({"csrf": ada.csrf}, {"Sec-Fetch-Site": "cross-site"})}
        for name, (fields, headers) in tries.items():
            answer = ada.send_to(route, route.at(month="2026-01"), fields, headers=headers)
            if answer.status_code != 403:
                wrong.append(f"{route.path} with {name}: {answer.status_code}")
    assert not wrong, "\n".join(wrong)
    assert ada.look("/").status_code == 200


def test_the_form_to_sign_in_wants_its_token(quipu):
    for fields in ({}, {"csrf": "0" * 32}):
        answer = requests.post(
            quipu.url + "/sign-in", data={"email": "ada@people.example", "password": PASSWORD, **fields}, timeout=60, allow_redirects=False)
        assert answer.status_code == 403 and "quipu=" not in answer.headers.get("Set-Cookie", "")


@pytest.mark.parametrize("target", ELSEWHERE)
def test_no_link_leads_elsewhere_after_signing_in(target, quipu, ada):
    visitor = requests.Session()
    form = visitor.get(quipu.url + "/sign-in", params={"next": target}, timeout=60)
    kept = hidden(form.text, "next")
    answers = [visitor.post(
        quipu.url + "/sign-in", timeout=60, allow_redirects=False,
        data={"email": "ada@people.example", "password": PASSWORD, "csrf": hidden(form.text, "csrf"), "next": value}) for value in (target, kept or "/")]
    answers.append(ada.send_form("/theme", csrf=ada.csrf, theme="dark", **{"return": target}))
    for answer in answers:
        assert answer.status_code == 303
        assert path_of(quipu, answer.headers["Location"]) is not None, answer.headers["Location"]
        assert "x=1" not in answer.headers.get("Set-Cookie", "")


def test_forms_that_go_back_go_back_to_their_page(quipu, ada):
    answer = ada.send_form("/endpoints/types", csrf=ada.csrf, name="Odd", low="0.1", high="0.2", **{"return": "//evil.example?x=1"})
    assert answer.status_code in (303, 400) and "evil" not in answer.headers.get("Location", "")


def test_the_name_that_a_browser_asked_for_is_in_no_page(quipu, ada):
    for headers in ({"Host": "evil.example"}, {"X-Forwarded-Host": "evil.example"}, {"Forwarded": "host=evil.example"}, {"X-Forwarded-Proto": "evil.example"}):
        for path in ("/", "/costs", "/connect", "/settings", "/traces"):
            answer = ada.look(path, headers=headers)
            assert answer.status_code in (200, 303) and "evil.example" not in answer.text + str(answer.headers), (path, headers)
        stranger = requests.get(quipu.url + "/costs", headers=headers, timeout=60, allow_redirects=False)
        assert "evil.example" not in str(stranger.headers)


def test_a_link_that_was_followed_before_signing_in_is_opened_after_it(quipu):
    asked = requests.get(quipu.url + "/costs?by=team", timeout=60, allow_redirects=False)
    assert asked.status_code == 303
    visitor = requests.Session()
    form = visitor.get(requests.compat.urljoin(quipu.url, asked.headers["Location"]), timeout=60)
    answer = visitor.post(
        quipu.url + "/sign-in", timeout=60, allow_redirects=False,
        data={"email": "ada@people.example", "password": PASSWORD, "csrf": hidden(form.text, "csrf"), "next": hidden(form.text, "next")})
    assert answer.status_code == 303 and answer.headers["Location"].endswith("/costs?by=team")
