/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Making designs: assignments, orders, codes, and the metrics of an order. */
#ifndef TESTUDO_CODE_H
#define TESTUDO_CODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <testudo/design.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- assignments: a bipartite graph of workers and chunks ---- */

typedef struct testudo_assignment {
  int32_t workers, chunks;
  int64_t *row;     /* workers + 1 */
  int32_t *chunk;   /* row[workers] entries; each worker's sequence is the natural order */
} testudo_assignment;

void testudo_assignment_free(testudo_assignment *assignment); /* frees the arrays, not the struct */

/* Worker j holds j, j+1, .., j+load-1 (mod workers), in that order; 1 <= load <= workers = chunks. */
TESTUDO_CHECKED testudo_status testudo_assignment_cyclic(int32_t workers, int32_t load, testudo_assignment *assignment,
                                                         testudo_error *error);

/* The same in blocks of c = chunks / workers: worker j holds the blocks j, j+1, .., j+replication-1 (mod workers),
   block b being the chunks b c .. (b+1) c - 1; 1 <= replication <= workers, which divide chunks. O(entries). */
TESTUDO_CHECKED testudo_status testudo_assignment_ring(int32_t workers, int32_t chunks, int32_t replication,
                                                       testudo_assignment *assignment, testudo_error *error);

/* A simple random bipartite graph: every chunk on exactly `replication` workers; loads are chunks * replication /
   workers, differing by at most one where that is not whole. Approximately uniform: a random pairing whose double
   edges are removed by random switches. Rows ascend. O(entries). */
TESTUDO_CHECKED testudo_status testudo_assignment_regular(int32_t workers, int32_t chunks, int32_t replication,
                                                          uint64_t seed, testudo_assignment *assignment,
                                                          testudo_error *error);

/* Fractional repetition: workers j with equal floor(j / replication) form a group, which holds the consecutive
   N replication / workers chunks of its number. replication divides workers, the number of groups divides chunks. */
TESTUDO_CHECKED testudo_status testudo_assignment_frc(int32_t workers, int32_t chunks, int32_t replication,
                                                      testudo_assignment *assignment, testudo_error *error);

/* Uncoded: worker j holds chunks floor(j N/m) .. floor((j+1) N/m) - 1; needs workers <= chunks. */
TESTUDO_CHECKED testudo_status testudo_assignment_uncoded(int32_t workers, int32_t chunks,
                                                          testudo_assignment *assignment, testudo_error *error);

/* Consecutive arcs around the circle of chunks: worker 0 holds chunks 0 .. loads[0] - 1, worker 1 the next loads[1],
   and so on. 0 <= load <= chunks, and the loads sum to a multiple of chunks: then every chunk lies on equally many
   different workers. O(entries). */
TESTUDO_CHECKED testudo_status testudo_assignment_arcs(int32_t workers, int32_t chunks, const int32_t *loads,
                                                       testudo_assignment *assignment, testudo_error *error);

/* ---- matrices from files ---- */

typedef struct testudo_matrix_options {
  bool transposed;  /* rows are chunks, columns are workers */
  bool weighted;    /* any numbers: the weights of a code. Otherwise 0 and 1 */
} testudo_matrix_options; /* zeroed, or NULL: who holds what, a row per worker */

typedef struct testudo_matrix {
  testudo_assignment assignment; /* rows ascend, but where `ordered` */
  double *weight;   /* one per entry, not 0; NULL unless weights were asked for */
  bool ordered;     /* the file was a table of orders that `testudo export` has written as npy or mtx: rows are in it */
} testudo_matrix;

/* A matrix of workers and chunks as it comes: numbers parted by commas, semicolons, tabs or blanks, a line per worker,
   with or without quotation marks and names of columns and rows; Matrix Market, coordinate or array, a symmetric one
   expanded; an array of two dimensions that numpy.save has written; all of them also as gzip; "-" is standard input.
   What is 0 is no entry. Refused, with their line: other values than 0 and 1 where weights are not asked for, an entry
   given twice, a chunk without holder, more than 65,536 workers beyond the entries. Memory is linear in the entries,
   whatever sizes a header claims; of Matrix Market and npy the file is held too. Free with testudo_matrix_free. */
TESTUDO_CHECKED testudo_status testudo_matrix_read(const char *path, const testudo_matrix_options *options,
                                                   testudo_matrix *matrix, testudo_error *error);
