#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""A signal before each call that changes a file or a name: killed, a run leaves the older result or a whole new one; asked to stop, it exits with 6."""
import os
import signal
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "cli"))
from support import check, program  # noqa: E402
from town import Town, content, works  # noqa: E402

LEFT = ".result.sqlite.part"
OLDER = ["-q", "--analysis", "none", "--buildings-out", "none"]
LITTLE = ["-q", "--threads", "1", "--memory", "23MiB", "--batch-size", "5"]


def call(town, number, by, *more):
    environment = {"LD_PRELOAD": os.environ["ZONEFOLD_KILLED_CALLS"], "ZONEFOLD_KILLED_CALL": str(number), "ZONEFOLD_KILLED_BY": str(int(by)),
                   "ZONEFOLD_CALLS": town.file("count"), "TMPDIR": town.file("temp")}
    return subprocess.run([program(), *town.arguments(*LITTLE, *more)], capture_output=True, text=True, timeout=120, env=os.environ | environment)


def sweep(by, *more):
    """more without --overwrite: there is no older result."""
    town = Town()
    os.mkdir(town.file("temp"))
    older = None
    if "--overwrite" in more:
        works(town.arguments(*OLDER))
        older = content(town.output)
    done = call(town, 0, by, *more)
    check(done.returncode == 0, f"none is killed: {done.stderr}")
    newer = content(town.output)
    with open(town.file("count")) as file:
        n = int(file.read())
    check(n > 15, f"the calls are seen: {n}")
    n_newer = 0
    for number in range(1, n + 1):
        if older is not None:
            with open(town.output, "wb") as file:
                file.write(older)
        elif os.path.exists(town.output):
            os.unlink(town.output)
        done = call(town, number, by, *more)
        found = content(town.output) if os.path.exists(town.output) else None
        said = f"{by.name} before call {number} of {n}, {more}: exit {done.returncode}, {done.stderr}, {town.left_behind()}"
        check(found in (older, newer), f"neither the older nor the newer result: {said}")
        n_newer += found == newer
        check(n_newer == 0 or found == newer, f"once it is in place, it is in place: {said}")
        others = set(town.left_behind()) - {"result.sqlite"}
        check(others <= ({LEFT} if by == signal.SIGKILL else set()) and os.listdir(town.file("temp")) == [], f"left behind: {said}")
        if by == signal.SIGKILL:
            check(done.returncode == -signal.SIGKILL, said)
        else:
            check(done.returncode == (0 if found == newer else 6), said)
    check(0 < n_newer < n, f"the calls lie before and after the rename: {n_newer} of {n} after it")
    works(town.arguments(*LITTLE, "--overwrite"))
    check(content(town.output) == newer and town.left_behind() == ["result.sqlite"], f"the next run works: {town.left_behind()}")
    print(f"{by.name} {' '.join(more)}: {n} calls, {n_newer} after the rename")


sweep(signal.SIGKILL, "--overwrite")
sweep(signal.SIGKILL)
sweep(signal.SIGTERM, "--overwrite")
