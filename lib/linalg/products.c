/* SPDX-License-Identifier: BSD-3-Clause */
/* Kernels of four doubles at a time, of two compilations (base/clones.h) that take the same sums in the same order.
   Products of matrices go through tiles of 4 x 8 entries that stay in registers, with 8 columns of b packed side by
   side (Goto and van de Geijn, ACM TOMS 34, 2008). */
#include "linalg/products.h"

#include <string.h>

#include "base/clones.h"

typedef double lanes __attribute__((vector_size(32)));

enum { LANES = 4, TALL = 4, WIDE = 2 * LANES, DEEP = 256, HIGH = 64 };

TESTUDO_I_INLINED void load(lanes *value, const double *from)
{
  memcpy(value, from, sizeof *value);
}

TESTUDO_I_INLINED void store(double *to, const lanes *value)
{
  memcpy(to, value, sizeof *value);
}

TESTUDO_I_INLINED int32_t least(int32_t a, int32_t b)
{
  return a < b ? a : b;
}

/* ---- vectors ---- */

TESTUDO_I_CLONES double testudo_i_dot(size_t n, const double *x, const double *y)
{
  lanes sum[4] = {{0.0}, {0.0}, {0.0}, {0.0}}, a, b;
  size_t k = 0;
  for (; k + 4 * LANES <= n; k += 4 * LANES)
    for (size_t part = 0; part < 4; part++) {
      load(&a, x + k + part * LANES);
      load(&b, y + k + part * LANES);
      sum[part] += a * b;
    }
  for (; k + LANES <= n; k += LANES) {
    load(&a, x + k);
    load(&b, y + k);
    sum[0] += a * b;
  }
  sum[0] = (sum[0] + sum[1]) + (sum[2] + sum[3]);
  double all = (sum[0][0] + sum[0][1]) + (sum[0][2] + sum[0][3]);
  for (; k < n; k++)
    all += x[k] * y[k];
  return all;
}

TESTUDO_I_INLINED void add_times(size_t n, double by, const double *x, double *y)
{
  lanes a, sum;
  size_t k = 0;
  for (; k + LANES <= n; k += LANES) {
    load(&a, x + k);
    load(&sum, y + k);
    sum += by * a;
    store(y + k, &sum);
  }
  for (; k < n; k++)
    y[k] += by * x[k];
}

TESTUDO_I_CLONES void testudo_i_add_times(size_t n, double by, const double *x, double *y)
{
  add_times(n, by, x, y);
}

/* y (n numbers) += by * the rows of x, each times its weight, TALL rows at a time. */
TESTUDO_I_CLONES static void add_rows(int32_t rows, size_t n, double by, const double *x, const double *weight,
                                      double *y)
{
  lanes a, sum;
  int32_t i = 0;
  for (; i + TALL <= rows; i += TALL, x += TALL * n) {
    const double each[TALL] = {by * weight[i], by * weight[i + 1], by * weight[i + 2], by * weight[i + 3]};
    size_t k = 0;
    for (; k + LANES <= n; k += LANES) {
      load(&sum, y + k);
      for (size_t t = 0; t < TALL; t++) {
        load(&a, x + t * n + k);
        sum += each[t] * a;
      }
      store(y + k, &sum);
    }
    for (; k < n; k++)
      for (size_t t = 0; t < TALL; t++)
        y[k] += each[t] * x[t * n + k];
  }
  for (; i < rows; i++, x += n)
    add_times(n, by * weight[i], x, y);
}

/* ---- matrices ---- */

typedef struct product {
  int32_t rows, inner, columns;
  double by;
  testudo_i_strided a, b;
  double *c;
  size_t apart;
} product;

/* `deep` rows of b from `row` on, columns `column` .. `column` + WIDE - 1, zeros where there are fewer. */
TESTUDO_I_INLINED void pack(const product *p, int32_t row, int32_t deep, int32_t column, double *panel)
{
  int32_t wide = least(WIDE, p->columns - column);
  for (int32_t k = 0; k < deep; k++, panel += WIDE) {
    const double *from = p->b.at + (size_t)(row + k) * p->b.row + (size_t)column;
    if (wide == WIDE)
      memcpy(panel, from, WIDE * sizeof *panel);
    else
      for (int32_t t = 0; t < WIDE; t++)
        panel[t] = t < wide ? from[t] : 0.0;
  }
}

/* out = TALL rows of a, which are at row[t] with entries `step` apart, times the panel. */
TESTUDO_I_INLINED void tile(int32_t deep, const double *const *row, size_t step, const double *panel, double *out)
{
  const double *a = row[0], *b = row[1], *c = row[2], *d = row[3];
  lanes sum[2 * TALL] = {{0.0}, {0.0}, {0.0}, {0.0}, {0.0}, {0.0}, {0.0}, {0.0}}, left, right;
  for (int32_t k = 0; k < deep; k++, panel += WIDE) {
    size_t at = (size_t)k * step;
    load(&left, panel);
    load(&right, panel + LANES);
    sum[0] += a[at] * left;
    sum[1] += a[at] * right;
    sum[2] += b[at] * left;
    sum[3] += b[at] * right;
    sum[4] += c[at] * left;
    sum[5] += c[at] * right;
    sum[6] += d[at] * left;
    sum[7] += d[at] * right;
  }
  for (size_t t = 0; t < 2 * TALL; t++)
    store(out + t * LANES, &sum[t]);
}

