/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A good design as text, changed here and there, and signed with a right checksum (own arithmetic). */
#ifndef TESTUDO_TESTS_RUNTIME_SEAL_H
#define TESTUDO_TESTS_RUNTIME_SEAL_H

#include "check.h"

#define GOOD_DESIGN                                                                                                   \
  "{\"format\":\"testudo-design\",\"version\":1,\"name\":\"square\",\"scheme\":\"partial\",\"chunks\":4,"             \
  "\"workers\":4,\"parts\":2,\"order\":[[0,1,2],[1,2,3],[2,3,0],[3,0,1]],\"code\":{\"kind\":\"partial\","             \
  "\"matrix\":[[1.5,-0.25,0.5,2],[0.125,1.0,-1.5,0.75]]},\"provenance\":{\"tool\":\"hand\"},\"claims\":[],"           \
  "\"note\":[1,2.5]"

#define UNCODED_DESIGN                                                                                                \
  "{\"format\":\"testudo-design\",\"version\":1,\"scheme\":\"uncoded\",\"chunks\":3,\"workers\":2,\"parts\":1,"       \
  "\"order\":[[2,0],[1]],\"code\":{\"kind\":\"uncoded\"}"

#define WAITING_DESIGN                                                                                                \
  "{\"format\":\"testudo-design\",\"version\":1,\"scheme\":\"ignore-stragglers\",\"chunks\":3,\"workers\":3,"         \
  "\"parts\":1,\"order\":[[2],[0],[1]],\"code\":{\"kind\":\"uncoded\",\"wait\":2}"

#define NESTED_DESIGN                                                                                                 \
  "{\"format\":\"testudo-design\",\"version\":1,\"scheme\":\"nested\",\"chunks\":3,\"workers\":3,\"parts\":1,"        \
  "\"order\":[[0,1],[1,2],[2,0]],\"code\":{\"kind\":\"nested\",\"tolerances\":[0,1],"                                 \
  "\"matrices\":[[[1],[1],[1]],[[1,0.25],[1,0.75],[1,-3]]]}"

#define BLOCK_DESIGN                                                                                                  \
  "{\"format\":\"testudo-design\",\"version\":1,\"scheme\":\"block\",\"chunks\":3,\"workers\":3,\"parts\":1,"         \
  "\"order\":[[0,1],[1,2],[2,0]],\"code\":{\"kind\":\"block\",\"dim\":10,\"tolerances\":[0,1],\"sizes\":[3,7],"        \
  "\"matrices\":[[[1],[1],[1]],[[1,0.25],[1,0.75],[1,-3]]]}"

static inline uint64_t fnv_of(const char *bytes, size_t length)
{
  uint64_t hash = 14695981039346656037u;
  for (size_t k = 0; k < length; k++) {
    hash ^= (unsigned char)bytes[k];
    hash *= 1099511628211u;
  }
  return hash;
}

/* text, signed; malloc'd. */
static inline char *sealed(const char *text)
{
  size_t room = strlen(text) + 64;
  char *made = malloc(room);
  assert_non_null(made);
  snprintf(made, room, "%s,\"checksum\":\"%016llx\"}", text, (unsigned long long)fnv_of(text, strlen(text)));
  return made;
}

/* text with its one occurrence of `from` replaced; malloc'd. */
static inline char *replaced(const char *text, const char *from, const char *to)
{
  const char *at = strstr(text, from);
  if (at == NULL || strstr(at + 1, from) != NULL)
    fail_msg("'%s' does not stand exactly once in the design", from);
  size_t room = strlen(text) + strlen(to) + 1;
  char *made = malloc(room);
  assert_non_null(made);
  snprintf(made, room, "%.*s%s%s", (int)(at - text), text, to, at + strlen(from));
  return made;
}

#endif
