# SPDX-License-Identifier: MIT
"""Points and lines as buildings: what GEOS says of them by every rule, their measures, analyses, layers of the result, and formats."""
import random
import sqlite3

import pytest
from osgeo import gdal, ogr
from town import fails, layer, square, works

ZIPS = [(square(0, 0, 100), "A"), (square(100, 0, 100), "B"), (square(50, 150, 100), "C"), ("POLYGON ((0 100,60 100,60 160,0 160,0 100))", "D")]


def rows(path, sql):
    with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as db:
        return db.execute(sql).fetchall()


@pytest.fixture
def grid(town):
    layer(town.file("grid.gpkg"), "grid", ZIPS, [("zip", ogr.OFTString)], 26986)
    return town


def run(town, buildings, *options, command="run"):
    return works([command, "--zips", town.file("grid.gpkg"), "--buildings", buildings, "-o", town.output, "--overwrite", *options])


def drawn(kind, n=150):
    """Geometries whose coordinates are multiples of 10 as often as not, so that many lie on borders and corners."""
    draw = random.Random(kind)

    def point():
        if draw.random() < .6:
            return f"{draw.randrange(-1, 22) * 10} {draw.randrange(-1, 22) * 10}"
        return f"{draw.uniform(-20, 220)} {draw.uniform(-20, 220)}"

    def line():
        points = [point() for _ in range(draw.randrange(2, 5))]
        return f"({','.join(points)})" if len(set(points)) > 1 else line()
    one = {"Point": lambda: f"POINT ({point()})",
           "MultiPoint": lambda: f"MULTIPOINT ({','.join('(' + point() + ')' for _ in range(draw.randrange(1, 4)))})",
           "LineString": lambda: "LINESTRING " + line(),
           "MultiLineString": lambda: f"MULTILINESTRING ({','.join(line() for _ in range(draw.randrange(1, 4)))})"}[kind]
    return [one() for _ in range(n)]


def interiors_meet(zone, geometry):
    """DE-9IM T********: the interior of a point is the point, that of a line is without its ends."""
    if not zone.Intersects(geometry):
        return False
    return not geometry.Touches(zone)


def expected(rule, wkt):
    """The assigned ZIPs with their shares, by OGR's GEOS."""
    geometry = ogr.CreateGeometryFromWkt(wkt)
    zones = sorted((name, ogr.CreateGeometryFromWkt(polygon)) for polygon, name in ZIPS)
    tests = {"within": lambda z: geometry.Within(z), "covered-by": lambda z: geometry.Intersects(z) and geometry.Difference(z).IsEmpty(),
             "intersects": lambda z: geometry.Intersects(z), "centroid": lambda z: geometry.Centroid().Within(z),
             "inner-point": lambda z: geometry.PointOnSurface().Within(z)}
    if rule in tests:
        return {name: 1 for name, z in zones if tests[rule](z)}
    if geometry.GetDimension() == 0:
        return {name: 1 for name, z in [zone for zone in zones if zone[1].Intersects(geometry)][:1]}
    lengths = {name: geometry.Intersection(z).Length() for name, z in zones if geometry.Intersects(z)}
    lengths = {name: length for name, length in lengths.items() if length > 1e-9}
    if rule == "share":
        return {name: length / geometry.Length() for name, length in lengths.items()}
    best = max(lengths.values(), default=0)
    return {name: 1 for name in sorted(lengths) if lengths[name] > best * (1 - 1e-9)} and {
        sorted(name for name in lengths if lengths[name] > best * (1 - 1e-9))[0]: 1} if lengths else {}


KINDS = {"Point": ogr.wkbPoint, "MultiPoint": ogr.wkbMultiPoint, "LineString": ogr.wkbLineString, "MultiLineString": ogr.wkbMultiLineString}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("rule", ["within", "covered-by", "intersects", "centroid", "inner-point", "largest", "share"])
def test_each_rule_is_that_of_geos(grid, kind, rule):
    geometries = drawn(kind)
    path = layer(grid.file("b.gpkg"), "b", [(wkt,) for wkt in geometries], [], 26986, kind=KINDS[kind])
    run(grid, path, "--assign", rule, "--fields", "share" if rule == "share" else "area_m2", "--analysis", "none")
    found = {}
    for fid, name, share in rows(grid.output, f"SELECT building_fid, zip, {'share' if rule == 'share' else '1'} FROM important_building"):
        found.setdefault(fid, {})[name] = share
    for fid, wkt in enumerate(geometries, 1):
        wanted, got = expected(rule, wkt), found.get(fid, {})
        assert wanted.keys() == got.keys() and all(abs(wanted[z] - got[z]) < 1e-9 for z in wanted), f"{wkt}: {wanted}, got {got}"
    counts = dict(rows(grid.output, "SELECT name, value FROM run_count"))
    zones = [ogr.CreateGeometryFromWkt(polygon) for polygon, _ in ZIPS]
    crossing = sum(fid not in found and any(interiors_meet(z, ogr.CreateGeometryFromWkt(wkt)) for z in zones)
                   for fid, wkt in enumerate(geometries, 1))
    assert counts["buildings_crossing"] == crossing, f"{counts}"
    works(["verify", grid.output])


