"""Members sign in by an identity provider: set up and tested in a browser, and whatever is stolen or forged opens nothing."""
import html
import os
import re
import time

import pytest
import requests
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import Select

from browser import FORMS, Browser
from oidc_provider import ECKey, Provider, RSAKey

pytestmark = pytest.mark.pages

SHOTS = os.environ.get("QUIPU_SCREENSHOTS")
GROUPS = [("books", "finance", ""), ("dev", "engineer", ""), ("leads", "teamLead", "My team")]


class Person(requests.Session):
    """A browser without script, at our service and at the provider."""

    def __init__(self, quipu):
        super().__init__()
        self.quipu = quipu

    def at(self, path, **options):
        return self.get(self.quipu.url + path, timeout=60, **options)

    def sign_in(self):
        page = self.at("/sign-in").text
        csrf = re.search(r'name="csrf" value="([^"]+)"', page).group(1)
        answer = self.post(
            self.quipu.url + "/sign-in", data={"csrf": csrf, "email": self.quipu.email, "password": self.quipu.password}, timeout=60)
        assert answer.status_code == 200 and "/sign-in" not in answer.url, answer.text
        return self

    def post_form(self, path, page, **fields):
        csrf = re.search(r'name="csrf" value="([^"]+)"', self.at(page).text).group(1)
        return self.post(self.quipu.url + path, data={"csrf": csrf, **fields}, timeout=60)

    @property
    def who(self):
        """Address of whoever is signed in, or None."""
        found = re.search(r'class="who" title="([^"]+)"', self.at("/account").text + self.at("/").text)
        return html.unescape(found.group(1)) if found else None


@pytest.fixture(scope="module")
def provider():
    provider = Provider()
    yield provider
    provider.close()


@pytest.fixture(autouse=True)
def honest(provider):
    """Every test begins with a provider that tells the truth."""
    yield
    provider.token, provider.header, provider.refusal, provider.userinfo = (lambda c: c), (lambda h: h), None, None


@pytest.fixture(scope="module")
def owner(quipu):
    return Person(quipu).sign_in()


@pytest.fixture(scope="module")
def path(quipu, owner, provider):
    """A provider as an owner sets it up in Chromium; the address that signs in by it."""
    browser = Browser(quipu.url)
    browser.sign_in(quipu.email, quipu.password)
    browser.open("/settings/sign-in")
    assert "No provider yet" in browser.text
    browser.press(By.LINK_TEXT, "Add a provider")
    for name, value in {"name": "Acme", "issuer": provider.url, "clientID": provider.client_id, "secret": provider.client_secret,
                        "claimRoles": "groups"}.items():
        browser.driver.find_element(By.NAME, name).send_keys(value)
    browser.driver.find_element(By.NAME, "admitsUnknown").click()
    lines = [browser.driver.find_elements(By.NAME, name) for name in ("value", "role", "place")]
    for (value, role, team), field, roles, places in zip(GROUPS, *lines):
        field.send_keys(value)
        Select(roles).select_by_value(role)
        if team:
            Select(places).select_by_visible_text("team " + team)
    browser.press(By.XPATH, "//button[text()='Save and test']")
    assert "The provider answers" in browser.text and "2 keys for signatures" in browser.text
    number = re.search(r"/settings/sign-in/(\d+)/test", browser.driver.current_url).group(1)
    # Off still: nobody else sees it.
    assert "Acme" not in requests.get(quipu.url + "/sign-in", timeout=60).text
    assert requests.get(quipu.url + f"/sign-in/with/{number}", timeout=60, allow_redirects=False).status_code == 404
    provider.person = {"sub": "tester", "email": "stranger@example.com", "email_verified": True, "groups": ["dev", "leads"]}
    browser.press(By.PARTIAL_LINK_TEXT, "Go to Acme")
    for words in ("It works", "signed by RS256", "would make a member of stranger@example.com as engineer, team lead in My team", "email_verified"):
        assert words in browser.text, browser.text
    browser.press(By.LINK_TEXT, "Edit provider")
    browser.driver.find_element(By.NAME, "enabled").click()
    browser.press(By.XPATH, "//button[text()='Save and test']")
    browser.close()
    return f"/sign-in/with/{number}"


def person(provider, sub, email, *groups, verified=True):
    provider.person = {"sub": sub, "email": email, "email_verified": verified, "groups": list(groups)}


