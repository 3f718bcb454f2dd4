# SPDX-License-Identifier: MIT
"""Allocations of the program failing, one in each run: the run says so and leaves nothing, or the result is what it is without the failure; and
whatever was taken is given back. With ZONEFOLD_EVERY_ALLOCATION in the environment (tools/test --deep) each allocation fails once."""
import os
import shutil
import subprocess

import pytest
from support import DEEP, QUICK, program
from town import BUILDINGS, content, layer, ogr, square, timeless_content

EACH = 8            # how many of the allocations fail, spread over all of a sweep
LAST = 3 if QUICK else 5   # and each of the last, which write the record
EVERY = DEEP or "ZONEFOLD_EVERY_ALLOCATION" in os.environ
LEAST_MEMORY = "23MiB"


def call(town, number, arguments):
    preload = {"LD_PRELOAD": os.environ["ZONEFOLD_FAILING_ALLOCATIONS"], "ZONEFOLD_FAILING_ALLOCATION": str(number), "ZONEFOLD_ALLOCATIONS": town.file("count")}
    return subprocess.run([program(), *arguments], capture_output=True, text=True, timeout=120, env=os.environ | preload)


def counted(town):
    """Allocations asked for, and those never given back."""
    with open(town.file("count")) as file:
        return [int(word) for word in file.read().split()]


def find(town):
    """What was written: a file, or the files of a bag."""
    if os.path.isdir(town.output):
        return {os.path.join(place, name): content(os.path.join(place, name)) for place, _, names in os.walk(town.output) for name in names}
    return timeless_content(town.output) if os.path.exists(town.output) else None


def clear(town):
    for name in town.left_behind():
        if os.path.isdir(town.file("out", name)):
            shutil.rmtree(town.file("out", name))
        else:
            os.unlink(town.file("out", name))
    if os.path.exists(town.file("trace")):
        os.unlink(town.file("trace"))