TYPES = {"Point": (1, "POINT"), "MultiPoint": (4, "MULTIPOINT"), "LineString": (5, "MULTILINESTRING"), "MultiLineString": (5, "MULTILINESTRING")}


@pytest.mark.parametrize("kind", KINDS)
def test_the_layer_has_the_right_type_and_geometries(grid, kind):
    geometries = drawn(kind, 40)
    path = layer(grid.file("b.gpkg"), "b", [(wkt,) for wkt in geometries], [], 26986, kind=KINDS[kind])
    run(grid, path, "--assign", "intersects", "--project")
    code, name = TYPES[kind]
    assert rows(grid.output, "SELECT geometry_type FROM geometry_columns WHERE f_table_name = 'important_building'") == [(code,)]
    result = gdal.OpenEx(grid.output, gdal.OF_VECTOR)
    made = result.GetLayerByName("important_building")
    assert ogr.GeometryTypeToName(made.GetGeomType()).replace(" ", "").upper() == name
    for feature in made:
        wanted = ogr.CreateGeometryFromWkt(geometries[feature["building_fid"] - 1])
        assert feature.GetGeometryRef().Equals(ogr.ForceTo(wanted, made.GetGeomType())), wanted.ExportToWkt()
    style, = rows(grid.output, "SELECT styleQML FROM layer_styles WHERE f_table_name = 'important_building'")[0]
    assert 'type="marker"' in style if "Point" in kind else 'type="line"' in style


@pytest.mark.parametrize("driver, name", [("GPKG", "b.gpkg"), ("ESRI Shapefile", "b.shp"), ("GeoJSON", "b.geojson"), ("FlatGeobuf", "b.fgb")])
@pytest.mark.parametrize("kind", [ogr.wkbPoint, ogr.wkbPoint25D, ogr.wkbLineString, ogr.wkbLineString25D])
def test_formats_and_dimensions_change_nothing(grid, driver, name, kind):
    z = " 7" if kind in (ogr.wkbPoint25D, ogr.wkbLineString25D) else ""
    geometries = ([f"POINT {'Z ' if z else ''}({x} {y}{z})" for x, y in ((50, 50), (100, 50), (300, 300), (10, 10))]
                  if kind in (ogr.wkbPoint, ogr.wkbPoint25D) else
                  [f"LINESTRING {'Z ' if z else ''}({x} {y}{z},{x + 20} {y}{z})" for x, y in ((10, 50), (90, 50), (300, 300), (0, 0))])
    path = layer(grid.file(name), "b", [(wkt, i) for i, wkt in enumerate(geometries)], [("n", ogr.OFTInteger)], 26986, kind=kind, driver=driver)
    run(grid, path, "--buildings-crs", "EPSG:26986", "--fields", "n")
    counts = dict(rows(grid.output, "SELECT name, value FROM run_count"))
    is_point = kind in (ogr.wkbPoint, ogr.wkbPoint25D)
    assert rows(grid.output, "SELECT zip, n FROM important_building ORDER BY 1, 2") == [("A", 0), ("A", 3)][:1 + is_point]
    assert (counts["buildings_outside"], counts["buildings_crossing"]) == ((2, 0) if is_point else (2, 1)), counts
    assert run(grid, path, "--buildings-crs", "EPSG:26986", command="plan").stdout
    assert works(["inspect", path]).stdout


def test_csv_with_coordinates(grid):
    path = grid.file("b.csv")
    with open(path, "w", encoding="utf-8") as file:
        file.write("n,WKT\n1,POINT (50 50)\n2,POINT (150 50)\n3,\"LINESTRING (10 10,20 20)\"\n")
    run(grid, path, "--buildings-crs", "EPSG:26986", "--fields", "n")
    assert rows(grid.output, "SELECT zip, CAST(n AS INTEGER) FROM important_building ORDER BY 2") == [("A", 1), ("B", 2), ("A", 3)]
    assert rows(grid.output, "SELECT geometry_type FROM geometry_columns WHERE f_table_name = 'important_building'") == [(0,)]
    works(["verify", grid.output])


