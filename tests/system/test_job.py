# SPDX-License-Identifier: MIT
"""Job files: options in YAML or JSON, and the job of a command line written into one."""
import json
import os
import sqlite3

from town import content, fails, works

MANY = ["--where", "height > 5 AND \"use\" <> 'it''s: #1'", "--rule", "tall=height >= 10", "--rule", "named=\"a,b\" IS NOT NULL", "--compute",
        "double=2 * height", "--stat", "height=mean,p90", "--stat", "double=max", "--fields", "use,\"last edit\",\"a,b\"", "--analysis", "nearest",
        "--analysis", "neighbours:within_m=150", "--assign", "centroid", "--on-invalid", "skip", "--order-by", "zip DESC", "--threads", "2",
        "--memory", "96MiB", "--batch-size", "3", "--overwrite", "--zips-crs", "EPSG:2249"]


def job(town, text, name="job.yaml"):
    with open(town.file(name), "w", encoding="utf-8") as file:
        file.write(text)
    return town.file(name)


def job_of(path):
    db = sqlite3.connect(path)
    return json.loads(db.execute("select value from run_info where key = 'job'").fetchone()[0])


def test_the_job_of_a_command_line_gives_the_same_bytes(town):
    works(town.arguments(*MANY, "--write-job", town.file("written.yaml")))
    first = content(town.output)
    works(["run", "--job", town.file("written.yaml")])
    assert content(town.output) == first, "the same bytes"
    works(["run", "--job", town.file("written.yaml"), "--write-job", town.file("again.yaml")])
    assert content(town.file("written.yaml")) == content(town.file("again.yaml")), "the job of a job is the same"
    works(["plan", "--job", town.file("written.yaml")])


def test_files_of_questions_lie_beside_the_job(town):
    os.mkdir(town.file("sql"))
    with open(town.file("sql", "a=b.sql"), "w", encoding="utf-8") as file:
        file.write("SELECT count(*) AS n FROM building")
    works(["run", "--zips", "zips.gpkg", "--buildings", "buildings.gpkg", "-o", "out/result.sqlite", "--analysis-sql", "n=sql/a=b.sql", "--analysis-sql",
           '"x=y"=sql/a=b.sql', "--write-job", town.file("out", "job.yaml")], cwd=town.path)
    first = content(town.output)
    works(["run", "--job", town.file("out", "job.yaml"), "--overwrite"], cwd="/")
    assert content(town.output) == first, "the job that was written finds them"
    path = job(town, "zips: zips.gpkg\nbuildings: buildings.gpkg\noutput: out/result.sqlite\noverwrite: true\nanalysis-sql:\n  - n=sql/a=b.sql\n  - '\"x=y\"=sql/a=b.sql'\n")
    works(["run", "--job", path], cwd="/")
    assert content(town.output) == first, "and so does one that a person wrote"


def test_yaml_as_people_write_it(town):
    path = job(town, """# which buildings matter
zips: zips.gpkg          # beside this file
buildings: 'buildings.gpkg'
output: out/result.sqlite
where: height > 5 and height < 70
fields: [use, "last edit", 'a,b']
stat:
  - height=mean,max
  - area_m2=sum
analysis: none
rule: tall = height > 10
overwrite: false
threads: 1
verbose: 0
""")
    works(["run", "--job", path], cwd="/")
    assert job_of(town.output) == {"zips": "zips.gpkg", "buildings": "buildings.gpkg", "where": "height > 5 and height < 70",
                                  "rule": ["tall = height > 10"], "stat": ["height=mean,max", "area_m2=sum"], "analysis": ["none"],
                                  "fields": ["use", "last edit", "a,b"]}, job_of(town.output)


def test_the_recorded_job_is_a_job_file(town):
    works(town.arguments(*MANY))
    first, recorded = content(town.output), job_of(town.output)
    path = job(town, json.dumps(recorded), "recorded.json")
    works(["run", "--job", path, "-o", town.output, "--overwrite"])
    assert content(town.output) == first, "the same bytes from run_info's job"


def test_the_command_line_wins(town):
    path = job(town, "zips: nowhere.gpkg\nbuildings: buildings.gpkg\nwhere: height > 1000\nstat: [height=max, height=min]\noverwrite: true\n")
    works(["run", "--job", path, "--zips", town.zips, "-o", town.output, "--where", "height > 1", "--stat", "height=mean"])
    found = job_of(town.output)
    assert found["where"] == "height > 1" and found["stat"] == ["height=mean"], found


