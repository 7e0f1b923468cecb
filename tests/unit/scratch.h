/* SPDX-License-Identifier: Apache-2.0
 * tests/unit/scratch.h - a folder for one test, and small files in it. What fails ends the test program. */
#ifndef DR_TESTS_SCRATCH_H
#define DR_TESTS_SCRATCH_H

#include <stddef.h>

struct scratch {
    char root[64];
};

struct scratch scratch_make(void);
void scratch_remove(const struct scratch *s);
/* "root/relative", good until the fourth call after it. */
const char *scratch_path(const struct scratch *s, const char *relative);
/* Folders in between are made. */
void scratch_folder(const struct scratch *s, const char *relative);
void scratch_write(const struct scratch *s, const char *relative, const char *text);
/* The file's text, terminated, in a buffer that the next call reuses; NULL: no such file. */
const char *scratch_read(const struct scratch *s, const char *relative);

#endif
