# SPDX-License-Identifier: MIT
"""What people type by mistake: it is noticed, and the message says what to write instead."""
import os

import pytest
from osgeo import ogr
from town import call, describe, fails, layer, square


@pytest.mark.parametrize("option, said", ((["--where", "height <> NULL"], "IS NOT NULL"), (["--rule", "tall=\"use\" = 'home' || \"use\" = 'shop'"], "OR"),
                                          (["--compute", "x=CASE WHEN height = NULL THEN 1 END"], "IS NULL")))
def test_conditions_that_cannot_be_meant_are_warned_of(town, option, said):
    for command in (town.arguments("--overwrite"), ["plan", "--zips", town.zips, "--buildings", town.buildings]):
        done = call([*command, *option])
        (line,) = [line for line in done.stderr.splitlines() if "warning" in line]
        assert done.returncode == 0 and option[0] in line and said in line, describe(done)


def test_right_conditions_are_not_warned_of(town):
    done = call(town.arguments("--where", "height IS NOT NULL AND \"use\" || 'x' <> 'homex' || ''", "--rule", "r=\"use\" IS NULL OR \"use\" NOT IN ('a', 'b')"))
    assert done.returncode == 0 and done.stderr == "", describe(done)


@pytest.mark.parametrize("name, meant", (("avg", "mean"), ("std", "stddev"), ("majority", "mode"), ("variety", "unique"), ("Total", "sum")))
def test_statistics_under_names_of_other_programs(town, name, meant):
    fails(2, town.arguments("--stat", f"height={name}"), f"'{name}'", f"'{meant}'")


@pytest.mark.parametrize("where, said", (("height > 1 && height < 5", "AND"), ("height => 5", ">="), ("\"use\" ILIKE 'h%'", "LIKE does not regard"),
                                         ("area > 100", "area_m2"), ("ST_Area(geom) > 100", "--analysis-sql")))
def test_conditions_in_other_languages(town, where, said):
    fails(2, town.arguments("--where", where), "--where", said)


def test_the_beginning_of_a_name_is_enough_for_advice(town):
    fails(2, town.arguments("--out", "x.sqlite"), "'--out'", "'--output'")
    fails(2, town.arguments("--analysis", "near"), "'nearest'")
    fails(2, ["version"], "--version")


def test_a_crs_without_authority(town):
    fails(2, town.arguments("--zips-crs", "2249"), "--zips-crs", "EPSG:2249")


def test_a_limit_in_bytes_that_was_meant_in_mebibytes(town):
    fails(5, town.arguments("--memory", "256"), "--memory", "MiB")


def test_a_zip_condition_that_lost_its_quotes(town):
    fails(3, town.arguments("--zip-where", "zip = 02139"), "--zip-where", "'02139'")


def test_feet_called_longitudes(town):
    done = call(town.arguments("--buildings-crs", "EPSG:4326", zips=layer(town.file("z.gpkg"), "z", [(square(-71, 42, 1), "1")], [("zip", ogr.OFTString)], epsg=4326)))
    said = [line for line in done.stderr.splitlines() if "longitudes" in line]
    assert done.returncode == 0 and len(said) == 1 and "--buildings-crs" in said[0] and "-wrapdateline" not in said[0], describe(done)


def test_a_directory_is_no_file(town):
    message = fails(3, town.arguments(buildings=os.path.dirname(town.buildings)), "directory")
    assert "holds no vector layers" not in message


def test_a_file_name_with_a_letter_missing(town):
    fails(3, town.arguments(buildings=town.file("building.gpkg")), "building.gpkg", "'buildings.gpkg'")
    assert "did you mean" not in fails(3, town.arguments(buildings=town.file("nowhere", "parcels.gpkg")), "parcels.gpkg")


def test_years_of_zero(town):
    rows = [(square(20 * i, 100, 10), 0 if i % 10 == 0 else 1900 + i, i % 2) for i in range(50)]
    path = layer(town.file("y.gpkg"), "y", rows, [("year_built", ogr.OFTInteger), ("cellars", ogr.OFTInteger)])
    said = [line for line in call(["inspect", path]).stdout.splitlines() if "problem" in line]
    assert len(said) == 1 and "'year_built': 5 of 50 values are 0" in said[0] and "NULLIF" in said[0], f"{said}"


@pytest.mark.parametrize("head, said", ((b"\x1f\x8b\x08\0\0", "gunzip"), (b"\xff\xfe{\0", "UTF-8"), (b"\n<!DOCTYPE html><html>", "web page"), (b"7z\xbc\xaf\x27\x1c", "7z"),
                                        (b"version https://git-lfs.github.com/spec/v1\n", "Git LFS")))
@pytest.mark.parametrize("name", ("b.geojson", "b.csv", "b.shp"))
def test_downloads_that_are_something_else(town, name, head, said):
    with open(town.file(name), "wb") as file:
        file.write(head + b"0" * 200)
    message = fails(3, town.arguments(buildings=town.file(name)), name)
    is_table = name == "b.csv" and "no polygons" in message  # a text is a table of one column; for GDAL 3.10 whatever is called .csv
    assert is_table or said in message


def test_latitudes_before_longitudes(town):
    zips = layer(town.file("z.gpkg"), "z", [(square(-71, 42, 1), "1")], [("zip", ogr.OFTString)], epsg=4326)
    houses = layer(town.file("h.gpkg"), "h", [(square(42.5, -70.5, 0.001), 1)], [("n", ogr.OFTInteger)], epsg=4326)
    done = call(town.arguments(zips=zips, buildings=houses))
    said = [line for line in done.stderr.splitlines() if "swapped" in line]
    assert done.returncode == 0 and len(said) == 2, describe(done)
    assert "swapped" in call(["inspect", zips, houses]).stdout
    other = layer(town.file("o.gpkg"), "o", [(square(10, 10, 0.001), 1)], [("n", ogr.OFTInteger)], epsg=4326)
    assert "swapped" not in call(town.arguments("--overwrite", zips=zips, buildings=other)).stderr


def test_columns_that_look_like_coordinates(town):
    with open(town.file("p.csv"), "w") as file:
        file.write("Lat,Lon,n\n42.3,-71.1,1\n")
    fails(3, town.arguments(buildings=town.file("p.csv")), "'Lon'", "--buildings-open-option", "X_POSSIBLE_NAMES=Lon", "Y_POSSIBLE_NAMES=Lat")
    assert "X_POSSIBLE_NAMES=Lon" in call(["inspect", town.file("p.csv")]).stdout
