/* SPDX-License-Identifier: BSD-3-Clause */
/* What a scheme is: one constant table per scheme, in a file of its own that holds all there is to know about it - its
   members of a design file, its rules, its decoder, its words for people. The rest of the tree reads the table and does
   not know which schemes there are; what making a code takes (and its licence) stands in code/making/, by the same
   id. */
#ifndef TESTUDO_RUNTIME_SCHEME_H
#define TESTUDO_RUNTIME_SCHEME_H

#include <testudo/design.h>

#include "json/read.h"
#include "json/write.h"
#include "runtime/completion.h"

struct testudo_i_codec_class;
struct testudo_i_family;

typedef struct testudo_i_scheme {
  testudo_scheme id;
  const char *name;             /* of the design file and the command line */
  const char *kind;             /* code.kind of the design file */
  const char *const *members;   /* of code, `kind` among them; NULL at the end */
  int32_t most_parts;           /* that a design may have */
  testudo_report report;        /* unless the user asks for another .. */
  bool report_fixed;            /* .. which the scheme does not have */
  bool working_model;           /* of a paper that leaves details open: said wherever a number of it is */
  bool exact_gradient;          /* what it waits for is the gradient, not an estimate */
  bool order_matters;           /* any order of a worker's chunks is allowed, and moves T: searches may choose it */
  bool plain_sums;              /* of one part, it serves as an approximate code too: finished workers send sums whose
                                   coefficients do not depend on who straggles (testudo_decoder) */
  const char *step;             /* what a worker reports: "chunk", "block" */
  const char *waits_for;        /* for people: "every chunk to be done by `parts` workers" */
  bool beside_partial;          /* its workers go through prefixes of the cyclic order chunk after chunk, so that it is
                                   compared with scheme partial of one part on the same progress */

  /* The members of `code`, read after `order` and written in the same sequence; neither looks at `kind`. */
  testudo_status (*read)(const testudo_i_json_at *code, testudo_design *design);
  void (*write)(testudo_i_json_writer *writer, const testudo_design *design);
  /* What its code is in short, in words for brackets; NULL: nothing. */
  void (*phrase)(const testudo_design *design, char *text, size_t room);
  /* Every rule of docs/file-format.md about this scheme, once the holders are derived; may derive more. The sentence
     names the place, without the file. */
  testudo_status (*check)(testudo_design *design, testudo_error *error);
  void (*clear)(testudo_design *design); /* of what is not in the design's arena, whatever is there; NULL: nothing */
  /* completion.h: workers and steps are set already. */
  testudo_status (*rule)(const testudo_design *design, testudo_report report, testudo_i_rule *rule,
                         testudo_error *error);
  testudo_status (*cover)(const testudo_design *design, testudo_report report, testudo_i_rule *rule, bool *known,
                          testudo_error *error);
  /* Messages that the decoder reads where worker j has done done[j] steps and the rule holds, in gradients of one
     part's length. */
  double (*sent)(const testudo_design *design, const testudo_i_rule *rule, const int32_t *done);
  const struct testudo_i_codec_class *codec;
  /* The codes, one per tolerance; NULL: the scheme has none. */
  const struct testudo_i_family *(*family)(const testudo_design *design);
  /* Worker's row of the code as the dense numbers whose independence decides decoding: `length` of them, row may be
     NULL to ask for the length. NULL: there is no such row. */
  int32_t (*row)(const testudo_design *design, int32_t worker, double *row);
} testudo_i_scheme;

/* All schemes by id; NULL for a number that is none. */
const testudo_i_scheme *testudo_i_scheme_by_id(testudo_scheme id);
const testudo_i_scheme *testudo_i_scheme_by_name(const char *name);
const testudo_i_scheme *testudo_i_scheme_of(const testudo_design *design);

/* "uncoded, ignore-stragglers, .. or block": for sentences. */
void testudo_i_scheme_list(char *text, size_t room);

/* TESTUDO_ERROR_ARGUMENT where the scheme does not have this report, or where the number is none. */
TESTUDO_CHECKED testudo_status testudo_i_scheme_check_report(const testudo_design *design, testudo_report report,
                                                             testudo_error *error);

