# SPDX-License-Identifier: MIT
"""ZIPs of many parts or features, with buildings flush with their edges: counted right under every rule, in seconds. Numbers are by hand."""
import itertools
import math
import sqlite3
import time

import pytest
from town import Town, layer, ogr, works

RULES = ("within", "covered-by", "intersects", "centroid", "inner-point", "largest", "share")
CORNERS = ((0, 0), (1, 0), (1, 1), (0, 1), (0, 0))


def ring(x, y, width, height):
    return "(" + ",".join(f"{x + width * i!r} {y + height * k!r}" for i, k in CORNERS) + ")"


def square(x, y, size):
    return f"POLYGON ({ring(x, y, size, size)})"


def counted(town, zips, buildings, *options):
    z = layer(town.file("z.gpkg"), "zips", zips, [("zip", ogr.OFTString)], epsg=32619, kind=ogr.wkbUnknown)
    b = layer(town.file("b.gpkg"), "b", [(wkt,) for wkt in buildings], [], epsg=32619, kind=ogr.wkbUnknown)
    works(town.arguments("-q", "--overwrite", "--analysis", "none", *options, zips=z, buildings=b))
    with sqlite3.connect(town.output) as db:
        return db.execute("SELECT zip, parts, area_m2, buildings, crossing, built_area_m2 FROM zip_summary").fetchall()


@pytest.mark.parametrize("rule", RULES)
def test_a_zip_of_thousands_of_parts_with_buildings_flush_with_their_edges(rule):
    places = list(itertools.product(range(0, 600, 10), range(0, 600, 10)))
    parts = "MULTIPOLYGON (" + ",".join(f"({ring(x, y, 9, 9)})" for x, y in places) + ")"
    buildings = [f"POLYGON ({ring(x + 5, y + i % 5, 4, 3)})" for i, (x, y) in enumerate(places[::2])]
    across = [f"POLYGON ({ring(x + 7, y, 5, 3)})" for x, y in places[::60]]  # from a part over the gap into the next: 4 of 5 metres
    begun = time.monotonic()
    ((_, n_parts, area, n, crossing, built),) = counted(Town(), [(parts, "1")], buildings + across, "--assign", rule)
    assert n_parts == 3600 and area == 3600 * 81
    takes_across = rule in ("intersects", "largest", "share")  # the middle of each lies in the gap
    assert (n, crossing) == ((len(buildings) + 60, 0) if takes_across else (len(buildings), 60)), rule
    expected = 12 * len(buildings) + 15 * 60 * takes_across
    if rule == "share":
        expected = 12 * len(buildings) + 15 * (59 * 4 + 2) / 5  # beyond the last part there is no next one
    assert math.isclose(built, expected, rel_tol=1e-12), (built, expected)
    assert time.monotonic() - begun < 30


def test_features_of_one_id_are_united_in_batches():
    """Apart, touching along edges, overlapping, and across each other: parts and area of the union."""
    apart = [(square(x, y, 9), "1") for x, y in itertools.product(range(0, 300, 10), range(0, 300, 10))]
    mesh = [(square(x, y, 10), "1") for x, y in itertools.product(range(1000, 1300, 10), range(0, 300, 10))]
    overlapping = [(square(2000 + 5 * i, 5 * i, 10), "1") for i in range(200)]
    cross = [(f"POLYGON ({ring(4000, 10 * i, 400, 5)})", "1") for i in range(40)] + [(f"POLYGON ({ring(4000 + 10 * i, 0, 5, 400)})", "1") for i in range(40)]
    features = [f for four in itertools.zip_longest(apart, mesh, overlapping, cross) for f in four if f]
    buildings = [square(2, 2, 3), square(1005, 5, 10), square(2003, 3, 4), square(4002, 2, 2), square(9.25, 2, 0.5)]
    ((_, parts, area, n, _, _),) = counted(Town(), features, buildings)
    assert area == 900 * 81 + 300 * 300 + (200 * 100 - 199 * 25) + (400 * 400 - 1600 * 25)
    assert parts == 900 + 1 + 1 + 1
    assert n == 4
    combined = counted(Town(), [(wkt, str(i)) for i, (wkt, _) in enumerate(features)], buildings, "--combine")
    assert [(parts, area, n)] == [row[1:4] for row in combined]
