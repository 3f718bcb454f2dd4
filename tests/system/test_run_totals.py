# SPDX-License-Identifier: MIT
"""Runs that need no rows add up what goes by: the same results as from rows."""
import itertools
import math
import random
import sqlite3

from town import content, layer, ogr, square, works

RUNNING = ["count", "missing", "sum", "mean", "min", "max", "range"]
NUMBERS = [0.1, 0.2, 0.3, 1e16, -1e16, 1.0, 5e-324, -1e-300, 1e300, None, 3.0, 0.0, -0.0, 2.5]


def summary(path):
    db = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    columns = [row[1] for row in db.execute("PRAGMA table_info(zip_summary)") if row[1] != "geom"]
    names = ", ".join(f'quote("{c}")' for c in columns)
    rows = db.execute(f"SELECT {names} FROM zip_summary ORDER BY 1").fetchall()
    db.close()
    return columns, rows


def village(town, n_side, n_buildings):
    """A grid of ZIPs of 100 ft with buildings in them, in no order, some in two ZIPs."""
    draw = random.Random(5)
    zips = layer(town.file("grid.gpkg"), "zips",
                 [(square(100 * x, 100 * y, 100), f"{n_side * y + x:05}") for x, y in itertools.product(range(n_side), repeat=2)],
                 [("zip", ogr.OFTString)])
    rows = [(square(draw.uniform(0, 100 * n_side), draw.uniform(0, 100 * n_side), 7), draw.choice(NUMBERS), draw.randrange(-5, 90))
            for _ in range(n_buildings)]
    return zips, layer(town.file("village.gpkg"), "buildings", rows, [("height", ogr.OFTReal), ("floors", ogr.OFTInteger)])


def asked():
    return [part for field in ("height", "floors", "area_m2", "fid") for part in ("--stat", f"{field}={','.join(RUNNING)}")]


def test_totals_are_those_of_the_rows(town):
    zips, buildings = village(town, 5, 3000)
    common = [*asked(), "--assign", "intersects", "--analysis", "none", "--where", "floors <> 7", "--overwrite", "-q"]
    works(town.arguments(*common, "--buildings-out", "ids", zips=zips, buildings=buildings))
    from_rows = summary(town.output)
    for threads, batch in ((1, 4096), (3, 7)):
        works(town.arguments(*common, "--buildings-out", "none", "--threads", threads, "--batch-size", batch, zips=zips,
                             buildings=buildings))
        assert summary(town.output) == from_rows, f"totals differ from those of rows with {threads} threads"


def test_sums_are_the_exact_ones_rounded_once(town):
    zips, buildings = village(town, 3, 2000)
    works(town.arguments("--stat", "height=count,sum,mean", "--analysis", "none", "--buildings-out", "none", "--assign", "inner-point", "-q",
                         zips=zips, buildings=buildings))
    source = ogr.Open(buildings)
    heights = {}
    for feature in source.GetLayer(0):
        low_x, high_x, low_y, high_y = feature.GetGeometryRef().GetEnvelope()
        column, row = math.floor((low_x + high_x) / 200), math.floor((low_y + high_y) / 200)
        zone = f"{3 * row + column:05}" if max(column, row) < 3 else "outside"
        if feature.IsFieldSet("height") and not feature.IsFieldNull("height"):
            heights.setdefault(zone, []).append(feature["height"])
    db = sqlite3.connect(f"file:{town.output}?mode=ro", uri=True)
    for zone, count, total, mean in db.execute("SELECT zip, height_count, height_sum, height_mean FROM zip_summary"):
        values = heights[zone]
        assert count == len(values), f"{zone}: {count} heights, expected {len(values)}"
        expected = math.fsum(values)
        assert total == expected, f"{zone}: the sum is {total!r}, expected {expected!r}"
        assert mean == expected / count, f"{zone}: the mean is {mean!r}, expected {expected / count!r}"
    db.close()


def test_the_result_is_the_same_where_totals_would_take_too_much(town):
    zips, buildings = village(town, 40, 6000)
    common = [*asked(), "--analysis", "none", "--buildings-out", "none", "--overwrite", "-q"]
    results = []
    for threads in (1, 2, 48):  # 48 x 1,600 x 4 columns are above the share: rows are gathered
        works(town.arguments(*common, "--threads", threads, zips=zips, buildings=buildings))
        results.append(content(town.output))
    assert results[0] == results[1] == results[2], "the result file shows whether rows were gathered"
