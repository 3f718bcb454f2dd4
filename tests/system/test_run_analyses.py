# SPDX-License-Identifier: MIT
"""Analyses as users ask for them: columns, tables and rows of the result against plain definitions; the same bytes however it is run."""
import math
import random
import sqlite3

from town import Town, content, layer, square, works

from osgeo import ogr

SIDE = 6  # metres, of every building


def town_of_metres(seed=1, n=300):
    """Three ZIPs in metres: buildings at random, on a lattice of 20 m, and one alone. Places are multiples of 1/8, so that centroids are exact."""
    random.seed(seed)
    town = Town()
    town.zips = layer(town.file("z.gpkg"), "zips",
                      [(square(0, 0, 1000), "00001"), (square(1000, 0, 1000), "00002"), (square(0, 1000, 1000), "00003"),
                       (square(1000, 1000, 1000), "00004")], [("zip", ogr.OFTString)], epsg=26986)
    places = [(random.randrange(0, 7900) / 8, random.randrange(0, 7900) / 8) for _ in range(n)]
    places += [(1000 + 20 * i + 7, 20 * k + 7) for i in range(20) for k in range(10)]
    places += [(500, 1500)]
    rows = [(square(x, y, SIDE), random.choice([None, round(random.gauss(20, 8), 1)]), random.choice("ab"), random.randrange(5)) for x, y in places]
    town.buildings = layer(town.file("b.gpkg"), "buildings", rows,
                           [("height", ogr.OFTReal), ("use", ogr.OFTString), ("a,b", ogr.OFTInteger)], epsg=26986)
    return town


def rows(path, sql):
    with sqlite3.connect(path) as db:
        return db.execute(sql).fetchall()


def result(town, *analyses, more=()):
    asked = [word for analysis in analyses for word in ("--analysis", analysis)]
    works(town.arguments(*asked, "--overwrite", "-q", "--fields", "height,use,\"a,b\"", *more))
    return town.output


def places(town):
    """fid -> centroid"""
    source = ogr.Open(town.buildings)
    found = {}
    for feature in source.GetLayer(0):
        box = feature.GetGeometryRef().GetEnvelope()
        found[feature.GetFID()] = ((box[0] + box[1]) / 2, (box[2] + box[3]) / 2)
    return found


def by_zip(path):
    found = {}
    for zip_id, fid in rows(path, "SELECT zip, building_fid FROM important_building"):
        found.setdefault(zip_id, []).append(fid)
    return found


def distance(a, b):
    return math.sqrt((a[0] - b[0]) ** 2 + (a[1] - b[1]) ** 2)


def test_neighbours_are_those_within_the_radius():
    town = town_of_metres()
    path = result(town, "neighbours:within_m=20", "neighbours:within_m=62.5")
    place, fids = places(town), by_zip(path)
    for radius, column in ((20, "neighbours_20m"), (62.5, "neighbours_62_5m")):
        counts = dict(rows(path, f"SELECT building_fid, {column} FROM important_building"))
        for zip_id, members in fids.items():
            for fid in members:
                expected = sum(other != fid and distance(place[fid], place[other]) <= radius for other in members)
                assert counts[fid] == expected, f"{column} of {fid}: {counts[fid]}, not {expected}"
            mean = rows(path, f"SELECT {column}_mean FROM zip_summary WHERE zip = '{zip_id}'")[0][0]
            assert mean == sum(counts[fid] for fid in members) / len(members), f"mean of {column} in {zip_id}"
    assert rows(path, "SELECT neighbours_20m_mean FROM zip_summary WHERE zip = '00004'") == [(None,)], "no buildings, no mean"
    assert rows(path, "SELECT DISTINCT typeof(neighbours_20m) FROM important_building") == [("integer",)], "whole numbers"
    assert rows(path, "SELECT max(neighbours_20m) FROM important_building WHERE zip = '00002'") == [(4,)], "20 m on a lattice of 20 m"


def test_clark_evans_is_donnelly():
    town = town_of_metres()
    path = result(town, "clark-evans")
    place, fids = places(town), by_zip(path)
    area, perimeter = 1000.0 ** 2, 4000.0
    for zip_id, index, z in rows(path, "SELECT zip, ce_index, ce_z FROM zip_summary"):
        members = fids.get(zip_id, [])
        n = len(members)
        if n < 2:
            assert index is None and z is None, f"{zip_id} of {n} buildings has no index"
            continue
        observed = sum(min(distance(place[a], place[b]) for b in members if b != a) for a in members) / n
        expected = 0.5 * math.sqrt(area / n) + 0.0514 * perimeter / n + 0.041 * perimeter / n ** 1.5
        deviation = math.sqrt(0.0703 * area / n ** 2 + 0.037 * perimeter * math.sqrt(area / n ** 5))
        assert math.isclose(index, observed / expected, rel_tol=1e-9), f"{zip_id}: {index} is not {observed / expected}"
        assert math.isclose(z, (observed - expected) / deviation, rel_tol=1e-7), f"{zip_id}: {z}"


