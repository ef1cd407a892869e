"""A small OpenID Connect provider on this machine, by http or with a TLS context by https. It signs by RS256 and ES256 with code of its own, changes keys when told, and can be told to lie."""
import base64
import hashlib
import json
import secrets
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, unquote, urlencode, urlsplit


def b64(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def number(value, size):
    return b64(value.to_bytes(size, "big"))


def is_prime(n):
    if any(n % p == 0 for p in (3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37)):
        return False
    d, r = n - 1, 0
    while d % 2 == 0:
        d, r = d // 2, r + 1
    for _ in range(24):
        x = pow(secrets.randbelow(n - 3) + 2, d, n)
        if x in (1, n - 1):
            continue
        for _ in range(r - 1):
            x = x * x % n
            if x == n - 1:
                break
        else:
            return False
    return True


# Nine of ten odd numbers fall by these, far cheaper than by a power.
SMALL = [n for n in range(3, 2000, 2) if all(n % d for d in range(3, int(n**0.5) + 1, 2))]


def prime(bits):
    while True:
        n = secrets.randbits(bits) | 1 | 3 << (bits - 2)
        if n % 65537 != 1 and all(n % small for small in SMALL) and is_prime(n):
            return n


class RSAKey:
    """PKCS #1 v1.5 with SHA-256."""
    alg = "RS256"

    def __init__(self):
        p, q = prime(1024), prime(1024)
        self.n, self.d, self.kid = p * q, pow(65537, -1, (p - 1) * (q - 1)), secrets.token_hex(4)

    def public(self):
        return {"kty": "RSA", "kid": self.kid, "use": "sig", "n": number(self.n, 256), "e": "AQAB"}

    def sign(self, data):
        info = bytes.fromhex("3031300d060960864801650304020105000420") + hashlib.sha256(data).digest()
        padded = b"\x00\x01" + b"\xff" * (256 - 3 - len(info)) + b"\x00" + info
        return pow(int.from_bytes(padded, "big"), self.d, self.n).to_bytes(256, "big")


P = 2**256 - 2**224 + 2**192 + 2**96 - 1
N = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
G = (0x6B17D1F2E12C4247F8BCE6E563A440F277037D812DEB33A0F4A13945D898C296, 0x4FE342E2FE1A7F9B8EE7EB4A7C0F9E162BCE33576B315ECECBB6406837BF51F5)


def add(a, b):
    if a is None or b is None:
        return a or b
    if a[0] == b[0]:
        if (a[1] + b[1]) % P == 0:
            return None
        m = (3 * a[0] * a[0] - 3) * pow(2 * a[1], -1, P) % P
    else:
        m = (b[1] - a[1]) * pow(b[0] - a[0], -1, P) % P
    x = (m * m - a[0] - b[0]) % P
    return x, (m * (a[0] - x) - a[1]) % P


def times(k, point):
    result = None
    while k:
        if k & 1:
            result = add(result, point)
        point, k = add(point, point), k >> 1
    return result


class ECKey:
    """P-256 with SHA-256."""
    alg = "ES256"

    def __init__(self):
        self.d, self.kid = secrets.randbelow(N - 1) + 1, secrets.token_hex(4)
        self.q = times(self.d, G)

    def public(self):
        return {"kty": "EC", "crv": "P-256", "kid": self.kid, "use": "sig", "alg": "ES256", "x": number(self.q[0], 32), "y": number(self.q[1], 32)}

    def sign(self, data):
        e = int.from_bytes(hashlib.sha256(data).digest(), "big")
        while True:
            k = secrets.randbelow(N - 1) + 1
            r = times(k, G)[0] % N
            s = pow(k, -1, N) * (e + r * self.d) % N
            if r and s:
                return r.to_bytes(32, "big") + s.to_bytes(32, "big")


class Provider:
    """`person` is who signs in next; `token` and `header` may bend what is signed; what was asked stands in `asked`."""

    def __init__(self, client_id="quipu", client_secret="s3cret of the client/+", tls=None, host="127.0.0.1"):
        self.client_id, self.client_secret = client_id, client_secret
        self.person = {"sub": "1", "email": "ann@example.com", "email_verified": True}
        self.userinfo = None
        self.token = lambda claims: claims
        self.header = lambda header: header
        self.refusal = None
        self.codes, self.access, self.asked, self.last_callback = {}, {}, [], None
        self.keys = [RSAKey(), ECKey()]
        self.signing = self.keys[0]
        self.server = ThreadingHTTPServer((host, 0), type("Handler", (Handler,), {"provider": self}))
        self.url = f"http{'s' if tls else ''}://{host}:{self.server.server_port}"
        if tls:
            # Shaken hands with in the thread of the request: one that hangs holds up nobody else.
            self.server.socket = tls.wrap_socket(self.server.socket, server_side=True, do_handshake_on_connect=False)
            self.server.handle_error = lambda *_: None  # clients that do not trust it hang up
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def rotate(self, kind):
        """A new key signs; the old ones are published no more."""
        self.signing = kind()
        self.keys = [self.signing]

    def close(self):
        self.server.shutdown()
        self.server.server_close()

    def authorize(self, query):
        self.asked.append(query)
        answer = {"state": query["state"]}
        if self.refusal:
            answer["error"] = self.refusal
        else:
            answer["code"] = secrets.token_urlsafe(24)
            self.codes[answer["code"]] = (query, dict(self.person))
        self.last_callback = query["redirect_uri"] + "?" + urlencode(answer)
        return self.last_callback

    def exchange(self, form, authorization):
        sent = unquote(base64.b64decode(authorization.removeprefix("Basic ")).decode()) if authorization else None
        if sent != f"{self.client_id}:{self.client_secret}":
            return 401, {"error": "invalid_client"}
        query, person = self.codes.pop(form.get("code"), (None, None))
        if query is None:
            return 400, {"error": "invalid_grant", "error_description": "no such code"}
        challenge = b64(hashlib.sha256(form.get("code_verifier", "").encode()).digest())
        if query["code_challenge_method"] != "S256" or challenge != query["code_challenge"] or form.get("redirect_uri") != query["redirect_uri"]:
            return 400, {"error": "invalid_grant", "error_description": "verifier or address"}
        access = secrets.token_urlsafe(16)
        self.access[access] = {"sub": person["sub"], **(self.userinfo or {})}
        return 200, {"token_type": "Bearer", "access_token": access, "id_token": self.id_token(query["nonce"], person)}

    def id_token(self, nonce, person):
        now = int(time.time())
        claims = {"iss": self.url, "aud": self.client_id, "iat": now, "exp": now + 300, "nonce": nonce, **person}
        header = self.header({"alg": self.signing.alg, "kid": self.signing.kid, "typ": "JWT"})
        data = b64(json.dumps(header).encode()) + "." + b64(json.dumps(self.token(claims)).encode())
        return data + "." + b64(self.signing.sign(data.encode()))

    def discovery(self):
        return {
            "issuer": self.url, "authorization_endpoint": self.url + "/authorize", "token_endpoint": self.url + "/token",
            "userinfo_endpoint": self.url + "/userinfo", "jwks_uri": self.url + "/jwks", "response_types_supported": ["code"],
            "code_challenge_methods_supported": ["S256"], "id_token_signing_alg_values_supported": ["RS256", "ES256"]}


class Handler(BaseHTTPRequestHandler):
    provider = None

    def do_GET(self):
        address = urlsplit(self.path)
        if address.path == "/.well-known/openid-configuration":
            return self.json(200, self.provider.discovery())
        if address.path == "/jwks":
            return self.json(200, {"keys": [{"kty": "oct", "k": "AAAA"}] + [key.public() for key in self.provider.keys]})
        if address.path == "/authorize":
            self.send_response(302)
            self.send_header("Location", self.provider.authorize({k: v[0] for k, v in parse_qs(address.query).items()}))
            self.end_headers()
            return None
        if address.path == "/userinfo":
            claims = self.provider.access.get(self.headers.get("Authorization", "").removeprefix("Bearer "))
            return self.json(200 if claims else 401, claims or {})
        return self.json(404, {})

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
        form = {k: v[0] for k, v in parse_qs(body).items()}
        return self.json(*self.provider.exchange(form, self.headers.get("Authorization")))

    def json(self, status, value):
        body = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass
