#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The result is the same, byte for byte, for any number of threads and any batch size, from any directory, at any time."""
import hashlib
import os
import shutil
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
from support import DATA, check, run, scratch

ASKED = ["--where", "height > 0", "--stat", "height=mean,p90", "--stat", "use=min", "--fields", "name"]


def hash_of(path):
    with open(path, "rb") as file:
        return hashlib.sha256(file.read()).hexdigest()


with scratch() as folder:
    out = os.path.join(folder, "town.sqlite")
    hashes = {}
    for threads in (1, 2, 7):
        for rows in (None, 1, 97):
            batch = ["--batch-size", rows] if rows else []
            run("run", "--zips", os.path.join(DATA, "zips.gpkg"), "--buildings", os.path.join(DATA, "buildings.gpkg"), *ASKED,
                "--threads", threads, *batch, "-q", "--overwrite", "-o", out)
            hashes[threads, rows] = hash_of(out)
    check(len(set(hashes.values())) == 1, f"threads and batches show in the result: {hashes}")

    elsewhere = os.path.join(folder, "elsewhere")
    os.mkdir(elsewhere)
    for name in ("zips.gpkg", "buildings.gpkg"):
        shutil.copy(os.path.join(DATA, name), elsewhere)
    time.sleep(1.1)
    run("run", "--zips", "zips.gpkg", "--buildings", "buildings.gpkg", *ASKED, "-q", "-o", "town.sqlite", cwd=elsewhere,
        env=dict(os.environ, TZ="Asia/Tokyo", LC_ALL="C", HOME=folder))
    check(hash_of(os.path.join(elsewhere, "town.sqlite")) == hashes[1, None], "place, time or environment show in the result")
print("the same bytes in every case")
