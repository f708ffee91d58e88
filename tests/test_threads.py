"""Linear algebra is held to one thread, whatever is loaded when, and let go in the end."""

from __future__ import annotations

import os
import subprocess
import sys

PROBE = """
from threadpoolctl import threadpool_info
from alcli.threads import one_thread

def threads():
    return [each["num_threads"] for each in threadpool_info() if each["user_api"] == "blas"]

import numpy.linalg
before = threads()
few = len(before)
with one_thread():
    print(threads() == [1] * few)
    import scipy.linalg  # with a library of its own
    with one_thread():
        print(len(threads()) > few and set(threads()) == {1})
    print(set(threads()) == {1})  # held on, as the block outside may be used by others
print(set(threads()) == set(before))
"""


def test_what_is_loaded_inside_a_block_is_held_by_the_next() -> None:
    environment = {**os.environ, "OPENBLAS_NUM_THREADS": "2"}
    done = subprocess.run([sys.executable, "-c", PROBE], capture_output=True, text=True, env=environment, check=False)
    assert done.stdout.split() == ["True"] * 4, done.stdout + done.stderr
