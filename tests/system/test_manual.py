# SPDX-License-Identifier: MIT
"""The manual: a page for each command, clean and narrow enough, that tells of every option, statistic, measure and analysis; and that
defines every column that a run can write."""
import os
import re
import sqlite3
import subprocess
from xml.etree import ElementTree

import pytest
from manual import definitions, names, page, paths, plain, section
from town import Town, gdal, layer, ogr, square, works
from support import DATA, open_result

OVERVIEW = "zonefold"
COMMON = ["NAME", "SYNOPSIS", "DESCRIPTION", "OPTIONS", "EXIT STATUS", "EXAMPLES", "SEE ALSO"]
ITS_OWN = {
    OVERVIEW: ["COMMANDS", "VOCABULARY", "OUTPUT", "SIGNALS", "ENVIRONMENT", "FILES"],
    "zonefold-run": ["INPUT", "ASSIGNMENT", "CONDITIONS", "MEASURES", "STATISTICS", "ANALYSES", "SQL", "RESULT", "STYLES AND PROJECTS",
                     "OUTPUT", "JOB FILES", "MEMORY", "FILES"],
    "zonefold-plan": ["OUTPUT"],
    "zonefold-inspect": ["OUTPUT"],
    "zonefold-show": ["OUTPUT"],
    "zonefold-why": ["OUTPUT"],
    "zonefold-export": ["FORMATS", "FILES"],
    "zonefold-verify": ["CHECKS", "OUTPUT"],
    "zonefold-diff": ["OUTPUT"],
    "zonefold-replay": ["INPUTS", "THE NEW RUN", "OUTPUT", "FILES"],
    "zonefold-archive": ["THE BAG", "FILES"],
}


def run_page():
    return plain(page("zonefold-run"))


# ---- the pages ----

def test_every_command_has_its_page():
    pages = {command: names()[f"page:{command}"][0] for command in names()["command"]}
    assert set(pages.values()) == set(paths()), f"{pages} {paths()}"
    overview = section(plain(page(OVERVIEW)), "COMMANDS")
    for command, its_page in pages.items():
        assert f"\nzonefold {command}\n" in overview and (its_page == OVERVIEW or f"{its_page}(1)" in overview), f"{command} in the overview"


def test_pages_have_their_sections():
    for name in paths():
        text = page(name)
        headings = re.findall(r"^\.SH (.*)$", text, re.M)
        assert set(headings) == {*COMMON, *ITS_OWN[name]}, f"{name}: {set(headings) ^ {*COMMON, *ITS_OWN[name]}}"
        assert headings[:3] == COMMON[:3] and headings[-2:] == COMMON[-2:], f"{name}: order of {headings}"
        assert not re.search(r"@\w+", text), f"{name}: no placeholder is left"


def test_pages_name_pages_that_are_there():
    for name in paths():
        found = set(re.findall(r"\b(zonefold[a-z-]*)\(1\)", plain(page(name))))
        assert found <= set(paths()), f"{name} names {found - set(paths())}"


def test_pages_tell_every_option():
    for command in names()["command"]:
        its_page = names()[f"page:{command}"][0]
        options = section(plain(page(its_page)), "OPTIONS")
        for option in names()[f"option:{command}"]:
            assert re.search(rf"^(-\w, )?{option}( |,|$)", options, re.M), f"{option} in {its_page}"


def test_pages_are_clean_for_man():
    tools = (["mandoc", "-T", "lint", "-W", "warning"], ["groff", "-man", "-ww", "-z"], ["man", "--warnings", "-l", "-Tutf8"])
    is_checked = False
    for tool in tools:
        for path in paths().values():
            try:
                done = subprocess.run([*tool, path], capture_output=True, text=True)
            except FileNotFoundError:
                continue
            complaints = [line for line in (done.stderr + (done.stdout if tool[0] == "mandoc" else "")).splitlines()
                          if "missing date" not in line]
            assert not complaints, f"{tool[0]}: {complaints}"
            is_checked = True
    if not is_checked:
        pytest.skip("neither mandoc nor groff nor man is here")


