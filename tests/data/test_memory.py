# SPDX-License-Identifier: MIT
"""The result is the same, byte for byte, with little memory: ZIPs in several passes over the buildings, polygons and rows in temporary files."""
import math
import os
import random
import re
import shutil
import sqlite3

import pytest
from support import QUICK, run
from town import layer, ogr

STRIPS, STEPS, WIDTH, HEIGHT = 60, 3500, 1000.0, 9000.0
RULES = ("within", "covered-by", "intersects", "centroid", "inner-point", "largest", "share")


def border(number, chance):
    """A crooked line from bottom to top that two strips share, point by point."""
    bend = chance.uniform(20, 90)
    return [(round(number * WIDTH + bend * math.sin(i / 700.0) + chance.uniform(-1, 1), 3), HEIGHT * i / STEPS) for i in range(STEPS + 1)]


def wkt(points):
    return "POLYGON ((" + ",".join(f"{x:.17g} {y:.17g}" for x, y in points) + "))"


def box(x, y, width, height):
    return [(x, y), (x + width, y), (x + width, y + height), (x, y + height), (x, y)]


def strips(chance):
    borders = [border(i, chance) for i in range(STRIPS + 1)]
    return [(wkt(left + right[::-1] + left[:1]), f"{i:05d}") for i, (left, right) in enumerate(zip(borders, borders[1:]))], borders


def buildings(chance, borders):
    rows = []
    for i in range(2000):
        x, y = (STRIPS * WIDTH + 100) * i / 2000 - 50, chance.uniform(0, HEIGHT - 50)
        kind = i % 20
        if kind == 0:       # over several strips
            shape = box(x, y, chance.uniform(800, 3500), 8)
        elif kind == 1:     # a wall on a border, corner on corner
            k, at = min(max(1, round(x / WIDTH)), STRIPS - 1), chance.randrange(0, STEPS - 2)
            (ax, ay), (bx, by) = borders[k][at], borders[k][at + 1]
            shape = [(ax, ay), (bx, by), (bx + 12, by), (ax + 12, ay), (ax, ay)]
        elif kind == 2:     # a bow-tie, often over a border
            x = max(1, round(x / WIDTH)) * WIDTH - 15
            shape = [(x, y), (x + 30, y + 20), (x + 30, y), (x, y + 20), (x, y)]
        else:
            shape = box(x, y, chance.uniform(5, 30), chance.uniform(5, 30))
        rows.append((wkt(shape), chance.choice((None, chance.uniform(3, 90))), f"house {i}"))
    for line in borders:    # slivers across a corner of what a pass reads: their envelopes meet it, they do not
        x = max(px for px, _ in line)
        rows.append((wkt([(x - 5, HEIGHT + 10), (x + 10, HEIGHT - 5), (x + 10, HEIGHT - 4.9), (x - 5, HEIGHT + 10)]), 1.0, "past a corner"))
    rows.append((None, 1.0, "no geometry"))
    rows.append((wkt(box(-90000, -90000, 10, 10)), 1.0, "far away"))
    rows.append((wkt(box(90000, 90000, 10, 10)), 1.0, "far away"))
    return rows


def content(path):
    with open(path, "rb") as file:
        return file.read()


def rows_of(path, sql):
    db = sqlite3.connect(path)
    rows = db.execute(sql).fetchall()
    db.close()
    return rows


class Case:
    """Strips whose polygons do not fit into little memory, and buildings over them."""

    def __init__(self, folder):
        chance = random.Random(5)
        shapes, borders = strips(chance)
        rows, fields = buildings(chance, borders), [("height", ogr.OFTReal), ("name", ogr.OFTString)]
        self.folder = folder
        self.zips = layer(self.file("zips.gpkg"), "zips", shapes, [("zip", ogr.OFTString)], epsg=26986)
        self.indexed = layer(self.file("places.gpkg"), "places", rows, fields, epsg=26986, kind=ogr.wkbUnknown)
        self.plain = layer(self.file("places.geojson"), "places", rows, fields, epsg=4326, kind=ogr.wkbUnknown, driver="GeoJSON")
        self.out, self.small_out, self.temporary = self.file("out.sqlite"), self.file("small.sqlite"), self.file("temp")
        os.mkdir(self.temporary)
        # too little is refused with what would do
        refused = self.ask(self.indexed, self.out, "--memory", "1MiB", status=5)
        least = re.search(r"--memory (\d+)MiB", refused.stderr)
        assert least, f"the least that would do is named: {refused.stderr}"
        assert not os.path.exists(self.out), "nothing is written"
        self.least_mib = int(least[1])
        self.little = self.memory(0)

    def file(self, name):
        return os.path.join(self.folder, name)

    def memory(self, more_mib):
        return ("--memory", f"{self.least_mib + more_mib}MiB", "--temp-dir", self.temporary)

    def places(self, kind):
        """A layer of the buildings and what it takes to read it."""
        if kind == "indexed":
            return self.indexed, ()
        return self.plain, ("--buildings-crs", "EPSG:26986")  # its coordinates are not what GeoJSON takes them for

    def ask(self, places, out, *more, status=0):
        return run("run", "--zips", self.zips, "--buildings", places, "--stat", "height=mean,median", "--fields", "name", "--overwrite", "-v", *more, "-o", out,
                   status=status)

    def same_bytes(self):
        return content(self.out) == content(self.small_out)


