# SPDX-License-Identifier: MIT
"""`zonefold run`: what it says, what it writes, and what stands when it fails or is interrupted."""
import json
import os
import pty
import re
import resource
import signal
import sqlite3
import subprocess

from osgeo import ogr
from town import Town, content, describe, fails, layer, program, works

# enough rows, each slow enough, that a run which is not stopped would go on for an hour
ENDLESS = ["--batch-size", "1", "--where", "length(replace(hex(zeroblob(400000 + fid)), '00', 'abc')) > 0"]


def rows(path, sql):
    with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as db:
        db.row_factory = sqlite3.Row
        return [dict(row) for row in db.execute(sql)]


def test_text_summary_tells_the_zips_the_counts_and_the_file(town):
    done = works(town.arguments())
    assert done.stderr == "", f"silence on stderr{describe(done)}"
    lines = done.stdout.splitlines()
    assert re.match(r"zip +buildings +coverage +built_area_m2", lines[0]), f"heading{describe(done)}"
    assert re.match(r"02139 +3 +\d+\.\d % ", lines[1]) and re.match(r"02141 +2 ", lines[2]), f"ZIPs{describe(done)}"
    assert "8 buildings read: 5 in a ZIP, 1 crossing the border of one, 1 outside all ZIPs, 1 without geometry" in done.stdout, f"counts{describe(done)}"
    listed = re.search(r"^Tables: (.*)$", done.stdout, re.M)[1]
    for table, n in re.findall(r"(\w+) \(([\d,]+)", listed):
        assert int(n.replace(",", "")) == rows(town.output, f"SELECT count(*) AS n FROM {table}")[0]["n"], f"{table}{describe(done)}"
    assert "zip_summary" in listed and "important_building" in listed, listed
    assert lines[-1] == f"Result: {town.output}", "where the result is"


def test_text_summary_shows_at_most_25_zips(town):
    squares = [(f"POLYGON (({i} 0,{i + 1} 0,{i + 1} 1,{i} 1,{i} 0))", f"{i:05d}") for i in range(30)]
    many = layer(town.file("many.gpkg"), "z", squares, [("zip", ogr.OFTString)])
    houses = [(f"POLYGON (({i}.2 0.2,{i}.4 0.2,{i}.4 0.4,{i}.2 0.4,{i}.2 0.2))",) for i in range(30)]
    done = works(town.arguments("-q", zips=many, buildings=layer(town.file("houses.gpkg"), "h", houses, [])))
    assert len(re.findall(r"^000\d\d ", done.stdout, re.M)) == 25, f"25 ZIPs{describe(done)}"
    assert "... and 5 more ZIPs with buildings" in done.stdout, f"the others{describe(done)}"


def heading(town, *options):
    return works(town.arguments("--overwrite", *options)).stdout.splitlines()[0].split()


def test_text_summary_begins_with_what_was_asked_for(town):
    assert heading(town)[:4] == ["zip", "buildings", "coverage", "built_area_m2"]
    assert heading(town, "--stat", "height=max,p90")[:4] == ["zip", "buildings", "height_max", "height_p90"]
    assert heading(town, "--where", "height > 1", "--stat", "height=max", "--zip-compute", "twice=2*buildings")[:5] == \
        ["zip", "buildings", "important", "height_max", "twice"]
    assert heading(town, "--analysis", "clusters:eps_m=5,min=2")[:4] == ["zip", "buildings", "clusters_5m_2", "clustered_5m_2"]
    assert "area_m2_sum" in heading(town, "--stat", "area_m2=sum"), "asked for, though built_area_m2 equals it"
    assert "area_m2_sum" not in heading(town), "built_area_m2 again"


def test_text_summary_folds_zips_without_buildings(town):
    squares = [(f"POLYGON (({i + 200} 0,{i + 201} 0,{i + 201} 1,{i + 200} 1,{i + 200} 0))", f"{i:05d}") for i in range(10)]
    empty = layer(town.file("empty.gpkg"), "z", squares, [("zip", ogr.OFTString)])
    done = works(town.arguments("-q", zips=empty))
    assert "10 ZIPs without buildings: 00000, 00001, 00002, 00003, 00004, 00005, 00006, 00007, ..." in done.stdout, f"{describe(done)}"
    assert not re.search(r"^0000\d ", done.stdout, re.M), f"no rows{describe(done)}"


