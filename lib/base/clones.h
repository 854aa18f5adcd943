/* SPDX-License-Identifier: BSD-3-Clause */
/* Loops that are worth two compilations, the better one chosen when the program starts. Include it before the loops:
   it also asks gcc to vectorise them. Elsewhere (clang, other machines, C libraries without the chooser, sanitizers,
   under which gcc's chooser crashes) the plain compilation serves, with the same results. */
#ifndef TESTUDO_BASE_CLONES_H
#define TESTUDO_BASE_CLONES_H

#include "base/inlined.h"

#include <stdint.h> /* for __GLIBC__: any header of the C library brings it */

#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC optimize("O3")
#endif

#if defined(__GNUC__) && !defined(__clang__) && defined(__x86_64__) && defined(__GLIBC__) && \
    !defined(__SANITIZE_THREAD__) && !defined(__SANITIZE_ADDRESS__)
#define TESTUDO_I_CLONES __attribute__((target_clones("avx2", "default")))
#else
#define TESTUDO_I_CLONES
#endif

#endif