def test_pages_fit_80_columns():
    for tool in (["mandoc", "-T", "utf8", "-O", "width=78"], ["groff", "-man", "-Tutf8", "-rLL=78n"]):
        for path in paths().values():
            try:
                done = subprocess.run([*tool, path], capture_output=True, text=True, env=dict(os.environ, GROFF_NO_SGR="1"))
            except FileNotFoundError:
                break
            shown = re.sub(".\b", "", done.stdout)
            long = [line for line in shown.splitlines() if len(line) > 80]
            assert done.returncode == 0 and shown and not long, f"{tool[0]} {path}: {long}"
        else:
            return
    pytest.skip("neither mandoc nor groff is here")


# ---- what run can be asked for ----

def test_manual_defines_every_statistic_measure_and_analysis():
    text = run_page()
    known = names()
    for title, wanted in (("MEASURES", known["measure"] + ["fid"]), ("STATISTICS", known["statistic:number"] + known["statistic:text"])):
        defined = {name for heading, words in definitions(section(text, title)) if words for name in heading.split(", ")}
        assert set(wanted) == defined, f"{title}: {set(wanted) ^ defined}"
    for name in known["analysis"]:
        told = section(section(text, "ANALYSES"), name, "SS")
        assert told, f"{name} is told of"
        parameters = {heading.split("=")[0] + "=" for heading, _ in definitions(told) if "=" in heading}
        assert parameters == set(known.get(f"parameter:{name}", [])), f"parameters of {name}: {parameters}"
        for parameter in parameters:
            assert re.search(rf"{name}[:\w=,]*[:,]{parameter}", "".join(works(["help", "run", "--all"]).stdout.split())), f"{parameter} in the help"
    for kind, whose in (("text", "texts take"), ("date", "dates and times take")):
        taken = re.search(rf"{whose}\n(.*)[;.]\n", text).group(1)
        assert re.findall(r"\w+", taken) == known[f"statistic:{kind}"], f"the manual lists what {whose}: {taken}"


# ---- what run writes ----

ANALYSES = ["nearest:halo_m=50", "nearest:metric=edge", "clark-evans", "neighbours:within_m=12.5,halo_m=20", "clusters:eps_m=5,min=3",
            "adjacency:halo_m=1", "overlaps:halo_m=1", "histogram:field=height,width=5", "histogram:field=height,bins=3"]
NO_FIELDS = {"ht"}  # of the computed columns
SELECT, SELECTED = "SELECT fid AS f, area_m2 AS a, geom AS shape FROM building", {"f", "a", "shape"}


def everything(output, zips, buildings, *more):
    """A run with all that it can do, and all statistics."""
    known = names()
    numbers = ",".join(name.replace("pNN", "p90") for name in known["statistic:number"])
    arguments = ["run", "-q", "--zips", zips, "--buildings", buildings, "-o", output, "--where", "height > 0 OR height IS NULL",
                 "--rule", "small=area_m2 < 1e6", "--compute", "ht=NULLIF(height, 0)", "--stat", f"height={numbers}", "--stat", "ht=mean",
                 "--stat", "use=" + ",".join(known["statistic:text"]), "--stat", '"last edit"=' + ",".join(known["statistic:date"]),
                 "--fields", ",".join(known["measure"]) + ',"last edit",use', "--by", "use"]
    for analysis in ANALYSES:
        arguments += ["--analysis", analysis]
    sql = output + ".sql"
    with open(sql, "w", encoding="utf-8") as file:
        file.write(SELECT)
    works([*arguments, "--analysis-sql", f"own={sql}", *more])
    return open_result(output)


