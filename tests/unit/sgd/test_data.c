/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Data in memory: classes, standardising, the bias, synthetic sets, splits. */
#include "check.h"

#include <testudo/problem.h>

static void numbers_classes_in_order(void **state)
{
  (void)state;
  const double x[] = {1, 2, 3, 4, 5}, y[] = {7, -1, 7, 3.5, -1};
  testudo_data *data;
  assert_ok(testudo_data_create(5, 1, x, y, TESTUDO_LABELS_CLASSES, &data, NULL));
  const double wanted[] = {2, 0, 2, 1, 0};
  assert_int_equal(data->classes, 3);
  for (int i = 0; i < 5; i++) {
    assert_close(data->label[i], wanted[i], 0);
    assert_close(data->class_label[(int)data->label[i]], y[i], 0);
    assert_int_equal(data->source[i], i);
  }
  testudo_data_free(data);
  testudo_data_free(NULL);
}

static void refuses_broken_sets(void **state)
{
  (void)state;
  testudo_error error;
  testudo_data *data;
  const double x[] = {1, 2, INFINITY, 4}, y[] = {0, NAN};
  assert_status(testudo_data_create(2, 2, x, y, TESTUDO_LABELS_REAL, &data, &error), TESTUDO_ERROR_ARGUMENT);
  assert_string_equal(error.text, "feature 0 of sample 1 is not finite");
  assert_null(data);
  assert_status(testudo_data_create(2, 1, x, y, TESTUDO_LABELS_REAL, &data, &error), TESTUDO_ERROR_ARGUMENT);
  assert_string_equal(error.text, "the label of sample 1 is not finite");
  assert_status(testudo_data_create(0, 1, x, y, TESTUDO_LABELS_REAL, &data, &error), TESTUDO_ERROR_ARGUMENT);
  assert_string_equal(error.text, "0 samples of 1 features, but at least one of each is needed");
  assert_status(testudo_data_create(2000, 1000000, x, y, TESTUDO_LABELS_REAL, &data, &error), TESTUDO_ERROR_ARGUMENT);
  assert_string_equal(error.text, "2000 samples of 1000000 features are too many: the limit is 134217728 numbers");
  double many[1001];
  for (int i = 0; i < 1001; i++)
    many[i] = i / 7.0;
  assert_status(testudo_data_create(1001, 1, many, many, TESTUDO_LABELS_CLASSES, &data, &error),
                TESTUDO_ERROR_ARGUMENT);
  assert_string_equal(error.text, "1001 different labels, but the limit is 1000 classes; values as labels are for "
                                  "least squares");
}

static void standardises_and_adds_a_bias(void **state)
{
  (void)state;
  const double x[] = {1e9 + 1, 5, 1e9 + 2, 5, 1e9 + 6, 5}, y[] = {1, 2, 3};
  testudo_data *data;
  assert_ok(testudo_data_create(3, 2, x, y, TESTUDO_LABELS_REAL, &data, NULL));
  assert_ok(testudo_data_add_bias(data, NULL));
  testudo_data_standardise(data);
  const double root = sqrt(14.0 / 3.0), wanted[] = {-2 / root, 0, 1, -1 / root, 0, 1, 3 / root, 0, 1};
  for (int k = 0; k < 9; k++)
    assert_near(data->feature[k], wanted[k], 1e-7); /* the mean itself has only 16 digits */
  testudo_error error;
  assert_status(testudo_data_add_bias(data, &error), TESTUDO_ERROR_ARGUMENT);
  assert_string_equal(error.text, "the data have a feature that is always 1 already");
  assert_int_equal(data->features, 3);
  testudo_data_free(data);
}

/* ---- synthetic ---- */

static testudo_data *make(testudo_synthetic wanted)
{
  testudo_data *data;
  assert_ok(testudo_data_make(&wanted, &data, NULL));
  return data;
}

/* 40,000 samples: second moments have a standard error of at most sqrt(2/40000) = 0.0071 times the variances. */
static void has_the_covariance_asked_for(void **state)
{
  (void)state;
  enum { N = 40000, D = 5 };
  testudo_data *data = make((testudo_synthetic){.samples = N, .features = D, .condition = 81, .axis = true, .signal = 2,
                                                .noise = 0.5, .seed = 9});
  double second[D][D] = {{0}}, rest = 0.0, signal = 0.0;
  for (int i = 0; i < N; i++) {
    const double *x = data->feature + i * D;
    double along = 0.0;
    for (int k = 0; k < D; k++) {
      along += x[k] * data->truth[k];
      for (int e = 0; e < D; e++)
        second[k][e] += x[k] * x[e] / N;
    }
    signal += along * along / N;
    rest += pow(data->label[i] - along, 2.0) / N;
  }
  for (int k = 0; k < D; k++)
    for (int e = 0; e < D; e++) {
      double a = pow(81, -k / 4.0), b = pow(81, -e / 4.0);
      assert_near(second[k][e], k == e ? a : 0.0, 6 * 0.0071 * sqrt(a * b));
    }
  assert_near(signal, 4, 6 * 0.0071 * 4);
  assert_near(rest, 0.25, 6 * 0.0071 * 0.25);
  testudo_data_free(data);
}

