# SPDX-License-Identifier: MIT
"""`zonefold run` on inputs that are not there, not readable or not what they should be: status, message, nothing left behind."""
import os
import subprocess

import pytest
from osgeo import ogr
from town import call, content, describe, fails, layer, program, square, works

FIELD = [("zip", ogr.OFTString)]


def refused(town, status, arguments, *words):
    """A failure that leaves nothing in the directory of the result."""
    before = town.left_behind()
    message = fails(status, arguments, *words)
    assert town.left_behind() == before, f"left behind: {town.left_behind()}"
    return message


def test_absent_files_are_input_errors(town):
    refused(town, 3, town.arguments(zips=town.file("absent.gpkg")), "absent.gpkg")
    refused(town, 3, town.arguments(buildings=town.file("absent.shp")), "absent.shp")


def test_files_that_are_no_vector_files_are_input_errors(town):
    for name, made in (("text.gpkg", b"hello\n"), ("empty.gpkg", b""), ("cut.gpkg", content(town.buildings)[:6000])):
        with open(town.file(name), "wb") as file:
            file.write(made)
        refused(town, 3, town.arguments(buildings=town.file(name)), name)
        refused(town, 3, town.arguments(zips=town.file(name)), name)


def test_directories_and_devices_are_input_errors(town):
    refused(town, 3, town.arguments(zips=town.file("out")), "out")
    refused(town, 3, town.arguments(buildings="/dev/null"), "/dev/null")


def test_networks_and_databases_are_refused(town):
    for address in ("/vsicurl/http://localhost/x.gpkg", "PG:dbname=x", "http://localhost/x.geojson", "WFS:http://localhost/"):
        refused(town, 3, town.arguments(buildings=address))


def test_unknown_layer_lists_the_layers(town):
    refused(town, 2, town.arguments("--zips-layer", "zipz"), "zipz", "zips")
    refused(town, 2, town.arguments("--buildings-layer", "nope"), "nope", "buildings")


def test_several_layers_need_a_choice(town):
    layer(town.buildings, "sheds", [(square(50, 50, 5), "x")], FIELD, append=True)
    refused(town, 2, town.arguments(), "--buildings-layer", "buildings", "sheds")
    works(town.arguments("--buildings-layer", "buildings"))


def test_unknown_fields_are_named_with_those_there_are(town):
    refused(town, 2, town.arguments("--zip-field", "zop"), "zop", "zip", "people")
    refused(town, 2, town.arguments("--order-by", "peeple"), "peeple", "people")
    refused(town, 2, town.arguments("--fields", "hight"), "hight", "height")
    refused(town, 2, town.arguments("--stat", "hight=mean"), "hight", "height")


def test_zip_field_must_be_clear(town):
    two = layer(town.file("two.gpkg"), "z", [(square(0, 0, 9), "1", "2")], [("ZIP", ogr.OFTString), ("zipcode", ogr.OFTString)])
    refused(town, 2, town.arguments(zips=two), "--zip-field", "ZIP", "zipcode")
    none = layer(town.file("none.gpkg"), "z", [(square(0, 0, 9), "1")], [("name", ogr.OFTString)])
    refused(town, 2, town.arguments(zips=none), "--zip-field", "name")


def test_bad_statistics_and_analyses_are_refused(town):
    refused(town, 2, town.arguments("--stat", "height=average"), "average", "mean")
    refused(town, 2, town.arguments("--stat", "height"), "height=")
    refused(town, 2, town.arguments("--stat", "use=mean"), "use", "min_length")
    refused(town, 2, town.arguments("--stat", "height=p101"), "p101")
    refused(town, 2, town.arguments("--analysis", "nearst"), "nearst", "nearest")
    refused(town, 2, town.arguments("--analysis", "none", "--analysis", "nearest"), "none")
    refused(town, 2, town.arguments("--analysis", "neighbours:within=5"), "within_m", "0.001 to 1000000")
    refused(town, 2, town.arguments("--analysis", "neighbours:within_m=5", "--analysis", "neighbours:within_m=5.0"), "neighbours")
    refused(town, 2, town.arguments("--analysis", "histogram:field=hight,bins=3"), "hight", "height")
    refused(town, 2, town.arguments("--analysis", "histogram:field=use,bins=3"), "use")


