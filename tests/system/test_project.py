# SPDX-License-Identifier: MIT
"""--project, and the styles that a result holds: names, refusals, bytes. What QGIS makes of them is told by tests/qgis."""
import os
import sqlite3
import xml.etree.ElementTree as xml
import zipfile

from town import Town, fails, works


def bytes_of(path):
    with open(path, "rb") as file:
        return file.read()


def project_of(path):
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None, "the archive's checksum is right"
        names = archive.namelist()
        assert len(names) == 1 and names[0].endswith(".qgs"), f"one project in it: {names}"
        assert archive.infolist()[0].date_time == (1980, 1, 1, 0, 0, 0), "no clock in it"
        return names[0], xml.fromstring(archive.read(names[0]).decode())


def styles_of(path):
    db = sqlite3.connect(path)
    rows = db.execute("select f_table_name, f_table_schema, f_geometry_column, useAsDefault, styleQML, update_time from layer_styles").fetchall()
    db.close()
    return rows


def test_project_lies_beside_the_result_and_names_it(town):
    works(town.arguments("--project", output=town.file("out", "my \"town's\".v2.sqlite")))
    assert town.left_behind() == ["my \"town's\".v2.qgz", "my \"town's\".v2.sqlite"], town.left_behind()
    name, root = project_of(town.file("out", "my \"town's\".v2.qgz"))
    assert name == "my \"town's\".v2.qgs" and root.find("title").text == "my \"town's\".v2", name
    sources = [e.text for e in root.iter("datasource")]
    assert sources[:3] == [f"dbname='./my \"town\\'s\".v2.sqlite' table=\"{t}\" (geom)" for t in ("rejected_feature", "important_building", "zip_summary")], sources
    assert sources[3:] == [f"dbname='./my \"town\\'s\".v2.sqlite' table=\"{t}\"" for t in ("run_count", "run_info", "run_input")], "the plain tables with rows"
    assert town.path not in bytes_of(town.file("out", "my \"town's\".v2.qgz")).decode("latin-1"), "no directory in it"


def test_result_without_extension_gets_a_project_with_one(town):
    works(town.arguments("--project", output=town.file("out", "result")))
    assert town.left_behind() == ["result", "result.qgz"], town.left_behind()


def test_nothing_is_written_beside_the_result_unasked(town):
    works(town.arguments())
    assert town.left_behind() == ["result.sqlite"], town.left_behind()


def test_project_is_not_overwritten_unasked(town):
    path = town.file("out", "result.qgz")
    with open(path, "w", encoding="utf-8") as file:
        file.write("mine")
    fails(4, town.arguments("--project"), "result.qgz", "--overwrite")
    assert bytes_of(path) == b"mine" and town.left_behind() == ["result.qgz"], "refused before the run"
    works(town.arguments("--project", "--overwrite"))
    project_of(path)


def test_directory_in_the_way_is_refused_before_the_run(town):
    os.mkdir(town.file("out", "result.qgz"))
    fails(4, town.arguments("--project", "--overwrite"), "result.qgz")
    assert town.left_behind() == ["result.qgz"], town.left_behind()


def test_result_may_not_be_called_as_its_project(town):
    fails(2, town.arguments("--project", output=town.file("out", "town.qgz")), "--output")
    assert town.left_behind() == [], town.left_behind()
    works(town.arguments(output=town.file("out", "town.qgz")))


def test_name_that_is_no_text_is_refused(town):
    fails(2, town.arguments("--project", output=town.file("out", os.fsdecode(b"caf\xe9.sqlite"))), "UTF-8")
    assert town.left_behind() == [], town.left_behind()


def test_project_changes_no_byte_of_the_result_and_none_of_its_own(town):
    works(town.arguments())
    plain = bytes_of(town.output)
    projects = set()
    for threads in (1, 3):
        works(town.arguments("--project", "--overwrite", "--threads", threads))
        assert bytes_of(town.output) == plain, "the result is as without --project"
        projects.add(bytes_of(town.file("out", "result.qgz")))
    assert len(projects) == 1, "the project has the same bytes each time"


def test_job_files_take_the_option(town):
    job = town.file("job.yaml")
    works(town.arguments("--project", "--write-job", job))
    assert "project: true" in bytes_of(job).decode(), bytes_of(job)
    works(["run", "--job", job, "--output", town.file("out", "again.sqlite")])
    assert "again.qgz" in town.left_behind(), town.left_behind()
    works(["plan", "--job", job, "--overwrite"])


def test_every_layer_has_its_style_for_both_ways_of_opening(town):
    works(town.arguments("--analysis", "clusters:eps_m=30,min=2"))
    rows = styles_of(town.output)
    tables = ["zip_summary", "important_building", "rejected_feature", "clusters_30m_2"]
    assert [(r[0], r[1]) for r in rows] == [(t, s) for t in tables for s in (None, "")], rows
    for table, _, geometry, is_default, qml, time in rows:
        root = xml.fromstring(qml)
        assert geometry == "geom" and is_default == 1 and root.tag == "qgis", table
        assert time == "1970-01-01T00:00:00.000Z", time
    filters = [rule.get("filter") for rule in xml.fromstring(rows[0][4]).find("renderer-v2").iter("rule") if rule.get("symbol")]
    assert filters and any('"coverage"' in text for text in filters), "ZIPs are coloured by coverage"


def test_tables_without_geometry_have_no_style():
    for what in ("attributes", "ids", "none"):
        town = Town()
        works(town.arguments("--buildings-out", what, "--project"))
        assert {r[0] for r in styles_of(town.output)} == {"zip_summary", "rejected_feature"}, what
        _, root = project_of(town.file("out", "result.qgz"))
        names = [e.findtext("layername") for e in root.iter("maplayer") if e.get("geometry") != "No geometry"]
        assert names == ["Rejected features", "ZIPs"], "the layers that there are"
        assert ("important_building" in [e.findtext("layername") for e in root.iter("maplayer")]) == (what != "none"), "as a plain table"


def test_source_date_epoch_is_the_only_date_that_enters(town):
    works(town.arguments())
    plain = bytes_of(town.output)
    for seconds, expected in (("1700000000", "2023-11-14T22:13:20.000Z"), ("0", "1970-01-01T00:00:00.000Z"), ("253402300799", "9999-12-31T23:59:59.000Z")):
        works(town.arguments("--overwrite"), env=dict(os.environ, SOURCE_DATE_EPOCH=seconds, TZ="Asia/Tokyo"))
        assert {r[5] for r in styles_of(town.output)} == {expected}, styles_of(town.output)[0][5]
        assert (bytes_of(town.output) == plain) == (seconds == "0"), "nothing else changes"
        works(["verify", town.output])
    for seconds in ("", "yesterday", "-1", "1e9", "253402300800", "99999999999999999999"):
        fails(2, town.arguments("--overwrite"), "SOURCE_DATE_EPOCH", env=dict(os.environ, SOURCE_DATE_EPOCH=seconds))


def test_table_of_styles_is_nobody_elses(town):
    with open(town.file("q.sql"), "w", encoding="utf-8") as file:
        file.write("SELECT 1 AS one")
    for name in ("layer_styles", "Layer_Styles"):
        fails(2, town.arguments("--analysis-sql", f"{name}={town.file('q.sql')}"), "layer_styles" if name.islower() else "Layer_Styles")
