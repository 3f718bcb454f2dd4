# SPDX-License-Identifier: MIT
"""What the program's tables hold, and the pages of its manual."""
import glob
import os
import re
import subprocess


def names():
    """kind -> names, as the program's own tables say."""
    listed = subprocess.run([os.environ["ZONEFOLD_DOCS"], "names"], capture_output=True, text=True, check=True).stdout
    found = {}
    for line in listed.splitlines():
        kind, name = line.split(" ")
        found.setdefault(kind, []).append(name)
    return found


def paths():
    """name of a page -> its file."""
    return {os.path.basename(path)[:-len(".1")]: path for path in glob.glob(os.path.join(os.environ["ZONEFOLD_MANUAL"], "*.1"))}


def page(name):
    with open(paths()[name], encoding="utf-8") as file:
        return file.read()


def plain(text):
    """Font requests and escapes taken out: what is left is what people read, a line for a line."""
    text = re.sub(r"\\f[BIR]", "", text)
    lines = []
    for line in text.splitlines():
        mixed = re.match(r"\.(B|I|BR|RB|BI|IB|IR|RI) (.*)", line)
        if mixed:
            words = re.findall(r'"[^"]*"|\S+', mixed[2].replace("\\ ", "\0"))
            line = ("" if len(mixed[1]) == 2 else " ").join(word.strip('"') for word in words).replace("\0", " ")
        lines.append(line.replace("\\-", "-").replace("\\(aq", "'").replace("\\(dq", '"').replace("\\e", "\\"))
    return "\n".join(lines)


def section(text, title, kind="SH"):
    """What stands below a heading, up to the next of its kind."""
    found = re.search(rf"^\.{kind} {re.escape(title)}\n(.*?)(?=^\.{kind} |^\.SH |\Z)", text, re.M | re.S)
    return found[1] if found else None


def definitions(text):
    """[(heading, words)] of the .TP paragraphs of plain text, up to where the next paragraph or heading begins."""
    return [(heading, " ".join(body.split())) for heading, body in
            re.findall(r"^\.TP\n([^\n]*)\n(.*?)(?=^\.(?:TP|PP|SS|SH|RS|RE)\b|\Z)", text, re.M | re.S)]
