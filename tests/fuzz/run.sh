#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# run.sh TARGET SOURCE-TREE SECONDS: runs fuzz/TARGET of the build folder for so long on the corpus and on what it has
# found before, and puts how many inputs it has tried into fuzz/executions: a line "TARGET EXECUTIONS SECONDS" per run.
# run.sh --count: adds these up.
set -u
record=fuzz/executions

if [ "${1:-}" = --count ]; then
  [ -f "$record" ] || { echo "run.sh: no target has run in this build folder" >&2; exit 1; }
  awk '
    { if (!($1 in runs)) name[++names] = $1; runs[$1] += $2; all += $2; seconds[$1] += $3 }
    END {
      for (k = 1; k <= names; k++)
        printf "%d executions of target %s in %d s\n", runs[name[k]], name[k], seconds[name[k]]
      printf "%d executions in all\n", all
    }' "$record"
  exit
fi

target=$1
folder=$2/tests/fuzz
seconds=$3
log=fuzz/$target.log
mkdir -p "fuzz/$target.found"
words=
[ ! -f "$folder/$target.dict" ] || words=-dict=$folder/$target.dict
began=$(date +%s)
# shellcheck disable=SC2086  # no word where there is no dictionary
"fuzz/$target" -max_total_time="$seconds" -max_len=4096 -timeout=10 -rss_limit_mb=1024 -print_final_stats=1 \
  -verbosity=0 -artifact_prefix="fuzz/$target." $words "fuzz/$target.found" "$folder/corpus/$target" >"$log" 2>&1
code=$?
executions=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")
[ "$code" -eq 0 ] || cat "$log" >&2
if [ -z "$executions" ]; then
  echo "run.sh: target $target does not say how many inputs it has tried" >&2
  exit 1
fi
echo "$target $executions $(($(date +%s) - began))" >>"$record"
echo "$executions executions of target $target in $(($(date +%s) - began)) s"
exit "$code"
