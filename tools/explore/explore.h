/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Many points at once: every combination of the values that options have, computed as `testudo design` with `analyze`
   or `simulate` would, each point on one thread. What comes of a point is a row, kept as JSON, and read back from it
   wherever rows are shown, weighed or written. */
#ifndef TOOLS_EXPLORE_EXPLORE_H
#define TOOLS_EXPLORE_EXPLORE_H

#include "common/law.h"
#include "cluster/hand_out.h"
#include "common/session.h"
#include "explore/store.h"
#include "sample/kept/draws.h"

enum { EXPLORE_MOST_POINTS = 10000000, EXPLORE_MOST_SPECS = 64, EXPLORE_MOST_PARTS = 1 << 17 };

/* ---- the grid ---- */

extern const cli_option *const explore_listed[]; /* the tables whose options are axes */
extern const cli_option explore_compute_options[], explore_search_options[], explore_limit_options[];

typedef enum explore_computation { COMPUTE_ANALYZE, COMPUTE_SIMULATE, COMPUTE_OPTIMIZE } explore_computation;
extern const char *const explore_computation_words[];

/* An option with several values, or with one. */
typedef struct explore_axis {
  const cli_option *option;
  char **item;   /* lent by the arguments; "none": left out */
  size_t count;
} explore_axis;

typedef struct explore_grid {
  const cli_arguments *arguments; /* lent */
  explore_axis *axis;             /* in the order of options: the first changes least often */
  size_t axes;
  int64_t points;                 /* the product of their counts */
  struct explore_digest *digest;  /* of the files that options name; for keys */
  size_t digests, digest_room;
  testudo_i_arena arena;
} explore_grid;

/* Of a zeroed grid. Clear whatever the answer. */
TESTUDO_CHECKED testudo_status grid_take(explore_grid *grid, const cli_arguments *arguments, testudo_error *error);
void grid_clear(explore_grid *grid);

/* Words of a command. */
typedef struct explore_words {
  char **word;
  int count, room;
  testudo_i_arena *arena;
} explore_words;

/* Room for so many words, which are copied; an error of memory is the arena's. */
void words_begin(explore_words *words, int room, testudo_i_arena *arena);
void words_add(explore_words *words, char *const *word, int count);

/* One point: what its options are. Texts lie in the arena or are lent by the grid. */
typedef struct explore_point {
  explore_computation computation;
  field_texts parameters;   /* every axis with more than one value, and the others that are given */
  const char *design;       /* "testudo design --workers 12 ..", or "testudo optimize .." */
  const char *command;      /* "testudo analyze design.json --delay exp:1 .." */
  explore_words design_words, model_words, command_words; /* design_words: of optimize too, with the model */
  bool seeded;              /* --seed is given */
  int64_t seed, trials;     /* trials: 0 where none are drawn */
  int32_t parts;            /* trials are drawn in so many parts, each a job of its own */
  char key[TESTUDO_I_STORE_KEY + 1];
} explore_point;

TESTUDO_CHECKED testudo_status grid_point(const explore_grid *grid, int64_t number, explore_point *point,
                                          testudo_i_arena *arena, testudo_error *error);

/* "testudo design --workers 12": the head and the words as a shell reads them, in the arena. */
TESTUDO_CHECKED testudo_status grid_line(const char *head, const explore_words *words, const char **line,
                                         testudo_error *error);

/* ---- rows ---- */

typedef struct explore_design {
  const char *name, *scheme, *model;
  char checksum[24];
  int32_t workers, chunks, parts;
  double load, copies;   /* shares of the data: of the worker that holds most, and in all */
  double floats, memory; /* vectors of the gradient's length: sent at most, and kept by a worker */
} explore_design;

/* What a search found; the objective is NULL where nothing was searched. */
typedef struct explore_search {
  const char *objective, *method;
  double value, value_stderr, bound;
  int answer;
} explore_search;

typedef struct explore_row {
  field_texts parameters;
  const char *key, *computation, *design_command, *command, *delay, *version;
  explore_design design;
  explore_search search;
  int report;
  latency_result latency;
  field_map mse;
  const char *mse_method;
  int64_t trials, seed;
  testudo_i_json_document *document; /* that lends its texts; NULL: another's */
} explore_row;

extern const field explore_row_fields[], explore_export_fields[]; /* of the file that --export writes */

/* Names, each once, in the order in which they come; lent. */
typedef struct explore_names {
  const char **name;
  size_t count, room;
} explore_names;
TESTUDO_CHECKED testudo_status names_add(explore_names *list, const char *name, testudo_error *error);
void names_clear(explore_names *list);

