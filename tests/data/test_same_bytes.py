# SPDX-License-Identifier: MIT
"""The result and its project are the same, byte for byte, for any number of threads, batch size and memory, from any directory, by any user,
in any locale and time zone, at any time. What they are is left in the build folder (ZONEFOLD_BYTES), so that builds can be compared."""
import hashlib
import json
import math
import os
import random
import re
import shutil
import sqlite3
import subprocess
import sys
import time

import pytest
from support import CAMBRIDGE, DATA, HAS_CAMBRIDGE, ROOT, needs_cambridge, program, run

ASKED = ["--where", "height > 0", "--stat", "height=mean,p90", "--stat", "use=min", "--fields", "name"]
MORE = ["--compute", "storeys=height / 3.3", "--rule", "tall=storeys > 4", "--stat", "storeys=mean,stddev,median", "--stat", "area_m2=sum,p90", "--analysis", "nearest",
        "--analysis", "clusters:eps_m=30,min=3", "--analysis", "neighbours:within_m=80", "--fields", "height", "--analysis-sql", "hulls=hulls.sql"]
HULLS = "SELECT count(*) AS n, sum(area_m2) AS built_m2, ST_ConvexHull(ST_Collect(geom)) AS hull FROM building"
NOBODY = 65534
PLAIN = {key: value for key, value in os.environ.items() if key != "SOURCE_DATE_EPOCH"}
LOCALES = {"LOCPATH": os.environ["ZONEFOLD_LOCALES"]} if "ZONEFOLD_LOCALES" in os.environ else {}  # made by tools/test
MOVED = dict(PLAIN, **LOCALES, TZ="Asia/Tokyo", LC_ALL="de_DE.UTF-8", LANG="de_DE.UTF-8", LANGUAGE="de", USER="somebody", LOGNAME="somebody")


def geojson(path, rows):
    features = [{"type": "Feature", "properties": values, "geometry": {"type": "Polygon", "coordinates": [ring]}} for ring, values in rows]
    with open(path, "w", encoding="utf-8") as file:
        json.dump({"type": "FeatureCollection", "features": features}, file)


def make_strips(folder):
    """Wobbly ZIPs and 1,500 buildings about them, in degrees: text, so that its bytes are the same whatever writes GeoPackages."""
    chance = random.Random(20)
    borders = [[(-71.1 + k * 0.01 + chance.uniform(-1, 1) * 1e-3, 42.3 + j * 2e-3) for j in range(41)] for k in range(13)]
    geojson(os.path.join(folder, "strips.geojson"), [([*a, *b[::-1], a[0]], {"zip": f"{k:05d}"}) for k, (a, b) in enumerate(zip(borders, borders[1:]))])
    rows = []
    for _ in range(1500):
        x, y, side, turn = chance.uniform(-71.11, -70.97), chance.uniform(42.3, 42.38), chance.uniform(5e-5, 4e-4), chance.uniform(0, 2)
        ring = [(x + side * math.cos(turn + i * math.pi / 2), y + side * math.sin(turn + i * math.pi / 2)) for i in range(4)]
        rows.append((ring + ring[:1], {"height": chance.choice((None, chance.uniform(2, 90)))}))
    geojson(os.path.join(folder, "houses.geojson"), rows)


def jobs():
    """name -> words of the command line; files lie in the working directory."""
    found = {"town": ["--zips", "zips.gpkg", "--buildings", "buildings.gpkg", *ASKED],
             "strips": ["--zips", "strips.geojson", "--zips-crs", "EPSG:4269", "--buildings", "houses.geojson", "--assign", "share", *MORE]}
    if HAS_CAMBRIDGE:
        found["cambridge"] = ["--zips", "zips-cambridge.gpkg", "--buildings", "buildings-cambridge.gpkg", "--stat", "area_m2=mean,p90", "--analysis", "nearest"]
    return found


JOBS = jobs()
NAMES = ["town", "strips", pytest.param("cambridge", marks=needs_cambridge)]


@pytest.fixture(scope="module")
def here(shared_folder):
    """The directory of the inputs."""
    os.chmod(shared_folder, 0o755)
    folder = os.path.join(shared_folder, "here")
    os.mkdir(folder)
    for name in ("zips.gpkg", "buildings.gpkg"):
        shutil.copy(os.path.join(DATA, name), folder)
    with open(os.path.join(folder, "hulls.sql"), "w", encoding="utf-8") as file:
        file.write(HULLS)
    make_strips(folder)
    if HAS_CAMBRIDGE:
        for name in ("zips", "buildings"):
            shutil.copy(os.path.join(CAMBRIDGE, f"{name}.gpkg"), os.path.join(folder, f"{name}-cambridge.gpkg"))
    return folder


@pytest.fixture(scope="module")
def wanted(here):
    """name of a job -> the bytes of a plain run. They are left for tools/test, which compares builds."""
    found = {name: bytes_of(job, here) for name, job in JOBS.items()}
    if "ZONEFOLD_BYTES" in os.environ:
        with open(os.environ["ZONEFOLD_BYTES"], "w", encoding="ascii") as file:
            file.writelines(f"{name} {' '.join(hashes)}\n" for name, hashes in found.items())
    return found