def results(town):
    """Shares of the sample; and ZIPs without polygons, buildings alone, no CRS."""
    yield everything(town.file("shares.sqlite"), os.path.join(DATA, "zips.gpkg"), os.path.join(DATA, "buildings.gpkg"), "--assign", "share")
    rows = [(square(0, 0, 1000), "02139"), (None, "02141"), (square(2000, 0, 1000), "02142"), (square(4000, 0, 10), None)]
    zips = layer(town.file("bare.shp"), "bare", rows, [("zip", ogr.OFTString)], epsg=None, driver="ESRI Shapefile")
    rows = [(square(100, 100, 10), 0.0, None, None), (square(300, 0, 9), None, "home", "2020/01/01"), (square(2100, 10, 10), 3.0, None, None)]
    fields = [("height", ogr.OFTReal), ("use", ogr.OFTString), ("last edit", ogr.OFTDate)]
    buildings = layer(town.file("few.shp"), "few", rows, fields, epsg=None, driver="ESRI Shapefile")
    yield everything(town.file("few.sqlite"), zips, buildings)


def pattern(name):
    """{parameter} stands for whatever it was given; a name that was taken has a number behind it."""
    return re.sub(r"\\\{\w+\\\}", r"\\w+", re.escape(name)) + r"(_\d+)?"


class Definitions:
    """What zonefold-run(1) says of the columns of each table."""

    def __init__(self):
        text = run_page()
        self.measures = {name for heading, _ in definitions(section(text, "MEASURES")) for name in heading.split(", ")}
        self.statistics = {heading_name for heading, _ in definitions(section(text, "STATISTICS")) for heading_name in heading.split(", ")}
        self.result = section(text, "RESULT")
        self.of_analyses = []  # (table, column, words), as patterns
        for table, columns in re.findall(r"^Columns of\n(\S+):\n\.RS\n(.*?)^\.RE$", section(text, "ANALYSES"), re.M | re.S):
            for heading, words in definitions(columns):
                self.of_analyses += [(pattern(table), pattern(name), words) for name in heading.split(", ")]
        self.met = set()  # (table, column) of RESULT

    def own(self, table):
        """heading -> words."""
        told = section(self.result, table, "SS")
        return {} if told is None else {name: words for heading, words in definitions(told.split("\n.RS\n")[0]) for name in heading.split(", ")}

    def rows(self, table):
        """Names of the rows that a table of the run has."""
        told = section(self.result, table, "SS").split("\n.RS\n")[1]
        return {name for heading, words in definitions(told) if words for name in heading.split(", ")}

    def find(self, table, column):
        """Words; "" for what is defined as a statistic, measure, field or computed column; None: nothing."""
        is_further = not self.own(table)
        own = self.own("Tables of analyses" if is_further else table)
        if column in own:
            self.met.add((table, column))
            return own[column]
        for of_table, name, words in self.of_analyses:
            if re.fullmatch(of_table, table) and re.fullmatch(name, column):
                return words
        if table == "important_building" and column in self.measures | {"height", "use", "last edit"} | NO_FIELDS:
            return ""
        if table == "zip_group" and column == "use":
            return ""
        if table in ("zip_summary", "zip_group") and re.sub(r"^(height|ht|use|last edit)_", "", column).replace("p90", "pNN") in self.statistics:
            return ""
        return "" if table == "own" and column in SELECTED else None


TYPES = {"BIGINT": ("integer", "boolean"), "INTEGER": ("integer", "boolean"), "REAL": ("real",), "TEXT": ("text",), "POINT": ("POINT",),
         "MULTIPOLYGON": ("MULTIPOLYGON",)}


def check_column(db, table, column, kind, words):
    assert words is not None, f"{table}.{column} is defined in zonefold-run(1)"
    if words == "" or table == "layer_styles":
        return
    assert words.startswith(TYPES[kind]), f"{table}.{column} is {kind}: {words}"
    for ending, unit in (("_m", "metres"), ("_m2", "square metres")):
        assert not column.endswith(ending) or unit in words, f"{table}.{column} is told with its unit, {unit}: {words}"
    (n,) = db.execute(f'SELECT count(*) FROM "{table}" WHERE "{column}" IS NULL').fetchone()
    assert n == 0 or "NULL" in words, f"{table}.{column} is NULL in {n} rows; when, is not told: {words}"