def terraces():
    """Rows of houses that share walls, some askew, some in yards, some in one place; all with room for a plain comparison of all pairs."""
    random.seed(4)
    town = town_of_metres(n=0)
    shapes = []
    for row in range(6):
        for i in range(8):
            shapes.append(f"POLYGON (({100 + 8 * i} {30 * row + 100},{108 + 8 * i} {30 * row + 100},{108 + 8 * i} {30 * row + 110 + i},"
                          f"{100 + 8 * i} {30 * row + 110 + i},{100 + 8 * i} {30 * row + 100}))")
    shapes.append("POLYGON ((400 400,440 400,440 440,400 440,400 400),(410 410,430 410,430 430,410 430,410 410))")
    shapes += [square(415, 415, 8), square(415, 415, 8), square(430, 430, 5), square(500, 500, 5)]
    for _ in range(120):
        x, y, turn, side = random.uniform(20, 900), random.uniform(500, 900), random.uniform(0, 6), random.uniform(4, 20)
        corners = [(x + side * math.cos(turn + k * math.pi / 2), y + side * math.sin(turn + k * math.pi / 2)) for k in (0, 1, 2, 3, 0)]
        shapes.append("POLYGON ((" + ",".join(f"{a!r} {b!r}" for a, b in corners) + "))")
    town.buildings = layer(town.file("t.gpkg"), "buildings", [(shape, 1.0, "a", 1) for shape in shapes],
                           [("height", ogr.OFTReal), ("use", ogr.OFTString), ("a,b", ogr.OFTInteger)], epsg=26986)
    return town, {fid: ogr.CreateGeometryFromWkt(shape) for fid, shape in enumerate(shapes, 1)}


def test_nearest_by_edges_is_the_nearest_of_all_pairs():
    town, shapes = terraces()
    path = result(town, "nearest", "nearest:metric=edge")
    found = rows(path, "SELECT building_fid, nn_edge_m, nn_edge_fid FROM important_building")
    assert len(found) == len(shapes), f"{len(found)} of {len(shapes)}"
    for fid, nearest, other in found:
        expected = min(shapes[fid].Distance(shape) for another, shape in shapes.items() if another != fid)
        assert abs(nearest - expected) < 1e-9, f"{fid}: {nearest}, not {expected}"
        assert abs(shapes[fid].Distance(shapes[other]) - expected) < 1e-9, f"{fid}: {other} is not that near"
    ties = {fid: other for fid, nearest, other in found if nearest == 0}
    assert ties[50] == 51 and ties[51] == 50 and ties[9] == 10 and ties[10] == 9, f"of equally near ones the lower: {ties}"
    summary = rows(path, "SELECT nn_edge_mean_m, nn_edge_min_m, nn_edge_max_m FROM zip_summary WHERE zip = '00001'")[0]
    distances = [nearest for _, nearest, _ in found]
    assert math.isclose(summary[0], math.fsum(distances) / len(distances)) and summary[1:] == (min(distances), max(distances)), f"{summary}"
    assert rows(path, "SELECT nn_mean_m, nn_edge_mean_m FROM zip_summary WHERE zip = '00004'") == [(None, None)], "nobody there"


def test_adjacent_houses_share_walls():
    town, shapes = terraces()
    path = result(town, "adjacency")
    found = {fid: rest for fid, *rest in rows(path, "SELECT building_fid, adjacent, shared_wall_m FROM important_building")}
    boundaries = {fid: shape.GetBoundary() for fid, shape in shapes.items()}
    for fid in list(range(1, 49)) + [53]:
        lengths = [boundaries[fid].Intersection(other).Length() for another, other in boundaries.items() if another != fid]
        adjacent = [length for length in lengths if length >= 0.1]
        assert found[fid][0] == len(adjacent), f"{fid}: {found[fid]}, not {adjacent}"
        assert abs(found[fid][1] - sum(adjacent)) < 0.05, f"{fid}: {found[fid]}, not {adjacent}"
    assert found[50][0] == 1 and abs(found[50][1] - 32) < 0.1, f"a house upon itself: {found[50]}"
    n, with_any, mean = rows(path, "SELECT important, adjacent_buildings, adjacent_mean FROM zip_summary WHERE zip = '00001'")[0]
    assert (n, with_any, mean) == (len(found), sum(a > 0 for a, _ in found.values()), sum(a for a, _ in found.values()) / n), "the ZIP's"
    loose = result(town, "adjacency:wall_m=12,tolerance_m=0.5")
    assert rows(loose, "SELECT count(*) FROM important_building WHERE adjacent > 0")[0][0] < with_any, "walls of 12 m are rarer"


