/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What only nested codes report: the gain of partial on the same draws, and what an iteration costs. */
#include "common/simulation.h"

#include <math.h>

#include <testudo/exact.h>

static const struct {
  const char *key;
  double q;
} shown[] = {{"0.5", 0.5}, {"0.9", 0.9}, {"0.99", 0.99}};

/* The nested code waits for one of the s + 1 workers it cannot do without, s the largest tolerance, while partial has
   ended: those are s + 1 workers that are no arc, of which there are some where 1 <= s <= n - 3. */
static bool gain_is_infinite(const cli_simulated *simulated)
{
  const testudo_design *design = simulated->cluster->design;
  int32_t blocking = testudo_design_max_load(design);
  return blocking >= 2 && blocking <= testudo_design_workers(design) - 2 &&
         testudo_tail_index(design, &simulated->cluster->model) <= 1.0;
}

void nested_put(testudo_i_json_writer *writer, const cli_simulated *simulated)
{
  const testudo_partial_gain *gain = simulated->gain;
  if (gain == NULL)
    return;
  testudo_i_json_open_object(writer, "partial_gain");
  testudo_i_json_put_integer(writer, "trials", gain->count);
  testudo_i_json_put_integer(writer, "only_partial_ends", gain->only_partial);
  bool infinite = gain_is_infinite(simulated);
  testudo_i_json_put_real(writer, "mean", infinite ? NAN : gain->mean);
  testudo_i_json_put_string(writer, "mean_status",
                            infinite ? "infinite" : isfinite(gain->mean) ? "simulated" : "not known");
  testudo_i_json_put_real(writer, "stderr", infinite ? NAN : gain->mean_stderr);
  testudo_i_json_put_real(writer, "sample_mean", gain->mean);
  testudo_i_json_put_real(writer, "equal", gain->equal);
  testudo_i_json_open_object(writer, "quantiles");
  for (size_t k = 0; k < sizeof shown / sizeof *shown; k++)
    testudo_i_json_put_real(writer, shown[k].key, testudo_partial_gain_quantile(gain, shown[k].q));
  testudo_i_json_close_object(writer);
  testudo_i_json_close_object(writer);
  double workers = testudo_design_workers(simulated->cluster->design);
  testudo_i_json_open_object(writer, "work");
  testudo_i_json_put_real(writer, "chunks", simulated->work.chunks);
  testudo_i_json_put_real(writer, "chunks_stderr", simulated->work.chunks_stderr);
  testudo_i_json_put_real(writer, "chunks_per_worker", simulated->work.chunks / workers);
  testudo_i_json_put_real(writer, "signals", simulated->work.chunks);
  testudo_i_json_put_real(writer, "signals_per_worker", simulated->work.chunks / workers);
  testudo_i_json_put_reals(writer, "chunks_of_worker", simulated->worker_chunks, (size_t)workers);
  testudo_i_json_put_real(writer, "messages", simulated->work.messages);
  testudo_i_json_put_real(writer, "messages_stderr", simulated->work.messages_stderr);
  testudo_i_json_close_object(writer);
}

void nested_print(FILE *stream, const cli_simulated *simulated)
{
  const testudo_partial_gain *gain = simulated->gain;
  if (gain == NULL)
    return;
  fprintf(stream, "\nnested (a working model) beside partial(l=1) at equal load, on the same %lld trials\n",
          (long long)gain->trials);
  if (gain_is_infinite(simulated))
    fprintf(stream, "  %-17s earlier by a gain of infinite mean: the sample mean, %.9g s, says nothing; equal in %.4g"
            " of the trials\n", "partial is", gain->mean, gain->equal);
  else
    fprintf(stream, "  %-17s %.9g +- %.2g s earlier, equal in %.4g of the trials\n", "partial is", gain->mean,
            gain->mean_stderr, gain->equal);
  for (size_t k = 0; k < sizeof shown / sizeof *shown; k++)
    fprintf(stream, "  gain, quantile %-5s%.9g\n", shown[k].key, testudo_partial_gain_quantile(gain, shown[k].q));
  double workers = testudo_design_workers(simulated->cluster->design);
  fprintf(stream, "  %-17s %.6g chunks and as many signals (%.4g a worker), %.6g messages\n", "iteration costs",
          simulated->work.chunks, simulated->work.chunks / workers, simulated->work.messages);
}