def test_bad_expressions_are_refused_before_the_run(town):
    refused(town, 2, town.arguments("--where", "height >"), "--where")
    refused(town, 2, town.arguments("--where", "hieght > 3"), "hieght", "height")
    refused(town, 2, town.arguments("--where", '"nobody" = 1'), "nobody")
    refused(town, 2, town.arguments("--where", "1; DROP TABLE x"), "--where")
    refused(town, 2, town.arguments("--where", "height > (SELECT 1)"), "--where")
    refused(town, 2, town.arguments("--zip-where", "nonsense ="), "--zip-where")


@pytest.mark.wording
@pytest.mark.parametrize("driver, ending", (("GPKG", "gpkg"), ("SQLite", "sqlite"), ("ESRI Shapefile", "shp"), ("GeoJSON", "geojson")))
def test_a_bad_zip_where_shows_the_users_own_expression(town, driver, ending):
    fields = [("zip", ogr.OFTString), ("limit", ogr.OFTInteger), ("case", ogr.OFTInteger)]
    zips = layer(town.file(f"named.{ending}"), "named", [(square(0, 0, 1000), "02139", 3, 4)], fields, driver=driver)
    crs = ("--zips-crs", "EPSG:2249") if ending == "geojson" else ()
    faults = [("limit > 3", 'needs double quotes: "limit"'), ("nosuch = 1", "nosuch"), ("zip ==== 2", "syntax error"), ("frob(zip) = 1", "frob")]
    if driver in ("GPKG", "SQLite"):  # OGR's own dialect has no CASE
        faults.append(("zip = '1' AND case > 3", 'needs double quotes: "case"'))
    for where, word in faults:
        message = refused(town, 2, town.arguments("--zip-where", where, *crs, zips=zips), f"--zip-where '{where}'", word)
        assert "SELECT" not in message and "prepare" not in message, message
    works(town.arguments("--zip-where", '"limit" > 2 AND "case" = 4', *crs, zips=zips))


@pytest.mark.wording
def test_a_field_named_by_a_keyword_needs_quotes(town):
    names = ("order", "values", "case", "cast", "exists", "Index")
    fields = [(name, ogr.OFTInteger) for name in names]
    buildings = layer(town.file("named.gpkg"), "named", [(square(10, 10, 5), 1, 2, 3, 4, 5, 6)], fields)
    for name in names:
        for expression in (f"{name} > 0", f"area_m2 > 1 AND ({name} > 0)"):
            refused(town, 2, town.arguments("--where", expression, buildings=buildings), f'this name needs double quotes: "{name}"')
        works(town.arguments("--overwrite", "--where", f'"{name}" > 0', buildings=buildings))


def test_expressions_reach_no_file(town):
    victim = town.file("victim.sqlite")
    refused(town, 2, town.arguments("--where", f"(ATTACH '{victim}' AS v)"), "--where")
    refused(town, 2, town.arguments("--where", "load_extension('mod_spatialite')"), "--where")
    refused(town, 2, town.arguments("--where", "readfile('/etc/passwd') IS NOT NULL"), "--where")
    assert not os.path.exists(victim), "no file was made"


def test_zip_layer_without_polygons_is_an_input_error(town):
    points = layer(town.file("points.gpkg"), "p", [("POINT (1 1)", "1")], FIELD, kind=ogr.wkbPoint)
    refused(town, 3, town.arguments(zips=points), "points.gpkg", "polygon")
    table = layer(town.file("table.gpkg"), "t", [(None, "1")], FIELD, epsg=None, kind=ogr.wkbNone)
    refused(town, 3, town.arguments(zips=table), "table.gpkg")
    empty = layer(town.file("empty.gpkg"), "e", [], FIELD)
    refused(town, 3, town.arguments(zips=empty), "empty.gpkg")
    mixed = layer(town.file("mixed.gpkg"), "m", [("POINT (1 1)", "1")], FIELD, kind=ogr.wkbUnknown)
    refused(town, 3, town.arguments(zips=mixed), "mixed.gpkg")
    refused(town, 3, town.arguments("--zip-where", "people > 1000"), "zips.gpkg")


