# SPDX-License-Identifier: MIT
"""--analysis-sql: a SELECT of the user's, asked once per ZIP: rows, types, layers, refusals, cancelling, bytes. Oracles: plain SQLite and
SpatiaLite over the buildings that the result itself lists, and over the source."""
import hashlib
import json
import os
import resource
import signal
import sqlite3
import struct
import subprocess
import sys
import time

import pytest
from town import Town, call, catches_signals, content, describe, fails, layer, square, wait_for, works
from support import CAMBRIDGE, needs_cambridge, program

from osgeo import ogr


def sql_file(town, text, name="question.sql"):
    path = town.file(name)
    with open(path, "wb") as file:
        file.write(text if isinstance(text, bytes) else text.encode())
    return path


def ask(town, text, *more, name="answer"):
    """The rows of the answer, in their order, of a run that works."""
    return ask_all(town, {name: text}, *more)[name]


def ask_all(town, texts, *more):
    """The rows of each answer, in their order, of one run that works and whose result is found right."""
    options = []
    for k, (name, text) in enumerate(texts.items()):
        options += ["--analysis-sql", f"{name}={sql_file(town, text, f'question{k or str()}.sql')}"]
    works(town.arguments("-q", "--overwrite", *options, *more))
    works(["verify", town.output])
    return {name: rows(town.output, f'SELECT * FROM "{name}" ORDER BY rowid') for name in texts}


def rows(path, sql):
    """Of plain SQLite."""
    db = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    try:
        return db.execute(sql).fetchall()
    finally:
        db.close()


SPATIALITE = """
import json, sqlite3, sys
path, statements = json.load(sys.stdin)
db = sqlite3.connect(path)
db.enable_load_extension(True)
db.load_extension("mod_spatialite")
if path == ":memory:":
    db.execute("SELECT InitSpatialMetaData(1)")
json.dump([db.execute(*statement).fetchall() for statement in statements], sys.stdout)
"""


def spatialite(path, *statements):
    """The rows of each statement, SQL or (SQL, values), in a process of its own: two SpatiaLites, GDAL's and the module, had better not share one."""
    asked = json.dumps([path, [[s] if isinstance(s, str) else s for s in statements]])
    done = subprocess.run([sys.executable, "-c", SPATIALITE], input=asked, capture_output=True, text=True, timeout=240)
    assert done.returncode == 0, f"SpatiaLite answers: {done.stderr}"
    return [[tuple(row) for row in found] for found in json.loads(done.stdout)]


def columns(path, table="answer"):
    return [(name, declared) for _, name, declared, *_ in rows(path, f'PRAGMA table_info("{table}")')]


def refused(town, text, *words, name="answer", command="plan"):
    """Exit status 2 before a building is read, with file and line; nothing is left."""
    path = sql_file(town, text)
    given = ["plan", "--zips", town.zips, "--buildings", town.buildings] if command == "plan" else town.arguments("-q")
    message = fails(2, [*given, "--analysis-sql", f"{name}={path}"], *words)
    assert town.left_behind() == [], f"{text!r} leaves {town.left_behind()}"
    return message


def test_rows_stand_behind_the_zip_in_the_order_of_the_select(town):
    found = ask(town, "SELECT use, count(*) AS n, sum(height) FROM building GROUP BY use ORDER BY use DESC;\n")
    assert found == [(1, "02139", "shop", 1, 20.0), (1, "02139", "home", 2, 40.0), (2, "02141", "home", 1, 40.0), (2, "02141", None, 1, None)], found
    assert columns(town.output) == [("zip_rank", "BIGINT"), ("zip", "TEXT"), ("use", "TEXT"), ("n", "BIGINT"), ("sum(height)", "REAL")], columns(town.output)


def test_only_important_buildings_are_in_building(town):
    found = ask(town, "SELECT group_concat(fid) FROM (SELECT fid FROM building ORDER BY fid)", "--where", "height >= 20")
    assert found == [(1, "02139", "2,3"), (2, "02141", "4")], found


def test_zips_without_buildings_are_asked_and_a_table_without_rows_is_there(town):
    found = ask_all(town, {"totals": "SELECT count(*) AS n, max(height) AS top FROM building", "answer": "SELECT height, use, fid, geom, fid / 2.0 AS half FROM building"}, "--where", "0")
    assert found["totals"] == [(1, "02139", 0, None), (2, "02141", 0, None)], "one row for each ZIP"
    assert found["answer"] == [], "no row"
    assert columns(town.output) == [("zip_rank", "BIGINT"), ("zip", "TEXT"), ("height", "REAL"), ("use", "TEXT"), ("fid", "BIGINT"),
                                   ("geom", "MULTIPOLYGON"), ("half", "TEXT")], columns(town.output)
    assert rows(town.output, "SELECT f_geometry_column, geometry_type, srid FROM geometry_columns WHERE f_table_name = 'answer'") == [("geom", 6, 2249)], "the layer is there, too"


