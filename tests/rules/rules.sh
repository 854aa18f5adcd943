# SPDX-License-Identifier: GPL-3.0-or-later
# What the rule scripts share; they source it. A rule is a shell function that is given the top of a source tree and
# prints one line a violation, "file: what". `rule` runs it on the real tree; `planted` runs it on a copy in which a
# violation was planted, so that a rule that cannot fail is noticed.
set -u
LC_ALL=C
export LC_ALL
: "${srcdir:=$(cd "$(dirname "$0")/../.." && pwd)}"
top=$(cd "$srcdir" && pwd)
scratch=$(mktemp -d "${TMPDIR:-/tmp}/testudo-rules.XXXXXX") || exit 99
trap 'rm -rf "$scratch"' EXIT
trap 'exit 99' HUP INT TERM
passed=0
failed=0
skipped=0

say_passed() {
  passed=$((passed + 1))
  echo "ok      $1"
}

say_failed() {
  failed=$((failed + 1))
  echo "FAILED  $1"
}

# say_skipped WHAT: its tools are not here.
say_skipped() {
  skipped=$((skipped + 1))
  echo "skipped $1"
}

finish() {
  if [ "$skipped" -gt 0 ]; then
    echo "$passed passed, $failed failed, $skipped skipped"
  else
    echo "$passed passed, $failed failed"
  fi
  [ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
  exit
}

# rule NAME FUNCTION: the real tree has no violation.
rule() {
  "$2" "$top" >"$scratch/found"
  if [ -s "$scratch/found" ]; then
    say_failed "$1:"
    sed 's/^/        /' "$scratch/found"
  else
    say_passed "$1"
  fi
}

# The copy that violations are planted in: sources and documents, no build products.
copy_tree() {
  [ -d "$scratch/tree" ] && return
  mkdir "$scratch/tree"
  sources "$top" >"$scratch/files"
  (cd "$top" && tar -cf - -T "$scratch/files") | (cd "$scratch/tree" && tar -xf -)
  chmod -R u+w "$scratch/tree"
}

# planted NAME FUNCTION FILE TEXT [PLACE]: with TEXT appended to FILE (made when it is not there), FUNCTION must speak
# of FILE, or of PLACE.
planted() {
  copy_tree
  mkdir -p "$(dirname "$scratch/tree/$3")"
  [ -f "$scratch/tree/$3" ] && cp "$scratch/tree/$3" "$scratch/kept"
  printf '%b' "$4" >>"$scratch/tree/$3"
  expect_found "$1" "$2" "${5:-$3}"
  if [ -f "$scratch/kept" ]; then
    mv "$scratch/kept" "$scratch/tree/$3"
  else
    rm -f "$scratch/tree/$3"
  fi
}

# edited NAME FUNCTION FILE SED [PLACE]: the same with a sed script, which must change FILE.
edited() {
  copy_tree
  cp "$scratch/tree/$3" "$scratch/kept"
  sed "$4" "$scratch/kept" >"$scratch/tree/$3"
  if cmp -s "$scratch/kept" "$scratch/tree/$3"; then
    say_failed "notices $1: the edit changed nothing"
  else
    expect_found "$1" "$2" "${5:-$3}"
  fi
  mv "$scratch/kept" "$scratch/tree/$3"
}

expect_found() {
  "$2" "$scratch/tree" >"$scratch/found"
  if grep -qF -- "$3" "$scratch/found"; then
    say_passed "notices $1"
  else
    say_failed "notices $1: nothing said of $3"
  fi
}

# The files of a tree that a person wrote, relative to its top; git is not asked, a tarball has none.
sources() {
  (cd "$1" && find configure.ac Makefile.am quickstart README.md HACKING.md CHANGELOG.md CONTRIBUTING.md SECURITY.md \
    .ci lib include tools tests docs designs python debian/rules debian/Makefile.inc \
    -type d \( -name .deps -o -name .libs \) -prune -o -type f \( \
    -name '*.[ch]' -o -name '*.inc' -o -name '*.ac' -o -name '*.am' -o -name '*.in' -o -name '*.sh' -o -name '*.py' -o \
    -name '*.md' -o -name '*.sed' -o -name '*.supp' -o -name '*.awk' -o -perm -100 \) \
    -print 2>/dev/null | awk -v other="$scratch/executable" '
    BEGIN { printf "" >other }
    /\.(log|trs|o|lo|la)$|\/Makefile\.in$/ { next }
    /\.([ch]|inc|ac|am|in|sh|py|md|sed|supp|awk)$/ { print; next }
    { print >other }' && scripts <"$scratch/executable") | sort
}

# Of the names on standard input those of scripts: anything else that may be executed is ours when it is one; libtool's
# and compiled programs are not.
scripts() {
  xargs awk '
    function said() { if (script) print name }
    FNR == 1 { said(); name = FILENAME; script = /^#!/ }
    FNR > 1 && /libtool/ { script = 0 }
    FNR == 5 || !script { nextfile }
    END { said() }' /dev/null
}

# C text under the folders FOLDER|FOLDER..; a text that is included several times is called .inc.
c_files() {
  sources "$1" | grep -E "^($2)/.*\.([ch]|inc)\$" | grep -v '/Makefile\.inc$'
}

# For awk: bare(line), a line of C without comments and the insides of strings, or with these when `keep` is set. It
# remembers in `comment` that a comment goes on; set that to 0 where a file begins.
bare_function='
  function bare(line,    out, mark, inside) {
    out = ""
    while (line != "") {
      if (comment) {
        at = index(line, "*/")
        if (at == 0) return out
        line = substr(line, at + 2); comment = 0; out = out " "
      } else if (match(line, /\/\*|\/\/|"|\047/)) {
        mark = substr(line, RSTART, RLENGTH)
        out = out substr(line, 1, RSTART - 1)
        line = substr(line, RSTART + RLENGTH)
        if (mark == "/*") comment = 1
        else if (mark == "//") line = ""
        else {
          inside = line
          while (line != "" && substr(line, 1, 1) != mark)
            line = substr(line, substr(line, 1, 1) == "\\" ? 3 : 2)
          inside = substr(inside, 1, length(inside) - length(line))
          out = out mark (keep ? inside : "") mark
          line = substr(line, 2)
        }
      } else { out = out line; line = "" }
    }
    return out
  }'

# C text without comments and the insides of strings; line numbers stay.
bare_c() {
  awk "$bare_function"' { print bare($0) }' "$1"
}

# in_files TREE COMMAND..: COMMAND in TREE, with the names on standard input behind it. Rules read the whole tree, 2,000
# files, again for every planted violation: a process for each file would make them minutes long.
in_files() {
  cd_to=$1
  shift
  (cd "$cd_to" && xargs "$@" /dev/null)
}
