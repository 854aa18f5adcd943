/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Compressors on 10^4 vectors of awkward numbers - zeros of both signs, ties, denormals, the largest and magnitudes far
   apart -, floats and doubles: the bits counted are those written, the message read bit by bit is the definition of the
   compressor, contractions and variance factors hold; and unbiasedness in 20,000 messages of each of some vectors. */
#include "check.h"

#include <float.h>

#include <testudo/compress.h>

#include "base/random.h"

enum { VECTORS = 10000, MOST = 160, MESSAGES = 20000 };

/* False alarm of one comparison below 2e-9, of the about 300 that are made below 6e-7. */
#define LEAST_SUSPICIOUS 6.0

static const testudo_compressor_kind kinds[] = {TESTUDO_COMPRESSOR_NONE, TESTUDO_COMPRESSOR_TOP_K,
                                                TESTUDO_COMPRESSOR_GROUPED_SIGN, TESTUDO_COMPRESSOR_RANDOM_K,
                                                TESTUDO_COMPRESSOR_STOCHASTIC_SIGN};

static bool has_indices(testudo_compressor_kind kind)
{
  return kind == TESTUDO_COMPRESSOR_TOP_K || kind == TESTUDO_COMPRESSOR_RANDOM_K;
}

static testudo_compressor *compressor_of(testudo_compressor_kind kind, size_t dim, size_t size)
{
  testudo_compressor *compressor;
  assert_ok(testudo_compressor_create(kind, dim, kind == TESTUDO_COMPRESSOR_NONE ? 0 : size, &compressor, NULL));
  return compressor;
}

/* The smallest b with 2^b >= dim, as integers are counted. */
static size_t index_bits(size_t dim)
{
  size_t bits = 0;
  for (size_t left = dim - 1; left > 0; left /= 2)
    bits++;
  return bits;
}

static size_t counted_bits(testudo_compressor_kind kind, size_t dim, size_t size, size_t value)
{
  if (kind == TESTUDO_COMPRESSOR_NONE)
    return value * dim;
  return has_indices(kind) ? size * (value + index_bits(dim)) : dim + value * ((dim + size - 1) / size);
}

/* Field of `width` bits from bit `first` on, the lowest first. */
static uint64_t field_of(const unsigned char *bytes, size_t first, size_t width)
{
  uint64_t field = 0;
  for (size_t k = 0; k < width; k++)
    field |= (uint64_t)(bytes[(first + k) / 8] >> (first + k) % 8 & 1) << k;
  return field;
}

/* A number between the least and the largest of a type, by what is awkward about it. */
static double awkward(testudo_i_random *random, int fashion, double denormal, double largest)
{
  double normal = testudo_i_random_normal(random);
  switch (fashion) {
  case 0:
    return normal;
  case 1:
    return testudo_i_random_below(random, 2) ? 0.0 : -0.0;
  case 2: /* ties */
    return (double)testudo_i_random_below(random, 3) - 1.0;
  case 3:
    return denormal * ((double)testudo_i_random_below(random, 9) - 4.0);
  case 4:
    return largest * (2.0 * testudo_i_random_uniform(random) - 1.0);
  case 5: /* one number among zeros, often */
    return testudo_i_random_below(random, 20) == 0 ? normal : 0.0;
  case 6:
    return normal * exp(20.0 * testudo_i_random_normal(random));
  default: /* anything beside anything */
    return awkward(random, (int)testudo_i_random_below(random, 7), denormal, largest);
  }
}

/* Of the messages of one vector. */
typedef struct moments {
  double mean[MOST];
  double lost, lost_square; /* mean of ||C(x) - x||^2, and of its square */
} moments;

static double z_of(double mean, double wanted, double deviation)
{
  return deviation == 0.0 ? (mean == wanted ? 0.0 : HUGE_VAL) : fabs(mean - wanted) / deviation * sqrt(MESSAGES);
}

#define LARGEST_double DBL_MAX
#define LARGEST_float FLT_MAX
#define DENORMAL_double 0x1p-1074
#define DENORMAL_float 0x1p-149
#define DIGITS_double DBL_EPSILON
#define DIGITS_float FLT_EPSILON

#define BODY "property/compress_body.inc"
#include "base/both_numbers.inc"

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(messages_are_what_the_definitions_say_double),
      cmocka_unit_test(messages_are_what_the_definitions_say_float),
      cmocka_unit_test(unbiased_ones_are_unbiased_with_their_variance_double),
      cmocka_unit_test(unbiased_ones_are_unbiased_with_their_variance_float),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
