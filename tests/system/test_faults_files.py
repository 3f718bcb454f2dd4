# SPDX-License-Identifier: MIT
"""Files that are broken, incomplete, lie about themselves or must not be written: the right answer or one clear error."""
import os
import shutil
import sqlite3
import struct
import subprocess
import sys
import time

import pytest
from faults import Shapes, balances, counts, overwrite, query, run
from osgeo import ogr
from town import Town, call, content, describe, fails, layer, program, square, works


def refused(town, *words, status=3, **inputs):
    """One clear error that leaves nothing behind."""
    message = fails(status, town.arguments(**inputs), *words)
    assert town.left_behind() == [], f"left behind: {town.left_behind()}"
    assert message.count("zonefold: ") - message.count("zonefold: warning: ") == 1, f"one error: {message}"
    return message


def copy_of(town, name):
    return shutil.copy(town.buildings, town.file(name))


def change(path, *statements):
    """SQL behind GDAL's back; triggers of the spatial index find the functions they want."""
    with sqlite3.connect(path) as db:
        for function in ("ST_IsEmpty", "ST_MinX", "ST_MaxX", "ST_MinY", "ST_MaxY"):
            db.create_function(function, 1, lambda blob: 0)
        for statement in statements:
            db.execute(statement)
    db.close()
    return path


# ---- not what they should be ---------------------------------------------------------------------------------------------------------


def test_empty_files_and_wrong_beginnings_are_refused(town):
    beginnings = {"gpkg": b"SQLite format 3\0" + bytes(84), "shp": b"\0\0\x27\x0a" + bytes(96), "fgb": b"fgb\x03fgb\0",
                  "geojson": b'{"type":"FeatureCollection","features":['}
    for end, beginning in beginnings.items():
        for made, words in ((b"", "0 bytes"), (b"\x01\x02nonsense" * 300, ""), (beginning, "")):
            with open(town.file(f"x.{end}"), "wb") as file:
                file.write(made)
            refused(town, f"x.{end}", words, buildings=town.file(f"x.{end}"))
            fails(3, ["inspect", town.file(f"x.{end}")], f"x.{end}", words)


