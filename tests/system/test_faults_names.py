# SPDX-License-Identifier: MIT
"""Names of layers and fields as files bring them, and expressions as strangers write them: none is taken for anything else."""
import os
import signal
import subprocess
import time

from faults import counts, query, run
from osgeo import ogr
from town import Town, call, catches_signals, content, describe, program, reference, square, wait_for, works

# Quotes, separators, keywords, accents, emoji, formats, and what zonefold or SQLite call their own.
NAMES = ["a\"b", "a'b", "a`b", "a[b]", "a;b", "a b", " lead", "trail ", "a\tb", "a\nb", "a.b", ".", "\"", "%s%n", "--x", "/*x", "1st", "x" * 200,
         "zip\"; DROP TABLE zip_summary; --", "select", "order", "rank", "NULL", "\u00e9", "\u6f22\u5b57", "\N{GRINNING FACE}",
         "zip", "ZIP_RANK", "geom", "Geom", "id", "ID", "building", "building_fid", "zip_fid", "rowid", "ROWID", "oid", "_rowid_", "pkid",
         "ogc_fid", "xmin", "nn_m", "nn_fid", "geometry", "rejected_feature", "idx_important_building_geom", "sqlite_master"]


def quoted(name):
    return '"' + name.replace('"', '""') + '"'


def named(town, file, layer_name, fields, values, zips=False):
    """Two squares; `fields` are integers unless they hold ZIP ids. The columns of geometry and fid have names that stand in no one's way."""
    path = town.file(file)
    if os.path.exists(path):
        os.remove(path)
    source = ogr.GetDriverByName("GPKG").CreateDataSource(path)
    try:
        made = source.CreateLayer(layer_name, reference(2249), ogr.wkbPolygon, ["GEOMETRY_NAME=shape of it", "FID=key of it"])
    except RuntimeError:
        made = None
    if made is None:
        return None  # a name that GDAL does not write
    for field in fields:
        made.CreateField(ogr.FieldDefn(field, ogr.OFTString if zips else ogr.OFTInteger))
    for k in range(2):
        feature = ogr.Feature(made.GetLayerDefn())
        feature.SetGeometry(ogr.CreateGeometryFromWkt(square(1000 * k, 0, 1000) if zips else square(10 + 40 * k, 10, 10)))
        for i in range(len(fields)):
            feature.SetField(i, values(i, k))
        made.CreateFeature(feature)
    return path


def test_fields_of_any_name_are_carried_computed_and_counted(town):
    path = named(town, "b.gpkg", "b", [name for name in NAMES if name.lower() not in ("id", "geom", "rowid")] + ["ID", "Geom", "ROWID"],
                 lambda i, k: 1000 * i + k)
    source = ogr.Open(path)
    fields = [field.GetName() for field in source.GetLayer(0).schema]
    source = None
    options = ["--fields", ",".join(map(quoted, fields))]
    for name in fields:
        options += ["--stat", f"{quoted(name)}=sum,argmax"]
    options += ["--where", " AND ".join(f"{quoted(name)} >= {1000 * i}" for i, name in enumerate(fields))]
    options += ["--compute", "all of it=" + " + ".join(map(quoted, fields)), "--stat", "all of it=max"]
    run(town, *options, buildings=path)
    columns = [row[1] for row in query(town.output, "PRAGMA table_info(important_building)")]
    rows = query(town.output, "SELECT * FROM important_building ORDER BY building_fid")
    assert len(rows) == 2, "both pass"
    for k, row in enumerate(rows):
        carried = list(row[columns.index("area_m2") + 1:columns.index("all of it")])
        assert carried == [1000 * i + k for i in range(len(fields))], f"{columns} {carried}"
        assert row[columns.index("all of it")] == sum(carried), "all of it"
    assert len({column.lower() for column in columns}) == len(columns), f"no column twice: {columns}"
    summary = dict(zip([row[1] for row in query(town.output, "PRAGMA table_info(zip_summary)")], query(town.output, "SELECT * FROM zip_summary")[0]))
    for i, name in enumerate(fields):
        assert summary[name + "_sum"] == 2000 * i + 1 and summary[name + "_argmax"] == 2, f"{name!r}: {summary}"
    works(["inspect", path])


def test_layers_of_any_name_are_found(town):
    n_layers = 0
    for name in NAMES:
        if name.lower().startswith("sqlite") or name == "":
            continue
        buildings = named(town, "b.gpkg", name, ["height"], lambda i, k: k)
        if buildings is None:
            continue
        n_layers += 1
        zips = named(town, "z.gpkg", name, ["zip"], lambda i, k: f"0213{k}", zips=True)
        done = call(town.arguments("--overwrite", "--buildings-layer", name, "--zips-layer", name, "--zip-where", "zip <> 'x;y'", buildings=buildings,
                                   zips=zips))
        assert done.returncode == 0 and counts(town)["buildings_assigned"] == 2, f"{name!r}{describe(done)}"
    assert n_layers > len(NAMES) - 8, f"{n_layers} of {len(NAMES)} names were written"


def test_zip_fields_and_orders_of_any_name(town):
    fields = [name for name in NAMES if name.lower() not in ("id", "geom", "rowid")]
    path = named(town, "z.gpkg", "z", fields, lambda i, k: f"{i} {9 - k} '\";--", zips=True)
    for name in fields[:6] + fields[18:28]:
        run(town, "--zip-field", name, "--order-by", quoted(name), zips=path)
        i = fields.index(name)
        assert ([row[0] for row in query(town.output, "SELECT zip FROM zip_summary ORDER BY zip_rank")]
              == [f"{i} 8 '\";--", f"{i} 9 '\";--"]), f"{name!r}: {query(town.output, 'SELECT zip FROM zip_summary')}"


