/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One iteration as a picture: who computes which chunk when, what of it is needed, and when all is there. */
#include "plot/draw.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <testudo/sample.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/order.h"
#include "common/head.h"
#include "common/metrics.h"
#include "runtime/completion.h"

enum { MOST_WORKERS = 48, KEY_WORKERS = 7 };

/* Of the time shown: what a bar is wide at least, and what has no border. */
#define LEAST_WIDTH 0.003
#define THIN 0.008

/* A chunk that a worker computes, or begins to, before all is there. */
typedef struct cli_bar {
  double begin, end;
  int32_t worker, chunk;
  bool needed;
} cli_bar;

typedef struct cli_timeline {
  const testudo_design *design;
  testudo_i_arena *arena; /* lent */
  double *done;       /* of every entry, worker after worker */
  bool *needed;       /* of every entry: is it part of what the rule of the scheme waited for? */
  double completion;  /* HUGE_VAL: never */
  double end;         /* of the picture: the completion, or the last chunk that is ever done */
  int32_t shown;      /* workers */
  cli_bar *bar;       /* theirs */
  size_t bars;
} cli_timeline;

/* ---- one iteration ---- */

/* When a step of a worker, whose entries begin at `from`, was done; one without steps has done all from the start. */
static double time_of_step(const cli_timeline *line, const int64_t *from, int32_t worker, int32_t step)
{
  return step == 0 ? 0.0 : line->done[from[worker] + step - 1];
}

/* When a row came to hold: the need-th smallest time of its pairs. Pairs that come later are in vain. */
static double time_of_row(const cli_timeline *line, const testudo_i_rule *rule, const int64_t *from, int32_t row,
                          double *sorted)
{
  int64_t pairs = testudo_i_rule_pairs(rule, row), need = testudo_i_rule_need(rule, row);
  for (int64_t k = 0; k < pairs; k++)
    sorted[k] = time_of_step(line, from, testudo_i_rule_pair_worker(rule, row, k),
                             testudo_i_rule_pair_step(rule, row, k));
  qsort(sorted, (size_t)pairs, sizeof *sorted, testudo_i_ascending_reals);
  return need > pairs ? HUGE_VAL : need < 1 ? 0.0 : sorted[need - 1];
}

/* The entries that the pairs of a row stand for: of a code that weights whole workers, or so many chunks of each, all
   up to the step; otherwise the step's own. */
static void mark_row(cli_timeline *line, const testudo_i_rule *rule, const int64_t *from, int32_t row, double held)
{
  bool all_before = rule->whole || testudo_i_rule_is_stepped(rule);
  for (int64_t k = 0; k < testudo_i_rule_pairs(rule, row); k++) {
    int32_t worker = testudo_i_rule_pair_worker(rule, row, k), step = testudo_i_rule_pair_step(rule, row, k);
    double time = time_of_step(line, from, worker, step);
    if (!(time <= held && time <= line->end))
      continue;
    for (int32_t before = all_before || step == 0 ? 1 : step; before <= step; before++)
      line->needed[from[worker] + before - 1] = true;
  }
}

/* Of rows any of which is enough, only the first that held counts; where none ever does, nothing was of use. */
static testudo_status find_needed(cli_timeline *line, testudo_report report, testudo_error *error)
{
  TESTUDO_I_HELD(testudo_i_rule_clear) testudo_i_rule rule = {0};
  TESTUDO_I_TRY(testudo_i_completion_rule(line->design, report, &rule, error));
  const testudo_design *design = line->design;
  int32_t workers = testudo_design_workers(design), first = 0;
  int64_t most = 1;
  for (int32_t row = 0; row < rule.rows; row++)
    most = testudo_i_rule_pairs(&rule, row) > most ? testudo_i_rule_pairs(&rule, row) : most;
  int64_t *from = testudo_i_arena_calloc(line->arena, (size_t)workers + 1, sizeof *from);
  double *sorted = testudo_i_arena_alloc(line->arena, (size_t)most, sizeof *sorted);
  line->needed = testudo_i_arena_calloc(line->arena, (size_t)metrics_entries(design), sizeof *line->needed);
  TESTUDO_I_TRY(testudo_i_arena_check(line->arena, error));
  for (int32_t j = 0; j < workers; j++)
    from[j + 1] = from[j] + testudo_design_load(design, j);
  double earliest = HUGE_VAL;
  for (int32_t row = 0; row < rule.rows; row++) {
    double held = time_of_row(line, &rule, from, row, sorted);
    if (rule.join == TESTUDO_I_ALL)
      mark_row(line, &rule, from, row, held);
    else if (held < earliest) {
      earliest = held;
      first = row;
    }
  }
  if (rule.join == TESTUDO_I_ANY && isfinite(earliest))
    mark_row(line, &rule, from, first, earliest);
  return TESTUDO_OK;
}

