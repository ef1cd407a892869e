"""Mail servers and identity providers with certificates of a private authority: asked over real TLS, refused when anything does not fit.
127.0.0.2 is this machine and not among the names that are exempt from TLS."""
import html
import re
import socket
import subprocess
import threading
from urllib.parse import quote

import pytest
import requests
from selenium.webdriver.common.by import By

from authority import Authority
from browser import Browser
from mail_server import MailServer
from oidc_provider import ECKey, Provider
from people import Person, add, hidden

NEW = "four-green-kettles-sing-at-noon"


@pytest.fixture(scope="module")
def authority():
    authority = Authority()
    yield authority
    authority.close()


@pytest.fixture(scope="module")
def stranger():
    """Nobody trusts it."""
    authority = Authority("Somebody else")
    yield authority
    authority.close()


@pytest.fixture(scope="module")
def mail(authority):
    server = MailServer(authority.server())
    yield server
    server.close()


@pytest.fixture(scope="module")
def mail_over_tls(authority):
    server = MailServer(authority.server(), is_wrapped=True)
    yield server
    server.close()


def address(server, scheme="smtp"):
    return f"{scheme}://{server.user}:{quote(server.password, safe='')}@127.0.0.2:{server.port}"


@pytest.fixture(scope="module")
def quipu(start, authority, mail):
    service = start(QUIPU_CA_FILE=authority.file, QUIPU_SMTP_URL=address(mail), QUIPU_MAIL_FROM="quipu@acme.example")
    add(service, "olga@people.example", "owner")
    return service


@pytest.fixture
def olga(quipu, mail):
    mail.forget()
    return Person(quipu, "olga@people.example")


def invite(person, email):
    """The page that the inviter sees."""
    answer = person.send_form("/settings/members", csrf=person.csrf, email=email, role="viewer")
    assert answer.status_code == 200, answer.text[-3000:]
    return html.unescape(answer.text)


def link(message):
    return re.search(r"http://\S+/welcome/\S+", message.get_payload(decode=True).decode()).group(0)


def again(quipu, **settings):
    """The service with other settings and the same data."""
    quipu.stop()
    quipu.environment.update(settings)
    quipu.start()


def test_an_invitation_comes_by_starttls_and_lets_its_reader_in(quipu, olga, mail):
    assert "It was sent to ann@people.example" in invite(olga, "ann@people.example")
    message, = mail.mails
    assert message["To"] == "<ann@people.example>" and message["From"] == "Quipu <quipu@acme.example>"
    # Nothing but the wish to speak in secret was said before.
    assert [line.split()[0] for line in mail.told_in_clear] == ["EHLO", "STARTTLS"]
    ann = requests.Session()
    form = ann.get(link(message), timeout=60)
    assert "ann@people.example" in form.text
    done = ann.post(link(message), data={"csrf": hidden(form.text, "csrf"), "password": NEW, "again": NEW}, timeout=60)
    assert done.status_code == 200 and "/welcome/" not in done.url, done.text[-2000:]
    assert Person(quipu, "ann@people.example", NEW).look("/").status_code == 200


def test_a_server_without_starttls_is_told_nothing(olga, mail):
    mail.offers_starttls = False
    try:
        page = invite(olga, "ben@people.example")
        assert "could not be sent by mail" in page and "STARTTLS" in page and mail.password not in page
        assert not mail.mails and not any(line.startswith(("AUTH", "MAIL")) for line in mail.told_in_clear), mail.told_in_clear
    finally:
        mail.offers_starttls = True


def other_authority(authority, stranger):
    return stranger.server()


def other_name(authority, stranger):
    return authority.server("mail.elsewhere.example")


def expired(authority, stranger):
    return authority.server(days=-1)


@pytest.mark.parametrize("certificate,words", [
    (other_authority, "by an authority that is not trusted here; QUIPU_CA_FILE names further ones"),
    (other_name, "no alternative certificate subject name matches target host name '127.0.0.2'"),
    (expired, "certificate has expired"),
])
def test_a_certificate_that_does_not_hold_is_told_and_nothing_is_sent(quipu, olga, mail, authority, stranger, certificate, words):
    kept, mail.context = mail.context, certificate(authority, stranger)
    try:
        page = invite(olga, certificate.__name__.replace("_", "-") + "@people.example")
        assert "could not be sent by mail" in page and words in page, page
        assert words in quipu.output() and mail.password not in quipu.output()
        assert not mail.mails and not any(line.startswith(("AUTH", "MAIL")) for line in mail.told_in_clear)
    finally:
        mail.context = kept


