/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Any bytes as a delay file: refused with a sentence, or a model whose laws have numbers for
   probabilities, quantiles and draws. */
#include "fuzz.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "delay/delay_json.h"
#include "delay/model.h"

static void require(int holds)
{
  if (!holds)
    abort();
}

static void use(const testudo_law *law)
{
  double last = 1;
  for (double t = 1e-120; t < 1e120; t *= 1e7) {
    double above = testudo_law_survival(law, t), below = testudo_law_cdf(law, t);
    require(above >= 0 && above <= last && below >= 0 && below <= 1 && fabs(above + below - 1) < 1e-12);
    last = above;
  }
  double first = testudo_law_quantile(law, 0.01), middle = testudo_law_quantile(law, 0.5);
  require(first > 0 && first <= middle && middle < HUGE_VAL);
  double draw = testudo_i_law_draw(law, 0.37), mean = testudo_law_mean(law), variance = testudo_law_variance(law);
  require(draw > 0 && draw < HUGE_VAL && mean > 0 && variance >= 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  testudo_i_delay_terms terms;
  testudo_error error = {""};
  testudo_status status = testudo_i_delay_file_parse((const char *)data, size, "fuzz", &terms, &error);
  if (status == TESTUDO_OK) {
    require(!testudo_i_delay_names_file(&terms.model)); /* no other file is opened */
    for (size_t k = 0; k < terms.laws; k++)
      use(terms.law[k]);
  } else {
    require(status == TESTUDO_ERROR_INPUT);
    require(strncmp(error.text, "fuzz: ", 6) == 0 && strchr(error.text, '\n') == NULL);
  }
  testudo_i_delay_terms_clear(&terms);
  return 0;
}
