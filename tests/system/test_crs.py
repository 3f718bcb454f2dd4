# SPDX-License-Identifier: MIT
"""Coordinates that do not fit the CRS, or the measure: degrees without a CRS, one CRS under two names, longitudes beyond 180, distorted areas."""
import sqlite3

import pytest
from town import Town, fails, layer, ogr, osr, square, works


def layers(town, zip_wkt, buildings, crs=None, zips_crs=None, suffix=".shp"):
    """Writes z and b; a CRS is what osr understands, or None."""
    driver = {".shp": "ESRI Shapefile", ".gpkg": "GPKG"}[suffix]
    for name, wkts, given in (("z", [zip_wkt], zips_crs or crs), ("b", buildings, crs)):
        reference = None
        if given is not None:
            reference = osr.SpatialReference()
            reference.SetFromUserInput(given)
            reference.SetAxisMappingStrategy(osr.OAMS_TRADITIONAL_GIS_ORDER)
        source = ogr.GetDriverByName(driver).CreateDataSource(town.file(name + suffix))
        made = source.CreateLayer(name, reference, ogr.wkbMultiPolygon if suffix == ".gpkg" else ogr.wkbPolygon)
        made.CreateField(ogr.FieldDefn("zip", ogr.OFTString))
        for i, wkt in enumerate(wkts):
            feature = ogr.Feature(made.GetLayerDefn())
            shape = ogr.CreateGeometryFromWkt(wkt)
            feature.SetGeometry(shape if suffix == ".shp" else ogr.ForceToMultiPolygon(shape))
            feature.SetField(0, str(i))
            made.CreateFeature(feature)
    town.zips, town.buildings = town.file("z" + suffix), town.file("b" + suffix)


def said(command, town, *more):
    """What a command prints and warns of."""
    done = works(["inspect", town.zips, town.buildings] if command == "inspect" else [command, *town.arguments(*more)[1:]])
    return done.stdout + done.stderr


def count(town, name):
    with sqlite3.connect(town.output) as db:
        return db.execute("select value from run_count where name = ?", (name,)).fetchone()[0]


def information(town, key):
    with sqlite3.connect(town.output) as db:
        return db.execute("select value from run_info where key = ?", (key,)).fetchone()[0]


@pytest.mark.parametrize("zip_wkt, building, is_refused", [
    (square(-71.2, 42.3, 0.1), square(-71.15, 42.35, 0.0002), True),
    (square(-180, -90, 180), square(-10, -10, 1), True),
    (square(0, 0, 90.5), square(10, 10, 1), False),
    (square(0, 0, 80), square(185, 10, 1), False),
])
def test_coordinates_without_crs_that_could_be_degrees(zip_wkt, building, is_refused):
    town = Town()
    layers(town, zip_wkt, [building])
    if is_refused:
        fails(3, town.arguments("-q"), "--zips-crs", "--buildings-crs", "--measure planar")
        works(town.arguments("-q", "--measure", "planar"))
    else:
        works(town.arguments("-q"))


def undefined(path, srs_id):
    """Gives a GeoPackage one of the CRS that stand for none."""
    with sqlite3.connect(path) as db:
        for name in "ST_IsEmpty", "ST_MinX", "ST_MaxX", "ST_MinY", "ST_MaxY":
            db.create_function(name, 1, lambda _: 0)
        for table in "gpkg_geometry_columns", "gpkg_contents":
            db.execute(f"UPDATE {table} SET srs_id = {srs_id}")
    db.close()


@pytest.mark.parametrize("zips, buildings, is_refused", [(-1, -1, False), (-1, 0, False), (0, -1, False), (0, 0, True), (-1, 4326, True), (4326, -1, True)])
def test_undefined_cartesian_coordinates_are_a_plane_and_undefined_geographic_ones_are_not(zips, buildings, is_refused):
    town = Town()
    layers(town, square(0, 0, 80), [square(10, 10, 1)], suffix=".gpkg")
    undefined(town.zips, zips)
    undefined(town.buildings, buildings)
    if is_refused:
        fails(3, town.arguments("-q"), "--zips-crs", "--buildings-crs")
    else:
        works(town.arguments("-q"))
        with sqlite3.connect(town.output) as db:
            assert db.execute("SELECT area_m2 FROM important_building").fetchall() == [(1.0,)], "metres"
        db.close()
    told = works(["inspect", town.zips]).stdout
    assert ("undefined Cartesian" in told) == (zips == -1) and ("probably degrees" in told) == (zips == 0), told


