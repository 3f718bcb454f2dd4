# SPDX-License-Identifier: MIT
"""The golden cases: a name, a sentence that says what the case holds still, and the steps.

A step is a command line of zonefold, run in a folder with the layers of layers.py and, where the case names it, the sample in data/.
A tuple is something else that is done between commands: see golden.py, do()."""
from collections import namedtuple

Case = namedtuple("Case", "name purpose steps same_tables_as")
CASES = {}

TOWN = "run --zips zips.gpkg --buildings buildings.gpkg -o r.sqlite"
SOUND = "run --zips zips.gpkg --buildings sound.gpkg -o r.sqlite"
SAMPLE = "run --zips data/zips.gpkg --buildings data/buildings.gpkg -o r.sqlite"
STRIPS = "run --zips strips/zips.gpkg --buildings strips/buildings.gpkg -o r.sqlite --stat height=mean,median --analysis nearest --fields name"
STRIPS_PLAN = "plan --zips strips/zips.gpkg --buildings strips/buildings.gpkg --stat height=mean,median --analysis nearest --fields name"
ALL_NUMBER = ("count,missing,unique,mode,minority,first,last,sum,mean,min,max,range,median,stddev,stddev_sample,variance,cv,q1,q3,iqr,"
              "p5,p90,argmin,argmax,gini,shannon,simpson")
ALL_TEXT = "count,missing,unique,mode,minority,first,last,min,max,min_length,mean_length,max_length,shannon,simpson"
ALL_DATE = "count,missing,unique,min,max,first,last"
PLAIN_OUT = "--analysis none --buildings-out attributes"


def case(name, purpose, *steps, same_tables_as=None):
    assert name not in CASES
    CASES[name] = Case(name, purpose, steps, same_tables_as)


# ---- assignment ----
case("sample_default", "The default run of the sample: ZIPs in degrees, buildings in feet.", f"{SAMPLE} --format json")
case("within", "Only buildings inside a ZIP are assigned; flaws are repaired and listed.", TOWN)
for rule in ("covered-by", "intersects", "centroid", "inner-point", "largest", "share"):
    case(f"assign_{rule.replace('-', '_')}", f"The assignment rule {rule}.", f"{TOWN} --assign {rule} {PLAIN_OUT}")
case("sample_share", "Shares of the sample, with the ledger of areas; largest parts.",
     f"{SAMPLE.replace('r.sqlite', 'largest.sqlite')} --assign largest --analysis none --buildings-out ids",
     f"{SAMPLE} --assign share {PLAIN_OUT} --stat height=mean,median,count --stat use=mode,count")

# ---- analyses ----
case("nearest_centroid", "Nearest neighbours by centroids, within the ZIP and with a halo.",
     f"{SOUND} --analysis nearest --analysis nearest:metric=centroid,halo_m=300 --buildings-out attributes")
case("nearest_edge", "Nearest neighbours by footprints, within the ZIP and with a halo.",
     f"{SOUND} --analysis nearest:metric=edge --analysis nearest:metric=edge,halo_m=60 --buildings-out attributes")
case("clark_evans", "The index of Clark and Evans of town and sample.", f"{TOWN} --analysis clark-evans --buildings-out none",
     f"{SAMPLE.replace('r.sqlite', 'sample.sqlite')} --analysis clark-evans --buildings-out none")
case("neighbours", "Neighbours within two radii, one of them with a halo.",
     f"{SOUND} --analysis neighbours:within_m=120 --analysis neighbours:within_m=62.5,halo_m=80 --buildings-out attributes")
case("clusters", "Two clusterings by density, with hulls.", f"{SOUND} --analysis clusters:eps_m=40,min=3 --analysis clusters:eps_m=15,min=2 --buildings-out attributes")
case("adjacency", "Shared walls of the town; with tolerance, wall and halo.", f"{SOUND} --analysis adjacency --buildings-out attributes",
     f"{SOUND.replace('r.sqlite', 'wide.sqlite')} --analysis adjacency:tolerance_m=0.5,wall_m=4,halo_m=10 --buildings-out attributes")
case("overlaps", "Pairs that overlap or repeat each other, with and without a halo.", f"{TOWN} --analysis overlaps --buildings-out attributes",
     f"{TOWN.replace('r.sqlite', 'halo.sqlite')} --assign centroid --analysis overlaps:min_area_m2=1,halo_m=50 --buildings-out attributes")