def test_json_summary_equals_the_result_file(town):
    done = works(town.arguments("--format", "json", "--stat", "height=mean,p90", "--stat", "use=min", "--stat", "last edit=max"))
    summary = json.loads(done.stdout)
    assert list(summary) == ["output", "counts", "rejected_features", "tables", "zips"] and summary["output"] == town.output, "members"
    counts = {row["name"]: row["value"] for row in rows(town.output, "SELECT * FROM run_count")}
    assert summary["rejected_features"] == len(rows(town.output, "SELECT id FROM rejected_feature")) == 1, "one building has no geometry"
    assert summary["counts"] == counts, f"counts: {summary['counts']} {counts}"
    written = rows(town.output, "SELECT * FROM zip_summary ORDER BY zip_rank")
    for row in written:
        del row["geom"]
    assert summary["zips"] == written, f"ZIPs: {summary['zips']} {written}"
    assert [row["zip"] for row in written] == ["02139", "02141"], "ZIP ids keep their zeros"


def test_counts_balance_and_names_are_those_of_the_contract(town):
    counts = json.loads(works(town.arguments("--format=json")).stdout)["counts"]
    assert counts == {"zips_read": 2, "zips_selected": 2, "zip_features_skipped": 0, "buildings_read": 8, "buildings_assigned": 5,
                     "buildings_crossing": 1, "buildings_outside": 1, "buildings_empty": 1, "buildings_skipped": 0,
                     "buildings_in_many": 0, "buildings_repaired": 0, "assignments": 5, "important": 5}, f"{counts}"


def test_options_reach_the_run(town):
    done = works(town.arguments("--format", "json", "--assign", "intersects", "--where", "height >= 20", "--order-by", "people DESC"))
    summary = json.loads(done.stdout)
    assert [(z["zip"], z["buildings"], z["important"]) for z in summary["zips"]] == [("02141", 3, 2), ("02139", 4, 3)], f"{summary}"
    assert summary["counts"]["buildings_in_many"] == 1, "the one across the border counts twice"
    combined = json.loads(works(town.arguments("--format", "json", "--combine", "--overwrite")).stdout)
    assert [(z["zip"], z["buildings"]) for z in combined["zips"]] == [("all", 6)], f"{combined}"
    one = json.loads(works(town.arguments("--format", "json", "--zip-where", "people = 5", "--overwrite")).stdout)
    assert [z["zip"] for z in one["zips"]] == ["02139"], f"{one}"


def test_fields_may_hold_commas_and_spaces(town):
    works(town.arguments("--fields", 'use,"a,b",last edit'))
    found = rows(town.output, 'SELECT use, "a,b", "last edit" FROM important_building ORDER BY id')
    assert found[0] == {"use": "home", "a,b": "one", "last edit": "2020-01-01"}, f"{found[0]}"


def test_buildings_out_says_how_much_is_written(town):
    for what, wanted, unwanted in (("geometry", {"geom", "area_m2", "nn_m"}, set()), ("attributes", {"area_m2", "nn_m"}, {"geom"}),
                                   ("ids", {"zip_rank", "zip", "building_fid"}, {"geom", "area_m2", "nn_m"})):
        works(town.arguments("--buildings-out", what, "--overwrite"))
        columns = {row["name"] for row in rows(town.output, "PRAGMA table_info(important_building)")}
        assert wanted <= columns and not unwanted & columns, f"{what}: {columns}"
    works(town.arguments("--buildings-out", "none", "--overwrite"))
    assert rows(town.output, "SELECT 1 FROM sqlite_master WHERE name = 'important_building'") == [], "no table"


