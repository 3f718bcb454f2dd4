# SPDX-License-Identifier: MIT
"""Situations from public reports about other programs, made up anew with small inputs. tests/PUBLIC_REPORTS.md lists the reports; each has a case here.
The right answers come from arithmetic on the input, from plain SQLite, or from GEOS through OGR."""
import json
import os
import re
import sqlite3
import struct
import zipfile

import pytest
from osgeo import gdal, ogr
from support import ROOT
from town import call, describe, fails, layer, reference, square, works

X, Y = 300000, 4690000   # lower left corner of the first ZIP, in UTM zone 19N, and its side
SIDE = 1000
ZIPS = ("02139", "02141")
REPORTS = {}


def report(*links):
    """Marks a case with the reports that it is about."""
    def mark(function):
        for link in links:
            REPORTS[link] = function.__name__
        return function
    return mark


def box(x, y, side, up=None):
    """A rectangle at metres from the corner of the first ZIP, as WKT."""
    up = side if up is None else up
    corners = [(x, y), (x + side, y), (x + side, y + up), (x, y + up), (x, y)]
    return "POLYGON ((" + ",".join(f"{X + a} {Y + b}" for a, b in corners) + "))"


def degrees(x, y, side):
    """A square in degrees: the ZIPs are 0.01 wide, beginning at 71.1 W, 42.3 N; x and y count hundredths of that."""
    corners = [(x, y), (x + side, y), (x + side, y + side), (x, y + side), (x, y)]
    return [[round(-71.1 + a / 10000, 6), round(42.3 + b / 10000, 6)] for a, b in corners]


def write(folder, name, text):
    path = os.path.join(folder, name)
    with open(path, "wb") as file:
        file.write(text if isinstance(text, bytes) else text.encode())
    return path


def features(rows, **more):
    """GeoJSON of polygons: (ring, properties)."""
    return json.dumps({"type": "FeatureCollection", **more, "features": [
        {"type": "Feature", "properties": properties, "geometry": {"type": "Polygon", "coordinates": [ring]}} for ring, properties in rows]})


@pytest.fixture(scope="module")
def zips(shared_folder):
    """Two ZIPs, one beside the other, in metres."""
    return layer(os.path.join(shared_folder, "zips.gpkg"), "zips", [(box(SIDE * i, 0, SIDE), z) for i, z in enumerate(ZIPS)],
                 [("zip", ogr.OFTString)], epsg=32619)


@pytest.fixture(scope="module")
def zips_degrees(shared_folder):
    return write(shared_folder, "zips.geojson", features([(degrees(100 * i, 0, 100), {"zip": z}) for i, z in enumerate(ZIPS)]))


class Result:
    def __init__(self, path, done):
        self.path, self.done, self.warnings = path, done, [line for line in done.stderr.splitlines() if "warning" in line]

    def rows(self, sql):
        db = sqlite3.connect(f"file:{self.path}?mode=ro", uri=True)
        found = db.execute(sql).fetchall()
        db.close()
        return found

    def per_zip(self, *columns):
        return self.rows(f"SELECT {', '.join(columns)} FROM zip_summary ORDER BY zip")

    def fids(self):
        return self.rows("SELECT zip, building_fid FROM important_building ORDER BY zip, building_fid")

    def counts(self):
        return dict(self.rows("SELECT name, value FROM run_count"))


def run(folder, zips, buildings, *more):
    path = os.path.join(folder, "result.sqlite")
    many = [buildings] if isinstance(buildings, str) else buildings
    done = works(["run", "--zips", zips, *(word for name in many for word in ("--buildings", name)), "-o", path, "--overwrite", *more])
    return Result(path, done)


def inspect(*files, more=()):
    done = call(["inspect", "--format", "json", *more, *files])
    assert done.returncode in (0, 3), describe(done)
    return [found for file in json.loads(done.stdout)["files"] for found in file["layers"]]


def problems(*files, more=()):
    return "\n".join(problem for found in inspect(*files, more=more) for problem in found["problems"])


def shapefile(folder, name, rows, fields, **more):
    return layer(os.path.join(folder, name + ".shp"), name, rows, fields, epsg=32619, driver="ESRI Shapefile", **more)


def geopackage(folder, rows, fields, name="b", **more):
    return layer(os.path.join(folder, name + ".gpkg"), name, rows, fields, epsg=32619, **more)


def change(path, *statements):
    """SQL on a GeoPackage, with GDAL's functions, which its triggers call."""
    source = ogr.Open(path, 1)
    for sql in statements:
        source.ExecuteSQL(sql)
    source = None


def overwrite(path, old, new):
    with open(path, "r+b") as file:
        text = file.read()
        assert text.count(old) == 1 and len(old) == len(new), f"{old} is in {path} once"
        file.seek(text.index(old))
        file.write(new)


# ---- shapefiles ----


@report("https://github.com/NetTopologySuite/NetTopologySuite.IO.Esri/issues/11")
def test_asterisks_in_a_number_of_a_dbf_are_a_missing_value(folder, zips):
    path = shapefile(folder, "b", [(box(10 + 20 * i, 10, 10), value) for i, value in enumerate((4.0, 77777.5, 8.0))], [("height", ogr.OFTReal)])
    overwrite(path[:-3] + "dbf", b"%24.15f" % 77777.5, b"*" * 24)
    result = run(folder, zips, path, "--stat", "height=count,missing,mean")
    assert result.per_zip("height_count", "height_missing", "height_mean")[0] == (2, 1, 6.0)