def bytes_of(job, folder, *more, result="town.sqlite", **how):
    """SHA-256 of the result and of its project."""
    how.setdefault("cwd", folder)
    how.setdefault("env", PLAIN)
    out = os.path.join(how["cwd"], result)
    run("run", *job, *more, "-q", "--project", "--overwrite", "-o", result, **how)
    hashes = []
    for path in (out, out.replace(".sqlite", ".qgz")):
        with open(path, "rb") as file:
            content = file.read()
        for place in {folder, ROOT, how["cwd"]} - {"/"}:
            assert os.fsencode(place) not in content, f"{path} holds the directory {place}"
        hashes.append(hashlib.sha256(content).hexdigest())
    return hashes


def copied(folder, name, mode=0o755):
    """The folder's inputs in another one, touched at another time."""
    target = os.path.join(folder, name)
    os.mkdir(target)
    for file in os.listdir(folder):
        if file.endswith((".gpkg", ".geojson", ".sql")):
            shutil.copyfile(os.path.join(folder, file), os.path.join(target, file))
            os.utime(os.path.join(target, file), (1e9, 1e9))
    os.chmod(target, mode)
    return target


def has_decimal_commas(environment):
    code = "import locale; locale.setlocale(locale.LC_ALL, ''); print(locale.localeconv()['decimal_point'])"
    return subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True).stdout == ",\n"


def tables_of(path):
    db = sqlite3.connect(path)
    names = [name for (name,) in db.execute("select name from sqlite_master where type = 'table' and sql not like 'create virtual%' order by name")]
    return {name: db.execute(f'select * from "{name}"').fetchall() for name in names}


@pytest.mark.parametrize("name", NAMES)
def test_place_time_and_environment_do_not_show(here, wanted, folder, name):
    elsewhere = copied(here, f"another place for {name}")
    os.chmod(folder, 0o755)
    temporary = os.path.join(folder, "temporary")
    os.mkdir(temporary)
    if not has_decimal_commas(MOVED):
        print("without a locale of decimal commas, which is not here (tools/test makes one)")
    found = bytes_of(JOBS[name], here, "--threads", 3, "--batch-size", 61, "--memory", "64MiB", "--temp-dir", temporary, cwd=elsewhere,
                     env=dict(MOVED, HOME=folder), umask=0o027)
    assert found == wanted[name], f"{name}: place, time or environment show in the result"


def test_paths_do_not_show(here, wanted):
    absolute = [os.path.join(here, word) if word in os.listdir(here) else word for word in JOBS["town"]]
    assert bytes_of(absolute, here, cwd="/", result=os.path.join(here, "town.sqlite")) == wanted["town"]


@pytest.mark.parametrize("rows", (None, 1, 97))
@pytest.mark.parametrize("threads", (1, 2, 7))
def test_threads_and_batches_do_not_show(here, wanted, threads, rows):
    batch = ["--batch-size", rows] if rows else []
    assert bytes_of(JOBS["town"], here, "--threads", threads, *batch) == wanted["town"]


def test_source_date_epoch_dates_the_styles(here, wanted):
    """SOURCE_DATE_EPOCH is the only date that enters, and only the styles hold it."""
    assert bytes_of(JOBS["town"], here, env=dict(PLAIN, SOURCE_DATE_EPOCH="0")) == wanted["town"], "without it, it is 1970"
    plain = tables_of(os.path.join(here, "town.sqlite"))
    dated = dict(PLAIN, SOURCE_DATE_EPOCH="1700000000")
    first = bytes_of(JOBS["town"], here, env=dated)
    found = tables_of(os.path.join(here, "town.sqlite"))
    assert first == bytes_of(JOBS["town"], here, env=dict(dated, TZ="America/New_York")), "a date of one's own is no reason for other bytes"
    assert [name for name in found if found[name] != plain[name]] == ["layer_styles"] and found.keys() == plain.keys(), "only the styles are dated"
    assert first[1] == wanted["town"][1], "the project has no date"
    strange = [row for name in found for row in found[name] for value in row if isinstance(value, str) and re.search(r"20[2-9]\d-[01]\d-[0-3]\d", value) and "2023-11-14" not in value]
    assert not [row for row in strange if time.strftime("%Y-%m") in str(row)], f"a date of today: {strange[:3]}"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can run the program as another user")
def test_the_user_does_not_show(here, wanted, monkeypatch):
    """Another user, who may read the inputs and write beside them, runs a copy of the program."""
    place = copied(here, "nobody", 0o777)
    environment = dict(PLAIN, HOME="/nonexistent", USER="nobody", TMPDIR=place)
    for path in re.findall(r"(?:^|:)suppressions=([^:]+)", PLAIN.get("LSAN_OPTIONS", "")):
        environment["LSAN_OPTIONS"] = environment["LSAN_OPTIONS"].replace(path, shutil.copy(path, place))
    monkeypatch.setenv("ZONEFOLD_PROGRAM", shutil.copy(program(), os.path.join(place, "zonefold")))
    found = bytes_of(JOBS["town"], here, cwd=place, env=environment, user=NOBODY, group=NOBODY, extra_groups=[], umask=0o077)
    assert os.stat(os.path.join(place, "town.sqlite")).st_uid == NOBODY, "the other user wrote it"
    assert found == wanted["town"], "the user shows in the result"
