/* SPDX-License-Identifier: Apache-2.0
 * tests/fuzz/fuzz.h - a target is one file fuzz_NAME.c with the function below. It gets any bytes; it must neither
 * crash nor leave a property unheld. Seeds: small files in corpus/NAME/. `tests/fuzz/run` does the rest. */
#ifndef DR_TESTS_FUZZ_H
#define DR_TESTS_FUZZ_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

/* libFuzzer's name for it; in builds without libFuzzer replay.c calls it for each file of the corpus. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define FUZZ_HOLDS(property)                                                                                           \
    do {                                                                                                               \
        if (!(property)) {                                                                                             \
            fprintf(stderr, "%s:%d: does not hold: %s\n", __FILE__, __LINE__, #property);                              \
            abort();                                                                                                   \
        }                                                                                                              \
    } while (0)

#endif