def test_files_are_named_as_the_job_sees_them(town):
    os.mkdir(town.file("jobs"))
    works(["run", "--zips", "zips.gpkg", "--buildings", "buildings.gpkg", "-o", "out/result.sqlite", "--write-job", "jobs/a.yaml"], cwd=town.path)
    first = content(town.output)
    os.remove(town.output)
    works(["run", "--job", town.file("jobs", "a.yaml")], cwd="/")
    assert content(town.output) == first, "found from anywhere"
    works(["run", "--zips", "zips.gpkg", "--buildings", "buildings.gpkg", "-o", "out/result.sqlite", "--overwrite", "--write-job", "b.yaml"], cwd=town.path)
    assert "zips: zips.gpkg\n" in content(town.file("b.yaml")).decode(), content(town.file("b.yaml"))


def test_errors_name_file_and_line(town):
    for text, words in (
            ("zips: a.gpkg\nzip-feild: x\n", ("job.yaml:2", "zip-feild", "zip-field")),
            ("zips: a.gpkg\n\nzips: b.gpkg\n", ("job.yaml:3", "1")),
            ("zips: [a, b\nwhere: x", ("job.yaml:2",)),
            ("zips: {a: b}\n", ("job.yaml:1", "zips")),
            ("- zips\n", ("job.yaml:1", "job.yaml")),
            ("", ("job.yaml:1", "job.yaml")),
            ("zips: a\n---\nzips: b\n", ("job.yaml:2",)),
            ("zips: &a x\nbuildings: *a\n", ("job.yaml:2",)),
            ("stat:\n  - height=max\n  - [1]\n", ("job.yaml:3", "stat")),
            ("zips: [a, b]\n", ("job.yaml:1", "zips")),
            ("overwrite: 1\n", ("job.yaml:1", "overwrite")),
            ("overwrite: \"true\"\n", ("job.yaml:1", "overwrite")),
            ("where:\n", ("job.yaml:1", "where")),
            ("where: null\n", ("job.yaml:1", "where")),
            ("where: ''\n", ("job.yaml:1", "where")),
            ("assign: wihtin\n", ("job.yaml:1", "wihtin", "within")),
            ("threads: many\n", ("job.yaml:1", "threads", "many")),
            ("memory: 64 parsecs\n", ("job.yaml:1", "64MiB")),
            ("verbose: true\n", ("job.yaml:1", "9")),
            ("job: other.yaml\n", ("job.yaml:1", "job")),
            ("help: true\n", ("job.yaml:1", "help")),
            ("zips: a\n\tbuildings: b\n", ("job.yaml:2",))):
        fails(2, ["run", "--job", job(town, text)], *words)
    with open(town.file("job.yaml"), "wb") as file:
        file.write(b"zips: \xff\xfe.gpkg\n")
    fails(2, ["run", "--job", town.file("job.yaml")], "job.yaml")
    fails(3, ["run", "--job", town.file("missing.yaml")], "missing.yaml")
    fails(3, ["run", "--job", town.path])
    fails(2, ["run", "--job", job(town, "buildings: b.gpkg\n")], "--zips", "--output")
    assert town.left_behind() == [], "nothing is written"


def test_writing_a_job_touches_no_other_file(town):
    for name in ("job.yaml.part", "precious"):
        job(town, "mine", name)
    os.symlink(town.file("precious"), town.file(".job.yaml.part"))  # what a killed run may have left, or somebody laid there
    works(town.arguments("--write-job", town.file("job.yaml")))
    assert content(town.file("job.yaml.part")) == b"mine" and content(town.file("precious")) == b"mine", "files of others are as they were"
    assert b"buildings:" in content(town.file("job.yaml")) and not os.path.lexists(town.file(".job.yaml.part")), "the job is there, alone"


def test_a_job_that_cannot_be_written_ends_before_the_run(town):
    fails(4, town.arguments("--write-job", town.file("no", "such", "job.yaml")), "--write-job")
    assert town.left_behind() == [], "no result"
    fails(2, town.arguments("--write-job", ""), "--write-job")