def test_files_cut_short_are_never_read_to_a_false_end():
    town = Town(copies=60)
    size = os.path.getsize(town.buildings)
    for part in range(1, 20):
        path = copy_of(town, "cut.gpkg")
        os.truncate(path, size * part // 20)
        refused(town, "cut.gpkg", buildings=path)


def test_corrupt_pages_fail_or_do_not_matter():
    town = Town(copies=60)
    pages = os.path.getsize(town.buildings) // 4096
    n_failed = 0
    for page in range(1, pages, max(1, pages // 16)):
        path = copy_of(town, "page.gpkg")
        overwrite(path, page * 4096, b"\xff" * 4096)
        done = call(town.arguments("--overwrite", "--fields", "use", buildings=path))
        assert done.returncode in (0, 3), f"page {page}{describe(done)}"
        n_failed += done.returncode == 3
        if done.returncode == 0:  # a page of the spatial index, or one that is free
            c = balances(town)
            assert (c["buildings_read"], c["buildings_assigned"]) == (421, 300), f"page {page}: {c}"
    assert n_failed > 3, f"{n_failed} pages of {pages} matter"


def repeat_pages(path, table):
    """Makes a tree of twelve levels of pages, each of which leads a hundred times to the next: 10^24 rows in a small file."""
    with sqlite3.connect(path) as db:
        root, size = db.execute("SELECT rootpage, (SELECT page_size FROM pragma_page_size) FROM sqlite_master WHERE name = ?", (table,)).fetchone()
    db.close()
    data = bytearray(content(path))
    interior = bytes(data[(root - 1) * size:root * size])
    n_cells, = struct.unpack_from(">H", interior, 3)
    cells = struct.unpack_from(f">{n_cells}H", interior, 12)
    leaves = [struct.unpack_from(">I", interior, cell)[0] for cell in cells]
    pages = [root, *leaves[1:13]]
    for page, below in zip(pages, [*pages[1:], leaves[0]]):
        data[(page - 1) * size:page * size] = interior
        for at in (8, *cells[1:]):
            struct.pack_into(">I", data, (page - 1) * size + at, below)
    overwrite(path, 0, data)


def test_a_table_that_leads_to_the_same_page_again_and_again_is_refused(town):
    path = layer(town.file("tree.gpkg"), "b", [(square(i % 60 * 5, i // 60 * 5, 3), i) for i in range(6000)], [("h", ogr.OFTInteger)])
    repeat_pages(path, "b")
    message = fails(3, town.arguments("--stat", "h=mean", buildings=path), "tree.gpkg", "page")
    assert town.left_behind() == [], f"left behind: {message}"


# ---- shapefiles ------------------------------------------------------------------------------------------------------------------------


def test_missing_parts_of_a_shapefile_are_named():
    town = Shapes()
    for part, status, words in (("shx", 3, (".shx", "SHAPE_RESTORE_SHX")), ("prj", 3, ("--buildings-crs",))):
        path = town.shapefile()
        os.remove(path[:-3] + part)
        refused(town, *words, status=status, buildings=path)
    path = town.shapefile()
    os.remove(path[:-3] + "dbf")
    done = run(town, buildings=path)
    assert "no .dbf" in done.stderr and balances(town)["buildings_assigned"] == 3, f"geometry alone will do{describe(done)}"
    assert "no .dbf" in works(["inspect", path]).stdout, "inspect says so"
    fails(2, town.arguments("--overwrite", "--fields", "use", buildings=path), "no .dbf", "use")


def test_damaged_parts_of_a_shapefile_are_named():
    town = Shapes()
    for part in ("shp", "shx", "dbf"):
        for made in (b"", b"\x01\x02nonsense" * 50):
            path = town.shapefile()
            with open(path[:-3] + part, "wb") as file:
                file.write(made)
            refused(town, "b." + part if part != "shx" else ".shx", buildings=path)


def test_a_dbf_that_disagrees_is_told():
    town = Shapes()
    for n_records in (4, 1000, 2**32 - 1):
        path = town.shapefile()
        overwrite(path[:-3] + "dbf", 4, struct.pack("<I", n_records))
        done = run(town, "--fields", "use", buildings=path)
        assert f"has {n_records} records" in done.stderr, f"a warning{describe(done)}"
        assert query(town.output, "SELECT use FROM important_building") == [("one",), ("two",), ("three",)], "the values that are there"
    town = Shapes()
    path = town.shapefile()
    overwrite(path[:-3] + "dbf", 4, struct.pack("<I", 2))
    refused(town, "the file should have 3 features and has 2", buildings=path)
    for at, made in ((8, struct.pack("<H", 33)), (10, struct.pack("<H", 3)), (10, struct.pack("<H", 5000))):
        path = town.shapefile()
        overwrite(path[:-3] + "dbf", at, made)
        refused(town, "b.", buildings=path)


def test_an_index_of_another_shapefile_is_refused():
    town = Shapes()
    path = town.shapefile()
    overwrite(path[:-3] + "shx", 108, struct.pack(">I", 50))  # the second shape lies where the first does
    refused(town, ".shx does not belong", buildings=path)
    path = town.shapefile()
    other = Shapes()
    rows = [(square(100, 100, 10) if i != 1 else "POLYGON ((0 0,9 0,9 9,5 5,4 7,3 8,0 9,0 0))", i) for i in range(3)]
    layer(other.file("o.shp"), "o", rows, [("x", ogr.OFTInteger)], driver="ESRI Shapefile")
    shutil.copy(other.file("o.shx"), path[:-3] + "shx")
    refused(town, ".shx does not belong", "feature 2", buildings=path)


def test_encodings_said_wrong_or_not_at_all_are_warned_of():
    town = Shapes()
    for text, said, option, warned, expected in (
            (b"caf\xe9", None, None, True, None), (b"caf\xe9", "UTF-8", None, True, None), (b"caf\xe9", "nonsense", None, True, None),
            (b"caf\xe9", "UTF-8", "CP1252", False, "caf\u00e9"), (b"caf\xc3\xa9", None, None, False, "caf\u00e9"),
            (b"caf\xe9", "1252", None, False, "caf\u00e9")):
        path = town.shapefile()
        at = content(path[:-3] + "dbf").index(b"one")
        overwrite(path[:-3] + "dbf", at, text)
        overwrite(path[:-3] + "dbf", 29, b"\0")  # the language byte
        if said is not None:
            with open(path[:-3] + "cpg", "w", encoding="ascii") as file:
                file.write(said)
        done = run(town, "--fields", "use", *(["--encoding", option] if option else []), buildings=path)
        assert ("--encoding" in done.stderr) == warned, f"{text} said to be {said}{describe(done)}"
        if expected:
            assert query(town.output, "SELECT use FROM important_building")[0] == (expected,), f"{text} said to be {said}"
        if option is None:
            assert ("--encoding CP1252" in works(["inspect", path]).stdout) == warned, "inspect says the same"


def test_names_cut_at_ten_characters_are_found_as_they_are():
    town = Shapes()
    path = layer(town.file("t.shp"), "t", [(square(100, 100, 10), 1, 2)], [("building_height", ogr.OFTInteger), ("building_hgt", ogr.OFTInteger)],
                 driver="ESRI Shapefile")
    fails(2, town.arguments("--fields", "building_height", buildings=path), "building_h, building_1")
    run(town, "--fields", "building_h,building_1", buildings=path)
    assert query(town.output, "SELECT building_h, building_1 FROM important_building") == [(1, 2)], "both"


# ---- GeoPackages that lie about themselves -----------------------------------------------------------------------------------------------


def test_contents_that_lie_change_no_count(town):
    run(town)
    expected = balances(town)
    lies = {"extent": "UPDATE gpkg_contents SET min_x = 1e6, max_x = 1e6, min_y = 1e6, max_y = 1e6",
            "CRS": "UPDATE gpkg_contents SET srs_id = 4326",
            "fewer features": "UPDATE gpkg_ogr_contents SET feature_count = 2",
            "more features": "UPDATE gpkg_ogr_contents SET feature_count = 2000",
            "another type": "UPDATE gpkg_geometry_columns SET geometry_type_name = 'POINT'",
            "an index without entries": "DELETE FROM rtree_buildings_geom",
            "an index that is not there": "DROP TABLE rtree_buildings_geom"}
    for name, statement in lies.items():
        path = change(copy_of(town, "lie.gpkg"), statement)
        run(town, buildings=path)
        assert balances(town) == expected, f"{name}: {counts(town)}"
    told = {name: works(["inspect", change(copy_of(town, "lie.gpkg"), lies[name])]).stdout for name in lies}
    for name, words in (("extent", "extent"), ("fewer features", "8"),
                        ("more features", "2,000"), ("an index without entries", "7")):
        assert words in told[name], f"inspect on {name}: {told[name]}"


def test_contents_that_name_what_is_not_there_are_refused(town):
    for statement, word in (("UPDATE gpkg_geometry_columns SET column_name = 'nope'", "'nope'"),
                            ("UPDATE gpkg_contents SET table_name = 'nope'", "lie.gpkg"), ("DELETE FROM gpkg_contents", "lie.gpkg"),
                            ("DELETE FROM gpkg_geometry_columns", "lie.gpkg"), ("DROP TABLE buildings", "lie.gpkg")):
        refused(town, word, buildings=change(copy_of(town, "lie.gpkg"), statement))


# ---- files in use ------------------------------------------------------------------------------------------------------------------------


def crash_in(path, code):
    """A writer that dies in the middle."""
    subprocess.run([sys.executable, "-c", f"import os, sqlite3\ndb = sqlite3.connect({path!r}, isolation_level=None)\n{code}\nos._exit(0)"],
                   check=True)


def test_an_input_with_a_log_of_changes_is_read_and_left_as_it_is(town):
    path = copy_of(town, "wal.gpkg")
    crash_in(path, "db.execute('PRAGMA journal_mode = WAL'); db.execute('PRAGMA wal_autocheckpoint = 0')\n"
                   "db.execute(\"INSERT INTO gpkg_contents (table_name, data_type, identifier) VALUES ('more', 'attributes', 'more')\")\n"
                   "db.execute('CREATE TABLE more (x INTEGER PRIMARY KEY)')")
    before = content(path), content(path + "-wal")
    assert len(before[1]) > 0, "there is a log"
    done = run(town, "--buildings-layer", "buildings", buildings=path)
    assert "-wal" in done.stderr, f"a warning{describe(done)}"
    works(["inspect", path])
    assert (content(path), content(path + "-wal")) == before, "file and log are as they were"
    assert "more" in fails(2, town.arguments("--overwrite", buildings=path), "--buildings-layer"), "what is in the log is read"


def test_an_input_half_written_or_locked_says_so(town):
    path = copy_of(town, "half.gpkg")
    crash_in(path, "db.execute('PRAGMA cache_size = 1'); db.execute('BEGIN'); db.execute('CREATE TABLE y (a)')\n"
                   "for i in range(2000): db.execute('INSERT INTO y VALUES (zeroblob(500))')")
    before = content(path), content(path + "-journal")
    refused(town, "half.gpkg", "-journal", "died", buildings=path)
    assert (content(path), content(path + "-journal")) == before, "nothing is taken back but by its owner"
    path = copy_of(town, "locked.gpkg")
    db = sqlite3.connect(path, isolation_level=None)
    db.execute("BEGIN EXCLUSIVE")
    refused(town, "locked", "wait", buildings=path)
    db.close()


def test_a_file_that_changes_meanwhile_gives_one_state_or_an_error():
    town = Town(copies=200)
    writer = subprocess.Popen([sys.executable, "-c", f"""
import sqlite3, time
db = sqlite3.connect({town.buildings!r}, isolation_level=None, timeout=60)
for f in ("ST_IsEmpty", "ST_MinX", "ST_MaxX", "ST_MinY", "ST_MaxY"): db.create_function(f, 1, lambda blob: 0)
while True:
    db.execute("INSERT INTO buildings (geom, height) SELECT geom, 1 FROM buildings WHERE fid <= 5")
    time.sleep(0.005)
"""])
    try:
        time.sleep(0.3)
        for _ in range(3):
            done = call(town.arguments("--overwrite"))
            assert done.returncode in (0, 3), describe(done)
            if done.returncode == 0:
                c = balances(town)
                assert (c["buildings_read"] - 1401) % 5 == 0, f"whole transactions only: {c}"
    finally:
        writer.kill()
        writer.wait()


def test_a_growing_text_file_is_no_end(town):
    with open(town.file("b.geojson"), "w", encoding="utf-8") as file:
        file.write('{"type":"FeatureCollection","features":[{"type":"Feature","properties":{},"geometry":{"type":"Polygon","coordinates":[[[1,1],')
    refused(town, "b.geojson", buildings=town.file("b.geojson"))


# ---- places to write -----------------------------------------------------------------------------------------------------------------------


def test_an_output_that_is_an_input_under_any_name_is_refused(town):
    before = content(town.zips), content(town.buildings)
    os.link(town.buildings, town.file("hard.sqlite"))
    os.symlink(town.zips, town.file("soft.sqlite"))
    os.symlink(town.path, town.file("folder"))
    for name in ("hard.sqlite", "soft.sqlite", "folder/hard.sqlite", "out/../hard.sqlite", "buildings.gpkg", "folder/zips.gpkg"):
        for more in ([], ["--overwrite"]):
            fails(2, town.arguments(*more, output=town.file(name)), name)
    for name in ("buildings.gpkg-wal", "zips.gpkg-journal", "folder/buildings.gpkg-shm"):
        fails(2, town.arguments(output=town.file(name)), name)
        fails(2, town.arguments("--trace", town.file(name)), name)
    assert (content(town.zips), content(town.buildings)) == before and town.left_behind() == [], "as they were"


def test_outputs_that_cannot_be_leave_the_older_one(town):
    works(town.arguments())
    before = content(town.output)
    os.symlink(town.file("out", "nowhere"), town.file("out", "dangling.sqlite"))
    for output, words in (("/dev/null", "regular"), ("/proc/x.sqlite", "/proc"), (town.file("out", "x" * 300 + ".sqlite"), "too long"),
                          (town.file("zips.gpkg", "x.sqlite"), "directory"), (town.file("out", "dangling.sqlite"), "")):
        fails(4, town.arguments(output=output), words)
    assert content(town.output) == before and sorted(os.listdir(town.file("out"))) == ["dangling.sqlite", "result.sqlite"], "as it was"


def mounted(town, options):
    """A file system of its own, or the test ends as skipped."""
    place = town.file("mounted")
    os.mkdir(place)
    done = subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", place], capture_output=True, text=True)
    if done.returncode != 0:
        pytest.skip(f"no file system can be mounted here: {done.stderr.strip()}")
    return place


def test_full_and_read_only_disks():
    town = Town(copies=400)
    place = mounted(town, "size=256k")
    try:
        shutil.copy(town.zips, place)
        fails(4, town.arguments(output=os.path.join(place, "r.sqlite")), "r.sqlite")
        assert os.listdir(place) == ["zips.gpkg"], f"nothing left behind: {os.listdir(place)}"
        done = call(town.arguments("--overwrite", "--memory", "30MiB", "--threads", "1", "--temp-dir", place))
        assert done.returncode in (0, 4), f"no room for temporary files{describe(done)}"
        os.remove(os.path.join(place, "zips.gpkg"))
        shutil.copy(town.zips, place)
        subprocess.run(["mount", "-o", "remount,ro", place], check=True)
        fails(4, town.arguments(output=os.path.join(place, "r.sqlite")), place)
        works(town.arguments("--overwrite", zips=os.path.join(place, "zips.gpkg")))
    finally:
        subprocess.run(["umount", place], check=True)


def test_a_read_only_input_in_a_read_only_directory_is_read(town):
    more = {}
    if os.getuid() == 0:
        more = {"user": 65534, "group": 65534, "extra_groups": []}
        try:
            subprocess.run([program(), "--version"], capture_output=True, check=True, **more)
        except (OSError, subprocess.CalledProcessError) as why:
            pytest.skip(f"root cannot run the program as nobody: {why}")
    os.chmod(town.file("out"), 0o777)
    for path in (town.zips, town.buildings):
        os.chmod(path, 0o444)
    os.chmod(town.path, 0o555)
    works(town.arguments(), **more)
    assert sorted(os.listdir(town.path)) == ["buildings.gpkg", "out", "zips.gpkg"], "nothing beside the inputs"
    os.chmod(town.path, 0o755)
