#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Each allocation of the program failing once: the run says so and leaves nothing, or the result is what it is without the failure."""
import os
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "cli"))
from support import check, program  # noqa: E402
from town import Town, content, works  # noqa: E402

STEP, LAST = 9, 30   # every ninth, and each of the last, which write the record


def call_words(town, number, words):
    preload = {"LD_PRELOAD": os.environ["ZONEFOLD_FAILING_ALLOCATIONS"], "ZONEFOLD_FAILING_ALLOCATION": str(number), "ZONEFOLD_ALLOCATIONS": town.file("count")}
    return subprocess.run([program(), *words], capture_output=True, text=True, timeout=120, env=os.environ | preload | {"TMPDIR": town.file("private")})


def call(town, number, *more):
    return call_words(town, number, town.arguments("-q", "--threads", "1", *more))


def count(town):
    with open(town.file("count")) as file:
        return int(file.read())


def sweep(*more):
    town = Town()
    os.mkdir(town.file("private"))
    works(town.arguments("-q", "--threads", "1", *more))
    expected = content(town.output)
    os.unlink(town.output)
    check(call(town, 0, *more).returncode == 0, "none fails")
    n = count(town)
    check(n > 200, f"allocations are seen: {n}")
    n_refused = 0
    for number in sorted(set(range(1, n + 1, STEP)) | set(range(n - LAST, n + 1))):
        if os.path.exists(town.output):
            os.unlink(town.output)
        done = call(town, number, *more)
        said = f"allocation {number} of {n}, {more}: exit status {done.returncode}, {done.stderr}"
        check(done.returncode in (0, 5), said)
        if done.returncode == 5:
            n_refused += 1
            check(done.stderr.startswith("zonefold: "), said)
        is_told = "is complete, but not its summary" in done.stderr
        if done.returncode == 0 or is_told:
            check(content(town.output) == expected, f"the result has changed without a word: {said}")
        else:
            check(town.left_behind() == [], f"{town.left_behind()} is left behind: {said}")
    check(n_refused > 30, f"failures are told: {n_refused}")


def sweep_over_a_result(step, done_says, *words):
    """replay and archive: exit 5 and nothing left, or done."""
    town = Town()
    works(town.arguments("-q"))
    os.mkdir(town.file("private"))
    words = [words[0], town.output, "--inputs", town.path, "-q", *[town.file(word) if word == "bag" else word for word in words[1:]]]
    before = set(os.listdir(town.path)) | {"count"}
    check(call_words(town, 0, words).returncode == 0, "none fails")
    n, n_refused = count(town), 0
    for number in range(1, n + 1, step):
        shutil.rmtree(town.file("bag"), ignore_errors=True)
        done = call_words(town, number, words)
        said = f"allocation {number} of {n}, {words}: exit status {done.returncode}, {done.stdout} {done.stderr}"
        left = set(os.listdir(town.path)) - before
        is_told = "is complete, but not its summary" in done.stderr
        check(done.returncode == 5 and done.stderr.startswith("zonefold: ") or done.returncode == 0 and done_says in done.stdout, said)
        check(left == ({"bag"} if "archive" in words and (done.returncode == 0 or is_told) else set()), f"{left} is left behind: {said}")
        check(os.listdir(town.file("private")) == [], f"a temporary file is left behind: {said}")
        n_refused += done.returncode == 5
    check(n_refused > 10, f"failures are told: {n_refused}")


sweep_over_a_result(17, "the same content", "replay", "--threads", "1")
sweep_over_a_result(2, "files", "archive", "-o", "bag")
sweep("--where", "area_m2 > 1", "--fields", "height,use", "--stat", "height=mean,median", "--stat", "use=count,min")
sweep("--analysis", "none", "--buildings-out", "none", "--assign", "largest")
with tempfile.TemporaryDirectory(prefix="zonefold-test-") as folder:
    question = os.path.join(folder, "q.sql")
    with open(question, "w", encoding="utf-8") as file:
        file.write("SELECT use, count(*) AS n, ST_Collect(geom) AS shape FROM building GROUP BY use")
    sweep("--analysis", "none", "--buildings-out", "ids", "--analysis-sql", f"uses={question}")
print("no allocation fails in silence")
