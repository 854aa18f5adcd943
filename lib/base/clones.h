/* SPDX-License-Identifier: BSD-3-Clause */
/* Loops that are worth three compilations, the best one for the machine chosen when the program starts; none of them
   fuses multiplications with additions, so that all give the same bits. Include it before the loops: it also asks gcc
   to vectorise them. Elsewhere (clang, other machines, C libraries without the chooser, sanitizers, under which gcc's
   chooser crashes) the plain compilation serves, with the same results. */
#ifndef TESTUDO_BASE_CLONES_H
#define TESTUDO_BASE_CLONES_H

#include "base/inlined.h"

#include <stdint.h> /* for __GLIBC__: any header of the C library brings it */

#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC optimize("O3")
#endif

#if defined(__GNUC__) && !defined(__clang__) && defined(__x86_64__) && defined(__GLIBC__) && \
    !defined(__SANITIZE_THREAD__) && !defined(__SANITIZE_ADDRESS__)
#if __GNUC__ >= 12
#define TESTUDO_I_CLONES __attribute__((target_clones("arch=x86-64-v4", "avx2", "default")))
#else
#define TESTUDO_I_CLONES __attribute__((target_clones("avx2", "default")))
#endif
#else
#define TESTUDO_I_CLONES
#endif

#endif