def test_select_star_has_every_field_measure_and_computed_column(town):
    found = ask(town, "SELECT * FROM building ORDER BY fid", "--compute", "storeys=CAST(height / 3.5 AS INTEGER)", "--buildings-out", "none")
    names = [name for name, _ in columns(town.output)]
    for name in ("fid", "area_m2", "n_vertices", "centroid_x", "height", "use", "last edit", "a,b", "storeys", "geom"):
        assert name in names, f"{name} is among {names}"
    by_name = [dict(zip(names, row)) for row in found]
    assert ([(b["fid"], b["height"], b["last edit"], b["storeys"]) for b in by_name] ==
          [(1, 10.0, "2020-01-01", 2), (2, 20.0, "2021-01-01", 5), (3, 30.0, None, 8), (4, 40.0, "2022-01-01", 11), (5, None, "2023-01-01", None)]), by_name
    with_geometry, = spatialite(town.output, "SELECT fid, ST_AsText(geom) FROM answer ORDER BY fid")
    assert with_geometry[0][1] == "MULTIPOLYGON(((100 100, 110 100, 110 110, 100 110, 100 100)))", with_geometry[0]


def test_only_the_columns_that_the_select_reads_are_read(town):
    path = sql_file(town, "SELECT max(height) FROM building b WHERE perimeter_m > 0")
    planned = json.loads(works(["plan", "--zips", town.zips, "--buildings", town.buildings, "--format", "json", "--analysis-sql", f"top={path}"]).stdout)
    assert planned["fields_read"] == ["height"], planned["fields_read"]
    assert planned["measures"] == ["area_m2", "perimeter_m", "centroid_x", "centroid_y"], planned["measures"]
    assert planned["analysis_sql"] == [{"name": "top", "columns": ["zip_rank", "zip", "max(height)"]}], planned["analysis_sql"]
    text = works(["plan", "--zips", town.zips, "--buildings", town.buildings, "--analysis-sql", f"top={path}"]).stdout
    assert "top (zip_rank, zip, max(height))" in text, text


def test_each_zip_sees_its_share_of_a_building(town):
    for what in ("geometry", "none"):
        found = ask(town, "SELECT fid, share FROM building WHERE fid = 6 OR fid = 1 ORDER BY fid", "--assign", "share", "--buildings-out", what)
        assert found == [(1, "02139", 1, 1.0), (1, "02139", 6, 0.5), (2, "02141", 6, 0.5)], f"{what}: {found}"
        found = ask(town, "SELECT fid, share, use FROM building WHERE share <> 1 OR fid > 4", "--buildings-out", what)
        assert found == [(2, "02141", 5, 1.0, None)], f"{what}: whole ones have all of it: {found}"
    assert columns(town.output)[3] == ("share", "REAL"), columns(town.output)


def test_several_questions_and_an_analysis_stand_side_by_side(town):
    first, second = sql_file(town, "SELECT count(*) AS n FROM building", "1.sql"), sql_file(town, "SELECT fid FROM building ORDER BY fid DESC", "2.sql")
    works(town.arguments("-q", "--analysis-sql", f"one={first}", "--analysis-sql", f"two={second}", "--analysis", "histogram:field=height,width=10"))
    assert rows(town.output, "SELECT n FROM one ORDER BY rowid") == [(3,), (2,)], "the first"
    assert rows(town.output, "SELECT fid FROM two ORDER BY rowid") == [(3,), (2,), (1,), (5,), (4,)], "the second"


def test_types_follow_from_the_values_of_all_zips(town):
    ask(town, """SELECT CASE WHEN fid < 4 THEN fid ELSE height END AS mixed, CASE WHEN fid > 3 THEN fid END AS late, 'x' || fid AS text, x'00ff' AS bytes,
                 NULL AS "nothing", fid AS id, height, CAST(height AS INTEGER) AS whole, rowid, avg(fid) OVER () AS mean, x'' AS empty, '' AS "" FROM building""")
    assert columns(town.output)[2:] == [("mixed", "REAL"), ("late", "BIGINT"), ("text", "TEXT"), ("bytes", "BLOB"), ("nothing", "TEXT"), ("id", "BIGINT"),
                                       ("height", "REAL"), ("whole", "BIGINT"), ("rowid_2", "BIGINT"), ("mean", "REAL"), ("empty", "BLOB"), ("column", "TEXT")], columns(town.output)
    assert (rows(town.output, "SELECT mixed, typeof(mixed), late, text, hex(bytes), whole, typeof(empty), \"column\" FROM answer ORDER BY id")[::3] ==
          [(1.0, "real", None, "x1", "00FF", 10, "blob", ""), (40.0, "real", 4, "x4", "00FF", 40, "blob", "")]), "values are as they were given"


def test_columns_of_two_kinds_end_the_run_and_name_the_zip(town):
    for text, kinds in (("SELECT\nCASE WHEN fid = 4 THEN 'x' ELSE fid END AS k FROM building", "CAST"),
                        ("SELECT CASE WHEN fid = 4 THEN x'00' ELSE 'x' END AS k FROM building", "CAST"),
                        ("SELECT CASE WHEN fid = 4 THEN 0.5 ELSE 9007199254740993 END AS k FROM building", "CAST")):
        path = sql_file(town, text)
        fails(2, town.arguments("-q", "--analysis-sql", f"answer={path}"), "ZIP '02141'", f"{path}:1:", "'k'", kinds, "CAST")
        assert town.left_behind() == [], "nothing is left"


