# SPDX-License-Identifier: MIT
"""Who runs: zonefold in some of its forms, the floors, and the peers. Each says what it lacks, loads its data, and runs."""
import contextlib
import csv
import filecmp
import glob
import io
import json
import os
import shutil
import sqlite3
import subprocess

from measure import call

PEERS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "peers")
PYTHON = "/usr/bin/python3"    # Debian's: it has the bindings of QGIS and GeoPandas


# How PostGIS says what --assign says.
RULES = {
    "within": "ST_Within(b.geom, z.geom)",
    "covered-by": "ST_CoveredBy(b.geom, z.geom)",
    "intersects": "ST_Intersects(b.geom, z.geom)",
    "centroid": "b.geom && z.geom AND ST_Within(ST_Centroid(b.geom), z.geom)",
    "inner-point": "b.geom && z.geom AND ST_Within(ST_PointOnSurface(b.geom), z.geom)",
}


def counts_of_csv(text):
    """zone -> n from rows that begin with these two; a heading and zones with none are left out."""
    rows = [row for row in csv.reader(io.StringIO(text)) if len(row) > 1 and row[1].isdigit()]
    return {row[0]: int(row[1]) for row in rows if int(row[1]) > 0}


def query(path, sql):
    """All rows of a query of an SQLite file."""
    with contextlib.closing(sqlite3.connect(path)) as db:
        return db.execute(sql).fetchall()


class Contestant:
    name = title = floor = None
    is_peer = False
    load_seconds = None

    def __init__(self, bench):
        self.bench = bench

    def lacks(self):
        """Why it cannot run here, or None."""

    def load(self):
        """Brings its data into place, once and outside of the measured runs."""

    def run(self):
        """One measured run: (Run, counts by zone or None, rows or None)."""
        raise NotImplementedError

    def close(self):
        pass

    def rows(self):
        """How many buildings it is given."""
        return self.bench.count

    def log(self):
        return self.bench.path("log-" + self.name)

    def fresh(self, name):
        """A path of the work folder where nothing is."""
        path = self.bench.path(name)
        for old in glob.glob(glob.escape(path) + "*"):
            os.remove(old)
        return path


# ---- zonefold ----

class Zonefold(Contestant):
    options = []
    form = "gpkg"

    def lacks(self):
        return None if os.access(self.bench.program, os.X_OK) else f"no program {self.bench.program}: build it, or name it with --program"

    def load(self):
        self.bench.buildings(self.form)

    def run(self):
        result, run = self.result(self.name, self.bench.zonefold_options)
        return run, dict(query(result, "SELECT zip, buildings FROM zip_summary WHERE buildings > 0")), None

    def result(self, name, more):
        """The file that it writes with some more options, and its Run."""
        path = self.fresh(name + ".sqlite")
        return path, call([self.bench.program, "run", "--zips", self.bench.zones(), "--zip-field", self.bench.zip_field, "--buildings",
                           self.bench.buildings(self.form), "-o", path, "-q", "--assign", self.bench.assign, *self.options, *more],
                          self.log())

    def writes_the_same(self):
        """Runs once more with the options of --same-bytes: is the file the same, byte for byte?"""
        path, _ = self.result(self.name + "-again", self.bench.same_bytes)
        same = filecmp.cmp(self.bench.path(self.name + ".sqlite"), path, shallow=False)
        os.remove(path)
        return same


class Counts(Zonefold):
    name, title, floor = "counts", "zonefold: count, mean height, sum of areas", ["arrow"]
    options = ["--analysis", "none", "--buildings-out", "none", "--stat", "height=mean"]


class CountsOneThread(Counts):
    name, title = "counts-1", "the same with one thread"
    options = [*Counts.options, "--threads", "1"]


class CountsShapefile(Counts):
    name, title, floor, form = "counts-shp", "the same from a shapefile", ["loop-shp"], "shp"


class Nearest(Zonefold):
    name, title, floor = "nearest", "zonefold: default statistics, nearest neighbours", ["arrow"]
    options = ["--buildings-out", "none", "--stat", "height=mean"]


class Full(Zonefold):
    name, title, floor = "full", "zonefold: the same, every building written with its footprint", ["arrow", "insert"]
    options = ["--buildings-out", "geometry", "--stat", "height=mean"]


# ---- floors ----

class Floor(Contestant):
    form = "gpkg"

    def lacks(self):
        return None if os.access(self.bench.tool("bench-floors"), os.X_OK) else "bench-floors is not built: -DZONEFOLD_BENCH=ON"

    def load(self):
        self.bench.buildings(self.form)

    def measured(self, *arguments):
        """Its own clock, which leaves out what is not its business."""
        run = call([self.bench.tool("bench-floors"), *arguments], self.log())
        said = json.loads(run.out)
        run.seconds = said["seconds"]
        return run, None, said["rows"]