/* Where a text stands in a list; `count`: nowhere. */
size_t text_find(const char *const *list, size_t count, const char *text);

/* Is that an option of the point? *text: as it was given; NULL: it was left out, or is none. */
bool row_option(const explore_row *row, const char *name, const char **text);

/* Rows, each from its JSON; for tables and files maps of the same keys in all. */
typedef struct explore_rows {
  explore_row *row;
  size_t count, room;
  testudo_i_arena arena;
} explore_rows;
TESTUDO_CHECKED testudo_status rows_add(explore_rows *rows, const char *text, testudo_error *error);
TESTUDO_CHECKED testudo_status rows_align_all(explore_row *row, size_t count, testudo_i_arena *arena,
                                              testudo_error *error);
TESTUDO_CHECKED testudo_status rows_align(explore_rows *rows, testudo_error *error);
void rows_clear(explore_rows *rows);
void rows_print(FILE *text, const explore_row *row, size_t count); /* a line each */

/* "load<=4,p99<=2": conditions on rows, names of numbers of a row, or of texts with = and !=. */
typedef struct explore_within {
  struct explore_condition *condition;
  size_t conditions;
  testudo_i_arena arena;
} explore_within;

/* ---- one point ---- */

typedef enum explore_state {
  POINT_LEFT,       /* not looked at */
  POINT_DONE,
  POINT_PART,       /* a part of its trials is drawn */
  POINT_SKIPPED,    /* the commands refuse it */
  POINT_OUTSIDE,    /* --where */
  POINT_UNFINISHED, /* --point-limit */
  POINT_FAILED
} explore_state;

typedef struct explore_result {
  explore_state state;
  testudo_status status; /* of one that failed; its sentence is the reason */
  char reason[200];  /* of one that is skipped: what its command says */
  char *text;        /* of one that is done: the row as JSON (malloc) */
  char *parameters;  /* JSON (malloc) */
  double seconds;
  testudo_i_draws draws; /* of a part, or of one that is simulated: all of its trials */
} explore_result;
void result_clear(explore_result *result);

/* Computes it; `within` may exclude it as soon as the design is known. TESTUDO_INTERRUPTED where the monitor stops it.
   Other errors are the point's: TESTUDO_ERROR_ARGUMENT and _LIMIT say that there is no such point (POINT_SKIPPED). */
typedef struct explore_task {
  const explore_within *where;
  const testudo_i_draws *given;       /* of its first trials, in turn: these are not drawn again */
  size_t count;
  bool joined;                        /* these are all of its parts, kept elsewhere */
  int32_t part;                       /* draws this one of its parts alone: POINT_PART; -1: computes it */
} explore_task;
TESTUDO_CHECKED testudo_status point_compute(const explore_point *point, const explore_task *task,
                                             explore_result *result, testudo_error *error);

/* Its design, and what the row says of how it was made: the command, and what a search found. */
TESTUDO_CHECKED testudo_status point_make(const explore_point *point, testudo_design **design, explore_row *row,
                                          testudo_i_arena *arena, testudo_error *error);

/* Makes the design that a row's command makes. */
TESTUDO_CHECKED testudo_status point_design(const char *design_command, testudo_design **design, testudo_error *error);

/* ---- many ---- */

typedef struct explore_reason {
  char text[200];
  int64_t count;
} explore_reason;

typedef struct explore_run {
  const cli_arguments *arguments;
  explore_grid *grid;
  size_t grids;
  int64_t shard, shards;        /* 1 of 1: all */
  explore_within where;         /* no conditions: all */
  double limit, point_limit;    /* seconds; 0: none */
  testudo_i_store *store;       /* NULL: rows are kept */
  bool drop_draws;              /* the store does not keep them */
  explore_rows rows;            /* of a run without a store, in the order of points */
  int64_t points;               /* in all grids */
  /* What became of them. */
  int64_t mine, given_up; /* mine: of this shard; given_up: before, with as much time */
  int64_t todo, done, there, repeated, skipped, outside, unfinished;
  int64_t left;                 /* not reached */
  explore_reason *reason;
  size_t reasons, reason_room;
  bool interrupted, out_of_time;
} explore_run;

/* --where, --time-limit and --point-limit. */
TESTUDO_CHECKED testudo_status run_take_limits(explore_run *run, const cli_arguments *arguments, testudo_error *error);

