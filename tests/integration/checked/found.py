# SPDX-License-Identifier: MIT
# found.py - whether the report on standard input has the issue that the environment describes.
import json
import os
import sys

want = os.environ
for issue in json.load(sys.stdin)["issues"]:
    line = str(issue["line"] or 0)
    if (issue["severity"], issue["rule"], line) != (want["SEVERITY"], want["RULE"], want["LINE"]):
        continue
    if line != "0" and not issue["file"].endswith(want["FILE"]):
        continue
    if want["MESSAGE"] in issue["message"] and want["HINT"] in (issue["hint"] or ""):
        sys.exit(0)
sys.exit(1)