class Arrow(Floor):
    name, title = "arrow", "floor: OGR Arrow read of geometry and height"

    def run(self):
        return self.measured("arrow", self.bench.buildings("gpkg"), "height")


class LoopShapefile(Floor):
    name, title, form = "loop-shp", "floor: OGR feature loop over the shapefile, geometry and height", "shp"

    def run(self):
        return self.measured("loop", self.bench.buildings("shp"), "height")


class Insert(Floor):
    name, title = "insert", "floor: bare SQLite insert of the rows that `full` writes"

    def load(self):
        if not os.path.exists(self.bench.path("full.sqlite")):
            Full(self.bench).run()

    def run(self):
        run = self.measured("insert", self.bench.path("full.sqlite"), self.fresh("bare.sqlite"))
        run[0].cpu_s = None     # that of reading the rows is in it
        os.remove(self.bench.path("bare.sqlite"))
        return run


# ---- peers ----

class Peer(Contestant):
    is_peer = True

    def zones(self):
        """The zones in the CRS of the buildings, the id in zone_id: no peer spends its time on that."""
        path = self.bench.path(f"zones-{self.bench.case}-for-peers.gpkg")
        if not os.path.exists(path):
            source = self.bench.zones()
            layer = query(source, "SELECT table_name FROM gpkg_contents WHERE data_type = 'features'")[0][0]
            sql = 'SELECT "%s" AS zone_id, * FROM "%s"' % (self.bench.zip_field.replace('"', '""'), layer.replace('"', '""'))
            call(["ogr2ogr", "-f", "GPKG", path, source, "-nln", "zones", "-t_srs", self.bench.crs(), "-sql", sql, "-nlt",
                  "PROMOTE_TO_MULTI"], self.log())
        return path


