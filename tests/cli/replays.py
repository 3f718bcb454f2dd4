# SPDX-License-Identifier: MIT
"""What the tests of replay and archive share."""
import fcntl
import os
import signal
import sqlite3
import subprocess
import time

from support import program
from town import call, check, describe, layer, ogr, square


def replay(town, *more, status=0, result=None, **kept):
    """In a temporary directory of its own, of which nothing must be left."""
    private = town.file("private")
    os.makedirs(private, exist_ok=True)
    done = call(["replay", result or town.output, *more], env=os.environ | {"TMPDIR": private}, **kept)
    check(done.returncode == status, f"exit status {status}{describe(done)}")
    check(os.listdir(private) == [], f"{os.listdir(private)} is left behind{describe(done)}")
    return done


def change(path, sql):
    db = sqlite3.connect(path)
    db.execute(sql)
    db.commit()
    db.close()


def sql_file(town, name, text):
    with open(town.file(name), "w", encoding="utf-8") as file:
        file.write(text)
    return town.file(name)


def shapefiles(town):
    """The town's layers as shapefiles in a directory."""
    os.mkdir(town.file("shp"))
    ring = [(square(0, 0, 1000), "02139")]
    layer(town.file("shp", "zips.shp"), "zips", ring, [("zip", ogr.OFTString)], driver="ESRI Shapefile")
    layer(town.file("shp", "town.shp"), "town", [(square(10 * i, 10, 5), f"caf\u00e9 {i}") for i in range(9)], [("use", ogr.OFTString)],
          driver="ESRI Shapefile")
    return {"zips": town.file("shp", "zips.shp"), "buildings": town.file("shp", "town.shp")}


def kill_once_there(arguments, place, **more):
    """Starts the program and kills it as soon as something of the name is there; False: it had ended before that was seen."""
    process = subprocess.Popen([program(), *arguments], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **more)
    while process.poll() is None and not place():
        time.sleep(0.001)
    process.kill()
    process.wait(timeout=120)
    return process.returncode == -signal.SIGKILL and bool(place())


def check_sweep(folder, prefix, works_now):
    """Of what has names of directories that a killed process leaves, only what nobody holds goes."""
    inside = os.path.join(folder, "precious")
    os.mkdir(inside)
    kept = [prefix + "abc12", prefix + "abc1234", prefix + "abc.12", "x" + prefix + "abc123"]
    for name in [*kept, prefix + "Abc123", prefix + "held00"]:
        os.makedirs(os.path.join(folder, name, "data"))
        open(os.path.join(folder, name, "data", "x"), "w").close()
    os.symlink(inside, os.path.join(folder, prefix + "link00"))
    with open(os.path.join(folder, prefix + "file00"), "w") as file:
        file.write("x")
    held = os.open(os.path.join(folder, prefix + "held00"), os.O_RDONLY)
    fcntl.flock(held, fcntl.LOCK_EX)
    if os.geteuid() == 0:
        os.mkdir(os.path.join(folder, prefix + "other0"))
        os.chown(os.path.join(folder, prefix + "other0"), 65534, 65534)
        kept.append(prefix + "other0")
    kept += [prefix + "held00", prefix + "link00", prefix + "file00", "precious"]
    before = set(os.listdir(folder))
    works_now()
    gone = before - set(os.listdir(folder))
    check(gone == {prefix + "Abc123"}, f"only what a killed process left goes: {gone}")
    os.close(held)
    works_now()
    check(not os.path.exists(os.path.join(folder, prefix + "held00")), "and what its holder has let go of")
