# SPDX-License-Identifier: MIT
"""zonefold verify: what was written is found again; what was changed is told."""
import hashlib
import json
import os
import shutil
import sqlite3
import struct

from town import Town, fails, works, call, describe
from support import open_result


def content(db, table):
    """The hash by its definition in the manual."""
    digest = hashlib.sha256()

    def add(row):
        for value in row:
            if value is None:
                digest.update(b"\0")
            elif isinstance(value, int):
                digest.update(b"\1" + struct.pack(">q", value))
            elif isinstance(value, float):
                digest.update(b"\2" + struct.pack(">d", value))
            else:
                data = value.encode() if isinstance(value, str) else value
                digest.update((b"\3" if isinstance(value, str) else b"\4") + struct.pack(">Q", len(data)) + data)
        digest.update(b"\n")

    add([column[1] for column in db.execute(f'pragma table_info("{table}")')])
    where = "where key not like 'content_sha256%'" if table == "run_info" else ""
    for row in db.execute(f'select * from "{table}" {where} order by rowid'):
        add(row)
    return digest.hexdigest()


def made(*more):
    town = Town(copies=20)
    works(town.arguments("--fields", "use,height,last edit", "--rule", "tall=height > 15", "--analysis", "nearest",
                         "--analysis", "clusters:eps_m=30,min=2", "--analysis", "histogram:field=height,bins=4", *more))
    return town


def change(town, *statements):
    """A copy of the result, changed without SpatiaLite: its triggers call functions that are not there."""
    path = town.file("changed.sqlite")
    shutil.copy(town.output, path)
    db = sqlite3.connect(path)
    db.execute("pragma synchronous=off")
    for trigger, in db.execute("select name from sqlite_master where type = 'trigger'").fetchall():
        db.execute(f'drop trigger "{trigger}"')
    for statement in statements:
        db.execute(statement)
    db.commit()
    db.close()
    return path


def findings(path):
    done = call(["verify", "--format", "json", path])
    assert done.returncode == 1, f"findings end with 1{describe(done)}"
    answer = json.loads(done.stdout)
    assert answer["is_as_written"] is False and answer["findings"], f"there are findings{describe(done)}"
    return {(f["check"], f["table"]) for f in answer["findings"]}


def test_a_result_is_as_written():
    town = made()
    text = works(["verify", town.output]).stdout
    assert "is as it was written" in text and "important_building as written" in text, text
    answer = json.loads(works(["verify", "--format", "json", town.output]).stdout)
    assert answer["is_as_written"] and answer["findings"] == [], answer
    db = sqlite3.connect(town.output)
    names = [t["table"] for t in answer["tables"]]
    assert names[:2] == ["zip_summary", "important_building"] and "clusters_30m_2" in names and len(names) == 9, names
    for table in answer["tables"]:
        assert table["content_sha256"] == content(db, table["table"]), f"{table} by the definition of the hash"
    whole = hashlib.sha256()
    for table in answer["tables"]:
        for word in (table["table"], table["content_sha256"]):
            whole.update(b"\3" + struct.pack(">Q", len(word)) + word.encode())
        whole.update(b"\n")
    assert answer["content_sha256"] == whole.hexdigest(), "the hash of all hashes"


def test_results_of_every_kind_are_as_written():
    for more in (["--buildings-out", "none"], ["--buildings-out", "ids"], ["--buildings-out", "attributes"], ["--assign", "share"],
                 ["--where", "0"], ["--assign", "largest", "--on-invalid", "skip"]):
        town = made(*more)
        works(["verify", town.output])


def test_layout_and_additions_do_not_show():
    town = made()
    path = change(town, "update layer_styles set useAsDefault = 0", "insert into layer_styles(f_table_name, styleName) values ('zip_summary', 'mine')", "create table notes(text)",
                  "insert into notes values ('mine')", "create view tall as select * from important_building",
                  "update geometry_columns_statistics set last_verified = '2030-01-01T00:00:00.000Z'")
    db = sqlite3.connect(path)
    db.execute("pragma page_size=8192")
    db.execute("vacuum")
    db.close()
    works(["verify", path])


def test_what_spatialite_does_is_no_change():
    """Its statistics, indexes and logs, renewed by its own functions, as its tools do; and its clocks stand still before."""
    town = made()
    db = open_result(town.output)
    for table, column in (("geometry_columns_time", "last_insert"), ("geometry_columns_time", "last_update"), ("geometry_columns_time", "last_delete"),
                          ("geometry_columns_statistics", "last_verified"), ("layer_styles", "update_time")):
        times = {value for (value,) in db.execute(f"select {column} from {table}")}
        assert len(times) == 1 and times <= {"0000-01-01T00:00:00.000Z", "1970-01-01T00:00:00.000Z"}, f"{table}.{column}: {times}"
    for table in ("spatialite_history", "sql_statements_log"):
        assert db.execute(f"select count(*) from {table}").fetchone() == (0,), f"{table} is empty"
    db.close()
    path = town.file("worked.sqlite")
    shutil.copy(town.output, path)
    db = sqlite3.connect(path, isolation_level=None)
    db.enable_load_extension(True)
    db.load_extension("mod_spatialite")
    for sql in ("select UpdateLayerStatistics()", "select CheckSpatialIndex()", "select RecoverSpatialIndex('important_building', 'geom', 1)",
                "select DisableSpatialIndex('rejected_feature', 'geom')", "drop table idx_rejected_feature_geom",
                "select CreateSpatialIndex('rejected_feature', 'geom')", "select CreateStylingTables()"):
        assert db.execute(sql).fetchone() in ((1,), None), sql
    db.execute("analyze")
    db.execute("reindex")
    db.execute("vacuum")
    db.close()
    works(["verify", path])


