"""A private certificate authority, made with the openssl program: what a company's own servers have certificates of."""
import os
import shutil
import ssl
import subprocess
import tempfile


class Authority:
    """`file` is its certificate, for QUIPU_CA_FILE; `server(name)` gives a TLS context for a server of that name or address."""

    def __init__(self, name="Acme private authority"):
        self.folder = tempfile.mkdtemp(prefix="quipu-authority-")
        os.chmod(self.folder, 0o755)
        self.key, self.file = self.at("ca.key"), self.at("ca.pem")
        self.openssl(
            "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", self.key, "-out", self.file,
            "-days", "2", "-subj", f"/CN={name}", "-addext", "basicConstraints=critical,CA:TRUE")

    def at(self, name):
        return os.path.join(self.folder, name)

    @staticmethod
    def openssl(*arguments):
        subprocess.run(["openssl", *arguments], check=True, capture_output=True, timeout=180)

    def server(self, name="127.0.0.2", days=2):
        """Days below 0: expired."""
        stem = self.at(f"{name}{days}")
        kind = "IP" if name.replace(".", "").isdigit() else "DNS"
        with open(stem + ".ext", "w") as f:
            f.write(f"subjectAltName={kind}:{name}\nbasicConstraints=CA:FALSE\nextendedKeyUsage=serverAuth\n")
        self.openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", stem + ".key", "-out", stem + ".csr", "-subj", "/CN=server")
        self.openssl(
            "x509", "-req", "-in", stem + ".csr", "-CA", self.file, "-CAkey", self.key, "-CAcreateserial", "-out", stem + ".pem", "-days", str(days),
            "-extfile", stem + ".ext")
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(stem + ".pem", stem + ".key")
        return context

    def close(self):
        shutil.rmtree(self.folder, ignore_errors=True)