class Postgis(Peer):
    name, title, script = "postgis", "PostGIS, index asked per zone (LATERAL)", "postgis_lateral.sql"
    settings = ["shared_buffers=2GB", "work_mem=256MB", "jit=off", "listen_addresses=", "port=54329", "max_wal_size=8GB",
                "fsync=off", "full_page_writes=off"]
    started = {}    # one cluster for all that use it

    def lacks(self):
        folders = sorted(glob.glob("/usr/lib/postgresql/*/bin"))
        if not folders or shutil.which("psql") is None or shutil.which("ogr2ogr") is None:
            return "no PostgreSQL server, psql or ogr2ogr"
        self.bin = folders[-1]
        version = self.bin.split("/")[-2]
        if not os.path.exists(f"/usr/share/postgresql/{version}/extension/postgis.control"):
            return f"PostgreSQL {version} has no PostGIS (postgresql-{version}-postgis-3)"

    def as_server(self, *arguments):
        return [*(["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []), *arguments]

    def psql(self, *arguments):
        return ["psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", "-h", self.folder, "-p", "54329", "-U", "postgres", *arguments]

    def load(self):
        self.folder = self.bench.path("postgres")
        if not Postgis.started:
            self.start()
            Postgis.started["load_seconds"] = self.import_layers()
        self.load_seconds = Postgis.started["load_seconds"]

    def start(self):
        shutil.rmtree(self.folder, ignore_errors=True)
        os.makedirs(self.folder)
        if os.geteuid() == 0:
            shutil.chown(self.folder, "postgres")
        data = os.path.join(self.folder, "data")
        call(self.as_server(f"{self.bin}/initdb", "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C"),
             self.log(), cwd="/")
        options = " ".join(f"-c {s}" for s in [*self.settings, f"unix_socket_directories={self.folder}"])
        # into a file: the server keeps what it inherits open
        call(self.as_server(f"{self.bin}/pg_ctl", "-D", data, "-l", os.path.join(self.folder, "server.log"), "-w", "-o", options,
                            "start"), self.log(), cwd="/")
        Postgis.started["stop"] = self.as_server(f"{self.bin}/pg_ctl", "-D", data, "-m", "immediate", "stop")

    def import_layers(self):
        call(self.psql("-c", "CREATE DATABASE bench"), self.log())
        call(self.psql("-d", "bench", "-c", "CREATE EXTENSION postgis"), self.log())
        target = f"PG:host={self.folder} port=54329 user=postgres dbname=bench"
        seconds = 0
        for source, table in ((self.zones(), "zones"), (self.bench.buildings("gpkg"), "buildings")):
            seconds += call(["ogr2ogr", "-f", "PostgreSQL", target, source, "-nln", table, "-lco", "GEOMETRY_NAME=geom", "-lco",
                             "SPATIAL_INDEX=GIST", "--config", "PG_USE_COPY", "YES"], self.log()).seconds
        return seconds + call(self.psql("-d", "bench", "-c", "VACUUM ANALYZE"), self.log()).seconds

    def run(self):
        """The memory is that of the server process at its peak, shared buffers it touched included; psql's own is nothing."""
        run = call(self.psql("-d", "bench", "-v", "rule=" + RULES[self.bench.assign], "--csv", "-t", "-f", os.path.join(PEERS, self.script), "-c",
                             "SELECT 'VmHWM', pg_read_file('/proc/self/status')"), self.log())
        peak = [line for line in run.out.splitlines() if line.startswith("VmHWM:")]
        run.peak_bytes = int(peak[0].split()[1]) * 1024 if peak else None
        run.cpu_s = None
        return run, counts_of_csv(run.out.split("VmHWM")[0]), None

    def close(self):
        if "stop" in Postgis.started:
            subprocess.run(Postgis.started.pop("stop"), stdout=subprocess.DEVNULL, cwd="/", check=False)
            shutil.rmtree(self.folder, ignore_errors=True)


class PostgisJoin(Postgis):
    name, title, script = "postgis-join", "PostGIS, the plan it chooses by itself", "postgis_join.sql"


class Spatialite(Peer):
    name, title = "spatialite", "SpatiaLite SQL with SpatialIndex"

    def lacks(self):
        if self.bench.assign != "within":
            return "it only knows the rule within"
        if shutil.which("spatialite") is None or shutil.which("ogr2ogr") is None:
            return "no spatialite (spatialite-bin) or ogr2ogr (gdal-bin)"

    def load(self):
        self.database = self.fresh("spatialite.sqlite")
        self.load_seconds = 0
        for source, table, more in ((self.zones(), "zones", ["-dsco", "SPATIALITE=YES"]), (self.bench.buildings("gpkg"), "buildings", ["-update"])):
            self.load_seconds += call(["ogr2ogr", "-f", "SQLite", self.database, source, "-nln", table, "-lco", "GEOMETRY_NAME=geom",
                                       "-gt", "unlimited", *more], self.log()).seconds

    def run(self):
        with open(os.path.join(PEERS, "spatialite.sql"), encoding="utf-8") as sql:
            run = call(["spatialite", "-silent", "-csv", self.database, sql.read()], self.log())
        return run, counts_of_csv(run.out), None


class Qgis(Peer):
    name, title = "qgis", "QGIS, join attributes by location (summary)"
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen"}

    def lacks(self):
        if self.bench.assign != "within":
            return "it only knows the rule within"
        code = "import sys; sys.path.append('/usr/share/qgis/python/plugins'); import qgis.core, processing"
        done = subprocess.run([PYTHON, "-c", code], capture_output=True, env=self.environment, check=False)
        return None if done.returncode == 0 and shutil.which("ogr2ogr") else "no QGIS with its processing plugin (qgis, python3-qgis) or ogr2ogr"

    def load(self):
        """Without the spatial index of the GeoPackage it reads all buildings for each zone."""
        self.indexed = self.fresh("qgis-buildings.gpkg")
        self.load_seconds = call(["ogr2ogr", "-f", "GPKG", self.indexed, self.bench.buildings("gpkg"), "-lco", "SPATIAL_INDEX=YES",
                                  "-gt", "unlimited"], self.log()).seconds

    def run(self):
        run = call([PYTHON, os.path.join(PEERS, "qgis_summary.py"), self.zones(), self.indexed, self.fresh("qgis-result.gpkg")],
                   self.log(), env=self.environment)
        return run, counts_of_csv(run.out), None


class Geopandas(Peer):
    name = "geopandas"

    @property
    def title(self):
        rows = self.rows()
        return "GeoPandas sjoin" if rows == self.bench.count else f"GeoPandas sjoin, of the first {rows:,}"

    def rows(self):
        return min(self.bench.count, self.bench.geopandas_rows)

    def lacks(self):
        if self.bench.assign != "within":
            return "it only knows the rule within"
        done = subprocess.run([PYTHON, "-c", "import geopandas"], capture_output=True, check=False)
        return None if done.returncode == 0 else "no GeoPandas (python3-geopandas, python3-rtree)"

    def run(self):
        run = call([PYTHON, os.path.join(PEERS, "geopandas_sjoin.py"), self.zones(), self.bench.buildings("gpkg"), self.rows()], self.log())
        return run, counts_of_csv(run.out) if self.rows() == self.bench.count else None, None


ALL = [Counts, CountsOneThread, Nearest, Full, CountsShapefile, Arrow, LoopShapefile, Insert, Postgis, PostgisJoin, Spatialite, Qgis, Geopandas]
