# SPDX-License-Identifier: MIT
"""zonefold archive: a bag by the rules of RFC 8493, an RO-Crate by those of RO-Crate 1.1 and Process Run Crate 0.5; written out here."""
import hashlib
import json
import os
import re
import resource
import shutil
import signal
import sqlite3
import subprocess
import time
import urllib.parse

from town import Town, catches_signals, content, describe, fails, wait_for, works
from replays import change, check_sweep, kill_once_there, replay, shapefiles, sql_file
from support import DATA, VERSION, program


def files_below(directory):
    return {os.path.relpath(os.path.join(place, name), directory) for place, _, names in os.walk(directory) for name in names}


def tag_lines(path):
    text = content(path).decode("utf-8")
    assert text.endswith("\n") and "\r" not in text and not text.startswith("\ufeff"), path
    return text[:-1].split("\n")


def manifest(path):
    """RFC 8493, 2.1.3: hash, white space, path; CR, LF and % of a path percent-encoded."""
    entries = {}
    for line in tag_lines(path):
        match = re.fullmatch(r"([0-9a-f]{64})[ \t]+(\S.*)", line)
        assert match, line
        name = re.sub("%(0[aAdD]|25)", lambda m: chr(int(m[1], 16)), match[2])
        assert name not in entries and not name.startswith(("/", "~")) and ".." not in name.split("/"), line
        entries[name] = match[1]
    return entries


def check_bag(bag):
    """Complete and valid as of RFC 8493, 3."""
    assert tag_lines(os.path.join(bag, "bagit.txt")) == ["BagIt-Version: 1.0", "Tag-File-Character-Encoding: UTF-8"], "bagit.txt"
    payload, tags = manifest(os.path.join(bag, "manifest-sha256.txt")), manifest(os.path.join(bag, "tagmanifest-sha256.txt"))
    found = files_below(bag)
    assert all(name.startswith("data/") for name in payload), "the payload lies in data/"
    assert {name for name in found if name.startswith("data/")} == set(payload), "the manifest is complete"
    assert {name for name in found if not name.startswith("data/")} == set(tags) | {"tagmanifest-sha256.txt"}, "so is that of the tags"
    for name, digest in (payload | tags).items():
        assert hashlib.sha256(content(os.path.join(bag, name))).hexdigest() == digest, name
    info = {}
    for line in tag_lines(os.path.join(bag, "bag-info.txt")):
        match = re.fullmatch(r"([^:\s][^:]*): (.+)", line)
        assert match and match[1] not in info, line
        info[match[1]] = match[2]
    size = sum(os.path.getsize(os.path.join(bag, name)) for name in payload)
    assert info["Payload-Oxum"] == f"{size}.{len(payload)}", info
    return payload, info


def ids(value):
    return [item["@id"] for item in (value if isinstance(value, list) else [value])]


