"""Starting a server on this machine for the length of a test, and talking to it."""

from __future__ import annotations

import contextlib
import http.cookiejar
import json
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

KEEPER = Path(__file__).with_name("keeper.py")
T = TypeVar("T")


def free_port() -> int:
    """A port of the loopback address that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def surroundings(home: Path, **more: str) -> dict[str, str]:
    """Variables for a tool: a home of its own, and nothing that the tests' own Python reads."""
    kept = {name: os.environ[name] for name in ("PATH", "LANG", "LC_ALL", "TMPDIR", "TZ") if name in os.environ}
    return {**kept, "HOME": str(home), "PYTHONUTF8": "1", **more}


@contextlib.contextmanager
def running(
    command: Sequence[str | Path], log: Path, env: Mapping[str, str], folder: Path, patience: float = 10.0
) -> Iterator[subprocess.Popen[bytes]]:
    """A command that runs as long as the block, with its output in `log`; none of its processes is left.

    They are asked to end, and killed after `patience` seconds.
    """
    with log.open("ab") as out:
        keeper = subprocess.Popen(
            [sys.executable, str(KEEPER), str(patience), *map(str, command)],
            stdin=subprocess.PIPE,
            stdout=out,
            stderr=out,
            env=dict(env),
            cwd=folder,
            start_new_session=True,  # Ctrl-C is for the tests; the closed pipe tells the keeper
        )
    try:
        yield keeper
    finally:
        assert keeper.stdin is not None
        keeper.stdin.close()
        keeper.wait(timeout=60)


def until(
    ready: Callable[[], T | None], what: str, *, seconds: float, alive: Sequence[tuple[subprocess.Popen[bytes], Path]]
) -> T:
    """What `ready` gives as soon as it is not None.

    Raises
    ------
    RuntimeError
        If that takes too long or one of the processes ends, with the last lines of its log.
    """
    end = time.monotonic() + seconds
    while True:
        found = ready()
        if found is not None:
            return found
        ended = [log for process, log in alive if process.poll() is not None]
        if ended or time.monotonic() > end:
            why = "the server ended" if ended else f"not after {seconds:.0f} s"
            tails = "\n".join(log.read_text(errors="replace")[-2000:] for log in ended or [log for _, log in alive])
            raise RuntimeError(f"{what}: {why}\n{tails}")
        time.sleep(0.25)


class Refused(Exception):
    """The server's answer was an error; `code` is its status, `said` what it told."""

    def __init__(self, where: str, code: int, said: str) -> None:
        super().__init__(f"{where}: {code} {said[:1000]}")
        self.code, self.said = code, said


class Visitor:
    """Somebody at a server, with cookies as a browser has them."""

    def __init__(self, base: str) -> None:
        self.base = base
        self.headers: dict[str, str] = {}
        self._jar = http.cookiejar.CookieJar()
        # proxies are for other machines than this
        self._opener = urllib.request.build_opener(
            urllib.request.ProxyHandler({}), urllib.request.HTTPCookieProcessor(self._jar)
        )

    def cookie(self, name: str) -> str:
        """The value of a cookie that the server set; empty if it did not."""
        return next((cookie.value or "" for cookie in self._jar if cookie.name == name), "")

    def raw(self, method: str, path: str, data: bytes | None = None, kind: str = "application/json") -> bytes:
        """The body of the answer.

        Raises
        ------
        Refused
            If the server answers with an error.
        """
        headers = {**self.headers, "Content-Type": kind}
        if token := self.cookie("csrftoken"):
            headers |= {"X-CSRFToken": token, "Referer": self.base}
        request = urllib.request.Request(self.base + path, data=data, headers=headers, method=method)
        try:
            with self._opener.open(request, timeout=120) as answer:
                return bytes(answer.read())
        except urllib.error.HTTPError as error:
            raise Refused(f"{method} {path}", error.code, error.read().decode(errors="replace")) from None

    def get(self, path: str) -> Any:
        """The answer as JSON."""
        return json.loads(self.raw("GET", path))

    def post(self, path: str, body: Any = None, method: str = "POST") -> Any:
        """Send JSON; the answer as JSON, None where it is empty."""
        answer = self.raw(method, path, json.dumps({} if body is None else body).encode())
        return json.loads(answer) if answer else None

    def form(self, path: str, **fields: str) -> None:
        """Fill in a page's form."""
        self.raw("GET", path)
        fields["csrfmiddlewaretoken"] = self.cookie("csrftoken")
        self.raw("POST", path, urllib.parse.urlencode(fields).encode(), "application/x-www-form-urlencoded")

    def answers(self, path: str) -> bool | None:
        """True once the server answers there; for `until`."""
        try:
            self.raw("GET", path)
        except (OSError, Refused):
            return None
        return True