def tables_of(db):
    """All but SpatiaLite's own."""
    bare = sqlite3.connect(":memory:")
    bare.enable_load_extension(True)
    bare.load_extension("mod_spatialite")
    bare.execute("SELECT InitSpatialMetaData(1)")
    everybodys = "SELECT name FROM sqlite_master WHERE type IN ('table', 'view') AND name NOT LIKE 'idx\\_%' ESCAPE '\\'"
    return {name for (name,) in db.execute(everybodys)} - {name for (name,) in bare.execute(everybodys)}


def check_labels(db, table, style):
    """QGIS shows a label for each column that the registry knows; a field, a computed column, an id and a column of a parameter with
    a decimal point keep their names."""
    labels = {alias.get("field"): alias.get("name") for alias in ElementTree.fromstring(style).iter("alias")}
    for _, column, kind, *_ in db.execute(f'SELECT * FROM pragma_table_info("{table}")').fetchall():
        is_named = re.search(r"\d_\d+m", column) or column in {"id", "height", "use", "last edit"} | NO_FIELDS or table == "own" and column in SELECTED
        assert is_named or kind in ("POINT", "MULTIPOLYGON") or labels.get(column), f"{table}.{column} has a label: {labels}"


def test_manual_defines_every_column_of_a_trace(town):
    works(town.arguments("--trace", town.file("trace.csv")))
    with open(town.file("trace.csv"), encoding="utf-8") as file:
        columns = file.readline().strip().split(",")
    told = section(run_page(), "MEMORY").split("\n.RS\n")[1]
    defined = [name for heading, words in definitions(told) if words for name in heading.split(", ")]
    assert defined == columns, f"{defined} {columns}"


def test_manual_defines_every_column_of_a_result():
    gdal.UseExceptions()
    town, manual = Town(), Definitions()
    met = set()
    for db in results(town):
        tables = tables_of(db)
        hashed = {key[len("content_sha256."):] for (key,) in db.execute("SELECT key FROM run_info WHERE key LIKE 'content_sha256.%'")}
        assert tables == hashed | {"layer_styles"}, f"tables: {tables ^ hashed}"
        for table in sorted(tables):
            told = manual.own(table) or table == "own" or [1 for name, _, _ in manual.of_analyses if re.fullmatch(name, table)]
            assert told, f"the table {table} is defined"
            columns = db.execute(f'SELECT * FROM pragma_table_info("{table}")').fetchall()
            for _, column, kind, *_ in columns:
                check_column(db, table, column, kind, manual.find(table, column))
            stated = names().get(f"column:{table}", [])
            assert [column[1] for column in columns][:len(stated)] == stated, f"{table} begins with the columns of the registry, in its order"
            met.add(table)
        for table, style in db.execute("SELECT f_table_name, styleQML FROM layer_styles").fetchall():
            check_labels(db, table, style)
        for table, column in (("run_count", "name"), ("run_area", "name"), ("run_info", "key")):
            if table in tables:
                rows = {re.sub(r"^content_sha256\..*", "content_sha256.TABLE", name) for (name,) in db.execute(f"SELECT {column} FROM {table}")}
                assert rows == manual.rows(table), f"rows of {table}: {rows ^ manual.rows(table)}"
    for table in re.findall(r"^\.SS (\w+)$", manual.result, re.M):
        assert table in met, f"{table} is in a result"
        for column in manual.own(table):
            placeholder = column in ("field_stat", "columns of analyses", "measures", "fields", "computed columns")
            assert placeholder or (table, column) in manual.met, f"{table}.{column} is in a result"
