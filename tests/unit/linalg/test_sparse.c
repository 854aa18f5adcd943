/* SPDX-License-Identifier: GPL-3.0-or-later */
/* LSQR against dense least squares, and, on the assignment of a graph (chunks = vertices, workers = edges), against the
   sum over bipartite components of (|L| - |R|)^2 / (|L| + |R|) (Glasgow and Wootters, 2021). */
#include "check.h"

#include "base/random.h"
#include "linalg/solve.h"
#include "linalg/sparse.h"

#define TOLERANCE 1e-12

/* Columns of 0 to `heaviest` entries; values NULL: ones. */
typedef struct problem {
  int32_t rows, all;
  int64_t *row;
  int32_t *index, *use;
  double *value, *b;
} problem;

static problem random_problem(testudo_i_random *random, int32_t rows, int32_t columns, int32_t heaviest, bool valued)
{
  problem p = {.rows = rows, .all = columns};
  p.row = calloc((size_t)columns + 1, sizeof *p.row);
  p.index = malloc((size_t)columns * (size_t)heaviest * sizeof *p.index);
  p.use = malloc((size_t)columns * sizeof *p.use);
  p.value = valued ? malloc((size_t)columns * (size_t)heaviest * sizeof *p.value) : NULL;
  p.b = malloc((size_t)rows * sizeof *p.b);
  for (int32_t c = 0; c < columns; c++) {
    p.row[c + 1] = p.row[c];
    int32_t load = (int32_t)testudo_i_random_below(random, (uint64_t)heaviest + 1);
    for (int32_t i = 0; i < rows && load > 0; i++)
      if (testudo_i_random_below(random, (uint64_t)(rows - i)) < (uint64_t)load) {
        load--;
        if (valued)
          p.value[p.row[c + 1]] = testudo_i_random_normal(random);
        p.index[p.row[c + 1]++] = i;
      }
    p.use[c] = c;
  }
  for (int32_t i = 0; i < rows; i++)
    p.b[i] = valued ? testudo_i_random_normal(random) : 1.0;
  return p;
}

static void free_problem(problem *p)
{
  free(p->row);
  free(p->index);
  free(p->use);
  free(p->value);
  free(p->b);
}

static testudo_i_sparse matrix_of(const problem *p, int32_t columns)
{
  return (testudo_i_sparse){.rows = p->rows, .first = p->row, .last = p->row + 1, .index = p->index,
                            .value = p->value, .use = p->use, .columns = columns};
}

static double lsqr(const testudo_i_sparse *a, const double *b, double *x)
{
  int32_t width = a->row != NULL ? a->all : a->columns;
  double *room = malloc(testudo_i_lsqr_room(a->rows, width) * sizeof *room), residual;
  bool converged;
  testudo_i_lsqr(a, b, (testudo_i_stop){TOLERANCE, 0.0, 2000 + 40 * a->rows}, x, &residual, &converged, room);
  assert_true(converged);
  free(room);
  return residual;
}

static double dense(const testudo_i_sparse *a, const double *b, double *x)
{
  size_t rows = (size_t)a->rows, columns = (size_t)a->columns, longest = rows > columns ? rows : columns;
  double *full = calloc(rows * columns + 1, sizeof *full), *right = calloc(longest, sizeof *right);
  double *room = malloc(testudo_i_least_squares_room(a->rows, a->columns) * sizeof *room), residual = 0.0;
  int32_t *pivot = malloc((columns + 1) * sizeof *pivot);
  for (int32_t k = 0; k < a->columns; k++)
    for (int64_t e = a->first[a->use[k]]; e < a->last[a->use[k]]; e++)
      full[(size_t)k * rows + (size_t)a->index[e]] = a->value == NULL ? 1.0 : a->value[e];
  memcpy(right, b, rows * sizeof *right);
  assert_ok(testudo_i_least_squares(a->rows, a->columns, full, right, 1e-13, pivot, room, NULL));
  memcpy(x, right, columns * sizeof *x);
  double *left = malloc(rows * sizeof *left);
  memcpy(left, b, rows * sizeof *left);
  for (int32_t k = 0; k < a->columns; k++)
    for (int64_t e = a->first[a->use[k]]; e < a->last[a->use[k]]; e++)
      left[a->index[e]] -= x[k] * (a->value == NULL ? 1.0 : a->value[e]);
  for (size_t i = 0; i < rows; i++)
    residual += left[i] * left[i];
  free(full);
  free(right);
  free(room);
  free(pivot);
  free(left);
  return residual;
}

