# SPDX-License-Identifier: MIT
"""zonefold replay: the recorded job again, from inputs that are known by their bytes."""
import hashlib
import json
import os
import shutil
import signal
import sqlite3
import subprocess
import time

import pytest
from town import Town, catches_signals, content, describe, fails, layer, ogr, square, wait_for, works
from replays import change, check_sweep, kill_once_there, replay, shapefiles, sql_file
from support import CAMBRIDGE, DATA, VERSION, needs_cambridge, program


MANY = ["--where", "height > 5 AND \"use\" <> 'it''s: #1'", "--rule", "tall=height >= 10", "--rule", "named=\"a,b\" IS NOT NULL", "--compute",
        "double=2 * height", "--stat", "height=mean,p90", "--stat", "double=max", "--fields", "use,\"last edit\",\"a,b\"", "--analysis", "nearest",
        "--analysis", "neighbours:within_m=150", "--assign", "centroid", "--on-invalid", "skip", "--order-by", "zip DESC", "--zips-crs", "EPSG:2249"]


def move(source, target, rename=str):
    """All files of a directory into another, under other names."""
    os.makedirs(target, exist_ok=True)
    for name in os.listdir(source):
        if os.path.isfile(os.path.join(source, name)):
            shutil.move(os.path.join(source, name), os.path.join(target, rename(name)))


def test_the_same_content(town):
    works(town.arguments())
    before = content(town.output)
    for more in (["--inputs", town.path], ["--inputs", town.path, "--threads", "3", "--memory", "64MiB", "-q"]):
        done = replay(town, *more)
        assert done.stdout == f"{town.output}: the same content\n" and done.stderr == "", describe(done)
    assert content(town.output) == before and town.left_behind() == ["result.sqlite"], "the result is not touched"
    answer = json.loads(replay(town, "--inputs", town.path, "--format", "json").stdout)
    assert answer["is_same"] is True and answer["b"] is None and all(then == now for then, now in answer["versions"].values()), answer


def test_every_option_that_is_recorded():
    town = Town(3)
    question = sql_file(town, "q.sql", "SELECT use, count(*) AS n FROM building GROUP BY use ORDER BY use -- 'it''s'\n")
    works(town.arguments(*MANY, "--combine", "--measure", "planar", "--buildings-crs", "EPSG:2249", "--buildings-out", "attributes", "--zips-layer", "zips",
                         "--buildings-layer", "buildings", "--zip-field", "zip", "--zip-where", "people > 0", "--encoding", "CP1252",
                         "--analysis-sql", f"uses={question}", "--analysis-sql", f'"a=b, c"={question}'))
    os.unlink(question)
    replay(town, "--inputs", town.path)
    text = "height > 1 AND \"use\" <> '\u2028\u0085\u009f\ufeff\uffff \\ \t\n: #' -- caf\u00e9 \U0001f3e0"
    works(town.arguments("--overwrite", "--where", text, "--write-job", town.file("odd.yaml")))
    replay(town, "--inputs", town.path)
    first = content(town.output)
    works(["run", "--job", town.file("odd.yaml")])
    assert content(town.output) == first, "and a job file holds such texts"


def test_inputs_elsewhere_and_under_other_names(town):
    paths = shapefiles(town)
    works(town.arguments(**paths))
    parts = sorted(os.listdir(town.file("shp")))
    for i, name in enumerate(parts):   # each part in a directory of its own, without its stem
        os.makedirs(town.file("far", str(i), "deep"))
        shutil.move(town.file("shp", name), town.file("far", str(i), "deep", f"{i}.bin"))
    assert len(parts) >= 8, parts
    replay(town, "--inputs", town.file("far"))
    fails(3, ["replay", town.output], "8 of the 8" if len(parts) == 8 else f"{len(parts)} of the {len(parts)}", "--inputs")


def test_what_lies_beside_an_input_is_none(town):
    paths = shapefiles(town)
    works(town.arguments("--fields", "use", **paths))
    before = content(town.output)
    with open(town.file("shp", "town.cpg"), "w") as file:   # came later, and says what is not so
        file.write("CP437")
    replay(town, "--inputs", town.path)
    works(town.arguments("--fields", "use", "--overwrite", **paths))
    assert content(town.output) != before, "a run would have read it"


def test_two_inputs_of_one_name_and_two_layers_of_one_file(town):
    os.mkdir(town.file("b"))
    shutil.move(town.buildings, town.file("b", "zips.gpkg"))
    works(town.arguments(buildings=town.file("b", "zips.gpkg")))
    replay(town, "--inputs", town.path)
    both = layer(town.file("both.gpkg"), "zips", [(square(0, 0, 100), "1")], [("zip", ogr.OFTString)])
    layer(both, "buildings", [(square(1, 1, 10),)], [], append=True)
    works(town.arguments("--overwrite", "--zips-layer", "zips", "--buildings-layer", "buildings", zips=both, buildings=both))
    replay(town, "--inputs", town.path)


