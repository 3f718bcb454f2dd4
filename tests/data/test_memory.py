#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The result is the same, byte for byte, with little memory: ZIPs in several passes over the buildings, polygons and rows in temporary files."""
import math
import os
import random
import re
import sqlite3

from support import QUICK, check, run, scratch
from town import layer, ogr

STRIPS, STEPS, WIDTH, HEIGHT = 60, 3500, 1000.0, 9000.0
RULES = ("within", "covered-by", "intersects", "centroid", "inner-point", "largest", "share")[:: 5 if QUICK else 1]


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


def ask(zips, places, out, *more, status=0):
    return run("run", "--zips", zips, "--buildings", places, "--stat", "height=mean,median", "--fields", "name", "--overwrite", "-v", *more, "-o", out,
               status=status)


def rows_of(path, sql):
    db = sqlite3.connect(path)
    rows = db.execute(sql).fetchall()
    db.close()
    return rows


with scratch() as folder:
    chance = random.Random(5)
    shapes, borders = strips(chance)
    fields = [("height", ogr.OFTReal), ("name", ogr.OFTString)]
    rows = buildings(chance, borders)
    zips = layer(os.path.join(folder, "zips.gpkg"), "zips", shapes, [("zip", ogr.OFTString)], epsg=26986)
    indexed = layer(os.path.join(folder, "places.gpkg"), "places", rows, fields, epsg=26986, kind=ogr.wkbUnknown)
    plain = layer(os.path.join(folder, "places.geojson"), "places", rows, fields, epsg=4326, kind=ogr.wkbUnknown, driver="GeoJSON")
    planar = ("--buildings-crs", "EPSG:26986")    # its coordinates are not what GeoJSON takes them for
    out, small_out = os.path.join(folder, "out.sqlite"), os.path.join(folder, "small.sqlite")
    os.mkdir(os.path.join(folder, "temp"))

    # too little is refused with what would do, and that does
    refused = ask(zips, indexed, out, "--memory", "1MiB", status=5)
    least = re.search(r"--memory (\d+)MiB at least", refused.stderr)
    check(least, f"the least that would do is named: {refused.stderr}")
    check(not os.path.exists(out), "nothing is written")
    little = ("--memory", f"{least.group(1)}MiB", "--temp-dir", os.path.join(folder, "temp"))

    for rule in RULES:
        for places, more in ((indexed, ()), (plain, planar)) if rule == "within" else ((indexed, ()),):
            ask(zips, places, out, "--assign", rule, *more)
            small = ask(zips, places, small_out, "--assign", rule, *more, *little)
            check("pass 3 over the buildings" in small.stderr, f"several passes are needed: {small.stderr}")
            check(("around its ZIPs only" in small.stderr) == (places == indexed), f"only an index makes readings smaller: {small.stderr}")
            check(content(out) == content(small_out), f"memory shows in the result: {rule} {places}")
        counts = dict(rows_of(out, "SELECT name, value FROM run_count"))
        check(counts["buildings_in_many"] > 50 if rule == "intersects" else counts["buildings_crossing"] > 50 or rule in ("centroid", "inner-point", "largest", "share"),
              f"buildings lie across passes: {rule} {counts}")
        check(counts["buildings_repaired"] > 60, f"broken ones among them: {counts}")
        check(rows_of(out, "SELECT count(*), count(DISTINCT fid) FROM rejected_feature WHERE action = 'repaired'") ==
              [(counts["buildings_repaired"],) * 2], "each is told once")
    beyond = [word for job in ("nearest:metric=edge,halo_m=40", "nearest:halo_m=900", "neighbours:within_m=100,halo_m=100", "adjacency:halo_m=5",
                               "overlaps:halo_m=0") for word in ("--analysis", job)]
    for rule, places, more in (("within", indexed, ()), ("largest", indexed, ()), ("within", plain, planar), ("intersects", plain, planar), ("share", indexed, ()))[:: 4 if QUICK else 1]:
        ask(zips, places, out, "--assign", rule, *more, *beyond)
        alone = ask(zips, places, small_out, "--assign", rule, *more, *beyond, *little)
        check(alone.stderr.count("pass 3 over the buildings") == 2, f"several passes for those near ZIPs, too: {alone.stderr}")
        check(content(out) == content(small_out), f"memory shows in what is near ZIPs: {rule} {places}")
        n = rows_of(out, "SELECT count(*) FROM important_building a JOIN important_building b ON b.building_fid = a.nn_fid AND b.zip <> a.zip")
        check(n[0][0] > 50, f"the nearest are often beyond: {n}")
    for policy, threads in (("skip", 1), ("repair", 3)):
        ask(zips, indexed, out, "--on-invalid", policy)
        ask(zips, indexed, small_out, "--on-invalid", policy, "--threads", threads, "--batch-size", 77, *little[2:],
            "--memory", f"{int(least.group(1)) + 8}MiB")
        check(content(out) == content(small_out), f"memory and threads show in the result: {policy} {threads}")
    check(os.listdir(os.path.join(folder, "temp")) == [], "temporary files are gone")

    # a spatial index that has lost buildings must not lose them here
    db = sqlite3.connect(indexed)
    db.execute("DELETE FROM rtree_places_geom WHERE id % 7 = 3")
    db.commit()
    db.close()
    ask(zips, indexed, small_out)
    check(content(out)[:100] == content(small_out)[:100], "one reading does not need the index")
    before = content(small_out)
    broken = ask(zips, indexed, small_out, *little, status=3)
    check("spatial index" in broken.stderr and "fewer" in broken.stderr, f"the index is blamed: {broken.stderr}")
    check(content(small_out) == before, "the older result is still there")
print("the same bytes with little memory")