def test_degrees_are_seen_in_a_format_without_extent():
    town = Town()
    layers(town, square(0, 0, 80), [square(10, 10, 1)])
    for name, x in (("near", 10), ("far", 500)):
        with open(town.file(name + ".csv"), "w", encoding="utf-8") as file:
            file.write('id,WKT\n1,"' + square(x, 10, 1) + '"\n')
    town.buildings = town.file("near.csv")
    fails(3, town.arguments("-q"), "--zips-crs", "--buildings-crs")
    town.buildings = town.file("far.csv")
    works(town.arguments("-q"))


@pytest.mark.parametrize("zips_crs, crs", [
    ("EPSG:26986", "+proj=lcc +lat_0=41 +lon_0=-71.5 +lat_1=42.6833333 +lat_2=41.7166667 +x_0=200000 +y_0=750000 +datum=NAD83 +units=m"),
    ("EPSG:32618", "EPSG:26918"),
    ("EPSG:26918", "+proj=utm +zone=18 +ellps=WGS84 +units=m"),
])
def test_one_crs_under_two_names(zips_crs, crs):
    town, x, y = Town(), 231234.4375, 901234.125
    if "18" in zips_crs:
        x, y = 583234.4375, 4507234.125
    flush = [square(x + at, y + 10 + 50 * i, 30) for at in (0, 970) for i in range(10)]
    layers(town, square(x, y, 1000), flush, crs, zips_crs, ".gpkg")
    works(town.arguments("-q"))
    assert information(town, "crs_operation") == "none"
    assert count(town, "buildings_assigned") == 20


def test_another_datum_is_another_crs():
    town = Town()
    layers(town, square(230000, 900000, 1000), [square(230100, 900100, 10)], "EPSG:26986", "EPSG:26786", ".gpkg")
    works(town.arguments("-q"))
    assert information(town, "crs_operation") != "none"


@pytest.mark.parametrize("zips_x, buildings_x, is_reported", [(178, 179, False), (181, 182, False), (-178, 182, True), (181, -179, True), (178, -182, True), (170, 181, False)])
def test_longitudes_beyond_180_in_one_layer(zips_x, buildings_x, is_reported):
    town = Town()
    layers(town, square(zips_x, 50, 1), [square(buildings_x, 50, 0.001)], "EPSG:4326", None, ".gpkg")
    for command in ("run", "plan"):
        assert ("beyond 180 degrees" in said(command, town)) == is_reported, command
    assert ("beyond 180 degrees" in said("inspect", town)) == (abs(zips_x) > 180 or abs(buildings_x) > 180)


@pytest.mark.parametrize("epsg, x, y, is_reported", [
    (3857, -8236000, 4975000, True), (3857, -8236000, 100000, False), (3395, -8236000, 4975000, True), (32618, 583000, 4507000, False),
    (32618, 1500000, 4507000, True), (5070, 1830000, 2180000, False), (4087, -8236000, 4500000, True), (2263, 985000, 211000, False), (26986, 0, 0, False)])
def test_areas_that_the_projection_distorts(epsg, x, y, is_reported):
    town = Town()
    layers(town, square(x, y, 2000), [square(x + 100, y + 100, 20)], f"EPSG:{epsg}", None, ".gpkg")
    for command in ("run", "plan", "inspect"):
        assert ("--measure geodesic" in said(command, town)) == is_reported, command
    if is_reported:
        assert "--measure geodesic" not in said("run", town, "--overwrite", "--measure", "planar"), "asked for"


def test_a_code_that_does_not_exist_is_explained():
    town = Town()
    layers(town, square(0, 0, 1000), [square(10, 10, 10)])
    fails(2, town.arguments("--zips-crs", "EPSG:999999", "--buildings-crs", "EPSG:2249"), "EPSG:999999", "check the authority and the code")
