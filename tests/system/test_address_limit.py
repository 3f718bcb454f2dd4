# SPDX-License-Identifier: MIT
"""A hard limit on the process's addresses (ulimit -v), a little above --memory and what the libraries take: the right bytes or exit 5."""
import os
import random
import resource
import subprocess

import pytest
from support import program
from town import Town, content, layer, ogr, square, works

MIB = 1 << 20
STACK_MIB = 8           # of each thread: addresses, hardly any of them used
LEAST_MEMORY = 23       # MiB
LOW, HIGH = 64, 1024    # MiB: among them what a run over next to nothing takes


def call(arguments, limit_mib):
    def limit():
        resource.setrlimit(resource.RLIMIT_STACK, (STACK_MIB * MIB, resource.getrlimit(resource.RLIMIT_STACK)[1]))
        resource.setrlimit(resource.RLIMIT_AS, (limit_mib * MIB, limit_mib * MIB))
    return subprocess.run([program(), *arguments], capture_output=True, text=True, timeout=120, preexec_fn=limit)


def fixed_part(town):
    """MiB that a run over a handful of buildings needs: programs, libraries and their data."""
    low, high = LOW, HIGH
    while low < high:
        middle = (low + high) // 2
        done = call(town.arguments("-q", "--overwrite", "--threads", "1", "--memory", f"{LEAST_MEMORY}MiB"), middle)
        low, high = (low, middle) if done.returncode == 0 else (middle + 1, high)
    assert low < HIGH, f"a small run works within {HIGH} MiB"
    return low


def wide_zones(town):
    """Zones with so many vertices that the least memory holds some of them only."""
    n = 3500
    edges = [[(x * 100 + 9 * (i % 2), 1000 * i / n) for i in range(n + 1)] for x in range(13)]
    rows = [("POLYGON ((" + ",".join(f"{x} {y}" for x, y in left + right[::-1] + left[:1]) + "))", f"{number:05d}")
            for number, (left, right) in enumerate(zip(edges, edges[1:]))]
    return layer(town.file("wide.gpkg"), "zips", rows, [("zip", ogr.OFTString)])


def many_buildings(town):
    chance = random.Random(6)
    rows = [(square(chance.uniform(0, 1200), chance.uniform(0, 980), chance.uniform(3, 20)), chance.random() * 50, f"use {i}") for i in range(20000)]
    return layer(town.file("many.gpkg"), "many", rows, [("height", ogr.OFTReal), ("use", ogr.OFTString)])


class Case:
    def __init__(self):
        self.town = Town()
        self.fixed_mib = fixed_part(self.town)
        self.options = ["-q", "--overwrite", "--stat", "height=median", "--fields", "use", "--analysis", "nearest", "--analysis", "adjacency"]
        self.inputs = {"zips": wide_zones(self.town), "buildings": many_buildings(self.town)}
        works(self.town.arguments(*self.options, **self.inputs))
        self.expected = content(self.town.output)


@pytest.fixture(scope="module")
def case():
    return Case()


@pytest.mark.parametrize("threads", (1, 2, 4))
def test_a_run_keeps_within_its_limit_or_is_refused(case, threads):
    town, n_done = case.town, 0
    for memory in (32, 48, 64):
        for more in (4, 16):
            if os.path.exists(town.output):
                os.unlink(town.output)
            limit = case.fixed_mib + memory + threads * STACK_MIB + more
            done = call(town.arguments(*case.options, "--threads", str(threads), "--memory", f"{memory}MiB", **case.inputs), limit)
            said = f"--memory {memory}MiB, ulimit {limit} MiB ({case.fixed_mib} of them fixed): exit {done.returncode}, {done.stderr}"
            assert done.returncode in (0, 5), said
            assert town.left_behind() == (["result.sqlite"] if done.returncode == 0 else []), f"{town.left_behind()}: {said}"
            assert done.returncode == 5 or content(town.output) == case.expected, f"the result has changed: {said}"
            n_done += done.returncode == 0
    print(f"fixed part {case.fixed_mib} MiB; {n_done} of 6 runs within their limit, the others refused")
    assert n_done > 0 or threads > 1, "some limit is enough"
