/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/sim/planted.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define SEEDS_ENOUGH "40000"

static void path_of(char *path, size_t size, const char *self, const char *name)
{
    const char *slash = strrchr(self, '/');
    int folder = slash ? (int)(slash - self) : 1;
    snprintf(path, size, "%.*s/planted/%s", folder, slash ? self : ".", name);
}

int planted_become(const char *self, const char *name, int count, char **text)
{
    char path[4096], *args[32];
    int kept = 0;
    path_of(path, sizeof path, self, name);
    args[kept++] = path;
    for (int i = 1; i < count && kept < 31; i++)
        if (strcmp(text[i], "--plant") == 0)
            i++;
        else
            args[kept++] = text[i];
    args[kept] = NULL;
    execv(path, args);
    fprintf(stderr, "sim: no planted bug '%s' (%s): see tests/sim/plants\n", name, path);
    return 2;
}

/* What CMake made programs of: a program that is left of a plant since removed is none, one that was not built is
 * missed. */
static FILE *names_of_all(const char *self)
{
    char path[4096];
    const char *slash = strrchr(self, '/');
    snprintf(path, sizeof path, "%.*s/plants.list", slash ? (int)(slash - self) : 1, slash ? self : ".");
    return fopen(path, "r");
}

/* Where the search begins: what found the bug once finds it again at once, as long as seeds draw the same. */
static unsigned long first_seed(const char *self, const char *name)
{
    char path[4096];
    unsigned long seed = 1;
    const char *slash = strrchr(self, '/');
    snprintf(path, sizeof path, "%.*s/plants/%s/seed", slash ? (int)(slash - self) : 1, slash ? self : ".", name);
    FILE *file = fopen(path, "r");
    if (file) {
        if (fscanf(file, "%lu", &seed) != 1)
            seed = 1;
        fclose(file);
    }
    return seed;
}

/* What the program printed first says which seed, and which invariant. */
static int found(const char *self, const char *name)
{
    char path[4096], command[4300], line[512] = "";
    path_of(path, sizeof path, self, name);
    snprintf(command, sizeof command, "'%s' --until-found --seeds " SEEDS_ENOUGH " --from %lu", path,
             first_seed(self, name));
    FILE *out = popen(command, "r");
    if (!out)
        return 0;
    if (!fgets(line, sizeof line, out))
        line[0] = '\0';
    char rest[512];
    while (fgets(rest, sizeof rest, out))
        continue;
    int status = pclose(out);
    int hit = WIFEXITED(status) && WEXITSTATUS(status) == 1;
    printf("%s %s: %s", hit ? "found" : "NOT FOUND", name, line[0] ? line : "no output\n");
    fflush(stdout);
    return hit;
}

int planted_run_all(const char *self)
{
    char name[256];
    unsigned passed = 0, failed = 0;
    FILE *names = names_of_all(self);
    while (names && fscanf(names, "%255s", name) == 1)
        *(found(self, name) ? &passed : &failed) += 1;
    if (names)
        fclose(names);
    printf("%u passed, %u failed\n", passed, failed);
    return failed > 0 || passed == 0;
}
