/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How many of a row's workers have come to it, cut at what it needs. */
#include "exact/elimination/counted.h"

#include <string.h>

static int32_t need_of(const testudo_i_cover *cover, int32_t component)
{
  int32_t row = cover->row_start[component];
  return row < cover->row_start[component + 1] ? cover->need[row] : 0;
}

size_t testudo_i_counted_room(const testudo_i_cover *cover, int32_t component, int32_t degree)
{
  return ((size_t)degree + 1) * ((size_t)need_of(cover, component) + 1);
}

/* level[k] of degree d: k have come, d have failed. From the highest degree down, so that the one below is still that
   of before. */
static void add_worker(double *room, int32_t need, int32_t degree, double late, double done, bool idle, double fail)
{
  size_t width = (size_t)need + 1;
  for (int32_t d = degree; d >= 0; d--) {
    double *level = room + (size_t)d * width;
    const double *fewer = level - width;
    for (int32_t k = need; k >= 0; k--) {
      double stays = k == need ? late + done : late, lived = stays * level[k];
      if (k > 0)
        lived += done * level[k - 1];
      level[k] = (1 - fail) * lived;
      if (d > 0)
        level[k] += fail * (idle ? (k == need ? fewer[k] : 0) + (k > 0 ? fewer[k - 1] : 0) : fewer[k]);
    }
  }
}

void testudo_i_counted_run(const testudo_i_cover *cover, int32_t component, const double *const *q, double fail,
                           int32_t degree, int32_t worker, int32_t step, testudo_i_pair result, double *room)
{
  int32_t need = need_of(cover, component), start = cover->worker_start[component];
  size_t width = (size_t)need + 1;
  memset(room, 0, ((size_t)degree + 1) * width * sizeof *room);
  room[0] = 1;
  for (int32_t w = start; w < cover->worker_start[component + 1]; w++) {
    bool held = cover->first[w] < cover->first[w + 1];
    int32_t place = held ? cover->step[cover->first[w]] : cover->load[w] + 1;
    double late = 0, done = 0;
    for (int32_t c = 0; c <= cover->load[w]; c++) {
      double here = w == worker ? c == step : q[cover->class_[w]][c];
      *(c < place ? &late : &done) += here;
    }
    add_worker(room, need, degree, late, done, place <= 0, w == worker ? 0 : fail);
  }
  for (int32_t d = 0; d <= degree; d++) {
    const double *level = room + (size_t)d * width;
    result.lost[d] = 0;
    for (int32_t k = 0; k < need; k++)
      result.lost[d] += level[k];
    result.done[d] = level[need];
  }
}