/* Tall, square and wide; empty columns and equal ones occur, so many are rank-deficient. */
static void equals_dense_least_squares_and_its_least_norm(void **state)
{
  (void)state;
  testudo_i_random random;
  testudo_i_random_start(&random, 31, TESTUDO_I_FOR_TEST, 0, 0);
  int cases = 0;
  for (int k = 0; k < 600; k++) {
    int32_t rows = 1 + (int32_t)testudo_i_random_below(&random, 40);
    int32_t columns = 1 + (int32_t)testudo_i_random_below(&random, 60);
    int32_t heaviest = 1 + (int32_t)testudo_i_random_below(&random, (uint64_t)(rows < 6 ? rows : 6));
    problem p = random_problem(&random, rows, columns, heaviest, k % 2 == 1);
    testudo_i_random_shuffle(&random, p.use, (size_t)columns);
    testudo_i_sparse a = matrix_of(&p, columns - columns / 3);
    double sparse_x[64], dense_x[64];
    double found = lsqr(&a, p.b, sparse_x), wanted = dense(&a, p.b, dense_x);
    assert_near(found, wanted, 1e-9);
    for (int32_t c = 0; c < a.columns; c++)
      assert_near(sparse_x[c], dense_x[c], 1e-6 * (1.0 + fabs(dense_x[c])));
    free_problem(&p);
    cases++;
  }
  assert_int_equal(cases, 600);
}

/* With the rows given, x by the numbers of the columns: lists of one length, of lengths that have loops of their own,
   and of any. */
static void rows_that_are_given_change_nothing(void **state)
{
  (void)state;
  testudo_i_random random;
  testudo_i_random_start(&random, 37, TESTUDO_I_FOR_TEST, 0, 0);
  for (int k = 0; k < 300; k++) {
    int32_t rows = 10 + (int32_t)testudo_i_random_below(&random, 30), columns = rows, load = 1 + k % 9;
    problem p = random_problem(&random, rows, columns, 10, false);
    if (k % 3 > 0) /* every column and row of one length, around a circle */
      for (int32_t e = 0; e < columns * load; e++) {
        p.row[e / load + 1] = (e / load + 1) * load;
        p.index[e] = (e / load * 7 + e % load) % rows;
      }
    int64_t row[64] = {0}, fill[64];
    int32_t column[640];
    for (int64_t e = 0; e < p.row[columns]; e++)
      row[p.index[e] + 1]++;
    for (int32_t i = 0; i < rows; i++)
      fill[i] = row[i + 1] += row[i];
    for (int32_t c = columns - 1; c >= 0; c--)
      for (int64_t e = p.row[c]; e < p.row[c + 1]; e++)
        column[--fill[p.index[e]]] = c;
    testudo_i_random_shuffle(&random, p.use, (size_t)columns);
    testudo_i_sparse a = matrix_of(&p, columns - columns / 3), by_rows = a;
    by_rows.row = row;
    by_rows.column = column;
    by_rows.all = columns;
    double x[64], by_number[64];
    assert_near(lsqr(&by_rows, p.b, by_number), lsqr(&a, p.b, x), 1e-9);
    for (int32_t c = 0; c < columns; c++) {
      assert_near(by_number[p.use[c]], c < a.columns ? x[c] : 0, 1e-6 * (1.0 + fabs(by_number[p.use[c]])));
      assert_true(c < a.columns || by_number[p.use[c]] == 0.0);
    }
    free_problem(&p);
  }
}

/* ---- graphs ---- */

typedef struct graph {
  int32_t vertices, edges;
  int32_t *end; /* 2 * edges */
} graph;

