# SPDX-License-Identifier: MIT
"""Analyses that look beyond their ZIP (halo_m), against a scan over all buildings: of all that pass the conditions those count that are of the
ZIP, or at most so far from the one that is looked at; the same bytes however it is run."""
import math
import random
import sqlite3

from town import Town, content, fails, layer, square, works

from osgeo import ogr

RULES = ("within", "covered-by", "intersects", "centroid", "inner-point", "largest", "share")
FIELDS = [("height", ogr.OFTReal)]
SIDE = 1000  # of a ZIP


def wkt(x, y, width, height):
    return f"POLYGON (({x} {y},{x + width} {y},{x + width} {y + height},{x} {y + height},{x} {y}))"


def boxes(seed, n):
    """(x, y, width, height) on eighths of a metre. Close to the borders of four ZIPs, and beyond them; some long, some across borders, some twice."""
    chance = random.Random(seed)
    eighths = lambda low, high: chance.randrange(int(8 * low), int(8 * high)) / 8  # noqa: E731
    found = []
    for i in range(n):
        along, across = eighths(-150, 2150), chance.choice((0, SIDE, 2 * SIDE)) + eighths(-80, 80)
        x, y = (along, across) if i % 2 else (across, along)
        if i % 40 == 0:     # neighbours at its far end are farther from the ZIP than any halo
            found.append((x, y, *((eighths(200, 400), 6) if i % 80 else (6, eighths(200, 400)))))
        else:
            found.append((x, y, eighths(4, 14), eighths(4, 14)))
        if i % 25 == 0:
            found.append(found[-1])
    for k in range(12):     # rows of houses whose walls stand on a border
        found += [(SIDE - 8, 300 + 10 * k, 8, 10), (SIDE, 300 + 10 * k, 8, 10), (SIDE + 8, 305 + 10 * k, 8, 10)]
    return found


