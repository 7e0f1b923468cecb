/* SPDX-License-Identifier: Apache-2.0 */
#include "core/id.h"
#include "tests/unit/unit.h"

#include <string.h>

static const char good[] = "0123456789ABCDEF0123456789ABCDEF";

static void an_id_is_taken(void)
{
    struct dr_id id, same;
    CU_ASSERT_TRUE(dr_id_parse(&id, good, DR_ID_DIGITS));
    CU_ASSERT_STRING_EQUAL(id.hex, good);
    CU_ASSERT_TRUE(dr_id_parse(&same, good, DR_ID_DIGITS) && dr_id_equal(&id, &same));
    same.hex[31] = '0';
    CU_ASSERT_FALSE(dr_id_equal(&id, &same));
}

static void anything_else_is_refused(void)
{
    const char *bad[] = {"0123456789abcdef0123456789abcdef", "0123456789ABCDEF0123456789ABCDEG",
                         "0123456789ABCDEF 123456789ABCDEF"};
    struct dr_id id;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        CU_ASSERT_FALSE(dr_id_parse(&id, bad[i], strlen(bad[i])));
        CU_ASSERT_STRING_EQUAL(id.hex, "");
    }
    CU_ASSERT_FALSE(dr_id_parse(&id, good, DR_ID_DIGITS - 1));
    CU_ASSERT_FALSE(dr_id_parse(&id, good, DR_ID_DIGITS + 1));
}

int main(void)
{
    CU_TestInfo cases[] = {
        {"an id is taken", an_id_is_taken}, {"anything else is refused", anything_else_is_refused}, CU_TEST_INFO_NULL};
    return unit_run("id", cases);
}
