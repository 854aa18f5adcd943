/* SPDX-License-Identifier: BSD-3-Clause */
/* What the streams of a codec that asks for prefixes need to know of it. */
#ifndef TESTUDO_RUNTIME_STREAM_PREFIX_H
#define TESTUDO_RUNTIME_STREAM_PREFIX_H

#include "runtime/codec.h"

extern const testudo_i_codec_class testudo_i_codec_of_prefixes;

static inline bool testudo_i_asks_prefixes(const testudo_codec *codec)
{
  return codec->class == &testudo_i_codec_of_prefixes;
}

/* Sums of the worker that keeps most. */
int32_t testudo_i_prefix_sums(const testudo_codec *codec);

/* Worker j stands in a mirrored pair: it may be asked for any prefix, and keeps its last so many chunks apart. 0: it
   goes round a circle. */
int32_t testudo_i_prefix_ahead(const testudo_codec *codec, int32_t worker);

/* Of a worker on a circle: where the sums of its chunks end, ascending, the last one at its load; answers how many.
   end: room for the load, or NULL. */
int32_t testudo_i_prefix_ends(const testudo_codec *codec, int32_t worker, int32_t *end);

#endif
