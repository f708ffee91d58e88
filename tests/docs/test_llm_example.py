"""The cookbook's script asks a server that speaks the protocol, and its answers come in."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

PAGE = Path(__file__).parents[2] / "docs" / "cookbook.md"
POOL = "id,text\n" + "".join(f"{n},{'free money' if n % 2 else 'see you'} {n}\n" for n in range(12))


class Model(BaseHTTPRequestHandler):
    """Answers chat completions: spam for what is free, something silly for row 3, ham otherwise."""

    asked: list[dict[str, object]]

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        assert self.path == "/v1/chat/completions" and self.headers["Authorization"] == "Bearer secret"
        question = body["messages"][0]["content"]
        type(self).asked.append(body)
        said = "I am not sure" if question.endswith(" 3") else "Spam." if "free" in question else "ham"
        reply = json.dumps({"choices": [{"message": {"role": "assistant", "content": said}}]}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(reply)))
        self.end_headers()
        self.wfile.write(reply)

    def log_message(self, *_: object) -> None:
        """Says nothing."""


@pytest.fixture
def server() -> Iterator[str]:
    Model.asked = []
    with ThreadingHTTPServer(("127.0.0.1", 0), Model) as its:
        threading.Thread(target=its.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{its.server_address[1]}/v1"
        its.shutdown()


def test_a_model_behind_the_protocol_is_an_annotator(server: str, tmp_path: Path) -> None:
    script = re.search(r"^```python ask_llm.py\n(.*?)^```$", PAGE.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)
    assert script
    (tmp_path / "ask_llm.py").write_text(script[1])
    (tmp_path / "pool.csv").write_text(POOL)
    environment = {key: value for key, value in os.environ.items() if not key.startswith("ALCLI_")}
    environment |= {"LLM_URL": server, "LLM_MODEL": "small", "LLM_KEY": "secret", "no_proxy": "127.0.0.1"}

    def alcli(*argv: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-c", "from alcli.cli import entry; entry()", *argv]
        return subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=300)

    assert alcli("init", "pool.csv", "--classes", "ham,spam", "--text", "text").returncode == 0
    run = alcli("run", "--annotator", f"{shlex.quote(sys.executable)} ask_llm.py ham,spam", "--rounds", "1", "-n", "12")
    assert run.returncode == 0, run.stderr
    rows = [line.split(",") for line in (tmp_path / "labels.csv").read_text().splitlines()[1:]]
    # what was no class is left to a person
    assert {row[0]: row[1] for row in rows} == {str(n): "spam" if n % 2 else "ham" for n in range(12) if n != 3}
    assert all(row[2] == "ask_llm" for row in rows)
    assert len(Model.asked) == 12 and Model.asked[0]["model"] == "small"

    (tmp_path / "again").mkdir()
    environment["LLM_URL"] = "http://127.0.0.1:9/v1"  # nobody listens there
    assert alcli("init", "pool.csv", "-C", "again", "--classes", "ham,spam", "--text", "text").returncode == 0
    run = alcli(
        "run", "-C", "again", "--annotator", f"{shlex.quote(sys.executable)} ask_llm.py ham,spam", "--rounds", "1"
    )
    assert run.returncode == 1 and "nothing was lost" in run.stderr
