/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Orders by blocks: their words, the order when none is named, and their making. */
#ifndef TOOLS_DESIGN_ORDER_H
#define TOOLS_DESIGN_ORDER_H

#include "design/request.h"

/* "twins:short:8:draft:4.5" and the like, as --order has it: fills slot_order and draft_time. */
TESTUDO_CHECKED testudo_status order_take_word(cli_request *request, const char *word, testudo_error *error);

/* Of a request whose sizes are known: the order of chunks finer than workers where none was asked for. */
TESTUDO_CHECKED testudo_status order_take_preset(cli_request *request, testudo_error *error);

/* Puts the assignment into it, or makes that anew where the order decides who holds what. Draft goes by --delay. */
TESTUDO_CHECKED testudo_status order_by_blocks(cli_request *request, const cli_arguments *arguments,
                                               testudo_assignment *assignment, testudo_error *error);

#endif