/* Of a run whose grids, shard, limits and store are set. TESTUDO_INTERRUPTED, or out_of_time, leave what is done. */
TESTUDO_CHECKED testudo_status run_points(explore_run *run, testudo_error *error);
void run_clear(explore_run *run);

/* Its step: the points `todo`, run->todo of them, on threads or ranks. Rows go to the store, or stay in the results,
   one per point. Clear these whatever the answer. */
TESTUDO_CHECKED testudo_status jobs_run(explore_run *run, const int64_t *todo, explore_result *result,
                                        testudo_error *error);
void run_count_points(explore_run *run);

/* The point of an index in all grids. */
TESTUDO_CHECKED testudo_status run_point(const explore_run *run, int64_t index, explore_point *point,
                                         testudo_i_arena *arena, testudo_error *error);

/* Where the points go to ranks of MPI (program testudo-mpi): rank 0 leads; the others compute what they are given until
   they are dismissed. NULL: to threads of this process. */
typedef struct explore_ranks {
  bool leads;
  testudo_i_cluster *cluster;
  testudo_status (*hand_out)(testudo_i_cluster *cluster, const testudo_i_cluster_jobs *jobs, testudo_error *error);
  testudo_status (*serve)(testudo_i_cluster *cluster, testudo_i_cluster_compute *compute, void *context,
                          const testudo_monitor *monitor, testudo_error *error);
} explore_ranks;
extern const explore_ranks *explore_ranks_here;
TESTUDO_CHECKED testudo_status run_serve(explore_run *run, testudo_error *error);

/* What there is to do, as indices of points in all grids (malloc): those of the shard that no other is the same as, and
   that the store has not. */
TESTUDO_CHECKED testudo_status run_list(explore_run *run, int64_t **todo, testudo_error *error);
extern const field explore_reason_fields[];

TESTUDO_CHECKED testudo_status run_add_reason(explore_run *run, const char *text, testudo_error *error);
void run_sort_reasons(explore_run *run);
void run_print_reasons(FILE *text, const explore_run *run);

/* Would the commands take the point's words? TESTUDO_ERROR_ARGUMENT otherwise; what they find only when they make the
   design is not looked for. */
TESTUDO_CHECKED testudo_status point_check(const explore_point *point, testudo_error *error);

/* ---- what a run would do ---- */

typedef struct explore_preview {
  explore_point *point;     /* NULL: not asked for */
  size_t points;
  int64_t probed, cut;      /* points that were computed for it, and that were not done in time */
  double seconds;           /* of one, on one thread; NAN: not known */
  double all;               /* of all, on one thread; a lower bound where `cut` are */
} explore_preview;
extern const field preview_point_fields[], preview_cost_fields[];

/* Of a run that is set but was not begun. */
TESTUDO_CHECKED testudo_status preview_take(explore_preview *preview, explore_run *run, testudo_i_arena *arena,
                                            testudo_error *error);
void preview_print(FILE *text, const explore_preview *preview, const explore_run *run);

/* ---- conditions ---- */

/* `early`: of the design alone, which is known before the work. */
TESTUDO_CHECKED testudo_status within_take(explore_within *within, const char *option, const char *text, bool early,
                                           testudo_error *error);
void within_clear(explore_within *within);
TESTUDO_CHECKED testudo_status within_check_options(const explore_within *within, const char *option,
                                                    const explore_row *row, size_t count, testudo_error *error);

/* *unknown: some number of it is not known, so that it is not met. */
bool within_met(const explore_within *within, const explore_row *row, bool *unknown);

/* A number of a row by its name: "mean", "p99", "load", "mse:2". */
TESTUDO_CHECKED testudo_status within_check_name(const char *option, const char *name, testudo_error *error);
/* Bounds of a mean or a quantile that is only known by them; else NAN. */
void within_bounds(const char *name, const explore_row *row, double *low, double *high);
/* Fails with what there is instead: no row has the number. */
TESTUDO_CHECKED testudo_status within_missing(const char *option, const char *name, const explore_row *row,
                                              size_t count, testudo_error *error);
/* A quantile, or the error at a deadline, that none of `count` > 0 rows has is a mistake. */
TESTUDO_CHECKED testudo_status within_check_key(const char *option, const char *name, const explore_row *row,
                                                size_t count, testudo_error *error);
double within_number(const char *name, const explore_row *row);

/* What the numbers of this name are, behind it along an axis: " of the completion time (s)", "". */
const char *within_axis(const char *name, bool several);

#endif