def check_crate(data, result, inputs):
    """The rules of RO-Crate 1.1 (metadata descriptor, root, data entities) and of the profile; dates and people apart."""
    with open(os.path.join(data, "ro-crate-metadata.json"), encoding="utf-8") as file:
        crate = json.load(file)
    assert crate["@context"][0] == "https://w3id.org/ro/crate/1.1/context", crate["@context"]
    assert all(isinstance(more, dict) for more in crate["@context"][1:]), "further terms say what they are"
    entities = {entity["@id"]: entity for entity in crate["@graph"]}
    assert len(entities) == len(crate["@graph"]), "each entity once, flat"
    assert all("@type" in entity for entity in crate["@graph"]), "with a type"
    descriptor = entities["ro-crate-metadata.json"]
    assert descriptor["@type"] == "CreativeWork" and descriptor["about"] == {"@id": "./"}, descriptor
    assert descriptor["conformsTo"] == {"@id": "https://w3id.org/ro/crate/1.1"}, descriptor
    root = entities["./"]
    assert root["@type"] == "Dataset" and root["name"] and root["description"], root
    assert "https://w3id.org/ro/wfrun/process/0.5" in ids(root["conformsTo"]) and "CreativeWork" in entities["https://w3id.org/ro/wfrun/process/0.5"]["@type"], root
    parts = ids(root["hasPart"])
    files = {key for key, entity in entities.items() if entity["@type"] == "File"}
    assert len(parts) == len(set(parts)) and set(parts) == files, "all files are parts, all parts are files"
    names = {urllib.parse.unquote(key) for key in files}
    assert names == files_below(data) - {"ro-crate-metadata.json"}, f"and they are there: {names}"
    for key in files:
        path = os.path.join(data, urllib.parse.unquote(key))
        assert re.fullmatch(r"[A-Za-z0-9\-._~/%]+", key), f"a relative URI: {key}"
        assert entities[key]["contentSize"] == str(os.path.getsize(path)) and entities[key]["sha256"] == hashlib.sha256(content(path)).hexdigest(), key
    actions = [entity for entity in crate["@graph"] if entity["@type"] == "CreateAction"]
    assert len(actions) == 1 and actions[0]["@id"] in ids(root["mentions"]), "the run is an action, mentioned by the root"
    action = actions[0]
    assert [urllib.parse.unquote(key) for key in ids(action["result"])] == [result], action
    assert {urllib.parse.unquote(key) for key in ids(action["object"])} == inputs, action["object"]
    tool = entities[action["instrument"]["@id"]]
    assert tool["@type"] == "SoftwareApplication" and tool["name"] == "zonefold" and tool["softwareVersion"] == VERSION, tool
    assert {entities[key]["name"] for key in ids(tool["softwareRequirements"])} >= {"GDAL", "GEOS", "PROJ", "SQLite", "SpatiaLite"}, tool
    assert not any(entity["@type"] in ("Person", "Organization") for entity in crate["@graph"]), "nobody is made up"
    return root


def archive(town, *more, bag="bag", environment=None):
    without = {key: value for key, value in os.environ.items() if key != "SOURCE_DATE_EPOCH"}
    done = works(["archive", town.output, "--inputs", town.path, "-o", town.file(bag), *more], env=without | (environment or {}))
    assert done.stderr == "", describe(done)
    return town.file(bag)


def test_a_bag_with_all_that_a_result_was_made_of(town):
    works(town.arguments("--fields", "use"))
    bag = archive(town)
    payload, info = check_bag(bag)
    assert set(payload) == {f"data/{name}" for name in ("result.sqlite", "inputs/zips.gpkg", "inputs/buildings.gpkg", "job.yaml", "versions.txt",
                                                       "ro-crate-metadata.json")}, payload
    assert info["Bag-Software-Agent"] == f"zonefold {VERSION}" and "Bagging-Date" not in info, info
    root = check_crate(os.path.join(bag, "data"), "result.sqlite", {"inputs/zips.gpkg", "inputs/buildings.gpkg"})
    assert "datePublished" not in root, root
    assert content(os.path.join(bag, "data", "result.sqlite")) == content(town.output), "the result as it is"
    versions = content(os.path.join(bag, "data", "versions.txt")).decode()
    assert versions == works(["--version"]).stdout, versions


def test_a_bag_runs_and_replays_by_itself():
    town = Town(2)
    question = sql_file(town, "q.sql", "SELECT count(*) AS n FROM building")
    works(town.arguments("--where", "height > 5 and \"a,b\" <> '%'", "--analysis-sql", f"n={question}", "--combine"))
    bag = archive(town)
    for name in ("zips.gpkg", "buildings.gpkg", "q.sql"):
        os.unlink(town.file(name))
    os.rename(bag, town.file("elsewhere"))
    data = town.file("elsewhere", "data")
    check_crate(data, "result.sqlite", {"inputs/zips.gpkg", "inputs/buildings.gpkg", "questions/1_n.sql"})
    replay(town, result=os.path.join(data, "result.sqlite"))
    works(["run", "--job", os.path.join(data, "job.yaml"), "-q", "-o", town.file("again.sqlite")], cwd="/")
    assert content(town.file("again.sqlite")) == content(town.output), "the same bytes"
    check_bag(town.file("elsewhere"))


