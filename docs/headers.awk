# SPDX-License-Identifier: GPL-3.0-or-later
# The API reference, from the comments of the public headers: a chapter per header.
# usage: awk -v form=man|markdown -v folder=OUT -v version=1.2.3 -f docs/headers.awk include/testudo/*.h
# form=man: OUT/testudo_NAME.3 per header, and a page of one line per function that leads to it; markdown: OUT/NAME.md,
# and OUT/README.md with the list.
# What it reads: the first comment after the licence is the description of the header; /* ---- TEXT ---- */ begins a
# section; a comment that begins in the first column speaks of the declarations that follow it up to a blank line.
# In a comment, a line that is indented further than its paragraph is code.

FNR == 1 { finish_header(); begin_header() }
/^#if/ && !/^#ifndef/ { skipped = 1 }
skipped || /^#(ifndef|include|endif)/ || /^#define [A-Z_]*_H$/ { if (/^#endif/) skipped = 0; next }
!commented && !depth && /^\/\*/ { finish_block(); commented = 1 }
commented { take_comment($0); next }
/^$/ && !depth { finish_block(); next }
{
  code = code $0 "\n"
  line = bare($0)
  depth += gsub(/[{]/, "", line) - gsub(/[}]/, "", line)
}
END {
  finish_header()
  if (form == "markdown") {
    file = folder "/README.md"
    put(made("include/testudo") "# The C API\n\nA chapter per public header. `#include <testudo/testudo.h>`" \
        " includes all of them.\n\n## Runtime: link `-ltestudo-runtime` (BSD-3-Clause)\n\n" list["runtime"] \
        "\n## Toolkit: link `-ltestudo` (GPL-3.0-or-later), which holds the runtime too\n\n" list["toolkit"])
    close(file)
  }
}

# ---- reading ----