def test_answers_are_looked_at_too():
    town = Town(copies=20)
    with open(town.file("hull.sql"), "w") as file:
        file.write("SELECT count(*) AS n, ST_ConvexHull(ST_Collect(geom)) AS hull FROM building")
    works(town.arguments("--analysis-sql", f"hull={town.file('hull.sql')}"))
    content_of = {("content", "hull"), ("content", None)}
    for statement, expected in (("update hull set zip_rank = 77 where rowid = 1", content_of | {("references", "hull")}),
                                ("update hull set zip = 'x' where rowid = 1", content_of | {("references", "hull")}),
                                ("delete from geometry_columns where f_table_name = 'hull'", {("metadata", "hull")}),
                                ("update geometry_columns set geometry_type = 1 where f_table_name = 'hull'", {("metadata", "hull")}),
                                ("delete from idx_hull_hull", {("index", "hull")}), ("drop table idx_hull_hull", {("index", "hull")})):
        found = findings(change(town, statement)) - {("file", None)}
        assert found == expected, f"{statement}: {found}, not {expected}"
    found = findings(change(town, "delete from spatial_ref_sys where srid = 2249"))
    assert {table for check_, table in found if check_ == "metadata"} == {"zip_summary", "important_building", "rejected_feature", "hull"}, found


def test_every_kind_of_change_is_told():
    town = made()
    content_of = lambda table: {("content", table), ("content", None)}  # noqa: E731
    for statement, expected in (
            ("update important_building set height = height + 1e-9 where id = 3", content_of("important_building")),
            ("update zip_summary set important = important + 1 where zip_rank = 1",
             content_of("zip_summary") | {("ledger", "zip_summary"), ("references", "important_building")}),
            ("update run_info set value = '9.9' where key = 'GEOS'", content_of("run_info")),
            ("update run_info set value = replace(value, 'a', 'b') where key = 'content_sha256'", {("content", None)}),
            ("update run_count set value = value + 1 where name = 'buildings_crossing'", content_of("run_count") | {("ledger", "run_count")}),
            ("delete from run_count where name = 'important'", content_of("run_count") | {("ledger", "run_count")}),
            ("update run_funnel set passed = passed - 1", content_of("run_funnel") | {("ledger", "run_funnel")}),
            ("drop table run_funnel", content_of("run_funnel") | {("ledger", "run_funnel")}),
            ("update important_building set zip_rank = 77 where id = 2",
             content_of("important_building") | {("references", "important_building")}),
            ("delete from important_building where id = 2",
             content_of("important_building") | {("ledger", "important_building"), ("references", "important_building"), ("index", "important_building")}),
            ("update important_building set geom = x'00' where id = 2",
             content_of("important_building") | {("metadata", "important_building")}),
            ("delete from geometry_columns where f_table_name = 'zip_summary'", {("metadata", "zip_summary")}),
            ("update geometry_columns set srid = 4326 where f_table_name = 'zip_summary'", {("metadata", "zip_summary")}),
            ("update idx_important_building_geom set xmin = xmin - 5, xmax = xmax - 5 where pkid = 3", {("index", "important_building")}),
            ("delete from idx_clusters_30m_2_geom where pkid = 1", {("index", "clusters_30m_2")}),
            ("delete from idx_important_building_geom_rowid where rowid = 4", {("index", "important_building")}),
            ("update geometry_columns set spatial_index_enabled = 0 where f_table_name = 'important_building'", {("index", "important_building")})):
        found = findings(change(town, statement))
        if expected == {("index", "important_building")} or expected == {("index", "clusters_30m_2")}:
            found -= {("file", None)}  # SQLite 3.44 and later look into R*Trees, too
        assert expected <= found and {c for c, _ in found} == {c for c, _ in expected}, f"{statement}: {found}, not {expected}"


def test_a_damaged_file_is_told():
    town = made()
    path = town.file("damaged.sqlite")
    with open(town.output, "rb") as file:
        data = bytearray(file.read())
    for at in range(len(data) - 12 * 4096, len(data) - 4 * 4096, 7):
        data[at] ^= 0x55
    with open(path, "wb") as file:
        file.write(data)
    assert ("file", None) in findings(path), "damaged pages"
    with open(path, "wb") as file:
        file.write(data[:len(data) // 2])
    done = call(["verify", path])
    assert done.returncode in (1, 3), f"half a file{describe(done)}"


def test_what_is_no_result_is_an_input_error():
    town = made()
    fails(3, ["verify", town.buildings], "zonefold run", "buildings.gpkg")
    fails(3, ["verify", town.file("missing.sqlite")], "missing.sqlite")
    fails(3, ["verify", town.path])
    with open(town.file("text.sqlite"), "w") as file:
        file.write("no database, just some text that is long enough for a header of SQLite's, a hundred bytes and more, I hope it is" * 9)
    fails(3, ["verify", town.file("text.sqlite")], "text.sqlite")
    fails(3, ["verify", change(town, "delete from run_info where key like 'content_sha256%'")])
    fails(2, ["verify"], "RESULT")


def test_a_result_is_not_touched():
    town = made()
    os.chmod(town.output, 0o444)
    before = os.stat(town.output).st_mtime_ns
    works(["verify", town.output])
    assert os.stat(town.output).st_mtime_ns == before and town.left_behind() == ["result.sqlite"], town.left_behind()
