#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""A hard limit on the process's addresses (ulimit -v), a little above --memory and what the libraries take: the right bytes or exit 5."""
import os
import random
import resource
import subprocess

from support import check, program
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
    check(low < HIGH, f"a small run works within {HIGH} MiB")
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


town = Town()
fixed = fixed_part(town)
options = ["-q", "--overwrite", "--stat", "height=median", "--fields", "use", "--analysis", "nearest", "--analysis", "adjacency"]
zips, buildings = wide_zones(town), many_buildings(town)
works(town.arguments(*options, zips=zips, buildings=buildings))
expected = content(town.output)
n_done = n_tried = 0
for threads in (1, 2, 4):
    for memory in (32, 48, 64):
        for more in (4, 16):
            os.unlink(town.output) if os.path.exists(town.output) else None
            limit = fixed + memory + threads * STACK_MIB + more
            done = call(town.arguments(*options, "--threads", str(threads), "--memory", f"{memory}MiB", zips=zips, buildings=buildings), limit)
            said = f"{threads} threads, --memory {memory}MiB, ulimit {limit} MiB ({fixed} of them fixed): exit {done.returncode}, {done.stderr}"
            check(done.returncode in (0, 5), said)
            check(town.left_behind() == (["result.sqlite"] if done.returncode == 0 else []), f"{town.left_behind()}: {said}")
            check(done.returncode == 5 or content(town.output) == expected, f"the result has changed: {said}")
            n_tried, n_done = n_tried + 1, n_done + (done.returncode == 0)
check(n_done > 0, "some limit is enough")
print(f"fixed part {fixed} MiB; {n_done} of {n_tried} runs within their limit, the others refused")