case("histograms", "Histograms by width and by number of bins, of a field and of a measure.",
     f"{TOWN} --analysis histogram:field=height,width=5 --analysis histogram:field=area_m2,bins=4 --buildings-out none")
case("sample_analyses", "Every analysis at once on the sample.",
     f"{SAMPLE} --analysis nearest:metric=edge --analysis clark-evans --analysis neighbours:within_m=50 --analysis clusters:eps_m=10,min=5 --analysis adjacency"
     " --analysis overlaps --analysis histogram:field=height,width=20 --buildings-out attributes")

# ---- statistics and measures ----
case("stat_numbers", "Every statistic of real numbers.", f"{TOWN} --stat height={ALL_NUMBER} --analysis none --buildings-out none")
case("stat_integers", "Every statistic of integers, beyond 2^53 too.", f"{TOWN} --stat big={ALL_NUMBER} --stat year={ALL_NUMBER} --analysis none --buildings-out none")
case("stat_texts_and_dates", "Every statistic of texts, dates and times.",
     f"{TOWN} --stat use={ALL_TEXT} --stat name={ALL_TEXT} --stat 'last edit={ALL_DATE}' --stat seen={ALL_DATE} --analysis none --buildings-out none")
case("stat_weighted", "Every statistic weighted by shares.", f"{TOWN} --assign share --stat height={ALL_NUMBER} --stat use={ALL_TEXT} --stat seen={ALL_DATE} --analysis none --buildings-out none")
case("measures", "Every measure of shape, in a plane and on the ellipsoid.",
     f"{TOWN} --fields perimeter_m,width_m,length_m,elongation,orientation_deg,rectangularity,convexity,compactness,n_vertices,n_parts,n_holes,courtyard_area_m2,centroid_x,centroid_y"
     " --analysis none --buildings-out attributes",
     "run --zips zips_deg.geojson --buildings deg.geojson -o geodesic.sqlite"
     " --fields perimeter_m,width_m,length_m,elongation,orientation_deg,rectangularity,convexity,compactness,n_vertices,courtyard_area_m2,centroid_x --buildings-out attributes")

# ---- conditions ----
case("where", "A condition over fields and measures, and one that no building passes.", f"""{TOWN} --where "height > 12 AND use IN ('home', 'shop') OR n_vertices > 5" {PLAIN_OUT}""",
     f"run --zips zips.gpkg --buildings buildings.gpkg -o none.sqlite --where 'height > 1000' --stat height={ALL_NUMBER}")
case("computes_and_rules", "Computed columns of each type, and a funnel of rules.",
     f"""{TOWN} --compute "storeys=CAST(height / 3.5 AS INTEGER)" --compute "label=coalesce(name, 'none') || '!'" --compute "dense=height / area_m2" --where "year IS NOT NULL" """
     f"""--rule "low=storeys < 9" --rule "is home"="use = 'home'" --stat storeys=sum,mode --stat label=unique,max_length --stat dense=mean {PLAIN_OUT}""")
case("fields", "Carried fields of each type, one of them with a space in its name.", f"""{TOWN} --fields 'name,"last edit",seen,big,height' --analysis none""")

case("groups", "Groups by a text, by a date and a computed column, weighted by shares; some buildings are not important.",
     f"{TOWN} --by use --stat height=mean,median,mode --stat name=unique,max {PLAIN_OUT}",
     f"""{TOWN.replace('r.sqlite', 'share.sqlite')} --assign share --by '"last edit",storeys' --compute "storeys=CAST(height / 3.5 AS INTEGER)" --where "height > 5" """
     "--stat area_m2=sum,median --buildings-out none")

# ---- which ZIPs ----
case("combine", "All ZIPs united into one.", f"{TOWN} --combine {PLAIN_OUT}")
case("order_by_and_zip_where", "ZIPs in descending order of a number, one of them missing; only the ZIPs that OGR's condition selects.", f"{TOWN} --order-by 'people DESC' {PLAIN_OUT}",
     f"""run --zips zips.gpkg --buildings buildings.gpkg -o oak.sqlite --zip-where "town = 'Oak'" {PLAIN_OUT}""")
case("zip_field", "Zones by another field: towns.", f"{TOWN} --zip-field town --buildings-out attributes")
case("zips_flawed", "ZIPs that are invalid, lack an id or a geometry, or are lines.", "run --zips zips_flawed.gpkg --buildings sound.gpkg -o r.sqlite")

