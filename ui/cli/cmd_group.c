/* SPDX-License-Identifier: Apache-2.0
 * drctl group ... */
#include "ui/cli/cli.h"
#include "ui/cli/client.h"
#include "ui/cli/group_view.h"
#include "ui/cli/screen.h"

#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define LIMIT_S 20

/* Who orders, for the plan's events. */
static const char *person(void)
{
    const char *sudo = getenv("SUDO_USER");
    const struct passwd *entry = getpwuid(getuid());
    return sudo && *sudo ? sudo : entry ? entry->pw_name : "somebody";
}

static struct client_request request_of(const struct cli *cli, const char *what)
{
    return (struct client_request){.root = cli->options.root,
                                   .command = "group",
                                   .group = cli_word(cli, 1),
                                   .what = what,
                                   .by = person(),
                                   .force = cli->options.force,
                                   .limit_s = LIMIT_S};
}

/* ---- looking ---- */

static int look(const struct cli *cli, const char *what, cli_print *print)
{
    struct client_request request = request_of(cli, what);
    return cli_watch(cli, &request, print);
}

static int list(struct cli *cli)
{
    return look(cli, "list", group_view_list);
}

static int show(struct cli *cli)
{
    return look(cli, "show", group_view_show);
}

static int events(struct cli *cli)
{
    struct client_request request = request_of(cli, "show");
    long long after = 0;
    json_t *answer;
    int status;
    if (cli->options.follow)
        screen_begin();
    do {
        status = cli_ask(&answer, cli, &request);
        if (status != CLI_DONE)
            break;
        after = group_view_events(stdout, answer, cli->options.json, after);
        json_decref(answer);
    } while (cli->options.follow && screen_wait(CLI_REDRAW_MS));
    screen_end();
    return status;
}

/* ---- orders ---- */

static int order(const struct cli *cli, const char *what, const char *done)
{
    struct client_request request = request_of(cli, what);
    json_t *answer;
    int status = cli_ask(&answer, cli, &request);
    return status == CLI_DONE ? cli_finish(cli, answer, done) : status;
}

static int print_risk(const struct cli *cli)
{
    (void)cli;
    puts("--force makes members master whose copy may lack the latest changes: what had not arrived there is lost.");
    return CLI_DONE;
}

static int begin(const struct cli *cli, const char *what)
{
    int status = cli->options.force ? cli_confirm(cli, "group", print_risk) : CLI_DONE;
    return status == CLI_DONE ? order(cli, what, "it begins: `drctl --local group show --watch` follows it") : status;
}

static int begin_switch(struct cli *cli)
{
    return begin(cli, "switch");
}

static int begin_fail_back(struct cli *cli)
{
    return begin(cli, "fail-back");
}

static int pause_it(struct cli *cli)
{
    return order(cli, "pause", "paused: what runs ends, nothing new begins");
}

static int resume(struct cli *cli)
{
    return order(cli, "resume", "resumed");
}

static int confirm(struct cli *cli)
{
    return order(cli, "confirm", "confirmed: the stage begins");
}

static int retry(struct cli *cli)
{
    return order(cli, "retry", "the rules that failed are tried again");
}

static int skip(struct cli *cli)
{
    return order(cli, "skip", "the rules that failed are left out");
}

static int cancel(struct cli *cli)
{
    return order(cli, "cancel", "cancelled: what runs ends first");
}

static const struct {
    const char *word;
    int (*run)(struct cli *cli);
} words[] = {{"list", list},
             {"show", show},
             {"events", events},
             {"switch", begin_switch},
             {"fail-back", begin_fail_back},
             {"pause", pause_it},
             {"resume", resume},
             {"confirm", confirm},
             {"retry", retry},
             {"skip", skip},
             {"cancel", cancel}};

int cmd_group(struct cli *cli)
{
    const char *what = cli_word(cli, 0);
    for (size_t i = 0; what && i < sizeof words / sizeof *words; i++)
        if (strcmp(what, words[i].word) == 0)
            return words[i].run(cli);
    return cli_usage("group: say list, show, events, switch, fail-back, pause, resume, confirm, retry, skip or cancel, "
                     "then the group");
}
