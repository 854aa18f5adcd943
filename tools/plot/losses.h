/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Results of sgd: curves of the loss, of one file or of several in one figure. */
#ifndef TOOLS_PLOT_LOSSES_H
#define TOOLS_PLOT_LOSSES_H

#include "figure/figure.h"
#include "json/read.h"
#include "sgd/sgd.h"

/* A method of a result; both are lent by the arena, the name of the file by its document. */
typedef struct drawn_loss {
  const sgd_result *result;
  const sgd_method_result *method;
  const char *file, *label; /* label: the user's, or NULL */
} drawn_loss;

typedef struct drawn_losses {
  drawn_loss *loss;
  size_t count, room, files;
  testudo_i_arena arena;
} drawn_losses;

/* Has a method a curve of its loss? */
bool loss_is_drawn(const sgd_method_result *row);

/* Adds those methods of a result that have a curve; TESTUDO_ERROR_INPUT where none has, or the numbers make none. */
TESTUDO_CHECKED testudo_status losses_add(drawn_losses *losses, const testudo_i_json_document *document,
                                          testudo_error *error);
void losses_clear(drawn_losses *losses);

/* The loss above the optimum, where that is known: it falls by powers of ten. */
double loss_above(const sgd_result *result, double loss);

/* What is learned, in words. */
void losses_title(const sgd_result *result, char *text, size_t room);

/* The figure of them, against time, or against the bits that have arrived; the axes may be set already. */
TESTUDO_CHECKED testudo_status losses_figure(const drawn_losses *losses, bool bits, figure *f, testudo_error *error);

#endif
