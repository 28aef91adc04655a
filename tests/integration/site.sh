#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# site.sh BUILD - renders the site of the documentation and looks whether it hangs together.
set -uo pipefail
build=$(realpath "${1:?folder of a build}")
source=$(realpath "$(dirname "$0")/../..")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export KIDA=$build/bin/kida
echo '{{ "a" | markdown }}' >"$work/has.html"
if ! "$KIDA" render "$work/has.html" --module markdown >/dev/null 2>"$work/log"; then
    echo "the kida command was built without Markdown: $(head -n 1 "$work/log")"
    exit 0
fi
"$source/scripts/make-site" "$work/site" || exit 1
python3 "$source/tests/docs/site.py" "$work/site"
