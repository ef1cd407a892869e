"""A small SMTP server with real TLS: SMTPS or STARTTLS, AUTH PLAIN and LOGIN. It keeps the mails that it took and every line it was told in clear."""
import base64
import socket
import ssl
import threading
from email import message_from_bytes


class MailServer:
    """`offers_starttls` and `context` may be changed between mails."""

    def __init__(self, context, is_wrapped=False, host="127.0.0.2", user="quipu", password="p@ss/w:rd"):
        self.context, self.is_wrapped, self.offers_starttls = context, is_wrapped, not is_wrapped
        self.user, self.password = user, password
        self.mails, self.told_in_clear, self.is_authenticated = [], [], []
        self.listener = socket.create_server((host, 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def forget(self):
        self.mails, self.told_in_clear, self.is_authenticated = [], [], []

    def close(self):
        self.listener.close()

    def accept(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self.serve, args=(client,), daemon=True).start()

    def serve(self, client):
        client.settimeout(60)
        try:
            Conversation(self, self.context.wrap_socket(client, server_side=True) if self.is_wrapped else client).run()
        except (OSError, ssl.SSLError):
            pass  # the client would not go on
        finally:
            client.close()


class Conversation:
    def __init__(self, server, connection):
        self.server, self.connection = server, connection
        self.lines = connection.makefile("rb")
        self.is_secret, self.is_known = server.is_wrapped, False

    def say(self, *lines):
        self.connection.sendall("".join(line + "\r\n" for line in lines).encode())

    def hear(self):
        line = self.lines.readline().decode("utf-8", "replace").rstrip("\r\n")
        if not self.is_secret:
            self.server.told_in_clear.append(line)
        return line

    def run(self):
        self.say("220 mail.example ready")
        while line := self.hear():
            word, _, rest = line.partition(" ")
            act = getattr(self, "on_" + word.lower(), None)
            if word.upper() == "QUIT":
                return self.say("221 bye")
            self.say("250 ok") if act is None else act(rest)

    def on_ehlo(self, _):
        starttls = ["STARTTLS"] if self.server.offers_starttls and not self.is_secret else []
        offers = ["mail.example", *starttls, "AUTH PLAIN LOGIN", "8BITMIME"]
        self.say(*[f"250-{offer}" for offer in offers[:-1]], f"250 {offers[-1]}")

    def on_starttls(self, _):
        self.say("220 go on")
        self.connection = self.server.context.wrap_socket(self.connection, server_side=True)
        self.lines, self.is_secret = self.connection.makefile("rb"), True

    def on_auth(self, rest):
        kind, _, first = rest.partition(" ")
        if kind.upper() == "PLAIN":
            if not first:
                self.say("334 ")
                first = self.hear()
            _, user, password = base64.b64decode(first).decode().split("\0")
        else:
            self.say("334 VXNlcm5hbWU6")
            user = base64.b64decode(self.hear()).decode()
            self.say("334 UGFzc3dvcmQ6")
            password = base64.b64decode(self.hear()).decode()
        self.is_known = (user, password) == (self.server.user, self.server.password)
        self.say("235 welcome" if self.is_known else "535 5.7.8 not you")

    def on_mail(self, _):
        self.say("250 ok" if self.is_known else "530 5.7.0 authentication required")

    def on_data(self, _):
        self.say("354 go on")
        lines = []
        while (line := self.lines.readline()) not in (b".\r\n", b""):
            lines.append(line[1:] if line.startswith(b"..") else line)
        self.server.mails.append(message_from_bytes(b"".join(lines)))
        self.say("250 taken")
