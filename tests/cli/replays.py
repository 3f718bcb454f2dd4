# SPDX-License-Identifier: MIT
"""What the tests of replay and archive share."""
import os
import sqlite3

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