case("layer_and_field_unclear", "Two possible ZIP fields or layers, a number as ZIP id, a field and a layer that are missing.",
     "run --zips zips_twofold.gpkg --buildings sound.gpkg -o r.sqlite", f"run --zips zips_numbers.gpkg --buildings sound.gpkg -o n.sqlite {PLAIN_OUT}",
     "run --zips zips.gpkg --zip-field nowhere --buildings sound.gpkg -o r.sqlite", "run --zips zips.gpkg --buildings two.gpkg -o r.sqlite",
     f"run --zips zips.gpkg --buildings two.gpkg --buildings-layer second -o r.sqlite {PLAIN_OUT}", "run --zips zips.gpkg --buildings two.gpkg --buildings-layer third -o r.sqlite")

# ---- output ----
case("buildings_out", "Each value of --buildings-out.",
     *[f"run --zips zips.gpkg --buildings sound.gpkg -o {what}.sqlite --buildings-out {what} --stat height=mean --fields name" for what in ("geometry", "attributes", "ids", "none")],
     "run --zips zips.gpkg --buildings sound.gpkg -o share.sqlite --buildings-out ids --assign share")
case("overwrite", "An existing result is kept, unless --overwrite replaces it.", f"{TOWN} -q", f"{TOWN} --where 'height > 20'", ("write", "note.sqlite", "not a result"),
     "run --zips zips.gpkg --buildings buildings.gpkg -o note.sqlite --overwrite", f"{TOWN} --overwrite --where 'height > 20'")
case("project", "The QGIS project beside the result.", f"{TOWN} --project --stat height=mean", f"{TOWN} --project", f"{TOWN} --project --overwrite")
case("trace", "The memory timeline has a line for each ZIP.", f"{TOWN} --trace t.csv --threads 1 -q --format json", same_tables_as="within")
case("output_refused", "Outputs that cannot be written, or are an input.", "run --zips zips.gpkg --buildings buildings.gpkg -o nowhere/r.sqlite",
     "run --zips zips.gpkg --buildings buildings.gpkg -o buildings.gpkg --overwrite")

# ---- flaws ----
case("invalid_skip_and_strict", "Invalid buildings are left out and listed; with --strict the exit status is 1.", f"{TOWN} --on-invalid skip --strict",
     f"run --zips zips.gpkg --buildings sound.gpkg -o s.sqlite --strict -q {PLAIN_OUT}")
case("invalid_fail", "The first invalid building ends the run.", f"{TOWN} --on-invalid fail")

# ---- formats ----
case("format_geojson", "Both layers as GeoJSON.", "run --zips zips.geojson --buildings buildings.geojson -o r.sqlite --fields name,use,seen")
case("format_others", "Buildings as FlatGeobuf, in a plain SQLite file, and as CSV with WKT.",
     "run --zips zips.gpkg --buildings buildings.fgb -o fgb.sqlite --fields name,use,seen --buildings-out attributes",
     f"run --zips zips.gpkg --buildings buildings.sqlite3 -o sqlite.sqlite --fields name,use,seen {PLAIN_OUT}",
     f"run --zips zips.gpkg --buildings buildings.csv --buildings-crs EPSG:26986 -o csv.sqlite --fields name,use {PLAIN_OUT}")
case("format_shapefile", "Both layers as shapefiles in UTF-8.", "run --zips utf8/zips.shp --buildings utf8/buildings.shp -o r.sqlite --fields 'name,use,\"last edit\"'")
case("sample_shapefile", "The sample as shapefiles.", f"run --zips data/shp/zips.shp --buildings data/shp/buildings.shp -o r.sqlite {PLAIN_OUT} --stat use=mode --fields name")
case("shapefile_encodings", "Texts of a shapefile with a .cpg, without one, and with --encoding.",
     f"run --zips latin/zips.shp --buildings latin/buildings.shp -o cpg.sqlite --fields name {PLAIN_OUT}", f"run --zips bare/zips.shp --buildings bare/buildings.shp -o bare.sqlite --fields name {PLAIN_OUT}",
     f"run --zips bare/zips.shp --buildings bare/buildings.shp -o said.sqlite --encoding CP1252 --fields name {PLAIN_OUT}",
     "run --zips bare/zips.shp --buildings bare/buildings.shp -o none.sqlite --encoding NOSUCH")