def test_batch_size_does_not_change_the_result(town):
    works(town.arguments())
    first = content(town.output)
    for size in (1, 2, 3, 1000000):
        works(town.arguments("--overwrite", "--batch-size", size))
        assert content(town.output) == first, f"the same bytes with {size}"


def test_empty_building_layer_is_no_failure(town):
    empty = layer(town.file("empty.gpkg"), "b", [], [("height", ogr.OFTReal)])
    summary = json.loads(works(town.arguments("--format", "json", buildings=empty)).stdout)
    assert summary["counts"]["buildings_read"] == 0, "no buildings"
    assert [(z["buildings"], z["area_m2_sum"], z["area_m2_mean"]) for z in summary["zips"]] == [(0, 0, None)] * 2, f"{summary}"


def test_existing_output_needs_overwrite(town):
    works(town.arguments())
    before = content(town.output)
    fails(4, town.arguments("--where", "height > 30"), "--overwrite", "result.sqlite")
    assert content(town.output) == before, "the older output is as it was"
    works(town.arguments("--where", "height > 30", "--overwrite"))
    assert content(town.output) != before, "and is replaced on request"
    assert town.left_behind() == ["result.sqlite"], f"left behind: {town.left_behind()}"


def test_output_that_cannot_be_is_an_output_error(town):
    fails(4, town.arguments(output=town.file("absent", "r.sqlite")), "absent")
    fails(4, town.arguments("--overwrite", output=town.file("out")), "out")
    fails(4, town.arguments("--trace", town.file("absent", "t.csv")), "t.csv")
    assert town.left_behind() == [], "nothing left behind"


def test_a_failed_run_leaves_the_older_output_as_it_was(town):
    works(town.arguments())
    before = content(town.output)
    fails(2, town.arguments("--overwrite", "--where", "abs(-9223372036854775807 - fid) > 0"), "--where")
    fails(3, town.arguments("--overwrite", buildings=town.file("absent.gpkg")))
    assert content(town.output) == before and town.left_behind() == ["result.sqlite"], f"left behind: {town.left_behind()}"


