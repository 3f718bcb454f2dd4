# SPDX-License-Identifier: MIT
"""`zonefold run`: computed columns and named rules, from the option to the result."""
import json
import os
import sqlite3

import pytest
from osgeo import ogr
from town import Town, content, describe, fails, layer, square, works

COMPUTES = ["--compute", "storeys=CAST(height / 3.5 AS INTEGER)", "--compute", "\"how big\"=CASE WHEN storeys >= 8 THEN 'big' "
            "WHEN storeys IS NOT NULL THEN 'small' END", "--compute", "per_storey=area_m2 / NULLIF(storeys, 0)"]
RULES = ["--rule", "known=height IS NOT NULL", "--rule", "not low=\"how big\" = 'big' OR storeys > 4"]


def rows(path, sql):
    with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as db:
        return db.execute(sql).fetchall()


def names(path, table):
    return [row[1] for row in rows(path, f"PRAGMA table_info({table})")]


def test_computed_columns_are_carried_and_counted(town):
    works(town.arguments(*COMPUTES, "--stat", "storeys=sum,max", "--stat", "\"how big\"=count,missing,min", "--stat", "per_storey=mean"))
    found = rows(town.output, 'SELECT building_fid, storeys, "how big", round(per_storey, 6) = round(area_m2 / storeys, 6) '
                 "FROM important_building ORDER BY building_fid")
    assert found == [(1, 2, "small", 1), (2, 5, "small", 1), (3, 8, "big", 1), (4, 11, "big", 1), (5, None, None, None)], f"{found}"
    types = {row[1]: row[2] for row in rows(town.output, "PRAGMA table_info(important_building)")}
    assert (types["storeys"], types["how big"], types["per_storey"]) == ("BIGINT", "TEXT", "REAL"), f"{types}"
    found = rows(town.output, 'SELECT zip, storeys_sum, storeys_max, "how big_count", "how big_missing", "how big_min" FROM zip_summary')
    assert found == [("02139", 15, 8, 3, 0, "big"), ("02141", 11, 11, 1, 1, "big")], f"{found}"


def test_the_funnel_counts_pairs_rule_by_rule(town):
    done = works(town.arguments(*COMPUTES, *RULES, "--where", "\"use\" = 'home' OR \"use\" = 'shop'", "--format", "json",
                                "--assign", "intersects"))
    found = rows(town.output, "SELECT * FROM run_funnel ORDER BY step")
    # of 7 pairs (one building in both ZIPs) one has no use and no height; heights 10 and 20: storeys 2 and 5
    assert found == [(1, "where", 6, 1), (2, "known", 6, 0), (3, "not low", 5, 1)], f"{found}"
    summary = json.loads(done.stdout)
    assert [(s["step"], s["rule"], s["passed"], s["dropped"]) for s in summary["funnel"]] == found, f"{summary['funnel']}"
    counts = dict(rows(town.output, "SELECT * FROM run_count"))
    assert counts["assignments"] == 7 and counts["important"] == 5, f"{counts}"
    assert list(summary) == ["output", "counts", "rejected_features", "funnel", "tables", "zips"], f"{list(summary)}"


def test_the_summary_in_words_tells_the_funnel(town):
    done = works(town.arguments(*COMPUTES, *RULES))
    assert "Funnel: known    4 pass, 1 dropped\n        not low  3 pass, 1 dropped\n" in done.stdout, f"rules{describe(done)}"
    done = works(town.arguments("--where", "height > 5", "--overwrite"))
    assert "Funnel" not in done.stdout and "Important: 4 of 5" in done.stdout, f"one condition{describe(done)}"
    assert rows(town.output, "SELECT * FROM run_funnel") == [(1, "where", 4, 1)], "but in the table"
    works(town.arguments("--overwrite"))
    assert rows(town.output, "SELECT * FROM run_funnel") == [], "without conditions there is none"


def test_rules_see_only_what_earlier_ones_let_through(town):
    fails(2, town.arguments("--rule", "b=abs(-9223372036854775807 - (height = 40))"), "--rule b", "buildings.gpkg",
          "buildings", "feature 4")
    works(town.arguments("--rule", "a=height < 40", "--rule", "b=abs(-9223372036854775807 - (height = 40))"))
    assert rows(town.output, "SELECT rule, passed, dropped FROM run_funnel") == [("a", 3, 2), ("b", 3, 0)], "guarded"
    fails(2, town.arguments("--overwrite", "--compute", "c=abs(-9223372036854775807 - (height = 40))", "--rule", "a=height < 40"),
          "--compute c", "feature 4")  # columns come before rules


def test_only_columns_in_use_are_read(town):
    plan = works(["plan", *town.arguments("--compute", "h=height * 2", "--compute", "g=h + 1", "--rule", "a=\"last edit\" > '2020'",
                                          "--format", "json")[1:]])
    plan = json.loads(plan.stdout)
    assert plan["fields_read"] == ["height", "last edit"], f"{plan}"
    assert plan["computed"] == [{"name": "h", "type": "real"}, {"name": "g", "type": "real"}], f"{plan}"
    assert plan["conditions"] == ["a"], f"{plan}"
    works(town.arguments("--compute", "h=height * 2"))
    assert {"height", "h"} <= set(names(town.output, "important_building")), "what is used is carried"
    assert "use" not in names(town.output, "important_building"), "what is not is not"


