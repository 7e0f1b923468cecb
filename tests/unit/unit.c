/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/unit.h"

#include <CUnit/Basic.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

int unit_run(const char *suite, CU_TestInfo *cases)
{
    CU_SuiteInfo suites[] = {{suite, NULL, NULL, NULL, NULL, cases}, CU_SUITE_INFO_NULL};
    if (CU_initialize_registry() != CUE_SUCCESS || CU_register_suites(suites) != CUE_SUCCESS) {
        fprintf(stderr, "%s: CUnit did not start: %s\n", suite, CU_get_error_msg());
        return 1;
    }
    CU_basic_set_mode(CU_BRM_NORMAL);
    CU_basic_run_tests();
    unsigned ran = CU_get_number_of_tests_run(), failed = CU_get_number_of_tests_failed();
    CU_cleanup_registry();
    printf("%u passed, %u failed\n", ran - failed, failed);
    return ran == 0 || failed > 0;
}

void unit_says(const char *text, const char *words)
{
    int said = strstr(text, words) != NULL && strchr(text, '\n') == NULL;
    if (!said)
        printf("\n    expected '%s' in '%s'\n", words, text);
    CU_ASSERT_TRUE(said);
}

void unit_noise(void *bytes, size_t size)
{
    uint64_t x = 88172645463325252u;
    for (size_t i = 0; i < size; i++) {
        x ^= x << 13, x ^= x >> 7, x ^= x << 17;
        ((uint8_t *)bytes)[i] = (uint8_t)x;
    }
}
