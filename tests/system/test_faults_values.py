# SPDX-License-Identifier: MIT
"""Values and features of an input that cannot be used as they are stored: what counts, what is missing, and what is said about it."""
import json
import os
import re
import signal
import sqlite3
import struct
import subprocess
import time

import pytest
from faults import Shapes, balances, counts, overwrite, query, rejected, run
from osgeo import gdal, ogr
from town import Town, call, catches_signals, content, describe, fails, layer, program, square, wait_for, works

DBF_WIDTH = 16      # in the descriptor of a field


def squares(n):
    return [square(100 + 50 * i, 100, 10) for i in range(n)]


def layers(*files, more=()):
    """What inspect says of the layers, by name."""
    done = works(["inspect", "--format", "json", *more, *files])
    return {found["name"]: found for file in json.loads(done.stdout)["files"] for found in file["layers"]}


def problems(*files, more=()):
    return "\n".join(problem for found in layers(*files, more=more).values() for problem in found["problems"])


def warnings(done, word):
    """Lines of stderr that are warnings and hold a word."""
    return [line for line in done.stderr.splitlines() if "warning" in line and word in line]


def dbf(path):
    """Number of records, bytes of the header and of a record."""
    return struct.unpack_from("<IHH", content(path), 4)


# ---- shapefiles: deleted records ----


def delete_records(path, *fids):
    _, header_bytes, record_bytes = dbf(path)
    for fid in fids:
        overwrite(path, header_bytes + fid * record_bytes, b"*")


@pytest.mark.parametrize("deleted", [(0,), (1,), (2,), (0, 2)])
def test_deleted_records_of_a_shapefile_are_no_features(deleted):
    town = Shapes()
    path = town.shapefile()
    delete_records(path[:-3] + "dbf", *deleted)
    rest = [fid for fid in range(3) if fid not in deleted]
    for threads in ("1", "4"):
        run(town, "--threads", threads, buildings=path)
        assert balances(town)["buildings_read"] == len(rest), "features"
        assert query(town.output, "SELECT building_fid FROM important_building") == [(fid,) for fid in rest], "fids"
    planned = works(["plan", "--zips", town.zips, "--buildings", path, "--format", "json"])
    assert json.loads(planned.stdout)["buildings"]["features"] == len(rest), "features of plan"
    found = layers(path)["b"]
    assert (found["features"], found["features_read"], found["problems"]) == (len(rest), len(rest), []), "inspect"


def test_a_shapefile_of_zips_may_have_deleted_records():
    town = Shapes()
    path = layer(town.file("z.shp"), "z", [(square(0, 0, 1000), "1"), (square(1000, 0, 1000), "2")], [("zip", ogr.OFTString)],
                 driver="ESRI Shapefile")
    delete_records(path[:-3] + "dbf", 0)
    run(town, zips=path)
    assert query(town.output, "SELECT zip FROM zip_summary") == [("2",)], "ZIPs"


def test_a_truncated_shapefile_with_deleted_records_is_refused():
    town = Shapes()
    path = town.shapefile()
    delete_records(path[:-3] + "dbf", 0)
    os.truncate(path, os.path.getsize(path) - 50)
    fails(3, town.arguments(buildings=path), "b.shp")


# ---- shapefiles: corrupt records ----

AT_TYPE, AT_PARTS, AT_POINTS, AT_FIRST_PART = 8, 44, 48, 52


@pytest.mark.parametrize("at, bytes_", [(AT_FIRST_PART, struct.pack("<i", 5)), (AT_PARTS, struct.pack("<i", 2**30)),
                                        (AT_PARTS, struct.pack("<i", -1)), (AT_PARTS, struct.pack("<i", 0)),
                                        (AT_POINTS, struct.pack("<i", 10**7)), (AT_TYPE, struct.pack("<i", 77)),
                                        (AT_TYPE + 4, b"\xff" * 100)])
def test_a_corrupt_record_of_a_shapefile_is_skipped(at, bytes_):
    town = Shapes()
    path = town.shapefile()
    entry = struct.unpack_from(">i", content(path[:-3] + "shx"), 100 + 8)[0] * 2
    overwrite(path, entry + at, bytes_)
    for policy in ("repair", "skip"):
        done = run(town, "--on-invalid", policy, buildings=path)
        c = balances(town)
        assert (c["buildings_read"], c["buildings_assigned"], c["buildings_skipped"]) == (3, 2, 1), f"counts{describe(done)}"
        assert [row[:2] + row[3:4] for row in rejected(town, "buildings")] == [(1, "corrupt geometry", "skipped")], "listed"
    fails(3, town.arguments("--on-invalid", "fail", "--overwrite", buildings=path), "b.shp", "feature 1")
    assert "1 geometry that cannot be decoded (first: feature 1)" in problems(path), "inspect"
    run(town, "--where", "height > 11", buildings=path)
    assert balances(town)["important"] == 1, "attributes of the other features"


