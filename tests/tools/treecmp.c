/* SPDX-License-Identifier: Apache-2.0
 * treecmp [--no-mtime] [--no-folder-mtime] A B: prints the first differences; 0 = equal, 1 = not, 2 = cannot tell. */
#include "tests/tools/tree_compare.h"

#include <stdio.h>
#include <string.h>

static void print(void *baton, const char *line)
{
    (void)baton;
    puts(line);
}

int main(int argc, char **argv)
{
    struct tree_compare options = {.most = 20, .say = print};
    int at = 1;
    for (; at < argc && strncmp(argv[at], "--", 2) == 0; at++) {
        options.skip_mtime |= strcmp(argv[at], "--no-mtime") == 0;
        options.skip_folder_mtime |= strcmp(argv[at], "--no-folder-mtime") == 0;
    }
    if (argc - at != 2) {
        fprintf(stderr, "usage: treecmp [--no-mtime] [--no-folder-mtime] FOLDER FOLDER\n");
        return 2;
    }
    int found = tree_compare(argv[at], argv[at + 1], &options);
    if (found < 0)
        fprintf(stderr, "treecmp: cannot read a folder below %s or %s\n", argv[at], argv[at + 1]);
    return found < 0 ? 2 : found > 0;
}
