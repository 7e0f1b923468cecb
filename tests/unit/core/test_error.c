/* SPDX-License-Identifier: Apache-2.0 */
#include "core/error.h"
#include "tests/unit/unit.h"

#include <string.h>

static void a_text_is_one_line(void)
{
    struct dr_error err;
    CU_ASSERT_EQUAL(dr_fail(&err, DR_INVALID, "value \"%s\"", "a\nb\r\tc\x7f\x1b[0m é"), DR_INVALID);
    CU_ASSERT_STRING_EQUAL(err.text, "value \"a b  c  [0m é\"");
    CU_ASSERT_EQUAL(dr_within(&err, "file %s", "x\ny"), DR_INVALID);
    CU_ASSERT_STRING_EQUAL(err.text, "file x y: value \"a b  c  [0m é\"");
}

static void what_does_not_fit_is_cut(void)
{
    struct dr_error err;
    char large[2 * DR_ERROR_TEXT];
    memset(large, 'x', sizeof large - 1);
    large[sizeof large - 1] = '\0';
    CU_ASSERT_EQUAL(dr_fail(&err, DR_IO, "%s", large), DR_IO);
    CU_ASSERT_EQUAL(strlen(err.text), DR_ERROR_TEXT - 1);
    CU_ASSERT_EQUAL(dr_within(&err, "where"), DR_IO);
    CU_ASSERT_EQUAL(strlen(err.text), DR_ERROR_TEXT - 1);
    unit_says(err.text, "where: xxx");
    CU_ASSERT_EQUAL(dr_within(&err, "%s", large), DR_IO);
    CU_ASSERT_EQUAL(strlen(err.text), DR_ERROR_TEXT - 1);
}

int main(void)
{
    CU_TestInfo cases[] = {{"a text is one line", a_text_is_one_line},
                           {"what does not fit is cut", what_does_not_fit_is_cut},
                           CU_TEST_INFO_NULL};
    return unit_run("error", cases);
}
