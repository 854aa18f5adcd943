/* SPDX-License-Identifier: BSD-3-Clause */
/* The design: who holds which chunks, in which order, and the code. Read from a design file (version 1) and never
   changed afterwards, so that any number of threads may share one.

   Notation (docs/theory/model.md#notation): N chunks, m workers, l parts; worker j processes order[j][0], order[j][1],
   ...; pos(i,j) is the place (counted from 1) of chunk i in it. Chunks, workers and places are 32-bit; the design is
   held in compressed rows. What is asked of NULL, or of a worker or chunk that there is not, is 0, "" or NULL. */
#ifndef TESTUDO_DESIGN_H
#define TESTUDO_DESIGN_H

#include <stddef.h>
#include <stdint.h>

#include <testudo/status.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct testudo_design testudo_design;

typedef enum testudo_scheme {
  TESTUDO_SCHEME_UNCODED,           /* every chunk's gradient from every worker that holds it; all must finish */
  TESTUDO_SCHEME_IGNORE_STRAGGLERS, /* K-of-n: the first `wait` workers */
  TESTUDO_SCHEME_GRADIENT_CODE,     /* classical GC(s) */
  TESTUDO_SCHEME_NESTED,            /* a gradient code for every tolerance of a set; a working model */
  TESTUDO_SCHEME_PARTIAL,           /* partial(l): every chunk processed by >= l workers */
  TESTUDO_SCHEME_BLOCK,             /* a gradient code of its own for every block of coordinates; a working model */
  TESTUDO_SCHEME_GRADIENT_CODE_PARTS /* GC(s) with parts: messages of 1/l of the gradient, s + l copies of a chunk */
} testudo_scheme;

/* What a worker's unfinished work is worth (docs/theory/model.md#completion-rules). */
typedef enum testudo_report {
  TESTUDO_REPORT_CHUNK, /* every finished chunk counts */
  TESTUDO_REPORT_WHOLE  /* only workers that finished all their chunks count */
} testudo_report;

/* What counts in a design where `asked` is what was asked for: schemes whose messages need all of a worker's chunks
   (gradient-code, gradient-code-parts, ignore-stragglers) have whole only, nested and block chunk only, uncoded and
   partial either. testudo_design_report is what they have where nothing is asked for: uncoded whole, partial chunk. */
testudo_report testudo_design_report(const testudo_design *design);
testudo_report testudo_design_report_for(const testudo_design *design, testudo_report asked);

/* Largest counts a design may have; a file beyond them is refused. */
#define TESTUDO_MAX_WORKERS 16777216
#define TESTUDO_MAX_CHUNKS 16777216
#define TESTUDO_MAX_PARTS 1024
#define TESTUDO_MAX_ENTRIES 268435456 /* of all orders together, the sum of the loads; and of R, parts times workers */
#define TESTUDO_MAX_FILE_BYTES ((size_t)2 << 30)

/* Reads and validates a design file ("-": standard input, as in every call that reads a file): syntax, types, ranges,
   indices, scheme rules, then the checksum. The sentence in *error names the place ("order[7][2]: chunk 20, but chunks
   are 0..19"). TESTUDO_ERROR_INPUT for anything wrong with the bytes. The caller frees *design. Cost: time and memory
   linear in the file. */
TESTUDO_CHECKED testudo_status testudo_design_read(const char *path, testudo_design **design, testudo_error *error);

/* The same from bytes in memory; `name` stands where a path would in error sentences. */
TESTUDO_CHECKED testudo_status testudo_design_parse(const char *bytes, size_t length, const char *name,
                                                    testudo_design **design, testudo_error *error);

void testudo_design_free(testudo_design *design); /* NULL is fine */

int32_t testudo_design_chunks(const testudo_design *design);  /* N >= 1 */
int32_t testudo_design_workers(const testudo_design *design); /* m >= 1 */
int32_t testudo_design_parts(const testudo_design *design);   /* l >= 1 */
testudo_scheme testudo_design_scheme(const testudo_design *design);
const char *testudo_scheme_name(testudo_scheme scheme);           /* "partial", .. */
const char *testudo_design_name(const testudo_design *design);    /* "" when the file has none */
uint64_t testudo_design_checksum(const testudo_design *design);   /* of the file it came from; of what would be
                                                                     written, once written; else 0 */

/* Worker j in 0..m-1: its load delta_j and its order (load entries, lent). */
int32_t testudo_design_load(const testudo_design *design, int32_t worker);
const int32_t *testudo_design_order(const testudo_design *design, int32_t worker);
int32_t testudo_design_max_load(const testudo_design *design);
/* What its progress counts to: its load, or for scheme block the number of blocks. */
int32_t testudo_design_steps(const testudo_design *design, int32_t worker);

/* Chunk i in 0..N-1: its replication gamma_i, the workers that hold it (ascending) and its places in their orders,
   counted from 1 (replication entries each, lent). */
int32_t testudo_design_replication(const testudo_design *design, int32_t chunk);
const int32_t *testudo_design_holders(const testudo_design *design, int32_t chunk);
const int32_t *testudo_design_places(const testudo_design *design, int32_t chunk);
int32_t testudo_design_min_replication(const testudo_design *design);
int32_t testudo_design_max_replication(const testudo_design *design);

/* The encoding matrix R of scheme partial: parts rows of `workers` numbers, row after row (lent); NULL otherwise. */
const double *testudo_design_matrix(const testudo_design *design);

/* Schemes gradient-code and gradient-code-parts: the stragglers tolerated (0 for other schemes). Scheme gradient-code:
   the construction ("frc", "cyclic", ..) and the coefficients of worker j, one per chunk of its order (lent); NULL for
   other schemes. */
int32_t testudo_design_stragglers(const testudo_design *design);
const char *testudo_design_construction(const testudo_design *design);
const double *testudo_design_coefficients(const testudo_design *design, int32_t worker);

/* Schemes nested and block: their tolerances, increasing (*count of them, lent; 0 and NULL for other schemes), and row
   `worker` of the code B^(s) of the level-th: tolerance + 1 numbers for the first chunks of the worker's order (lent;
   NULL where there is no such level). The blocks themselves: testudo/block.h. */
const int32_t *testudo_design_tolerances(const testudo_design *design, int32_t *count);
const double *testudo_design_nested_coefficients(const testudo_design *design, int32_t level, int32_t worker);

/* Scheme ignore-stragglers: the workers waited for; 0 for other schemes. */
int32_t testudo_design_wait(const testudo_design *design);

#ifdef __cplusplus
}
#endif
#endif
