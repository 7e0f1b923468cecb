/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/console/data_base.h"

#include "console/store/schema.h"
#include "tests/unit/unit.h"

#include <stdlib.h>
#include <string.h>

static struct store *open_at(const struct store_place *place)
{
    struct store *store;
    struct dr_error err = {0};
    if (store_open(&store, place, &err) != DR_OK)
        fprintf(stderr, "%s\n", err.text);
    CU_ASSERT_PTR_NOT_NULL_FATAL(store);
    return store;
}

struct store *data_base_make(struct store_place *place)
{
    const char *pgsql = getenv("DRNODE_TEST_PGSQL");
    struct dr_error err;
    *place = (struct store_place){.driver = "sqlite3", .where = ":memory:"};
    if (pgsql == NULL)
        return open_at(place);
    *place = (struct store_place){.driver = "pgsql", .where = pgsql};
    struct store *old = open_at(place);
    CU_ASSERT_EQUAL_FATAL(store_script(old, "DROP SCHEMA public CASCADE", &err), DR_OK);
    CU_ASSERT_EQUAL_FATAL(store_script(old, "CREATE SCHEMA public", &err), DR_OK);
    store_close(old);
    return open_at(place);
}

struct store *data_base_again(const struct store_place *place)
{
    return strcmp(place->driver, "pgsql") == 0 ? open_at(place) : NULL;
}
