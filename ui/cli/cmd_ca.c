/* SPDX-License-Identifier: Apache-2.0 */
#include "ui/cli/cmd_ca.h"

#include "core/id.h"
#include "net/ca.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { EXIT_DONE = 0, EXIT_FAILED = 1, EXIT_USAGE = 2 };

static int usage(const char *why)
{
    fprintf(stderr,
            "drctl ca: %s\n"
            "usage: drctl ca init DIR                                   makes a certificate authority in DIR\n"
            "       drctl ca issue DIR NODE-ID [--days N] [--out DIR]   writes ca.pem, node.pem, node.key\n"
            "                                                           (%d days; to DIR/NODE-ID)\n",
            why, CA_NODE_DAYS);
    return EXIT_USAGE;
}

static int failed(const struct dr_error *err)
{
    fprintf(stderr, "drctl ca: %s\n", err->text);
    return EXIT_FAILED;
}

static int init(int argc, char **argv)
{
    struct dr_error err;
    if (argc != 1)
        return usage("init takes one folder");
    if (ca_init(argv[0], &err) != DR_OK)
        return failed(&err);
    printf("made a certificate authority in %s: keep ca.key secret, and a copy of it in a safe place\n", argv[0]);
    return EXIT_DONE;
}

struct order {
    const char *folder, *out;
    struct dr_id node;
    long days;
};

static bool read_days(long *days, const char *text)
{
    char *end;
    errno = 0;
    *days = strtol(text, &end, 10);
    return errno == 0 && end != text && *end == '\0' && *days >= 1 && *days <= CA_NODE_DAYS_MAX;
}

/* NULL, or what is wrong with the arguments. */
static const char *read_order(struct order *order, int argc, char **argv)
{
    if (argc < 2)
        return "issue takes a folder and a node id";
    order->folder = argv[0];
    if (!dr_id_parse(&order->node, argv[1], strlen(argv[1])))
        return "a node id has 32 upper-case hexadecimal digits (id= in etc/drid.conf of the node)";
    for (int i = 2; i < argc; i += 2) {
        if (i + 1 == argc)
            return "an option lacks its value";
        if (strcmp(argv[i], "--out") == 0)
            order->out = argv[i + 1];
        else if (strcmp(argv[i], "--days") != 0)
            return "unknown option";
        else if (!read_days(&order->days, argv[i + 1]))
            return "--days takes 1..3650";
    }
    return NULL;
}

static int issue(int argc, char **argv)
{
    struct order order = {.days = CA_NODE_DAYS};
    const char *wrong = read_order(&order, argc, argv);
    if (wrong)
        return usage(wrong);
    char own[PATH_MAX];
    if (!order.out) {
        if (snprintf(own, sizeof own, "%s/%s", order.folder, order.node.hex) >= (int)sizeof own)
            return usage("the name of the folder is too long");
        order.out = own;
    }
    const struct ca_span span = {-CA_CLOCK_SLACK_S, order.days * CA_DAY_S};
    struct dr_error err;
    if (ca_issue(order.folder, &order.node, &span, order.out, &err) != DR_OK)
        return failed(&err);
    printf("wrote ca.pem, node.pem and node.key for %s to %s, valid for %ld days: move them to etc/tls of the node\n",
           order.node.hex, order.out, order.days);
    return EXIT_DONE;
}

int cmd_ca(int argc, char **argv)
{
    if (argc < 2)
        return usage("init or issue?");
    if (strcmp(argv[1], "init") == 0)
        return init(argc - 2, argv + 2);
    if (strcmp(argv[1], "issue") == 0)
        return issue(argc - 2, argv + 2);
    return usage("unknown command");
}
