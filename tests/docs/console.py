# SPDX-License-Identifier: MIT
"""console.py PAGE... - runs the commands of the pages' console blocks and compares their output.

Works in the current folder, where a page's named template and data blocks are written first, each
when its turn comes. Ends with "N passed, M failed".
"""
import re
import subprocess
import sys

FENCE = re.compile(r"^```(\w+)(?: +([\w./-]+))?[^\n]*\n(.*?)^```$", re.S | re.M)


def fits(got, wanted):
    start, cut, _ = wanted.partition("…\n")
    return got.startswith(start.rstrip(" ")) if cut else got == wanted


def run_block(page, text):
    passed = failed = 0
    for example in re.split(r"^\$ ", text, flags=re.M)[1:]:
        command, _, wanted = example.partition("\n")
        done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, timeout=60)
        got = done.stdout + done.stderr
        if fits(got, wanted):
            passed += 1
        else:
            failed += 1
            print("%s: $ %s\nwanted: %s\ngot: %s" % (page, command, wanted, got))
    return passed, failed


def write_file(name, text):
    folder = name.rpartition("/")[0]
    if folder:
        subprocess.run(["mkdir", "-p", folder], check=True)
    with open(name, "w", encoding="utf-8") as file:
        file.write(text)


def main():
    passed = failed = 0
    for page in sys.argv[1:]:
        with open(page, encoding="utf-8") as file:
            text = file.read()
        if "```console" not in text:
            continue
        for word, name, body in FENCE.findall(text):
            if word == "console":
                more = run_block(page, body)
                passed, failed = passed + more[0], failed + more[1]
            elif word in ("kida", "json", "html", "c", "sql") and "." in name:
                write_file(name, body)
    print("%d passed, %d failed" % (passed, failed))
    return failed > 0


if __name__ == "__main__":
    sys.exit(main())