def chosen(n, each):
    """Which of n allocations fail."""
    step = 1 if EVERY else max(1, n // (4 if QUICK else each))
    return sorted(set(range(1, n + 1, step)) | set(range(max(1, n - LAST), n + 1)))


def sweep(town, arguments, word="", each=EACH, status=0):
    """word: what the run without a failure says on stderr; status: its exit status."""
    clear(town)
    done = call(town, 0, arguments)
    assert done.returncode == status and word in done.stderr, f"none fails: {done.stderr}"
    expected, stdout = find(town), done.stdout
    n, n_kept = counted(town)
    assert n > 10, f"allocations are seen: {n}"
    assert n_kept == 0, f"{n_kept} allocations are never given back"
    n_refused = 0
    for number in chosen(n, each):
        clear(town)
        done = call(town, number, arguments)
        said = f"allocation {number} of {n}: exit status {done.returncode}, {done.stderr}"
        assert done.returncode in (status, 5), said
        assert counted(town)[1] == 0, f"{counted(town)[1]} allocations are never given back: {said}"
        if done.returncode == 5:
            n_refused += 1
            assert "zonefold: " in done.stderr, said
        is_told = "is complete, but not its " in done.stderr
        if done.returncode == status or is_told:
            assert not any(name.endswith(".part") for name in town.left_behind()), f"half a file is left behind: {said}"
            assert find(town) == expected and (is_told or done.stdout == stdout), f"the result has changed without a word: {said}"
        else:
            assert town.left_behind() == [], f"{town.left_behind()} is left behind: {said}"
    assert n_refused > (2 if QUICK else 4), f"failures are told: {n_refused}"
    print(f"{len(chosen(n, each))} of {n} allocations fail, {n_refused} are told")


def wide_zones(town):
    """Zones with so many vertices that the least memory holds some of them only."""
    n, n_zones = 3500, 12
    edges = [[(x * 100 + 9 * (i % 2), 1000 * i / n) for i in range(n + 1)] for x in range(n_zones + 1)]
    rows = []
    for number, (left, right) in enumerate(zip(edges, edges[1:])):
        points = left + right[::-1] + left[:1]
        rows.append(("POLYGON ((" + ",".join(f"{x} {y}" for x, y in points) + "))", f"{number:05d}"))
    return layer(town.file("wide.gpkg"), "zips", rows, [("zip", ogr.OFTString)])


def shapefile(town):
    rows = [(square(x, y, side), height, use) for x, y, side, height, use, *_ in BUILDINGS]
    return layer(town.file("houses.shp"), "houses", rows, [("height", ogr.OFTReal), ("use", ogr.OFTString)], driver="ESRI Shapefile")


ONE = ["-q", "--threads", "1"]


def analyses(*specs):
    return [word for spec in specs for word in ("--analysis", spec)]


SWEEPS = {  # options of `run`
    "fields": [*ONE, "--where", "area_m2 > 1", "--fields", "height,use", "--by", "use,height", "--stat", "height=mean,median", "--stat", "use=count,min,mode,shannon"],
    "totals and largest": [*ONE, "--analysis", "none", "--buildings-out", "none", "--assign", "largest"],
    "analyses": [*ONE, *analyses("nearest:metric=edge", "adjacency", "overlaps", "clusters:eps_m=200,min=2", "histogram:field=height,width=5",
                                 "neighbours:within_m=150", "clark-evans")],
    "beyond the ZIP": [*ONE, *analyses("nearest:metric=edge,halo_m=300", "neighbours:within_m=150,halo_m=200", "adjacency:halo_m=5", "overlaps:halo_m=5")],
    "threads": ["-q", "--threads", "3", "--stat", "height=mean", "--analysis", "nearest"],
    "columns and rules": [*ONE, "--compute", "tall=height*2", "--compute", "label=use || fid", "--rule", "high=tall>10", "--rule",
                          "late=date(\"last edit\",'+1 day')>'2020'", "--stat", "tall=sum,p90", "--format", "json"],
    "shares": [*ONE, "--assign", "share", "--analysis", "none"],
    "project": [*ONE, "--project", "--analysis", "none"],
}


@pytest.mark.parametrize("name", SWEEPS)
def test_run(town, name):
    sweep(town, town.arguments(*SWEEPS[name]))


def test_run_in_several_passes(town):
    sweep(town, town.arguments("-v", "--progress", "never", "--threads", "1", "--memory", LEAST_MEMORY, "--trace", town.file("trace"), zips=wide_zones(town)),
          word="pass 2 over the buildings")


def test_run_over_a_shapefile(town):
    sweep(town, town.arguments(*ONE, "--encoding", "CP1252", "--zips-crs", "EPSG:2249", "--measure", "planar", buildings=shapefile(town)))


def user_query(town):
    """The option for a SELECT of the user's."""
    with open(town.file("q.sql"), "w", encoding="utf-8") as file:
        file.write("SELECT use, count(*) AS n, ST_Collect(geom) AS shape FROM building GROUP BY use")
    return ["--analysis-sql", f"uses={town.file('q.sql')}"]


def test_run_with_a_query(town):
    sweep(town, town.arguments(*ONE, "--analysis", "none", "--buildings-out", "ids", *user_query(town)))


def test_plan(town):
    sweep(town, ["plan", *town.arguments("--format", "json")[1:]])


def test_inspect(town):
    """Nearly all of them: what is told of a layer is put together piece by piece."""
    sweep(town, ["inspect", town.zips, town.buildings, shapefile(town)], each=40)


@pytest.fixture
def kept(town):
    """A result over inputs that have moved since."""
    path = town.file("kept")
    assert call(town, 0, town.arguments(*ONE, *user_query(town), output=path)).returncode == 0, "a result"
    os.mkdir(town.file("inputs"))
    for name in ("zips.gpkg", "buildings.gpkg"):
        os.rename(town.file(name), town.file("inputs", name))
    town.zips, town.buildings = town.file("inputs", "zips.gpkg"), town.file("inputs", "buildings.gpkg")
    return path


def test_replay(town, kept):
    os.mkdir(town.file("private"))
    sweep(town, ["replay", kept, "--inputs", town.file("inputs"), "--temp-dir", town.file("private"), *ONE])
    assert os.listdir(town.file("private")) == [], f"{os.listdir(town.file('private'))} is left behind"


def test_archive(town, kept):
    sweep(town, ["archive", kept, "--inputs", town.file("inputs"), "-q", "-o", town.output])


def test_verify(town, kept):
    sweep(town, ["verify", kept])


def test_why(town, kept):
    sweep(town, ["why", kept, "--inputs", town.file("inputs"), "--fid", "2", "-q"])


def test_show(town, kept):
    sweep(town, ["show", kept, "uses", "--format", "csv", "--top", "3:n"])
    sweep(town, ["show", kept])


@pytest.mark.parametrize("ending", ["csv", "gpkg", "xlsx"])
def test_export(town, kept, ending):
    town.output = town.file("out", "result." + ending)
    sweep(town, ["export", kept, "--labels", "--digits", "2", "-q", "-o", town.output, *([] if ending == "gpkg" else ["--wkt"])])


def test_diff(town, kept):
    other = town.file("other")
    assert call(town, 0, town.arguments(*ONE, *user_query(town), "--where", "area_m2 > 30", output=other)).returncode == 0, "another result"
    sweep(town, ["diff", kept, other], status=1)
