/* SPDX-License-Identifier: BSD-3-Clause */
/* encode and decode for one NUMBER type; included once for each by transfer.c. Coefficients are cast to it once. */

testudo_status NAME(testudo_encode)(testudo_codec *codec, int32_t worker, int32_t done, const double *coefficients,
                                    const NUMBER *const *gradients, size_t dim, NUMBER *message, testudo_error *error)
{
  const testudo_design *design = codec->design;
  testudo_status status = check_encode(design, worker, done, dim, error);
  if (status != TESTUDO_OK)
    return status;
  for (int32_t k = 0; k < done; k++)
    if (gradients[k] == NULL)
      return fail_missing("gradients", k, error);
  part_layout layout = layout_of(design, dim);
  size_t parts = (size_t)design->parts, inputs = 0;
  const NUMBER **input = codec->input;
  NUMBER *weight = codec->weight;
  /* Part after part, so that the inputs of the last, shorter one come last. */
  for (size_t p = 0; p <= layout.whole; p++)
    for (size_t k = 0; k < (size_t)done; k++) {
      input[inputs] = gradients[k] + p * layout.length;
      weight[inputs++] = (NUMBER)coefficients[k * parts + p];
    }
  NAME(testudo_i_weighted_sums)(1, &message, inputs, input, weight, 0, layout.rest);
  NAME(testudo_i_weighted_sums)
  (1, &message, inputs - (size_t)done, input, weight, layout.rest, layout.length);
  return TESTUDO_OK;
}

/* Lists the messages that are read; answers how many, or -1 - j where worker j's is missing. */
static int32_t NAME(list_messages)(testudo_codec *codec, const testudo_progress *progress,
                                   const NUMBER *const *messages)
{
  const NUMBER **input = codec->input;
  int32_t inputs = 0;
  for (int32_t j = 0; j < codec->design->workers; j++) {
    if (progress->done[j] == 0)
      continue;
    if (messages[j] == NULL)
      return -1 - j;
    input[inputs++] = messages[j];
  }
  return inputs;
}

/* One row of weights a part: R for the workers that are read. */
static void NAME(fill_weights)(testudo_codec *codec, const testudo_progress *progress, size_t rows)
{
  const testudo_design *design = codec->design;
  NUMBER *weight = codec->weight;
  for (size_t k = 0; k < rows; k++)
    for (int32_t j = 0; j < design->workers; j++)
      if (progress->done[j] > 0)
        *weight++ = design->matrix == NULL ? (NUMBER)1
                                           : (NUMBER)design->matrix[k * (size_t)design->workers + (size_t)j];
}

static testudo_status NAME(decode)(testudo_codec *codec, const testudo_progress *progress,
                                   const NUMBER *const *messages, size_t dim, bool approximate, NUMBER *gradient,
                                   testudo_error *error)
{
  testudo_status status = check_decode(codec, progress, dim, approximate, error);
  if (status != TESTUDO_OK)
    return status;
  int32_t inputs = NAME(list_messages)(codec, progress, messages);
  if (inputs < 0)
    return fail_missing("messages", -1 - inputs, error);
  part_layout layout = layout_of(codec->design, dim);
  NAME(fill_weights)(codec, progress, layout.whole + 1);
  NUMBER **output = codec->output;
  for (size_t k = 0; k <= layout.whole; k++)
    output[k] = gradient + k * layout.length;
  NAME(testudo_i_weighted_sums)
  (layout.whole + 1, output, (size_t)inputs, codec->input, codec->weight, 0, layout.rest);
  NAME(testudo_i_weighted_sums)
  (layout.whole, output, (size_t)inputs, codec->input, codec->weight, layout.rest, layout.length);
  return TESTUDO_OK;
}

testudo_status NAME(testudo_decode)(testudo_codec *codec, const testudo_progress *progress,
                                    const NUMBER *const *messages, size_t dim, NUMBER *gradient,
                                    testudo_error *error)
{
  return NAME(decode)(codec, progress, messages, dim, false, gradient, error);
}

testudo_status NAME(testudo_decode_approximate)(testudo_codec *codec, const testudo_progress *progress,
                                                const NUMBER *const *messages, size_t dim, NUMBER *gradient,
                                                testudo_error *error)
{
  return NAME(decode)(codec, progress, messages, dim, true, gradient, error);
}
