/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The law of C_{j,k}, the time at which a worker finishes its k-th chunk, and of A_j. */
#include <math.h>

#include "delay/sums/brackets.h"
#include "delay/laws/table.h"
#include "delay/sums/tables.h"

/* ---- workers ---- */

/* The class that a worker is in; NULL: there are none. */
static const testudo_worker_class *class_of(const testudo_delay_model *model, int32_t worker)
{
  for (int32_t c = 0, first = 0; c < model->class_count; first += model->classes[c++].workers)
    if (worker < first + model->classes[c].workers)
      return &model->classes[c];
  return NULL;
}

double testudo_i_rate(const testudo_delay_model *model, int32_t worker)
{
  if (model->classes != NULL)
    return class_of(model, worker)->rate;
  return model->rates == NULL ? 1.0 : model->rates[worker];
}

const testudo_law *testudo_i_worker_law(const testudo_delay_model *model, int32_t worker)
{
  const testudo_worker_class *own = class_of(model, worker);
  return own != NULL && own->law != NULL ? own->law : model->law;
}

bool testudo_i_delay_is_plain(const testudo_delay_model *model)
{
  return model->replay == NULL && model->structure != TESTUDO_STRUCTURE_MIXED && model->startup == NULL &&
         model->overhead == 0.0 && model->unit == TESTUDO_UNIT_CHUNK && model->classes == NULL &&
         model->message == NULL && model->signal == 0.0 && model->slow.factor == 0.0 && model->domain_factor == NULL;
}

/* ---- one step of one worker ---- */

/* What is asked of: step k at a rate, between waits. */
typedef struct step {
  const testudo_i_delay *delay;
  const testudo_law *law;
  double rate, work, starts; /* work in units of the law */
  double before, after;      /* waits that are constants here */
  double message;            /* Y, on a link that sends step after step; 0: none */
  int32_t k;
} step;

static const testudo_law *law_of(const testudo_i_delay *delay)
{
  return delay->law == NULL ? delay->model->law : delay->law;
}

static step step_of(const testudo_i_delay *delay, double rate, int32_t k)
{
  const testudo_i_work_steps *steps = delay->steps;
  return (step){.delay = delay, .law = law_of(delay), .rate = rate, .k = k,
                .work = (steps == NULL ? k : steps->work[k - 1]) * testudo_i_delay_unit(delay),
                .starts = steps == NULL ? k : steps->starts == NULL ? 0.0 : steps->starts[k - 1]};
}

/* When the step is in, of a draw x: the very double that is simulated. */
static double time_of_step(const step *s, double x)
{
  const testudo_i_delay *delay = s->delay;
  double overhead = delay->model->overhead;
  if (s->message == 0.0)
    return testudo_i_step_time(s->before, overhead, s->starts, s->work, x, s->rate) + s->after;
  double sent = 0.0;
  for (int32_t b = 1; b <= s->k; b++) {
    step of = step_of(delay, s->rate, b);
    sent = fmax(testudo_i_step_time(s->before, overhead, of.starts, of.work, x, s->rate), sent) +
           s->message * delay->steps->sent[b - 1];
  }
  return sent;
}

/* How many of the ascending x are in by t. */
static int64_t count_done(const step *s, const double *x, int64_t count, double t)
{
  int64_t low = 0, high = count;
  while (low < high) {
    int64_t middle = low + (high - low) / 2;
    if (time_of_step(s, x[middle]) <= t)
      low = middle + 1;
    else
      high = middle;
  }
  return low;
}

static double discrete_side(const step *s, double t, bool above)
{
  const testudo_law *law = s->law;
  bool rows = law->beyond == NULL;
  int64_t done = count_done(s, rows ? law->sample : law->value, rows ? law->samples : law->values, t);
  return testudo_i_atoms_side(law, done, above);
}

double testudo_i_delay_time(const testudo_i_delay *delay, double rate, int32_t k, double before, double after,
                            double message, double x)
{
  step s = step_of(delay, rate, k);
  s.before = before;
  s.after = after;
  s.message = message;
  return time_of_step(&s, x);
}

int64_t testudo_i_samples_done(const testudo_i_delay *delay, double rate, int32_t k, double t)
{
  step s = step_of(delay, rate, k);
  return count_done(&s, s.law->sample, s.law->samples, t);
}