/* Rows first .. last - 1 of c += by * (columns `from` .. of a) * panel. Past the last row the last one is computed
   again and dropped. */
TESTUDO_I_INLINED void add_panel(const product *p, int32_t from, int32_t deep, int32_t first, int32_t last,
                                 int32_t column, const double *panel)
{
  double out[TALL * WIDE];
  int32_t wide = least(WIDE, p->columns - column);
  for (int32_t i = first; i < last; i += TALL) {
    const double *row[TALL];
    int32_t tall = least(TALL, last - i);
    for (int32_t t = 0; t < TALL; t++)
      row[t] = p->a.at + (size_t)(i + least(t, tall - 1)) * p->a.row + (size_t)from * p->a.column;
    if (p->a.column == 1)
      tile(deep, row, 1, panel, out);
    else
      tile(deep, row, p->a.column, panel, out);
    for (int32_t t = 0; t < tall; t++) {
      double *to = p->c + (size_t)(i + t) * p->apart + (size_t)column;
      for (int32_t u = 0; u < wide; u++)
        to[u] += p->by * out[t * WIDE + u];
    }
  }
}

/* HIGH rows by DEEP columns of a stay in the second cache while all of b goes by. */
TESTUDO_I_CLONES static void run_product(const product *p)
{
  double panel[DEEP * WIDE];
  for (int32_t from = 0; from < p->inner; from += DEEP)
    for (int32_t first = 0; first < p->rows; first += HIGH)
      for (int32_t column = 0; column < p->columns; column += WIDE) {
        int32_t deep = least(DEEP, p->inner - from);
        pack(p, from, deep, column, panel);
        add_panel(p, from, deep, first, least(first + HIGH, p->rows), column, panel);
      }
}

void testudo_i_add_product(int32_t rows, int32_t inner, int32_t columns, double by, testudo_i_strided a,
                           testudo_i_strided b, double *c, size_t apart)
{
  product p = {rows, inner, columns, by, a, b, c, apart};
  run_product(&p);
}

static testudo_i_strided rows_of(const double *at, int32_t length)
{
  return (testudo_i_strided){at, (size_t)length, 1};
}

static testudo_i_strided columns_of(const double *at, int32_t length)
{
  return (testudo_i_strided){at, 1, (size_t)length};
}

/* Column-major c = a b is row-major c' = b' a'. */
void testudo_i_multiply(int32_t n, const double *a, const double *b, double *c)
{
  testudo_i_rows_times(n, n, n, b, a, c);
}

/* z[i] = row i of x times w, TALL rows at a time; past the last row the last one is computed again and dropped. */
TESTUDO_I_CLONES static void dot_rows(int32_t rows, size_t inner, const double *x, const double *w, double *z)
{
  for (int32_t first = 0; first < rows; first += TALL) {
    const double *row[TALL];
    int32_t tall = least(TALL, rows - first);
    lanes sum[2 * TALL] = {{0.0}, {0.0}, {0.0}, {0.0}, {0.0}, {0.0}, {0.0}, {0.0}}, a, left, right;
    for (int32_t t = 0; t < TALL; t++)
      row[t] = x + (size_t)(first + least(t, tall - 1)) * inner;
    size_t k = 0;
    for (; k + 2 * LANES <= inner; k += 2 * LANES) {
      load(&left, w + k);
      load(&right, w + k + LANES);
      for (size_t t = 0; t < TALL; t++) {
        load(&a, row[t] + k);
        sum[2 * t] += a * left;
        load(&a, row[t] + k + LANES);
        sum[2 * t + 1] += a * right;
      }
    }
    for (int32_t t = 0; t < tall; t++) {
      lanes both = sum[2 * t] + sum[2 * t + 1];
      double all = (both[0] + both[1]) + (both[2] + both[3]);
      for (size_t rest = k; rest < inner; rest++)
        all += row[t][rest] * w[rest];
      z[first + t] = all;
    }
  }
}

void testudo_i_rows_times(int32_t rows, int32_t inner, int32_t columns, const double *x, const double *w, double *z)
{
  if (columns == 1)
    dot_rows(rows, (size_t)inner, x, w, z);
  else {
    memset(z, 0, (size_t)rows * (size_t)columns * sizeof *z);
    testudo_i_add_product(rows, inner, columns, 1.0, rows_of(x, inner), rows_of(w, columns), z, (size_t)columns);
  }
}

void testudo_i_rows_gather(int32_t rows, int32_t inner, int32_t columns, double by, const double *x, const double *r,
                           double *g)
{
  if (columns == 1)
    add_rows(rows, (size_t)inner, by, x, r, g);
  else
    testudo_i_add_product(inner, rows, columns, by, columns_of(x, inner), rows_of(r, columns), g, (size_t)columns);
}

/* By strips of HIGH rows of h, each up to its diagonal. */
void testudo_i_rows_gram(int32_t rows, int32_t inner, double by, const double *x, double *h)
{
  size_t n = (size_t)inner;
  for (int32_t first = 0; first < inner; first += HIGH) {
    int32_t high = least(HIGH, inner - first);
    testudo_i_add_product(high, rows, first + high, by, columns_of(x + first, inner), rows_of(x, inner),
                          h + (size_t)first * n, n);
  }
  for (size_t i = 0; i < n; i++)
    for (size_t j = 0; j < i; j++)
      h[j * n + i] = h[i * n + j];
}