@pytest.fixture(scope="module")
def case(shared_folder):
    return Case(shared_folder)


def chosen(cases, step):
    """Each of them, or where it is quick each step-th."""
    return cases[::step if QUICK else 1]


@pytest.mark.parametrize(("rule", "kind"), chosen([*[(rule, "indexed") for rule in RULES[:3]], ("within", "plain"), *[(rule, "indexed") for rule in RULES[3:]]], 3))
def test_rules_with_little_memory(case, rule, kind):
    places, more = case.places(kind)
    case.ask(places, case.out, "--assign", rule, *more)
    small = case.ask(places, case.small_out, "--assign", rule, *more, *case.little)
    assert "pass 3 over the buildings" in small.stderr, f"several passes are needed: {small.stderr}"
    assert ("around its ZIPs only" in small.stderr) == (kind == "indexed"), f"only an index makes readings smaller: {small.stderr}"
    assert case.same_bytes(), "memory shows in the result"
    counts = dict(rows_of(case.out, "SELECT name, value FROM run_count"))
    assert counts["buildings_in_many"] > 50 if rule == "intersects" else counts["buildings_crossing"] > 50 or rule in ("centroid", "inner-point", "largest", "share"), \
        f"buildings lie across passes: {rule} {counts}"
    assert counts["buildings_repaired"] > 60, f"broken ones among them: {counts}"
    repaired = rows_of(case.out, "SELECT count(*), count(DISTINCT fid) FROM rejected_feature WHERE action = 'repaired'")
    assert repaired == [(counts["buildings_repaired"],) * 2], "each is told once"
    assert os.listdir(case.temporary) == [], "temporary files are gone"


@pytest.mark.parametrize(("rule", "kind"), chosen([("within", "indexed"), ("largest", "indexed"), ("within", "plain"), ("intersects", "plain"), ("share", "indexed")], 4))
def test_beyond_the_zip_with_little_memory(case, rule, kind):
    places, more = case.places(kind)
    beyond = [word for analysis in ("nearest:metric=edge,halo_m=40", "nearest:halo_m=900", "neighbours:within_m=100,halo_m=100", "adjacency:halo_m=5",
                                    "overlaps:halo_m=0") for word in ("--analysis", analysis)]
    case.ask(places, case.out, "--assign", rule, *more, *beyond)
    small = case.ask(places, case.small_out, "--assign", rule, *more, *beyond, *case.little)
    assert small.stderr.count("pass 3 over the buildings") == 2, f"several passes for those near ZIPs, too: {small.stderr}"
    assert case.same_bytes(), "memory shows in what is near ZIPs"
    n = rows_of(case.out, "SELECT count(*) FROM important_building a JOIN important_building b ON b.building_fid = a.nn_fid AND b.zip <> a.zip")
    assert n[0][0] > 50, f"the nearest are often beyond: {n}"


@pytest.mark.parametrize(("policy", "threads"), (("skip", 1), ("repair", 3)))
def test_policies_and_threads_with_little_memory(case, policy, threads):
    case.ask(case.indexed, case.out, "--on-invalid", policy)
    case.ask(case.indexed, case.small_out, "--on-invalid", policy, "--threads", threads, "--batch-size", 77, *case.memory(8))
    assert case.same_bytes(), "memory and threads show in the result"
    assert os.listdir(case.temporary) == [], "temporary files are gone"


def test_a_spatial_index_that_has_lost_buildings_loses_none_here(case, folder):
    case.ask(case.indexed, case.out)
    broken = shutil.copy(case.indexed, folder)
    db = sqlite3.connect(broken)
    db.execute("DELETE FROM rtree_places_geom WHERE id % 7 = 3")
    db.commit()
    db.close()
    case.ask(broken, case.small_out)
    assert content(case.out)[:100] == content(case.small_out)[:100], "one reading does not need the index"
    before = content(case.small_out)
    refused = case.ask(broken, case.small_out, *case.little, status=3)
    assert "spatial index" in refused.stderr and "places" in refused.stderr, f"the index is blamed: {refused.stderr}"
    assert content(case.small_out) == before, "the older result is still there"
