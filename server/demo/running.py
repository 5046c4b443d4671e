"""A server process that lives as long as a ``with`` block."""

import os
import subprocess
import sys
import time
from pathlib import Path
from types import TracebackType
from typing import Self

import requests

from server.core.certificate import CertificateFiles
from server.settings import Settings

_READY_WITHIN_S = 180.0
_POLL_S = 0.1


class RunningServer:
    """``stamp-server serve`` in a process of its own, ready when the block begins, ended when it ends.

    Parameters
    ----------
    settings : Settings
        Only the database address is passed on; all else comes from the environment.
    host, port
        Where to listen.
    certificate : CertificateFiles or None
        Serve HTTPS with it.
    log : Path
        Receives what the server prints.
    """

    def __init__(
        self, settings: Settings, *, host: str, port: int, certificate: CertificateFiles | None, log: Path
    ) -> None:
        self._command = [sys.executable, "-m", "server.cli", "serve", "--host", host, "--port", str(port)]
        if certificate is not None:
            self._command += ["--cert", str(certificate.certificate), "--key", str(certificate.key)]
        self._environment = {**os.environ, "STAMP_DATABASE_URL": settings.database_url}
        self._log = log
        self._trust = None if certificate is None else str(certificate.certificate)
        self.base_url = f"{'https' if certificate else 'http'}://127.0.0.1:{port}"
        self.ready_after_s = 0.0

    def __enter__(self) -> Self:
        """Start and wait until ``/readyz`` is green."""
        if self._trust is not None:
            # requests, and so the phone client, trusts the certificate through this variable.
            os.environ["REQUESTS_CA_BUNDLE"] = self._trust
        started = time.monotonic()
        with self._log.open("wb") as out:
            self._process = subprocess.Popen(  # noqa: S603 (our own command)
                self._command, env=self._environment, stdout=out, stderr=subprocess.STDOUT
            )
        while not self._is_ready():
            if self._process.poll() is not None or time.monotonic() - started > _READY_WITHIN_S:
                self._end()
                last = self._log.read_text(errors="replace").splitlines()[-15:]
                raise RuntimeError("The server did not become ready. Its last lines:\n" + "\n".join(last))
            time.sleep(_POLL_S)
        self.ready_after_s = time.monotonic() - started
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End the process and wait for it."""
        self._end()

    @property
    def memory_mb(self) -> float | None:
        """The server's resident memory in MB, where the system tells (/proc)."""
        status = Path(f"/proc/{self._process.pid}/status")
        if not status.exists():
            return None
        line = next(line for line in status.read_text().splitlines() if line.startswith("VmRSS:"))
        return int(line.split()[1]) / 1024

    def wait(self) -> None:
        """Return when the server ends or the user presses Ctrl-C."""
        try:
            self._process.wait()
        except KeyboardInterrupt:
            return

    def _is_ready(self) -> bool:
        try:
            return requests.get(self.base_url + "/readyz", timeout=2).ok
        except requests.RequestException:
            return False

    def _end(self) -> None:
        self._process.terminate()
        try:
            self._process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
