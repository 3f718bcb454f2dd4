# SPDX-License-Identifier: MIT
"""What the tests of the command line share: calls that are expected to fail or to work, and a tiny town of two ZIPs."""
import os
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
from support import SKIPPED, check, effort, program  # noqa: E402,F401

from osgeo import gdal, ogr, osr  # noqa: E402

gdal.UseExceptions()

# (x, y) of the lower left corner, side, height, use, last edit, "a,b"
BUILDINGS = [
    (100, 100, 10, 10.0, "home", "2020/01/01", "one"),
    (200, 100, 20, 20.0, "shop", "2021/01/01", "two"),
    (300, 100, 30, 30.0, "home", None, "three"),
    (1100, 100, 10, 40.0, "home", "2022/01/01", "four"),
    (1200, 100, 20, None, None, "2023/01/01", None),
    (995, 500, 10, 60.0, "home", "2020/01/01", "across the border"),
    (5000, 5000, 10, 70.0, "home", "2020/01/01", "outside"),
]


def square(x, y, side):
    return f"POLYGON (({x} {y},{x + side} {y},{x + side} {y + side},{x} {y + side},{x} {y}))"


def reference(epsg):
    if epsg is None:
        return None
    crs = osr.SpatialReference()
    crs.ImportFromEPSG(epsg)
    return crs


def layer(path, name, rows, fields, epsg=2249, kind=ogr.wkbPolygon, driver="GPKG", append=False):
    """rows: (WKT or None, values...); fields: (name, ogr type)."""
    source = ogr.Open(path, 1) if append else ogr.GetDriverByName(driver).CreateDataSource(path)
    made = source.CreateLayer(name, reference(epsg), kind)
    for field, field_type in fields:
        made.CreateField(ogr.FieldDefn(field, field_type))
    made.StartTransaction()
    for wkt, *values in rows:
        feature = ogr.Feature(made.GetLayerDefn())
        if wkt is not None:
            feature.SetGeometry(ogr.CreateGeometryFromWkt(wkt))
        for i, value in enumerate(values):
            if value is not None:
                feature.SetField(i, value)
        made.CreateFeature(feature)
    made.CommitTransaction()
    return path


class Town:
    """A directory with zips.gpkg and buildings.gpkg; where the result goes is `output`."""

    def __init__(self, copies=1):
        self._directory = tempfile.TemporaryDirectory(prefix="zonefold-test-")
        self.path = self._directory.name
        self.zips = layer(self.file("zips.gpkg"), "zips",
                          [(square(0, 0, 1000), "02139", 5), (square(1000, 0, 1000), "02141", 7)],
                          [("zip", ogr.OFTString), ("people", ogr.OFTInteger)])
        rows = [(square(x, y, side), *rest) for x, y, side, *rest in BUILDINGS] * copies
        rows.append((None, 80.0, "home", None, "no geometry"))
        self.buildings = layer(self.file("buildings.gpkg"), "buildings", rows,
                               [("height", ogr.OFTReal), ("use", ogr.OFTString), ("last edit", ogr.OFTDate), ("a,b", ogr.OFTString)])
        os.mkdir(self.file("out"))
        self.output = self.file("out", "result.sqlite")

    def file(self, *parts):
        return os.path.join(self.path, *parts)

    def arguments(self, *more, zips=None, buildings=None, output=None):
        return ["run", "--zips", zips or self.zips, "--buildings", buildings or self.buildings, "-o", output or self.output, *more]

    def left_behind(self):
        """Names in the directory of the result."""
        return sorted(os.listdir(self.file("out")))


def call(arguments, **more):
    return subprocess.run([program(), *map(str, arguments)], capture_output=True, text=True, timeout=120, **more)


def describe(done):
    return f"\n  exit status {done.returncode}\n  stdout: {done.stdout}\n  stderr: {done.stderr}"


def works(arguments, **more):
    done = call(arguments, **more)
    check(done.returncode == 0, f"zonefold {arguments} should work{describe(done)}")
    return done


def fails(status, arguments, *words, **more):
    """Exit status as said, nothing on stdout, a message on stderr that holds each of the words. Returns the message."""
    done = call(arguments, **more)
    check(done.returncode == status, f"zonefold {arguments} should exit with {status}{describe(done)}")
    check(done.stdout == "", f"a failure writes nothing on stdout{describe(done)}")
    check(done.stderr.startswith("zonefold: "), f"the message names the program{describe(done)}")
    for word in words:
        check(word in done.stderr, f"the message should hold {word!r}{describe(done)}")
    advice = "Try 'zonefold help" in done.stderr
    check(advice == (status == 2), f"usage errors, and only they, say where help is{describe(done)}")
    return done.stderr


def content(path):
    with open(path, "rb") as file:
        return file.read()


def skip(why):
    print(f"SKIPPED: {why}")
    sys.exit(SKIPPED)


def main(tests):
    """Runs the test named on the command line, or all."""
    for name in sys.argv[1:] or [name for name in tests if name.startswith("test_")]:
        tests[name]()
