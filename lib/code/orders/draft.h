/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Draft: the chunk that is most likely still undone comes next. */
#ifndef TESTUDO_CODE_DRAFT_H
#define TESTUDO_CODE_DRAFT_H

#include <testudo/code.h>

/* Fills a table with all of its slots; `slots` has the partners of one twin each. */
TESTUDO_CHECKED testudo_status testudo_i_slots_draft(const testudo_slot_order *order, testudo_slots *slots,
                                                     testudo_error *error);

#endif