def test_single_geometries_among_multiple_ones_become_multiple():
    """QGIS draws no layer of several types; what SpatiaLite's CastToMulti makes of them is written."""
    cases = {"polygons": "ST_Union(geom)", "lines": "CASE WHEN fid % 2 THEN ST_ExteriorRing(ST_GeometryN(geom, 1)) ELSE CastToMulti(ST_ExteriorRing(ST_GeometryN(geom, 1))) END",
             "points": "CASE WHEN fid % 2 THEN ST_Centroid(geom) ELSE CastToMulti(ST_Centroid(geom)) END", "high": "CastToXYZ(ST_Union(geom))", "measured": "CastToXYM(ST_Union(geom))",
             "small": "CASE WHEN fid % 2 THEN CompressGeometry(ST_GeometryN(geom, 1)) ELSE geom END"}
    types = {"polygons": (6, 2), "lines": (5, 2), "points": (4, 2), "high": (1006, 3), "measured": (2006, 3), "small": (6, 2)}
    town, options = Town(), []
    for name, expression in cases.items():
        sql = f"SELECT {expression} AS shape, hex({expression}) AS given FROM building GROUP BY {'fid % 2' if 'Union' in expression else 'fid'} ORDER BY 2"
        options += ["--analysis-sql", f"{name}={sql_file(town, sql, name + '.sql')}"]
    works(town.arguments("-q", *options))
    works(["verify", town.output])
    for name in cases:
        assert rows(town.output, f"SELECT geometry_type, coord_dimension FROM geometry_columns WHERE f_table_name = '{name}'") == [types[name]], name
        found = rows(town.output, f"SELECT hex(shape), given FROM {name}")
        wanted, plain, index = spatialite(
            town.output, "SELECT " + ",".join(f"hex(CastToMulti(x'{given}'))" for _, given in found),
            "SELECT " + ",".join(f"hex(UncompressGeometry(x'{shape}'))" for shape, _ in found),
            f"SELECT CheckSpatialIndex('{name}', 'shape'), count(*), sum(ST_IsValid(shape)) FROM {name}")
        assert [shape for shape, _ in found] == list(wanted[0]) or list(plain[0]) == list(wanted[0]), f"{name}: {found}"
        assert len({given == shape for shape, given in found}) == 2, f"{name}: some were, some were not"
        assert index == [(1, len(found), len(found))], name
    ask(town, "SELECT CASE WHEN fid % 2 THEN geom ELSE ST_Centroid(geom) END AS shape FROM building", name="mixed")
    assert rows(town.output, "SELECT geometry_type FROM geometry_columns WHERE f_table_name = 'mixed'") == [(0,)], "points and polygons stay what they are"


def test_geometries_become_a_layer_with_spatial_index(town):
    ask(town, "SELECT use, ST_Union(geom) AS shape, count(*) AS n FROM building GROUP BY use ORDER BY use", name="By_Use")
    assert [name for name, _ in columns(town.output, "By_Use")] == ["zip_rank", "zip", "use", "shape", "n"], "columns stay in their order"
    assert rows(town.output, "SELECT f_geometry_column, geometry_type, coord_dimension, srid, spatial_index_enabled FROM geometry_columns "
               "WHERE f_table_name = 'by_use'") == [("shape", 6, 2, 2249, 1)], "single and multiple polygons: a layer of multiple ones"
    assert (rows(town.output, "SELECT row_count, extent_min_x, extent_max_x FROM geometry_columns_statistics WHERE f_table_name = 'by_use'") ==
          [(4, 100.0, 1220.0)]), "its extent"
    index, shapes = spatialite(town.output, "SELECT CheckSpatialIndex('By_Use', 'shape')", "SELECT count(*), sum(ST_Area(shape)) FROM By_Use")
    assert index == [(1,)] and shapes == [(4, 100.0 + 400 + 900 + 100 + 400)], f"its index is right, and its shapes: {index} {shapes}"
    ask(town, "SELECT fid, ST_Centroid(geom) AS \"the middle\" FROM building ORDER BY fid", name="a b")
    assert rows(town.output, "SELECT f_geometry_column, geometry_type FROM geometry_columns WHERE f_table_name = 'a b'") == [("the middle", 1)], "one type"
    assert spatialite(town.output, "SELECT CheckSpatialIndex('a b', 'the middle'), count(*) FROM \"idx_a b_the middle\"") == [[(1, 5)]], "and its index"
    result = ogr.Open(town.output)
    opened = result.GetLayerByName("a b")
    first = opened.GetNextFeature()
    assert opened.GetFeatureCount() == 5 and first.GetGeometryRef().GetX() == 105.0, "OGR reads it"


def test_geometries_that_are_no_layer_are_blobs(town):
    blobs = {"two CRS": "CASE fid WHEN 1 THEN geom ELSE SetSRID(geom, 4326) END", "unknown CRS": "SetSRID(geom, 123456)",
             "no geometry": "CASE fid WHEN 1 THEN geom ELSE x'00' END", "two dimensions": "CASE fid WHEN 1 THEN CastToXYZ(geom) ELSE geom END"}
    ask_all(town, {name: f"SELECT {expression} AS g FROM building" for name, expression in blobs.items()} |
            {"quoted": "SELECT geom AS \"it's\" FROM building", "pair": "SELECT geom AS one, ST_Centroid(geom) AS two FROM building"})
    for name in blobs:
        assert columns(town.output, name)[2:] == [("g", "BLOB")], f"{name}: {columns(town.output, name)}"
        assert rows(town.output, f"SELECT * FROM geometry_columns WHERE f_table_name = '{name}'") == [], name
    assert columns(town.output, "quoted")[2:] == [("it's", "BLOB")], "SpatiaLite knows no layers with quotes in their names"
    assert columns(town.output, "pair")[2:] == [("one", "MULTIPOLYGON"), ("two", "BLOB")], "the first is the layer's"