@pytest.mark.wording
def test_names_that_make_no_sense_are_refused(town):
    for option, value, words in (
            ("compute", "HEIGHT=1", "the building layer has a field of that name"),
            ("compute", "\"last edit\"=1", "field of that name"), ("compute", "Area_m2=1", "a measure of that name"),
            ("rule", "WHERE=1", "--where"),
            ("rule", "a", "no '='"), ("rule", "\"\"=1", "the name is empty"),
            ("rule", "height>=5", "double quotes"), ("compute", "a'b=5", "double quotes"),
            ("compute", "\"a\x7fb\"=5", "control character"), ("compute", "x" * 201 + "=5", "200 bytes"),
            ("compute", "a= ", "it is empty"), ("rule", "a==1", "syntax error")):
        fails(2, town.arguments("--" + option, value), words, "--" + option)
    for name in ("ID", "nn_m"):
        fails(2, town.arguments("--compute", name + "=1"), "important_building has a column of that name already", "--compute")
    fails(2, town.arguments("--compute", "a=1", "--compute", "A=2"), "computed column of that name already")
    fails(2, town.arguments("--rule", "a=1", "--rule", "A=2"), "a rule of that name already")
    fails(2, town.arguments("--compute", "a=b", "--compute", "b=1"), "b is computed later", "--compute a")
    fails(2, town.arguments("--compute", "a=a + 1"), "which is what it computes")
    fails(2, town.arguments("--compute", "t=name || 'x'"), "no such column: name", "--compute t")
    fails(2, town.arguments("--compute", "t=\"use\" || 'x'", "--stat", "t=mean"), "a field of type text takes")
    fails(2, town.arguments("--rule", os.fsdecode(b"\xff=1")), "UTF-8")
    assert town.left_behind() == [], f"{town.left_behind()}"


def test_names_may_be_quoted_accented_or_keywords(town):
    odd = layer(town.file("odd.gpkg"), "b", [(square(100, 100, 10), 5, "a"), (square(300, 100, 10), 7, "b")],
                [("select", ogr.OFTInteger), ("caf\u00e9 \"x\"; --", ogr.OFTString)])
    field = '"caf\u00e9 ""x""; --"'
    works(town.arguments("--compute", f"\"order\"=\"select\" * 2", "--compute", f"\U0001f3e0={field} || '\u00fc'",
                         "--compute", f"\"a=b\"=[\U0001f3e0] || \"order\"", "--rule", "\"group by\"=\"order\" > 10 AND `a=b` LIKE 'b%'",
                         "--stat", "order=sum", "--stat", "\U0001f3e0=max", buildings=odd))
    found = rows(town.output, 'SELECT "order", "\U0001f3e0", "a=b" FROM important_building')
    assert found == [(14, "b\u00fc", "b\u00fc14")], f"{found}"
    assert rows(town.output, "SELECT * FROM run_funnel") == [(1, "group by", 1, 1)], "the rule's name"
    assert rows(town.output, 'SELECT order_sum, "\U0001f3e0_max" FROM zip_summary') == [(14, "b\u00fc"), (0, None)], "statistics"


def test_expressions_do_nothing_but_compute(town):
    """One of each kind; unit/test_sql_refusals.c has the others."""
    for i, text in enumerate(("1; ATTACH 'x' AS y", "fid IN (SELECT 1)", "date('now')", "readfile('/etc/passwd')", "fid IN pragma_database_list", "1 --\n) OR (1",
                              "sum(height)", "(" * 3000 + "1" + ")" * 3000, "CASE " * 20000 + "1")):
        option = ("--compute", "--rule")[i % 2]
        fails(2, town.arguments(option, "x=" + text), option + " x")
    assert town.left_behind() == [], f"{town.left_behind()}"


def test_the_same_bytes_however_it_is_run():
    town = Town(copies=700)
    asked = [*COMPUTES, *RULES, "--compute", "label=printf('%s %d', \"use\", fid % 7)", "--stat", "label=min,max,count", "--stat",
             "storeys=median,p90", "--stat", "per_storey=sum", "--where", "fid % 3 <> 0"]
    works(town.arguments(*asked))
    first = content(town.output)
    for more in (["--threads", "1"], ["--threads", "3", "--batch-size", "1"], ["--batch-size", "5000"], ["--batch-size", "7", "--threads", "2"],
                 ["--memory", "32MiB"]):
        works(town.arguments(*asked, "--overwrite", *more))
        assert content(town.output) == first, f"the same bytes with {more}"


def test_totals_without_rows_know_computed_numbers(town):
    asked = [*COMPUTES, *RULES[:2], "--stat", "storeys=sum,mean,missing", "--stat", "per_storey=max", "--analysis", "none"]
    works(town.arguments(*asked))
    columns = "zip, important, storeys_sum, storeys_mean, storeys_missing, per_storey_max"
    with_rows = rows(town.output, f"SELECT {columns} FROM zip_summary")
    works(town.arguments(*asked, "--buildings-out", "none", "--overwrite"))
    assert rows(town.output, f"SELECT {columns} FROM zip_summary") == with_rows, f"{with_rows}"


def test_the_job_holds_columns_and_rules(town):
    works(town.arguments("--compute", "a=1", "--rule", "b=a = 1", "--rule", "c=a"))
    job = json.loads(dict(rows(town.output, "SELECT * FROM run_info"))["job"])
    assert job["compute"] == ["a=1"] and job["rule"] == ["b=a = 1", "c=a"], f"{job}"