@report("https://github.com/tilemill-project/tilemill/issues/2374")
def test_a_shapefile_in_capital_letters(folder, zips):
    path = shapefile(folder, "b", [(box(10, 10, 10), 4.0)], [("height", ogr.OFTReal)])
    for name in os.listdir(folder):
        os.rename(os.path.join(folder, name), os.path.join(folder, name.upper()))
    result = run(folder, zips, os.path.join(folder, "B.SHP"), "--stat", "height=mean")
    assert result.per_zip("important", "height_mean")[0] == (1, 4.0)
    files = {name.split(".")[-1] for name, in result.rows("SELECT file FROM run_input WHERE role = 'buildings'")}
    assert files >= {"SHP", "SHX", "DBF", "PRJ"}, "all parts are recorded"


@report("https://github.com/tilemill-project/tilemill/issues/210", "https://github.com/raster-foundry/raster-foundry/issues/3180")
def test_an_archive_made_on_a_mac_or_with_a_folder_in_it(folder, zips):
    shapefile(folder, "b", [(box(10, 10, 10), 4.0)], [("height", ogr.OFTReal)])
    for name, inside in (("mac.zip", ""), ("folder.zip", "export/")):
        with zipfile.ZipFile(os.path.join(folder, name), "w") as archive:
            for file in sorted(os.listdir(folder)):
                if file.startswith("b."):
                    archive.write(os.path.join(folder, file), inside + file)
                    archive.writestr(f"__MACOSX/{inside}._{file}", b"\0\5\x16\7\0\2\0\0Mac OS X        \0\2\0\0\0\x09\0\0\0\x32")
            archive.writestr(inside + ".DS_Store", b"\0\0\0\1Bud1")
        result = run(folder, zips, os.path.join(folder, name), "--stat", "height=mean")
        assert result.per_zip("important", "height_mean")[0] == (1, 4.0), name


@report("https://github.com/tmontaigu/shapefile-rs/pull/12", "https://github.com/r-spatial/sf/issues/540")
def test_a_courtyard_is_no_part_of_a_zip_or_of_a_building(folder):
    """Whatever the direction of its ring in GeoJSON, which tells nothing."""
    ring, hole = degrees(0, 0, 100), degrees(40, 40, 20)
    house = degrees(45, 45, 5), {"n": 1}
    yard = degrees(10, 10, 10)
    court = degrees(12, 12, 6)
    areas = []
    for turn in (1, -1):
        zone = json.dumps({"type": "FeatureCollection", "features": [
            {"type": "Feature", "properties": {"zip": "02139"}, "geometry": {"type": "Polygon", "coordinates": [ring, hole[::turn]]}}]})
        houses = json.dumps({"type": "FeatureCollection", "features": [
            {"type": "Feature", "properties": {"n": 1}, "geometry": {"type": "Polygon", "coordinates": [house[0]]}},
            {"type": "Feature", "properties": {"n": 2}, "geometry": {"type": "Polygon", "coordinates": [yard, court[::turn]]}}]})
        result = run(folder, write(folder, "z.geojson", zone), write(folder, "b.geojson", houses), "--stat", "n=sum")
        assert result.per_zip("buildings", "n_sum") == [(1, 2)], "the house in the hole of the ZIP is outside"
        areas += result.rows("SELECT built_area_m2, area_m2 FROM zip_summary")
    assert areas[0] == areas[1]
    built, area = areas[0]
    assert built / area == pytest.approx((100 - 36) / (10000 - 400), rel=1e-4)


