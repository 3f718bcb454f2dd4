# SPDX-License-Identifier: MIT
"""zonefold show: tables of a result as text, CSV and JSON, compared with SQL over the result."""
import csv
import fcntl
import io
import json
import os
import pty
import sqlite3
import struct
import subprocess
import termios

import pytest
from town import Town, describe, fails, works
from support import program


@pytest.fixture(scope="module")
def result():
    town = Town(copies=10)
    works(town.arguments("--fields", "height,use", "--stat", "height=mean", "--analysis", "histogram:field=height,width=5"))
    yield town.output
    town._directory.cleanup()


def rows_of(path, sql):
    db = sqlite3.connect(path)
    return db.execute(sql).fetchall()


def lines(arguments, **more):
    done = works(["show", *arguments], **more)
    assert done.stderr == "", describe(done)
    return done.stdout.splitlines()


def test_zip_summary_is_shown_by_default(result):
    heading, *rows = [line.split() for line in lines([result])]
    stored = rows_of(result, "SELECT zip_rank, zip, buildings, important FROM zip_summary")
    places = [heading.index(name) for name in ("zip_rank", "zip", "buildings", "important")]
    assert [tuple(row[i] for i in places) for row in rows] == [tuple(map(str, row)) for row in stored]
    assert "geom" not in heading and "height_mean" in heading


def test_columns_are_aligned_and_missing_values_said(result):
    text = lines([result, "important_building", "--columns", "building_fid,use,HEIGHT", "--rows", "1000"])
    assert text[0].split() == ["building_fid", "use", "height"], "the names of the file"
    assert len(text) == 1 + rows_of(result, "SELECT count(*) FROM important_building")[0][0]
    assert {line.index("e", 12) for line in text[:1]} and all(line[12:14] == "  " and line[14] != " " for line in text), "texts begin below the heading"
    (fid,) = rows_of(result, "SELECT min(building_fid) FROM important_building WHERE height IS NULL")[0]
    assert [line.split()[-1] for line in text if line.split()[0] == str(fid)] == ["NULL"]


def test_rows_are_limited_and_the_last_line_says_how_to_see_more(result):
    (n,) = rows_of(result, "SELECT count(*) FROM important_building")[0]
    text = lines([result, "important_building"])
    assert n > 25 and len(text) == 27 and f"--rows {n}" in text[-1], text[-1]
    assert len(lines([result, "important_building", "--rows", str(n)])) == n + 1, "all"
    assert len(list(csv.reader(io.StringIO(works(["show", result, "important_building", "--format", "csv"]).stdout)))) == n + 1, "CSV is whole"


def test_top_sorts_by_a_column(result):
    text = lines([result, "important_building", "--top", "3:area_m2", "--columns", "building_fid"])
    stored = rows_of(result, "SELECT building_fid FROM important_building ORDER BY area_m2 DESC, rowid LIMIT 3")
    assert [line.strip() for line in text[1:]] == [str(fid) for (fid,) in stored]


def test_labels_have_units(result):
    assert "Built area, all buildings (m²)" in lines([result, "--labels"])[0]
    assert lines([result, "--labels", "--columns", "height_mean,zip"])[0].split("  ") == ["height: mean", "ZIP"]
    table = "histogram_height"
    assert lines([result, table, "--labels"])[0] != lines([result, table])[0], "tables of analyses have labels too"


def test_csv_is_exact(result):
    text = works(["show", result, "--format", "csv", "--columns", "zip,area_m2,height_mean"]).stdout
    assert text.startswith('"zip","area_m2","height_mean"\n"02139",'), "ids are texts, with their zeros"
    (_, *rows) = csv.reader(io.StringIO(text))
    assert [(z, float(a), float(h)) for z, a, h in rows] == rows_of(result, "SELECT zip, area_m2, height_mean FROM zip_summary")


def test_json_is_exact(result):
    answer = json.loads(works(["show", result, "important_building", "--format", "json", "--rows", "2", "--columns", "building_fid,height,geom"]).stdout)
    stored = rows_of(result, "SELECT building_fid, height, length(geom) FROM important_building LIMIT 2")
    assert [(row["building_fid"], row["height"], row["geom"]["bytes"]) for row in answer["rows"]] == stored
    assert answer["has_more_rows"] is True and answer["table"] == "important_building"
    assert answer["columns"][2] == {"name": "geom", "label": "geom", "type": "geometry"}
    assert json.loads(works(["show", result, "run_funnel", "--format", "json"]).stdout)["rows"] == [], "a table without rows"


def test_every_table_of_a_result_is_shown(result):
    for (name,) in rows_of(result, "SELECT substr(key, 16) FROM run_info WHERE key LIKE 'content_sha256.%'"):
        names = [column[1] for column in rows_of(result, f'SELECT * FROM pragma_table_info("{name}")')]
        assert lines([result, name])[0].split() == [column for column in names if column != "geom"], name


