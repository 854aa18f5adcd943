/* SPDX-License-Identifier: BSD-3-Clause */
/* The weighted sums for one NUMBER type; included once for each by weighted_sum.c. */

void NAME(testudo_i_weighted_sums_base)(size_t outputs, NUMBER *const *out, size_t inputs, const NUMBER *const *in,
                                        const NUMBER *weight, size_t first, size_t last)
{
  for (size_t o = 0; o < outputs; o++)
    for (size_t t = first; t < last; t++) {
      NUMBER sum = 0;
      for (size_t i = 0; i < inputs; i++)
        sum += weight[o * inputs + i] * in[i][t];
      out[o][t] = sum;
    }
}

static inline void NAME(add_eight)(NUMBER *restrict out, const NUMBER *restrict a, const NUMBER *restrict b,
                                   const NUMBER *restrict c, const NUMBER *restrict d, const NUMBER *restrict e,
                                   const NUMBER *restrict f, const NUMBER *restrict g, const NUMBER *restrict h,
                                   const NUMBER *weight, size_t count)
{
  const NUMBER w0 = weight[0], w1 = weight[1], w2 = weight[2], w3 = weight[3];
  const NUMBER w4 = weight[4], w5 = weight[5], w6 = weight[6], w7 = weight[7];
  for (size_t t = 0; t < count; t++) {
    NUMBER sum = out[t] + w0 * a[t];
    sum = sum + w1 * b[t];
    sum = sum + w2 * c[t];
    sum = sum + w3 * d[t];
    sum = sum + w4 * e[t];
    sum = sum + w5 * f[t];
    sum = sum + w6 * g[t];
    out[t] = sum + w7 * h[t];
  }
}

static inline void NAME(add_one)(NUMBER *restrict out, const NUMBER *restrict a, NUMBER weight, size_t count)
{
  for (size_t t = 0; t < count; t++)
    out[t] = out[t] + weight * a[t];
}

static inline void NAME(add_group)(NUMBER *out, const NUMBER *const *in, size_t group, const NUMBER *weight, size_t at,
                                   size_t count)
{
  if (group == 8) {
    NAME(add_eight)
    (out, in[0] + at, in[1] + at, in[2] + at, in[3] + at, in[4] + at, in[5] + at, in[6] + at, in[7] + at, weight,
     count);
    return;
  }
  for (size_t i = 0; i < group; i++)
    NAME(add_one)(out, in[i] + at, weight[i], count);
}

/* All inputs into all outputs, `count` numbers from `at` on. */
static inline void NAME(fill_tile)(size_t outputs, NUMBER *const *out, size_t inputs, const NUMBER *const *in,
                                   const NUMBER *weight, size_t at, size_t count)
{
  for (size_t o = 0; o < outputs; o++)
    memset(out[o] + at, 0, count * sizeof(NUMBER));
  for (size_t i = 0; i < inputs; i += 8) {
    size_t group = inputs - i < 8 ? inputs - i : 8;
    for (size_t o = 0; o < outputs; o++)
      NAME(add_group)(out[o] + at, in + i, group, weight + o * inputs + i, at, count);
  }
}

void NAME(testudo_i_weighted_sums)(size_t outputs, NUMBER *const *out, size_t inputs, const NUMBER *const *in,
                                   const NUMBER *weight, size_t first, size_t last)
{
  size_t at = first;
  for (; last > at && last - at >= TILE; at += TILE)
    NAME(fill_tile)(outputs, out, inputs, in, weight, at, TILE);
  if (at < last)
    NAME(fill_tile)(outputs, out, inputs, in, weight, at, last - at);
}
