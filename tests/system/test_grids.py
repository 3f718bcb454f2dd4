# SPDX-License-Identifier: MIT
"""PROJ's grids: those that moved the ZIPs are recorded, those that would have moved them better are named. The grid here is made by the
test, with a shift that is known, so that it does not matter which ones the machine has."""
import json
import os
import sqlite3
import struct

from town import Town, call, content, describe, layer, ogr, osr, square, works
from replays import change, replay
from support import open_result

SHIFT_DEG = (0.002, 0.001)  # longitude, latitude
NTF, NAD27, WGS84 = 4275, 4267, 4326


def search_paths():
    return [path for path in osr.GetPROJSearchPaths() if os.path.exists(path)]


def database():
    return next(os.path.join(path, "proj.db") for path in search_paths() if os.path.exists(os.path.join(path, "proj.db")))


def ntv2_grid(west, south, east, north):
    """A grid of half degrees with the same shift everywhere, in the format NTv2: seconds of arc, longitudes positive towards the west."""
    def text(key, value):
        return key.ljust(8).encode() + value.ljust(8).encode()

    def whole(key, value):
        return key.ljust(8).encode() + struct.pack("<i4x", value)

    def real(key, value):
        return key.ljust(8).encode() + struct.pack("<d", value)

    n = int((east - west) * 2 + 1) * int((north - south) * 2 + 1)
    head = whole("NUM_OREC", 11) + whole("NUM_SREC", 11) + whole("NUM_FILE", 1) + text("GS_TYPE", "SECONDS") + text("VERSION", "TEST")
    head += text("SYSTEM_F", "A") + text("SYSTEM_T", "B") + real("MAJOR_F", 6378137) + real("MINOR_F", 6356752) + real("MAJOR_T", 6378137) + real("MINOR_T", 6356752)
    part = text("SUB_NAME", "ALL") + text("PARENT", "NONE") + text("CREATED", "") + text("UPDATED", "") + real("S_LAT", south * 3600) + real("N_LAT", north * 3600)
    part += real("E_LONG", -east * 3600) + real("W_LONG", -west * 3600) + real("LAT_INC", 1800) + real("LONG_INC", 1800) + whole("GS_COUNT", n)
    return head + part + struct.pack("<4f", SHIFT_DEG[1] * 3600, -SHIFT_DEG[0] * 3600, 0, 0) * n + b"END".ljust(16)


class Machine:
    """What an environment says of where PROJ looks: its database, and a grid of France or none."""

    def __init__(self, town, name, has_grid):
        self.path = town.file(name)
        os.mkdir(self.path)
        os.symlink(database(), os.path.join(self.path, "proj.db"))
        if has_grid:
            with open(os.path.join(self.path, "ntf_r93.gsb"), "wb") as file:
                file.write(ntv2_grid(-5, 42, 9, 52))
        self.environment = os.environ | {"PROJ_DATA": self.path, "PROJ_LIB": self.path, "XDG_DATA_HOME": self.path, "PROJ_NETWORK": "ON"}


def french_town():
    town = Town()
    layer(town.file("zips-ntf.gpkg"), "zips", [(square(2, 48, 0.1), "75001"), (square(2.1, 48, 0.1), "75002")], [("zip", ogr.OFTString)], epsg=NTF)
    layer(town.file("houses.gpkg"), "houses", [(square(2.01 + i / 100, 48.05, 0.001),) for i in range(15)], [], epsg=WGS84)
    return town, {"zips": town.file("zips-ntf.gpkg"), "buildings": town.file("houses.gpkg")}


def info_of(path):
    return dict(sqlite3.connect(path).execute("select key, value from run_info"))


def names_of_the_grid():
    """What PROJ's database calls the file, in one release or the other."""
    rows = sqlite3.connect(database()).execute("select original_grid_name, proj_grid_name, old_proj_grid_name from grid_alternatives where old_proj_grid_name = 'ntf_r93.gsb'")
    return {name for row in rows for name in row}


def both_results():
    town, layers = french_town()
    machines = {name: Machine(town, name, name == "with") for name in ("with", "without")}
    for name, machine in machines.items():
        works(town.arguments(output=town.file("out", f"{name}.sqlite"), **layers), env=machine.environment)
    return town, layers, machines, {name: town.file("out", f"{name}.sqlite") for name in machines}


def test_the_grid_that_moved_the_zips_is_recorded():
    town, layers, machines, results = both_results()
    info = info_of(results["with"])
    assert info["crs_grids"] in names_of_the_grid() and "accuracy 1 m" in info["crs_operation"], info
    assert town.path not in json.dumps(info), "no path of this machine"
    corner = open_result(results["with"]).execute("select st_minx(geom), st_miny(geom) from zip_summary where zip = '75001'").fetchone()
    assert all(abs(found - (known + shift)) < 1e-7 for found, known, shift in zip(corner, (2, 48), SHIFT_DEG)), f"the grid's shift: {corner}"


def test_a_missing_grid_is_named():
    town, layers, machines, results = both_results()
    info = info_of(results["without"])
    assert info["crs_grids"] == "none" and "accuracy 1 m" not in info["crs_operation"], info
    best = info["crs_better"].split(" | ")[0]
    assert "; accuracy 1 m; needs " in best and best.split("; needs ")[1] in names_of_the_grid(), best
    assert best.split("; accuracy")[0] not in info_of(results["with"])["crs_better"], "where the grid is, it is not missing"
    corner = open_result(results["without"]).execute("select st_minx(geom), st_miny(geom) from zip_summary where zip = '75001'").fetchone()
    assert abs(corner[0] - 2 - SHIFT_DEG[0]) > 1e-4, f"another shift: {corner}"