def callback(provider, quipu):
    """Where the provider sent the last browser back to."""
    assert provider.last_callback.startswith(quipu.url)
    return provider.last_callback.removeprefix(quipu.url)


def test_a_person_signs_in_by_the_button_and_lands_where_they_wanted_to_go(quipu, provider, path):
    person(provider, "carla", "Carla@Example.com", "books")
    browser = Browser(quipu.url)
    browser.open("/prices?q=claude")
    assert "/sign-in?next=" in browser.driver.current_url
    browser.press(By.LINK_TEXT, "Sign in with Acme")
    assert browser.driver.current_url == quipu.url + "/prices?q=claude"
    assert browser.driver.find_element(By.CLASS_NAME, "who").get_attribute("title") == "carla@example.com"
    # Nothing of the way is left in the browser.
    assert not [c for c in browser.driver.get_cookies() if "provider" in c["name"]]
    browser.close()


@pytest.mark.parametrize("kind", [ECKey, RSAKey])
def test_keys_may_change_at_any_time(quipu, provider, path, kind):
    person(provider, "carla", "carla@example.com", "books")
    provider.rotate(kind)
    one = Person(quipu)
    assert one.at(path).status_code == 200 and one.who == "carla@example.com"


def test_what_is_asked_for_is_bound_to_this_sign_in(quipu, provider, path):
    person(provider, "carla", "carla@example.com", "books")
    Person(quipu).at(path), Person(quipu).at(path)
    first, second = provider.asked[-2:]
    for name in ("state", "nonce", "code_challenge"):
        assert len(first[name]) >= 43 and first[name] != second[name], name
    assert first["response_type"] == "code" and first["code_challenge_method"] == "S256" and "openid" in first["scope"].split()


def test_a_stolen_code_and_state_sign_nobody_in(quipu, provider, path):
    person(provider, "carla", "carla@example.com", "books")
    victim = Person(quipu)
    step = victim.at(path, allow_redirects=False)
    step = victim.get(step.headers["Location"], allow_redirects=False)
    stolen = callback(provider, quipu)
    # Whoever overhears the address has not the cookie; with a cookie of one's own neither.
    thief = Person(quipu)
    answer = thief.at(stolen)
    assert answer.status_code == 400 and thief.who is None
    thief.at(path, allow_redirects=False)
    answer = thief.at(stolen)
    assert answer.status_code == 400 and thief.who is None
    # The code with the thief's own state: the verifier belongs to another challenge.
    own = thief.at(path, allow_redirects=False).headers["Location"]
    code = re.search(r"code=([^&]+)", stolen).group(1)
    state = re.search(r"state=([^&]+)", own).group(1)
    answer = thief.at(path + f"/callback?state={state}&code={code}")
    assert answer.status_code == 502 and thief.who is None
    assert "invalid_grant" not in answer.text


def test_an_answer_counts_once(quipu, provider, path):
    person(provider, "carla", "carla@example.com", "books")
    one = Person(quipu)
    one.at(path)
    assert one.who == "carla@example.com"
    again = Person(quipu)
    again.cookies.update(one.cookies)
    assert again.at(callback(provider, quipu)).status_code == 400


def test_a_victim_is_not_signed_in_as_somebody_else(quipu, provider, path):
    person(provider, "mallory", "mallory@example.com", "dev")
    mallory = Person(quipu)
    step = mallory.at(path, allow_redirects=False)
    mallory.get(step.headers["Location"], allow_redirects=False)
    victim = Person(quipu)
    assert victim.at(callback(provider, quipu)).status_code == 400
    assert victim.who is None


LIES = {
    "issuer": lambda c: {**c, "iss": "https://elsewhere.example"}, "audience": lambda c: {**c, "aud": "another"},
    "party": lambda c: {**c, "aud": [c["aud"], "another"], "azp": "another"}, "nonce": lambda c: {**c, "nonce": "0" * 64},
    "expired": lambda c: {**c, "iat": c["iat"] - 500, "exp": c["iat"] - 120}, "future": lambda c: {**c, "iat": c["iat"] + 3600, "exp": c["iat"] + 7200},
    "nobody": lambda c: {k: v for k, v in c.items() if k != "sub"},
}