def test_an_input_that_is_a_directory(town):
    paths = shapefiles(town)
    works(town.arguments("--buildings-layer", "town", zips=paths["zips"], buildings=town.file("shp")))
    files = [name for (name,) in sqlite3.connect(town.output).execute("select file from run_input where role = 'buildings'")]
    assert "shp" not in files and len(files) >= 4, files
    move(town.file("shp"), town.file("moved"), lambda name: f"{name}.old")
    replay(town, "--inputs", town.file("moved"))


def test_what_differs_is_told():
    town = Town(3)
    works(town.arguments())
    change(town.output, "update zip_summary set area_m2 = area_m2 + 2 where zip_rank = 1")
    done = replay(town, "--inputs", town.path, status=1)
    assert "zip_summary: 0 only in A, 0 only in B, 1 changed" in done.stdout and "by at most 2" in done.stdout, done.stdout
    assert "important_building: the same" in done.stdout and done.stdout.endswith(f"{town.output} and its replay differ\n"), done.stdout
    answer = json.loads(replay(town, "--inputs", town.path, "--format", "json", status=1).stdout)
    assert [t["table"] for t in answer["tables"] if t["changed"]] == ["zip_summary"] and answer["is_same"] is False, answer


def test_versions_explain_and_are_no_difference(town):
    works(town.arguments())
    change(town.output, "update run_info set value = '1.2.3' where key = 'PROJ'")
    change(town.output, "delete from run_info where key = 'GEOS'")
    done = replay(town, "--inputs", town.path)
    assert "PROJ: 1.2.3 then, " in done.stdout and "GEOS: not recorded then, " in done.stdout and "the same content" in done.stdout, done.stdout
    change(town.output, "update run_info set value = 'EPSG:1' where key = 'crs'")
    done = replay(town, "--inputs", town.path, status=1)
    assert "run_info: 0 only in A, 0 only in B, 1 changed" in done.stdout and "value: 1 row" in done.stdout and "PROJ: 1.2.3 then" in done.stdout, done.stdout


def test_what_a_kill_left_goes_with_the_next_replay():
    town = Town(3000)
    works(town.arguments())
    private, out = town.file("private"), town.file("out", "again.sqlite")
    os.mkdir(private)
    n_killed = 0
    for k in range(20):
        more = ["-o", out] if k % 2 else []
        n_killed += kill_once_there(["replay", town.output, "--inputs", town.path, *more, "-q"], lambda: os.listdir(private), env=os.environ | {"TMPDIR": private})
        assert len(os.listdir(private)) <= 1, f"each replay removes what the last one left: {os.listdir(private)}"
        if os.path.exists(out):
            os.unlink(out)
        if n_killed == 4:
            break
    assert n_killed > 0, "some were killed in the middle"
    replay(town, "--inputs", town.path, "-o", out)
    assert town.left_behind() == ["again.sqlite", "result.sqlite"], town.left_behind()


def test_others_directories_stay(town):
    works(town.arguments())
    os.mkdir(town.file("temporary"))
    check_sweep(town.file("temporary"), "zonefold-replay-", lambda: works(["replay", town.output, "--inputs", town.path, "--temp-dir", town.file("temporary")]))


def test_the_new_result_is_kept_on_request(town):
    works(town.arguments())
    replay(town, "--inputs", town.path, "-o", town.file("out", "again.sqlite"))
    assert content(town.file("out", "again.sqlite")) == content(town.output), "the same bytes"
    before = content(town.output)
    replay(town, "--inputs", town.path, "--output", town.output, status=4)
    assert content(town.output) == before, "a file that is there stays"


def test_missing_inputs_are_named(town):
    works(town.arguments())
    digest = hashlib.sha256(content(town.buildings)).hexdigest()
    with open(town.buildings, "r+b") as file:   # the same size, other bytes
        file.seek(60)
        file.write(b"\1")
    done = replay(town, "--inputs", town.path, status=3)
    assert "buildings.gpkg" in done.stderr and digest in done.stderr, done.stderr
    assert "zips.gpkg (" not in done.stderr and f"files in '{town.path}'" in done.stderr and done.stdout == "", describe(done)
    done = replay(town, status=3)   # beside the result
    assert "zips.gpkg" in done.stderr and "buildings.gpkg" in done.stderr, done.stderr
    fails(3, ["replay", town.output, "--inputs", town.file("nowhere")], "nowhere")