static testudo_status list_bars(cli_timeline *line, testudo_error *error)
{
  int64_t entry = 0;
  line->bar = testudo_i_arena_calloc(line->arena, (size_t)metrics_entries(line->design), sizeof *line->bar);
  TESTUDO_I_TRY(testudo_i_arena_check(line->arena, error));
  for (int32_t j = 0; j < line->shown; j++)
    for (int32_t k = 0; k < testudo_design_load(line->design, j); k++, entry++) {
      double begin = k == 0 ? 0.0 : line->done[entry - 1];
      if (begin < line->end)
        line->bar[line->bars++] = (cli_bar){begin, fmin(line->done[entry], line->end), j,
                                            testudo_design_order(line->design, j)[k], line->needed[entry]};
    }
  return TESTUDO_OK;
}

static testudo_status run_iteration(cli_timeline *line, const cli_cluster *cluster, testudo_error *error)
{
  const testudo_design *design = line->design = cluster->design;
  int64_t entries = metrics_entries(design);
  const testudo_simulation_options options = {.report = cluster->report, .trials = 1, .seed = cluster->seed};
  line->done = testudo_i_arena_alloc(line->arena, (size_t)entries, sizeof *line->done);
  TESTUDO_I_TRY(testudo_i_arena_check(line->arena, error));
  TESTUDO_I_TRY(testudo_simulate_trial(design, &cluster->model, &options, 0, line->done, &line->completion, error));
  line->end = isfinite(line->completion) ? line->completion : 0.0;
  for (int64_t e = 0; e < entries && !isfinite(line->completion); e++)
    line->end = isfinite(line->done[e]) ? fmax(line->end, line->done[e]) : line->end;
  int32_t workers = testudo_design_workers(design);
  line->shown = workers < MOST_WORKERS ? workers : MOST_WORKERS;
  TESTUDO_I_TRY(find_needed(line, cluster->report, error));
  return list_bars(line, error);
}

/* ---- the picture ---- */

/* Whose share of all data a chunk belongs to, where shares are whole chunks; otherwise the chunk itself. */
static int32_t share_of(const testudo_design *design, int32_t chunk)
{
  int32_t workers = testudo_design_workers(design), chunks = testudo_design_chunks(design);
  return chunks % workers == 0 ? chunk / (chunks / workers) : chunk;
}

/* Full where the copy is needed, pale where it is in vain or never done. */
static unsigned long colour_of(int32_t share, bool needed)
{
  unsigned long full = strtoul(plot_colour((size_t)share) + 1, NULL, 16), pale = 0;
  for (int shift = 16; shift >= 0; shift -= 8) {
    unsigned long level = full >> shift & 0xff;
    pale |= (needed ? level : 0xff - (0xff - level) / 4) << shift;
  }
  return pale;
}

/* Thin ones have no border, which would cover them, and a least width: work that was done is seen. */
static void put_bar(FILE *script, const cli_timeline *line, const cli_bar *bar)
{
  double begin = bar->begin, end = fmax(bar->end, begin + LEAST_WIDTH * line->end);
  if (end > line->end) {
    begin -= end - line->end;
    end = line->end;
  }
  int j = bar->worker;
  fprintf(script, "%.9g %d %.9g %.9g %.9g %.9g %lu\n", begin, j, begin, end, j - 0.4, j + 0.4,
          colour_of(share_of(line->design, bar->chunk), bar->needed));
}

static void put_bars(FILE *script, const cli_timeline *line)
{
  for (int thin = 0; thin < 2; thin++) {
    fprintf(script, "%s << EOD\n-9 -9 -9 -9 -9 -9 0\n", thin ? "$thin" : "$bars");
    for (const cli_bar *bar = line->bar; bar < line->bar + line->bars; bar++)
      if ((bar->end - bar->begin < THIN * line->end) == thin)
        put_bar(script, line, bar);
    fputs("EOD\n", script);
  }
}

