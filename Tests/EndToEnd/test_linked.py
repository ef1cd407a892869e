"""Accounts at providers by which members sign in: listed and unlinked, by themselves and by who manages members; never the last way in unsaid."""
import html
import re

import pytest
import requests
from selenium.webdriver.common.by import By

from browser import Browser
from oidc_provider import Provider
from people import Person, add, hidden, shots_folder

pytestmark = pytest.mark.pages


@pytest.fixture(scope="module")
def provider():
    provider = Provider()
    yield provider
    provider.close()


@pytest.fixture(scope="module")
def olga(quipu):
    add(quipu, "olga@people.example", "owner")
    add(quipu, "bert@people.example", "viewer", (), ["default"])
    return Person(quipu, "olga@people.example")


@pytest.fixture(scope="module")
def path(quipu, olga, provider):
    saved = olga.send_form(
        "/settings/sign-in", csrf=olga.csrf, name="Acme", issuer=provider.url, clientID=provider.client_id, secret=provider.client_secret,
        secretSource="stored", scopes="openid email", claimEmail="email", claimVerified="email_verified", admitsUnknown="1", linksMembers="1",
        defaultRole="viewer", enabled="1")
    assert saved.status_code == 303, saved.text[-2000:]
    return "/sign-in/with/" + re.search(r"/sign-in/(\d+)/test", saved.headers["Location"]).group(1)


def arrives(quipu, provider, path, email):
    """A browser without script that came by the provider."""
    provider.person = {"sub": "id-of-" + email.split("@")[0], "email": email, "email_verified": True}
    browser = requests.Session()
    answer = browser.get(quipu.url + path, timeout=60)
    assert answer.status_code == 200, answer.text[-2000:]
    assert 'title="' + email in browser.get(quipu.url + "/account", timeout=60).text
    return browser


def number(person, email):
    return re.search(r'href="[/a-z]*/settings/members/(\d+)">' + re.escape(email), person.look("/settings/members").text).group(1)


def section(page):
    found = re.search(r'<section class="measure" id="linked">.*?</section>', page, re.S)
    return html.unescape(found.group(0)) if found else None


def test_nothing_is_said_of_providers_where_there_are_none(quipu, olga):
    assert section(olga.look("/account").text) is None


def test_who_comes_by_a_provider_alone_unlinks_knowingly(quipu, olga, provider, path):
    provider.person = {"sub": "id-of-vera", "email": "vera@people.example", "email_verified": True}
    browser = Browser(quipu.url)
    try:
        browser.open("/account")
        browser.press(By.LINK_TEXT, "Sign in with Acme")
        linked = browser.driver.find_element(By.ID, "linked")
        assert all(words in linked.text for words in ("Acme", "vera@people.example, id-of-vera", "by provider Acme", "nothing else lets you in")), linked.text
        if shots_folder():
            for dark, width in ((False, 1280), (True, 1280), (False, 390), (True, 390)):
                with browser.seen(dark, width, 1400):
                    assert browser.driver.execute_script("return document.documentElement.scrollWidth") <= width
                    browser.screenshot(f"{shots_folder()}/linked-{'dark' if dark else 'light'}-{width}.png")
            linked = browser.driver.find_element(By.ID, "linked")
        # Without saying so nothing is sent, and a browser that sends it all the same is refused.
        linked.find_element(By.XPATH, ".//button[contains(., 'Unlink Acme')]").click()
        assert browser.driver.find_element(By.ID, "linked").find_elements(By.TAG_NAME, "tr")
        linked.find_element(By.NAME, "lastWay").click()
        browser.follow(linked.find_element(By.XPATH, ".//button[contains(., 'Unlink Acme')]"))
        assert "The account was unlinked" in browser.text and "No account at an identity provider is linked" in browser.text
    finally:
        browser.close()
    told = html.unescape(olga.look("/settings/audit?action=account+unlinked").text)
    assert "vera@people.example" in told and "last way in" in told and "id-of-vera" in told


def test_forms_of_others_and_unknowing_ones_unlink_nothing(quipu, provider, path):
    vera = arrives(quipu, provider, path, "vera@people.example")
    page = vera.get(quipu.url + "/account", timeout=60).text
    fields = {"issuer": provider.url, "subject": "id-of-vera", "lastWay": "1"}
    send = lambda **more: vera.post(quipu.url + "/account/linked", data={**fields, **more}, timeout=60, allow_redirects=False)
    assert send().status_code == 403 and send(csrf="0" * 64).status_code == 403
    csrf = hidden(page, "csrf")
    refused = send(csrf=csrf, lastWay="")
    assert refused.status_code == 400 and "no password" in refused.text
    assert send(csrf=csrf, subject="id-of-bert").status_code == 400
    assert "id-of-vera" in section(vera.get(quipu.url + "/account", timeout=60).text)


def test_who_manages_members_unlinks_and_signs_out(quipu, olga, provider, path):
    bert = arrives(quipu, provider, path, "bert@people.example")
    page = "/settings/members/" + number(olga, "bert@people.example")
    browser = Browser(quipu.url)
    try:
        browser.sign_in(olga.email, "seven-llamas-cross-41-bridges")
        browser.open(page)
        linked = browser.driver.find_element(By.ID, "linked")
        assert "id-of-bert" in linked.text and "nothing else lets" not in linked.text
        browser.follow(linked.find_element(By.XPATH, ".//button[starts-with(., 'Unlink')]"))
        assert "No account at an identity provider is linked" in browser.driver.find_element(By.ID, "linked").text
    finally:
        browser.close()
    assert "/sign-in" in bert.get(quipu.url + "/account", timeout=60).url
    # The password still lets in; by the provider the verified e-mail links anew, as the page says.
    assert Person(quipu, "bert@people.example").look("/account").status_code == 200
    arrives(quipu, provider, path, "bert@people.example")
    assert olga.look("/settings/audit?action=account+linked").text.count("id-of-bert") == 2


def test_an_admin_does_not_unlink_an_owner(quipu, olga, provider, path):
    add(quipu, "adam@people.example", "admin")
    adam = Person(quipu, "adam@people.example")
    fields = {"csrf": adam.csrf, "do": "unlink", "issuer": provider.url, "subject": "id-of-olga", "lastWay": "1"}
    page = "/settings/members/" + number(adam, "olga@people.example")
    assert adam.send_form(page, **fields).status_code == 400
    assert "Unlink" not in (section(adam.look(page).text) or "")