case("shapefile_incomplete", "A shapefile without .dbf, .shx or .prj.", ("remove", "utf8/buildings.dbf"), f"run --zips utf8/zips.shp --buildings utf8/buildings.shp -o a.sqlite {PLAIN_OUT}",
     ("remove", "latin/buildings.shx"), "run --zips utf8/zips.shp --buildings latin/buildings.shp -o b.sqlite", ("remove", "bare/buildings.prj"),
     "run --zips utf8/zips.shp --buildings bare/buildings.shp -o c.sqlite")
case("inputs_unreadable", "Inputs that are missing, damaged, or no layer.", "run --zips nowhere.gpkg --buildings buildings.gpkg -o r.sqlite",
     "run --zips zips.gpkg --buildings broken.gpkg -o r.sqlite", "run --zips notes.txt --buildings buildings.gpkg -o r.sqlite", "run --zips zips.gpkg --buildings http://localhost/x.geojson -o r.sqlite")

# ---- CRS ----
case("crs_degrees", "Both layers in degrees: areas and distances on the ellipsoid.", "run --zips zips_deg.geojson --buildings deg.geojson -o r.sqlite --analysis nearest --analysis neighbours:within_m=120")
case("crs_transformed", "ZIPs in WGS 84 come into UTM.", "run --zips zips_fiji.geojson --buildings fiji_utm.gpkg -o r.sqlite")
case("crs_missing_one", "One layer without CRS: an error, and the option that settles it.", "run --zips zips.gpkg --buildings plain.gpkg -o r.sqlite",
     "run --zips zips_plain.gpkg --buildings sound.gpkg -o r.sqlite", f"run --zips zips.gpkg --buildings plain.gpkg --buildings-crs EPSG:26986 -o r.sqlite {PLAIN_OUT}")
case("crs_missing_both", "Two layers without CRS are one plane in metres.", f"run --zips zips_plain.gpkg --buildings plain.gpkg -o r.sqlite --analysis nearest")
case("crs_unknown", "CRS and measures that are unknown or impossible.", f"{TOWN} --zips-crs EPSG:999999", f"{TOWN} --buildings-crs nonsense",
     "run --zips zips_deg.geojson --buildings deg.geojson -o r.sqlite --measure planar", f"{TOWN} --measure round")
case("measure_geodesic", "Geodesic measures of layers in a plane.", f"{TOWN} --measure geodesic --analysis nearest --buildings-out attributes")
case("antimeridian", "ZIPs and buildings on both sides of the antimeridian.", "run --zips zips_fiji.geojson --buildings fiji.geojson -o r.sqlite --assign intersects",
     "run --zips zips_fiji.geojson --buildings fiji.geojson -o s.sqlite --combine --assign share")

# ---- limits that change nothing ----
case("memory_default", "Strips with default memory: one pass.", f"{STRIPS_PLAN} --threads 1 --format json", STRIPS)
case("memory_small", "The same tables in several passes.", f"{STRIPS_PLAN} --threads 1 --memory 24MiB --format json", f"{STRIPS} --threads 1 --memory 24MiB", same_tables_as="memory_default")
case("memory_tiny", "Too little memory: exit status 5, and no file.", f"{TOWN} --memory 1MiB", f"{STRIPS} --memory 8MiB --threads 1")
case("threads", "1, 2 and 4 threads: the same tables.", *[f"{SAMPLE.replace('r.sqlite', f'r{n}.sqlite')} --format json --threads {n}" for n in (1, 2, 4)], same_tables_as="sample_default")
case("batch_sizes", "Batches of 1, 7 and 1000000: the same tables.", *[f"{TOWN.replace('r.sqlite', f'r{n}.sqlite')} --batch-size {n}" for n in (1, 7, 1000000)], same_tables_as="within")
case("strips_batches", "Small batches and four threads in several passes: the same tables.", f"{STRIPS} --batch-size 50 --threads 4 --memory 36MiB", same_tables_as="memory_default")

# ---- user SQL ----
case("analysis_sql", "A SELECT with groups and one with geometries.",
     ("write", "uses.sql", "SELECT use, count(*) AS n, sum(area_m2) AS m2, min(\"last edit\") AS first FROM building GROUP BY use ORDER BY n DESC, use;\n"),
     ("write", "hull.sql", "-- a layer\nSELECT count(*) AS n, ST_ConvexHull(ST_Collect(geom)) AS hull FROM building\n"),
     f"{TOWN} --analysis-sql uses=uses.sql --analysis-sql hull=hull.sql --analysis none")