def test_transformed_geometries_bring_their_crs(town):
    ask(town, "SELECT ST_Transform(ST_Centroid(geom), 4326) AS place FROM building ORDER BY fid")
    assert rows(town.output, "SELECT srid, geometry_type FROM geometry_columns WHERE f_table_name = 'answer'") == [(4326, 1)], "WGS 84"
    assert rows(town.output, "SELECT auth_name, auth_srid FROM spatial_ref_sys WHERE srid = 4326") == [("epsg", 4326)], "its CRS is in the file"
    opened = ogr.Open(town.buildings)
    footprints = [feature.GetGeometryRef().ExportToWkt() for feature in opened.GetLayer(0) if feature.GetFID() <= 5]
    found, = spatialite(town.output, "SELECT ST_X(place), ST_Y(place) FROM answer ORDER BY rowid")
    wanted = spatialite(":memory:", *[("SELECT ST_X(p), ST_Y(p) FROM (SELECT ST_Transform(ST_Centroid(GeomFromText(?, 2249)), 4326) AS p)",
                                       (wkt,)) for wkt in footprints])
    assert [[row] for row in found] == wanted, f"{found} {wanted}"


def test_names_of_all_kinds(town):
    path, options = sql_file(town, 'SELECT fid AS "group", height AS "größe", use AS "a ""b""", fid + 1 AS zip, fid AS FID FROM building'), []
    fails(2, town.arguments("-q", "--analysis-sql", f"it's={path}"), "--analysis-sql")  # quotes are asked for
    names = {'"select"': "select", '"a ""b"""': 'a "b"', '"it\'s"': "it's", "höhe": "höhe", "a b.c-d": "a b.c-d", '"a=b;"': "a=b;"}
    for option in names:
        options += ["--analysis-sql", f"{option}={path}"]
    works(town.arguments("-q", *options))
    for name in names.values():
        found = columns(town.output, name.replace('"', '""'))
        assert [column for column, _ in found] == ["zip_rank", "zip", "group", "größe", 'a "b"', "zip_2", "FID"], f"{name}: {found}"
    done = works(town.arguments("-v", "--overwrite", "--analysis-sql", f'twice={sql_file(town, "SELECT fid, fid, 1 AS zip, geom, geom FROM building")}'))
    assert [name for name, _ in columns(town.output, "twice")] == ["zip_rank", "zip", "fid", "fid_2", "zip_2", "geom", "geom_2"], "each has a name of its own"
    assert "'fid_2'" in done.stderr, "which is logged"


def test_layers_of_all_names_have_their_index(town):
    layers = (("select", "from"), ("Größe Ä", "Fläche; --"), ("a=b%s\\", "ST_Centroid(%w)"), ("n" * 60, "c" * 60), ("TABLE", "GEOM"))
    options, long = [], "c" * 61
    for k, (table, column) in enumerate((*layers, ("answer", long))):
        options += ["--analysis-sql", f'"{table}"=' + sql_file(town, f'SELECT geom AS "{column}", fid FROM building', f"{k}.sql")]
    done = works(town.arguments("-v", *options))
    works(["verify", town.output])
    asked = [statement for table, column in layers for statement in (
        f"SELECT CheckSpatialIndex('{table}', '{column}')",
        ("SELECT f_geometry_column, spatial_index_enabled FROM geometry_columns WHERE f_table_name = Lower(?)", (table,)), f'SELECT count(*) FROM "idx_{table}_{column}"')]
    answers = spatialite(town.output, *asked)
    for k, (table, column) in enumerate(layers):
        right, registered, count = answers[3 * k:3 * k + 3]
        assert [right, registered[0][1], count] == [[(1,)], 1, [(5,)]], f"{table} {column}: {answers}"
    assert columns(town.output)[2] == (long, "BLOB") and long in done.stderr, f"too long a name{describe(done)}"


def test_names_that_are_taken_are_refused(town):
    works(town.arguments("-q"))
    knn = rows(town.output, "SELECT name FROM sqlite_master WHERE name LIKE 'KNN%'")[0][0]  # KNN, KNN2
    os.remove(town.output)
    for name in ("run_area", "Important_Building", "building", "geometry_columns", "sqlite_x", "idx_zip_summary_geom", knn):
        refused(town, "SELECT 1", f"'{name}'", name=name)
    path = sql_file(town, "SELECT 1")
    fails(2, town.arguments("--analysis-sql", f"a={path}", "--analysis-sql", f"A={path}"), "'A'")
    fails(2, town.arguments("--analysis-sql", f"histogram_height={path}", "--analysis", "histogram:field=height,width=5"), "histogram_height")
    fails(2, town.arguments("--analysis-sql", f"{'n' * 61}={path}"), "60")
    fails(2, town.arguments("--analysis-sql", path), "NAME=FILE.sql")
    fails(2, town.arguments("--analysis-sql", f"={path}"), "--analysis-sql")
    assert town.left_behind() == [], "nothing is left"


