/* SPDX-License-Identifier: Apache-2.0
 * tests/unit/console/data_base.h - a new, empty data base: sqlite3 in memory, or PostgreSQL where DRNODE_TEST_PGSQL
 * holds a connection string; its schema `public` is thrown away each time. */
#ifndef DR_TESTS_UNIT_CONSOLE_DATA_BASE_H
#define DR_TESTS_UNIT_CONSOLE_DATA_BASE_H

#include "console/store/store.h"

struct store *data_base_make(struct store_place *place);
/* Another connection to the same; NULL: this one has no second (sqlite3 in memory). */
struct store *data_base_again(const struct store_place *place);

#endif