def test_two_thousand_columns(town):
    path = town.file("wide.csv")

    def write(n):
        with open(path, "w", encoding="utf-8") as file:
            file.write("WKT," + ",".join(f"c{i}" for i in range(n)) + "\n")
            file.write('"' + square(10, 10, 10) + '",' + ",".join(str(i) for i in range(n)) + "\n")

    more = ["--buildings-crs", "EPSG:2249"]
    write(1999)  # and the geometry
    run(town, *more, "--fields", "c0,c1998", "--stat", "c1000=unique", buildings=path)
    assert query(town.output, "SELECT c0, c1998 FROM important_building") == [("0", "1998")], "the first and the last"
    every = ",".join(f"c{i}" for i in range(1999))
    done = call(town.arguments("--overwrite", *more, "--fields", every, buildings=path))
    assert done.returncode in (0, 2, 4), f"all of them at once work, or end in an error{describe(done)}"
    if done.returncode == 0:
        assert len(query(town.output, "SELECT * FROM important_building")[0]) > 1999, "every one of them is there"
    assert "fields         2000" in works(["inspect", path]).stdout, "inspect lists them"
    write(2000)
    done = run(town, *more, buildings=path)
    assert "Limiting to 2000" in done.stderr, f"GDAL leaves one out, and it is said{describe(done)}"


def test_measures_hide_fields_of_their_name_and_say_so(town):
    path = named(town, "b.gpkg", "b", ["area_m2", "fid", "share"], lambda i, k: 12345)
    done = run(town, "--where", "area_m2 < 12345", "--fields", "area_m2", buildings=path)
    assert "area_m2" in done.stderr and counts(town)["important"] == 2, describe(done)


# ---- expressions -----------------------------------------------------------------------------------------------------------------------


def test_expressions_that_do_more_than_compute_are_refused(town):
    before = content(town.buildings), content(town.zips)
    for expression in ("1; DROP TABLE building", "1) OR (1", "1 -- ", "load_extension('mod_spatialite')", "readfile('/etc/passwd')",
                       "writefile('x', 'y')", "(SELECT 1)", "EXISTS (SELECT 1)", "fid IN sqlite_master", "random() > 0", "sum(height) OVER () > 0",
                       "RAISE(ABORT, 'x')", "height > ?1", "height > :x", "height > $x", "fts3_tokenizer('simple')", "edit('x')", "changes()",
                       "last_insert_rowid()", "sqlite_version()", "strftime('%s', 'now') > 0", "datetime() > ''", "current_time > ''",
                       "pragma_table_info.name", "use MATCH 'x'", "eval('SELECT 1')", "zf_keep(1)", "AsText(geom)", "/* open"):
        if expression == "1 -- ":
            works(town.arguments("--where", expression))
            continue
        done = call(town.arguments("--overwrite", "--where", expression))
        assert done.returncode == 2 and "--where" in done.stderr, f"{expression}{describe(done)}"
    assert (content(town.buildings), content(town.zips)) == before, "the inputs are as they were"


def test_expressions_have_bounds(town):
    for expression, words in (("(" * 3000 + "1" + ")" * 3000, ""), ("NOT " * 5000 + "1", ""), ("1" + "+1" * 50000, ""),
                              ("length(zeroblob(100000000)) > 0", ""), ("length(printf('%.*c', 100000000, 'x')) > 0", "16"),
                              ("length(printf('%d %.2000000000c', 1, 'x')) > 0", "16"), ("printf('%100000000d', 1) > ''", "16"), ("printf('%s%s', hex(zeroblob(5000000)), hex(zeroblob(5000000))) > ''", "16"),
                              ("coalesce(printf('%.1000000000s', ''), '') = ''", None),
                              ("length(printf('%.*c%s %%', 1000000, 'x', 'utc')) = 1000005", None), ("printf(NULL) IS NULL", None),
                              ("replace(hex(zeroblob(4000000)), '0', '00000') = ''", ""), ("height LIKE '" + "%a" * 600 + "'", ""),
                              ("json_valid(replace(hex(zeroblob(50000)), '0', '['))", None)):
        begun = time.monotonic()
        done = call(town.arguments("--overwrite", "--where", expression))
        assert done.returncode == (0 if words is None else 2), f"{expression[:60]}{describe(done)[:500]}"
        assert words is None or words in done.stderr, f"{expression[:60]}: {words}{describe(done)[:500]}"
        assert time.monotonic() - begun < 60, f"{expression[:60]} ends"


def test_an_interrupt_works_inside_a_runaway_expression():
    town = Town(copies=50)
    works(town.arguments())
    before = content(town.output)
    for expression in ("instr(hex(zeroblob(7000000)), hex(zeroblob(3000000)) || 'a') > 0",
                       "length(replace(hex(zeroblob(7000000)), hex(zeroblob(3000000)) || 'a', 'b')) > 0",
                       "length(hex(zeroblob(3000000 + fid))) > 0 AND hex(zeroblob(400000)) LIKE '%0%0%0%0%0%0%0%b'"):
        process = subprocess.Popen([program(), *town.arguments("--overwrite", "--batch-size", "1", "--where", expression)],
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        wait_for(process, lambda: catches_signals(process))
        time.sleep(1)
        process.send_signal(signal.SIGINT)
        try:
            _, stderr = process.communicate(timeout=240)
        except subprocess.TimeoutExpired:
            process.kill()
            raise SystemExit(f"FAILED: no end to {expression}")
        assert process.returncode in (0, 6), f"{expression}: {process.returncode} {stderr}"
        assert town.left_behind() == ["result.sqlite"], f"{town.left_behind()}"
        if process.returncode == 6:
            assert content(town.output) == before, "the older result is as it was"
        before = content(town.output)