function begin_header() {
  name = FILENAME
  sub(/.*\//, "", name)
  sub(/\.h$/, "", name)
  blocks = skipped = commented = depth = described = 0
  code = text = description = ""
}

function take_comment(line,    ends) {
  ends = sub(/ *\*\/$/, "", line)
  sub(/^(\/\* ?|   )/, "", line)
  text = text line "\n"
  commented = !ends
  if (!ends) return
  if (text ~ /^SPDX/) library = text ~ /BSD/ ? "runtime" : "toolkit"
  else if (!described) { description = text; described = 1 }
  else if (text ~ /^---- /) {
    gsub(/^---- | ----\n$/, "", text)
    section[++blocks] = text
    words[blocks] = codes[blocks] = ""
  } else return
  text = ""
}

function finish_block() {
  if (text code == "") return
  section[++blocks] = ""
  words[blocks] = text
  codes[blocks] = code
  text = code = ""
}

# A line of C without its comments; one that goes on in the next line is remembered.
function bare(line) {
  if (inside && !sub(/^.*\*\//, "", line)) return ""
  while (match(line, /\/\*[^*]*\*\//)) line = substr(line, 1, RSTART - 1) substr(line, RSTART + RLENGTH)
  inside = sub(/\/\*.*$/, "", line)
  sub(/ +$/, "", line)
  return line
}

# The functions that a piece of C declares, a blank between.
function functions(code,    lines, count, k, found, line) {
  count = split(code, lines, "\n")
  for (k = 1; k <= count; k++) {
    line = bare(lines[k])
    if (line ~ /^[A-Za-z]/ && match(line, /testudo_[a-z0-9_]+\(/))
      found = found (found == "" ? "" : " ") substr(line, RSTART, RLENGTH - 1)
  }
  return found
}

# What it declares first: a function, a type or a constant.
function subject(code,    word) {
  split(functions(code), word, " ")
  if (word[1] == "") split(code, word, /[^A-Za-z0-9_]+/)
  return word[1] == "typedef" ? word[3] : word[1] == "" ? word[3] : word[1]
}

# Users need not see that the compiler checks.
function plain(code,    lines, count, k, narrower, all) {
  count = split(code, lines, "\n")
  for (k = 1; k < count; k++) {
    if (sub(/^TESTUDO_CHECKED /, "", lines[k])) narrower = 1
    else if (narrower && lines[k] ~ /^ /) sub(/^                /, "", lines[k])
    else narrower = 0
    all = all lines[k] "\n"
  }
  return all
}

function first_sentence(text) {
  gsub(/\n/, " ", text)
  return match(text, /\. /) ? substr(text, 1, RSTART) : substr(text, 1, length(text) - 1)
}

# ---- writing ----

function put(text) { printf "%s", text >file }

function finish_header() {
  finish_block()
  if (name == "") return
  if (form == "man") write_page(); else write_chapter()
}

# Prose and code of a comment: calls paragraph() and example() of the form.
function put_words(text,    lines, count, k, prose, sample) {
  count = split(text "\n", lines, "\n")
  for (k = 1; k <= count; k++) {
    if (lines[k] ~ /^    / || sample != "" && lines[k] == "" && lines[k + 1] ~ /^    /) {
      if (prose != "") paragraph(prose)
      prose = ""
      sample = sample substr(lines[k], 5) "\n"
      continue
    }
    if (sample != "") example(sample)
    sample = ""
    if (lines[k] == "" && prose != "") { paragraph(prose); prose = "" }
    else prose = prose (prose == "" ? "" : " ") lines[k]
  }
}

function paragraph(text) {
  if (form == "man") { paragraph_break(); put(filled(text)) } else put("\n" marked(text) "\n")
}

function example(text) {
  if (form == "man") { paragraph_break(); put(".nf\n" literal(text) ".fi\n") } else put("\n```c\n" text "```\n")
}

# ---- Markdown ----

function made(from) {
  return "<!-- SPDX-License-Identifier: GPL-3.0-or-later -->\n<!-- Made by `make api` from " from "; do not edit. -->\n"
}

# Names as code, documents as links; what Markdown would read as a mark is escaped.
function marked(text,    out, word) {
  while (match(text, /`[^`]*`|(testudo|TESTUDO)_[A-Za-z0-9_]*|docs\/[a-z\/-]*\.md(#[A-Za-z0-9_-]*)?/)) {
    word = substr(text, RSTART, RLENGTH)
    out = out escaped(substr(text, 1, RSTART - 1))
    text = substr(text, RSTART + RLENGTH)
    out = out (word ~ /^`/ ? word : word ~ /^docs/ ? "[" word "](.." substr(word, 5) ")" : "`" word "`")
  }
  return out escaped(text)
}

function escaped(text) {
  gsub(/[\\*<~]/, "\\\\&", text)
  return text
}

function write_chapter(    k) {
  file = folder "/" name ".md"
  list[library] = list[library] "- [testudo/" name ".h](" name ".md): " marked(first_sentence(description)) "\n"
  put(made("include/testudo/" name ".h") "# testudo/" name ".h\n")
  put_words(description)
  for (k = 1; k <= blocks; k++) {
    if (section[k] != "") { put("\n## " marked(section[k]) "\n"); continue }
    if (codes[k] != "") put("\n### " subject(codes[k]) "\n\n```c\n" plain(codes[k]) "```\n")
    put_words(words[k])
  }
  close(file)
}

# ---- manual pages ----

function literal(text) {
  gsub(/\\/, "\\e", text)
  gsub(/-/, "\\-", text)
  gsub(/\^/, "\\(ha", text)
  gsub(/~/, "\\(ti", text)
  gsub(/'/, "\\(aq", text)
  gsub(/\n\./, "\n\\\\\\&.", text)
  sub(/^\./, "\\\\\\&.", text)
  return text
}

# Not where a section or an indented part has just begun.
function paragraph_break() {
  if (!fresh) put(".PP\n")
  fresh = 0
}

# Words in lines of at most 78 characters, a sentence on a line of its own.
function filled(text,    word, count, k, line, out, next_word) {
  count = split(text, word, " ")
  for (k = 1; k <= count; k++) {
    next_word = literal(word[k])
    if (match(word[k], /(testudo|TESTUDO)_[A-Za-z0-9_]*/))
      next_word = literal(substr(word[k], 1, RSTART - 1)) "\\fB" substr(word[k], RSTART, RLENGTH) "\\fR" \
                  literal(substr(word[k], RSTART + RLENGTH))
    if (line != "" && (length(line next_word) > 77 || word[k - 1] ~ /\.$/ && word[k] ~ /^[A-Z]/)) {
      out = out line "\n"
      line = ""
    }
    line = line (line == "" ? "" : " ") next_word
  }
  return out line "\n"
}

# Prototypes as SYNOPSIS shows them: no comments, lines of at most 78 characters.
function prototypes(code,    lines, count, k, whole, out, piece, part, parts) {
  count = split(plain(code), lines, "\n")
  for (k = 1; k <= count; k++) {
    if (lines[k] !~ /^#/) whole = whole " " bare(lines[k])
    if (whole !~ /; *$/) continue
    gsub(/ +/, " ", whole)
    parts = split(substr(whole, 2), part, ", ")
    whole = ""
    piece = ""
    for (j = 1; j <= parts; j++) {
      if (piece != "" && length(piece part[j]) > 74) { out = out piece "\n"; piece = "   " }
      piece = piece (piece == "" ? "" : " ") part[j] (j < parts ? "," : "")
    }
    out = out piece "\n"
  }
  return out
}

function write_links(names, page,    word, count, k, link) {
  count = split(names, word, " ")
  for (k = 1; k <= count; k++)
    if (word[k] != page) {
      link = folder "/" word[k] ".3"
      print ".so man3/" page ".3" >link
      close(link)
    }
}

function write_page(    k, page, names, title) {
  page = name == "testudo" ? "testudo" : "testudo_" name
  file = folder "/" page ".3"
  title = first_sentence(description)
  sub(/\.$/, "", title)
  put(".\\\" SPDX-License-Identifier: GPL-3.0-or-later\n")
  put(".TH " toupper(page) " 3 \"\" \"testudo " version "\" \"Library Functions\"\n")
  put(".SH NAME\n" page " \\-\n" filled(title) ".SH LIBRARY\n")
  put(library == "runtime" ? "testudo\\-runtime (\\-ltestudo\\-runtime), or testudo (\\-ltestudo)\n" \
                           : "testudo (\\-ltestudo)\n")
  put(".SH SYNOPSIS\n.nf\n.B #include <testudo/" name ".h>\n")
  for (k = 1; k <= blocks; k++)
    if (functions(codes[k]) != "") put(".PP\n" literal(prototypes(codes[k])))
  put(".fi\n.SH DESCRIPTION\n")
  fresh = 1
  put_words(description)
  for (k = 1; k <= blocks; k++) {
    if (section[k] != "") { put(".SS " literal(section[k]) "\n"); fresh = 1; continue }
    names = functions(codes[k])
    write_links(names, page)
    if (words[k] == "" && (codes[k] !~ /[{*]/ || names != "" && codes[k] !~ /\/\*|#/)) continue
    paragraph_break()
    if (names != "" && codes[k] !~ /\/\*|#/) {
      gsub(/ /, "(), ", names)
      put(".B " names "()\n")
    } else if (codes[k] != "")
      put(".nf\n" literal(plain(codes[k])) ".fi\n")
    if (words[k] == "") continue
    put(".RS 4\n")
    fresh = 1
    put_words(words[k])
    put(".RE\n")
  }
  put(".SH SEE ALSO\n")
  for (k = 1; k < ARGC; k++)
    if (page == "testudo" && match(ARGV[k], /[a-z_]*\.h$/) && substr(ARGV[k], RSTART) != "testudo.h")
      put(".BR testudo_" substr(ARGV[k], RSTART, RLENGTH - 2) " (3),\n")
  put(page == "testudo" ? ".BR testudo (1)\n" : ".BR testudo (3)\n")
  close(file)
}
