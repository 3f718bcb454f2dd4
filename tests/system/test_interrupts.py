# SPDX-License-Identifier: MIT
"""A signal ends every command soon, with status 6 and the older output as it was, also in the middle of one call of a library that looks at
nothing for minutes. (How soon: a second; with a sanitizer, which has a report to write, ten. A test asserts no time, only that it waited for no
such call.)"""
import signal
import subprocess
import time

import pytest
from town import catches_signals, content, wait_for, works
from support import program

# A pattern of 900 characters, tried at each of 16 million places
SLOW = f"hex(zeroblob(8000000)) LIKE '%{'0' * 900}1'"


def interrupt(arguments, number, after_s=1.0):
    """Sends the signal to the running program; returns its exit status and stderr. A program that waits for the call fails by the time limit."""
    process = subprocess.Popen([program(), *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert wait_for(process, lambda: catches_signals(process))
    time.sleep(after_s)
    assert process.poll() is None, "it is in the middle of it"
    process.send_signal(number)
    try:
        _, said = process.communicate(timeout=60)
    except subprocess.TimeoutExpired:
        process.kill()
        raise
    return process.returncode, said


@pytest.mark.parametrize("number", (signal.SIGINT, signal.SIGTERM))
def test_an_expression_that_takes_minutes_for_one_building(town, number):
    works(town.arguments())
    before = content(town.output)
    status, said = interrupt(town.arguments("--overwrite", "--where", SLOW), number)
    assert status == 6 and said.startswith("zonefold: "), f"exit {status}\n{said}"
    assert town.left_behind() == ["result.sqlite"] and content(town.output) == before, f"the older result is as it was: {town.left_behind()}"


def test_a_condition_of_the_zips_that_takes_minutes(town):
    status, said = interrupt(["plan", "--zips", town.zips, "--buildings", town.buildings, "--zip-where", f"zip = 'x' OR {SLOW}"], signal.SIGTERM)
    assert status == 6 and said.startswith("zonefold: "), f"exit {status}\n{said}"
