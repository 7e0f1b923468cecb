/* SPDX-License-Identifier: Apache-2.0
 * drcfg: node id and console address. */
#include "agent/config.h"
#include "agent/drcfg.h"

#include <stdlib.h>
#include <string.h>

#define DEFAULT_ROOT "/usr/drbksoft/drnode"

static const char usage[] = "usage: drcfg [--root DIR] -c     asks for node id and console address\n"
                            "       drcfg [--root DIR] --id   prints the node id\n"
                            "DRNODE_ROOT in the environment means the same as --root.\n";

static int report(enum dr_code code, const struct dr_error *err)
{
    if (code != DR_OK)
        fprintf(stderr, "drcfg: %s\n", err->text);
    return code == DR_OK ? EXIT_SUCCESS : EXIT_FAILURE;
}

static int print_id(const char *root)
{
    struct dr_id id;
    struct dr_error err;
    char cc_addr[RULE_HOST_SIZE];
    enum dr_code code = config_read_identity(root, &id, cc_addr, sizeof cc_addr, &err);
    if (code == DR_OK)
        puts(id.hex);
    return report(code, &err);
}

int main(int argc, char **argv)
{
    const char *environment = getenv("DRNODE_ROOT"), *root = environment ? environment : DEFAULT_ROOT;
    struct dr_error err;
    int at = 1;
    if (at + 1 < argc && strcmp(argv[at], "--root") == 0) {
        root = argv[at + 1];
        at += 2;
    }
    if (argc == at + 1 && strcmp(argv[at], "-c") == 0)
        return report(drcfg_dialogue(stdin, stdout, root, &err), &err);
    if (argc == at + 1 && strcmp(argv[at], "--id") == 0)
        return print_id(root);
    if (argc == at + 1 && strcmp(argv[at], "--help") == 0) {
        fputs(usage, stdout);
        return EXIT_SUCCESS;
    }
    fputs(usage, stderr);
    return 2;
}