@pytest.mark.parametrize("lie", LIES)
def test_a_token_that_does_not_fit_signs_nobody_in(quipu, provider, path, lie):
    person(provider, "carla", "carla@example.com", "books")
    provider.token = LIES[lie]
    one = Person(quipu)
    answer = one.at(path)
    assert answer.status_code == 502 and one.who is None
    assert "Nobody was signed in" in answer.text and "elsewhere" not in answer.text


@pytest.mark.parametrize("header", [{"alg": "none"}, {"alg": "HS256"}, {"alg": "RS256", "kid": "unknown"}, {"alg": "ES256"}, {"alg": "RS256", "crit": ["b64"]}])
def test_a_token_signed_otherwise_signs_nobody_in(quipu, provider, path, header):
    person(provider, "carla", "carla@example.com", "books")
    provider.rotate(RSAKey)
    provider.header = lambda h: {**h, **header}
    one = Person(quipu)
    assert one.at(path).status_code == 502 and one.who is None


def test_a_token_of_another_key_under_the_same_name_signs_nobody_in(quipu, provider, path):
    person(provider, "carla", "carla@example.com", "books")
    provider.rotate(RSAKey)
    forger = RSAKey()
    forger.kid, published = provider.signing.kid, provider.keys
    provider.signing = forger
    one = Person(quipu)
    assert one.at(path).status_code == 502 and one.who is None
    provider.signing = published[0]


def test_an_unverified_email_opens_nothing(quipu, provider, path):
    person(provider, "eve", "eve@example.com", "dev", verified=False)
    one = Person(quipu)
    answer = one.at(path)
    assert answer.status_code == 403 and "verified" in answer.text and one.who is None


def test_an_owners_address_opens_nothing_until_the_owner_links_the_account(quipu, provider, owner, path):
    person(provider, "boss", quipu.email)
    one = Person(quipu)
    answer = one.at(path)
    assert answer.status_code == 403 and "owner" in answer.text and one.who is None
    settings = "/settings/sign-in/" + path.rsplit("/", 1)[1]
    report = owner.at(settings + "/test/begin")
    assert "Link it to my account" in report.text
    assert "linked to you" in owner.post_form(settings + "/link", settings + "/test?last=1").text
    # The last owner stays one, though the claims say nothing of it.
    assert one.at(path).status_code == 200 and one.who == quipu.email
    assert one.at("/settings/sign-in").status_code == 200


def test_roles_follow_the_groups_at_every_sign_in(quipu, provider, owner, path):
    person(provider, "dora", "dora@example.com", "books")
    one = Person(quipu)
    one.at(path)
    assert one.at("/prices/new").status_code == 200 and one.at("/settings/sign-in").status_code == 403
    person(provider, "dora", "dora@example.com", "dev")
    other = Person(quipu)
    other.at(path)
    assert other.who == "dora@example.com" and other.at("/prices/new").status_code == 403
    # What the role was is no session's any more.
    assert one.who is None
    person(provider, "dora", "dora@example.com", "nothing")
    answer = Person(quipu).at(path)
    assert answer.status_code == 403 and "no role" in answer.text
    assert other.who is None


def test_claims_that_the_token_lacks_are_asked_for(quipu, provider, path):
    provider.person = {"sub": "finn"}
    provider.userinfo = {"email": "finn@example.com", "email_verified": True, "groups": ["dev"]}
    one = Person(quipu)
    assert one.at(path).status_code == 200 and one.who == "finn@example.com"
    provider.userinfo = {"sub": "another", "email": "finn@example.com", "email_verified": True, "groups": ["books"]}
    assert Person(quipu).at(path).status_code == 502


def test_a_refusal_is_told_in_plain_letters(quipu, provider, path):
    provider.refusal = "access_denied<script>"
    answer = Person(quipu).at(path)
    assert answer.status_code == 401 and "access_deniedscript" in answer.text and "<script>access" not in answer.text
    provider.refusal = None


def test_next_leads_nowhere_else(quipu, provider, path):
    person(provider, "carla", "carla@example.com", "books")
    for place in ("https://evil.example/", "//evil.example/", "/\\evil.example/", "/%0d%0aSet-Cookie:x=1"):
        one = Person(quipu)
        step = one.at(path, params={"next": place} if "%" not in place else place.replace("/%", "next=/%"), allow_redirects=False)
        step = one.get(step.headers["Location"], allow_redirects=False)
        step = one.get(step.headers["Location"], allow_redirects=False)
        assert step.status_code == 303 and step.headers["Location"] == quipu.base + "/", (place, step.headers)


