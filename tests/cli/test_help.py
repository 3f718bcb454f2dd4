# SPDX-License-Identifier: MIT
"""Help and version; and that help, manual and completion tell of everything the program takes."""
import os
import re
import subprocess

from town import check, describe, fails, main, skip, works


def names():
    """kind -> names, as the program's own tables say."""
    listed = subprocess.run([os.environ["ZONEFOLD_DOCS"], "names"], capture_output=True, text=True, check=True).stdout
    found = {}
    for line in listed.splitlines():
        kind, name = line.split(" ")
        found.setdefault(kind, []).append(name)
    return found


def manual():
    with open(os.environ["ZONEFOLD_MANUAL"], encoding="utf-8") as file:
        return file.read()


def plain_manual():
    """Font changes and escapes taken out."""
    return re.sub(r"\\f[BIR]", "", manual()).replace("\\-", "-")


def test_help_is_a_success_on_stdout():
    for arguments in (["help"], ["--help"], ["-h"]):
        done = works(arguments)
        check(done.stderr == "" and done.stdout.startswith("Usage: zonefold"), f"{arguments}{describe(done)}")
        for command in names()["command"]:
            check(re.search(rf"^  {command} ", done.stdout, re.M), f"{command} is listed")


def test_every_command_has_help_that_ends_with_examples():
    for command in names()["command"]:
        done = works(["help", command])
        check(done.stderr == "", "help says nothing on stderr")
        check(done.stdout.startswith(f"Usage: zonefold {command}"), f"usage of {command}")
        examples = done.stdout[done.stdout.index("Examples:"):].splitlines()[1:]
        check(examples and all(line.startswith(f"  zonefold {command}") for line in examples), f"examples of {command}")
        for flag in ("-h", "--help"):
            check(works([command, flag]).stdout == done.stdout, f"{command} {flag} says the same")


def test_help_wins_over_missing_options():
    check(works(["run", "--zips", "x", "--help"]).stdout == works(["help", "run"]).stdout, "help of run")


def test_help_of_an_unknown_command_is_a_usage_error():
    fails(2, ["help", "rum"], "'run'")


def test_help_lines_fit_a_terminal():
    for command in names()["command"]:
        text = works(["help", command]).stdout
        long = [line for line in text[:text.index("Examples:")].splitlines() if len(line) > 80]
        check(not long, f"lines over 80 columns: {long}")


def test_version_names_all_libraries():
    lines = works(["--version"]).stdout.splitlines()
    check([line.split()[0] for line in lines] == ["zonefold", "GDAL", "GEOS", "PROJ", "SQLite", "SpatiaLite"], f"libraries: {lines}")
    for line in lines:
        check(re.fullmatch(r"\w+ \d+\.\d+\S*.*", line), f"a version: {line}")


def test_help_tells_every_option():
    for kind, options in names().items():
        if kind.startswith("option:"):
            text = works(["help", kind.split(":")[1]]).stdout
            for option in options:
                check(re.search(rf"^  (-\w, |    ){option}( |$)", text, re.M), f"{option} in the help of {kind}")


def test_manual_tells_every_command_and_option():
    text = plain_manual()
    for command in names()["command"]:
        check(f"zonefold {command}" in text, f"{command} in the manual")
    for kind in ("option:run", "option:inspect"):
        for option in names()[kind]:
            check(re.search(rf"^(-\w, )?{option}( |$)", text, re.M), f"{option} in the manual")


def test_manual_defines_every_statistic_measure_and_analysis():
    text = plain_manual()
    headings = "\n".join(re.findall(r"^\.TP\n(.*)$", text, re.M))
    known = names()
    for name in known["statistic:number"] + known["statistic:text"] + known["measure"] + known["analysis"]:
        check(re.search(rf"(^|[ \"]){name}($|[ \"])", headings, re.M), f"{name} is defined in the manual")
    for kind, parameters in known.items():
        for name in parameters if kind.startswith("parameter:") else []:
            check(re.search(rf"^{name} ", headings.replace(".BI ", ""), re.M), f"{name} of {kind} is defined in the manual")
            check(re.search(rf"{kind.split(':')[1]}[:\w=,]*[:,]{name}", "".join(works(["help", "run"]).stdout.split())), f"{name} in the help")
    for kind, whose in (("text", "texts take"), ("date", "dates and times take")):
        taken = re.search(rf"{whose}\n(.*)[;.]\n", text).group(1)
        check(re.findall(r"\w+", taken)[1:] == known[f"statistic:{kind}"], f"the manual lists what {whose}: {taken}")


