# SPDX-License-Identifier: MIT
"""zonefold why: the story of single buildings, compared with the result of the same run and with what the town is made of."""
import json
import os
import shutil
import sqlite3

import pytest
from town import Town, fails, layer, ogr, square, works

RULES = ["--compute", "tall=height / 2", "--where", "height IS NOT NULL -- known", "--rule", "high=tall > 8", "--rule", "home=use = 'home'", "--fields", "height"]


@pytest.fixture(scope="module")
def told():
    town = Town()
    works(town.arguments(*RULES))
    yield town
    town._directory.cleanup()


def story(town, *options, output=None):
    done = works(["why", output or town.output, "--inputs", town.path, "--format", "json", *options])
    assert done.stderr == "" and not [name for name in os.listdir(town.path) if name.startswith(".")]
    return json.loads(done.stdout)


def fid_of(town, note):
    (fid,) = sqlite3.connect(town.buildings).execute('SELECT fid FROM buildings WHERE "a,b" = ?', (note,)).fetchone()
    return str(fid)


def test_every_building_is_told_as_the_run_counts_it(told):
    db = sqlite3.connect(told.output)
    important = {(fid, zip_id) for fid, zip_id in db.execute("SELECT building_fid, zip FROM important_building")}
    found, counts = set(), {"assigned": 0, "crossing": 0, "outside": 0, "empty": 0}
    for (fid,) in sqlite3.connect(told.buildings).execute("SELECT fid FROM buildings").fetchall():
        one = story(told, "--fid", str(fid))
        assert one["fid"] == fid and one["layer"] == "buildings" and one["file"] == "buildings.gpkg" and one["rule"] == "within"
        relations = {z["relation"] for z in one["zips"]}
        kind = "empty" if not one["geometry"]["is_used"] else "assigned" if "assigned" in relations else "crossing" if "crossing" in relations else "outside"
        counts[kind] += 1
        found |= {(fid, z["zip"]) for z in one["zips"] if z["relation"] == "assigned" and one["judgements"][0]["is_important"]}
    assert found == important and len(found) > 0
    ledger = dict(db.execute("SELECT name, value FROM run_count"))
    assert counts == {kind: ledger[f"buildings_{kind}"] for kind in counts}, ledger


def test_conditions_have_the_values_that_they_read(told):
    one = story(told, "--fid", fid_of(told, "two"))["judgements"][0]
    assert one["computed"] == {"tall": 10.0} and one["is_important"] is False
    assert one["conditions"] == [{"name": "where", "text": "height IS NOT NULL -- known", "is_true": True, "values": {"height": 20.0}},
                                 {"name": "high", "text": "tall > 8", "is_true": True, "values": {"tall": 10.0}},
                                 {"name": "home", "text": "use = 'home'", "is_true": False, "values": {"use": "shop"}}]


def test_false_and_null_are_told_apart(told):
    fid = str(sqlite3.connect(told.buildings).execute("SELECT fid FROM buildings WHERE height IS NULL").fetchone()[0])
    assert [c["is_true"] for c in story(told, "--fid", fid)["judgements"][0]["conditions"]] == [False, None, None]
    text = works(["why", told.output, "--inputs", told.path, "--fid", fid]).stdout
    assert "high: NULL" in text and "not important: dropped by where, which is false" in text, text


def test_a_building_by_the_value_of_a_field(told):
    assert story(told, "--where", "use=shop")["fid"] == int(fid_of(told, "two"))
    assert story(told, "--where", "height=20")["fid"] == int(fid_of(told, "two")), "numbers by their value"
    assert story(told, "--where", '"a,b"=across the border')["zips"][0]["relation"] == "crossing"
    assert story(told, "--where", "use=home")["found"] == 6
    assert "the first of 6" in works(["why", told.output, "--inputs", told.path, "--where", "use=home"]).stdout


def test_the_text_says_how_it_ends(told):
    for note, words in (("one", "dropped by high"), ("three", "important: all conditions are true"), ("across the border", "crossing, in no ZIP"), ("outside", "outside"), ("no geometry", "rejected_feature")):
        text = works(["why", told.output, "--inputs", told.path, "--where", f'"a,b"={note}']).stdout
        assert words in text.splitlines()[-1], text


def test_shares_and_invalid_geometries():
    town = Town()
    bow = "POLYGON ((990 10,1010 10,990 30,1010 30,990 10))"
    layer(town.buildings, "odd", [(bow, 1.0), (square(995, 100, 10), 2.0)], [("height", ogr.OFTReal)], append=True)
    works(town.arguments("--buildings-layer", "odd", "--assign", "share", "--where", "share > 0.4", "--compute", "part=share * 2"))
    first, second = story(town, "--fid", "1"), story(town, "--fid", "2")
    assert first["geometry"]["reason"] == "invalid" and first["geometry"]["is_used"] and first["geometry"]["area_delta_m2"] > 0
    assert [(z["zip"], z["relation"], z["share"]) for z in second["zips"]] == [("02139", "assigned", 0.5), ("02141", "assigned", 0.5)]
    assert [(j["zip"], j["computed"], j["is_important"]) for j in second["judgements"]] == [("02139", {"part": 1.0}, True), ("02141", {"part": 1.0}, True)]
    os.remove(town.output)
    works(town.arguments("--buildings-layer", "odd", "--on-invalid", "skip"))
    assert story(town, "--fid", "1")["geometry"] == {"is_used": False, "reason": "invalid", "detail": "Self-intersection", "area_delta_m2": None}


def test_what_is_not_there(told, folder):
    ask = ["why", told.output, "--inputs", told.path]
    fails(2, ask, "--fid", "--where")
    fails(2, [*ask, "--fid", "1", "--where", "use=home"], "--fid", "--where")
    for wrong in ("x", "1.5", "99999999999999999999"):
        fails(2, [*ask, "--fid", wrong], "--fid")
    fails(2, [*ask, "--fid", "4711"], "4711", "buildings")
    fails(2, [*ask, "--where", "hight=3"], "hight", "height", "use")
    fails(2, [*ask, "--where", "height"], "--where")
    fails(2, [*ask, "--where", "use=palace"], "use=palace")
    fails(3, ["why", told.buildings, "--fid", "1"], "zonefold run")
    said = fails(3, ["why", told.output, "--inputs", folder, "--fid", "1"], "zips.gpkg", "buildings.gpkg")
    assert "sha256" in said.lower() or "SHA-256" in said


def test_inputs_are_known_by_their_bytes(told, folder):
    shutil.copy(told.zips, os.path.join(folder, "a.bin"))
    shutil.copy(told.buildings, os.path.join(folder, "b.bin"))
    done = works(["why", told.output, "--inputs", folder, "--fid", fid_of(told, "two")])
    assert "02139" in done.stdout and "tall = 10" in done.stdout, done.stdout
