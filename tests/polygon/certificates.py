"""Certificates of an authority that nobody knows, made when they are needed."""

from __future__ import annotations

import shutil
import ssl
import subprocess
from pathlib import Path

import pytest
from attrs import frozen

__all__ = ["NAME", "Authority"]

#: The name of a host that there is nowhere.
NAME = "api.polygon.test"
_CURVE = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes")


@frozen
class Authority:
    """Signs certificates; its own, and all it makes, lie in a folder."""

    folder: Path

    @classmethod
    def made_in(cls, folder: Path) -> Authority:
        """Make a new one, with the program ``openssl``."""
        if shutil.which("openssl") is None:
            pytest.skip("there is no program openssl to make certificates with")
        authority = cls(folder)
        authority._openssl(
            "req", "-x509", *_CURVE, "-keyout", "ca.key", "-out", "ca.pem", "-days", "2",
            "-subj", "/CN=nobody", "-addext", "keyUsage=critical,keyCertSign,cRLSign",
        )  # fmt: skip
        return authority

    @property
    def certificate(self) -> Path:
        """Whoever trusts this file trusts what is signed here."""
        return self.folder / "ca.pem"

    def trusted_folder(self) -> Path:
        """A folder as ``SSL_CERT_DIR`` wants it, named by hashes."""
        made = self.folder / "trusted"
        made.mkdir(exist_ok=True)
        name = self._openssl("x509", "-in", "ca.pem", "-noout", "-hash").strip()
        shutil.copy(self.certificate, made / f"{name}.0")
        return made

    def context(self, *names: str, days: int = 2, is_self_signed: bool = False) -> ssl.SSLContext:
        """What a server needs that goes by these names, this machine's unless others are given."""
        names = names or (f"DNS:{NAME}", "DNS:localhost", "IP:127.0.0.1")
        (self.folder / "names").write_text(
            f"subjectAltName={','.join(names)}\nauthorityKeyIdentifier=keyid\n"
        )
        self._openssl(
            "req", "-new", *_CURVE, "-keyout", "host.key", "-out", "host.csr", "-subj", "/CN=host"
        )
        signer = ("-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial")
        if is_self_signed:
            signer = ("-signkey", "host.key")
        self._openssl(
            "x509", "-req", "-in", "host.csr", *signer, "-days", str(days), "-extfile", "names",
            "-out", "host.pem",
        )  # fmt: skip
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.folder / "host.pem", self.folder / "host.key")
        return context

    def _openssl(self, *arguments: str) -> str:
        done = subprocess.run(
            ["openssl", *arguments], cwd=self.folder, check=True, capture_output=True, text=True
        )
        return done.stdout