def test_files_that_cannot_be_read_are_usage_errors(town):
    for path, words in ((town.file("none.sql"), "none.sql"), (town.file("out"), "out"), (sql_file(town, b"SELECT \0 1", "0.sql"), "0.sql"),
                        (sql_file(town, b"SELECT 'gr\xf6\xdfe'", "8.sql"), "UTF-8"), (sql_file(town, b"-- " + b"x" * (1 << 20), "m.sql"), "1 MiB")):
        fails(2, town.arguments("--analysis-sql", f"answer={path}"), "--analysis-sql", path, words)
    assert town.left_behind() == [], "nothing is left"


def test_there_must_be_one_select(town):
    """unit/test_sql_query_refusals.c has the other texts."""
    refused(town, "SELECT 1;\n-- and\nSELECT 2", "question.sql:3: ", "one SELECT", command="run")
    refused(town, "SELECT 1;\n-- and\nSELECT 2", "question.sql:3: ", "one SELECT")
    found = ask_all(town, {"comments": "-- a\n/* b; */ SELECT count(*) AS n FROM building ; -- c\n;;", "mark": "\ufeffSELECT count(*) AS n FROM building",
                           "with": "WITH x AS (SELECT 'a;b' FROM building) SELECT count(*) AS n FROM x", "lines": "\r\nSELECT count(*) AS n\r\nFROM building\r\n"})
    for name, answer in found.items():
        assert answer == [(1, "02139", 3), (2, "02141", 2)], name


@pytest.mark.wording
def test_errors_name_file_line_and_what_was_meant(town):
    for text, line, words in (("SELECT fid,\n  heigt\nFROM building", 2, "perhaps height is meant"), ("SELECT\n\nST_Aera(geom) FROM building", 3, "ST_area()"),
                              ("SELECT nowhere FROM building", 1, "the columns of building are geom, height")):
        refused(town, text, f"question.sql:{line}: ", words)


def test_errors_in_a_zip_name_it(town):
    for text, words in (("SELECT json_extract('{', '$') FROM building WHERE fid = 4", "JSON"),
                        ("SELECT abs(-9223372036854775807 - 1) FROM building WHERE fid > 3", "overflow"),
                        ("SELECT date(\"last edit\", CASE fid WHEN 4 THEN 'localtime' ELSE '+1 day' END) FROM building", "time zone")):
        path = sql_file(town, f"\n{text}")
        fails(2, town.arguments("-q", "--analysis-sql", f"answer={path}"), "ZIP '02141'", f"{path}:2:", words)
    assert town.left_behind() == [], "nothing is left"


def test_nothing_else_is_in_reach(town):
    """One of each kind; unit/test_sql_query_refusals.c has all of them."""
    before = {name: content(town.file(name)) for name in ("zips.gpkg", "buildings.gpkg")}
    relaxed = os.environ | {"SPATIALITE_SECURITY": "relaxed"}   # SpatiaLite then brings functions that open files
    for text in (f"ATTACH '{town.buildings}' AS x", "SELECT count(*) FROM sqlite_master", "UPDATE building SET fid = 1", f"SELECT BlobToFile(x'00', '{town.file('evil')}')",
                 "SELECT date('now')", "SELECT zeroblob(300000000)"):
        path = sql_file(town, text)
        fails(2, town.arguments("-q", "--analysis-sql", f"answer={path}"), "--analysis-sql", "answer", f"{path}:1:", env=relaxed, cwd=town.file("out"))
    assert town.left_behind() == [] and not any(name.startswith("evil") for name in os.listdir(town.path)), "no file has come into being"
    assert before == {name: content(town.file(name)) for name in before}, "the inputs are as they were"


def test_what_computes_is_allowed(town):
    fifteen = ("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5) SELECT sum(i) AS s FROM n", "WITH n(i) AS (VALUES (7), (8)) SELECT sum(i) AS s FROM n",
               "WITH a AS MATERIALIZED (SELECT fid FROM building) SELECT 15 AS s WHERE (SELECT count(*) FROM a) >= 2",
               "SELECT 15 AS s FROM (SELECT row_number() OVER (ORDER BY fid) AS r, lag(fid) OVER () FROM main.building) WHERE r = 1",
               "SELECT sum(5) FROM (SELECT 1 UNION SELECT 2 UNION ALL SELECT 3)")
    found = ask_all(town, {f"q{k}": text for k, text in enumerate(fifteen)} | {
        "pairs": "SELECT a.fid, b.fid FROM building a JOIN building b ON a.rowid < b.rowid AND ST_Distance(a.geom, b.geom) < 95 ORDER BY 1, 2",
        "dates": "SELECT strftime('%Y', max(\"last edit\")) AS y, group_concat(use, '+') AS u FROM building"})
    for k, text in enumerate(fifteen):
        assert [s for _, _, s in found[f"q{k}"]] == [15, 15], text
    assert found["pairs"] == [(1, "02139", 1, 2), (1, "02139", 2, 3), (2, "02141", 4, 5)], found["pairs"]
    assert found["dates"][1][2:] == ("2023", "home"), "dates that are given"


def start_endless(town, text):
    path = sql_file(town, text)
    process = subprocess.Popen([program(), *town.arguments("-v", "--overwrite", "--temp-dir", town.path, "--analysis-sql", f"answer={path}")],
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    for _ in range(600):   # until it is about its ZIPs: the result's temporary file is there
        if town.left_behind():
            break
        time.sleep(0.05)
    time.sleep(0.3)
    assert process.poll() is None, "it goes on and on"
    return process


def test_an_endless_select_can_be_interrupted(town):
    endless = "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT "
    for text in (endless + "count(*) FROM c", endless + "x FROM c", endless + "x FROM c ORDER BY -x",
                 "SELECT count(*) FROM building a, building b, (" + endless + "x FROM c) c WHERE ST_Distance(a.geom, b.geom) + c.x < 0"):
        process = start_endless(town, text)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=1200)
        assert process.returncode == 6 and out == "", f"{text}: exit {process.returncode}\n{err}"
        assert town.left_behind() == [] and not any(name.startswith("zonefold-") for name in os.listdir(town.path)), f"{text}: nothing is left"


