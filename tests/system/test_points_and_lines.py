# SPDX-License-Identifier: MIT
"""Layers of points and lines as buildings: what SQL sees of them, lines without length, collections."""
import struct

import pytest
from faults import FOOT, balances, blob, many, query, raw_layer, rejected, run, spatialite
from osgeo import ogr
from town import fails, layer, works

FIELDS = [("n", ogr.OFTInteger)]
TYPES = {"POINT": ogr.wkbPoint, "MULTIPOINT": ogr.wkbMultiPoint, "LINESTRING": ogr.wkbLineString, "MULTILINESTRING": ogr.wkbMultiLineString,
         "unknown": ogr.wkbUnknown}


def paths(town, wkts, kind=ogr.wkbUnknown):
    return layer(town.file(f"p{kind}.gpkg"), "p", [(wkt, i) for i, wkt in enumerate(wkts)], FIELDS, kind=kind)


@pytest.mark.parametrize("kind, wkt, declared, seen", [
    ("POINT", "POINT (100 100)", "POINT", "POINT"),
    ("MULTIPOINT", "MULTIPOINT (100 100)", "MULTIPOINT", "MULTIPOINT"),
    ("LINESTRING", "LINESTRING (100 100,200 100)", "MULTILINESTRING", "MULTILINESTRING"),
    ("MULTILINESTRING", "MULTILINESTRING ((100 100,200 100))", "MULTILINESTRING", "MULTILINESTRING"),
    ("unknown", "POINT (100 100)", "GEOMETRY", "POINT"),
])
def test_geom_in_sql_has_the_type_of_the_layer(town, kind, wkt, declared, seen):
    path = paths(town, [wkt], TYPES[kind])
    for name, sql in (("a", "SELECT fid, geom FROM building"), ("b", "SELECT GeometryType(geom) AS t FROM building"), ("c", "SELECT geom FROM building WHERE 0")):
        with open(town.file(name + ".sql"), "w", encoding="utf-8") as file:
            file.write(sql)
    run(town, *(f"--analysis-sql={name}={town.file(name + '.sql')}" for name in "abc"), buildings=path)
    names = {0: "GEOMETRY", 1: "POINT", 4: "MULTIPOINT", 5: "MULTILINESTRING"}
    found = {table: names[number] for table, number in query(town.output, "SELECT f_table_name, geometry_type FROM geometry_columns WHERE f_table_name IN ('a', 'c')")}
    assert query(town.output, "SELECT t FROM b") == [(seen,)] and found == {"a": seen, "c": declared}, found
    works(["verify", town.output])


def test_a_line_without_length_in_a_multiline_is_dropped(town):
    path = paths(town, ["MULTILINESTRING ((100 100,200 100),(300 300,300 300))", "MULTILINESTRING ((5 5,5 5),(6 6,6 6,6 6))", "LINESTRING (7 7,7 7)",
                        "MULTILINESTRING ((100 200,200 200),(300 200,400 200))"])
    run(town, "--compute", "p=perimeter_m", "--compute", "parts=n_parts", buildings=path)
    assert query(town.output, "SELECT building_fid, parts, round(p, 6) FROM important_building") == [(1, 1, round(100 * FOOT, 6)), (4, 2, round(200 * FOOT, 6))]
    words = "Too few points in geometry component"
    assert rejected(town, "buildings") == [(1, "invalid", words, "repaired", 1), (2, "invalid", words, "skipped", 1), (3, "invalid", words, "skipped", 1)]
    assert query(town.output, "SELECT area_delta_m2 FROM rejected_feature ORDER BY id") == [(0,), (None,), (None,)]
    assert spatialite("SELECT AsText(?)", query(town.output, "SELECT geom FROM important_building")[0][0]) == "MULTILINESTRING((100 100, 200 100))"
    assert spatialite("SELECT AsText(?)", query(town.output, "SELECT geom FROM rejected_feature ORDER BY id")[0][0]) == "POINT(300 300)", "the place of the fault"
    assert balances(town)["buildings_repaired"] == 1
    run(town, "--on-invalid", "skip", buildings=path)
    assert [row[0] for row in rejected(town, "buildings")] == [1, 2, 3] and balances(town)["buildings_assigned"] == 1
    fails(3, town.arguments("--overwrite", "--on-invalid", "fail", buildings=path), "feature 1")


@pytest.mark.parametrize("collection, seen", [
    ("GEOMETRYCOLLECTION (POINT (100 100),MULTIPOINT (200 100,300 100))", "MULTIPOINT"),
    ("GEOMETRYCOLLECTION (LINESTRING (100 100,200 100),GEOMETRYCOLLECTION (MULTILINESTRING ((300 100,400 100)),POINT EMPTY))", "MULTILINESTRING"),
    ("GEOMETRYCOLLECTION (CIRCULARSTRING (100 100,200 200,300 100))", "MULTILINESTRING"),
])
def test_collections_of_points_or_of_lines_are_buildings(town, collection, seen):
    path = paths(town, [collection])
    run(town, "--strict", buildings=path)
    ((geometry,),) = query(town.output, "SELECT geom FROM important_building")
    assert spatialite("SELECT GeometryType(?)", geometry) == seen and rejected(town, "buildings") == []
    mixed = layer(town.file("mixed.gpkg"), "m", [("POLYGON ((0 0,10 0,10 10,0 0))", 1), (collection, 2)], FIELDS, kind=ogr.wkbUnknown)
    run(town, buildings=mixed)
    assert [row[:3] for row in rejected(town, "buildings")] == [(2, "not a polygon", "GeometryCollection")], "in a layer of polygons as before"


def test_a_collection_of_points_and_lines_is_not_a_building(town):
    path = paths(town, ["GEOMETRYCOLLECTION (POINT (100 100),LINESTRING (100 100,200 100))", "GEOMETRYCOLLECTION EMPTY"])
    run(town, buildings=path)
    assert [row[:3] for row in rejected(town, "buildings")] == [(1, "not a polygon", "GeometryCollection"), (2, "empty geometry", None)]


def test_collections_nested_by_the_thousand_are_corrupt(town):
    nested = many(7)[:5] + b"".join(struct.pack("<IBI", 1, 1, 7) for _ in range(100000))
    path = raw_layer(town, "deep.gpkg", [blob(nested), blob(struct.pack("<BIdd", 1, 1, 150, 150))])
    run(town, buildings=path)
    assert [row[:2] for row in rejected(town, "buildings")] == [(1, "corrupt geometry")]


def test_a_line_through_the_point_where_a_hole_touches_the_border_is_outside(town):
    """It crosses an edge of the ZIP from the hole to the outside."""
    zips = layer(town.file("z.gpkg"), "z", [("POLYGON ((400 0,1100 0,1100 700,400 700,400 0),(400 100,500 50,500 150,400 100))", "1")], [("zip", ogr.OFTString)])
    path = paths(town, ["LINESTRING (500 100,300 100)", "LINESTRING (510 100,300 100)", "LINESTRING (300 300,500 300)"])
    run(town, zips=zips, buildings=path)
    counts = balances(town)
    assert (counts["buildings_outside"], counts["buildings_crossing"]) == (1, 2), counts
