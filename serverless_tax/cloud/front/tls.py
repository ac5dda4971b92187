"""A certificate of this start, for handlers that build an https:// address from an event.

AWS's samples for WebSocket APIs call ``https://`` + the event's domain + the stage. So the cloud
listens with TLS too, and functions trust its certificate beside the usual ones. The command openssl
makes it; where that is missing, events name a domain that nothing answers.
"""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import botocore

_DAYS = 30


class Certificate:
    """A self-signed certificate for 127.0.0.1, in the making.

    Args:
        folder: of the cloud; only its user can read it.
    """

    def __init__(self, folder: Path) -> None:
        self.key, self.file = folder / "tls-key.pem", folder / "tls-certificate.pem"
        self._bundle = folder / "tls-trusted.pem"
        openssl = shutil.which("openssl")
        command = [
            *("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"),
            *("-nodes", "-days", str(_DAYS), "-subj", "/CN=serverless-tax local cloud"),
            *("-addext", "subjectAltName=IP:127.0.0.1,DNS:localhost"),
            *("-keyout", str(self.key), "-out", str(self.file)),
        ]
        self._making = (
            subprocess.Popen(  # noqa: S603 - our own arguments
                [openssl, *command],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
            if openssl
            else None
        )

    def is_made(self) -> bool:
        """Wait for it; say whether there is one."""
        return self._making is not None and self._making.wait() == 0 and self.file.exists()

    def variables(self) -> dict[str, str]:
        """Variables with which boto3 and Node trust it, beside those that they trust anyway."""
        usual = Path(botocore.__file__).with_name("cacert.pem").read_text()
        self._bundle.write_text(usual + self.file.read_text())
        return {"AWS_CA_BUNDLE": str(self._bundle), "NODE_EXTRA_CA_CERTS": str(self.file)}