def test_links_and_pipes_end_no_search(town):
    works(town.arguments())
    os.mkdir(town.file("s"))
    os.symlink("..", town.file("s", "loop"))
    os.symlink(town.file("s"), town.file("s", "itself"))
    os.symlink("/", town.file("s", "root"))
    os.mkfifo(town.file("s", "zips.gpkg"))
    os.symlink(town.zips, town.file("s", "a link"))
    shutil.move(town.buildings, town.file("s", "b"))
    replay(town, "--inputs", town.file("s"))
    deep = town.file("deep", *"abcdefghijklmnopqrs")
    os.makedirs(deep)
    shutil.move(town.file("s", "b"), deep)
    replay(town, "--inputs", town.file("deep"), status=3)


@pytest.mark.wording
def test_a_record_of_another_version_or_hand():
    def with_job(expression, *words):
        town = Town()
        works(town.arguments())
        change(town.output, f"update run_info set value = {expression} where key = 'job'")
        done = replay(town, "--inputs", town.path, status=3)
        for word in words:
            assert word in done.stderr, f"{word!r}{describe(done)}"
        assert set(os.listdir(town.path)) <= {"zips.gpkg", "buildings.gpkg", "out", "private"}, os.listdir(town.path)
    with_job("json_set(value, '$.\"new-option\"', 'x')", "'new-option'", "another version", VERSION)
    with_job("json_set(value, '$.trace', '/tmp/zonefold-never.csv')", "'trace'", "does not know")   # writes a file
    with_job("json_set(value, '$.overwrite', json('true'))", "'overwrite'")
    with_job("json_set(value, '$.assign', 'nearby')", "recorded job cannot be run", "--assign", "'nearby'")
    with_job("json_set(value, '$.where', 5)", "neither a text, nor a list")
    with_job("json_set(value, '$.zips', '../zips.gpkg')", "does not name a file")
    with_job("json_remove(value, '$.zips')", "does not name a file")
    with_job("json_set(value, '$.stat', json('[[1]]'))", "not a text")
    with_job("json_set(value, '$.\"analysis-sql\"', json('[{\"name\": 1}]'))", "no name or no SQL")
    with_job("json_set(value, '$.\"analysis-sql\"', json('[{\"name\": \"../x\", \"sql\": \"DROP TABLE building\"}]'))", "SELECT")
    with_job("'no json'", "malformed JSON")
    with_job("NULL", "no job")
    town = Town()
    works(town.arguments())
    change(town.output, "update run_input set file = '../../etc/passwd' where role = 'zips'")
    fails(3, ["replay", town.output], "no role, file name or SHA-256")
    change(town.output, "delete from run_input")
    fails(3, ["replay", town.output], "no rows")


def test_what_is_no_result_is_an_input_error(town):
    fails(3, ["replay", town.zips], "zonefold run", "zips.gpkg")
    fails(3, ["replay", town.file("missing")], "missing")
    fails(2, ["replay"], "RESULT")
    works(town.arguments())
    fails(4, ["replay", town.output, "--inputs", town.path, "--temp-dir", town.file("nowhere")], "nowhere", "--temp-dir")
    fails(5, ["replay", town.output, "--inputs", town.path, "--memory", "1"])


def test_signals_leave_nothing():
    town = Town(30000)
    works(town.arguments())
    private = town.file("private")
    os.mkdir(private)
    n_interrupted = 0
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        for delay in (0, 0.1, 0.3):
            process = subprocess.Popen([program(), "replay", town.output, "--inputs", town.path], env=os.environ | {"TMPDIR": private},
                                       stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
            wait_for(process, lambda: catches_signals(process))
            time.sleep(delay)
            process.send_signal(number)
            out, err = process.communicate(timeout=120)
            assert process.returncode in (0, 6, -number), f"{number}: exit status {process.returncode} {err}"
            assert os.listdir(private) == [], f"{os.listdir(private)} is left behind"
            n_interrupted += process.returncode == 6
    assert n_interrupted > 0, "some were interrupted"


def test_the_sample_from_shapefiles(town):
    works(["run", "--zips", os.path.join(DATA, "shp", "zips.shp"), "--buildings", os.path.join(DATA, "shp", "buildings.shp"), "-q", "-o", town.output])
    replay(town, "--inputs", DATA)


@needs_cambridge
def test_cambridge(town):
    works(["run", "--zips", os.path.join(CAMBRIDGE, "zips.gpkg"), "--buildings", os.path.join(CAMBRIDGE, "shp", "Buildings.shp"), "-q", "-o", town.output,
           "--assign", "share", "--analysis", "neighbours:within_m=50", "--analysis", "overlaps", "--where", "area_m2 > 20"])
    replay(town, "--inputs", CAMBRIDGE, "--threads", "1")