/* A random basis: the same trace and determinant, and correlated features. Two features, by hand. */
static void turns_the_covariance(void **state)
{
  (void)state;
  enum { N = 40000 };
  testudo_data *data = make((testudo_synthetic){.samples = N, .features = 2, .condition = 25, .signal = 1, .seed = 10});
  double a = 0, b = 0, c = 0;
  for (int i = 0; i < N; i++) {
    double x = data->feature[2 * i], z = data->feature[2 * i + 1];
    a += x * x / N;
    b += x * z / N;
    c += z * z / N;
  }
  assert_near(a + c, 1.04, 6 * 0.0071 * 1.04);
  assert_near(a * c - b * b, 0.04, 6 * 0.0101 * 0.04);
  assert_true(fabs(b) > 0.05);
  testudo_data_free(data);
}

/* Labels follow the softmax law of the truth: sum of (occurs - p) over sqrt(sum p (1 - p)) is standard normal. */
static void draws_classes_from_the_model(void **state)
{
  (void)state;
  enum { N = 20000, D = 3, C = 4 };
  testudo_data *data = make((testudo_synthetic){.samples = N, .features = D, .classes = C, .condition = 3,
                                                .signal = 1.5, .seed = 4});
  double off[C] = {0}, spread[C] = {0}, wrong = 0.0, wrong_spread = 0.0;
  for (int i = 0; i < N; i++) {
    double z[C] = {0}, total = 0.0;
    for (int c = 0; c < C; c++) {
      for (int k = 0; k < D; k++)
        z[c] += data->feature[i * D + k] * data->truth[k * C + c];
      total += exp(z[c]);
    }
    for (int c = 0; c < C; c++) {
      double p = exp(z[c]) / total;
      off[c] += ((int)data->label[i] == c) - p;
      spread[c] += p * (1 - p);
      wrong += (((int)data->label[i] == c) - p) * z[c]; /* sees labels drawn from another slope */
      wrong_spread += p * (1 - p) * z[c] * z[c];
    }
  }
  for (int c = 0; c < C; c++)
    assert_near(off[c] / sqrt(spread[c]), 0, 5);
  assert_near(wrong / sqrt(wrong_spread), 0, 5);
  assert_int_equal(data->classes, C);
  assert_near(data->class_label[3], 3, 0);
  testudo_data_free(data);
}

static void depends_on_the_seed_alone(void **state)
{
  (void)state;
  testudo_synthetic wanted = {.samples = 700, .features = 4, .classes = 3, .condition = 5, .signal = 1, .seed = 4};
  testudo_data *a = make(wanted), *b, *c;
  wanted.samples = 300; /* the first 300 of the same */
  b = make(wanted);
  wanted.seed = 5;
  c = make(wanted);
  for (int k = 0; k < 300 * 4; k++)
    assert_close(a->feature[k], b->feature[k], 1e-14); /* products of blocks may be summed in another order */
  assert_memory_equal(a->label, b->label, 300 * sizeof *a->label);
  assert_memory_not_equal(b->feature, c->feature, 300 * 4 * sizeof *b->feature);
  testudo_data_free(a);
  testudo_data_free(b);
  testudo_data_free(c);
}

static void refuse_synthetic(testudo_synthetic wanted, const char *sentence)
{
  testudo_data *data;
  testudo_error error;
  assert_status(testudo_data_make(&wanted, &data, &error), TESTUDO_ERROR_ARGUMENT);
  assert_string_equal(error.text, sentence);
  assert_null(data);
}

