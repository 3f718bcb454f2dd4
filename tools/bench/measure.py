# SPDX-License-Identifier: MIT
"""Running one program and knowing what it took."""
import os
import statistics
import subprocess
import time
from dataclasses import dataclass, field


class Failed(Exception):
    """A program did not do what it should; the text says which and how it ended."""


@dataclass
class Run:
    seconds: float      # wall clock from start to end, or what the program itself says it took
    cpu_s: float        # user and system time of it and its children
    peak_bytes: int     # largest RSS of it or of one of its children
    out: str


def call(arguments, log, **more):
    """Runs a program to its end with its output in files beside `log`, and measures it with wait4."""
    with open(log + ".out", "wb") as out, open(log + ".err", "wb") as err:
        start = time.monotonic()
        process = subprocess.Popen([str(a) for a in arguments], stdout=out, stderr=err, stdin=subprocess.DEVNULL, **more)
        try:
            _, status, usage = os.wait4(process.pid, 0)
        except BaseException:
            process.kill()
            process.wait()
            raise
        seconds = time.monotonic() - start
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        with open(log + ".err", errors="replace") as err:
            raise Failed(f"{arguments[0]} ended with {process.returncode}: {err.read()[-400:].strip()}")
    with open(log + ".out", errors="replace") as out:
        return Run(seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024, out.read())


@dataclass
class Measures:
    """All runs of one contestant."""
    runs: list = field(default_factory=list)
    counts: dict = None    # zone -> buildings within
    rows: int = None       # rows that a floor has read or written

    def median(self):
        return statistics.median(r.seconds for r in self.runs)

    def low_high(self):
        return min(r.seconds for r in self.runs), max(r.seconds for r in self.runs)

    def cpu_s(self):
        known = [r.cpu_s for r in self.runs if r.cpu_s is not None]
        return statistics.median(known) if known else None

    def peak_bytes(self):
        known = [r.peak_bytes for r in self.runs if r.peak_bytes is not None]
        return max(known) if known else None