/* Chunk numbers where the bar has room for them. */
static void put_numbers(FILE *script, const cli_timeline *line)
{
  for (int needed = 0; needed < 2; needed++) {
    fprintf(script, "%s << EOD\n-9 -9 0\n", needed ? "$full" : "$pale");
    for (const cli_bar *bar = line->bar; bar < line->bar + line->bars; bar++) {
      double digits = 1.0;
      for (int32_t rest = bar->chunk; rest > 9; rest /= 10)
        digits++;
      if (bar->needed == needed && bar->end - bar->begin > (0.006 + 0.011 * digits) * line->end)
        fprintf(script, "%.9g %d %d\n", (bar->begin + bar->end) / 2, bar->worker, bar->chunk);
    }
    fputs("EOD\n", script);
  }
}

static void timeline_title(const cli_plot *plot, const cli_timeline *line, const cli_cluster *cluster)
{
  char title[700], sample[64] = "";
  delay_result delay;
  delay_fill(&delay, cluster);
  const char *name = testudo_design_name(line->design);
  if (line->shown < testudo_design_workers(line->design))
    snprintf(sample, sizeof sample, " - the first %d of %d workers", line->shown, testudo_design_workers(line->design));
  snprintf(title, sizeof title, "One iteration of %.200s under %.200s%s", name[0] == '\0' ? "the design" : name,
           delay.law != NULL ? delay.law : delay.replay, sample);
  delay_terms_write(&delay, title + strlen(title), sizeof title - strlen(title));
  plot_title(plot, title);
}

static void put_axes(FILE *script, const cli_timeline *line)
{
  fprintf(script, "set xrange [0:%.9g]\nset yrange [%g:-0.6]\nset xlabel \"time (s); pale: in vain, or not finished\"\n"
                  "set ylabel 'worker'\nunset grid\nset ytics %d\n", 1.05 * line->end, line->shown - 0.4,
          line->shown <= 24 ? 1 : 4);
  if (isfinite(line->completion))
    fprintf(script, "set arrow from %.9g, graph 0 to %.9g, graph 1 nohead linewidth 2 linecolor rgb '%s' front\n"
                    "set label \"T = %.4g\" at %.9g, graph 0.5 center rotate by 90 offset 1.1,0 textcolor rgb '%s'\n",
            line->completion, line->completion, PLOT_BLACK, line->completion, line->completion, PLOT_BLACK);
}

/* Every share has a colour of its own. */
static bool has_key(const testudo_design *design)
{
  int32_t workers = testudo_design_workers(design);
  return workers <= KEY_WORKERS && testudo_design_chunks(design) % workers == 0;
}

static void timeline_script(const cli_plot *plot, const cli_timeline *line, const cli_cluster *cluster)
{
  FILE *script = plot->script;
  const testudo_design *design = line->design;
  plot_taller(plot, fmin(1.7, 0.3 + 0.08 * line->shown));
  timeline_title(plot, line, cluster);
  put_bars(script, line);
  put_numbers(script, line);
  put_axes(script, line);
  fputs(has_key(design) ? "set key outside right top Left reverse noenhanced samplen 1.5\n" : "unset key\n", script);
  fputs("plot $bars using 1:2:3:4:5:6:7 with boxxyerror fillcolor rgb variable fillstyle solid 1.0 border linecolor"
        " rgb '#ffffff' notitle, $thin using 1:2:3:4:5:6:7 with boxxyerror fillcolor rgb variable fillstyle solid 1.0"
        " noborder notitle", script);
  fputs(", $full using 1:2:(sprintf('%d',$3)) with labels font ',9' textcolor rgb 'white' notitle"
        ", $pale using 1:2:(sprintf('%d',$3)) with labels font ',9' textcolor rgb '#777777' notitle", script);
  for (int32_t j = 0; has_key(design) && j < testudo_design_workers(design); j++)
    fprintf(script, ", NaN with boxes linecolor rgb '%s' title 'share %d'", plot_colour((size_t)j), j);
  fputc('\n', script);
}

testudo_status draw_timeline(cli_plot *plot, const cli_cluster *cluster, testudo_error *error)
{
  TESTUDO_I_HELD(testudo_i_arena_clear) testudo_i_arena arena = {0};
  cli_timeline line = {.arena = &arena};
  TESTUDO_I_TRY(run_iteration(&line, cluster, error));
  if (!(line.end > 0.0))
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "no time passes in this iteration: nothing to draw");
  timeline_script(plot, &line, cluster);
  return TESTUDO_OK;
}