def test_functions_whose_time_is_not_linear_have_bounds(town):
    found = ask(town, "SELECT instr(hex(zeroblob(7000000)), hex(zeroblob(3000000)) || 'a') AS i, printf('%.3c', 'x') AS p FROM building LIMIT 1")
    assert [row[2:] for row in found] == [(0, "xxx")] * 2, f"{found}"


def test_a_single_large_call_of_geos_can_be_interrupted(town):
    works(town.arguments())
    before = content(town.output)
    points = "WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < 100000) SELECT "
    for call in ("ST_Buffer(ST_Collect(MakePoint(i * 7919 % 1000, i * 104729 % 1000)), 50)",
                 "ST_Union(ST_Buffer(MakePoint(i * 7919 % 1000, i * 104729 % 1000), 50 + i % 7))"):
        path = sql_file(town, f"{points}{call} FROM c WHERE EXISTS (SELECT 1 FROM building)")
        process = subprocess.Popen([program(), *town.arguments("-q", "--overwrite", "--temp-dir", town.path, "--memory", "4GiB", "--analysis-sql", f"answer={path}")],
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        wait_for(process, lambda: catches_signals(process) and len(town.left_behind()) > 1)
        time.sleep(1)
        assert process.poll() is None, f"it goes on: {call}"
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=1200)
        assert process.returncode == 6 and out == "" and err.startswith("zonefold: "), f"{call}: exit {process.returncode}\n{err}"
        assert town.left_behind() == ["result.sqlite"] and content(town.output) == before, f"{call}: the older result is as it was"


def test_depth_and_length_have_limits(town):
    """The others are in unit/test_sql_query_refusals.c."""
    if sqlite3.sqlite_version_info < (3, 45):  # later parsers take parentheses of any depth, in memory of their own
        refused(town, "SELECT " + "(" * 5000 + "1" + ")" * 5000, "question.sql:1: ")
    refused(town, "SELECT " + ",".join(f"1 AS c{i}" for i in range(1999)), "question.sql:1: ", "1998")


def big_town(n=6000):
    """ZIPs in metres with many buildings, in no order."""
    town = Town()
    town.zips = layer(town.file("z.gpkg"), "zips", [(square(1000 * i, 1000 * j, 1000), f"{i}{j}") for i in range(4) for j in range(3)],
                      [("zip", ogr.OFTString)], epsg=26986)
    places = [((7919 * i) % 3950, (104729 * i) % 2950) for i in range(n)]
    town.buildings = layer(town.file("b.gpkg"), "buildings", [(square(x, y, 5 + i % 7), i % 50 / 2, "abc"[i % 3] * 20) for i, (x, y) in enumerate(places)],
                           [("height", ogr.OFTReal), ("use", ogr.OFTString)], epsg=26986)
    return town


def test_the_same_bytes_for_any_threads_memory_and_batches():
    town = big_town()
    options = []
    for k, text in enumerate(("SELECT * FROM building ORDER BY area_m2 DESC, fid", "SELECT use, count(*) AS n, total(height) AS h, ST_Collect(geom) AS g FROM building GROUP BY 1",
                              "SELECT fid, use, geom FROM building WHERE height > 12", "SELECT DISTINCT use, height FROM building")):
        options += ["--analysis-sql", f"q{k}={sql_file(town, text, f'{k}.sql')}"]
    seen = {}
    for what, variants in (("attributes", (("--threads", "1"), ("--threads", "2", "--batch-size", "7"), ("--threads", "1", "--memory", "36MiB"), ("--threads", "2", "--memory", "40MiB"))),
                           ("none", (("--threads", "2"), ("--threads", "1", "--memory", "36MiB")))):
        for more in variants:
            works(town.arguments("-q", "--overwrite", "--buildings-out", what, *options, *more))
            seen.setdefault(what, content(town.output))
            assert content(town.output) == seen[what], f"{what} {more}: other bytes"
    n = rows(town.output, "SELECT sum(important) FROM zip_summary")[0][0]
    assert rows(town.output, "SELECT count(*) FROM q0") == [(n,)] and n > 5000, f"{n} buildings"


def test_several_passes_give_the_same_bytes():
    """ZIPs with so many vertices that not all fit in memory together."""
    town = big_town(3000)
    def ragged(x, y, n=40000):
        top = [(x + 1000 - 1000 * i / n, y + 1000 - (i % 2) * 0.5) for i in range(n)]
        return f"POLYGON (({x} {y},{x + 1000} {y}," + ",".join(f"{a} {b}" for a, b in top) + f",{x} {y}))"
    town.zips = layer(town.file("r.gpkg"), "zips", [(ragged(1000 * i, 1000 * j), f"{i}{j}") for i in range(4) for j in range(3)], [("zip", ogr.OFTString)], epsg=26986)
    path = sql_file(town, "SELECT fid, use, ST_Area(geom) AS a FROM building ORDER BY fid")
    works(town.arguments("-q", "--analysis-sql", f"answer={path}", "--threads", "1"))
    expected = content(town.output)
    small = town.arguments("-q", "--overwrite", "--analysis-sql", f"answer={path}", "--threads", "1", "--memory", "40MiB")
    planned = json.loads(works(["plan", *[word for word in small[1:] if word not in ("--overwrite", "-o", town.output)], "--format", "json"]).stdout)
    assert planned["passes"] > 1, f"passes: {planned['passes']}"
    works(small)
    assert content(town.output) == expected, "other bytes in several passes"


