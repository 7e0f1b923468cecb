/* SPDX-License-Identifier: Apache-2.0
 * tests/fuzz/replay.c - main() of a target in builds without libFuzzer: FILE... are given to it one after the other, so
 * that gcc's sanitizers see what clang's found. */
#include "tests/fuzz/fuzz.h"

#include <string.h>
#include <sys/stat.h>

/* A copy of just the file's size, so that the sanitizer sees a read past its end. */
static uint8_t *read_file(const char *path, size_t *size)
{
    FILE *file = fopen(path, "rb");
    struct stat facts;
    if (!file || fstat(fileno(file), &facts) != 0) {
        perror(path);
        exit(1);
    }
    *size = (size_t)facts.st_size;
    uint8_t *bytes = malloc(*size);
    if (fread(bytes, 1, *size, file) != *size) {
        perror(path);
        exit(1);
    }
    fclose(file);
    return bytes;
}

int main(int argc, char **argv)
{
    if (argc < 2) {
        fprintf(stderr, "usage: %s FILE...\n", argv[0]);
        return 2;
    }
    for (int i = 1; i < argc; i++) {
        size_t size;
        uint8_t *bytes = read_file(argv[i], &size);
        LLVMFuzzerTestOneInput(bytes, size);
        free(bytes);
    }
    return 0;
}