def on_terminal(arguments, columns):
    """What the program writes to a terminal of so many columns."""
    ours, its = pty.openpty()
    fcntl.ioctl(its, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    with subprocess.Popen([program(), *arguments], stdout=its, stderr=subprocess.PIPE) as process:
        os.close(its)
        shown = b""
        try:
            while part := os.read(ours, 65536):
                shown += part
        except OSError:
            pass
        assert process.wait(timeout=60) == 0, process.stderr.read()
    os.close(ours)
    return shown.decode().replace("\r\n", "\n").splitlines()


def test_a_terminal_has_its_width(result):
    text = on_terminal(["show", result], 60)
    assert all(len(line) <= 60 for line in text[:3]), text
    assert text[3].startswith("Not shown") and "height_mean" in text[3], text
    assert len(on_terminal(["show", result, "--columns", "zip,area_m2,buildings,important,crossing,coverage,built_area_m2"], 40)[0]) > 40, "what is named is shown"
    long = on_terminal(["show", result, "run_info"], 70)
    assert all(len(line) <= 70 for line in long) and any(line.endswith("...") for line in long), long


def test_what_is_not_there_is_a_usage_error(result):
    fails(2, ["show", result, "zip_sumary"], "zip_sumary", "zip_summary", "important_building")
    fails(2, ["show", result, "--columns", "zip,heigth_mean"], "heigth_mean", "height_mean", "zip_summary")
    fails(2, ["show", result, "--top", "3:heigth_mean"], "heigth_mean", "height_mean")
    for top in ("height_mean", "0:zip", "3", "-1:zip", "3;zip", "99999999999:zip"):
        fails(2, ["show", result, "--top", top], "--top", top)
    fails(2, ["show"], "RESULT")
    fails(2, ["show", result, "a", "b"], "b")
    fails(2, ["show", result, "--rows", "0"], "--rows")


def test_what_is_no_result_is_an_input_error(town):
    fails(3, ["show", town.buildings], "zonefold run", "buildings.gpkg")
    fails(3, ["show", town.file("missing")], "missing")
    with open(town.file("cut.sqlite"), "wb") as file:
        works(town.arguments())
        with open(town.output, "rb") as whole:
            file.write(whole.read()[:20000])
    fails(3, ["show", town.file("cut.sqlite"), "important_building"], "cut.sqlite")


def test_a_pipe_that_closes_early_is_no_error(town):
    many = Town(copies=600)
    works(many.arguments("--analysis", "none", output=many.output))
    for options in (["--format", "csv"], ["--format", "json"], ["--rows", "100000"]):
        done = subprocess.run(["bash", "-c", 'set -o pipefail; "$@" | head -1', "bash", program(), "show", many.output, "important_building", *options],
                              capture_output=True, text=True, timeout=60)
        assert done.returncode == 0 and done.stderr == "" and len(done.stdout.splitlines()) == 1, f"{options}: {done}"


def test_unwritable_stdout_is_an_output_error(result):
    with open("/dev/full", "w", encoding="utf-8") as full:
        done = subprocess.run([program(), "show", result], stdout=full, stderr=subprocess.PIPE, text=True)
    assert done.returncode == 4 and "standard output" in done.stderr, done


def test_texts_of_others_cannot_drive_the_terminal(town):
    works(town.arguments("--fields", "use"))
    db = sqlite3.connect(town.output)
    db.execute("UPDATE important_building SET use = 'a' || char(27) || '[2J' || char(10) || 'b\"c' WHERE id = 1")
    db.execute("UPDATE important_building SET use = CAST(x'ff41' AS TEXT) WHERE id = 2")
    db.execute("UPDATE important_building SET use = x'0102' WHERE id = 3")
    db.commit()
    db.close()
    text = lines([town.output, "important_building", "--columns", "id,use"])
    assert text[1].split(None, 1)[1] == 'a?[2J b"c' and text[2].split()[1] == "?A" and text[3].split(None, 1)[1] == "(2 bytes)", text
    shown = works(["show", town.output, "important_building", "--columns", "use", "--format", "csv", "--rows", "1"]).stdout
    assert shown == '"use"\n"a?[2J\nb""c"\n', repr(shown)
    assert json.loads(works(["show", town.output, "important_building", "--columns", "use", "--format", "json"]).stdout)["rows"][0]["use"] == 'a\x1b[2J\nb"c'


def test_a_table_of_another_program_is_shown(town):
    works(town.arguments())
    db = sqlite3.connect(town.output)
    db.execute('CREATE TABLE "my, ""notes""" (zip TEXT, "a,b" TEXT)')
    db.execute('INSERT INTO "my, ""notes""" VALUES (\'02139\', NULL)')
    db.execute("CREATE VIEW seen AS SELECT * FROM zip_summary")
    db.commit()
    db.close()
    assert lines([town.output, 'my, "notes"', "--columns", '"a,b",zip']) == ["a,b   zip", "NULL  02139"]
    fails(2, ["show", town.output, "seen"], "seen")