def test_mail_goes_by_smtps_and_a_wrong_password_is_told(quipu, mail, mail_over_tls):
    again(quipu, QUIPU_SMTP_URL=address(mail_over_tls, "smtps"))
    try:
        olga = Person(quipu, "olga@people.example")
        assert "It was sent to cleo@people.example" in invite(olga, "cleo@people.example")
        assert mail_over_tls.mails[0]["To"] == "<cleo@people.example>" and mail_over_tls.told_in_clear == []
        mail_over_tls.user = "another"
        page = invite(olga, "dan@people.example")
        assert "could not be sent by mail" in page and mail_over_tls.password not in page and len(mail_over_tls.mails) == 1
    finally:
        mail_over_tls.user = "quipu"
        again(quipu, QUIPU_SMTP_URL=address(mail))


# Identity providers.


@pytest.fixture(scope="module")
def provider(authority):
    provider = Provider(tls=authority.server(), host="127.0.0.2")
    yield provider
    provider.close()


def save_provider(person, provider, name):
    """Path of its settings, and the page that tests it."""
    saved = person.send_form(
        "/settings/sign-in", csrf=person.csrf, name=name, issuer=provider.url, clientID=provider.client_id, secret=provider.client_secret,
        secretSource="stored", scopes="openid email", claimEmail="email", claimVerified="email_verified", admitsUnknown="1", defaultRole="viewer",
        enabled="1")
    assert saved.status_code == 303, saved.text[-2000:]
    path = saved.headers["Location"].removeprefix(person.quipu.base)
    return path.removesuffix("/test"), html.unescape(person.look(path).text)


@pytest.fixture(scope="module")
def path(quipu, provider):
    """The address that signs in by it."""
    settings, page = save_provider(Person(quipu, "olga@people.example"), provider, "Acme")
    assert "2 keys for signatures" in page, page
    return "/sign-in/with/" + settings.rsplit("/", 1)[1]


def comes(quipu, provider, authority, path, email):
    """Address of whoever is signed in after going to the provider and back; None for nobody."""
    provider.person = {"sub": email, "email": email, "email_verified": True}
    browser = requests.Session()
    browser.verify, browser.trust_env = authority.file, False
    browser.get(quipu.url + path, timeout=60)
    found = re.search(r'class="who" title="([^"]+)"', browser.get(quipu.url + "/", timeout=60).text)
    return found and html.unescape(found.group(1))


def test_somebody_signs_in_by_a_provider_of_the_private_authority(quipu, provider, authority, path):
    assert comes(quipu, provider, authority, path, "carla@example.com") == "carla@example.com"
    provider.rotate(ECKey)
    assert comes(quipu, provider, authority, path, "carl@example.com") == "carl@example.com"


def test_in_a_browser_too(quipu, provider, path):
    provider.person = {"sub": "vera", "email": "vera@example.com", "email_verified": True}
    browser = Browser(quipu.url, flags=["--ignore-certificate-errors"])
    try:
        browser.open("/prices")
        browser.press(By.LINK_TEXT, "Sign in with Acme")
        assert browser.driver.current_url == quipu.url + "/prices"
        assert browser.driver.find_element(By.CLASS_NAME, "who").get_attribute("title") == "vera@example.com"
    finally:
        browser.close()


@pytest.mark.parametrize("certificate,words", [(other_authority, "authority that is not trusted here"), (other_name, "no alternative certificate subject name")])
def test_a_provider_whose_certificate_does_not_hold_is_not_asked(quipu, authority, stranger, certificate, words):
    false = Provider(tls=certificate(authority, stranger), host="127.0.0.2")
    try:
        _, page = save_provider(Person(quipu, "olga@people.example"), false, certificate.__name__)
        assert "could not be asked" in page and words in page, page
        assert not false.asked
    finally:
        false.close()


def test_a_redirect_is_not_followed(quipu, provider):
    """A discovery that leads elsewhere is no discovery, though the other place is the provider's own and answers."""
    class Elsewhere(Provider):
        def discovery(self):
            return None

    lured = Elsewhere()
    handler = lured.server.RequestHandlerClass
    handler.do_GET = lambda self: (self.send_response(302), self.send_header("Location", provider.url + self.path), self.end_headers())
    try:
        _, page = save_provider(Person(quipu, "olga@people.example"), lured, "Lured")
        assert "discovery answered 302" in page, page
    finally:
        lured.close()


