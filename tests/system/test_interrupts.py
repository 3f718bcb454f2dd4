# SPDX-License-Identifier: MIT
"""A signal ends every command within about a second, with status 6 and the older output as it was, also in the middle of one call of a library
that looks at nothing for minutes."""
import signal
import subprocess
import time

import pytest
from town import catches_signals, content, wait_for, works
from support import program

# A pattern of 900 characters, tried at each of 16 million places
SLOW = f"hex(zeroblob(8000000)) LIKE '%{'0' * 900}1'"


def interrupt(arguments, number, after_s=1.0):
    """Sends the signal to the running program; returns its exit status, how long it took to end, and stderr."""
    process = subprocess.Popen([program(), *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert wait_for(process, lambda: catches_signals(process))
    time.sleep(after_s)
    assert process.poll() is None, "it is in the middle of it"
    begun = time.monotonic()
    process.send_signal(number)
    _, said = process.communicate(timeout=60)
    return process.returncode, time.monotonic() - begun, said


@pytest.mark.parametrize("number", (signal.SIGINT, signal.SIGTERM))
def test_an_expression_that_takes_minutes_for_one_building(town, number):
    works(town.arguments())
    before = content(town.output)
    status, seconds, said = interrupt(town.arguments("--overwrite", "--where", SLOW), number)
    assert status == 6 and said.startswith("zonefold: "), f"exit {status}\n{said}"
    assert seconds < 5, f"{seconds} s"
    assert town.left_behind() == ["result.sqlite"] and content(town.output) == before, f"the older result is as it was: {town.left_behind()}"


def test_a_condition_of_the_zips_that_takes_minutes(town):
    status, seconds, said = interrupt(["plan", "--zips", town.zips, "--buildings", town.buildings, "--zip-where", f"zip = 'x' OR {SLOW}"], signal.SIGTERM)
    assert status == 6 and seconds < 5 and said.startswith("zonefold: "), f"exit {status} after {seconds} s\n{said}"