TESTUDO_CHECKED testudo_status testudo_matrix_parse(const char *bytes, size_t length, const char *name,
                                                    const testudo_matrix_options *options, testudo_matrix *matrix,
                                                    testudo_error *error);
void testudo_matrix_free(testudo_matrix *matrix); /* what it holds, not the struct */

/* ---- orders: they permute each worker's row ---- */

/* An order from a file: text with the chunks of one worker per line (a line without any: a worker without chunks),
   parted by commas, semicolons, tabs or blanks, or an npy table of whole numbers, one row per worker; -1 may follow the
   last. Also as gzip. An assignment that is there is put into that order; one that is zeroed becomes what the file
   says, chunks counted from 0 to the largest. TESTUDO_ERROR_INPUT names the line or row: of a chunk out of range,
   missing, there twice or not one of that worker's. Linear in the text. */
TESTUDO_CHECKED testudo_status testudo_orders_read(const char *path, testudo_assignment *assignment,
                                                   testudo_error *error);
TESTUDO_CHECKED testudo_status testudo_orders_parse(const char *bytes, size_t length, const char *name,
                                                    testudo_assignment *assignment, testudo_error *error);

/* Natural order: the chunks of every worker ascend; of an assignment that is cyclic but for the numbers of workers and
   chunks (docs/theory/orders.md#cyclic-whatever-the-numbers) they follow each other on its circle, all workers going
   the same way round. O(entries). */
TESTUDO_CHECKED testudo_status testudo_order_natural(testudo_assignment *assignment, testudo_error *error);

/* Each row uniformly shuffled, from (seed, worker). */
void testudo_order_random(testudo_assignment *assignment, uint64_t seed);

/* Matching order (docs/theory/orders.md#the-matching-order): an edge colouring of the bipartite graph with max-degree
   colours; a worker processes its chunks by colour, so that on a delta-regular square assignment every chunk has places
   1..delta once. For unequal degrees the graph is padded to a regular one, colours a worker lacks are closed up. Euler
   splits while the degree is even, a perfect matching when odd: O(E log delta) + matchings. Deterministic. A cyclic
   assignment, whatever its numbers, is gone through along the circle, which is such an order.
   TESTUDO_ERROR_LIMIT beyond 2^29 entries; when refused or interrupted the order is as it was. */
TESTUDO_CHECKED testudo_status testudo_order_matching(testudo_assignment *assignment, const testudo_monitor *monitor,
                                                      testudo_error *error);

/* Rotated and xor, for workers in groups that hold the same chunks; a is a worker's rank in its group of g, from 0.
   Where a group has no more chunks than workers the order is a Latin square (or a piece of one): rotated gives its
   chunk b the place ((b - a) mod load) + 1, xor the place (a xor b) + 1 (the load must be a power of two).
   Where it has more, the chunks are g blocks (g divides the load), and worker a goes through the blocks a, a+1, .. mod
   g, or a xor 0, a xor 1, .. (g must be a power of two), each block forwards. TESTUDO_ERROR_ARGUMENT otherwise.
   O(entries). */
TESTUDO_CHECKED testudo_status testudo_order_rotated(testudo_assignment *assignment, testudo_error *error);
TESTUDO_CHECKED testudo_status testudo_order_xor(testudo_assignment *assignment, testudo_error *error);

/* ---- orders by blocks: chunks finer than workers (docs/theory/orders.md#chunks-finer-than-workers) ---- */

/* Every worker has a block of c chunks of its own, and holds blocks of partners too. Slot (s,q) is chunk q, 0 .. c - 1,
   of the block of partner s; partner 0 is the worker itself. One table of slots, in the order of work, is the order of
   all workers. */
typedef struct testudo_slot {
  int32_t partner, chunk;
} testudo_slot;

typedef struct testudo_slots {
  int32_t partners, chunks; /* s < partners, q < chunks */
  int32_t count;            /* no slot twice; partners * chunks of them: nothing is left out */
  testudo_slot *slot;
} testudo_slots;

/* Frees the array, not the struct. */
void testudo_slots_free(testudo_slots *slots);

/* Who partner s is of the worker of rank a among g. On a circle of blocks a is the worker's place on it and g the
   number of workers, twins or not; in groups twins have the same partners, those of the set whose number among the sets
   is the partner s / twins of theirs. */