def test_a_corrupt_record_of_a_shapefile_of_zips_is_skipped():
    town = Shapes()
    path = layer(town.file("z.shp"), "z", [(square(0, 0, 1000), "1"), (square(1000, 0, 1000), "2")], [("zip", ogr.OFTString)],
                 driver="ESRI Shapefile")
    overwrite(path, 100 + AT_FIRST_PART, struct.pack("<i", 9))
    run(town, zips=path)
    assert rejected(town, "zips")[0][:2] == (0, "corrupt geometry"), "listed"
    assert query(town.output, "SELECT zip, parts FROM zip_summary WHERE parts > 0") == [("2", 1)], "the other ZIP"
    fails(3, town.arguments("--on-invalid", "fail", "--overwrite", zips=path), "z.shp")


# ---- dates that do not exist ----


@pytest.mark.parametrize("text, expected", [("99999999", None), ("20201345", None), ("       0", None), ("20210229", None),
                                            ("20200229", "2020-02-29"), ("20200100", None), ("20200431", None)])
def test_dates_of_a_dbf_that_do_not_exist_are_missing(text, expected):
    town = Shapes()
    path = layer(town.file("d.shp"), "d", [(shape, f"2020/01/0{i + 1}") for i, shape in enumerate(squares(3))], [("built", ogr.OFTDate)],
                 driver="ESRI Shapefile")
    overwrite(path[:-3] + "dbf", content(path[:-3] + "dbf").index(b"20200102"), text.encode())
    done = run(town, "--fields", "built", "--stat", "built=min,max,missing", buildings=path)
    assert query(town.output, "SELECT built FROM important_building") == [("2020-01-01",), (expected,), ("2020-01-03",)], "values"
    assert query(town.output, "SELECT built_missing FROM zip_summary")[0] == (0 if expected else 1,), "missing"
    n_warnings = len(warnings(done, "'built'"))
    null_in_newer_gdal = text.strip() == "0" and n_warnings == 0  # a 0 is NULL there already, as in GDAL 3.10
    assert null_in_newer_gdal or n_warnings == (0 if expected else 1), f"one warning{describe(done)}"
    assert null_in_newer_gdal or (("'built'" in problems(path)) == (expected is None)), "inspect says the same"
    done = run(town, buildings=path)
    assert warnings(done, "built") == [], "a field that is not read is not mentioned"


# ---- encodings of shapefiles ----


def encoded(path, text, encoding, cpg=None, code_page=0):
    """A shapefile of one square with a text in an encoding, which the .cpg and byte 29 of the .dbf may or may not declare."""
    name = os.path.basename(path)[:-4]
    layer(path, name, [(square(0, 0, 1000), "x" * 30)], [("zip", ogr.OFTString)], driver="ESRI Shapefile")
    table = path[:-3] + "dbf"
    overwrite(table, content(table).index(b"x" * 30), text.encode(encoding).ljust(30))
    overwrite(table, 29, bytes([code_page]))
    if cpg:
        with open(path[:-3] + "cpg", "w", encoding="ascii") as file:
            file.write(cpg)
    return path


def read_texts(town, zips, buildings, *options):
    """The ZIP and the text of the building."""
    done = run(town, "--assign", "intersects", "--compute", "text=zip", *options, zips=zips, buildings=buildings)
    ((zip_id, text),) = query(town.output, "SELECT zip, text FROM important_building")
    return zip_id, text, done


@pytest.mark.parametrize("declared", ["zips", "buildings"])
def test_encoding_is_of_shapefiles_without_a_usable_cpg(declared):
    town = Shapes()
    bare = encoded(town.file("bare.shp"), "Forêt", "CP1252")
    good = encoded(town.file("good.shp"), "Łódź", "UTF-8", "UTF-8")
    zips, buildings = (good, bare) if declared == "zips" else (bare, good)
    zip_id, text, _ = read_texts(town, zips, buildings, "--encoding", "CP1252")
    assert (zip_id, text) == (("Łódź", "Forêt") if declared == "zips" else ("Forêt", "Łódź")), "texts"


