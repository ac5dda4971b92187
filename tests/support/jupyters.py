"""A Jupyter on loopback, as a learner's: its address while it runs."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import pytest

ROOT = Path(__file__).resolve().parents[2]
START_SECONDS = 60
#: A cell is tall once it is drawn: scrolls through a notebook until each keeps its height.
LOOK = """async (cells) => {
  const drawn = () => new Promise((done) => requestAnimationFrame(() => setTimeout(done, 50)));
  const scrolls = (one) => one.scrollWidth > one.clientWidth + 1
    && /auto|scroll/.test(getComputedStyle(one).overflowX);
  let before = '';
  for (const until = Date.now() + 60000; Date.now() < until;) {
    await drawn();
    const outer = document.querySelector('.jp-WindowedPanel-outer');
    const tall = {}, wide = [];
    let formulas = 0;
    for (let at = 0; at < outer.scrollHeight; at += 400) {
      outer.scrollTop = at;
      let found = [];
      for (let tries = 0; !tries || (found.length && tries < 40); tries++) {
        await drawn();  // an editor wraps its lines a moment after it is there
        found = [outer, ...outer.querySelectorAll('*')].filter(scrolls);
      }
      formulas += document.querySelectorAll('.jp-Notebook mjx-container').length;
      document.querySelectorAll('.jp-Notebook .jp-Cell').forEach((cell) => {
        tall[cell.dataset.windowedListIndex] = cell.offsetHeight;
      });
      found.forEach((one) => wide.push(
        `${one.className} ${one.clientWidth}/${one.scrollWidth}: ${one.innerText.slice(0, 60)}`));
    }
    const now = JSON.stringify(tall);
    if (now === before && Object.keys(tall).length === cells) {
      const sum = Object.values(tall).reduce((a, b) => a + b, 0);
      return { screens: sum / outer.clientHeight, wide, formulas };
    }
    before = now;
  }
  return {};
}"""


@contextmanager
def jupyter(module: str, folder: Path, **options: object) -> Iterator[str]:
    """Serve the notebooks in a folder's `root`.

    Args:
        module: `jupyterlab` or `notebook`.
        folder: where it keeps its own settings and log beside them; a reader's are left alone.
        options: more of its own, a dot for each double underscore.
    """
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    given = {
        "ServerApp.ip": "127.0.0.1",
        "ServerApp.port": port,
        "ServerApp.root_dir": folder / "root",
        "ServerApp.open_browser": False,
        "ServerApp.allow_root": True,
        "IdentityProvider.token": "",
        "LabApp.news_url": "",
        "LabApp.check_for_updates_class": "jupyterlab.NeverCheckForUpdate",
        **{name.replace("__", "."): value for name, value in options.items()},
    }
    command = [sys.executable, "-m", module, *(f"--{k}={v}" for k, v in given.items())]
    own = {"JUPYTER_CONFIG_DIR": str(folder / "config"), "JUPYTER_DATA_DIR": str(folder / "data")}
    path = folder / "server.log"
    with path.open("w") as log:
        server = subprocess.Popen(command, stdout=log, stderr=log, env={**os.environ, **own})
        try:
            _wait_until_it_answers(f"http://127.0.0.1:{port}/api", server, path)
            yield f"http://127.0.0.1:{port}"
        finally:
            server.terminate()
            try:
                server.wait(timeout=30)
            except subprocess.TimeoutExpired:  # a busy machine: it waits for each of its kernels
                server.kill()
                server.wait()


def wait_for_kernel(address: str) -> None:
    """Wait until a page has its kernel: what it is told to run before that is lost.

    The page itself says that it is idle while there is no kernel yet.
    """
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        with urlopen(f"{address}/api/kernels", timeout=20) as told:  # noqa: S310 - as below
            if any(
                one["connections"] and one["execution_state"] == "idle" for one in json.load(told)
            ):
                return
        time.sleep(0.2)
    pytest.fail("no page was connected to an idle kernel")


def _wait_until_it_answers(address: str, server: subprocess.Popen[bytes], log: Path) -> None:
    """Poll the server until it is up, or fail with its log."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and server.poll() is None:
        try:
            with urlopen(address, timeout=5):  # noqa: S310 - our own server on loopback
                return
        except (URLError, ConnectionError):
            time.sleep(0.2)
    pytest.fail(f"Jupyter did not start:\n{log.read_text()[-2000:]}")