typedef enum testudo_pairing {
  TESTUDO_PAIRING_BEST,        /* xor in groups of a power of two, else added */
  TESTUDO_PAIRING_ADDED,       /* a + s mod g */
  TESTUDO_PAIRING_XOR,         /* a xor s: groups of a power of two only */
  TESTUDO_PAIRING_ALTERNATING  /* a + s mod g for even a; a - s mod g for odd a, which go through blocks backwards */
} testudo_pairing;

/* The sequence of slots. All but the last two begin with the own block, forwards. */
typedef enum testudo_slot_rule {
  TESTUDO_SLOTS_FORWARDS,      /* then partner after partner, forwards */
  TESTUDO_SLOTS_BACK,          /* then partner after partner, backwards */
  TESTUDO_SLOTS_MIRROR,        /* back, of exactly two partners: they meet in the middle of both blocks */
  TESTUDO_SLOTS_STEAL,         /* then chunk c - 1 of every partner, chunk c - 2 of every partner, .. */
  TESTUDO_SLOTS_DRAFT,         /* then always the chunk that is most likely still undone late in the iteration */
  TESTUDO_SLOTS_UNEVEN,        /* 32 of 48 slots: 8 chunks a block, 6 partners; 1, 3, 2, 2, 6, 6, 6, 6 copies */
  TESTUDO_SLOTS_LISTED         /* those of a table */
} testudo_slot_rule;

/* P(a worker has not finished its first `place` chunks, >= 1, by the time that is looked at); `block` is the number of
   chunks in its own block. Falls in no case as place grows. */
typedef double (*testudo_undone)(const void *context, int32_t place, int32_t block);

typedef struct testudo_slot_order {
  testudo_slot_rule rule;
  testudo_pairing pairing;
  int32_t twins;               /* >= 2: the rule orders sets of so many consecutive ranks, its twins, and each of its
                                  slots (s,q) becomes (twins s + i, q), i = 0 .. twins - 1; else 0 */
  bool shortened;              /* only the first `foreign` slots of others (before they are multiplied for twins), */
  int32_t foreign;             /* 0 .. all: each chunk then has 1 + foreign / c copies on average */
  testudo_undone undone;       /* draft: the law; NULL: exponential and scaled, where the time does not matter, or .. */
  bool independent;            /* .. chunk times that are independent, gamma of shape 7, 3.4 deviations after the mean
                                  time of the own block */
  const void *context;         /* lent */
  const testudo_slots *listed; /* lent */
  const char *name;            /* for sentences; NULL: that of the rule */
} testudo_slot_order;          /* zeroed: forwards */

/* Sets rule and pairing by a word: rotated xor steal back stealxor backxor mirror staircase draft uneven. False: it is
   none of them, and nothing is set. */
bool testudo_slot_order_take(testudo_slot_order *order, const char *word);

/* The table of an order for so many partners (after division by twins exactly 2 for mirror, 6 for uneven) and chunks
   per block. Draft: S[q] = 1, n[q] = 0; for place k = 1, 2, ..: q has the largest S[q] among those with n[q] < partners
   (of equal ones the least n[q], then the least q), slot k is (n[q], q), S[q] is multiplied by undone(k), and n[q]
   grows by 1. Free with testudo_slots_free. O(slots), of draft times log c. */
TESTUDO_CHECKED testudo_status testudo_slots_make(const testudo_slot_order *order, int32_t partners, int32_t chunks,
                                                  testudo_slots *slots, testudo_error *error);

/* A table from text: a line "s,q" per slot. Partners and chunks are those that it names. TESTUDO_ERROR_INPUT with the
   line: of what is no pair of whole numbers from 0 on, a slot that is there twice, or a q that is in no slot. Free with
   testudo_slots_free. O(slots log slots). */
TESTUDO_CHECKED testudo_status testudo_slots_read(const char *path, testudo_slots *slots, testudo_error *error);
TESTUDO_CHECKED testudo_status testudo_slots_parse(const char *bytes, size_t length, const char *name,
                                                   testudo_slots *slots, testudo_error *error);