case("analysis_sql_refused", "SELECTs that are refused: another table, a write, a wrong column, two statements, a taken name.",
     ("write", "other.sql", "SELECT * FROM sqlite_master"), ("write", "write.sql", "DELETE FROM building"), ("write", "column.sql", "SELECT storeys FROM building"),
     ("write", "two.sql", "SELECT 1; SELECT 2"), ("write", "good.sql", "SELECT 1 AS one"),
     *[f"{TOWN} --analysis-sql x={name}.sql" for name in ("other", "write", "column", "two", "missing")], f"{TOWN} --analysis-sql zip_summary=good.sql")

# ---- jobs ----
case("job_file", "A job file in YAML; the command line wins.",
     ("write", "jobs.txt", "zips: zips.gpkg\nbuildings: sound.gpkg\nwhere: height > 10\nstat:\n  - height=mean,p90\n  - use=mode\nanalysis: [nearest, 'neighbours:within_m=100']\nbuildings-out: attributes\n"),
     "run --job jobs.txt -o r.sqlite", "run --job jobs.txt -o s.sqlite --where 'height > 20' --stat year=min")
case("job_json_and_faults", "A job file in JSON, and job files with faults.", ("write", "job.json", '{"zips": "zips.gpkg", "buildings": "sound.gpkg", "assign": "centroid", "combine": true, "buildings-out": "none"}'),
     ("write", "unknown.txt", "zips: zips.gpkg\nbuilding: sound.gpkg\n"), ("write", "type.txt", "zips: [a, b]\n"), ("write", "syntax.txt", "zips: [a\n"),
     "run --job job.json -o r.sqlite", *[f"run --job {name}.txt -o x.sqlite" for name in ("unknown", "type", "syntax", "missing")])
case("write_job", "The job of a command line as a file, which gives the same result.",
     f"""{SOUND} --where "use = 'home'" --compute "a b"="height * 2" --rule tall="height > 5" --stat height=mean --analysis nearest:metric=edge --fields 'name,"last edit"' --order-by 'people DESC'"""
     " --threads 2 --memory 64MiB --write-job job.yaml", "run --job job.yaml -o again.sqlite", "diff r.sqlite again.sqlite")

# ---- plan and inspect ----
case("plan", "What a run would do, as text and as JSON.", "plan --zips data/zips.gpkg --buildings data/buildings.gpkg --threads 1 --where 'height > 0' --stat use=mode --analysis nearest:metric=edge",
     "plan --zips zips.gpkg --buildings buildings.gpkg --threads 2 --format json --assign share --compute 'a=height * 2' --rule 'b=a > 3' --stat name=mode",
     "plan --zips zips_deg.geojson --buildings deg.geojson --threads 1 --format json --analysis none --buildings-out none", "plan --zips zips.gpkg --buildings buildings.gpkg --where 'nothing > 3'")
# No GeoJSON here: whether GDAL knows its extent without reading it depends on GDAL's version.
case("inspect", "Layers and their problems, as text and as JSON.", "inspect data/zips.gpkg data/buildings.gpkg", "inspect buildings.gpkg", "inspect zips_flawed.gpkg zips_numbers.gpkg bare/buildings.shp plain.gpkg",
     "inspect --format json buildings.gpkg two.gpkg fiji_utm.gpkg", "inspect --format json broken.gpkg", "inspect --format json --features 10 data/shp/buildings.shp")

# ---- results of results ----
case("verify_good", "A result as it was written.", f"{TOWN} -q", "verify r.sqlite", "verify --format json r.sqlite", same_tables_as="within")
case("verify_tampered", "A changed cell, a missing row, and a file that is no result; replay and archive find the changes, too.", f"{SOUND} -q --buildings-out attributes", ("sql", "r.sqlite", "UPDATE zip_summary SET area_m2 = area_m2 + 1 WHERE zip_rank = 2"),
     "verify r.sqlite", ("sql", "r.sqlite", "DELETE FROM important_building WHERE id = 3"), "verify r.sqlite", "verify --format json r.sqlite", "verify zips.gpkg", "verify nowhere.sqlite",
     "replay r.sqlite", "archive r.sqlite -o bag")