/* The most work at rate 1, in units of the law, with which the step is in by t. */
static double room_until(const step *s, double t)
{
  const testudo_i_delay *delay = s->delay;
  double overhead = delay->model->overhead;
  if (s->message == 0.0)
    return ((t - s->before - s->after) * s->rate - s->starts * overhead) / s->work;
  double least = HUGE_VAL, queue = 0.0;
  for (int32_t b = s->k; b >= 1; b--) {
    step of = step_of(delay, s->rate, b);
    queue += s->message * delay->steps->sent[b - 1];
    least = fmin(least, ((t - s->before - queue) * s->rate - of.starts * overhead) / of.work);
  }
  return least;
}

/* Is every chunk's time k X, so that the law is X's own? */
static bool is_scaled(const step *s)
{
  return testudo_i_chunks_are_scaled(s->delay->model, s->law);
}

/* The law of the step, waits being constants. NAN where it is not known. */
static double side_between(const step *s, double t, bool above)
{
  const testudo_law *law = s->law;
  if (is_scaled(s)) {
    if (testudo_i_law_is_discrete(law))
      return discrete_side(s, t, above);
    double x = room_until(s, t);
    return x > 0.0 ? testudo_i_law_side(law, x, above) : above ? 1.0 : 0.0;
  }
  double unit = testudo_i_delay_unit(s->delay);
  double x = ((t - s->before - s->after) * s->rate - s->starts * s->delay->model->overhead) / unit;
  if (!(x > 0.0))
    return above ? 1.0 : 0.0;
  const testudo_i_delay_tables *tables = s->delay->tables;
  bool known = tables != NULL && s->k <= tables->terms;
  return testudo_i_chunks_side(s->delay->model, law, known ? testudo_i_delay_tables_of(tables, law) : NULL, s->k, x,
                               above);
}

/* ---- waits ---- */

/* Seconds per unit of the law in which tables and marks of the chunks' own time are kept. */
static double seconds_per_unit(const step *s)
{
  return (is_scaled(s) ? s->work : testudo_i_delay_unit(s->delay)) / s->rate;
}

/* When the chunks' own time begins, waits left out. */
static double begin_of(const step *s)
{
  const testudo_i_law_tables *of = testudo_i_delay_tables_of(s->delay->tables, s->law);
  double start = testudo_i_chunks_start(s->delay->model, s->law, of, is_scaled(s) ? 1 : s->k);
  return s->starts * s->delay->model->overhead / s->rate + seconds_per_unit(s) * start;
}

/* From there on. */
static double side_from_start(const void *of, double y, bool above)
{
  const step *s = of;
  return side_between(s, begin_of(s) + y, above);
}

/* The chunks' time takes its values by itself. */
static double sum_over_values(const step *s, const testudo_i_summand *smooth, double t, bool above)
{
  double sum = 0.0;
  for (int64_t v = 0; v < s->law->values; v++)
    sum += testudo_i_atom_mass(s->law, v) *
           testudo_i_summand_side(smooth, t - time_of_step(s, s->law->value[v]), above);
  return sum;
}

/* before and after are the starts of the wait; its rest is smooth. */
static double side_after_smooth(const step *s, const testudo_i_summand *smooth, double t, bool above)
{
  bool scaled = is_scaled(s);
  if (scaled && testudo_i_law_is_discrete(s->law))
    return sum_over_values(s, smooth, t, above);
  const testudo_i_law_tables *of = testudo_i_delay_tables_of(s->delay->tables, s->law);
  int32_t terms = scaled ? 1 : s->k;
  double mark[TESTUDO_I_MOST_MARKS], per_unit = seconds_per_unit(s);
  for (int m = 0; m < of->marks[terms]; m++)
    mark[m] = of->mark[terms][m] * per_unit;
  step alone = *s;
  alone.before = alone.after = 0.0;
  const testudo_i_summand chunks = {side_from_start, NULL, &alone, 1.0, mark, of->marks[terms]};
  return fmin(1.0, testudo_i_convolve(&chunks, smooth, t - s->before - s->after - begin_of(s), above));
}

/* Over the parts of the wait. */
static double side_after_wait(step *s, double t, bool above)
{
  const testudo_i_delay_tables *tables = s->delay->tables;
  if (tables == NULL || !tables->waits)
    return side_between(s, t, above);
  double sum = 0.0;
  for (int64_t p = 0; p < tables->wait.parts; p++) {
    const testudo_i_wait_part *part = &tables->wait.part[p];
    s->before = part->before;
    s->after = part->after;
    sum += part->weight * (part->smooth == NULL ? side_between(s, t, above)
                                                : side_after_smooth(s, part->smooth, t, above));
  }
  return sum;
}