def test_the_record_holds_name_and_text_but_no_path(town):
    text = "SELECT 'größe' AS t -- \"x\"\n"
    ask(town, text, name="näme")
    job = json.loads(rows(town.output, "SELECT value FROM run_info WHERE key = 'job'")[0][0])
    assert job["analysis-sql"] == [{"name": "näme", "sql": text}], job
    first = content(town.output)
    os.rename(town.file("question.sql"), town.file("other.sql"))
    works(town.arguments("-q", "--overwrite", "--analysis-sql", f"näme={town.file('other.sql')}"))
    assert content(town.output) == first, "the file's name does not show"


def test_a_full_disk_is_told_as_one_of_temporary_files(town):
    endless = "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT "
    for limit, text in ((1, "SELECT 1"), (12, endless + "x FROM c"), (12, endless + "x FROM c ORDER BY -x")):
        full = {"preexec_fn": lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit << 20, limit << 20))}
        fails(4, town.arguments("-q", "--analysis-sql", f"answer={sql_file(town, text)}"), "--temp-dir", **full)
        assert town.left_behind() == [], "nothing is left"


def content_hash(path, table):
    """By the definition in output.h."""
    def packed(value):
        if value is None:
            return b"\0"
        if isinstance(value, int):
            return b"\1" + struct.pack(">q", value)
        if isinstance(value, float):
            return b"\2" + struct.pack(">d", value)
        kind, value = (b"\3", value.encode()) if isinstance(value, str) else (b"\4", value)
        return kind + struct.pack(">Q", len(value)) + value
    lines = [[name for name, _ in columns(path, table)], *rows(path, f'SELECT * FROM "{table}" ORDER BY rowid')]
    return hashlib.sha256(b"".join(b"".join(map(packed, line)) + b"\n" for line in lines)).hexdigest()


def test_tables_of_answers_have_their_content_hash(town):
    texts = ("SELECT use, geom, height, x'00' AS b FROM building", "SELECT geom AS first, fid FROM building", "SELECT fid, geom FROM building WHERE 0",
             "SELECT count(*) FROM building")
    for name in ask_all(town, {f"answer{k}": text for k, text in enumerate(texts)}):
        found = rows(town.output, f"SELECT value FROM run_info WHERE key = 'content_sha256.{name}'")
        assert found == [(content_hash(town.output, name),)], f"{name}: {found}"


def test_a_field_called_geom_is_out_of_reach_and_lists_are_no_columns(town):
    town.buildings = layer(town.file("g.geojson"), "g", [(square(100, 100, 10), "a field", 3)], [("GEOM", ogr.OFTString), ("n", ogr.OFTInteger)], driver="GeoJSON")
    path = sql_file(town, "SELECT ST_AsText(ST_Centroid(geom)) AS t, n FROM building")
    done = works(town.arguments("--analysis-sql", f"answer={path}", "--buildings-crs", "EPSG:2249"))
    assert "geom" in done.stderr, describe(done)
    assert rows(town.output, "SELECT * FROM answer") == [(1, "02139", "POINT(105 105)", 3)], "the footprint"
    with open(town.file("l.geojson"), "w") as file:
        json.dump({"type": "FeatureCollection", "features": [{"type": "Feature", "properties": {"tags": ["a", "b"], "n": 1}, "geometry": {
            "type": "Polygon", "coordinates": [[[100, 100], [110, 100], [110, 110], [100, 110], [100, 100]]]}}]}, file)
    town.buildings = town.file("l.geojson")
    works(town.arguments("-q", "--overwrite", "--analysis-sql", f"answer={sql_file(town, 'SELECT * FROM building')}", "--buildings-crs", "EPSG:2249"))
    assert "tags" not in [name for name, _ in columns(town.output)], "a list is no column"
    fails(2, town.arguments("--overwrite", "--analysis-sql", f"answer={sql_file(town, 'SELECT tags FROM building')}", "--buildings-crs", "EPSG:2249"), "is a list")


def test_a_temporary_directory_that_cannot_be_written_is_told_at_once(town):
    path = sql_file(town, "SELECT 1")
    fails(4, town.arguments("--analysis-sql", f"answer={path}", "--temp-dir", town.file("nowhere")), "nowhere", "--temp-dir")
    assert town.left_behind() == [], "nothing is left"


def test_the_sqlite_of_python_gives_the_same_answers(town):
    """Values of each kind, through the table building, against a table of the same rows."""
    text = """SELECT fid, height, typeof(height), use, "a,b", length("a,b"), height * 2 AS h2, round(area_m2, 6) AS a, n_vertices, typeof(fid),
              rank() OVER (ORDER BY height DESC NULLS LAST) AS r FROM building ORDER BY fid"""
    found = ask(town, text, "--fields", '"a,b",use,height')
    fields = "building_fid AS fid, height, use, \"a,b\", area_m2, n_vertices"
    for rank in (1, 2):
        db = sqlite3.connect(f"file:{town.output}?mode=ro", uri=True)
        db.execute(f"CREATE TEMP TABLE building AS SELECT {fields} FROM important_building WHERE zip_rank = {rank} ORDER BY id")
        assert [row[2:] for row in found if row[0] == rank] == db.execute(text).fetchall(), f"ZIP {rank}"
        db.close()


