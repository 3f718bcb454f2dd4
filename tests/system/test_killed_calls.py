# SPDX-License-Identifier: MIT
"""A signal before each call that changes a file or a name: killed, a run leaves the older result or a whole new one; asked to stop, it exits with 6.
Likewise archive and replay."""
import os
import shutil
import signal
import subprocess

import pytest
from support import DEEP, QUICK, program
from town import content, works

LEFT = ".result.sqlite.part"
OLDER = ["-q", "--analysis", "none", "--buildings-out", "none"]
STEP = 1 if DEEP else 6 if QUICK else 3   # each of the calls, or some, with those about the rename among them
LITTLE = ["-q", "--threads", "1", "--memory", "23MiB", "--batch-size", "5"]


def call_words(town, number, by, words):
    environment = {"LD_PRELOAD": os.environ["ZONEFOLD_KILLED_CALLS"], "ZONEFOLD_KILLED_CALL": str(number), "ZONEFOLD_KILLED_BY": str(int(by)),
                   "ZONEFOLD_CALLS": town.file("count"), "TMPDIR": town.file("temp")}
    return subprocess.run([program(), *words], capture_output=True, text=True, timeout=120, env=os.environ | environment)


def call(town, number, by, *more):
    return call_words(town, number, by, town.arguments(*LITTLE, *more))


@pytest.mark.parametrize(("by", "more"), ((signal.SIGKILL, ["--overwrite"]), (signal.SIGKILL, []), (signal.SIGTERM, ["--overwrite"])),
                         ids=("killed over an older result", "killed", "stopped over an older result"))
def test_run(town, by, more):
    """more without --overwrite: there is no older result."""
    os.mkdir(town.file("temp"))
    older = None
    if "--overwrite" in more:
        works(town.arguments(*OLDER))
        older = content(town.output)
    done = call(town, 0, by, *more)
    assert done.returncode == 0, f"none is killed: {done.stderr}"
    newer = content(town.output)
    with open(town.file("count")) as file:
        n = int(file.read())
    assert n > 15, f"the calls are seen: {n}"
    n_newer = 0
    for number in [*range(1, n - 12, STEP), *range(max(1, n - 12), n + 1)]:
        if older is not None:
            with open(town.output, "wb") as file:
                file.write(older)
        elif os.path.exists(town.output):
            os.unlink(town.output)
        done = call(town, number, by, *more)
        found = content(town.output) if os.path.exists(town.output) else None
        said = f"{by.name} before call {number} of {n}, {more}: exit {done.returncode}, {done.stderr}, {town.left_behind()}"
        assert found in (older, newer), f"neither the older nor the newer result: {said}"
        n_newer += found == newer
        assert n_newer == 0 or found == newer, f"once it is in place, it is in place: {said}"
        others = set(town.left_behind()) - {"result.sqlite"}
        assert others <= ({LEFT} if by == signal.SIGKILL else set()) and os.listdir(town.file("temp")) == [], f"left behind: {said}"
        if by == signal.SIGKILL:
            assert done.returncode == -signal.SIGKILL, said
        else:
            assert done.returncode == (0 if found == newer else 6), said
    assert 0 < n_newer < n, f"the calls lie before and after the rename: {n_newer} of {n} after it"
    works(town.arguments(*LITTLE, "--overwrite"))
    assert content(town.output) == newer and town.left_behind() == ["result.sqlite"], f"the next run works: {town.left_behind()}"


def files_below(directory):
    return {os.path.relpath(os.path.join(place, name), directory): content(os.path.join(place, name)) for place, _, names in os.walk(directory) for name in names}


@pytest.mark.parametrize(("by", "words"), ((signal.SIGKILL, ["archive", "-o", "bag"]), (signal.SIGTERM, ["archive", "-o", "bag"]),
                                          (signal.SIGTERM, ["replay", "--threads", "1"])), ids=("archive killed", "archive stopped", "replay stopped"))
def test_over_a_result(town, by, words):
    """archive: a whole bag or none. replay, asked to stop: no temporary file."""
    os.mkdir(town.file("temp"))
    works(town.arguments("-q"))
    bag = town.file("bag")
    words = [words[0], town.output, "--inputs", town.path, "-q", *[bag if word == "bag" else word for word in words[1:]]]
    done = call_words(town, 0, by, words)
    assert done.returncode == 0, f"none is killed: {done.stderr}"
    whole = files_below(bag)
    with open(town.file("count")) as file:
        n = int(file.read())
    before = set(os.listdir(town.path)) - {"bag"}
    n_stopped = 0
    for number in range(1, n + 1, STEP):
        shutil.rmtree(bag, ignore_errors=True)
        done = call_words(town, number, by, words)
        others = set(os.listdir(town.path)) - before - {"bag"}
        said = f"{by.name} before call {number} of {n}, {words}: exit {done.returncode}, {done.stderr}, {others}"
        assert not os.path.exists(bag) or files_below(bag) == whole, f"half a bag: {said}"
        n_stopped += done.returncode == 6
        if by == signal.SIGKILL:
            assert done.returncode == -signal.SIGKILL and all(name.startswith(".bag.part-") for name in others), said
            for name in others:
                shutil.rmtree(town.file(name))
        else:
            assert done.returncode in (0, 6) and not others and os.listdir(town.file("temp")) == [], f"left behind: {said}"
            assert "archive" not in words or os.path.exists(bag) == (done.returncode == 0), said
    assert by == signal.SIGKILL or n_stopped > n // STEP // 2, f"stopped: {n_stopped} of {n}"