def town_at_borders(seed=1, n=260, shapes=None):
    town = Town()
    town.boxes = dict(enumerate(shapes if shapes is not None else boxes(seed, n), 1))
    town.zips = layer(town.file("z.gpkg"), "zips", [(square(SIDE * (i % 2), SIDE * (i // 2), SIDE), f"{i:05d}") for i in range(4)],
                      [("zip", ogr.OFTString)], epsg=26986)
    town.heights = {fid: fid * 7919 % 40 for fid in town.boxes}
    town.buildings = layer(town.file("b.gpkg"), "buildings", [(wkt(*box), town.heights[fid]) for fid, box in town.boxes.items()], FIELDS, epsg=26986)
    return town


def ask(town, *analyses, more=()):
    asked = [word for analysis in analyses for word in ("--analysis", analysis)]
    works(town.arguments(*asked, "--overwrite", "-q", "--where", "height > 5", "--measure", "planar", *more))
    return town.output


def rows(path, sql):
    with sqlite3.connect(path) as db:
        return db.execute(sql).fetchall()


def by_zip(path):
    found = {}
    for zip_id, fid in rows(path, "SELECT zip, building_fid FROM important_building"):
        found.setdefault(zip_id, set()).add(fid)
    return found


def centroid(box):
    return box[0] + box[2] / 2, box[1] + box[3] / 2


def between_centroids(a, b):
    (ax, ay), (bx, by) = centroid(a), centroid(b)
    return math.sqrt((ax - bx) ** 2 + (ay - by) ** 2)


def gap(low, size, other_low, other_size):
    return max(other_low - (low + size), low - (other_low + other_size), 0)


def between_edges(a, b):
    return math.sqrt(gap(a[0], a[2], b[0], b[2]) ** 2 + gap(a[1], a[3], b[1], b[3]) ** 2)


def common(low, size, other_low, other_size):
    return max(min(low + size, other_low + other_size) - max(low, other_low), 0)


def area_in_common(a, b):
    return common(a[0], a[2], b[0], b[2]) * common(a[1], a[3], b[1], b[3])


def important(town):
    return {fid for fid, height in town.heights.items() if height > 5}


def nearest(town, fid, own, halo_m, measure):
    """(distance, fid) of the nearest; of equally near ones the lower fid."""
    box, found = town.boxes[fid], []
    for other in important(town) - {fid}:
        distance = measure(box, town.boxes[other])
        if other in own or distance <= halo_m:
            found.append((distance, other))
    return min(found, default=(None, None))


def check_nearest(town, path, halo_m, measure, column):
    n_beyond = 0
    for zip_id, own in by_zip(path).items():
        told = {fid: (distance, other) for fid, distance, other in
                rows(path, f"SELECT building_fid, {column}_m, {column}_fid FROM important_building WHERE zip = '{zip_id}'")}
        for fid in own:
            expected = nearest(town, fid, own, halo_m, measure)
            assert told[fid][1] == expected[1] and (expected[0] is None) == (told[fid][0] is None), f"{column} of {fid}: {told[fid]}, not {expected}"
            assert expected[0] is None or abs(told[fid][0] - expected[0]) < 1e-6, f"{column} of {fid}: {told[fid]}, not {expected}"
            n_beyond += expected[1] is not None and expected[1] not in own
    return n_beyond


def test_nearest_is_of_own_at_any_distance_and_of_others_within_the_halo():
    town = town_at_borders()
    for rule in RULES:
        for halo_m in (0, 12.5, 60):
            path = ask(town, f"nearest:halo_m={halo_m}", f"nearest:metric=edge,halo_m={halo_m}", more=("--assign", rule))
            n = check_nearest(town, path, halo_m, between_centroids, "nn")
            n_edge = check_nearest(town, path, halo_m, between_edges, "nn_edge")
            assert n > 20 or halo_m < 60 or rule in ("intersects", "share"), f"{n} nearest ones are beyond under {rule}"
            assert n_edge > 10 or halo_m == 0 or rule in ("intersects", "share"), f"{n_edge} nearest ones by edges are beyond under {rule}"


def test_neighbours_count_those_of_other_zips_and_of_none():
    town = town_at_borders(seed=2)
    for rule in RULES:
        path = ask(town, "neighbours:within_m=40,halo_m=40", "neighbours:within_m=75.5,halo_m=100", more=("--assign", rule))
        for radius, column in ((40, "neighbours_40m"), (75.5, "neighbours_75_5m")):
            n_more = 0
            for zip_id, own in by_zip(path).items():
                counts = dict(rows(path, f"SELECT building_fid, {column} FROM important_building WHERE zip = '{zip_id}'"))
                for fid in own:
                    near = {other for other in important(town) - {fid} if between_centroids(town.boxes[fid], town.boxes[other]) <= radius}
                    assert counts[fid] == len(near), f"{column} of {fid}: {counts[fid]}, not {len(near)}"
                    n_more += len(near - own)
                mean = rows(path, f"SELECT {column}_mean FROM zip_summary WHERE zip = '{zip_id}'")[0][0]
                assert mean == sum(counts.values()) / len(own), f"mean of {column} in {zip_id}"
            assert n_more > 50, f"{n_more} neighbours are beyond"


def test_walls_and_overlaps_across_a_border():
    town = town_at_borders(seed=3, n=700)
    for rule in ("within", "centroid", "largest"):
        path = ask(town, "adjacency:halo_m=1", "overlaps:halo_m=0", more=("--assign", rule))
        n_walls = n_pairs = 0
        for zip_id, own in by_zip(path).items():
            told = {fid: rest for fid, *rest in rows(path, f"SELECT building_fid, adjacent, overlaps, shared_wall_m FROM important_building WHERE zip = '{zip_id}'")}
            pairs = set()
            for fid in own:
                box = town.boxes[fid]
                overlaps = {other for other in important(town) - {fid} if area_in_common(box, town.boxes[other]) >= 0.01}
                assert told[fid][1] == len(overlaps), f"overlaps of {fid}: {told[fid]}, not {overlaps}"
                pairs |= {(min(fid, other), max(fid, other)) if other in own else (fid, other) for other in overlaps}
                n_pairs += len(overlaps - own)
                if fid <= len(town.boxes) - 36:
                    continue
                row = {other for other in important(town) - {fid} if other > len(town.boxes) - 36 and between_edges(box, town.boxes[other]) == 0}
                walls = {other: common(box[0], box[2], town.boxes[other][0], town.boxes[other][2]) + common(box[1], box[3], town.boxes[other][1], town.boxes[other][3])
                         for other in row}
                walls = {other: wall for other, wall in walls.items() if wall > 0.1}
                crossed = {other for other in important(town) - row - {fid} if between_edges(box, town.boxes[other]) < 0.1}
                if not crossed:     # others may stand against them, in ways of their own
                    assert told[fid][0] == len(walls), f"adjacent of {fid}: {told[fid]}, not {walls}"
                    assert abs(told[fid][2] - sum(walls.values())) < 0.1, f"walls of {fid}: {told[fid]}, not {walls}"
                    n_walls += len(walls.keys() - own)
            found = rows(path, f"SELECT fid_a, fid_b, area_m2 FROM overlaps WHERE zip = '{zip_id}'")
            assert {pair[:2] for pair in found} == pairs and len(found) == len(pairs), f"pairs in {zip_id}: {found}, not {pairs}"
            for a, b, area in found:
                assert abs(area - area_in_common(town.boxes[a], town.boxes[b])) < 1e-6, f"area of {a} and {b}"
        assert n_walls > 8 and (n_pairs > 4 or rule == "within"), f"{n_walls} walls and {n_pairs} overlaps go over a border"


def test_nothing_but_the_columns_changes():
    """The others get no row, no count, no statistics; a job without halo_m beside one with it stays as it is."""
    town = town_at_borders(seed=4)
    tables = ("SELECT name, value FROM run_count", "SELECT * FROM run_funnel", "SELECT * FROM rejected_feature",
              "SELECT zip, buildings, important, crossing, built_area_m2, height_sum, nn_mean_m, neighbours_30m_mean FROM zip_summary",
              "SELECT zip, building_fid, nn_m, nn_fid, neighbours_30m FROM important_building")
    more = ("--stat", "height=sum", "--assign", "centroid")
    plain = ask(town, "nearest", "neighbours:within_m=30", more=more)
    before = [rows(plain, sql) for sql in tables]
    with_halo = ask(town, "nearest", "neighbours:within_m=30", "nearest:metric=edge,halo_m=50", "neighbours:within_m=31,halo_m=31", more=more)
    for sql, expected in zip(tables, before):
        assert rows(with_halo, sql) == expected, sql


def test_a_building_alone_may_have_a_neighbour_beyond():
    town = town_at_borders(shapes=[(980, 500, 10, 10), (1010, 500, 10, 10), (3000, 500, 10, 10)])
    town.heights = {1: 7, 2: 7, 3: 7}
    town.buildings = layer(town.file("alone.gpkg"), "buildings", [(wkt(*box), 7) for box in town.boxes.values()], FIELDS, epsg=26986)
    path = ask(town, "nearest:halo_m=30", "nearest:metric=edge,halo_m=19.5")
    found = rows(path, "SELECT building_fid, nn_m, nn_fid, nn_edge_m, nn_edge_fid FROM important_building ORDER BY 1")
    assert found == [(1, 30, 2, None, None), (2, 30, 1, None, None)], f"{found}"
    assert rows(path, "SELECT nn_mean_m, nn_edge_mean_m FROM zip_summary WHERE zip = '00000'") == [(30, None)], "the ZIP's mean"


def test_invalid_buildings_beyond_the_zips_are_told_of():
    town = town_at_borders(shapes=[(1980, 500, 10, 10)])
    bow_tie = "POLYGON ((2010 500,2030 520,2030 500,2010 520,2010 500))"
    town.buildings = layer(town.file("bow.gpkg"), "buildings", [(wkt(1980, 500, 10, 10), 7), (bow_tie, 7)], FIELDS, epsg=26986)
    asked = ("--analysis", "nearest:metric=edge,halo_m=30", "--overwrite", "--measure", "planar")
    told = works(town.arguments(*asked, "--on-invalid", "repair"))
    assert "1 building" in told.stderr, told.stderr
    assert rows(town.output, "SELECT nn_edge_m, nn_edge_fid FROM important_building") == [(20, 2)], "the repaired one is a neighbour"
    told = works(town.arguments(*asked, "--on-invalid", "skip"))
    assert "1 building" in told.stderr, told.stderr
    assert rows(town.output, "SELECT nn_edge_m, nn_edge_fid FROM important_building") == [(None, None)], "it is left out"
    fails(3, town.arguments(*asked, "--on-invalid", "fail"), "feature 2")


def test_a_halo_too_narrow_is_refused():
    town = town_at_borders(shapes=[(980, 500, 10, 10)])
    fails(2, town.arguments("--analysis", "neighbours:within_m=50,halo_m=49"), "halo_m", "within_m")
    fails(2, town.arguments("--analysis", "adjacency:halo_m=0.001"), "halo_m", "tolerance_m")
    fails(2, town.arguments("--analysis", "nearest:halo_m=-1"), "halo_m")
    fails(2, town.arguments("--analysis", "nearest:halo_m=9", "--assign", "share", "--where", "share > 0.5"), "share", "halo_m")
    fails(2, town.arguments("--analysis", "clusters:eps_m=20,min=3,halo_m=20"), "halo_m")


def geocentric(degrees):
    """Metres from the earth's centre, on WGS 84."""
    a, f = 6378137.0, 1 / 298.257223563
    e2, (lon, lat) = f * (2 - f), map(math.radians, degrees)
    n = a / math.sqrt(1 - e2 * math.sin(lat) ** 2)
    return n * math.cos(lat) * math.cos(lon), n * math.cos(lat) * math.sin(lon), n * (1 - e2) * math.sin(lat)


def test_metres_are_metres_in_degrees_too():
    for lon, lat in ((-71, 42), (24, 68), (179.995, -17)):
        chance, town = random.Random(lat), Town()
        side = 0.01
        town.zips = layer(town.file("z.gpkg"), "zips", [(square(lon + side * (i % 2), lat + side * (i // 2), side), f"{i}") for i in range(4)],
                          [("zip", ogr.OFTString)], epsg=4326)
        corners = {fid: (lon + chance.choice((0, side, 2 * side)) + chance.uniform(-1, 1) * 1e-3, lat + chance.uniform(-1e-3, 2 * side + 1e-3))
                   for fid in range(1, 300)}
        size = 1e-4
        town.buildings = layer(town.file("b.gpkg"), "buildings", [(square(x, y, size), 7) for x, y in corners.values()], FIELDS, epsg=4326)
        place = {fid: geocentric((x + size / 2, y + size / 2)) for fid, (x, y) in corners.items()}
        works(town.arguments("--analysis", "nearest:halo_m=80", "--analysis", "neighbours:within_m=120,halo_m=120", "--overwrite", "-q"))
        n_beyond = 0
        for zip_id, own in by_zip(town.output).items():
            for fid, distance, other, count in rows(town.output, f"SELECT building_fid, nn_m, nn_fid, neighbours_120m FROM important_building WHERE zip = '{zip_id}'"):
                apart = {k: math.dist(place[fid], place[k]) for k in place if k != fid}
                best = min((metres, k) for k, metres in apart.items() if k in own or metres <= 80)
                assert other == best[1] and abs(distance - best[0]) < 1e-5, f"nearest of {fid}: {distance} {other}, not {best}"
                near = {k for k, metres in apart.items() if metres <= 120}
                assert count == len(near), f"neighbours of {fid}: {count}, not {len(near)}"
                n_beyond += len(near - own)
        assert n_beyond > 50, f"{n_beyond} neighbours are beyond at {lon} {lat}"


def test_the_halo_has_the_same_bytes_each_time():
    town = town_at_borders(seed=5)
    jobs = ("nearest:halo_m=60", "nearest:metric=edge,halo_m=30", "neighbours:within_m=50,halo_m=50", "adjacency:halo_m=1", "overlaps:halo_m=0")
    for rule in ("within", "largest", "share"):
        first = None
        for more in (("--threads", 1), ("--threads", 3, "--batch-size", 17), ("--threads", 2, "--batch-size", 64), ("--trace", town.file("trace"))):
            got = content(ask(town, *jobs, more=(*more, "--assign", rule)))
            assert first is None or got == first, f"{more} shows in the result"
            first = got