def test_a_test_belongs_to_whoever_began_it_and_shows_what_failed(quipu, provider, owner, path):
    settings = "/settings/sign-in/" + path.rsplit("/", 1)[1]
    person(provider, "carla", "carla@example.com", "books")
    provider.token = LIES["audience"]
    report = owner.at(settings + "/test/begin").text
    assert "does not work yet" in report and "aud of the ID token is “another”" in html.unescape(report)
    provider.token = lambda c: c
    step = owner.at(settings + "/test/begin", allow_redirects=False)
    owner.get(step.headers["Location"], allow_redirects=False)
    stolen = callback(provider, quipu)
    other = Person(quipu)
    other.at(path)
    other.cookies.update({c.name: c.value for c in owner.cookies if "provider" in c.name})
    assert other.at(stolen).status_code == 403 and other.who == "carla@example.com"


def test_the_secret_is_in_no_page_and_no_audit_entry(quipu, provider, owner, path):
    settings = "/settings/sign-in/" + path.rsplit("/", 1)[1]
    for page in (settings, settings + "/test", settings + "/test?last=1", "/settings/sign-in"):
        assert provider.client_secret not in html.unescape(owner.at(page).text)
    assert provider.client_secret not in quipu.output()


def test_only_who_manages_members_sees_the_settings(quipu, provider, path):
    person(provider, "carla", "carla@example.com", "books")
    carla = Person(quipu)
    carla.at(path)
    settings = "/settings/sign-in/" + path.rsplit("/", 1)[1]
    for page in ("/settings/sign-in", "/settings/sign-in/new", settings, settings + "/test", settings + "/test/begin"):
        assert carla.at(page).status_code == 403, page
    for action in ("/settings/sign-in", settings + "/remove", settings + "/link"):
        assert carla.post_form(action, "/prices", name="Acme").status_code == 403, action


def test_a_silent_provider_does_not_hold_the_page_up(quipu, owner):
    answer = owner.post_form(
        "/settings/sign-in", "/settings/sign-in/new", name="Silent", issuer="http://127.0.0.1:9", clientID="quipu", secretSource="none",
        scopes="openid", claimEmail="email", claimVerified="email_verified", enabled="1", linksMembers="1")
    assert answer.status_code == 200 and "could not be asked" in answer.text
    number = re.search(r"/settings/sign-in/(\d+)/test", answer.url).group(1)
    assert Person(quipu).at(f"/sign-in/with/{number}").status_code == 502
    for issuer in ("http://example.com", "file:///etc/passwd", "https://user@example.com"):
        answer = owner.post_form(
            "/settings/sign-in", "/settings/sign-in/new", name="Odd", issuer=issuer, clientID="quipu", secretSource="none", scopes="openid",
            claimEmail="email", claimVerified="email_verified")
        assert answer.status_code == 400 and "no address that can be asked" in answer.text, issuer
    answer = owner.post_form(f"/settings/sign-in/{number}/remove", f"/settings/sign-in/{number}", name="silent")
    assert answer.status_code == 400
    answer = owner.post_form(f"/settings/sign-in/{number}/remove", f"/settings/sign-in/{number}", name="Silent")
    assert answer.status_code == 200 and "Silent" not in answer.text


@pytest.mark.skipif(not SHOTS, reason="pictures for eyes, made when QUIPU_SCREENSHOTS names a folder")
@pytest.mark.parametrize("dark,width", FORMS)
def test_pictures(quipu, provider, owner, path, dark, width):
    person(provider, "tester", "stranger@example.com", "dev", "leads")
    settings = "/settings/sign-in/" + path.rsplit("/", 1)[1]
    browser = Browser(quipu.url, dark=dark, width=width, height=1400)
    browser.open("/sign-in")
    browser.screenshot(f"{SHOTS}/sign-in-{'dark' if dark else 'light'}-{width}.png")
    browser.sign_in(quipu.email, quipu.password)
    for name, page in {"providers": "/settings/sign-in", "provider": settings, "provider-test": settings + "/test/begin"}.items():
        browser.open(page)
        time.sleep(0.2)
        assert browser.driver.execute_script("return document.documentElement.scrollWidth") <= width, page
        browser.screenshot(f"{SHOTS}/{name}-{'dark' if dark else 'light'}-{width}.png")
    browser.close()