/* Of a message whose blocks share the link: over the values of Y. */
static double side_of_link(step *s, double t, bool above)
{
  const testudo_law *message = s->delay->model->message;
  if (message == NULL || s->delay->steps == NULL || s->delay->steps->sent == NULL)
    return side_after_wait(s, t, above);
  double sum = 0.0;
  for (int64_t v = 0; v < message->values; v++) {
    s->message = message->value[v];
    sum += testudo_i_atom_mass(message, v) * side_after_wait(s, t, above);
  }
  return sum;
}

static double bracketed_side(const testudo_i_delay *delay, double rate, int32_t k, double t, bool above)
{
  double slow = testudo_i_slow_share(delay->model);
  double side = testudo_i_brackets_side(delay->brackets, law_of(delay), rate, k, t, delay->up, above);
  if (slow == 0.0)
    return side;
  rate /= delay->model->slow.factor;
  return (1.0 - slow) * side +
         slow * testudo_i_brackets_side(delay->brackets, law_of(delay), rate, k, t, delay->up, above);
}

/* P(C_{j,k} > t) or P(C_{j,k} <= t), k >= 1; slow workers mixed in. */
static double delay_side(const testudo_i_delay *delay, double rate, int32_t k, double t, bool above)
{
  const testudo_delay_model *model = delay->model;
  bool waits = model->startup != NULL || (delay->share > 0.0 && model->message != NULL);
  if (delay->bracketed)
    return bracketed_side(delay, rate, k, t, above);
  if (model->replay != NULL || model->domain_factor != NULL || (waits && delay->tables == NULL))
    return NAN;
  step s = step_of(delay, rate, k);
  double slow = testudo_i_slow_share(model);
  if (slow == 0.0)
    return side_of_link(&s, t, above);
  double normally = side_of_link(&s, t, above);
  s = step_of(delay, rate / model->slow.factor, k);
  return (1.0 - slow) * normally + slow * side_of_link(&s, t, above);
}

double testudo_i_delay_survival(const testudo_i_delay *delay, double rate, int32_t k, double t)
{
  return k <= 0 ? 0.0 : delay_side(delay, rate, k, t, true);
}

double testudo_i_delay_cdf(const testudo_i_delay *delay, double rate, int32_t k, double t)
{
  return k <= 0 ? 1.0 : delay_side(delay, rate, k, t, false);
}

double testudo_delay_survival(const testudo_delay_model *model, double rate, int32_t k, double t)
{
  return model->unit == TESTUDO_UNIT_SHARE ? NAN : testudo_i_delay_survival(TESTUDO_I_ALONE(model), rate, k, t);
}

/* ---- what a delay is like ---- */

static bool are_atoms(const testudo_law *law)
{
  return law == NULL || testudo_i_law_is_discrete(law);
}

static bool law_has_atoms(const testudo_delay_model *model, const testudo_law *law)
{
  return testudo_i_law_is_discrete(law) && testudo_i_chunks_are_scaled(model, law);
}

bool testudo_i_delay_is_discrete(const testudo_i_delay *delay)
{
  const testudo_delay_model *model = delay->model;
  bool sent = delay->share > 0.0 || (delay->steps != NULL && delay->steps->sent != NULL);
  bool discrete = law_has_atoms(model, model->law) && are_atoms(model->startup) &&
                  (!sent || are_atoms(model->message));
  for (int32_t c = 0; c < model->class_count; c++)
    discrete = discrete && (model->classes[c].law == NULL || law_has_atoms(model, model->classes[c].law));
  return discrete;
}

double testudo_i_delay_scale(const testudo_i_delay *delay, double rate, double p)
{
  const testudo_delay_model *model = delay->model;
  step s = step_of(delay, rate, 1);
  double x = testudo_law_quantile(s.law, p);
  if (model->structure == TESTUDO_STRUCTURE_MIXED)
    x *= testudo_law_quantile(model->chunk_law, p);
  if (model->startup != NULL)
    s.before = testudo_law_quantile(model->startup, p);
  if (model->message != NULL && delay->share > 0.0)
    s.after = delay->share * testudo_law_quantile(model->message, p);
  return time_of_step(&s, x);
}