static void refuses_synthetic_sets(void **state)
{
  (void)state;
  testudo_synthetic good = {.samples = 5, .features = 2, .condition = 1, .signal = 1}, bad = good;
  testudo_data_free(make(good));
  bad.condition = 0.5;
  refuse_synthetic(bad, "condition number 0.5, but it is at least 1");
  bad = good;
  bad.signal = 0;
  refuse_synthetic(bad, "signal 0, but it is positive");
  bad = good;
  bad.noise = -1;
  refuse_synthetic(bad, "noise -1, but it is at least 0");
  bad = good;
  bad.classes = 1;
  refuse_synthetic(bad, "1 classes, but 0 (labels are values) or 2 to 1000 are allowed");
  bad.classes = 2;
  bad.noise = 1;
  refuse_synthetic(bad, "noise applies to labels that are values; classes are drawn from the model");
  bad = good;
  bad.features = 5000;
  refuse_synthetic(bad, "5000 features in a random basis; the limit is 4096, except along the axes");
  bad = good;
  bad.samples = 0;
  refuse_synthetic(bad, "0 samples of 2 features, but at least one of each is needed");
}

/* ---- split ---- */

enum { SAMPLES = 1003, CLASSES = 5 };

static testudo_data *numbered(void)
{
  double x[2 * SAMPLES], y[SAMPLES];
  testudo_data *data;
  for (int i = 0; i < SAMPLES; i++) {
    x[2 * i] = i;
    x[2 * i + 1] = -i;
    y[i] = i % CLASSES;
  }
  assert_ok(testudo_data_create(SAMPLES, 2, x, y, TESTUDO_LABELS_CLASSES, &data, NULL));
  return data;
}

/* Every sample once, with its own features and label; sizes equal up to one. */
static void check_moved(const testudo_data *data, const int32_t *first, int32_t shards)
{
  bool seen[SAMPLES] = {false};
  for (int i = 0; i < SAMPLES; i++) {
    int32_t from = data->source[i];
    assert_true(from >= 0 && from < SAMPLES && !seen[from]);
    seen[from] = true;
    assert_near(data->feature[2 * i], from, 0);
    assert_near(data->feature[2 * i + 1], -from, 0);
    assert_near(data->label[i], from % CLASSES, 0);
  }
  assert_int_equal(first[0], 0);
  assert_int_equal(first[shards], SAMPLES);
  for (int32_t k = 0; k < shards; k++)
    assert_in_range(first[k + 1] - first[k], SAMPLES / shards, (SAMPLES + shards - 1) / shards);
}

/* The mean over shards of the share of the commonest label. */
static double purity(const testudo_data *data, const int32_t *first, int32_t shards)
{
  double sum = 0.0;
  for (int32_t k = 0; k < shards; k++) {
    int count[CLASSES] = {0}, most = 0;
    for (int32_t i = first[k]; i < first[k + 1]; i++)
      count[(int)data->label[i]]++;
    for (int c = 0; c < CLASSES; c++)
      most = count[c] > most ? count[c] : most;
    sum += (double)most / (first[k + 1] - first[k]);
  }
  return sum / shards;
}

static double purity_of(double skew, int32_t shards, uint64_t seed)
{
  testudo_data *data = numbered();
  int32_t first[SAMPLES + 1];
  testudo_split split = {.shards = shards, .label_skew = skew, .seed = seed};
  assert_ok(testudo_data_split(data, &split, first, NULL));
  check_moved(data, first, shards);
  double found = purity(data, first, shards);
  testudo_data_free(data);
  return found;
}

static void splits_by_labels_as_asked(void **state)
{
  (void)state;
  /* iid: the commonest of 5 labels among 100 has about 26; sorted: 201 or 200 of each, so shards of 100 are pure but
     for the borders; half: 50 pure and 50 mixed. */
  assert_true(purity_of(0.0, 10, 1) < 0.33);
  assert_true(purity_of(1.0, 10, 1) > 0.97);
  double half = purity_of(0.5, 10, 1);
  assert_true(half > 0.55 && half < 0.70);
  for (int32_t shards = 1; shards < SAMPLES; shards = shards * 3 + 1)
    for (int skew = 0; skew <= 7; skew++)
      purity_of(skew / 7.0, shards, (uint64_t)shards);
  purity_of(0.4, SAMPLES, 2);
}

/* All of it sorted: labels rise from shard to shard. Real labels too. */
static void skew_of_one_sorts(void **state)
{
  (void)state;
  double x[100], y[100];
  testudo_data *data;
  int32_t first[9];
  for (int i = 0; i < 100; i++) {
    x[i] = 1;
    y[i] = (i * 37) % 100 / 3.0;
  }
  assert_ok(testudo_data_create(100, 1, x, y, TESTUDO_LABELS_REAL, &data, NULL));
  testudo_split split = {.shards = 8, .label_skew = 1.0, .seed = 6};
  assert_ok(testudo_data_split(data, &split, first, NULL));
  for (int k = 0; k < 8; k++) {
    bool ascends = true;
    for (int32_t i = first[k]; i < first[k + 1]; i++) {
      assert_true(data->label[i] >= first[k] / 3.0 && data->label[i] < first[k + 1] / 3.0);
      ascends = ascends && (i == first[k] || data->label[i] > data->label[i - 1]);
    }
    assert_false(ascends); /* but within a shard they are mixed: one chance in 12! */
  }
  testudo_data_free(data);
}

