/* SPDX-License-Identifier: Apache-2.0
 * tests/unit/unit.h - one CUnit suite a program: list the cases, hand them to unit_run(). */
#ifndef DR_TESTS_UNIT_H
#define DR_TESTS_UNIT_H

#include <CUnit/CUnit.h>
#include <stddef.h>

/* Runs `cases` (ends with CU_TEST_INFO_NULL); prints what failed and "N passed, N failed" (cases, not
 * asserts). Returns main's exit status: 0 only if at least one case ran and none failed. */
int unit_run(const char *suite, CU_TestInfo *cases);

/* Asserts that `text` is one line and holds `words`; shows both if not. */
void unit_says(const char *text, const char *words);

/* Bytes that no compressor shrinks, the same in every run. */
void unit_noise(void *bytes, size_t size);

#endif
