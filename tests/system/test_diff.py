# SPDX-License-Identifier: MIT
"""zonefold diff: what differs between two results, counted by SQL over both."""
import json
import os
import sqlite3

from town import Town, call, describe, fails, layer, ogr, square, works


def pair(first=(), second=(), change=None, copies=3):
    """Two results of one town, or of one that has changed between them."""
    town = Town(copies)
    a, b = town.file("out", "a.sqlite"), town.file("out", "b.sqlite")
    works(town.arguments(*first, output=a))
    if change is not None:
        change(town)
    works(town.arguments(*second, output=b))
    return town, a, b


def differences(a, b, *more):
    done = call(["diff", "--format", "json", *more, a, b])
    assert done.returncode == 1, f"differences end with 1{describe(done)}"
    answer = json.loads(done.stdout)
    assert answer["is_same"] is False, answer
    return {table["table"]: table for table in answer["tables"]}


def attached(a, b):
    db = sqlite3.connect(a)
    db.execute("attach ? as b", (b,))
    return db


def test_equal_results_say_the_same():
    town, a, b = pair(["--threads", "1"], ["--threads", "3"])
    text = works(["diff", a, b]).stdout
    assert "say the same" in text and "important_building: the same" in text, text
    assert json.loads(works(["diff", "--format", "json", a, a]).stdout)["is_same"] is True, "a result equals itself"


def test_counts_and_amounts_are_those_of_sql():
    town, a, b = pair(["--fields", "height", "--stat", "height=sum"], ["--fields", "height", "--stat", "height=sum", "--assign", "intersects", "--where", "height > 15"], copies=1)
    found, db = differences(a, b), attached(a, b)
    key = "(b.zip = a.zip and b.building_fid = a.building_fid)"
    only_a = db.execute(f"select count(*) from main.important_building a where not exists (select 1 from b.important_building b where {key})").fetchone()[0]
    only_b = db.execute(f"select count(*) from b.important_building b where not exists (select 1 from main.important_building a where {key})").fetchone()[0]
    changed = db.execute(f"select count(*), sum(a.nn_m is not b.nn_m), max(abs(a.nn_m - b.nn_m)), sum(a.height is not b.height) from main.important_building a"
                         f" join b.important_building b on {key} where a.nn_m is not b.nn_m or a.nn_fid is not b.nn_fid or a.geom is not b.geom").fetchone()
    table = found["important_building"]
    assert min(only_a, only_b, changed[0]) > 0, f"all kinds are there: {only_a} {only_b} {changed}"
    assert (table["only_in_a"], table["only_in_b"], table["changed"]) == (only_a, only_b, changed[0]), f"{table}, not {only_a} {only_b} {changed}"
    assert table["columns"]["nn_m"] == {"rows": changed[1], "max_delta": changed[2]} and "height" not in table["columns"], table["columns"]
    zips = dict((z, (x, y)) for z, x, y in db.execute("select a.zip, a.important, b.important from main.zip_summary a join b.zip_summary b using (zip)"))
    for row in found["zip_summary"]["rows"]:
        assert tuple(row["changed"].get("important", ())) in ((), zips[row["key"]["zip"]]), row
    assert found["run_info"]["rows"][0]["key"] == {"key": "job"}, "the options explain it"
    assert {row["key"]["name"] for row in found["run_count"]["rows"]} & {"assignments", "important", "buildings_assigned"}, "and the ledger"


def test_zips_and_buildings_come_and_go():
    def change(town):
        layer(town.file("new.gpkg"), "zips", [(square(0, 0, 1000), "02139", 5), (square(4000, 4000, 2000), "02199", 7)],
              [("zip", ogr.OFTString), ("people", ogr.OFTInteger)])
        town.zips = town.file("new.gpkg")
    town, a, b = pair(change=change)
    found = differences(a, b)
    kinds = {(row["kind"], row["key"]["zip"]) for row in found["zip_summary"]["rows"]}
    assert kinds == {("only_in_a", "02141"), ("only_in_b", "02199")}, kinds
    assert found["important_building"]["only_in_a"] > 0 and found["important_building"]["only_in_b"] == 3, found["important_building"]
    assert found["run_input"]["only_in_a"] == 1 and found["run_input"]["only_in_b"] == 1, "another file"
    text = call(["diff", a, b]).stdout
    assert "- zip '02141'" in text and "+ zip '02199'" in text and "differ" in text, text


def test_tables_and_columns_that_one_does_not_have():
    town, a, b = pair(["--analysis", "overlaps", "--fields", "use"], ["--buildings-out", "ids"])
    found = differences(a, b)
    assert found["overlaps"]["is_in_a"] and not found["overlaps"]["is_in_b"], "a table of A only"
    assert "use" in found["important_building"]["columns_only_in_a"], found["important_building"]
    assert found["important_building"]["changed"] == 0, "the pairs are the same"
    town, a, b = pair(["--buildings-out", "none"], ["--buildings-out", "ids"])
    assert differences(a, b)["important_building"]["is_in_b"] is True, "a table of B only"


def test_any_number_of_tables_is_listed():
    many = [part for width in range(1, 80) for part in ("--analysis", f"histogram:field=height,width={width}")]
    town, a, b = pair(many, [*many, "--where", "height > 25"])
    tables = [t for name, t in differences(a, b).items() if name.startswith("histogram")]
    assert len(tables) == 79 and all(t["rows"] for t in tables), [len(t["rows"]) for t in tables]


def test_results_are_called_by_their_names():
    town, a, b = pair(["--fields", "use"], ["--where", "height > 15", "--analysis", "overlaps"])
    text = call(["diff", a, b]).stdout
    assert "only in a.sqlite, 0 only in b.sqlite" in text and "columns only in a.sqlite: use" in text and "overlaps: only in b.sqlite" in text, text
    os.mkdir(town.file("other"))
    same = town.file("other", "a.sqlite")
    os.rename(b, same)
    assert f"only in {a}, 0 only in {same}" in call(["diff", a, same]).stdout


def test_lists_have_their_length():
    town, a, b = pair([], ["--where", "0"])
    all_rows = differences(a, b, "--rows", "1000")["important_building"]
    few = differences(a, b, "--rows", "2")["important_building"]
    assert len(all_rows["rows"]) == all_rows["only_in_a"] > 2 and len(few["rows"]) == 2, (len(all_rows["rows"]), len(few["rows"]))
    text = call(["diff", "--rows", "2", a, b]).stdout
    assert f"... and {all_rows['only_in_a'] - 2} more" in text, text


def test_what_is_no_result_is_an_input_error():
    town, a, b = pair()
    fails(3, ["diff", a, town.buildings], "zonefold run", "buildings.gpkg")
    fails(3, ["diff", town.file("missing"), b], "missing")
    fails(2, ["diff", a], "RESULT")
    fails(2, ["diff", a, b, a], "2")