/* The error of the set of edges `use`, by walking its components; `seen` has the side 1 or 2, or 0. */
static double by_components(const graph *g, const int32_t *use, int32_t count)
{
  size_t vertices = (size_t)g->vertices;
  int32_t *seen = calloc(vertices, sizeof *seen), *queue = malloc(vertices * sizeof *queue);
  int32_t *start = calloc(vertices + 1, sizeof *start), *next = malloc(2 * (size_t)count * sizeof *next + 1);
  int32_t *fill = calloc(vertices, sizeof *fill);
  for (int32_t k = 0; k < 2 * count; k++)
    start[g->end[2 * use[k / 2] + k % 2] + 1]++;
  for (int32_t v = 0; v < g->vertices; v++)
    start[v + 1] += start[v];
  for (int32_t k = 0; k < 2 * count; k++) {
    int32_t v = g->end[2 * use[k / 2] + k % 2];
    next[start[v] + fill[v]++] = g->end[2 * use[k / 2] + 1 - k % 2];
  }
  double total = 0.0;
  for (int32_t root = 0; root < g->vertices; root++) {
    if (seen[root] != 0)
      continue;
    int32_t size[3] = {0, 1, 0}, head = 0, tail = 1;
    bool bipartite = true;
    queue[0] = root;
    seen[root] = 1;
    for (; head < tail; head++)
      for (int32_t e = start[queue[head]]; e < start[queue[head] + 1]; e++) {
        int32_t v = next[e], side = 3 - seen[queue[head]];
        if (seen[v] == 0) {
          seen[v] = side;
          size[side]++;
          queue[tail++] = v;
        } else if (seen[v] != side)
          bipartite = false;
      }
    double apart = size[1] - size[2];
    total += bipartite ? apart * apart / (size[1] + size[2]) : 0.0;
  }
  free(seen);
  free(queue);
  free(start);
  free(next);
  free(fill);
  return total;
}

static double graph_error(const graph *g, const int32_t *use, int32_t count, bool full)
{
  int64_t *row = malloc(((size_t)g->edges + 1) * sizeof *row);
  double *ones = malloc((size_t)g->vertices * sizeof *ones), *x = malloc(((size_t)count + 1) * sizeof *x);
  for (int32_t e = 0; e <= g->edges; e++)
    row[e] = 2 * e;
  for (int32_t v = 0; v < g->vertices; v++)
    ones[v] = 1.0;
  testudo_i_sparse a = {.rows = g->vertices, .first = row, .last = row + 1, .index = g->end, .use = use,
                        .columns = count};
  double found = full ? dense(&a, ones, x) : lsqr(&a, ones, x);
  free(row);
  free(ones);
  free(x);
  return found;
}

/* Every set of edges of random graphs of up to 10 vertices: forests, even and odd cycles, isolated vertices. */
static void equals_the_components_of_small_graphs_on_every_set_of_workers(void **state)
{
  (void)state;
  testudo_i_random random;
  testudo_i_random_start(&random, 7, TESTUDO_I_FOR_TEST, 1, 0);
  long sets = 0;
  for (int32_t n = 2; n <= 10; n++) {
    int32_t end[24], use[12];
    graph g = {.vertices = n, .end = end};
    g.edges = n * (n - 1) / 2 < 11 ? n * (n - 1) / 2 : 11;
    for (int32_t e = 0; e < g.edges;) {
      int32_t a = (int32_t)testudo_i_random_below(&random, (uint64_t)n);
      int32_t b = (int32_t)testudo_i_random_below(&random, (uint64_t)n);
      bool fresh = a < b;
      for (int32_t f = 0; f < e; f++)
        fresh = fresh && !(end[2 * f] == a && end[2 * f + 1] == b);
      end[2 * e] = a;
      end[2 * e + 1] = b;
      e += fresh;
    }
    for (int set = 0; set < 1 << g.edges; set++, sets++) {
      int32_t count = 0;
      for (int32_t e = 0; e < g.edges; e++)
        if (set >> e & 1)
          use[count++] = e;
      assert_near(graph_error(&g, use, count, false), by_components(&g, use, count), 1e-9);
    }
  }
  assert_true(sets > 10000);
}