def test_manual_has_every_section():
    text = manual()
    for section in ("NAME", "SYNOPSIS", "DESCRIPTION", "COMMANDS", "OPTIONS", "MEASURES", "STATISTICS", "ANALYSES", "RESULT FILE",
                    "EXPRESSIONS", "EXIT STATUS", "MEMORY", "FILES", "EXAMPLES", "SEE ALSO"):
        check(f"\n.SH {section}\n" in text, f"section {section}")
    check(not re.search(r"@\w+@", text), "no placeholder is left")


def test_manual_is_clean_for_man():
    tools = (["mandoc", "-T", "lint", "-W", "warning"], ["groff", "-man", "-ww", "-z"], ["man", "--warnings", "-l", "-Tutf8"])
    for tool in tools:
        try:
            done = subprocess.run([*tool, os.environ["ZONEFOLD_MANUAL"]], capture_output=True, text=True)
        except FileNotFoundError:
            continue
        complaints = [line for line in (done.stderr + (done.stdout if tool[0] == "mandoc" else "")).splitlines()
                      if "missing date" not in line]
        check(not complaints, f"{tool[0]}: {complaints}")
        return
    skip("neither mandoc nor groff nor man is here")


def complete(*words):
    """What bash offers for the last word."""
    script = ('source "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _zonefold; printf "%s\\n" "${COMPREPLY[@]}"')
    done = subprocess.run(["bash", "-c", script, "bash", os.environ["ZONEFOLD_COMPLETION"], "zonefold", *words],
                          capture_output=True, text=True, check=True)
    check(done.stderr == "", f"completion complains: {done.stderr}")
    return [line for line in done.stdout.splitlines() if line]


def test_completion_offers_commands_and_every_option():
    known = names()
    check(set(known["command"]) <= set(complete("")), "commands")
    check(complete("ins") == ["inspect"], "one command")
    check(set(complete("help", "")) == set(known["command"]), "help takes a command")
    for command in known["command"]:
        check(set(known[f"option:{command}"]) <= set(complete(command, "-")), f"options of {command}")
    check(complete("run", "--zips-") == ["--zips-layer", "--zips-crs"], "options by their beginning")


def test_completion_offers_choices_and_files():
    check(complete("run", "--assign", "c") == ["covered-by", "centroid"], "choices")
    check(complete("run", "--assign", "=", "c") == ["covered-by", "centroid"], "choices behind the sign")
    check(complete("run", "--assign", "=") == ["within", "covered-by", "intersects", "centroid", "inner-point", "largest", "share"], "all choices")
    check(set(complete("run", "--analysis", "")) == set(names()["analysis"]) | {"none"}, "analyses")
    known = names()
    for analysis in known["analysis"]:
        expected = set(known.get(f"parameter:{analysis}", []))
        for words in ((analysis, ":"), (analysis, ":", "")):
            offered = complete("run", "--analysis", *words)
            check({word[:word.index("=") + 1] for word in offered} == expected, f"parameters of {analysis}: {offered}")
    check(complete("run", "--analysis", "histogram", ":", "f") == ["field="], "parameters by their beginning")
    here = os.path.abspath(__file__)
    check(complete("run", "--zips", here[:-1]) == [here], "files of an option")
    check(complete("run", "-o", here[:-1]) == [here], "files of a short option")
    check(complete("inspect", here[:-1]) == [here], "files of inspect")
    check(complete("run", "--where", "") == [], "nothing for an expression")


def test_unwritable_stdout_is_an_output_error():
    with open("/dev/full", "w", encoding="utf-8") as full:
        for arguments in (["help"], ["--version"], ["run", "--help"]):
            done = subprocess.run([os.environ["ZONEFOLD_PROGRAM"], *arguments], stdout=full, stderr=subprocess.PIPE, text=True)
            check(done.returncode == 4 and "standard output" in done.stderr, f"{arguments}: {done}")


def test_closed_stdout_is_an_output_error():
    done = subprocess.run(["sh", "-c", '"$0" help >&-', os.environ["ZONEFOLD_PROGRAM"]], capture_output=True, text=True)
    check(done.returncode == 4 and "standard output" in done.stderr, f"{done}")


main(globals())
