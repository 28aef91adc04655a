#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# values.sh BUILD - random expressions give what Python says (tests/conformance/random-cases.py).
set -uo pipefail
build=$(realpath "${1:?folder of a build}")
source=$(realpath "$(dirname "$0")/../..")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

for seed in 1 2 3; do
    "$source/tests/conformance/random-cases.py" "$seed" 1000 >"$work/random-$seed.jsonl" || exit 1
done
"$build/tests/conformance" --no-isolate "$work"