@pytest.mark.parametrize("cpg", [None, "CP1252", "UTF-8", "nonsense"])
def test_zips_and_buildings_may_have_encodings_of_their_own(cpg):
    town = Shapes()
    zips = encoded(town.file("z.shp"), "Forêt", "CP1252", cpg)
    buildings = encoded(town.file("b.shp"), "Łódź", "CP1250", cpg)
    options = ("--zips-encoding", "CP1252", "--buildings-encoding", "CP1250", "--encoding", "CP1251")
    assert read_texts(town, zips, buildings, *options)[:2] == ("Forêt", "Łódź"), "texts"
    job = json.loads(query(town.output, "SELECT value FROM run_info WHERE key = 'job'")[0][0])
    assert (job["zips-encoding"], job["buildings-encoding"]) == ("CP1252", "CP1250"), "recorded"
    works(["replay", town.output, "--inputs", town.path])
    works(["plan", *town.arguments(*options, zips=zips, buildings=buildings)[1:5], *options])


def test_an_unknown_encoding_is_a_usage_error():
    town = Shapes()
    path = town.shapefile()
    for option in ("--encoding", "--buildings-encoding"):
        fails(2, town.arguments(option, "NOSUCH", buildings=path), "NOSUCH", option)


def test_the_ansi_code_page_does_not_declare_an_encoding():
    town = Shapes()
    polish = encoded(town.file("p.shp"), "Łódź", "CP1250", code_page=0x57)
    assert read_texts(town, polish, polish, "--encoding", "CP1250")[:2] == ("Łódź", "Łódź"), "--encoding applies"
    french = encoded(town.file("f.shp"), "Forêt", "CP1252", code_page=0x57)
    assert read_texts(town, french, french)[:2] == ("Forêt", "Forêt"), "without it, as GDAL reads it"
    utf8 = encoded(town.file("u.shp"), "Forêt", "UTF-8", code_page=0x57)
    assert "--encoding UTF-8" in problems(utf8), "UTF-8 is recognised"
    assert warnings(run(town, buildings=utf8), "--encoding"), "by run too"
    quotes = encoded(town.file("q.shp"), "l\u2019\u0152uvre", "CP1252", code_page=0x57)
    assert "--encoding CP1252" in problems(quotes), "letters that ISO-8859-1 does not have"
    assert "ncoding" not in problems(french), "nothing to say about the others"


def test_inspect_takes_an_encoding():
    town = Shapes()
    path = encoded(town.file("f.shp"), "Forêt", "CP1252")
    assert "--encoding" in problems(path) and "--encoding" not in problems(path, more=("--encoding", "CP1252")), "problems"
    assert layers(path, more=("--encoding", "CP1252"))["f"]["encoding"] == "CP1252", "encoding"


# ---- texts that were cut ----


def narrow(path, width):
    """Cut the only field of a .dbf to a width in bytes."""
    data = bytearray(content(path))
    n, header_bytes, record_bytes = struct.unpack_from("<IHH", data, 4)
    records = [data[header_bytes + i * record_bytes:][:1 + width] for i in range(n)]
    data[32 + DBF_WIDTH] = width
    struct.pack_into("<H", data, 10, 1 + width)
    with open(path, "wb") as file:
        file.write(data[:header_bytes] + b"".join(records) + b"\x1a")


@pytest.mark.parametrize("text, width, expected", [("é" * 6, 11, "é" * 5), ("水" * 4, 10, "水" * 3), ("水" * 4, 11, "水" * 3),
                                                   ("a😀😀", 8, "a😀"), ("rue é", 5, "rue "), ("é" * 6, 12, "é" * 6)])
@pytest.mark.parametrize("cpg", [True, False])
def test_a_text_cut_within_a_character_is_valid_and_reported(text, width, expected, cpg):
    town = Shapes()
    path = layer(town.file("t.shp"), "t", [(squares(2)[0], text), (squares(2)[1], "né")], [("name", ogr.OFTString)], driver="ESRI Shapefile")
    table = path[:-3] + "dbf"
    data = bytearray(content(table))
    header_bytes, record_bytes = struct.unpack_from("<HH", data, 8)
    for i, value in enumerate((text, "né")):
        data[header_bytes + i * record_bytes + 1:header_bytes + (i + 1) * record_bytes] = value.encode().ljust(record_bytes - 1)
    data[29] = 0
    with open(table, "wb") as file:
        file.write(data)
    if cpg:
        with open(path[:-3] + "cpg", "w", encoding="ascii") as file:
            file.write("UTF-8")
    narrow(table, width)
    done = run(town, "--fields", "name", buildings=path)
    names = [bytes.fromhex(row[0]).decode() for row in query(town.output, "SELECT hex(name) FROM important_building")]
    assert names == [expected, "né"], f"names{describe(done)}"
    cut = expected != text
    assert len(warnings(done, "'name'")) == cut and "1252" not in done.stderr, f"one warning{describe(done)}"
    assert ("cut" in problems(path)) == cut and "1252" not in problems(path), "inspect says the same"


