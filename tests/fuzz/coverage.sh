#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# coverage.sh SOURCE-TREE [FOUND-CORPUS]: share of the design reader's lines that the fuzz corpus runs, file by file;
# fails under 85 % in all. Made with gcc and gcov in a folder of its own.
set -eu
tree=$(cd "$1" && pwd)
found=${2:-}
[ -n "$found" ] && [ -d "$found" ] && found=$(cd "$found" && pwd) || found=
least=85
reader='json/cut json/read json/rows json/want runtime/read runtime/read_parts runtime/seal runtime/design_check
  runtime/scheme/read_rows runtime/scheme/family'
rest=
for file in "$tree"/lib/base/*.c "$tree"/lib/json/*.c "$tree"/lib/linalg/*.c "$tree"/lib/runtime/*.c \
  "$tree"/lib/runtime/*/*.c; do
  name=${file#"$tree"/lib/}
  name=${name%.c}
  case " $(echo $reader) " in *" $name "*) ;; *) rest="$rest $name" ;; esac
done
scratch=$(mktemp -d "${TMPDIR:-/tmp}/testudo-coverage.XXXXXX")
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"

libraries=$(pkg-config --cflags --libs jansson)
flags="-std=gnu11 -g -O0 -DFUZZING_BUILD_MODE_UNSAFE_FOR_PRODUCTION -I$tree/include -I$tree/lib"
objects=
for name in $reader $rest; do
  object=$(echo "$name" | tr / -)
  # shellcheck disable=SC2086  # several words
  ${CC:-gcc} $flags --coverage $libraries -c -o "$object.o" "$tree/lib/$name.c"
  objects="$objects $object.o"
done
# shellcheck disable=SC2086
${CC:-gcc} $flags --coverage -o replay "$tree/tests/fuzz/fuzz_design.c" "$tree/tests/fuzz/replay.c" $objects \
  $libraries -lm
./replay "$tree/tests/fuzz/corpus/design" $found

for name in $reader; do
  gcov -n "$(echo "$name" | tr / -).o" 2>/dev/null |
    awk -v name="$name.c" '/^File/ { mine = index($0, "lib/" name) } mine && /^Lines executed/ {
      split($0, part, /[:% ]+/); printf "%s %s %s\n", name, part[3], part[5]; exit }'
done | awk -v least=$least '
  { lines += $3; run += $2 * $3 / 100; printf "%-28s %6.2f %% of %3d lines\n", $1, $2, $3 }
  END {
    if (lines == 0) { print "no line was counted"; exit 1 }
    printf "%-28s %6.2f %% of %3d lines (at least %d %% wanted)\n", "the design reader", 100 * run / lines, lines, least
    exit 100 * run / lines < least
  }'