/* A union of three random perfect matchings on 1,000 vertices; random sets of all sizes. */
static void equals_the_components_of_a_graph_of_1000_vertices(void **state)
{
  (void)state;
  testudo_i_random random;
  testudo_i_random_start(&random, 8, TESTUDO_I_FOR_TEST, 2, 0);
  enum { N = 1000, E = 3 * N / 2 };
  int32_t *end = malloc(2 * E * sizeof *end), *use = malloc(E * sizeof *use), *vertex = malloc(N * sizeof *vertex);
  for (int32_t v = 0; v < N; v++)
    vertex[v] = v;
  for (int32_t e = 0; e < E; e++) {
    if (e % (N / 2) == 0)
      testudo_i_random_shuffle(&random, vertex, N);
    end[2 * e] = vertex[2 * (e % (N / 2))];
    end[2 * e + 1] = vertex[2 * (e % (N / 2)) + 1];
  }
  graph g = {.vertices = N, .edges = E, .end = end};
  double largest = 0.0, least = N;
  for (int k = 0; k < 60; k++) {
    int32_t count = 0;
    for (int32_t e = 0; e < E; e++)
      if (testudo_i_random_uniform(&random) < (k + 1) / 60.0)
        use[count++] = e;
    double wanted = by_components(&g, use, count), found = graph_error(&g, use, count, false);
    assert_near(found, wanted, 1e-9);
    if (k == 40)
      assert_near(graph_error(&g, use, count, true), wanted, 1e-9);
    largest = fmax(largest, found);
    least = fmin(least, found);
  }
  assert_true(largest > 900.0 && least < 1.0);
  free(end);
  free(use);
  free(vertex);
}

static void nothing_to_choose_from_leaves_everything(void **state)
{
  (void)state;
  const int64_t row[] = {0, 0, 2};
  const int32_t index[] = {0, 2}, use[] = {0, 0};
  const double b[] = {1.0, 1.0, 1.0}, zero[] = {0.0, 0.0, 0.0};
  testudo_i_sparse none = {.rows = 3, .first = row, .last = row + 1, .index = index, .use = use, .columns = 0};
  testudo_i_sparse empty = none, one = none;
  double x[2];
  assert_near(lsqr(&none, b, x), 3.0, 0.0);
  empty.columns = 2;
  assert_near(lsqr(&empty, b, x), 3.0, 0.0);
  assert_true(x[0] == 0.0 && x[1] == 0.0);
  const int32_t second[] = {1};
  one.use = second;
  one.columns = 1;
  assert_near(lsqr(&one, b, x), 1.0, 1e-15);
  assert_near(x[0], 1.0, 1e-15);
  assert_near(lsqr(&one, zero, x), 0.0, 0.0);
  assert_true(x[0] == 0.0);
}

/* A path of 400 edges whose middle edge is away needs about as many steps as it has edges on a side. */
static void too_few_steps_are_said_and_are_far_off(void **state)
{
  (void)state;
  enum { E = 400 };
  int32_t end[2 * E], use[E];
  int64_t row[E + 1];
  double ones[E + 1], x[E], residual, *room = malloc(testudo_i_lsqr_room(E + 1, E) * sizeof *room);
  bool converged;
  for (int32_t e = 0; e < E; e++) {
    end[2 * e] = e;
    end[2 * e + 1] = e + 1;
    use[e] = e;
  }
  for (int32_t e = 0; e <= E; e++) {
    row[e] = 2 * e;
    ones[e] = 1.0;
  }
  testudo_i_sparse a = {.rows = E + 1, .first = row, .last = row + 1, .index = end, .use = use, .columns = E};
  testudo_i_lsqr(&a, ones, (testudo_i_stop){TOLERANCE, 0.0, 20}, x, &residual, &converged, room);
  assert_false(converged);
  assert_true(residual > 1.5 / (E + 1));
  testudo_i_lsqr(&a, ones, (testudo_i_stop){TOLERANCE, 0.0, 0}, x, &residual, &converged, room);
  assert_false(converged);
  assert_near(residual, E + 1, 0.0);
  testudo_i_lsqr(&a, ones, (testudo_i_stop){TOLERANCE, 0.0, 4000}, x, &residual, &converged, room);
  assert_true(converged);
  assert_near(residual, 1.0 / (E + 1), 1e-11);
  /* Where it is enough to know that the least is below 0.5, no more is done. */
  testudo_i_lsqr(&a, ones, (testudo_i_stop){TOLERANCE, 0.5, 4000}, x, &residual, &converged, room);
  assert_true(converged);
  assert_true(residual <= 0.5 * (1 + 1e-9) && residual > 1.5 / (E + 1));
  free(room);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(equals_dense_least_squares_and_its_least_norm),
      cmocka_unit_test(rows_that_are_given_change_nothing),
      cmocka_unit_test(equals_the_components_of_small_graphs_on_every_set_of_workers),
      cmocka_unit_test(equals_the_components_of_a_graph_of_1000_vertices),
      cmocka_unit_test(nothing_to_choose_from_leaves_everything),
      cmocka_unit_test(too_few_steps_are_said_and_are_far_off),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