/* Are its steps something else than chunks? */
bool testudo_i_has_own_steps(const testudo_design *design);

/* Is there anything to decode: are messages weighted by more than ones? */
bool testudo_i_is_coded(const testudo_design *design);

/* How a gradient code is constructed, in the order of the option. */
typedef enum testudo_i_construction {
  TESTUDO_I_NO_CONSTRUCTION,  /* no gradient code; of one that is to be made: as the assignment suggests */
  TESTUDO_I_CYCLIC,
  TESTUDO_I_CYCLIC_MDS,
  TESTUDO_I_FRC,
  TESTUDO_I_OWN_CONSTRUCTION  /* by a name of its own, "matrix" */
} testudo_i_construction;

/* Of the constructions that the library has; NULL of the others. */
extern const char *const testudo_i_construction_names[TESTUDO_I_OWN_CONSTRUCTION + 1];
testudo_i_construction testudo_i_construction_of(const testudo_design *design);

/* Does it serve as an approximate code: plain sums of its finished workers, weighted (testudo_decoder)? */
bool testudo_i_takes_plain_sums(const testudo_design *design);

/* ---- hooks that several schemes share ---- */

double testudo_i_sent_by_starters(const testudo_design *design, const testudo_i_rule *rule, const int32_t *done);
double testudo_i_sent_by_finishers(const testudo_design *design, const testudo_i_rule *rule, const int32_t *done);

/* Is it these that the scheme's hook counts? */
typedef enum testudo_i_senders {
  TESTUDO_I_SENDERS_OTHER,
  TESTUDO_I_SENDERS_STARTERS, /* workers that have done something */
  TESTUDO_I_SENDERS_FINISHERS /* workers that have something to do and have done it */
} testudo_i_senders;

testudo_i_senders testudo_i_senders_of(const testudo_design *design, const testudo_i_rule *rule);

/* Cover by the chunks that are done, always known; and where they are only the most that can be covered. */
testudo_status testudo_i_cover_of_chunks(const testudo_design *design, testudo_report report, testudo_i_rule *rule,
                                         bool *known, testudo_error *error);
testudo_status testudo_i_cover_at_best(const testudo_design *design, testudo_report report, testudo_i_rule *rule,
                                       bool *known, testudo_error *error);

/* Every chunk on at least so many workers, as `wanted` needs it ("3 stragglers"). */
TESTUDO_CHECKED testudo_status testudo_i_check_copies(const testudo_design *design, int32_t least, const char *wanted,
                                                      testudo_error *error);

/* Every chunk on exactly one worker. */
TESTUDO_CHECKED testudo_status testudo_i_check_single(const testudo_design *design, testudo_error *error);

/* Rows of numbers in `code`, and in what words a sentence says how many there must be ("parts is 3"). */
typedef struct testudo_i_rows_wanted {
  const char *name;         /* the member, or the place in it ("matrices[2]") */
  int32_t rows;
  const char *rows_are;     /* "parts" */
  int32_t columns;          /* of every row .. */
  const char *columns_are;  /* .. "workers"; NULL: row j has as many as worker j's order */
} testudo_i_rows_wanted;

/* The member code.matrix, row after row into *numbers (of the design's arena). Memory is taken once the shape is known
   to be right. */
TESTUDO_CHECKED testudo_status testudo_i_read_matrix(const testudo_i_json_at *code,
                                                     const testudo_i_rows_wanted *wanted, testudo_design *design,
                                                     double **numbers);

/* The same of an array in memory, in two steps; take answers where the next number goes. */
TESTUDO_CHECKED testudo_status testudo_i_check_rows(const testudo_i_json_at *code, const testudo_i_json_value *items,
                                                    const testudo_i_rows_wanted *wanted,
                                                    const testudo_design *design);
double *testudo_i_take_rows(const testudo_i_json_value *items, double *to);

extern const testudo_i_scheme testudo_i_scheme_uncoded, testudo_i_scheme_ignore_stragglers,
    testudo_i_scheme_gradient_code, testudo_i_scheme_nested, testudo_i_scheme_partial, testudo_i_scheme_block;

#endif
