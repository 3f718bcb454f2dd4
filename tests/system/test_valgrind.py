# SPDX-License-Identifier: MIT
"""valgrind finds no leak and no bad access of ours."""
import json
import os
import re
import shutil
import subprocess

import pytest
from support import CAMBRIDGE, DATA, HAS_CAMBRIDGE, PART, ROOT, program
from town import layer, ogr, works

pytestmark = [pytest.mark.skipif(shutil.which("valgrind") is None, reason="valgrind is not installed"),
              pytest.mark.skipif(PART is not None, reason="a part of the cases is asked for; these runs are long and the libraries are the same")]

SUPPRESSIONS = os.path.join(ROOT, "tests", "fixtures", "valgrind.supp")


def complaints(done):
    """valgrind's records, and those among them in which our code has a part."""
    records = re.split(r"^==\d+== *\n", done.stderr, flags=re.M)
    assert len(records) > 3, "valgrind spoke"
    return [r for r in records if re.search(r"are (definitely|possibly|indirectly) lost in|Invalid (read|write|free)|uninitialised", r)
            and re.search(r"\((?:\w+\.c):\d+\)", r) and re.search(r"\bzf_\w+", r)]


def watch(arguments, made=(), word="", status=0):
    done = subprocess.run(["valgrind", "--leak-check=full", "--show-leak-kinds=definite,indirect,possible", "--num-callers=40", f"--suppressions={SUPPRESSIONS}", program(), *arguments],
                          capture_output=True, text=True, timeout=3000)
    assert done.returncode == status and word in done.stderr, done.stderr
    assert all(os.path.exists(path) for path in made), f"{made} is there"
    ours = complaints(done)
    assert not ours, "valgrind complains of ours:\n" + "\n".join(ours[:5])
    summary = re.search(r"definitely lost: ([\d,]+) bytes", done.stderr)
    print(f"definitely lost in all: {summary.group(1) if summary else '0'} bytes")


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


def test_a_whole_run_replayed(folder):
    """Over Cambridge where it is at hand, else over the sample town; a replay also reads and compares results."""
    inputs, where = (CAMBRIDGE, "ELEV_GL > 0") if HAS_CAMBRIDGE else (DATA, "height > 0")
    result, again = os.path.join(folder, "result.sqlite"), os.path.join(folder, "again.sqlite")
    works(["run", "--zips", f"{inputs}/zips.gpkg", "--buildings", f"{inputs}/buildings.gpkg", "--where", where, "-q", "-o", result])
    watch(["replay", result, "--inputs", inputs, "-q", "-o", again], made=[again])


def test_a_job_with_threads_passes_rules_columns_analyses_and_a_project(folder):
    result, job = os.path.join(folder, "patterns.sqlite"), os.path.join(folder, "job.json")
    with open(job, "w", encoding="utf-8") as file:
        json.dump({"zips": strips(folder), "buildings": f"{DATA}/buildings.gpkg", "threads": 2, "memory": "25MiB", "project": True,
                   "compute": ["tall=height*2", "label='no. ' || fid"], "rule": ["high=tall > 8", "large=area_m2 > 20"],
                   "stat": ["tall=mean,median,p90", "label=unique,mode"], "fields": ["height"],
                   "analysis": ["nearest:metric=edge", "clark-evans", "neighbours:within_m=50", "adjacency", "overlaps", "clusters:eps_m=40,min=3",
                                "histogram:field=height,width=5"]}, file)
    watch(["run", "--job", job, "-v", "--progress", "never", "-o", result], made=[result, os.path.join(folder, "patterns.qgz")], word="pass 2 over the buildings")


def test_diff(town):
    other = town.file("other.sqlite")
    works(town.arguments())
    works(town.arguments("--where", "height > 10", output=other))
    watch(["diff", town.output, other], status=1)


def test_archive(town):
    """It verifies, too."""
    bag = town.file("bag")
    works(town.arguments())
    watch(["archive", town.output, "--inputs", town.path, "-o", bag], made=[os.path.join(bag, "data", "result.sqlite")])