def test_building_layer_without_geometry_is_an_input_error(town):
    table = layer(town.file("table.gpkg"), "t", [(None, "1")], FIELD, epsg=None, kind=ogr.wkbNone)
    refused(town, 3, town.arguments(buildings=table), "table.gpkg")


def test_lines_without_area_are_refused_to_analyses_of_areas_only(town):
    lines = layer(town.file("lines.gpkg"), "l", [("LINESTRING (0 0,1 1)", "1")], FIELD, kind=ogr.wkbLineString)
    refused(town, 2, town.arguments("--analysis", "adjacency", buildings=lines), "adjacency", "polygons")
    works(town.arguments("-q", buildings=lines))


def test_one_layer_without_crs_names_the_option(town):
    bare = layer(town.file("bare.shp"), "bare", [(square(0, 0, 1000), "02139")], FIELD, epsg=None, driver="ESRI Shapefile")
    refused(town, 3, town.arguments(zips=bare), "--zips-crs")
    works(town.arguments("--zips-crs", "EPSG:2249", zips=bare))
    refused(town, 3, town.arguments(buildings=bare), "--buildings-crs")


def test_crs_that_is_none_is_refused(town):
    refused(town, 2, town.arguments("--zips-crs", "EPSG:nonsense"), "--zips-crs")
    refused(town, 2, town.arguments("--buildings-crs", "hello"), "--buildings-crs")


def test_planar_measures_of_a_geographic_crs_are_refused(town):
    world = layer(town.file("world.gpkg"), "w", [(square(-71, 42, 1), "02139")], FIELD, epsg=4326)
    refused(town, 2, town.arguments("--measure", "planar", zips=world, buildings=world), "--measure")


def test_an_invalid_geometry_ends_the_run_where_it_should(town):
    bow = layer(town.file("bow.gpkg"), "b", [("POLYGON ((10 10,20 20,20 10,10 20,10 10))", "x")], FIELD)
    refused(town, 3, town.arguments("--on-invalid", "fail", buildings=bow), "bow.gpkg", "feature 1")
    works(town.arguments("--on-invalid", "skip", buildings=bow))


def test_output_that_is_an_input_is_refused(town):
    before = content(town.zips)
    fails(2, town.arguments("--overwrite", output=town.zips), "zips.gpkg")
    assert content(town.zips) == before, "the input is as it was"


def test_trace_never_replaces_an_input_or_the_result(town):
    before = content(town.buildings)
    done = call(town.arguments("--trace", town.buildings))
    assert done.returncode in (2, 4) and done.stdout == "", f"refused{describe(done)}"
    assert content(town.buildings) == before, "the input is as it was"
    done = call(town.arguments("--trace", town.output))
    assert done.returncode in (2, 4) and done.stdout == "", f"refused{describe(done)}"


def as_nobody():
    """As root everything is permitted: the program is run as nobody."""
    more = {}
    if os.getuid() == 0:
        more = {"user": 65534, "group": 65534, "extra_groups": []}
        try:
            subprocess.run([program(), "--version"], capture_output=True, check=True, **more)
        except (OSError, subprocess.CalledProcessError) as why:
            pytest.skip(f"root cannot run the program as nobody: {why}")
    return more


def test_unreadable_input_says_so(town):
    os.chmod(town.path, 0o755)
    os.chmod(town.file("out"), 0o777)
    os.chmod(town.buildings, 0)
    fails(3, town.arguments(), "buildings.gpkg", **as_nobody())
    os.chmod(town.buildings, 0o644)
    works(town.arguments(), **as_nobody())


def test_unwritable_directory_says_so(town):
    os.chmod(town.path, 0o755)
    os.chmod(town.file("out"), 0o555)
    fails(4, town.arguments(), "result.sqlite", **as_nobody())
    assert town.left_behind() == [], "nothing left behind"