def test_measures_of_points_and_lines(grid):
    names = "area_m2 perimeter_m width_m length_m elongation convexity compactness rectangularity n_vertices n_parts n_holes centroid_x centroid_y".split()
    points = layer(grid.file("p.gpkg"), "b", [("POINT (10 20)",), ("MULTIPOINT (10 20,30 60)",)], [], 26986, kind=ogr.wkbUnknown)
    run(grid, points, "--fields", ",".join(names))
    found = rows(grid.output, f"SELECT {','.join(names)} FROM important_building")
    assert found == [(0, *[None] * 7, 1, 1, 0, 10, 20), (0, *[None] * 7, 2, 2, 0, 20, 40)], found
    lines = layer(grid.file("l.gpkg"), "b", [("LINESTRING (10 20,40 60)",), ("MULTILINESTRING ((10 10,20 10),(10 20,10 50))",),
                                             ("LINESTRING (10 10,20 10,20 20,10 20,10 10)",)], [], 26986, kind=ogr.wkbUnknown)
    run(grid, lines, "--fields", ",".join(names), "--stat", "perimeter_m=sum")
    found = rows(grid.output, f"SELECT {','.join(names)} FROM important_building")
    assert found == [(0, 50, *[None] * 6, 2, 1, 0, 25, 40), (0, 40, *[None] * 6, 4, 2, 0, 11.25, 28.75), (0, 40, *[None] * 6, 5, 1, 0, 15, 15)], found
    assert rows(grid.output, "SELECT buildings, built_area_m2, coverage, perimeter_m_sum FROM zip_summary LIMIT 1") == [(3, 0, 0, 130)]


def test_distances_and_neighbours(grid):
    points = layer(grid.file("p.gpkg"), "b", [(f"POINT ({x} 10)",) for x in (10, 13, 20, 90)], [], 26986, kind=ogr.wkbPoint)
    run(grid, points, "--analysis", "nearest", "--analysis", "nearest:metric=edge", "--analysis", "neighbours:within_m=7.5",
        "--analysis", "clusters:eps_m=7,min=2", "--analysis", "clark-evans")
    assert rows(grid.output, "SELECT nn_m, nn_edge_m FROM important_building") == [(3, 3), (3, 3), (7, 7), (70, 70)]
    assert [r[0] for r in rows(grid.output, "SELECT * FROM zip_summary LIMIT 1")] == [1]
    lines = layer(grid.file("l.gpkg"), "b", [("LINESTRING (10 10,10 40)",), ("LINESTRING (14 0,14 90)",), ("LINESTRING (50 50,60 50,60 60,50 60,50 50)",),
                                             ("LINESTRING (54 54,56 56)",)], [], 26986, kind=ogr.wkbLineString)
    run(grid, lines, "--analysis", "nearest:metric=edge", "--assign", "intersects")
    assert rows(grid.output, "SELECT nn_edge_m FROM important_building") == [(4,), (4,), (4,), (4,)]


def test_what_needs_areas_says_so(grid):
    points = layer(grid.file("p.gpkg"), "b", [("POINT (10 10)",)], [], 26986, kind=ogr.wkbPoint)
    for name in ("adjacency", "overlaps"):
        for command in ("run", "plan"):
            fails(2, [command, "--zips", grid.file("grid.gpkg"), "--buildings", points, "-o", grid.output, "--analysis", name], name, "Point")
    fails(3, ["run", "--zips", points, "--buildings", grid.file("grid.gpkg"), "-o", grid.output], "Point")


def test_lines_of_no_length_are_skipped(grid):
    lines = layer(grid.file("l.gpkg"), "b", [("LINESTRING (10 10,10 10)",), ("LINESTRING (10 10,20 10)",)], [], 26986, kind=ogr.wkbLineString)
    run(grid, lines)
    assert rows(grid.output, "SELECT fid, reason, action FROM rejected_feature") == [(1, "invalid", "skipped")]
    assert rows(grid.output, "SELECT building_fid FROM important_building") == [(2,)]
    fails(3, ["run", "--zips", grid.file("grid.gpkg"), "--buildings", lines, "-o", grid.output, "--overwrite", "--on-invalid", "fail"], "1")


def test_threads_batches_and_memory_change_nothing(grid):
    path = layer(grid.file("b.gpkg"), "b", [(wkt,) for wkt in drawn("Point", 3000)], [], 26986, kind=ogr.wkbPoint)
    bytes_of = []
    for options in (["--threads", "1"], ["--threads", "2", "--batch-size", "17"], ["--memory", "64MiB"]):
        run(grid, path, "--analysis", "clusters:eps_m=3,min=3", *options)
        with open(grid.output, "rb") as file:
            bytes_of.append(file.read())
    assert bytes_of[0] == bytes_of[1] == bytes_of[2]