case("show", "Tables of a result as text, CSV and JSON; names that it does not have.", f"{TOWN} -q --buildings-out none --stat height=mean --analysis histogram:field=height,width=5", "show r.sqlite --columns zip,buildings,height_mean",
     "show r.sqlite --top 2:important --labels --format csv", "show r.sqlite histogram_height --format json --labels", "show r.sqlite nothing", "show r.sqlite --columns nothing")
case("why", "Why a building counts or not, as text and as JSON.", f"{SOUND} -q {PLAIN_OUT} --compute 'half=height / 2' --where 'height > 6' --rule \"home=use = 'home'\"",
     "why r.sqlite --fid 1", "why r.sqlite --fid 2 --format json", "why r.sqlite --where use=shop", "why r.sqlite --fid 100000", "why r.sqlite")
case("export", "Tables of a result in other formats; formats and tables that there are not.", f"{TOWN} -q --stat height=mean", "export r.sqlite -o zips.csv", "export r.sqlite -o zips.xlsx --labels --digits 2",
     *[f"export r.sqlite --table important_building -o important.{ending}" for ending in ("gpkg", "geojson", "fgb")], "export r.sqlite -o zips.shp", "export r.sqlite -o zips.csv", "export r.sqlite --table none -o none.csv",
     "run --zips zips.gpkg --buildings buildings.gpkg -o r.xlsx")
case("diff_same", "Two results that say the same.", f"{SOUND} -q", "run --zips zips.gpkg --buildings sound.gpkg -o s.sqlite -q --threads 1 --batch-size 5", "diff r.sqlite s.sqlite", "diff --format json r.sqlite s.sqlite")
case("diff_different", "Two results of different buildings and options.", f"{SOUND} -q {PLAIN_OUT} --stat height=mean",
     f"run --zips zips.gpkg --buildings changed.gpkg -o s.sqlite -q {PLAIN_OUT} --stat height=mean --where 'height > 6'", "diff r.sqlite s.sqlite", "diff --format json --rows 3 r.sqlite s.sqlite",
     "diff r.sqlite zips.gpkg")
case("replay_good", "A recorded job gives the same content again.", f"{TOWN} -q --where 'height > 5' --stat height=mean", "replay r.sqlite", "replay r.sqlite --format json -o again.sqlite")
case("replay_changed", "An input that has changed, and one that was renamed.", f"{SOUND} -q {PLAIN_OUT}", ("move", "sound.gpkg", "elsewhere/renamed.gpkg"), "replay r.sqlite -q",
     ("copy", "changed.gpkg", "elsewhere/renamed.gpkg"), "replay r.sqlite", "replay r.sqlite --format json")
case("archive", "A bag with inputs, job and result, which replays by itself.", f"{TOWN} -q --where 'height > 5'", "archive r.sqlite -o bag", "replay bag/data/r.sqlite", "archive r.sqlite -o bag")

# ---- usage ----
case("usage_options", "Unknown options and commands, with a suggestion; options that are missing or twice; --version.", f"{TOWN} --asign within", "runn", "run", "run --zips zips.gpkg", f"{TOWN} --zips zips.gpkg", f"{TOWN} extra", "", "--version")
case("usage_values", "Numbers, sizes and choices that are wrong.", f"{TOWN} --threads 0", f"{TOWN} --threads two", f"{TOWN} --batch-size 1e6", f"{TOWN} --memory 10xB", f"{TOWN} --assign withn",
     f"{TOWN} --on-invalid ignore", f"{TOWN} --buildings-out all", f"{TOWN} --format xml", f"{TOWN} --analysis neighbours:within_m=-3", f"{TOWN} --analysis clusters:eps_m=3", f"{TOWN} --analysis nearst")
case("usage_fields", "Unknown fields and statistics, and statistics that do not fit the field.", f"{TOWN} --fields heigth", f"{TOWN} --stat heigth=mean", f"{TOWN} --stat height=men", f"{TOWN} --stat use=mean",
     f"{TOWN} --stat height=p101", f"{TOWN} --where 'heigth > 3'", f"{TOWN} --where 'height >'", f"{TOWN} --rule 'x=random() > 3'", f"{TOWN} --compute 'height=3'", f"{TOWN} --analysis histogram:field=use,width=3",
     f"{TOWN} --order-by nothing", f"{TOWN} --zip-where 'nothing = 3'")