# ---- values of an SQLite file that do not have the type of their column ----


def typed(town, declared, values, end="gpkg", n=4, view=False):
    """A layer of n squares with a column v of a declared type; the values, as SQL, by fid."""
    path = town.file(f"v.{end}")
    if os.path.exists(path):
        os.remove(path)
    layer(path, "v", [(shape, i) for i, shape in enumerate(squares(n))], [("i", ogr.OFTInteger)], driver="GPKG" if end == "gpkg" else "SQLite")
    with sqlite3.connect(path) as db:
        for (trigger,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            db.execute(f'DROP TRIGGER "{trigger}"')
        db.execute(f"ALTER TABLE v ADD COLUMN v {declared}")
        for fid, value in values.items():
            db.execute(f"UPDATE v SET v = {value} WHERE rowid = {fid}")
    db.close()
    return path


def values_of(town):
    return [row[0] for row in query(town.output, "SELECT v FROM important_building ORDER BY building_fid")]


@pytest.mark.parametrize("end", ["gpkg", "sqlite"])
@pytest.mark.parametrize("declared, good, wrong, read", [
    ("REAL", "1.5", "'n/a'", None), ("REAL", "1.5", "'12 m'", None), ("DOUBLE", "1.5", "x'4142'", None), ("FLOAT", "1.5", "'n/a'", None),
    ("MEDIUMINT", "7", "5000000000", 5000000000), ("MEDIUMINT", "7", "-2192502720", -2192502720), ("MEDIUMINT", "7", "'n/a'", None),
    ("MEDIUMINT", "7", "1.5", None), ("SMALLINT", "7", "100000", 100000), ("SMALLINT", "7", "2192502720", 2192502720),
    ("TINYINT", "7", "2192502720", 2192502720), ("INTEGER", "7", "5000000000", 5000000000), ("INTEGER", "7", "'n/a'", None),
    ("INTEGER", "7", "1.5", None), ("INTEGER", "7", "1e300", None), ("INTEGER", "7", "x'37'", None), ("BOOLEAN", "1", "'true'", None),
    ("BOOLEAN", "0", "7", 1), ("BOOLEAN", "0", "2192502720", 1), ("TEXT", "'a'", "x'4142'", None)])
def test_a_value_of_another_type_is_kept_or_missing_and_reported(end, declared, good, wrong, read):
    town = Town()
    path = typed(town, declared, {1: good, 2: wrong, 4: good}, end)
    expected = [eval(good), read, None, eval(good)]  # pylint: disable=eval-used
    for more in ((), ("--threads", "2", "--batch-size", "16")):
        done = run(town, "--fields", "v", "--stat", "v=missing", *more, buildings=path)
        assert values_of(town) == expected, f"values{describe(done)}"
        assert query(town.output, "SELECT v_missing FROM zip_summary") [0] == (expected.count(None),), "missing"
        # 100000 fits into what GDAL reads, a 64-bit integer into what GDAL reads of INTEGER in a GeoPackage
        silent = read == 100000 or (declared == "INTEGER" and end == "gpkg" and read)
        assert len(warnings(done, "'v'")) == (0 if silent else 1), f"one warning{describe(done)}"
        assert ("'v'" in problems(path)) == (not silent), f"inspect: {problems(path)}"
    assert warnings(run(town, buildings=path), "'v'") == [], "a field that is not read is not mentioned"


@pytest.mark.parametrize("wrong", ["'n/a'", "20200101", "1.5", "x'4142'", "'2020-13-45'", "'1 May 2020'"])
@pytest.mark.parametrize("declared", ["DATE", "DATETIME"])
def test_a_date_of_a_geopackage_that_is_none_is_missing_and_reported(declared, wrong):
    town = Town()
    path = typed(town, declared, {1: "'2020-01-01'", 2: wrong, 4: "'2020-01-04'"})
    done = run(town, "--fields", "v", "--stat", "v=missing", buildings=path)
    assert [value and value[:10] for value in values_of(town)] == ["2020-01-01", None, None, "2020-01-04"], f"values{describe(done)}"
    assert len(warnings(done, "field 'v': 1 value")) == 1, f"a warning{describe(done)}"
    assert "'v'" in problems(path), "inspect"


def test_every_value_may_be_too_large():
    town = Town()
    path = typed(town, "MEDIUMINT", {i + 1: 2192502720 + i for i in range(100)}, n=100)
    run(town, "--where", "v > 2147483647", "--fields", "v", "--stat", "v=min,max,count", "--batch-size", "16", "--assign", "intersects", buildings=path)
    n = counts(town)["important"]
    assert n > 10 and query(town.output, "SELECT count(*), min(v) FROM important_building") == [(n, 2192502720)], "values"


def test_zip_ids_may_be_too_large_for_their_column():
    town = Town()
    path = layer(town.file("z.gpkg"), "z", [(square(0, 0, 1000), 1), (square(1000, 0, 1000), 2)], [("zip", ogr.OFTInteger)])
    with sqlite3.connect(path) as db:
        for (trigger,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            db.execute(f'DROP TRIGGER "{trigger}"')
        db.execute("UPDATE z SET zip = 5000000000 WHERE fid = 2")
    db.close()
    done = run(town, zips=path)
    assert sorted(row[0] for row in query(town.output, "SELECT zip FROM zip_summary")) == ["1", "5000000000"], f"ids{describe(done)}"
    assert warnings(done, "'zip'"), "reported"


def test_a_column_that_was_added_with_a_default_is_checked():
    town = Town()
    path = typed(town, "REAL DEFAULT 'n/a'", {1: "2.5"})
    done = run(town, "--fields", "v", "--stat", "v=missing", buildings=path)
    assert values_of(town) == [2.5, None, None, None] and warnings(done, "'v'"), f"values{describe(done)}"


def test_a_view_with_wrong_values_is_refused_and_with_right_ones_read():
    town = Town()
    for value, status in (("'n/a'", 3), ("2.5", 0)):
        path = typed(town, "REAL", {1: "1.5", 2: value})
        with sqlite3.connect(path) as db:
            db.execute("CREATE VIEW w AS SELECT fid AS OGC_FID, geom, v FROM v")
            db.execute("INSERT INTO gpkg_contents (table_name, data_type, identifier, srs_id) VALUES ('w', 'features', 'w', 2249)")
            db.execute("INSERT INTO gpkg_geometry_columns VALUES ('w', 'geom', 'POLYGON', 2249, 0, 0)")
        db.close()
        arguments = town.arguments("--overwrite", "--buildings-layer", "w", "--fields", "v", "--stat", "v=missing", buildings=path)
        if status:
            fails(status, arguments, "'v'", "view")
        else:
            works(arguments)
            assert values_of(town) == [1.5, 2.5, None, None], "values"


# ---- repeated fids ----


def test_repeated_fids_of_a_view_are_reported():
    town = Town()
    path = typed(town, "REAL", {1: "1.5"})
    with sqlite3.connect(path) as db:
        db.execute("CREATE TABLE flat (k INTEGER PRIMARY KEY, i INTEGER)")
        db.execute("INSERT INTO flat (i) VALUES (0), (0), (1), (1), (2), (2)")
        for view, join in (("w", "JOIN flat ON v.i = flat.i"), ("u", "")):
            db.execute(f"CREATE VIEW {view} AS SELECT v.fid AS OGC_FID, v.geom FROM v {join}")
            db.execute("INSERT INTO gpkg_contents (table_name, data_type, identifier, srs_id) VALUES (?, 'features', ?, 2249)", (view, view))
            db.execute("INSERT INTO gpkg_geometry_columns VALUES (?, 'geom', 'POLYGON', 2249, 0, 0)", (view,))
    db.close()
    found = {name: " ".join(layer_["problems"]) for name, layer_ in layers(path).items()}
    assert "fid" in found["w"] and "fid" not in found["u"] and "fid" not in found["v"], f"inspect: {found}"
    for view, n in (("w", 6), ("u", 4)):
        done = run(town, "--buildings-layer", view, buildings=path)
        assert balances(town)["buildings_read"] == n, "each row counts"
        assert bool(warnings(done, "fid")) == (view == "w"), f"run{describe(done)}"


@pytest.mark.parametrize("where", ["column", "rows"])
@pytest.mark.parametrize("command", ["run", "plan", "inspect"])
def test_a_view_that_takes_hours_can_be_interrupted(where, command):
    town = Town()
    path = typed(town, "REAL", {1: "1.5"})
    endless = "(WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c) SELECT max(i) FROM c)"
    with sqlite3.connect(path) as db:
        db.execute(f"CREATE VIEW w AS SELECT v.fid AS OGC_FID, v.geom, {endless if where == 'column' else 1} AS i FROM v"
                   + (f" WHERE {endless} > 0" if where == "rows" else ""))
        db.execute("INSERT INTO gpkg_contents (table_name, data_type, identifier, srs_id) VALUES ('w', 'features', 'w', 2249)")
        db.execute("INSERT INTO gpkg_geometry_columns VALUES ('w', 'geom', 'POLYGON', 2249, 0, 0)")
    db.close()
    arguments = ["inspect", path] if command == "inspect" else town.arguments("--buildings-layer", "w", "--fields", "i", buildings=path)
    if command == "plan":
        arguments = ["plan", *arguments[1:-2]]
    process = subprocess.Popen([program(), *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert wait_for(process, lambda: catches_signals(process)), "it begins"
    time.sleep(0.3)
    process.send_signal(signal.SIGTERM)
    _, words = process.communicate(timeout=20)
    assert process.returncode == 6 and "interrupted" in words, f"{process.returncode}: {words}"


# ---- geometries that are text ----

SHAPE = "POLYGON ((100 100,110 100,110 110,100 100))"


def text_file(town, name, text):
    with open(town.file(name), "w", encoding="utf-8") as file:
        file.write(text)
    return town.file(name)


def test_a_text_of_a_csv_that_is_no_geometry_is_corrupt():
    town = Town()
    path = text_file(town, "b.csv", f'WKT,h\n"{SHAPE}",1\n"POLYGON ((0 0,1 0",2\ngarbage,3\n,4\n"  ",5\nPOLYGON EMPTY,6\n')
    crs = ("--buildings-crs", "EPSG:2249")
    for more in ((), ("--fields", "h"), ("--threads", "3", "--batch-size", "16")):
        run(town, *crs, *more, buildings=path)
        reasons = [row[:2] for row in rejected(town, "buildings")]
        assert reasons == [(2, "corrupt geometry"), (3, "corrupt geometry"), (4, "no geometry"), (5, "no geometry"), (6, "empty geometry")], reasons
        c = balances(town)
        assert (c["buildings_assigned"], c["buildings_skipped"], c["buildings_empty"]) == (1, 2, 3), "counts"
    fails(3, town.arguments(*crs, "--on-invalid", "fail", "--overwrite", buildings=path), "b.csv", "feature 2")
    assert "2 geometries that cannot be decoded (first: feature 2)" in problems(path), "inspect"


def test_zips_of_a_csv_may_be_corrupt():
    town = Town()
    path = text_file(town, "z.csv", 'zip,WKT\n1,"POLYGON ((0 0,1000 0,1000 1000,0 1000,0 0))"\n2,nonsense\n')
    run(town, "--zips-crs", "EPSG:2249", zips=path)
    assert rejected(town, "zips")[0][:2] == (2, "corrupt geometry"), "listed"


def test_coordinates_of_a_csv_that_are_no_numbers_are_corrupt():
    town = Town()
    path = text_file(town, "p.csv", "h,x,y\n1,150,150\n2,abc,150\n3,,\n4,150,\n")
    text_file(town, "p.csvt", "Integer,CoordX,CoordY\n")
    run(town, "--buildings-crs", "EPSG:2249", buildings=path)
    assert [row[:2] for row in rejected(town, "buildings")] == [(2, "corrupt geometry"), (3, "no geometry"), (4, "corrupt geometry")], "listed"


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("keeps", ["YES", "NO"])
def test_coordinates_named_by_open_options_may_be_corrupt(separator, keeps):
    town = Town()
    rows = ("h,Lon,the lat,note", "1,150,150,", "2,n/a,n/a,", '3,,,"two\nlines, of ""text"""', "4,150,,", "5,,x,", "6,unknown,150,", "", "7, ,  ,")
    path = text_file(town, "p.csv", "\n".join(row.replace(",", separator) for row in rows) + "\n")
    options = [f"--buildings-open-option={option}" for option in ("X_POSSIBLE_NAMES=x,lo*", "Y_POSSIBLE_NAMES=*lat", f"KEEP_GEOM_COLUMNS={keeps}")]
    run(town, "--buildings-crs", "EPSG:2249", *options, buildings=path)
    kinds = [(row[0], row[1].split()[0]) for row in rejected(town, "buildings")]
    assert kinds == [(2, "corrupt"), (3, "no"), (4, "corrupt"), (5, "corrupt"), (6, "corrupt"), (7, "no")], kinds


@pytest.mark.parametrize("keeps", ["YES", "NO"])
def test_a_geometry_column_named_by_an_open_option_may_be_corrupt(keeps):
    town = Town()
    path = text_file(town, "b.csv", f'h,the_geom\n1,"{SHAPE}"\n2,"POLYGON ((0 0"\n3,\n')
    options = ("--buildings-open-option", "GEOM_POSSIBLE_NAMES=geom,the_*", "--buildings-open-option", f"KEEP_GEOM_COLUMNS={keeps}")
    run(town, "--buildings-crs", "EPSG:2249", *options, buildings=path)
    assert [row[:2] for row in rejected(town, "buildings")] == [(2, "corrupt geometry"), (3, "no geometry")], "listed"


# What GDAL returns as a missing geometry, or without a part of it.
RING = [[100, 100], [110, 100], [110, 110], [100, 100]]
BROKEN_JSON = [{"type": "Polygon", "coordinates": "x"}, {"type": "Polygon"}, {"type": "Polygom", "coordinates": [RING]}, {"coordinates": [RING]}, "POINT (1 1)",
               5, True, {}, [1, 2], {"type": "Polygon", "coordinates": [[["a", 100], *RING[1:]]]}, {"type": "Polygon", "coordinates": RING},
               {"type": "Polygon", "coordinates": [[RING]]}, {"type": "Polygon", "coordinates": None}, {"type": "Polygon", "coordinates": [[[100], *RING[1:]]]},
               {"type": "MultiPolygon", "coordinates": [[RING], [[["a", 0], [1, 0], [1, 1], ["a", 0]]]]},
               {"type": "GeometryCollection", "geometries": [{"type": "Polygon", "coordinates": [RING]}, {"type": "Polygon"}]}]
SOUND_JSON = [{"type": "Polygon", "coordinates": [RING]}]
EMPTY_JSON = [None, {"type": "Polygon", "coordinates": []}, {"type": "Polygon", "coordinates": [ ]}]


def json_file(town, name, geometries, ids=None):
    """A GeoJSON, a GeoJSONSeq of lines, or one of records with a separator before each."""
    features = [{"type": "Feature", "properties": {"zip": f'"{{Z{i}', "geometry": None}, "geometry": geometry} for i, geometry in enumerate(geometries)]
    features.append({"type": "Feature", "properties": {"zip": "without"}})
    for feature, id_ in zip(features, ids or ()):
        feature["id"] = id_
    if name.endswith(".geojson"):
        crs = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::2249"}}
        return text_file(town, name, json.dumps({"type": "FeatureCollection", "crs": crs, "features": features}))
    before, indent = ("\x1e", 1) if name.endswith(".geojsons") else ("", None)
    return text_file(town, name, "".join(f"{before}{json.dumps(feature, indent=indent)}\n" for feature in features))


@pytest.mark.parametrize("name", ["b.geojson", "b.geojsonl", "b.geojsons"])
def test_geometries_of_a_geojson_that_cannot_be_parsed_are_corrupt(name):
    town = Town()
    path = json_file(town, name, SOUND_JSON + BROKEN_JSON + EMPTY_JSON)
    options = () if name.endswith(".geojson") else ("--buildings-crs", "EPSG:2249")
    n = len(BROKEN_JSON)
    for more in ((), ("--threads", "3", "--batch-size", "2")):
        done = run(town, *options, *more, buildings=path)
        reasons = [(row[0], row[1].replace("empty", "no")) for row in rejected(town, "buildings")]  # [] is an empty polygon for GDAL from 3.10 on
        assert reasons == [(i, "corrupt geometry") for i in range(1, n + 1)] + [(i, "no geometry") for i in range(n + 1, n + 5)], reasons
        c = balances(town)
        assert (c["buildings_assigned"], c["buildings_skipped"], c["buildings_empty"]) == (1, n, 4), "counts"
        assert not warnings(done, "Invalid"), "no messages about other features"
    fails(3, town.arguments(*options, "--on-invalid", "fail", "--overwrite", buildings=path), name, "feature 1")
    assert f"{n} geometries that cannot be decoded (first: feature 1)" in problems(path), "inspect"


def test_features_of_a_geojson_are_found_by_their_ids():
    town = Town()
    path = json_file(town, "b.geojson", [BROKEN_JSON[0], None, SOUND_JSON[0], BROKEN_JSON[4]], ids=[30, 20, 10, 5, 7])
    run(town, buildings=path)
    assert sorted(row[:2] for row in rejected(town, "buildings")) == [(5, "corrupt geometry"), (7, "no geometry"), (20, "no geometry"), (30, "corrupt geometry")]


@pytest.mark.parametrize("name", ["z.geojson", "z.geojsonl"])
def test_zips_of_a_geojson_may_be_corrupt(name):
    town = Town()
    big = {"type": "Polygon", "coordinates": [[[0, 0], [1000, 0], [1000, 1000], [0, 0]]]}
    path = json_file(town, name, [big, BROKEN_JSON[2], BROKEN_JSON[1], None])
    run(town, *(() if name.endswith(".geojson") else ("--zips-crs", "EPSG:2249")), "--zip-where", "zip <> '\"{Z1'", zips=path)
    assert [row[:2] for row in rejected(town, "zips")] == [(2, "corrupt geometry"), (3, "no geometry"), (4, "no geometry")], "listed, though one is filtered out"


@pytest.mark.parametrize("text", [SHAPE, "MULTIPOLYGON (((0 0,1 0,1 1,0 0)))", "SRID=2249;" + SHAPE, "polygon z((0 0 1,1 0 1,1 1 1,0 0 1))",
                                  "0101000000000000000000F03F0000000000000040", '{""type"":""Polygon"",""coordinates"":[[[0,0],[1,0],[1,1],[0,0]]]}'])
def test_geometries_in_a_column_of_another_name_are_explained(text):
    town = Town()
    path = text_file(town, "b.csv", f'BIN,the_geom\n1,\n2,"{text}"\n')
    for command in ("run", "plan"):
        arguments = town.arguments(buildings=path)[1:] if command == "run" else ["--zips", town.zips, "--buildings", path]
        fails(3, [command, *arguments], "the_geom", "WKT", *(["--buildings-open-option GEOM_POSSIBLE_NAMES=the_geom"] if "POLY" in text else []))
    assert "'the_geom'" in problems(path) and "WKT" in problems(path) and "--open-option GEOM_POSSIBLE_NAMES=the_geom" in problems(path), "inspect"
    fails(3, town.arguments(zips=path), "the_geom", "WKT", "--zips-open-option")
    plain = text_file(town, "plain.csv", "a,b\n1,POLYGON of text\n")
    assert "WKT" not in problems(plain), "other texts are not mentioned"


# ---- empty layers ----


@pytest.mark.parametrize("driver, end", [("GPKG", "gpkg"), ("ESRI Shapefile", "shp"), ("GeoJSON", "geojson"), ("FlatGeobuf", "fgb")])
def test_an_empty_building_layer_is_warned_of(driver, end):
    town = Town()
    path = layer(town.file(f"e.{end}"), "e", [], [("n", ogr.OFTInteger)] if end != "shp" else [], driver=driver)
    done = run(town, *(["--buildings-crs", "EPSG:2249"] if end == "geojson" else []), buildings=path)
    assert len(warnings(done, "empty")) == 1 and balances(town)["buildings_read"] == 0, f"run{describe(done)}"
    planned = works(["plan", "--zips", town.zips, "--buildings", path, *(["--buildings-crs", "EPSG:2249"] if end == "geojson" else [])])
    # an empty FlatGeobuf does not store the number of its features
    assert end == "fgb" or warnings(planned, "empty"), f"plan{describe(planned)}"
    assert "empty" in problems(path), "inspect"


# ---- collections ----


@pytest.mark.parametrize("rest, within", [("LINESTRING (105 100,105 90)", ["02139"]), ("POINT (105 90)", ["02139"]),
                                          ("LINESTRING (990 105,1010 105)", []), ("GEOMETRYCOLLECTION (POINT (1500 500))", [])])
def test_lines_and_points_of_a_collection_decide_like_those_of_a_repair(rest, within):
    town = Town()
    path = layer(town.file("c.gpkg"), "c", [(f"GEOMETRYCOLLECTION ({square(100, 100, 10)},{rest})", 1)], [("n", ogr.OFTInteger)], kind=ogr.wkbUnknown)
    touched = ["02139"] if within else ["02139", "02141"]
    for rule, expected in (("within", within), ("intersects", touched), ("centroid", ["02139"]), ("largest", ["02139"])):
        for more in ((), ("--on-invalid", "fail", "--threads", "3")):
            run(town, "--assign", rule, *more, buildings=path)
            assert [row[0] for row in query(town.output, "SELECT zip FROM important_building ORDER BY zip")] == expected, f"{rule} {rest}"
            assert balances(town)["buildings_skipped"] == 0, "not skipped"
    assert problems(path) == "", "inspect has nothing to say"


def test_collections_of_a_zip_layer_are_their_polygons():
    town = Town()
    path = layer(town.file("z.gpkg"), "z", [(f"GEOMETRYCOLLECTION ({square(0, 0, 1000)},LINESTRING (1000 0,5000 0))", "1")],
                 [("zip", ogr.OFTString)], kind=ogr.wkbUnknown)
    run(town, zips=path)
    assert query(town.output, "SELECT zip, buildings FROM zip_summary") == [("1", 3)], "buildings"