/* Puts an assignment into such an order. Blocks are found where workers form groups that hold the same chunks (the
   group's chunks, ascending, are one block for each member), where chunks i c .. (i+1) c - 1, c = chunks / workers, go
   everywhere together and every worker holds as many blocks as every block has copies (a circle of blocks is followed;
   elsewhere partners are the colours of testudo_order_matching), and where rows are consecutive arcs around the circle
   of chunks (testudo_assignment_arcs: an arc is cut into as many nearly equal pieces as there are copies, and a
   worker's own is the piece whose number says how often the circle was gone round before). TESTUDO_ERROR_ARGUMENT where
   there are no blocks, where the pairing does not apply, and for orders that leave slots out, which change who holds
   what. The assignment is then as it was. O(entries), and the cost of the tables. */
TESTUDO_CHECKED testudo_status testudo_order_by_slots(testudo_assignment *assignment, const testudo_slot_order *order,
                                                      testudo_error *error);

/* The assignment that such an order makes: consecutive groups of `group` workers (which divides workers, which divide
   chunks), worker j's block being the chunks j c .. (j+1) c - 1, with partners 0 .. partners - 1 <= group - 1. group =
   partners makes repetition groups, group = workers a circle. Chunk q of every block has a copy for every slot with
   that q, so copies may be uneven; a q without a slot is TESTUDO_ERROR_ARGUMENT. O(entries). */
TESTUDO_CHECKED testudo_status testudo_assignment_by_slots(int32_t workers, int32_t chunks, int32_t group,
                                                           int32_t partners, const testudo_slot_order *order,
                                                           testudo_assignment *assignment, testudo_error *error);

/* ---- designs ---- */

/* A design over an assignment (copied). Scheme partial draws its encoding matrix R (parts x workers, iid N(0,1)) from
   seed. The rules of the scheme are checked. */
TESTUDO_CHECKED testudo_status testudo_design_create(testudo_scheme scheme, const testudo_assignment *assignment,
                                                     int32_t parts, uint64_t seed, const char *name,
                                                     testudo_design **design, testudo_error *error);

/* Scheme ignore-stragglers over an assignment that holds every chunk once: the first `wait` workers count. */
TESTUDO_CHECKED testudo_status testudo_design_create_waiting(const testudo_assignment *assignment, int32_t wait,
                                                             const char *name, testudo_design **design,
                                                             testudo_error *error);

/* A classical gradient code for `stragglers` stragglers (docs/theory/gradient-codes.md#construction): on fractional
   repetition in groups of stragglers + 1 all coefficients are 1 (construction "frc"); on the cyclic assignment of load
   stragglers + 1 they are Tandon's, from seed (construction "cyclic"). Any orders. Other assignments:
   TESTUDO_ERROR_ARGUMENT. */
TESTUDO_CHECKED testudo_status testudo_design_create_gradient_code(const testudo_assignment *assignment,
                                                                   int32_t stragglers, uint64_t seed, const char *name,
                                                                   testudo_design **design, testudo_error *error);

/* A gradient code of the caller's own (docs/theory/gradient-codes.md#a-code-of-your-own): worker j multiplies its
   chunks with the weights of row j. For any `stragglers` workers the rows of the others must have the all-ones vector
   in their span, which testudo_code_verify tries; this call asks only for stragglers + 1 copies of every chunk.
   Construction "matrix"; of ones in groups of workers that hold the same, at least stragglers + 1 in each, "frc". */
TESTUDO_CHECKED testudo_status testudo_design_create_weighted(const testudo_matrix *matrix, int32_t stragglers,
                                                              const char *name, testudo_design **design,
                                                              testudo_error *error);

/* Scheme gradient-code-parts (docs/theory/gradient-codes.md#parts-shorter-messages): a gradient code whose messages
   have 1/parts of the gradient's length, over an assignment with at least stragglers + parts copies of every chunk, of
   at most 1000 workers. Any orders. Its numbers are drawn from seed, again while they are badly conditioned.
   TESTUDO_ERROR_ARGUMENT: too few copies, or no draw of 20 will do. O(chunks parts (n - stragglers - parts)^3). */
TESTUDO_CHECKED testudo_status testudo_design_create_gradient_code_parts(const testudo_assignment *assignment,
                                                                         int32_t stragglers, int32_t parts,
                                                                         uint64_t seed, const char *name,
                                                                         testudo_design **design,
                                                                         testudo_error *error);

