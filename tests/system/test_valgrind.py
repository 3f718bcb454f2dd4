#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""valgrind finds no leak and no bad access of ours: on a whole run over Cambridge where it is at hand, else over the sample town, which is a replay,
so that reading and comparing results is in it; then over the sample with several threads and passes, rules, computed columns and every analysis that
looks for patterns, out of a job file and with a project; then on diff, and on archive, which verifies."""
import json
import os
import re
import subprocess

from support import DATA, REAL, check, program, scratch
from town import Town, layer, ogr, works

cambridge = os.path.join(REAL, "ma_cambridge")
if os.path.isdir(cambridge):
    inputs, where = cambridge, "ELEV_GL > 0"
else:
    print(f"the real layers are not at {REAL}: the sample stands in for them")
    inputs, where = DATA, "height > 0"


def complaints(done):
    """valgrind's records, and those among them in which our code has a part."""
    records = re.split(r"^==\d+== *\n", done.stderr, flags=re.M)
    check(len(records) > 3, "valgrind spoke")
    return [r for r in records if re.search(r"are (definitely|possibly|indirectly) lost in|Invalid (read|write|free)|uninitialised", r)
            and re.search(r"\((?:\w+\.c):\d+\)", r) and re.search(r"\bzf_\w+", r)]


def watch(what, arguments, made=(), word="", status=0):
    done = subprocess.run(["valgrind", "--leak-check=full", "--show-leak-kinds=definite,indirect,possible", "--num-callers=40", program(), *arguments],
                          capture_output=True, text=True, timeout=1500)
    check(done.returncode == status and word in done.stderr, done.stderr)
    check(all(os.path.exists(path) for path in made), f"{made} is there")
    ours = complaints(done)
    check(not ours, f"{what}: valgrind complains of ours:\n" + "\n".join(ours[:5]))
    summary = re.search(r"definitely lost: ([\d,]+) bytes", done.stderr)
    print(f"{what}: nothing of ours; definitely lost in all: {summary.group(1) if summary else '0'} bytes")


def strips(folder):
    """Zones with so many vertices that little memory holds some of them only, side by side through the sample's buildings."""
    file = ogr.Open(f"{DATA}/buildings.gpkg")
    source = file.GetLayer(0)
    left, right, low, high = source.GetExtent()
    n, n_zones = 3500, 12
    step = (right - left) / n_zones
    edges = [[(left + step * (i + 0.03 * (k % 2)), low + (high - low) * k / n) for k in range(n + 1)] for i in range(n_zones + 1)]
    rows = [("POLYGON ((" + ",".join(f"{x:.17g} {y:.17g}" for x, y in a + b[::-1] + a[:1]) + "))", f"{number:05d}")
            for number, (a, b) in enumerate(zip(edges, edges[1:]))]
    return layer(os.path.join(folder, "strips.gpkg"), "zips", rows, [("zip", ogr.OFTString)], epsg=int(source.GetSpatialRef().GetAuthorityCode(None)))


with scratch() as folder:
    result, again = os.path.join(folder, "result.sqlite"), os.path.join(folder, "again.sqlite")
    works(["run", "--zips", f"{inputs}/zips.gpkg", "--buildings", f"{inputs}/buildings.gpkg", "--where", where, "-q", "-o", result])
    watch("a whole run, replayed", ["replay", result, "--inputs", inputs, "-q", "-o", again], made=[again])
    result, job = os.path.join(folder, "patterns.sqlite"), os.path.join(folder, "job.json")
    with open(job, "w", encoding="utf-8") as file:
        json.dump({"zips": strips(folder), "buildings": f"{DATA}/buildings.gpkg", "threads": 2, "memory": "25MiB", "project": True,
                   "compute": ["tall=height*2", "label='no. ' || fid"], "rule": ["high=tall > 8", "large=area_m2 > 20"],
                   "stat": ["tall=mean,median,p90", "label=unique,mode"], "fields": ["height"],
                   "analysis": ["nearest:metric=edge", "clark-evans", "neighbours:within_m=50", "adjacency", "overlaps", "clusters:eps_m=40,min=3",
                                "histogram:field=height,width=5"]}, file)
    watch("threads, passes, rules, columns, analyses; a job, a project", ["run", "--job", job, "-v", "--progress", "never", "-o", result],
          made=[result, os.path.join(folder, "patterns.qgz")], word="pass 2 over the buildings")

town = Town()
other, bag = town.file("other.sqlite"), town.file("bag")
works(town.arguments())
works(town.arguments("--where", "height > 10", output=other))
watch("diff", ["diff", town.output, other], status=1)
watch("archive", ["archive", town.output, "--inputs", town.path, "-o", bag], made=[os.path.join(bag, "data", "result.sqlite")])