@needs_cambridge
def test_cambridge_equals_spatialite(town):
    town.zips, town.buildings = os.path.join(CAMBRIDGE, "zips.gpkg"), os.path.join(CAMBRIDGE, "buildings.gpkg")
    text = """-- how the buildings of a ZIP are shaped and where they lie
              SELECT ST_NumInteriorRing(ST_GeometryN(geom, 1)) AS holes, count(*) AS n, sum(ST_Area(geom)) AS area, max(ST_Perimeter(geom)) AS longest,
                     min(ST_Y(ST_Transform(ST_Centroid(geom), 4326))) AS south, hex(ST_AsBinary(ST_Envelope(ST_Collect(geom)))) AS box,
                     (SELECT count(*) FROM building b WHERE ST_NPoints(b.geom) > 20) AS detailed
              FROM building GROUP BY holes ORDER BY holes;"""
    near = "SELECT a.fid, b.fid AS other, ST_Distance(a.geom, b.geom) AS d FROM building a, building b WHERE a.fid < b.fid AND a.fid % 50 = 0 AND d < 30 ORDER BY 1, 2"
    union = "SELECT ST_Union(geom) AS built FROM building"
    options = []
    for name, sql in (("shapes", text), ("near", near), ("built", union)):
        options += ["--analysis-sql", f"{name}={sql_file(town, sql, name + '.sql')}"]
    works(town.arguments("-q", "--analysis", "none", *options))
    opened = ogr.Open(town.buildings)
    source = {feature.GetFID(): feature.GetGeometryRef().ExportToIsoWkb().hex() for feature in opened.GetLayer(0)}
    n_rows = 0
    for rank, fids in by_rank(town.output).items():
        *_, shapes, pairs, area = spatialite(
            ":memory:", "CREATE TABLE building(fid INTEGER, geom MULTIPOLYGON)",
            *[(f"INSERT INTO building VALUES (?1, CastToMulti(GeomFromWKB(x'{source[fid]}', 2249)))", (fid,)) for fid in fids],
            text, near, "SELECT ST_Area(ST_Union(geom)) FROM building")
        for name, wanted in (("shapes", shapes), ("near", pairs)):
            found = [row[2:] for row in rows(town.output, f"SELECT * FROM {name} WHERE zip_rank = {rank} ORDER BY rowid")]
            assert found == wanted, f"{name} of ZIP {rank}: {len(found)} rows, SpatiaLite has {len(wanted)}"
            n_rows += len(found)
        assert spatialite(town.output, f"SELECT ST_Area(built) FROM built WHERE zip_rank = {rank}") == [area], f"union of ZIP {rank}"
    assert n_rows > 50, f"{n_rows} rows"
    assert rows(town.output, "SELECT f_geometry_column, srid, spatial_index_enabled FROM geometry_columns WHERE f_table_name = 'built'") == [("built", 2249, 1)], "unions are a layer"


def by_rank(path):
    found = {}
    for rank, fid in rows(path, "SELECT zip_rank, building_fid FROM important_building ORDER BY id"):
        found.setdefault(rank, []).append(fid)
    return found


def test_sql_on_the_command_line_is_like_a_file(town):
    given, read = [], []
    for name, sql in {"tall": "SELECT fid, height FROM building WHERE height > 15", "dense": "select*from(select fid, height from building where height>15)",
                      "with": "  With b AS (SELECT fid, height FROM building) SELECT * FROM b WHERE height > 15; -- = 'x'"}.items():
        given += ["--analysis-sql", f"{name}={sql}"]
        read += ["--analysis-sql", f"{name}={sql_file(town, sql, name + '.sql')}"]
    works(town.arguments("-q", *read))
    by_files = content(town.output)
    works(town.arguments("-q", "--overwrite", *given, "--write-job", town.file("out", "job.yaml")))
    assert content(town.output) == by_files
    works(["run", "--job", town.file("out", "job.yaml"), "-o", town.output, "--overwrite", "-q"])
    assert content(town.output) == by_files
    works(["replay", town.output, "--inputs", town.path])
    planned = json.loads(works(["plan", "--zips", town.zips, "--buildings", town.buildings, *given, "--format", "json"]).stdout)
    assert [query["name"] for query in planned["analysis_sql"]] == ["tall", "dense", "with"], planned["analysis_sql"]


def test_wrong_sql_on_the_command_line_is_refused_with_its_line(town):
    fails(2, town.arguments("-q", "--analysis-sql", "a=SELECT no_such FROM building"), "--analysis-sql", "no_such", ":1:")
    fails(2, town.arguments("-q", "--analysis-sql", "a=SELECT * FROM sqlite_master"), "--analysis-sql", "sqlite_master")
    fails(2, town.arguments("-q", "--analysis-sql", "a=selection.sql"), "selection.sql")
    fails(2, town.arguments("-q", "--analysis-sql", "a=DELETE FROM building"), "DELETE FROM building")
