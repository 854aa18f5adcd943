/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What every fuzz target defines: libFuzzer calls it, and so does replay.c in plain `make check`. */
#ifndef TESTUDO_TESTS_FUZZ_H
#define TESTUDO_TESTS_FUZZ_H

#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#endif
