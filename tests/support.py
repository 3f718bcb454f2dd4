# SPDX-License-Identifier: MIT
"""What the Python tests share: the program, the sample, the real data where it is, and reading a result."""
import os
import sqlite3
import subprocess
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
DATA = os.path.join(ROOT, "data")
REAL = os.environ.get("ZONEFOLD_REAL_DATA") or os.path.join(os.path.dirname(ROOT), "shared", "data")
QUICK = "ZONEFOLD_QUICK" in os.environ  # set by tools/test where what has been tried in full is tried again
SKIPPED = 77  # ctest's SKIP_RETURN_CODE


def program():
    path = os.environ.get("ZONEFOLD_PROGRAM")
    if not path:
        sys.exit("ZONEFOLD_PROGRAM names the built program; ctest sets it")
    return path


def need_real_data():
    """Ends the test as skipped, saying so, where the real layers are not at hand."""
    if not os.path.isdir(os.path.join(REAL, "ma_cambridge")):
        print(f"SKIPPED: the real layers are not at {REAL}; name their directory with ZONEFOLD_REAL_DATA")
        sys.exit(SKIPPED)


def run(*arguments, status=0, **more):
    """Runs the program; the exit status must be as said. Returns the finished process."""
    done = subprocess.run([program(), *map(str, arguments)], capture_output=True, text=True, timeout=600, **more)
    if done.returncode != status:
        sys.exit(f"exit status {done.returncode}, expected {status}: zonefold {' '.join(map(str, arguments))}\n{done.stderr}")
    return done


def open_result(path):
    """The result as a read-only SQLite connection that knows SpatiaLite's functions."""
    db = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    db.enable_load_extension(True)
    db.load_extension("mod_spatialite")
    return db


def effort(n):
    """How many random cases a dear test tries: all of them, or an eighth where it is quick."""
    return -(-n // 8) if QUICK else n


def scratch():
    """A directory that goes away with the test."""
    return tempfile.TemporaryDirectory(prefix="zonefold-test-")


def check(is_true, text):
    if not is_true:
        sys.exit(f"FAILED: {text}")