def test_overlaps_are_those_of_all_pairs():
    town, shapes = terraces()
    path = result(town, "overlaps")
    found = {(a, b): rest for a, b, *rest in rows(path, "SELECT fid_a, fid_b, area_m2, share_a, share_b, repeats FROM overlaps ORDER BY rowid")}
    expected = {}
    for a, shape in shapes.items():
        for b, other in shapes.items():
            area = shape.Intersection(other).GetArea() if a < b else 0
            if area >= 0.01:
                expected[a, b] = area
    assert list(found) == sorted(expected), f"{found} not {expected}"
    for (a, b), area in expected.items():
        shares = [area / shapes[a].GetArea(), area / shapes[b].GetArea()]
        assert all(math.isclose(x, y, rel_tol=1e-6) for x, y in zip(found[a, b], [area, *shares])), f"{a}, {b}: {found[a, b]}"
        assert found[a, b][3] == (min(shares) > 0.999999), f"{a}, {b} repeat: {found[a, b]}"
    assert found[50, 51][3] == 1, "a house upon itself"
    pairs, area, repeats = rows(path, "SELECT overlap_pairs, overlap_area_m2, repeat_pairs FROM zip_summary WHERE zip = '00001'")[0]
    assert (pairs, repeats) == (len(expected), 1) and math.isclose(area, sum(expected.values()), rel_tol=1e-6), "the ZIP's"
    counts = dict(rows(path, "SELECT building_fid, overlaps FROM important_building"))
    assert all(counts[fid] == sum(fid in pair for pair in expected) for fid in shapes), "the buildings'"
    columns = [name for _, name, *_ in rows(path, "PRAGMA table_info(overlaps)")]
    assert columns == ["zip_rank", "zip", "fid_a", "fid_b", "area_m2", "share_a", "share_b", "repeats"], f"{columns}"
    works(town.arguments("--analysis", "overlaps", "--buildings-out", "none", "--overwrite", "-q"))
    assert len(rows(town.output, "SELECT * FROM overlaps")) == len(expected), "without buildings too"


def test_clusters_have_their_hulls():
    town, shapes = terraces()
    path = result(town, "clusters:eps_m=6,min=3")
    members = {}
    for fid, cluster in rows(path, "SELECT building_fid, cluster_6m_3 FROM important_building"):
        members.setdefault(cluster, []).append(fid)
    near = {a: {b for b in shapes if shapes[a].Distance(shapes[b]) <= 6} for a in shapes}
    cores = {fid for fid in shapes if len(near[fid]) >= 3}
    assert members.get(None, []) == [fid for fid in shapes if not near[fid] & cores], "in no cluster"
    for cluster, fids in members.items():
        if cluster is not None:
            inside = cores & set(fids)
            assert all(near[fid] & cores <= inside for fid in inside), f"cores near each other are in one cluster: {cluster}"
            assert all(near[fid] & inside for fid in fids), f"all are near a core of theirs: {cluster}"
    source = ogr.Open(path)
    found = 0
    for feature in source.GetLayerByName("clusters_6m_3"):
        fids = members[feature["cluster"]]
        found += 1
        assert (feature["zip_rank"], feature["zip"], feature["buildings"], feature["cores"]) == (1, "00001", len(fids), len(cores & set(fids))), f"{feature.ExportToJson()}"
        everything = ogr.Geometry(ogr.wkbGeometryCollection)
        for fid in fids:
            everything.AddGeometry(shapes[fid])
        difference = feature.GetGeometryRef().SymDifference(everything.ConvexHull()).GetArea()
        assert difference < 1e-9, f"hull of {feature['cluster']} differs by {difference}"
    assert found == len(members) - 1 and found > 4, f"{found} clusters"
    assert (rows(path, "SELECT clusters_6m_3, clustered_6m_3 FROM zip_summary WHERE zip = '00001'") ==
          [(found, len(shapes) - len(members.get(None, [])))]), "the ZIP's"
    lowest = [min(fids) for cluster, fids in sorted((c, f) for c, f in members.items() if c)]
    assert lowest == sorted(lowest), "numbered by their lowest ids"


