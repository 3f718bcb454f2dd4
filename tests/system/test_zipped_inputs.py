# SPDX-License-Identifier: MIT
"""A .zip stands for the layer file in it. It is read in place, its SHA-256 is recorded, and no archive unpacks to more than is sane. Files beside an
input that shape what is read of it are inputs as well."""
import gzip
import hashlib
import json
import os
import shutil
import sqlite3
import struct
import zipfile

import pytest
from replays import change, replay
from town import call, content, describe, fails, gdal, layer, ogr, reference, square, works

RING = square(0, 0, 1000)


def zip_of(path, *files, names=None):
    """Files and whole directories, by their last names."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for file, name in zip(files, names or [os.path.basename(file) for file in files]):
            if os.path.isdir(file):
                for inner in sorted(os.listdir(file)):
                    archive.write(os.path.join(file, inner), name + "/" + inner)
            else:
                archive.write(file, name)
    return path


def rows(path, sql):
    db = sqlite3.connect(path)
    found = db.execute(sql).fetchall()
    db.close()
    return found


def tables(path):
    return [rows(path, f"SELECT * FROM {table}") for table in ("zip_summary", "important_building", "run_count", "rejected_feature")]


def inputs(path, role="buildings"):
    return [name for name, in rows(path, f"SELECT file FROM run_input WHERE role='{role}' ORDER BY file")]


def plan(town, buildings, *more):
    return ["plan", "--zips", town.zips, "--buildings", buildings, *more]


FORMATS = {"ESRI Shapefile": "shp", "GPKG": "gpkg", "GeoJSON": "geojson", "FlatGeobuf": "fgb", "CSV": "csv", "GML": "gml", "KML": "kml", "SQLite": "sqlite",
           "MapInfo File": "tab", "OpenFileGDB": "gdb"}


def unpacked(town, driver):
    """The buildings as files of a format, in a directory of their own: the path, and all files."""
    folder = town.file("unpacked")
    os.mkdir(folder)
    path = os.path.join(folder, "houses." + FORMATS[driver])
    try:
        gdal.VectorTranslate(path, town.buildings, format=driver, where="height IS NOT NULL", geometryType="POLYGON" if driver != "OpenFileGDB" else "MULTIPOLYGON",
                             layerCreationOptions=["GEOMETRY=AS_WKT", "CREATE_CSVT=YES"] if driver == "CSV" else [])
    except RuntimeError as error:
        pytest.skip(f"this GDAL does not write {driver}: {error}")
    return path, [os.path.join(folder, name) for name in sorted(os.listdir(folder))]


@pytest.mark.parametrize("driver", FORMATS)
def test_a_zip_gives_what_the_file_in_it_gives(town, driver):
    folder = "a folder/deeper/" if driver in ("GPKG", "MapInfo File", "CSV", "OpenFileGDB") else ""
    path, files = unpacked(town, driver)
    crs = ["--buildings-crs", "EPSG:2249"] if driver in ("CSV", "KML") else []
    works(town.arguments(*crs, buildings=path, output=town.file("out", "unpacked.sqlite")))
    features = json.loads(works(plan(town, path, *crs, "--format", "json")).stdout)["buildings"]["features"]
    archive = zip_of(town.file("houses.zip"), *files, names=[folder + os.path.basename(file) for file in files])
    works(town.arguments(*crs, buildings=archive))
    assert tables(town.output) == tables(town.file("out", "unpacked.sqlite"))
    assert rows(town.output, "SELECT file, sha256, bytes FROM run_input WHERE role='buildings'") == [
        ("houses.zip", hashlib.sha256(content(archive)).hexdigest(), os.path.getsize(archive))]
    assert json.loads(works(plan(town, archive, *crs, "--format", "json")).stdout)["buildings"]["features"] == features
    assert "houses" in works(["inspect", f"/vsizip/{archive}/{folder}{os.path.basename(path)}"]).stdout
    assert "the same content" in replay(town, "--inputs", town.path).stdout


@pytest.mark.parametrize("driver", ["ESRI Shapefile", "CSV"])
def test_each_way_to_name_a_file_in_an_archive(town, driver):
    """A format of several files, and one in a folder of the archive."""
    folder = "a folder/deeper/" if driver == "CSV" else ""
    path, files = unpacked(town, driver)
    crs = ["--buildings-crs", "EPSG:2249"] if driver == "CSV" else []
    works(town.arguments(*crs, buildings=path, output=town.file("out", "unpacked.sqlite")))
    archive = zip_of(town.file("houses.zip"), *files, names=[folder + os.path.basename(file) for file in files])
    for name in (archive, f"/vsizip/{archive}/{folder}{os.path.basename(path)}", "/vsizip/" + archive, f"/vsizip/{{{archive}}}/{folder}{os.path.basename(path)}"):
        works(town.arguments(*crs, "--overwrite", buildings=name))
        assert tables(town.output) == tables(town.file("out", "unpacked.sqlite"))
        assert rows(town.output, "SELECT file, sha256, bytes FROM run_input WHERE role='buildings'") == [
            ("houses.zip", hashlib.sha256(content(archive)).hexdigest(), os.path.getsize(archive))]
        assert "houses" in works(["inspect", name]).stdout
        assert "the same content" in replay(town, "--inputs", town.path).stdout
        if name.startswith("/vsizip/{") or name == "/vsizip/" + archive:
            continue
        bag = town.file("bag")
        works(["archive", town.output, "-o", bag, "--inputs", town.path])
        assert "houses.zip" in os.listdir(os.path.join(bag, "data", "inputs"))
        assert "the same content" in replay(town, result=os.path.join(bag, "data", "result.sqlite")).stdout
        works(["run", "--job", os.path.join(bag, "data", "job.yaml"), "-o", town.file("out", "again.sqlite"), "--overwrite"])
        assert tables(town.file("out", "again.sqlite")) == tables(town.output)
        works(["verify", town.output])
        shutil.rmtree(bag)


@pytest.mark.parametrize("name", ["town.ZIP", "town.shp.zip", "town.gpkg.zip", "a b.zip", "t\u00e4ler.zip"])
def test_names_of_archives(town, name):
    archive = zip_of(town.file(name), town.buildings)
    works(town.arguments(buildings=archive))
    assert inputs(town.output) == [name]


def test_relative_paths(town):
    zip_of(town.file("b.zip"), town.buildings)
    for name in ("b.zip", "./b.zip", "/vsizip/b.zip/buildings.gpkg", "/vsizip/./b.zip/buildings.gpkg"):
        works(town.arguments("--overwrite", buildings=name), cwd=town.path)
        assert inputs(town.output) == ["b.zip"]


def test_job_files_name_them_as_they_name_files(town):
    zip_of(town.file("b.zip"), town.buildings)
    works(["run", "--zips", "zips.gpkg", "--buildings", "/vsizip/b.zip/buildings.gpkg", "-o", "out/result.sqlite", "--write-job", "out/job.yaml"], cwd=town.path)
    works(["run", "--job", town.file("out", "job.yaml"), "-o", town.file("out", "again.sqlite")])
    assert tables(town.file("out", "again.sqlite")) == tables(town.output)


def test_both_layers_in_one_archive(town):
    archive = zip_of(town.file("both.zip"), town.zips, town.buildings)
    works(town.arguments(zips=f"/vsizip/{archive}/zips.gpkg", buildings=f"/vsizip/{archive}/buildings.gpkg"))
    assert inputs(town.output, "zips") == inputs(town.output) == ["both.zip"]
    assert "the same content" in replay(town, "--inputs", town.path).stdout


def test_an_archive_of_several_files_lists_them(town):
    archive = zip_of(town.file("both.zip"), town.zips, town.buildings, names=["zips.gpkg", "folder/buildings.gpkg"])
    for command in (town.arguments(buildings=archive), plan(town, archive), ["inspect", archive]):
        fails(2, command, "zips.gpkg", "folder/buildings.gpkg", "/vsizip/", "both.zip")
    assert town.left_behind() == []


def test_what_is_no_layer_is_no_choice(town):
    with open(town.file("read me.txt"), "w", encoding="utf-8") as file:
        file.write("read me")
    archive = zip_of(town.file("b.zip"), town.file("read me.txt"), town.buildings, town.buildings, names=["read me.txt", "buildings.gpkg", "__MACOSX/._buildings.gpkg"])
    works(town.arguments(buildings=archive))
    fails(3, town.arguments(buildings=zip_of(town.file("n.zip"), town.file("read me.txt"))), "n.zip")


def test_layers_of_a_file_in_an_archive_are_chosen_as_ever(town):
    layer(town.buildings, "more", [(RING, 1)], [("n", ogr.OFTInteger)], append=True)
    archive = zip_of(town.file("b.zip"), town.buildings)
    fails(2, town.arguments(buildings=archive), "--buildings-layer", "more")
    works(town.arguments("--buildings-layer", "more", buildings=archive))


def test_damaged_archives(town):
    archive = zip_of(town.file("b.zip"), town.buildings)
    whole = content(archive)
    for n in (1, 4, 30, len(whole) // 2, len(whole) - 10):
        with open(archive, "wb") as file:
            file.write(whole[:n])
        fails(3, town.arguments(buildings=archive), "b.zip")
    middle = len(whole) // 2
    with open(archive, "wb") as file:
        file.write(whole[:middle] + bytes(64) + whole[middle + 64:])
    assert call(town.arguments(buildings=archive)).returncode == 3


@pytest.mark.parametrize("inner", ["b.zip", "b.gpkg"])
def test_no_archive_in_an_archive(town, inner):
    zip_of(town.file("b.zip"), town.buildings)
    outer = zip_of(town.file("outer.zip"), town.file("b.zip"))
    fails(3, town.arguments(buildings=f"/vsizip//vsizip/{outer}/b.zip/buildings.gpkg"))
    fails(3, town.arguments(buildings=outer))


# ---- bombs ----

def bomb(town, name, stated=None, n_bytes=200_000_000):
    """200 MB of spaces in an archive of 200 KB; as a layer it would be valid."""
    path = town.file("bomb.zip")
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, b'{"type":"FeatureCollection","features":[' + b" " * n_bytes + b"]}")
    if stated is not None:
        data = bytearray(content(path))
        central = data.rindex(b"PK\x01\x02")
        data[central + 24:central + 28] = data[22:26] = struct.pack("<I", stated)
        with open(path, "wb") as file:
            file.write(data)
    return path


@pytest.mark.parametrize("stated", [None, 0, 100, 1_000_000, 199_000_000])
def test_a_bomb_is_refused_by_its_stated_and_its_real_size(town, stated):
    path = bomb(town, "a.geojson", stated, n_bytes=200_000_000 if stated is None else 30_000_000)
    more = [["inspect", path], plan(town, path)] if stated is None else []
    for command in (["inspect", f"/vsizip/{path}/a.geojson"], town.arguments(buildings=path), *more):
        fails(3, command, "bomb.zip")
    assert town.left_behind() == []


def test_formats_that_are_archives_are_no_bombs_either(town):
    for name in ("a.kmz", "a.xlsx", "a.ods"):
        path = town.file(name)
        os.rename(bomb(town, "xl/worksheets/sheet1.xml" if name == "a.xlsx" else "doc.kml"), path)
        fails(3, ["inspect", path], name)


def test_a_compressed_bomb_is_refused(town):
    path = town.file("a.geojson.gz")
    with gzip.open(path, "wb") as file:
        file.write(b'{"type":"FeatureCollection","features":[' + b" " * 200_000_000 + b"]}")
    fails(3, ["inspect", "/vsigzip/" + path], "a.geojson.gz")


# ---- the record of a received result ----

def test_a_recorded_path_stays_inside_of_its_archive(town):
    works(town.arguments(buildings=zip_of(town.file("b.zip"), town.buildings)))
    job = json.loads(rows(town.output, "SELECT value FROM run_info WHERE key='job'")[0][0])
    for path in ("/vsizip/b.zip/../../etc/passwd", "/vsizip/../b.zip/a", "/vsizip//etc/b.zip/a", "/vsicurl/http://127.0.0.1/a", "/vsizip/b.zip//vsicurl/x", "/vsizip/{../b.zip}/a",
                 "/vsizip/b.zip", "/vsizip/", "/vsizip/b.zip/a//b"):
        job["buildings"] = path
        change(town.output, "UPDATE run_info SET value='" + json.dumps(job) + "' WHERE key='job'")
        done = replay(town, "--inputs", town.path, status=3)
        assert done.stdout == "", path + describe(done)


# ---- files beside an input ----

def csv_of(town):
    path = town.file("b.csv")
    gdal.VectorTranslate(path, town.buildings, format="CSV", layerCreationOptions=["GEOMETRY=AS_WKT", "CREATE_CSVT=YES"], where="height IS NOT NULL")
    with open(town.file("b.prj"), "w", encoding="utf-8") as file:
        file.write(reference(2249).ExportToWkt(["FORMAT=WKT1_ESRI"]))
    return path


def gml_of(town, includes=False):
    path = town.file("b.gml")
    gdal.VectorTranslate(path, town.buildings, format="GML", where="height IS NOT NULL")
    if includes:
        os.rename(town.file("b.xsd"), town.file("types.xsd"))
        with open(town.file("b.xsd"), "w", encoding="utf-8") as file:
            file.write('<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" targetNamespace="http://ogr.maptools.org/"><xs:include schemaLocation="types.xsd"/></xs:schema>')
    return path


def gfs_of(town):
    path = gml_of(town)
    os.remove(town.file("b.xsd"))
    gdal.OpenEx(path, open_options=["WRITE_GFS=YES"])
    assert os.path.exists(town.file("b.gfs"))
    return path


SIDE_FILES = {"csv": (csv_of, ["b.csv", "b.csvt", "b.prj"]), "gml": (gml_of, ["b.gml", "b.xsd"]), "gml with an include": (lambda t: gml_of(t, True), ["b.gml", "b.xsd", "types.xsd"]),
              "gfs": (gfs_of, ["b.gfs", "b.gml"])}


@pytest.mark.parametrize("kind", SIDE_FILES)
def test_side_files_are_inputs(town, kind):
    make, names = SIDE_FILES[kind]
    path = make(town)
    works(town.arguments("--stat", "height=mean", buildings=path))
    assert inputs(town.output) == names
    for name, sha256 in rows(town.output, "SELECT file, sha256 FROM run_input WHERE role='buildings'"):
        assert sha256 == hashlib.sha256(content(town.file(name))).hexdigest()
    assert "the same content" in replay(town, "--inputs", town.path).stdout
    bag = town.file("bag")
    works(["archive", town.output, "-o", bag, "--inputs", town.path])
    assert set(names) < set(os.listdir(os.path.join(bag, "data", "inputs")))
    assert "the same content" in replay(town, result=os.path.join(bag, "data", "result.sqlite")).stdout
    fails(2, town.arguments("--overwrite", buildings=path, output=town.file(names[-1] if names[-1] != "b.gml" else names[0])), "--output")
    shutil.rmtree(bag)
    with open(town.file(names[-1]), "a", encoding="utf-8") as file:
        file.write(" ")
    assert names[-1] in replay(town, "--inputs", town.path, status=3).stderr
