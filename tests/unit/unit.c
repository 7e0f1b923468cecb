/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/unit.h"

#include <CUnit/Basic.h>
#include <stdio.h>

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