def test_full_disk_is_an_output_error_with_nothing_left_behind(town):

    def limit(n_bytes):
        return lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (n_bytes, n_bytes))

    works(town.arguments())
    before = content(town.output)
    for n_bytes in (1, 8192, len(before) // 2, len(before) - 1):
        said = fails(4, town.arguments("--overwrite"), "result.sqlite", preexec_fn=limit(n_bytes))
        assert said.count("ZIP '") <= 1, f"where it happened is said once: {said}"
        assert content(town.output) == before and town.left_behind() == ["result.sqlite"], f"left behind: {town.left_behind()}"


def test_unwritable_stdout_is_an_output_error_but_the_result_stands(town):
    with open("/dev/full", "w", encoding="utf-8") as full:
        done = subprocess.run([program(), *town.arguments()], stdout=full, stderr=subprocess.PIPE, text=True)
    assert done.returncode == 4 and "standard output" in done.stderr, f"{done}"
    assert len(rows(town.output, "SELECT zip FROM zip_summary")) == 2, "the result is there"


def test_closed_standard_descriptors_do_not_harm_the_result(town):
    works(town.arguments())
    good = content(town.output)
    os.remove(town.output)
    command = " ".join(f"'{word}'" for word in [program(), *town.arguments("-vv")])
    subprocess.run(["sh", "-c", f"{command} <&- >&- 2>&-"], check=False)
    assert content(town.output) == good, "no message was written into the file"


def test_quiet_and_verbose_say_less_and_more(town):
    assert works(town.arguments("-q")).stderr == "", "quiet"
    some = works(town.arguments("--overwrite", "-v")).stderr
    assert some != "" and all(line.startswith("zonefold: ") for line in some.splitlines()), f"verbose: {some}"
    more = works(town.arguments("--overwrite", "-vv")).stderr
    assert set(some.splitlines()) < set(more.splitlines()), f"more verbose: {more}"
    for name in ("zips", "buildings"):
        assert re.search(rf"reading layer '{name}' (in columnar batches|feature by feature)", more), f"how {name} is read: {more}"
    assert "reading layer" not in some, f"which is too much for -v: {some}"


def test_warnings_stay_when_quiet(town):
    away = layer(town.file("away.gpkg"), "z", [("POLYGON ((90000 0,90009 0,90009 9,90000 9,90000 0))", "1")], [("zip", ogr.OFTString)])
    done = works(town.arguments("-q", zips=away))
    assert "zonefold: warning: " in done.stderr, f"layers that do not meet{describe(done)}"


def test_progress_without_a_terminal_is_lines_on_request_only(town):
    always = works(town.arguments("--progress", "always")).stderr
    assert re.search(r"^zonefold: buildings +100% 8 of 8", always, re.M), f"lines: {always}"
    assert "\r" not in always and "\x1b" not in always, "and nothing else"
    for mode in ("auto", "never"):
        assert works(town.arguments("--overwrite", "--progress", mode)).stderr == "", f"{mode} is silent"


def on_terminal(arguments):
    """What a run writes on stderr when that is a terminal."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen([program(), *arguments], stdout=subprocess.DEVNULL, stderr=theirs, env={**os.environ, "TERM": "xterm"})
    os.close(theirs)
    seen = b""
    try:
        while chunk := os.read(ours, 4096):
            seen += chunk
    except OSError:  # the other side is closed
        pass
    os.close(ours)
    assert process.wait() == 0, f"a run on a terminal: {seen}"
    return seen.decode()


def test_progress_on_a_terminal_is_a_bar_that_goes_away(town):
    seen = on_terminal(town.arguments())
    assert "\r" in seen and "buildings" in seen and "[" in seen, f"a bar: {seen!r}"
    assert seen.endswith("\r\x1b[K"), f"which is gone in the end: {seen!r}"
    for flag in (["--progress", "never"], ["-q"]):
        assert on_terminal(town.arguments("--overwrite", *flag)) == "", f"{flag}"


def test_trace_has_a_line_for_each_zip(town):
    works(town.arguments("--trace", town.file("t.csv")))
    with open(town.file("t.csv"), encoding="utf-8") as file:
        lines = file.read().splitlines()
    assert len(lines) == 3 and "02139" in lines[1] and "02141" in lines[2], f"{lines}"


def start_endless(town):
    """A run in the middle of the buildings, over an older output."""
    process = subprocess.Popen([program(), *town.arguments("--overwrite", "--progress", "always", *ENDLESS)], stdout=subprocess.PIPE,
                               stderr=subprocess.PIPE, text=True)
    for line in process.stderr:
        if line.startswith("zonefold: buildings"):
            return process
    raise AssertionError(f"the run ended by itself with {process.wait()}")


def test_signals_end_the_run_with_6_and_leave_no_trace():
    town = Town(copies=20000)
    works(town.arguments("-q"))
    before = content(town.output)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        process = start_endless(town)
        assert len(town.left_behind()) == 2, f"the result is being made: {town.left_behind()}"
        process.send_signal(number)
        stdout, stderr = process.communicate(timeout=240)
        assert process.returncode == 6 and stdout == "", f"{number}: exit {process.returncode}, {stdout}, {stderr}"
        assert "interrupted" in stderr, f"says so: {stderr}"
        assert content(town.output) == before and town.left_behind() == ["result.sqlite"], f"left behind: {town.left_behind()}"


def test_a_second_interrupt_does_not_cut_the_rollback_short():
    town = Town(copies=20000)
    process = start_endless(town)
    for _ in range(20):
        process.send_signal(signal.SIGINT)
    process.communicate(timeout=240)
    assert process.returncode == 6 and town.left_behind() == [], f"exit {process.returncode}, left behind: {town.left_behind()}"


def test_a_killed_run_leaves_the_older_output_as_it_was():
    town = Town(copies=20000)
    works(town.arguments("-q"))
    before = content(town.output)
    process = start_endless(town)
    process.kill()
    process.communicate(timeout=240)
    assert content(town.output) == before, "the older output is as it was"
    works(town.arguments("-q", "--overwrite"))
    assert content(town.output) == before, "and the next run works"