def test_shapefiles_and_inputs_that_were_renamed(town):
    works(town.arguments(**shapefiles(town)))
    files = {name for (name,) in sqlite3.connect(town.output).execute("select file from run_input")}
    for i, name in enumerate(sorted(os.listdir(town.file("shp")))):
        os.rename(town.file("shp", name), town.file("shp", str(i)))
    bag = archive(town)
    check_bag(bag)
    check_crate(os.path.join(bag, "data"), "result.sqlite", {f"inputs/{name}" for name in files})
    replay(town, result=os.path.join(bag, "data", "result.sqlite"))


def test_names_that_manifests_and_uris_must_encode(town):
    for name in ("zips.gpkg", "buildings.gpkg"):
        os.rename(town.file(name), town.file(f"50% caf\u00e9 #1\n{name}"))
    town.output = town.file("out", "r\u00e9sult%0A?.sqlite")
    works(town.arguments(zips=town.file("50% caf\u00e9 #1\nzips.gpkg"), buildings=town.file("50% caf\u00e9 #1\nbuildings.gpkg")))
    bag = archive(town)
    payload, _ = check_bag(bag)
    assert "data/inputs/50% caf\u00e9 #1\nzips.gpkg" in payload, payload
    check_crate(os.path.join(bag, "data"), "r\u00e9sult%0A?.sqlite", {"inputs/50% caf\u00e9 #1\nzips.gpkg", "inputs/50% caf\u00e9 #1\nbuildings.gpkg"})
    replay(town, result=os.path.join(bag, "data", "r\u00e9sult%0A?.sqlite"))


def test_two_inputs_of_one_name(town):
    os.mkdir(town.file("b"))
    shutil.move(town.buildings, town.file("b", "zips.gpkg"))
    works(town.arguments(buildings=town.file("b", "zips.gpkg")))
    bag = archive(town)
    check_bag(bag)
    check_crate(os.path.join(bag, "data"), "result.sqlite", {"inputs/zips/zips.gpkg", "inputs/buildings/zips.gpkg"})
    replay(town, result=os.path.join(bag, "data", "result.sqlite"))


def test_dates_and_bytes(town):
    works(town.arguments())
    first = archive(town, bag="a", environment={"SOURCE_DATE_EPOCH": "1600000000"})
    second = archive(town, bag="b", environment={"SOURCE_DATE_EPOCH": "1600000000"})
    assert check_bag(first)[1]["Bagging-Date"] == "2020-09-13", "the date that was said"
    assert check_crate(os.path.join(first, "data"), "result.sqlite", {"inputs/zips.gpkg", "inputs/buildings.gpkg"})["datePublished"] == "2020-09-13", "there too"
    for name in files_below(first):
        assert content(os.path.join(first, name)) == content(os.path.join(second, name)), f"the same bytes: {name}"
    fails(2, ["archive", town.output, "-o", town.file("c")], "SOURCE_DATE_EPOCH", env=os.environ | {"SOURCE_DATE_EPOCH": "yesterday"})


def left(town):
    return sorted(name for name in os.listdir(town.path) if name not in ("out", "zips.gpkg", "buildings.gpkg", "private"))


def test_a_place_that_is_taken_and_what_is_missing(town):
    works(town.arguments())
    os.mkdir(town.file("taken"))
    with open(town.file("taken", "x"), "w") as file:
        file.write("x")
    words = ["archive", town.output, "--inputs", town.path, "-o"]
    fails(4, [*words, town.file("taken")])
    fails(4, [*words, town.zips])
    fails(4, [*words, town.file("no", "where")])
    os.mkdir(town.file("here"))
    fails(4, [*words, "."], cwd=town.file("here"))
    os.rmdir(town.file("here"))
    os.mkdir(town.file("empty"))
    check_bag(archive(town, bag="empty/"))
    shutil.rmtree(town.file("empty"))
    message = fails(3, ["archive", town.output, "-o", town.file("bag")], "2", "zips.gpkg")
    assert hashlib.sha256(content(town.zips)).hexdigest() in message, message
    assert left(town) == ["taken"] and files_below(town.file("taken")) == {"x"}, left(town)


