# SPDX-License-Identifier: MIT
"""`zonefold inspect`: what is in a file, and what would stand in the way of a run."""
import json
import os
import shutil
import subprocess

from osgeo import ogr
from town import Town, call, check, content, describe, fails, layer, main, square, works


def inspected(*files, status=0):
    done = call(["inspect", "--format", "json", *files])
    check(done.returncode == status, f"inspect {files} should exit with {status}{describe(done)}")
    return json.loads(done.stdout)["files"]


def problems(path):
    """Of the file's only layer."""
    (file,) = inspected(path)
    (only,) = file["layers"]
    return " | ".join(only["problems"])


def test_json_tells_layers_fields_crs_counts_and_extent():
    town = Town()
    (file,) = inspected(town.zips)
    check(file["path"] == town.zips and file["driver"] == "GPKG", f"file: {file}")
    check(file["file_bytes"] == os.path.getsize(town.zips), "size")
    (zips,) = file["layers"]
    check(zips["name"] == "zips" and zips["features"] == 2, f"layer: {zips}")
    check(zips["geometry_type"] == "Polygon", "geometry type")
    check(zips["crs"]["auth_name"] == "EPSG" and zips["crs"]["auth_code"] == "2249", "CRS")
    check(zips["crs"]["is_geographic"] is False, "projected")
    check(zips["extent"] == [0, 0, 2000, 1000], "extent")
    check(zips["has_spatial_index"] is True, "spatial index")
    check(zips["fields"] == [{"name": "zip", "type": "text"}, {"name": "people", "type": "integer"}], "fields")
    check(zips["problems"] == [], "no problem")


def test_text_tells_the_same():
    town = Town()
    done = works(["inspect", town.buildings])
    check(done.stderr == "", "nothing on stderr")
    for word in (town.buildings, "GPKG", "1 layer", "layer buildings", "8", "Polygon", "EPSG:2249", "height", "real", "last edit",
                 "date", "a,b", "text", "spatial index  yes"):
        check(word in done.stdout, f"{word!r} in{describe(done)}")
    check("problem" not in done.stdout, "no problem")


def test_every_layer_of_every_file_is_told():
    town = Town()
    layer(town.zips, "more", [], [("x", ogr.OFTReal)], append=True)
    first, second = inspected(town.zips, town.buildings)
    check([found["name"] for found in first["layers"]] == ["zips", "more"], "two layers")
    check([found["name"] for found in second["layers"]] == ["buildings"], "second file")
    check("the layer is empty" in first["layers"][1]["problems"], "an empty layer is a problem")


def test_layer_without_crs_is_a_problem_with_its_options():
    town = Town()
    path = layer(town.file("bare.shp"), "bare", [(square(0, 0, 1), 1)], [("x", ogr.OFTInteger)], epsg=None, driver="ESRI Shapefile")
    found = problems(path)
    check("CRS" in found and "--zips-crs" in found and "--buildings-crs" in found, found)


def test_layers_that_can_hold_no_polygons_are_a_problem():
    town = Town()
    points = layer(town.file("points.gpkg"), "p", [("POINT (1 1)", 1)], [("x", ogr.OFTInteger)], kind=ogr.wkbPoint)
    check("polygons" in problems(points), problems(points))
    table = layer(town.file("table.gpkg"), "t", [(None, 1)], [("x", ogr.OFTInteger)], epsg=None, kind=ogr.wkbNone)
    check("no geometry column" in problems(table), problems(table))
    check("CRS" not in problems(table), "a table needs no CRS")


def test_projected_coordinates_under_a_geographic_crs_are_a_problem():
    town = Town()
    wrong = layer(town.file("wrong.gpkg"), "w", [(square(230000, 900000, 10), 1)], [("x", ogr.OFTInteger)], epsg=4326)
    check("geographic" in problems(wrong) and "--zips-crs" in problems(wrong), problems(wrong))
    right = layer(town.file("right.gpkg"), "r", [(square(-180, -90, 90), 1), (square(90, 0, 90), 1)], [("x", ogr.OFTInteger)], epsg=4326)
    check(problems(right) == "", "the whole world is none")


def test_shapefile_tells_its_encoding():
    town = Town()
    path = layer(town.file("b.shp"), "b", [(square(0, 0, 1), "x")], [("use", ogr.OFTString)], driver="ESRI Shapefile")
    (file,) = inspected(path)
    check(file["driver"] == "ESRI Shapefile" and file["layers"][0]["encoding"], f"encoding: {file}")
    sizes = sum(os.path.getsize(town.file(name)) for name in os.listdir(town.path) if name.startswith("b."))
    check(file["file_bytes"] == sizes, "the size is that of all its files")


def test_a_file_that_cannot_be_read_does_not_hide_the_others():
    town = Town()
    done = call(["inspect", "--format", "json", town.file("absent.gpkg"), town.zips])
    check(done.returncode == 3 and "absent.gpkg" in done.stderr, describe(done))
    (file,) = json.loads(done.stdout)["files"]
    check(file["path"] == town.zips, "the other file")


def test_files_that_are_no_layers_are_input_errors():
    town = Town()
    for name, made in (("text.txt", b"hello\n"), ("empty.gpkg", b""), ("noise.gpkg", bytes(range(256)) * 8), ("cut.gpkg", content(town.zips)[:5000])):
        with open(town.file(name), "wb") as file:
            file.write(made)
        fails(3, ["inspect", town.file(name)], name)
    fails(3, ["inspect", town.file("absent.gpkg")], "absent.gpkg")
    fails(3, ["inspect", town.file("absent.gpkg"), "--format", "json"], "absent.gpkg")


def test_inspect_changes_no_file():
    town = Town()
    before = {name: content(town.file(name)) for name in ("zips.gpkg", "buildings.gpkg")}
    works(["inspect", town.zips, town.buildings])
    check(before == {name: content(town.file(name)) for name in before}, "the files are as they were")
    check(sorted(os.listdir(town.path)) == ["buildings.gpkg", "out", "zips.gpkg"], "and nothing was put beside them")


def test_unwritable_stdout_is_an_output_error():
    town = Town()
    with open("/dev/full", "w", encoding="utf-8") as full:
        done = subprocess.run([os.environ["ZONEFOLD_PROGRAM"], "inspect", town.zips], stdout=full, stderr=subprocess.PIPE, text=True)
    check(done.returncode == 4 and "standard output" in done.stderr, f"{done}")


def test_names_with_odd_characters_are_read():
    town = Town()
    odd = town.file("a b'\"\N{LATIN SMALL LETTER E WITH ACUTE};\n.gpkg")
    shutil.copy(town.zips, odd)
    (file,) = inspected(odd)
    check(file["path"] == odd and len(file["layers"]) == 1, f"{file}")


main(globals())
