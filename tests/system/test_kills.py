# SPDX-License-Identifier: MIT
"""Runs that are killed or interrupted at random moments, and runs to the same output at once. What must hold does not depend on the moment."""
import os
import random
import signal
import subprocess
import time

from town import Town, catches_signals, content, effort, program, wait_for, works

NUMBER_KILLED, NUMBER_INTERRUPTED, NUMBER_OF_PAIRS = effort(200), effort(40), effort(8)
LEFT = ".result.sqlite.part"
OLDER = ["-q", "--analysis", "none", "--buildings-out", "none"]
NEWER = ["-q", "--overwrite", "--threads", "2", "--stat", "height=mean,median"]
# each row so slow that the run would go on for minutes
LONG = ["-q", "--overwrite", "--batch-size", "1", "--where", "length(replace(hex(zeroblob(4000000 + fid)), '00', 'abc')) > 0"]


class Street(Town):
    """A town with an older result and the bytes that a newer run would put in its place; temporary files go to a directory of their own."""

    def __init__(self, copies=60):
        super().__init__(copies)
        os.mkdir(self.file("temp"))
        works(self.arguments(*OLDER))
        self.older = content(self.output)
        started = time.monotonic()
        works(self.arguments(*NEWER))
        self.seconds = time.monotonic() - started
        self.newer = content(self.output)
        assert self.older != self.newer, "the two results can be told apart"
        self.put_older()

    def put_older(self):
        with open(self.output, "wb") as file:
            file.write(self.older)

    def start(self, *more):
        return subprocess.Popen([program(), *self.arguments(*more)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                                env=os.environ | {"TMPDIR": self.file("temp")})

    def check_whole(self, said, may_be_left=()):
        """The older result or the newer one is there, each whole, and nothing else but what may be left. Returns whether it is the newer."""
        found = content(self.output)
        assert found in (self.older, self.newer), f"the result is neither the older nor the newer one: {len(found)} bytes, {said}"
        extra = set(self.left_behind()) - {"result.sqlite"} - set(may_be_left)
        assert not extra, f"{extra} is left behind: {said}"
        assert os.listdir(self.file("temp")) == [], f"temporary files are left behind: {os.listdir(self.file('temp'))}, {said}"
        return found == self.newer


def test_sigkill_at_any_moment_leaves_a_whole_result():
    street, chance = Street(), random.Random(4)
    n_before = n_after = 0
    for number in range(NUMBER_KILLED):
        process = street.start(*NEWER)
        if number % 2:   # many moments lie where the result is written, however slow the machine is just now
            wait_for(process, lambda: os.path.exists(street.file("out", LEFT)))
        time.sleep(chance.uniform(0, street.seconds * (0.6 if number % 2 else 1.1)))
        process.kill()
        process.communicate(timeout=240)
        is_newer = street.check_whole(f"kill {number}, exit {process.returncode}", may_be_left=[LEFT])
        n_before, n_after = n_before + (not is_newer), n_after + is_newer
        if is_newer:
            street.put_older()
    works(street.arguments(*NEWER))
    assert street.check_whole("after a run that nobody killed"), "the next run works, and removes what was left"
    print(f"killed before the end: {n_before}, after it: {n_after}")


def test_interrupts_at_any_moment_end_with_6():
    street, chance = Street(), random.Random(5)
    n_interrupted = 0
    for number in range(NUMBER_INTERRUPTED):
        process = street.start(*NEWER)
        is_caught = wait_for(process, lambda: catches_signals(process))
        time.sleep(chance.uniform(0, street.seconds))
        process.send_signal((signal.SIGINT, signal.SIGTERM)[number % 2])
        stdout, stderr = process.communicate(timeout=240)
        said = f"interrupt {number}, exit {process.returncode}, {stderr}"
        is_newer = street.check_whole(said)
        assert process.returncode == (0 if is_newer else 6), f"6, or 0 where the result was complete: {said}"
        assert is_newer or (is_caught and stdout == "" and "interrupted" in stderr), f"says so: {said}"
        n_interrupted += not is_newer
        if is_newer:
            street.put_older()
    print(f"interrupted: {n_interrupted} of {NUMBER_INTERRUPTED}")


def start_long(street):
    """A run that has begun its result, and is far from its end."""
    process = street.start(*LONG)
    assert wait_for(process, lambda: os.path.exists(street.file("out", LEFT))), f"the result is begun: {process.poll()}"
    return process


def test_what_a_killed_run_left_is_removed_by_the_next():
    street = Street()
    process = start_long(street)
    process.kill()
    process.communicate(timeout=240)
    assert street.left_behind() == [LEFT, "result.sqlite"], f"{street.left_behind()}"
    assert not street.check_whole("killed", may_be_left=[LEFT]), "the older result is as it was"
    works(street.arguments(*NEWER))
    assert street.check_whole("the next run"), "the newer result is there"


def test_a_second_run_to_the_same_output_says_so():
    street = Street()
    first = start_long(street)
    for _ in range(2):
        second = street.start(*NEWER)
        stdout, stderr = second.communicate(timeout=240)
        assert second.returncode == 4 and stdout == "", f"exit {second.returncode}, {stderr}"
        assert "result.sqlite" in stderr and "--output" in stderr, f"says which, and what to do: {stderr}"
        assert not street.check_whole("a second run", may_be_left=[LEFT]), "the older result is as it was"
    assert street.left_behind() == [LEFT, "result.sqlite"] and first.poll() is None, "the first goes on"
    first.terminate()
    first.communicate(timeout=240)
    assert first.returncode == 6 and not street.check_whole("an interrupted run"), f"exit {first.returncode}"
    works(street.arguments(*NEWER))
    assert street.check_whole("a run alone"), "the newer result is there"


def test_of_runs_started_together_one_wins():
    street = Street()
    for number in range(NUMBER_OF_PAIRS):
        os.unlink(street.output)
        options = [option for option in NEWER if option != "--overwrite"]
        pair = [street.start(*options), street.start(*options)]
        ends = [(process.communicate(timeout=240)[1], process.returncode) for process in pair]
        said = f"pair {number}: {ends}"
        assert sorted(status for _, status in ends) == [0, 4], f"one works: {said}"
        assert all("result.sqlite" in stderr for stderr, status in ends if status), said
        assert street.check_whole(said), "the result is whole"