def test_histograms_count_by_sql_too():
    town = town_of_metres()
    path = result(town, "histogram:field=height,width=5", "histogram:field=HEIGHT,bins=4", 'histogram:field="a,b",bins=2', "histogram:field=area_m2,width=10")
    by_sql = rows(path, "SELECT zip_rank, zip, CAST(floor(height / 5) AS INTEGER) b, floor(height / 5) * 5, floor(height / 5) * 5 + 5, count(*) "
                        "FROM important_building WHERE height IS NOT NULL GROUP BY zip_rank, b ORDER BY zip_rank, b")
    assert rows(path, "SELECT zip_rank, zip, bin, low, high, n FROM histogram_height ORDER BY rowid") == by_sql, "bins of a width"
    assert (rows(path, "SELECT zip, sum(n) FROM histogram_height_2 GROUP BY zip") ==
          rows(path, "SELECT zip, count(height) FROM important_building GROUP BY zip HAVING count(height) > 0")), "every value is in a bin"
    assert (rows(path, "SELECT zip, min(low), max(high), count(*) FROM histogram_height_2 WHERE zip <> '00003' GROUP BY zip") ==
          rows(path, "SELECT zip, min(height), max(height), 4 FROM important_building WHERE zip <> '00003' GROUP BY zip")), "from lowest to highest"
    assert rows(path, 'SELECT sum(n) FROM "histogram_a,b"') == rows(path, "SELECT count(*) FROM important_building"), "a name with a comma"
    assert rows(path, "SELECT DISTINCT bin, low, high FROM histogram_area_m2") == [(3, 30.0, 40.0)], "a measure of 36 square metres"
    columns = [name for _, name, *_ in rows(path, "PRAGMA table_info(histogram_height)")]
    assert columns == ["zip_rank", "zip", "bin", "low", "high", "n"], f"{columns}"


def test_a_histogram_alone_needs_no_centroids_and_leaves_statistics_alone():
    town = town_of_metres()
    stats = ["--stat", "height=mean,sum,median", "--stat", "use=min"]
    path = result(town, "histogram:field=height,width=5", more=stats)
    some = rows(path, "SELECT zip, height_mean, height_sum, height_median, use_min FROM zip_summary")
    assert some == rows(result(town, "none", more=stats), "SELECT zip, height_mean, height_sum, height_median, use_min FROM zip_summary"), f"{some}"


def test_results_do_not_depend_on_how_they_are_run():
    town = town_of_metres(n=900)
    everything = ["nearest:metric=edge", "adjacency:tolerance_m=1", "overlaps", "clusters:eps_m=15,min=3", "nearest", "clark-evans", "neighbours:within_m=50", "neighbours:within_m=400", "histogram:field=height,width=5", 'histogram:field="a,b",bins=3']
    for out in ("geometry", "ids", "none"):
        found = set()
        for more in (["--threads", 1], ["--threads", 2], ["--threads", 5, "--batch-size", 7], ["--memory", "32MiB"]):
            found.add(content(result(town, *everything, more=["--buildings-out", out, *more])))
        assert len(found) == 1, f"threads, batches or memory show with {out}"


def test_the_job_is_told_in_one_way_of_writing():
    town = town_of_metres(n=5)
    path = result(town, "neighbours:within_m=+1e2", "histogram:width=5.0,field=height")
    job = rows(path, "SELECT value FROM run_info WHERE key = 'job'")[0][0]
    assert '"analysis":["neighbours:within_m=100","histogram:field=height,width=5"]' in job, job
    assert (content(result(town, "neighbours:within_m=100", "histogram:field=height,width=5")) ==
          content(result(town, "neighbours:within_m=100.0", "histogram:width=5,field=height"))), "the same job"


def test_a_taken_name_gets_a_suffix(town):
    clashing = layer(town.file("c.gpkg"), "b", [(square(10, 10, 5), 1.5)], [("neighbours_5m", ogr.OFTReal)])
    works(town.arguments("--analysis", "neighbours:within_m=5", "--fields", "neighbours_5m", "-q", buildings=clashing))
    assert rows(town.output, "SELECT neighbours_5m, neighbours_5m_2 FROM important_building") == [(1.5, 0)], "both are there"