class Proxy:
    """Passes CONNECT on; `asked` says where to."""

    def __init__(self):
        self.asked = []
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.listener.getsockname()[1]}"
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self.serve, args=(client,), daemon=True).start()

    def serve(self, client):
        line = client.makefile("rb", buffering=0)
        word, where, _ = line.readline().decode().split()
        while line.readline() not in (b"\r\n", b""):
            pass
        self.asked.append((word, where))
        host, port = where.rsplit(":", 1)
        server = socket.create_connection((host, int(port)), timeout=60)
        client.sendall(b"HTTP/1.1 200 go on\r\n\r\n")
        threading.Thread(target=self.pass_on, args=(server, client), daemon=True).start()
        self.pass_on(client, server)

    @staticmethod
    def pass_on(source, target):
        try:
            while data := source.recv(65536):
                target.sendall(data)
            target.shutdown(socket.SHUT_WR)
        except OSError:
            pass

    def close(self):
        self.listener.close()


def test_a_proxy_is_asked_through_when_a_setting_says_so_and_never_by_the_environment(quipu, provider, authority, mail, path):
    proxy, plain = Proxy(), Provider()
    by_variables = {name: proxy.url for name in ("http_proxy", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY")}
    try:
        again(quipu, **by_variables)
        assert "https_proxy has no effect here" in quipu.output()
        assert comes(quipu, provider, authority, path, "nina@example.com") == "nina@example.com"
        olga = Person(quipu, "olga@people.example")
        assert "It was sent to" in invite(olga, "nils@people.example")
        assert proxy.asked == []
        again(quipu, QUIPU_OUTBOUND_PROXY=proxy.url)
        assert comes(quipu, provider, authority, path, "otto@example.com") == "otto@example.com"
        olga = Person(quipu, "olga@people.example")
        assert "It was sent to" in invite(olga, "oda@people.example")
        _, page = save_provider(olga, plain, "Here")
        assert "2 keys for signatures" in page
        # Neither mail nor what is on this machine goes through it, and nothing in clear.
        assert set(proxy.asked) == {("CONNECT", provider.url.removeprefix("https://"))}, proxy.asked
    finally:
        again(quipu, **dict.fromkeys([*by_variables, "QUIPU_OUTBOUND_PROXY"], ""))
        proxy.close(), plain.close()


# The setting.


@pytest.mark.parametrize("content", [None, b"", b"no certificate\n", "key", "damaged"])
def test_a_file_that_holds_no_certificate_stops_the_start(quipu, authority, content):
    path = authority.at("wrong.pem")
    with open(authority.file, "rb") as f:
        whole = f.read()
    if content == "key":
        with open(authority.key, "rb") as f:
            content = f.read()
    if content == "damaged":
        content = whole + whole.replace(b"MII", b"MIJ", 1)
    if content is None:
        path = authority.at("none.pem")
    else:
        with open(path, "wb") as f:
            f.write(content)
    ended = subprocess.run(
        [quipu.binary, "serve"], env={**quipu.environment, "QUIPU_CA_FILE": path}, capture_output=True, text=True, timeout=60)
    assert ended.returncode != 0
    assert f'QUIPU_CA_FILE is "{path}": expected a readable file of one or more certificates in PEM form' in ended.stderr + ended.stdout


@pytest.mark.parametrize("name,value", [
    ("QUIPU_SMTP_URL", "smtp://quipu:secret-word@"), ("QUIPU_SMTP_URL", "smtp://quipu:secret@word@mail.example"), ("QUIPU_SMTP_URL", "https://mail.example"),
    ("QUIPU_OUTBOUND_PROXY", "proxy.example:3128"), ("QUIPU_OUTBOUND_PROXY", "http://u:secret-word@proxy.example/path"),
])
def test_a_wrong_address_stops_the_start_and_is_not_shown(quipu, name, value):
    ended = subprocess.run([quipu.binary, "serve"], env={**quipu.environment, name: value}, capture_output=True, text=True, timeout=60)
    assert ended.returncode != 0 and f'{name} is "(hidden)": expected' in ended.stderr + ended.stdout
    assert "secret" not in ended.stderr + ended.stdout
