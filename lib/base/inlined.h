/* SPDX-License-Identifier: BSD-3-Clause */
/* Functions that are compiled into each of their callers, with what is known there. */
#ifndef TESTUDO_BASE_INLINED_H
#define TESTUDO_BASE_INLINED_H

#if defined(__GNUC__)
#define TESTUDO_I_INLINED static inline __attribute__((always_inline))
#else
#define TESTUDO_I_INLINED static inline
#endif

#endif
