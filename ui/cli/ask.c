/* SPDX-License-Identifier: Apache-2.0
 * Asking drnode on behalf of a command. */
#include "ui/cli/cli.h"
#include "ui/cli/client.h"
#include "ui/cli/screen.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

const char *cli_word(const struct cli *cli, unsigned index)
{
    return index < cli->words ? cli->word[index] : NULL;
}

void cli_print_json(const json_t *answer)
{
    json_dumpf(answer, stdout, JSON_COMPACT | JSON_PRESERVE_ORDER);
    putchar('\n');
    fflush(stdout);
}

/* What drnode would have said, had it been there: scripts read one form only. */
static json_t *absent_answer(int status, const struct dr_error *err)
{
    const char *code = status == CLI_NO_DRNODE ? "no_drnode" : status == CLI_NO_ACCESS ? "not_allowed" : "failed";
    return json_pack("{s:b, s:s, s:s}", "ok", 0, "code", code, "error", err->text);
}

int cli_ask(json_t **answer, const struct cli *cli, const struct client_request *request)
{
    struct dr_error err;
    enum dr_code code = client_ask(answer, request, &err);
    if (code == DR_OK)
        return CLI_DONE;
    int status = cli_fail(&err);
    if (!*answer && code == DR_REFUSED)
        status = CLI_NO_ACCESS;
    if (!*answer)
        *answer = absent_answer(status, &err);
    if (cli->options.json && *answer)
        cli_print_json(*answer);
    json_decref(*answer);
    *answer = NULL;
    return status;
}

int cli_show(const struct cli *cli, const struct client_request *request, cli_print *print)
{
    json_t *answer;
    int status = cli_ask(&answer, cli, request);
    if (status != CLI_DONE)
        return status;
    if (cli->options.json)
        cli_print_json(answer);
    else
        print(stdout, answer);
    json_decref(answer);
    return CLI_DONE;
}

static void draw(const struct cli *cli, const struct client_request *request, cli_print *print)
{
    char *text = NULL;
    size_t size;
    json_t *answer;
    struct dr_error err;
    FILE *out = open_memstream(&text, &size);
    if (!out)
        return;
    enum dr_code code = client_ask(&answer, request, &err);
    if (cli->options.json && answer) {
        json_dumpf(answer, out, JSON_COMPACT | JSON_PRESERVE_ORDER);
        fputc('\n', out);
    } else if (code != DR_OK)
        fprintf(cli->options.json ? stderr : out, "drctl: %s\n", err.text);
    else
        print(out, answer);
    json_decref(answer);
    fclose(out);
    screen_show(text);
    free(text);
}

int cli_watch(const struct cli *cli, const struct client_request *request, cli_print *print)
{
    if (!cli->options.watch)
        return cli_show(cli, request, print);
    screen_begin();
    do
        draw(cli, request, print);
    while (screen_wait(CLI_REDRAW_MS));
    screen_end();
    return CLI_DONE;
}

int cli_confirm(const struct cli *cli, const char *command, int (*risk)(const struct cli *cli))
{
    char reply[16] = "";
    if (cli->options.yes)
        return CLI_DONE;
    if (!isatty(STDIN_FILENO))
        return cli_usage("%s: there is nobody to ask: add --yes if data may be lost", command);
    int status = risk(cli);
    if (status != CLI_DONE)
        return status;
    fputs("Type yes to go on: ", stdout);
    fflush(stdout);
    if (fgets(reply, sizeof reply, stdin) && strcmp(reply, "yes\n") == 0)
        return CLI_DONE;
    fputs("drctl: not confirmed, nothing was done\n", stderr);
    return CLI_DECLINED;
}

int cli_finish(const struct cli *cli, json_t *answer, const char *done)
{
    if (cli->options.json)
        cli_print_json(answer);
    else
        puts(done);
    json_decref(answer);
    return CLI_DONE;
}
