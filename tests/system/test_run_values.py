# SPDX-License-Identifier: MIT
"""How `run` and `plan` treat values whose type is not what it seems: texts compared with numbers, and dates and times with zones."""
import json
import os
import sqlite3

import pytest
from osgeo import ogr
from town import layer, square, works

COMPARED = ["height > 30", "height >= 30", "30 < height", "height = 30", "height <> -30", "height IS NOT 30", "(height) == 3.5",
            "height BETWEEN 1 AND 30", "height NOT BETWEEN 1 AND 30", "height IN (1, 2)", "height NOT IN ('a', 2)", "30 IN (height)",
            "area_m2 > 0 AND NOT height > 30", "CASE height WHEN 30 THEN 1 END", "CASE WHEN height > 30 THEN 1 END",
            "coalesce(height, 0) > 30", "trim(height) > 30", "\"height\" > 2 * 15", "area_m2 * 2 > height", "abs(-1) < HEIGHT",
            "max(height > 30, 0)", "height > round(area_m2)", "height COLLATE NOCASE > 30", "height > storeys + 1"]
NOT_COMPARED = ["CAST(height AS REAL) > 30", "height + 0 > 30", "height > '30'", "height = 'a' AND area_m2 > 30",
                "height > storeys", "storeys > height", "length(height) > 2", "height IN ('1', '2')", "height BETWEEN '1' AND '2'",
                "height > CAST('30' AS REAL)", "height IS NULL OR area_m2 > 3", "height LIKE 30", "CASE WHEN area_m2 > 30 THEN height END IS NULL",
                "instr(height, 'm') = 0", "built > 2000", "CASE height WHEN '1' THEN 2 ELSE 3 END > 1", "storeys IN (1, 2)"]


@pytest.fixture
def heights(town):
    rows = [(square(100 * i, 100, 10), text, i, None) for i, text in enumerate(["30", "31", "9"])]
    return layer(town.file("heights.gpkg"), "heights", rows,
                 [("height", ogr.OFTString), ("storeys", ogr.OFTInteger), ("built", ogr.OFTDate)])


def warnings(town, buildings, *options, command="run"):
    arguments = town.arguments("--overwrite", "-q", *options, buildings=buildings)
    if command == "plan":
        arguments = ["plan", *arguments[1:]]
    return [line for line in works(arguments).stderr.splitlines() if "CAST" in line]


def test_texts_compared_with_numbers_are_warned_of(town, heights):
    for expression in COMPARED:
        for option in (["--where", expression], ["--rule", f"r={expression}"], ["--compute", f"c={expression}"]):
            found = warnings(town, heights, *option, command="plan")
            assert len(found) == 1 and "warning" in found[0] and "'height'" in found[0], f"{expression}: {found}"
    for expression in NOT_COMPARED:
        assert warnings(town, heights, "--where", expression, command="plan") == [], expression
    assert len(warnings(town, heights, "--where", "height > 1", "--rule", "a=height > 2")) == 1
    found = warnings(town, heights, "--compute", "label=trim(height)", "--where", "label > 30")
    assert len(found) == 1 and "'label'" in found[0], found


@pytest.mark.parametrize("driver, extension", [("GPKG", "gpkg"), ("ESRI Shapefile", "shp"), ("GeoJSON", "geojson"), ("FlatGeobuf", "fgb")])
def test_the_format_does_not_matter(town, driver, extension):
    path = layer(town.file("b." + extension), "b", [("POLYGON ((100 85,101 85,100 86,100 85))", "9")], [("height", ogr.OFTString)], 4326, driver=driver)
    zips = layer(town.file("z.gpkg"), "z", [("POLYGON ((90 80,150 80,150 89,90 89,90 80))", "1")], [("zip", ogr.OFTString)], 4326)
    for command in ("run", "plan"):
        found = [
            line for line in works([command, "--zips", zips, "--buildings", path, "-o", town.file("o.sqlite"), "--overwrite",
                                    "--where", "height > 30"]).stderr.splitlines() if "CAST" in line]
        assert len(found) == 1 and "'height'" in found[0], f"{command}: {found}"


TIMES = ["2020-01-01T01:00:00+02:00", "2019-12-31T23:30:00Z", "2019-12-31T23:30:00.250Z", "2020-01-01T00:30:00-05:00",
         "2020-01-01T00:00:00+01:00", "2019-12-31T23:00:00"]


def in_geojson(town, values):
    path = town.file("times.geojson")
    features = [{"type": "Feature", "properties": {"t": value},
                 "geometry": {"type": "Polygon", "coordinates": [[[x, 0], [x + .5, 0], [x + .5, .5], [x, 0]]]}} for x, value in enumerate(values, 1)]
    with open(path, "w", encoding="utf-8") as file:
        json.dump({"type": "FeatureCollection", "features": features}, file)
    return path


def statistics(town, values, *more):
    zips = layer(town.file("world.gpkg"), "z", [("POLYGON ((-9 -9,50 -9,50 50,-9 50,-9 -9))", "1")], [("zip", ogr.OFTString)], 4326)
    output = town.file("times.sqlite")
    works(["run", "--zips", zips, "--buildings", in_geojson(town, values), "-o", output, "--overwrite", "--analysis", "none",
           "--stat", "t=min,max,first,last,unique,count,missing", *more])
    os.remove(town.file("world.gpkg"))
    with sqlite3.connect(output) as db:
        return db.execute("SELECT t_min, t_max, t_first, t_last, t_unique, t_count, t_missing FROM zip_summary").fetchone()


def test_date_times_are_compared_as_instants(town):
    found = statistics(town, TIMES[:4])
    assert found == (TIMES[0], TIMES[3], TIMES[0], TIMES[3], 4, 4, 0), found


def test_equal_instants_count_once_and_the_lower_text_stands_for_them(town):
    found = statistics(town, [TIMES[0], TIMES[4], TIMES[5], None])
    assert found == (TIMES[5], TIMES[5], TIMES[0], TIMES[5], 1, 3, 1), found


def test_dates_and_times_are_compared_too(town):
    assert statistics(town, ["2020-02-29", "1969-12-31", "2020-03-01", "2020-02-29"])[:5] == ("1969-12-31", "2020-03-01", "2020-02-29", "2020-02-29", 3)
    assert statistics(town, ["23:59:59.500", "00:00:00", "23:59:59"])[:5] == ("00:00:00", "23:59:59.500", "23:59:59.500", "23:59:59", 3)


def test_shares_do_not_change_what_is_earliest(town):
    found = statistics(town, TIMES[:4], "--assign", "share")
    assert found[:5] == (TIMES[0], TIMES[3], TIMES[0], TIMES[3], 4), found