/* Seeds give the same split again, others another; iid shards have the mean label in 4.5 standard errors. */
static void splits_by_seed(void **state)
{
  (void)state;
  testudo_data *a = numbered(), *b = numbered(), *c = numbered();
  int32_t first[6];
  assert_ok(testudo_data_split(a, &(testudo_split){.shards = 5, .label_skew = 0.3, .seed = 1}, first, NULL));
  assert_ok(testudo_data_split(b, &(testudo_split){.shards = 5, .label_skew = 0.3, .seed = 1}, first, NULL));
  assert_memory_equal(a->source, b->source, sizeof *a->source * SAMPLES);
  assert_ok(testudo_data_split(c, &(testudo_split){.shards = 5, .seed = 2}, first, NULL));
  assert_memory_not_equal(a->source, c->source, sizeof *a->source * SAMPLES);
  for (int k = 0; k < 5; k++) {
    double sum = 0.0;
    for (int32_t i = first[k]; i < first[k + 1]; i++)
      sum += c->label[i];
    assert_near(sum / (first[k + 1] - first[k]), 2, 4.5 * sqrt(2.0 / 200));
  }
  testudo_data_free(a);
  testudo_data_free(b);
  testudo_data_free(c);
}

static void shifts_features_of_shards(void **state)
{
  (void)state;
  testudo_data *data = numbered();
  int32_t first[5];
  double shift[4][2];
  assert_ok(testudo_data_add_bias(data, NULL));
  assert_ok(testudo_data_split(data, &(testudo_split){.shards = 4, .feature_shift = 2.5, .seed = 1}, first, NULL));
  for (int k = 0; k < 4; k++)
    for (int32_t i = first[k]; i < first[k + 1]; i++) {
      const double *x = data->feature + 3 * i;
      double a = x[0] - data->source[i], b = x[1] + data->source[i];
      if (i == first[k]) {
        shift[k][0] = a;
        shift[k][1] = b;
        assert_close(hypot(a, b), 2.5, 1e-12);
      }
      assert_near(a, shift[k][0], 1e-12);
      assert_near(b, shift[k][1], 1e-12);
      assert_near(x[2], 1, 0);
    }
  assert_true(fabs(shift[0][0] - shift[1][0]) > 1e-3);
  testudo_data_free(data);
}

static void refuses_splits(void **state)
{
  (void)state;
  testudo_data *data = numbered();
  int32_t first[5];
  testudo_error error;
  assert_status(testudo_data_split(data, &(testudo_split){.shards = 0}, first, &error), TESTUDO_ERROR_ARGUMENT);
  assert_string_equal(error.text, "0 shards, but 1003 samples make 1 to 1003");
  assert_status(testudo_data_split(data, &(testudo_split){.shards = 1004}, first, &error), TESTUDO_ERROR_ARGUMENT);
  assert_status(testudo_data_split(data, &(testudo_split){.shards = 4, .label_skew = 1.5}, first, &error),
                TESTUDO_ERROR_ARGUMENT);
  assert_string_equal(error.text, "label skew 1.5, but it is 0 to 1");
  assert_status(testudo_data_split(data, &(testudo_split){.shards = 4, .feature_shift = NAN}, first, &error),
                TESTUDO_ERROR_ARGUMENT);
  assert_string_equal(error.text, "feature shift nan, but it is at least 0");
  testudo_data_free(data);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(numbers_classes_in_order),     cmocka_unit_test(refuses_broken_sets),
      cmocka_unit_test(standardises_and_adds_a_bias), cmocka_unit_test(has_the_covariance_asked_for),
      cmocka_unit_test(turns_the_covariance),         cmocka_unit_test(draws_classes_from_the_model),
      cmocka_unit_test(depends_on_the_seed_alone),    cmocka_unit_test(refuses_synthetic_sets),
      cmocka_unit_test(splits_by_labels_as_asked),    cmocka_unit_test(skew_of_one_sorts),
      cmocka_unit_test(splits_by_seed),               cmocka_unit_test(shifts_features_of_shards),
      cmocka_unit_test(refuses_splits),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