def test_plan_tells_grids():
    town, layers = french_town()
    for name in ("with", "without"):
        machine = Machine(town, name, name == "with")
        asked = ["plan", "--zips", layers["zips"], "--buildings", layers["buildings"]]
        plan = json.loads(works([*asked, "--format", "json"], env=machine.environment).stdout)
        works(town.arguments("--overwrite", **layers), env=machine.environment)
        info = info_of(town.output)
        assert {key: plan[key] for key in ("crs_operation", "crs_grids", "crs_better")} == {key: info[key] for key in ("crs_operation", "crs_grids", "crs_better")}, f"{plan} {info}"
        text = works(asked, env=machine.environment).stdout
        assert f"; grids: {info['crs_grids']}\n" in text, text
        for better in info["crs_better"].split(" | "):
            assert (better in text) == (better != "none"), f"{better}: {text}"


def test_diff_and_replay_explain_by_grids():
    town, layers, machines, results = both_results()
    done = call(["diff", "--format", "json", results["with"], results["without"]])
    assert done.returncode == 1, describe(done)
    tables = {table["table"]: table for table in json.loads(done.stdout)["tables"]}
    rows = {row["key"]["key"]: row["changed"] for row in tables["run_info"]["rows"]}
    assert {"crs_operation", "crs_grids", "crs_better"} <= set(rows) and rows["crs_grids"]["value"][1] == "none", rows
    assert tables["zip_summary"]["columns"]["geom"]["rows"] == 2, "and the ZIPs have moved"
    environment = machines["without"].environment
    for form in ("text", "json"):
        done = call(["replay", results["with"], "--inputs", town.path, "--format", form], env=environment)
        assert done.returncode == 1, describe(done)
        if form == "text":
            assert f"crs_grids: {rows['crs_grids']['value'][0]} then, none now" in done.stdout and "crs_better: " in done.stdout, done.stdout
        else:
            answer = json.loads(done.stdout)
            assert answer["crs"] == {key: rows[key]["value"] for key in ("crs_grids", "crs_better")}, answer["crs"]
            assert [row["key"]["key"] for table in answer["tables"] if table["table"] == "run_info" for row in table["rows"]] == ["crs_operation"], answer


def test_other_grids_alone_are_no_difference(town):
    works(town.arguments())
    change(town.output, "update run_info set value = 'x.tif' where key = 'crs_better'")
    change(town.output, "delete from run_info where key = 'crs_grids'")
    done = replay(town, "--inputs", town.path)
    assert "crs_better: x.tif then, none now\n" in done.stdout and "crs_grids: not recorded then\n" in done.stdout and "the same content" in done.stdout, done.stdout
    grids = json.loads(replay(town, "--inputs", town.path, "--format", "json").stdout)["crs"]
    assert grids == {"crs_better": ["x.tif", "none"], "crs_grids": [None, None]}, grids


def test_an_operation_may_have_another_name_in_another_proj(town):
    works(town.arguments())
    change(town.output, "update run_info set value = 'change of clothes' where key = 'crs_operation'")
    done = replay(town, "--inputs", town.path, status=1)
    assert "~ key 'crs_operation': value 'change of clothes' -> 'none'" in done.stdout, done.stdout
    change(town.output, "update run_info set value = '4.9.3' where key = 'PROJ'")
    done = replay(town, "--inputs", town.path)
    assert "PROJ: 4.9.3 then" in done.stdout and "crs_operation: change of clothes then, none now\n" in done.stdout, done.stdout


def test_grids_of_the_machine_are_those_of_its_database(town):
    """Each operation by one grid that the database has between the two, and about the place, is named, unless its grid is here."""
    zips = layer(town.file("zips27.gpkg"), "zips", [(square(-72, 42, 0.5), "02139")], [("zip", ogr.OFTString)], epsg=NAD27)
    houses = layer(town.file("houses.gpkg"), "houses", [(square(-71.9, 42.1, 0.001),)], [], epsg=WGS84)
    plan = json.loads(works(["plan", "--zips", zips, "--buildings", houses, "--format", "json"]).stdout)
    told = f"{plan['crs_operation']} {plan['crs_better']}"
    used_m = [float(words.split(" m")[0]) for words in plan["crs_operation"].split("; accuracy ")[1:]]
    found = sqlite3.connect(database()).execute(
        "select t.name, t.accuracy, a.proj_grid_name, a.old_proj_grid_name, t.grid_name from grid_transformation t "
        "join usage u on u.object_table_name = 'grid_transformation' and u.object_auth_name = t.auth_name and u.object_code = t.code "
        "join extent e on e.auth_name = u.extent_auth_name and e.code = u.extent_code join grid_alternatives a on a.original_grid_name = t.grid_name "
        "where t.source_crs_code = '4267' and t.target_crs_code = '4326' and not t.deprecated and e.west_lon < -71.5 and e.east_lon > -72 and e.south_lat < 42.5 and e.north_lat > 42"
    ).fetchall()
    assert found, "the database has some"
    for name, accuracy, *files in found:
        is_here = any(os.path.exists(os.path.join(path, file)) for path in search_paths() for file in files if file)
        is_told = f"{name}; accuracy {accuracy:g} m; needs " in told
        assert is_told == (not is_here and accuracy < max(used_m)) or " more" in plan["crs_better"], f"{name} ({files}, {'here' if is_here else 'missing'}): {plan}"


def test_the_network_is_left_alone():
    """PROJ_NETWORK=ON in the environment brings no grid: the same bytes as without."""
    town, layers = french_town()
    machine = Machine(town, "without", False)
    works(town.arguments(**layers), env=machine.environment)
    first = content(town.output)
    works(town.arguments("--overwrite", **layers), env={key: value for key, value in machine.environment.items() if key != "PROJ_NETWORK"})
    assert content(town.output) == first, "the same bytes"