def test_only_what_was_written_is_archived(town):
    works(town.arguments())
    db = sqlite3.connect(town.output)
    db.execute("pragma journal_mode=wal")
    db.execute("create table note(x)")
    fails(3, ["archive", town.output, "--inputs", town.path, "-o", town.file("bag")])
    db.execute("pragma journal_mode=delete")
    db.close()
    check_bag(archive(town))   # what other programs add does not matter
    shutil.rmtree(town.file("bag"))
    change(town.output, "update zip_summary set buildings = 5")
    fails(3, ["archive", town.output, "--inputs", town.path, "-o", town.file("bag")])
    fails(3, ["archive", town.zips, "-o", town.file("bag")])
    works(town.arguments("--overwrite"))
    os.rename(town.output, town.file("out", "job.yaml"))
    fails(3, ["archive", town.file("out", "job.yaml"), "--inputs", town.path, "-o", town.file("bag")])
    assert left(town) == [], left(town)


def test_a_full_disk_leaves_nothing():
    town = Town(500)
    works(town.arguments())
    for size in (0, 4096, 200000):
        done = subprocess.run([program(), "archive", town.output, "--inputs", town.path, "-o", town.file("bag")], capture_output=True, text=True,
                              preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (size, size)))
        assert done.returncode == 4, describe(done)
        assert left(town) == [], left(town)


def test_signals_leave_nothing():
    town = Town(30000)
    works(town.arguments())
    n_interrupted = 0
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        for delay in (0, 0.1, 0.25):
            process = subprocess.Popen([program(), "archive", town.output, "--inputs", town.path, "-o", town.file("bag")], stdout=subprocess.PIPE,
                                       stderr=subprocess.PIPE, text=True)
            wait_for(process, lambda: catches_signals(process))
            time.sleep(delay)
            process.send_signal(number)
            process.communicate(timeout=120)
            assert process.returncode in (0, 6, -number), process.returncode
            n_interrupted += process.returncode == 6
            if process.returncode == 0:
                check_bag(town.file("bag"))
                shutil.rmtree(town.file("bag"))
            assert left(town) == [], left(town)
    assert n_interrupted > 0, "some were interrupted"


def test_a_kill_leaves_nothing_in_place():
    town = Town(30000)
    works(town.arguments())
    n_killed = 0
    for delay in (0.05, 0.2, 0.4, 0.6):
        process = subprocess.Popen([program(), "archive", town.output, "--inputs", town.path, "-o", town.file("bag")], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        time.sleep(delay)
        process.kill()
        process.communicate(timeout=120)
        n_killed += process.returncode == -signal.SIGKILL
        if os.path.exists(town.file("bag")):
            check_bag(town.file("bag"))
            shutil.rmtree(town.file("bag"))
    assert n_killed > 0, "some were killed"


def test_what_a_kill_left_goes_with_the_next_run():
    town = Town(3000)
    works(town.arguments())
    command = ["archive", town.output, "--inputs", town.path, "-o", town.file("bag"), "-q"]

    def parts():
        return [name for name in os.listdir(town.path) if name.startswith(".bag.part-")]

    n_killed = 0
    for _ in range(20):
        n_killed += kill_once_there(command, parts)
        assert len(parts()) <= 1, f"each run removes what the last one left: {parts()}"
        shutil.rmtree(town.file("bag"), ignore_errors=True)
        if n_killed == 3:
            break
    assert n_killed > 0, "some were killed in the middle"
    works(command)
    assert parts() == [], "nothing is left"
    check_bag(town.file("bag"))


def test_others_directories_stay(town):
    works(town.arguments())

    def archive():
        shutil.rmtree(town.file("bag"), ignore_errors=True)
        works(["archive", town.output, "--inputs", town.path, "-o", town.file("bag"), "-q"])

    check_sweep(town.path, ".bag.part-", archive)


def test_the_sample(town):
    works(["run", "--zips", os.path.join(DATA, "zips.gpkg"), "--buildings", os.path.join(DATA, "shp", "buildings.shp"), "-q", "-o", town.output])
    works(["archive", town.output, "--inputs", DATA, "-o", town.file("bag"), "-q"])
    check_bag(town.file("bag"))
    replay(town, result=town.file("bag", "data", "result.sqlite"))