@report("https://github.com/NetTopologySuite/NetTopologySuite.IO.ShapeFile/pull/80")
def test_rings_of_a_shapefile_in_the_wrong_direction(folder, zips):
    """A shell counterclockwise with a clockwise hole: OGR takes the ring within the other for its hole."""
    path = shapefile(folder, "b", [(box(10, 10, 10), 1)], [("n", ogr.OFTInteger)])
    outer = [(X + 10, Y + 10), (X + 20, Y + 10), (X + 20, Y + 20), (X + 10, Y + 20), (X + 10, Y + 10)]
    inner = [(X + 12, Y + 12), (X + 12, Y + 14), (X + 14, Y + 14), (X + 14, Y + 12), (X + 12, Y + 12)]
    points = outer + inner
    shape = struct.pack("<i4d2i2i", 5, X + 10, Y + 10, X + 20, Y + 20, 2, len(points), 0, len(outer)) + b"".join(struct.pack("<2d", *p) for p in points)
    with open(path, "r+b") as file:
        header = bytearray(file.read(100))
        header[24:28] = struct.pack(">i", (100 + 8 + len(shape)) // 2)
        file.seek(0)
        file.write(bytes(header) + struct.pack(">2i", 1, len(shape) // 2) + shape)
        file.truncate()
    with open(path[:-3] + "shx", "r+b") as file:
        file.seek(100)
        file.write(struct.pack(">2i", 50, len(shape) // 2))
    result = run(folder, zips, path)
    assert result.per_zip("buildings", "built_area_m2")[0] == (1, 96.0)


@report("https://github.com/geopandas/geopandas/issues/691", "https://github.com/OSGeo/shapelib/issues/38")
def test_large_integers_of_a_dbf_keep_each_digit(folder, zips):
    ids = (3694063472, 3694063473, 999999999999999999)
    path = shapefile(folder, "b", [(box(10 + 20 * i, 10, 10), value) for i, value in enumerate(ids)], [("osm_id", ogr.OFTInteger64)])
    result = run(folder, zips, path, "--fields", "osm_id", "--stat", "osm_id=unique,min,max")
    assert result.rows("SELECT osm_id FROM important_building ORDER BY id") == [(value,) for value in ids]
    assert result.per_zip("osm_id_unique", "osm_id_min", "osm_id_max")[0] == (3, ids[0], ids[2])


# ---- GeoPackages ----


@report("https://github.com/OSGeo/gdal/issues/2183")
def test_date_times_with_slashes_in_a_geopackage_are_read(folder, zips):
    path = geopackage(folder, [(box(10 + 20 * i, 10, 10), "2018/02/13 23:59:59") for i in range(2)], [("since", ogr.OFTDateTime)])
    change(path, "UPDATE b SET since = '2018/02/13 23:59:59+01' WHERE fid = 1")
    result = run(folder, zips, path, "--stat", "since=count,missing,min")
    found = result.per_zip("since_count", "since_missing", "since_min")[0]
    assert found[:2] == (2, 0) and found[2][:19].replace("T", " ") == "2018-02-13 23:59:59", f"{found}{describe(result.done)}"


@report("https://github.com/OSGeo/gdal/pull/8087")
def test_date_times_without_seconds_in_a_geopackage_are_read(folder, zips):
    path = geopackage(folder, [(box(10 + 20 * i, 10, 10), "2018/02/13 23:59:59") for i in range(3)], [("since", ogr.OFTDateTime)])
    change(path, "UPDATE b SET since = '2017-02-13T10:20Z' WHERE fid = 1", "UPDATE b SET since = '2017-02-13T10:20:30Z' WHERE fid = 2")
    result = run(folder, zips, path, "--stat", "since=count,missing,min")
    found = result.per_zip("since_count", "since_missing", "since_min")[0]
    assert found[:2] == (3, 0) and found[2][:16].replace("T", " ") == "2017-02-13 10:20", f"{found}{describe(result.done)}"


@report("https://github.com/r-spatial/sf/issues/2370", "https://github.com/OSGeo/gdal/issues/4256")
def test_a_feature_count_that_is_out_of_date(folder, zips):
    path = geopackage(folder, [(box(10 + 20 * i, 10, 10), i) for i in range(4)], [("n", ogr.OFTInteger)])
    change(path, "UPDATE gpkg_ogr_contents SET feature_count = 24")
    assert run(folder, zips, path).counts()["buildings_read"] == 4
    assert "24" in problems(path)
    planned = works(["plan", "--zips", zips, "--buildings", path, "--format", "json"])
    assert json.loads(planned.stdout)["buildings"]["features"] in (4, 24)


@report("https://github.com/OSGeo/gdal/issues/13919", "https://github.com/qgis/QGIS/issues/42567")
def test_a_spatial_index_that_lacks_buildings(folder, zips):
    path = geopackage(folder, [(box(10 + 20 * i, 10, 10), i) for i in range(4)], [("n", ogr.OFTInteger)])
    change(path, "DELETE FROM rtree_b_geom WHERE id = 3")
    assert run(folder, zips, path, "--zip-where", "zip = '02139'").fids() == [("02139", fid) for fid in (1, 2, 3, 4)]
    assert "index" in problems(path)


@report("https://github.com/OSGeo/gdal/issues/6548", "https://github.com/qgis/QGIS/issues/45347", "https://github.com/NCPP/ocgis/issues/325")
@pytest.mark.parametrize("name", ("S[OSM]Parkings_(polygones)", "50_states", "table1 ", "group"))
def test_layers_whose_names_break_sql(folder, zips, name):
    path = geopackage(folder, [(box(10 + 20 * i, 10, 10), i) for i in range(2)], [("order", ogr.OFTInteger)])
    source = ogr.Open(path, 1)
    source.ExecuteSQL(f'ALTER TABLE b RENAME TO "{name}"')
    source = None
    result = run(folder, zips, path, "--where", '"order" > 0', "--stat", "order=sum", "--buildings-layer", name)
    assert result.per_zip("important", "order_sum")[0] == (1, 1)


@report("https://github.com/geopandas/pyogrio/issues/355", "https://github.com/manaakiwhenua/vector2dggs/issues/211")
def test_no_layer_is_chosen_for_the_user(folder, zips):
    path = geopackage(folder, [(box(10, 10, 10), 1)], [("n", ogr.OFTInteger)], name="zebra")
    layer(path, "alpha", [(box(10, 10, 10), 1)], [("n", ogr.OFTInteger)], epsg=32619, append=True)
    fails(2, ["run", "--zips", zips, "--buildings", path, "-o", os.path.join(folder, "r.sqlite")], "zebra", "alpha", "--buildings-layer")
    layer(os.path.join(folder, "two.gpkg"), "one", [(box(10, 10, 10), 1)], [("n", ogr.OFTInteger)], epsg=32619)
    layer(os.path.join(folder, "two.gpkg"), "layer_styles", [(None, 1)], [("n", ogr.OFTInteger)], epsg=None, kind=ogr.wkbNone, append=True)
    assert run(folder, zips, os.path.join(folder, "two.gpkg")).counts()["buildings_read"] == 1, "the styles that QGIS saves are no choice"


@report("https://github.com/Esri/file-geodatabase-api/issues/4")
def test_a_round_building_has_the_area_of_its_curve(folder, zips):
    circle = f"CURVEPOLYGON (CIRCULARSTRING ({X + 400} {Y + 500},{X + 600} {Y + 500},{X + 400} {Y + 500}))"
    path = geopackage(folder, [(circle, 1)], [("n", ogr.OFTInteger)], kind=ogr.wkbCurvePolygon)
    (count, area), _ = run(folder, zips, path).per_zip("buildings", "built_area_m2")
    assert count == 1 and area == pytest.approx(3.14159265 * 100 ** 2, rel=1e-3)


@report("https://github.com/qgis/QGIS/issues/66306", "https://github.com/qgis/QGIS/issues/35698", "https://github.com/qgis/QGIS/issues/58097")
def test_like_is_the_same_in_every_format(folder, zips):
    rows = [(box(10 + 20 * i, 10, 10), value) for i, value in enumerate(("Abab", "Baba", "AaBb", "a_b"))]
    fields = [("name", ogr.OFTString)]
    db = sqlite3.connect(":memory:")
    for expression in ("name LIKE '%B%' AND name GLOB '*B*'", "name LIKE '%\\_%' ESCAPE '\\'"):
        expected = [value for _, value in rows if db.execute(f"SELECT {expression} FROM (SELECT ? AS name)", [value]).fetchone()[0]]
        for path in (shapefile(folder, "s", rows, fields), geopackage(folder, rows, fields)):
            result = run(folder, zips, path, "--where", expression)
            assert [value for value, in result.rows("SELECT name FROM important_building ORDER BY id")] == expected, (path, expression)
            os.remove(path)
    path = geopackage(folder, rows, fields)
    fails(2, ["run", "--zips", zips, "--buildings", path, "--where", "name ILIKE '%b%'", "-o", os.path.join(folder, "r.sqlite")], "--where", "ILIKE")


# ---- GeoJSON, CSV, KML, GML and others ----


@report("https://github.com/OSGeo/gdal/issues/7313", "https://github.com/OSGeo/gdal/issues/7336")
@pytest.mark.parametrize("values", ((42, "tall", {"nested": 75}), ("tall", 42, {"nested": 75})))
def test_a_geojson_field_of_numbers_and_texts(folder, zips_degrees, values):
    path = write(folder, "b.geojson", features([(degrees(10 + 20 * i, 10, 10), {"h": value}) for i, value in enumerate(values)]))
    result = run(folder, zips_degrees, path, "--stat", "h=count,unique", "--fields", "h")
    assert result.per_zip("h_count", "h_unique")[0] == (3, 3)
    found = [value.strip('"') for value, in result.rows("SELECT h FROM important_building ORDER BY id")]
    assert [json.loads(value) if value[0] == "{" else value for value in found] == [value if isinstance(value, dict) else str(value) for value in values]


@report("https://github.com/OSGeo/gdal/issues/7258", "https://github.com/OSGeo/gdal/issues/669")
def test_geojson_ids_that_are_partly_null_lose_no_building(folder, zips_degrees):
    path = write(folder, "b.geojson", features([(degrees(10 + 20 * i, 10, 10), {"id": value}) for i, value in enumerate((3, None, 2, 1, None))]))
    result = run(folder, zips_degrees, path, "--stat", "id=count,missing,sum")
    assert result.per_zip("buildings", "id_count", "id_missing", "id_sum")[0] == (5, 3, 2, 6)
    assert len(set(result.fids())) == 5 or "fid" in problems(path)


@report("https://github.com/Toblerity/Fiona/issues/920")
def test_lists_in_geojson_properties(folder, zips_degrees):
    path = write(folder, "b.geojson", features([(degrees(10 + 20 * i, 10, 10), {"tel": ["1", "2"][:i + 1], "n": i}) for i in range(2)]))
    assert run(folder, zips_degrees, path, "--stat", "n=sum").per_zip("n_sum")[0] == (1,), "the other fields can be used"
    fails(2, ["run", "--zips", zips_degrees, "--buildings", path, "--fields", "tel", "-o", os.path.join(folder, "r.sqlite")], "'tel'", "list",
          "--buildings-open-option", "ARRAY_AS_STRING=YES")
    result = run(folder, zips_degrees, path, "--fields", "tel", "--buildings-open-option", "ARRAY_AS_STRING=YES")
    assert [json.loads(value) for value, in result.rows("SELECT tel FROM important_building ORDER BY id")] == [["1"], ["1", "2"]], "as text"


@report("https://github.com/QuickOSM/QuickOSM/issues/431", "https://github.com/r-spatial/sf/issues/2225")
def test_fields_that_differ_only_in_case(folder, zips_degrees):
    path = write(folder, "b.geojson", features([(degrees(10 + 20 * i, 10, 10), {"type": i, "TYPE": 10 * i}) for i in range(3)]))
    result = run(folder, zips_degrees, path, "--stat", "type=sum", "--stat", "TYPE=sum")
    names = [name for _, name, *_ in result.rows("PRAGMA table_info(zip_summary)") if name.lower().startswith("type_sum")]
    assert sorted(result.rows(f"SELECT {', '.join(names)} FROM zip_summary")[0]) == [3, 30]


@report("https://github.com/geopandas/pyogrio/issues/226")
def test_null_and_empty_geometries_are_counted_and_said(folder, zips_degrees):
    rows = json.loads(features([(degrees(10, 10, 10), {"n": 1})]))
    rows["features"] += [{"type": "Feature", "properties": {"n": 2}, "geometry": None},
                         {"type": "Feature", "properties": {"n": 3}, "geometry": {"type": "Polygon", "coordinates": []}}]
    counts = run(folder, zips_degrees, write(folder, "b.geojson", json.dumps(rows))).counts()
    assert (counts["buildings_read"], counts["buildings_assigned"], counts["buildings_empty"]) == (3, 1, 2)


@report("https://github.com/openlayers/openlayers/pull/10534", "https://github.com/GeoJSON-Net/GeoJSON.Net/issues/98")
@pytest.mark.parametrize("crs", ({"type": "EPSG", "properties": {"code": "32619"}}, {"type": "name", "properties": {"name": "EPSG:32619"}}))
def test_the_crs_of_a_geojson_of_before_2016(folder, zips, crs):
    ring = [[X + a, Y + b] for a, b in ((10, 10), (20, 10), (20, 20), (10, 20), (10, 10))]
    path = write(folder, "b.geojson", features([(ring, {"n": 1})], crs=crs))
    assert run(folder, zips, path).per_zip("buildings", "area_m2_sum")[0] == (1, 100.0)


@report("https://github.com/duckdb/duckdb/issues/2908", "https://github.com/getodk/javarosa/issues/687")
def test_a_csv_that_begins_with_a_byte_order_mark(folder, zips):
    path = write(folder, "b.csv", "\ufeffheight,WKT\n" + "".join(f'{value},"{box(10 + 20 * i, 10, 10)}"\n' for i, value in enumerate((4, 8))))
    result = run(folder, zips, path, "--buildings-crs", "EPSG:32619", "--compute", "h=CAST(height AS REAL)", "--stat", "h=mean")
    assert result.per_zip("h_mean")[0] == (6.0,)


@report("https://github.com/duckdb/duckdb/issues/5782", "https://github.com/CartoDB/cartodb/issues/5559")
def test_zips_of_a_csv_keep_their_zeros(folder):
    path = write(folder, "z.csv", "zip,WKT\n" + "".join(f'{z},"{box(SIDE * i, 0, SIDE)}"\n' for i, z in enumerate(ZIPS)))
    houses = geopackage(folder, [(box(10, 10, 10), 1)], [("n", ogr.OFTInteger)])
    assert run(folder, path, houses, "--zips-crs", "EPSG:32619").per_zip("zip", "buildings") == [("02139", 1), ("02141", 0)]
    guess = "AUTODETECT_TYPE=YES"
    table = gdal.OpenEx(path, gdal.OF_VECTOR, open_options=[guess])
    guessed = table.GetLayer(0).GetLayerDefn().GetFieldDefn(0).GetType()
    is_warned = "leading zeros" in problems(path, more=["--open-option", guess])
    assert is_warned == (guessed != ogr.OFTString), "told where GDAL guesses a number; from 3.8 on it leaves such texts alone"


@report("https://github.com/openaddresses/openaddresses/issues/4802", "https://github.com/openaddresses/openaddresses/issues/6116")
def test_zips_stored_as_real_numbers_have_no_decimal_point(folder):
    rows, fields = [(box(0, 0, SIDE), 94102), (box(SIDE, 0, SIDE), 94103)], [("zip", ogr.OFTReal)]
    houses = geopackage(folder, [(box(10, 10, 10), 1)], [("n", ogr.OFTInteger)])
    for path in (geopackage(folder, rows, fields, name="z"), shapefile(folder, "z", rows, fields)):
        assert run(folder, path, houses).per_zip("zip", "buildings") == [("94102", 1), ("94103", 0)]


@report("https://github.com/OSGeo/gdal/pull/6756", "https://github.com/qgis/QGIS/issues/34833")
def test_points_of_a_csv_with_decimal_commas(folder, zips):
    path = write(folder, "b.csv", f"name;X;Y\none;{X + 10},5;{Y + 10},25\ntwo;{X + 1010},5;{Y + 10}\n")
    options = ["--buildings-crs", "EPSG:32619", "--buildings-open-option", "X_POSSIBLE_NAMES=X", "--buildings-open-option", "Y_POSSIBLE_NAMES=Y"]
    assert run(folder, zips, path, *options).per_zip("buildings") == [(1,), (1,)]


@report("https://github.com/OSGeo/gdal/issues/1705", "https://github.com/Toblerity/Fiona/issues/524")
def test_booleans_count_as_numbers(folder, zips_degrees):
    path = write(folder, "b.geojson", features([(degrees(10 + 20 * i, 10, 10), {"empty": value}) for i, value in enumerate((True, False, True, None))]))
    result = run(folder, zips_degrees, path, "--stat", "empty=count,missing,mean,sum", "--where", "empty OR empty IS NULL")
    assert result.per_zip("empty_count", "empty_missing", "empty_mean", "empty_sum")[0] == (2, 1, 1.0, 2)


@report("https://github.com/OSGeo/gdal/pull/13591")
def test_a_kml_field_named_as_one_of_its_own(folder, zips_degrees):
    marks = "".join(f'<Placemark id="b.{i}"><ExtendedData><SchemaData schemaUrl="#b"><SimpleData name="ID">{30 + i}</SimpleData>'
                    f'<SimpleData name="floors">{i + 2}</SimpleData></SchemaData></ExtendedData><Polygon><outerBoundaryIs><LinearRing><coordinates>'
                    + " ".join(f"{a},{b}" for a, b in degrees(10 + 20 * i, 10, 10)) + "</coordinates></LinearRing></outerBoundaryIs></Polygon></Placemark>"
                    for i in range(2))
    path = write(folder, "b.kml", '<?xml version="1.0" encoding="UTF-8"?><kml xmlns="http://www.opengis.net/kml/2.2"><Document><Schema name="b" id="b">'
                 '<SimpleField name="ID" type="int"/><SimpleField name="floors" type="int"/></Schema><Folder><name>b</name>' + marks + "</Folder></Document></kml>")
    result = run(folder, zips_degrees, path, "--compute", "f=CAST(floors AS REAL)", "--stat", "f=mean")
    assert result.per_zip("important", "f_mean")[0] == (2, 2.5)


@report("https://github.com/geopython/pygeoapi/issues/2102", "https://github.com/geoparquet/geoparquet-io/issues/397")
def test_gml_that_puts_latitude_first(folder, zips_degrees):
    members = "".join(f'<gml:featureMember><b gml:id="b.{i}"><n>{i}</n><geom><gml:Polygon srsName="{name}"><gml:exterior><gml:LinearRing><gml:posList>'
                      + " ".join(f"{b} {a}" for a, b in degrees(10 + 20 * i, 10, 10))
                      + "</gml:posList></gml:LinearRing></gml:exterior></gml:Polygon></geom></b></gml:featureMember>"
                      for i, name in enumerate(("urn:ogc:def:crs:EPSG::4326", "urn:ogc:def:crs:EPSG::4326")))
    path = write(folder, "b.gml", '<?xml version="1.0"?><c xmlns:gml="http://www.opengis.net/gml/3.2">' + members + "</c>")
    assert run(folder, zips_degrees, path).per_zip("buildings") == [(2,), (0,)]


@report("https://github.com/Toblerity/Fiona/issues/721", "https://github.com/OSGeo/gdal/issues/12216")
def test_topojson(folder, zips_degrees):
    arcs = [degrees(10, 10, 10), degrees(30, 10, 10)]
    path = write(folder, "b.topojson", json.dumps({"type": "Topology", "arcs": arcs, "objects": {"houses": {"type": "GeometryCollection", "geometries": [
        {"type": "Polygon", "arcs": [[i]], "properties": {"n": i + 1}} for i in range(2)]}}}))
    result = run(folder, zips_degrees, path, "--stat", "n=sum", "--buildings-crs", "EPSG:4326")
    assert result.per_zip("buildings", "n_sum")[0] == (2, 3)


@report("https://github.com/sideeffects/GameDevelopmentToolset/issues/104", "https://github.com/eclipse-sumo/sumo/issues/14598")
def test_openstreetmap_buildings_with_courtyards(folder, zips_degrees):
    nodes, ways = [], []
    for k, (x, y, side) in enumerate(((10, 10, 10), (12, 12, 5), (40, 40, 10))):
        for i, (a, b) in enumerate(degrees(x, y, side)[:4]):
            nodes.append(f'<node id="{10 * k + i + 1}" lon="{a}" lat="{b}" version="1"/>')
        tags = '<tag k="building" v="yes"/>' if k == 2 else ""
        ways.append(f'<way id="{k + 1}" version="1">' + "".join(f'<nd ref="{10 * k + i + 1}"/>' for i in (0, 1, 2, 3, 0)) + tags + "</way>")
    text = ('<?xml version="1.0"?><osm version="0.6">' + "".join(nodes) + "".join(ways) + '<relation id="9" version="1"><member type="way" ref="1" role="outer"/>'
            '<member type="way" ref="2" role="inner"/><tag k="type" v="multipolygon"/><tag k="building" v="school"/></relation></osm>')
    result = run(folder, zips_degrees, write(folder, "b.osm", text), "--buildings-layer", "multipolygons", "--stat", "building=unique")
    (count, built, kinds), _ = result.per_zip("buildings", "built_area_m2", "building_unique")
    area = result.rows("SELECT area_m2 FROM zip_summary")[0][0]
    assert (count, kinds) == (2, 2) and built / area == pytest.approx((100 - 25 + 100) / 10000, rel=1e-3)


# ---- geodatabases and MapInfo ----


@report("https://github.com/OSGeo/gdal/issues/7986")
def test_a_geodatabase_with_null_geometries(folder, zips):
    path = layer(os.path.join(folder, "b.gdb"), "b", [(box(10, 10, 10), 1), (None, 2), (box(30, 10, 10), 3)], [("n", ogr.OFTInteger)], epsg=32619,
                 kind=ogr.wkbMultiPolygon, driver="OpenFileGDB")
    result = run(folder, zips, path, "--stat", "n=sum")
    assert result.per_zip("buildings", "n_sum")[0] == (2, 4) and result.counts()["buildings_empty"] == 1


@report("https://github.com/MaxRev-Dev/gdal.netcore/issues/185")
def test_a_mapinfo_table_in_cyrillic(folder, zips):
    path = layer(os.path.join(folder, "b.tab"), "b", [(box(10, 10, 10), "dom")], [("street", ogr.OFTString)], epsg=32619, driver="MapInfo File")
    with open(path, "rb") as file:
        text = file.read()
    with open(path, "wb") as file:
        file.write(re.sub(rb'(!charset |Charset ")[A-Za-z0-9-]+', rb"\1WindowsCyrillic", text))
    overwrite(os.path.join(folder, "b.dat"), b"dom", "дом".encode("cp1251"))
    result = run(folder, zips, path, "--where", "street = 'дом'", "--fields", "street")
    assert result.rows("SELECT street FROM important_building") == [("дом",)]


# ---- values and statistics ----


@report("https://github.com/geoparquet/geoparquet-io/issues/566", "https://github.com/thinkingmachines/geowrangler/issues/163")
@pytest.mark.parametrize("nothing", (-999, -99999, 9999))
def test_numbers_that_stand_for_no_value_are_found(folder, zips, nothing):
    rows = [(box(10 + 20 * (i % 40), 10 + 20 * (i // 40), 10), float(nothing) if i % 3 == 0 else 10.0 + i, nothing if i == 7 else i % 5) for i in range(60)]
    path = geopackage(folder, rows, [("height", ogr.OFTReal), ("floors", ogr.OFTInteger)])
    found = problems(path)
    assert f"'height': 20 of 60 values are {nothing}," in found and f"NULLIF(\"height\", {nothing})" in found, f"inspect names it: {found}"
    assert "'floors'" not in found, "a number that is there once may be meant"
    result = run(folder, zips, path, "--compute", f"h=NULLIF(height, {nothing})", "--stat", "h=count,min")
    assert result.per_zip("h_count", "h_min")[0] == (40, 11.0)


@report("https://github.com/qgis/QGIS/issues/35433", "https://github.com/qgis/QGIS/pull/63324")
def test_an_empty_text_is_a_value(folder, zips):
    path = geopackage(folder, [(box(10 + 20 * i, 10, 10), value) for i, value in enumerate(("", None, "x", ""))], [("use", ogr.OFTString)])
    result = run(folder, zips, path, "--stat", "use=count,missing,unique,mode")
    assert result.per_zip("use_count", "use_missing", "use_unique", "use_mode")[0] == (3, 1, 2, "")


@report("https://github.com/perrygeo/python-rasterstats/issues/177")
def test_sums_beyond_32_bits(folder, zips):
    values = [2147483647, 2147483647, -5]
    path = geopackage(folder, [(box(10 + 20 * i, 10, 10), value) for i, value in enumerate(values)], [("people", ogr.OFTInteger)])
    assert run(folder, zips, path, "--stat", "people=sum,mean").per_zip("people_sum", "people_mean")[0] == (sum(values), sum(values) / 3)


@report("https://github.com/xarray-contrib/xarray-spatial/pull/2656", "https://github.com/bijington/expressive/issues/114")
def test_counts_of_nothing_are_zero_and_medians_ignore_nulls(folder, zips):
    path = geopackage(folder, [(box(10 + 20 * i, 10, 10), value) for i, value in enumerate((10, 20, None))], [("n", ogr.OFTInteger)])
    assert run(folder, zips, path, "--stat", "n=count,sum,median,min").per_zip("n_count", "n_sum", "n_median", "n_min") == [(2, 30, 15.0, 10), (0, 0, None, None)]


# ---- geometry and assignment ----


@report("https://github.com/apache/sedona-db/issues/1165")
def test_a_line_along_the_hole_of_a_zip_is_not_within_it(folder):
    ring = lambda a, b, side: f"({X + a} {Y + b},{X + a + side} {Y + b},{X + a + side} {Y + b + side},{X + a} {Y + b + side},{X + a} {Y + b})"  # noqa: E731
    zone = f"POLYGON ({ring(0, 0, 1000)},{ring(300, 300, 400)})"
    path = layer(os.path.join(folder, "z.gpkg"), "z", [(zone, "1")], [("zip", ogr.OFTString)], epsg=32619)
    lines = [f"LINESTRING ({X + 300} {Y + 300},{X + 300} {Y + 700})", f"LINESTRING ({X + 300} {Y + 100},{X + 300} {Y + 700})", f"LINESTRING ({X + 300} {Y + 400},{X + 400} {Y + 400})"]
    ways = layer(os.path.join(folder, "b.gpkg"), "b", [(line, 1) for line in lines], [("n", ogr.OFTInteger)], epsg=32619, kind=ogr.wkbLineString)
    for rule, predicate in (("within", "Within"), ("intersects", "Intersects")):
        result = run(folder, path, ways, "--assign", rule, "--stat", "n=sum")
        expected = [(i + 1,) for i, line in enumerate(lines) if getattr(ogr.CreateGeometryFromWkt(line), predicate)(ogr.CreateGeometryFromWkt(zone))]
        assert result.rows("SELECT building_fid FROM important_building ORDER BY 1") == expected, rule


@report("https://github.com/geopandas/geopandas/issues/1901")
def test_degrees_that_are_called_metres_are_noticed(folder):
    zone = layer(os.path.join(folder, "z.gpkg"), "z", [(square(-71.1, 42.3, 0.1), "1")], [("zip", ogr.OFTString)], epsg=3857)
    houses = layer(os.path.join(folder, "b.gpkg"), "b", [(square(-71.05, 42.35, 0.0001), 1)], [("n", ogr.OFTInteger)], epsg=3857)
    for command in (["run", "-o", os.path.join(folder, "r.sqlite"), "--overwrite"], ["plan"]):
        done = call([*command, "--zips", zone, "--buildings", houses])
        said = [[option for option in ("--zips-crs", "--buildings-crs") if option in line] for line in done.stderr.splitlines() if "degrees" in line]
        assert said == [["--zips-crs"], ["--buildings-crs"]], f"one warning for each layer{describe(done)}"
    for more in (["--zips-crs", "EPSG:4326", "--buildings-crs", "EPSG:4326"], ["--measure", "planar"]):
        assert "degrees" not in call(["plan", "--zips", zone, "--buildings", houses, *more]).stderr, "the advice helps, and a site may be small"
    assert "degrees" in problems(houses) and "--buildings-crs" in problems(houses)


@report("https://github.com/microsoft/GlobalMLBuildingFootprints/issues/29", "https://github.com/architecture-building-systems/CityEnergyAnalyst/issues/3205")
def test_a_building_that_is_there_twice_but_for_a_hair(folder, zips):
    twin = box(100, 100, 10).replace(f"{X + 110} {Y + 110}", f"{X + 110} {Y + 110 - 1e-9:.10f}")
    path = geopackage(folder, [(box(100, 100, 10), 1), (twin, 2), (box(300, 300, 10), 3)], [("n", ogr.OFTInteger)])
    result = run(folder, zips, path, "--analysis", "overlaps")
    assert result.rows("SELECT fid_a, fid_b FROM overlaps") == [(1, 2)]


@report("https://github.com/r-spatial/sf/issues/2533", "https://github.com/libgeos/geos/issues/330")
def test_a_repair_that_changes_an_area_says_by_how_much(folder, zips):
    bow = f"POLYGON (({X + 10} {Y + 10},{X + 30} {Y + 30},{X + 30} {Y + 10},{X + 10} {Y + 30},{X + 10} {Y + 10}))"
    path = geopackage(folder, [(bow, 1)], [("n", ogr.OFTInteger)])
    result = run(folder, zips, path)
    assert result.per_zip("buildings", "built_area_m2")[0] == (1, 200.0), "two triangles of base 20 and height 10"
    ((reason, action, delta),) = result.rows("SELECT reason, action, area_delta_m2 FROM rejected_feature")
    assert (action, delta) == ("repaired", 200.0), reason


@report("https://github.com/graphhopper/graphhopper/issues/1677", "https://github.com/OSGeo/gdal/issues/11500")
def test_a_zip_across_the_antimeridian_is_reported(folder):
    ring = [[179, 0], [-179, 0], [-179, 1], [179, 1], [179, 0]]
    zone = write(folder, "z.geojson", features([(ring, {"zip": "1"})]))
    houses = write(folder, "b.geojson", features([([[-179.5, .5], [-179.49, .5], [-179.49, .51], [-179.5, .51], [-179.5, .5]], {"n": 1})]))
    done = call(["run", "--zips", zone, "--buildings", houses, "-o", os.path.join(folder, "r.sqlite")])
    assert "180 degrees" in done.stderr and "-wrapdateline" in done.stderr, describe(done)
    assert "180 degrees" in problems(zone)


@report("https://github.com/libgeos/geos/issues/1018", "https://github.com/shapely/shapely/issues/346")
def test_an_overlap_of_less_than_a_nanometre_is_decided_as_by_geos(folder):
    zone = f"POLYGON (({X} {Y},{X + 3} {Y + 1},{X + 3} {Y + 4},{X} {Y + 4},{X} {Y}))"
    house = f"POLYGON (({X} {Y},{X + 1.5} {Y + .5},{X + 3} {Y + 1},{X + 3} {Y},{X} {Y}))"
    third = f"POLYGON (({X + 1} {Y + 1 / 3:.12f},{X + 2} {Y + 2 / 3:.12f},{X + 2} {Y + 2},{X + 1} {Y + 2},{X + 1} {Y + 1 / 3:.12f}))"
    path = layer(os.path.join(folder, "z.gpkg"), "z", [(zone, "1")], [("zip", ogr.OFTString)], epsg=32619)
    houses = [house, third]
    layer(os.path.join(folder, "b.gpkg"), "b", [(wkt, 1) for wkt in houses], [("n", ogr.OFTInteger)], epsg=32619)
    for rule, predicate in (("within", "Within"), ("intersects", "Intersects")):
        result = run(folder, path, os.path.join(folder, "b.gpkg"), "--assign", rule)
        expected = [(i + 1,) for i, wkt in enumerate(houses) if getattr(ogr.CreateGeometryFromWkt(wkt), predicate)(ogr.CreateGeometryFromWkt(zone))]
        assert result.rows("SELECT building_fid FROM important_building ORDER BY 1") == expected, rule


@report("https://github.com/qgis/QGIS/issues/46973")
def test_a_prj_with_a_projection_that_is_unknown(folder, zips):
    path = shapefile(folder, "b", [(box(10, 10, 10), 1)], [("n", ogr.OFTInteger)])
    write(folder, "b.prj", 'PROJCS["RD 2008",GEOGCS["RD 2008",DATUM["AMERSFOORT2008",SPHEROID["BESSEL1841",6377397.155,299.15281285]],PRIMEM["Greenwich",0.0],'
          'UNIT["Degree",0.0174532925199433]],PROJECTION["Unknown"],PARAMETER["False_Easting",155000.0],PARAMETER["False_Northing",463000.0],UNIT["Meter",1.0]]')
    fails(3, ["run", "--zips", zips, "--buildings", path, "-o", os.path.join(folder, "r.sqlite")], "RD 2008", "--buildings-crs")
    assert "RD 2008" in problems(path) and "--buildings-crs" in problems(path)
    assert run(folder, zips, path, "--buildings-crs", "EPSG:32619").per_zip("buildings")[0] == (1,)
    write(folder, "b.prj", "see the readme")
    assert "b.prj" in problems(path) or ".prj" in problems(path)


def test_the_page_of_reports_has_a_row_for_each_case():
    with open(os.path.join(ROOT, "tests", "PUBLIC_REPORTS.md"), encoding="utf-8") as file:
        rows = [line for line in file if line.startswith("| [")]
    found = {link: re.findall(r"`(test_\w+)`", row)[0] for row in rows for link in re.findall(r"\((https://[^)]+)\)", row)}
    assert found == REPORTS
    assert sum(len(re.findall(r"\]\(https://", row)) for row in rows) == len(found), "no report twice"