/* A nested gradient code (docs/theory/nested.md; a working model): the cyclic assignment of load s + 1, s the largest
   tolerance, in natural order, N = m = workers, and for each of the `count` tolerances Tandon's code on the prefixes,
   from a stream of its own. The tolerances increase and lie in 0..workers - 1, otherwise TESTUDO_ERROR_ARGUMENT.
   O(workers count s^3). */
TESTUDO_CHECKED testudo_status testudo_design_create_nested(int32_t workers, const int32_t *tolerances, int32_t count,
                                                            uint64_t seed, const char *name, testudo_design **design,
                                                            testudo_error *error);

/* A block gradient code (docs/theory/block.md; a working model): the cyclic assignment of load s + 1, s the largest
   tolerance in use, in natural order, N = m = workers; sizes[b] consecutive coordinates are coded by Tandon's code for
   tolerances[b] stragglers, drawn as for a nested code. The `count` tolerances increase and lie in 0..workers - 1; the
   sizes are 0 or more, and 1..TESTUDO_MAX_DIM in all, which is the gradient length they are stated for; a block of size
   0 is left out with its tolerance. Otherwise TESTUDO_ERROR_ARGUMENT. O(workers count s^3). */
TESTUDO_CHECKED testudo_status testudo_design_create_block(int32_t workers, const int32_t *tolerances,
                                                           const int64_t *sizes, int32_t count, uint64_t seed,
                                                           const char *name, testudo_design **design,
                                                           testudo_error *error);

/* The same as a gradient code on the cyclic assignment, with the coefficients of a cyclic MDS code over the roots of
   unity (Raviv et al.; construction "cyclic-mds"): no randomness, all positive, and better conditioned. The real code
   exists when stragglers = 0 or workers - stragglers is odd (docs/theory/decoders.md#real-cyclic-mds-codes), otherwise
   TESTUDO_ERROR_ARGUMENT. */
TESTUDO_CHECKED testudo_status testudo_design_create_cyclic_mds(const testudo_assignment *assignment,
                                                                int32_t stragglers, const char *name,
                                                                testudo_design **design, testudo_error *error);

/* The same design in other orders: `orders` has the same workers, each with the same chunks in any sequence. R and the
   numbers of a gradient code go with their workers and chunks; claims and provenance are left behind. The caller frees
   *reordered. TESTUDO_ERROR_ARGUMENT where a worker's chunks differ, and for nested and block, which have one order
   only. O(entries + N). */
TESTUDO_CHECKED testudo_status testudo_design_reorder(const testudo_design *design, const testudo_assignment *orders,
                                                      testudo_design **reordered, testudo_error *error);

/* A copy of the design's assignment, each row in its order: to change, and to make another design of. Free with
   testudo_assignment_free. O(entries). */
TESTUDO_CHECKED testudo_status testudo_design_orders(const testudo_design *design, testudo_assignment *orders,
                                                     testudo_error *error);

/* ---- metrics ---- */

/* Q^(l) for l = 1..levels (docs/theory/orders.md#q_max; exact, unequal loads too): q_max[l-1] = max_i Q_i^(l). levels
   may exceed a chunk's replication: Q is then the sum of loads. O(entries log + levels N). */
TESTUDO_CHECKED testudo_status testudo_q_max(const testudo_design *design, int32_t levels, int64_t *q_max,
                                             testudo_error *error);

/* No order of this assignment has a smaller Q^(1): the mean of Q_i^(1) over the chunks is the same for all orders, so
   the maximum is at least that mean, rounded up (docs/theory/orders.md#what-is-proved-and-what-is-not). O(m). */
int64_t testudo_q_max_bound(const testudo_design *design);

/* max over chunks of the sum of the gamma_i - l + 1 largest places (0 for a chunk with gamma_i < l). */
TESTUDO_CHECKED testudo_status testudo_row_sum_max(const testudo_design *design, int32_t l, int64_t *row_sum_max,
                                                   testudo_error *error);

/* max over pairs of workers of the number of chunks both hold. O(sum over chunks of replication^2) time, O(m) room. */
TESTUDO_CHECKED testudo_status testudo_max_overlap(const testudo_design *design, int32_t *max_overlap,
                                                   testudo_error *error);

#ifdef __cplusplus
}
#endif
#endif
