#!/usr/bin/python3
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

from support import DATA, REAL, ROOT, check, program, run, scratch

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


def make_jobs(folder):
    """name -> words of the command line; files lie in the folder."""
    for name in ("zips.gpkg", "buildings.gpkg"):
        shutil.copy(os.path.join(DATA, name), folder)
    with open(os.path.join(folder, "hulls.sql"), "w", encoding="utf-8") as file:
        file.write(HULLS)
    make_strips(folder)
    jobs = {"town": ["--zips", "zips.gpkg", "--buildings", "buildings.gpkg", *ASKED],
            "strips": ["--zips", "strips.geojson", "--zips-crs", "EPSG:4269", "--buildings", "houses.geojson", "--assign", "share", *MORE]}
    cambridge = os.path.join(REAL, "ma_cambridge")
    if os.path.isdir(cambridge):
        for name in ("zips", "buildings"):
            shutil.copy(os.path.join(cambridge, f"{name}.gpkg"), os.path.join(folder, f"{name}-cambridge.gpkg"))
        jobs["cambridge"] = ["--zips", "zips-cambridge.gpkg", "--buildings", "buildings-cambridge.gpkg", "--stat", "area_m2=mean,p90", "--analysis", "nearest"]
    else:
        print("without Cambridge, which is not here")
    return jobs


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
            check(os.fsencode(place) not in content, f"{path} holds the directory {place}")
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


def check_nobody(job, folder, wanted):
    """Another user, who may read the inputs and write beside them, runs a copy of the program."""
    if os.geteuid() != 0:
        print("not as another user: only root can be one")
        return
    place = copied(folder, "nobody", 0o777)
    environment = dict(PLAIN, HOME="/nonexistent", USER="nobody", TMPDIR=place)
    for path in re.findall(r"(?:^|:)suppressions=([^:]+)", PLAIN.get("LSAN_OPTIONS", "")):
        environment["LSAN_OPTIONS"] = environment["LSAN_OPTIONS"].replace(path, shutil.copy(path, place))
    copy, built = shutil.copy(program(), os.path.join(place, "zonefold")), os.environ["ZONEFOLD_PROGRAM"]
    os.environ["ZONEFOLD_PROGRAM"] = copy
    found = bytes_of(job, folder, cwd=place, env=environment, user=NOBODY, group=NOBODY, extra_groups=[], umask=0o077)
    os.environ["ZONEFOLD_PROGRAM"] = built
    check(os.stat(os.path.join(place, "town.sqlite")).st_uid == NOBODY, "the other user wrote it")
    check(found == wanted, "the user shows in the result")


def has_decimal_commas(environment):
    code = "import locale; locale.setlocale(locale.LC_ALL, ''); print(locale.localeconv()['decimal_point'])"
    return subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True).stdout == ",\n"


def tables_of(path):
    db = sqlite3.connect(path)
    names = [name for (name,) in db.execute("select name from sqlite_master where type = 'table' and sql not like 'create virtual%' order by name")]
    return {name: db.execute(f'select * from "{name}"').fetchall() for name in names}


def check_dates(job, folder, wanted):
    """SOURCE_DATE_EPOCH is the only date that enters, and only the styles hold it."""
    check(bytes_of(job, folder, env=dict(PLAIN, SOURCE_DATE_EPOCH="0")) == wanted, "without it, it is 1970")
    plain = tables_of(os.path.join(folder, "town.sqlite"))
    dated = dict(PLAIN, SOURCE_DATE_EPOCH="1700000000")
    first = bytes_of(job, folder, env=dated)
    found = tables_of(os.path.join(folder, "town.sqlite"))
    check(first == bytes_of(job, folder, env=dict(dated, TZ="America/New_York")), "a date of one's own is no reason for other bytes")
    check([name for name in found if found[name] != plain[name]] == ["layer_styles"] and found.keys() == plain.keys(), "only the styles are dated")
    check(first[1] == wanted[1], "the project has no date")
    strange = [row for name in found for row in found[name] for value in row if isinstance(value, str) and re.search(r"20[2-9]\d-[01]\d-[0-3]\d", value) and "2023-11-14" not in value]
    check(not [row for row in strange if time.strftime("%Y-%m") in str(row)], f"a date of today: {strange[:3]}")


def check_town(job, folder, wanted):
    for threads in (1, 2, 7):
        for rows in (None, 1, 97):
            batch = ["--batch-size", rows] if rows else []
            found = bytes_of(job, folder, "--threads", threads, *batch)
            check(found == wanted, f"threads {threads} and batches of {rows} show in the result")
    check_dates(job, folder, wanted)
    check_nobody(job, folder, wanted)


with scratch() as top:
    os.chmod(top, 0o755)
    folder = os.path.join(top, "here")
    os.mkdir(folder)
    jobs = make_jobs(folder)
    first = {name: bytes_of(job, folder) for name, job in jobs.items()}
    time.sleep(1.1)
    elsewhere = copied(folder, "another place")
    if not has_decimal_commas(MOVED):
        print("without a locale of decimal commas, which is not here (tools/test makes one)")
    for name, job in jobs.items():
        os.makedirs(os.path.join(top, "temporary"), exist_ok=True)
        found = bytes_of(job, folder, "--threads", 3, "--batch-size", 61, "--memory", "64MiB", "--temp-dir", os.path.join(top, "temporary"), cwd=elsewhere,
                         env=dict(MOVED, HOME=top), umask=0o027)
        check(found == first[name], f"{name}: place, time or environment show in the result")
    absolute = [os.path.join(folder, word) if word in os.listdir(folder) else word for word in jobs["town"]]
    check(bytes_of(absolute, folder, cwd="/", result=os.path.join(folder, "town.sqlite")) == first["town"], "paths show in the result")
    check_town(jobs["town"], folder, first["town"])
    if "ZONEFOLD_BYTES" in os.environ:
        with open(os.environ["ZONEFOLD_BYTES"], "w", encoding="ascii") as file:
            file.writelines(f"{name} {' '.join(hashes)}\n" for name, hashes in first.items())
print("the same bytes in every case:", ", ".join(jobs))
