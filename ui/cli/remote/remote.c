/* SPDX-License-Identifier: Apache-2.0 */
#include "ui/cli/remote/remote.h"

#include "ui/cli/options.h"
#include "ui/cli/remote/rest.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#define PATH_SIZE 512

/* clang-format off */
static const struct remote_command commands[] = {
    {"version", "", "GET", "/version", "", NULL, "", "what runs there"},
    {"user list", "", "GET", "/user", "", "users", "id username active email comment", "users"},
    {"user show", "ID", "GET", "/user/$1", "", NULL, "", "one user"},
    {"user add", "NAME ROLE-ID", "POST", "/user", "username=$1 roles=[$2] password=?password active=1", NULL, "", "make a user; role list shows roles"},
    {"user remove", "ID...", "DELETE", "/user", "ids=[$1*]", NULL, "", "delete users"},
    {"user enable", "ID", "PUT", "/user/$1", "active=1", NULL, "", "let a user log in"},
    {"user disable", "ID", "PUT", "/user/$1", "active=0", NULL, "", "let a user log in no more"},
    {"user password", "ID", "PUT", "/user/$1", "password=?password", NULL, "", "give a user a new password"},
    {"role list", "", "GET", "/role", "", "roles", "id name display_name", "roles"},
    {"ak list", "", "GET", "/ak", "", "keys", "access_key status created_at", "the own access keys"},
    {"ak add", "", "POST", "/ak", "", NULL, "", "make an access key"},
    {"ak remove", "KEY", "DELETE", "/ak", "access_key=$1", NULL, "", "delete an access key"},
    {"ak enable", "KEY", "PUT", "/ak", "access_key=$1 status=1", NULL, "", "switch an access key on"},
    {"ak disable", "KEY", "PUT", "/ak", "access_key=$1 status=0", NULL, "", "switch an access key off"},
    {"audit", "", "GET", "/op_log", "", "logs", "op_time user_name address description result", "who changed what"},
    {"lic list", "", "GET", "/lic", "", "info_list", "lic_uuid sn feature state expire phy_num phy_num_used company", "licences"},
    {"lic id", "", "GET", "/lic/cc_hw_code", "", NULL, "", "the console's id, that licences are issued for"},
    {"lic import", "FILE", "POST", "/lic", "lic=@$1", NULL, "", "import a licence"},
    {"lic remove", "LICENCE...", "DELETE", "/lic", "lic_uuids=[$1*]", NULL, "", "delete licences"},
    {"lic hosts", "LICENCE", "GET", "/lic/lic_bind", "lic_uuid=$1", "info_list", "obj_uuid obj_name is_bound", "hosts, and whether they have it"},
    {"lic bind", "LICENCE HOST...", "PUT", "/lic/lic_bind", "lic_uuid=$1 obj_uuids=[$2*]", NULL, "", "bind it to exactly these hosts"},
};
/* clang-format on */
#define COMMANDS (sizeof commands / sizeof *commands)

const struct remote_command *remote_at(unsigned index)
{
    return index < COMMANDS ? &commands[index] : NULL;
}

/* How many words the name has, if the given ones begin with it; 0: they do not. */
static unsigned begins(const char *name, int words, const char *const *word)
{
    unsigned used = 0;
    for (const char *at = name; *at != '\0'; at += strspn(at, " ")) {
        size_t length = strcspn(at, " ");
        if ((int)used == words || strlen(word[used]) != length || strncmp(word[used], at, length) != 0)
            return 0;
        used++;
        at += length;
    }
    return used;
}

const struct remote_command *remote_find(unsigned *used, int words, const char *const *word)
{
    for (unsigned i = 0; i < COMMANDS; i++)
        if ((*used = begins(commands[i].name, words, word)) > 0)
            return &commands[i];
    return NULL;
}

/* NULL, or what is wrong with the number of arguments. */
static const char *count_wrong(const struct remote_command *command, int words)
{
    int least = 0, most = 0;
    for (const char *at = command->arguments; *at != '\0'; at += strspn(at, " ")) {
        least += *at != '[';
        most++;
        at += strcspn(at, " ");
    }
    if (words < least)
        return "an argument is missing";
    return words > most && strstr(command->arguments, "...") == NULL ? "too many arguments" : NULL;
}

/* $1 in a path: letters, digits and dashes alone, so that an argument names one thing and no other call. */
static bool fill_path(char path[PATH_SIZE], const char *pattern, const char *const *word)
{
    size_t used = 0;
    for (; *pattern != '\0' && used + 1 < PATH_SIZE; pattern++) {
        if (*pattern != '$') {
            path[used++] = *pattern;
            continue;
        }
        for (const char *at = word[*++pattern - '1']; *at != '\0' && used + 1 < PATH_SIZE; at++) {
            if (!isalnum((unsigned char)*at) && *at != '-')
                return false;
            path[used++] = *at;
        }
    }
    path[used] = '\0';
    return true;
}

static void put_page(json_t *parameters, const struct cli_options *options)
{
    if (options->page > 0)
        json_object_set_new(parameters, "page", json_integer(options->page));
    if (options->limit > 0)
        json_object_set_new(parameters, "limit", json_integer(options->limit));
}

int remote_failed(const struct dr_error *err, bool json)
{
    int status = err->code == DR_CLOSED                                 ? CLI_NO_DRNODE
                 : err->code == DR_REFUSED || err->code == DR_NOT_FOUND ? CLI_NO_ACCESS
                                                                        : CLI_FAILED;
    if (json) {
        json_t *said = json_pack("{s:b, s:s}", "ok", 0, "error", err->text);
        cli_print_json(said);
        json_decref(said);
    } else {
        fprintf(stderr, "drctl: %s\n", err->text);
    }
    return status;
}

int remote_run(const struct remote_command *command, const struct cli_options *options, int words,
               const char *const *word)
{
    struct session session;
    struct dr_error err;
    char path[PATH_SIZE];
    json_t *data = NULL;
    const char *wrong = count_wrong(command, words);
    if (wrong != NULL)
        return cli_usage("%s %s: %s", command->name, command->arguments, wrong);
    if (!fill_path(path, command->path, word))
        return cli_usage("%s: an id has letters, digits and dashes", command->name);
    if (session_load(&session, &err) != DR_OK)
        return remote_failed(&err, options->json);
    json_t *parameters = remote_parameters(command, words, word);
    if (parameters == NULL)
        return CLI_USAGE;
    put_page(parameters, options);
    enum dr_code code = rest_call(&data, &session, command->method, path, parameters, &err);
    json_decref(parameters);
    if (code != DR_OK)
        return remote_failed(&err, options->json);
    if (options->json)
        cli_print_json(data);
    else
        remote_show(command, data);
    json_decref(data);
    return CLI_DONE;
}

#define OPTIONS "json page limit ca insecure help"

/* Words and options taken apart; options may stand anywhere. NULL, or what is wrong with an option. */
static const char *take_apart(struct cli_options *options, int *words, const char *word[REMOTE_WORDS_MAX], int argc,
                              char **argv, struct dr_error *err)
{
    const char *wrong = NULL;
    *words = 0;
    for (int at = 1; at < argc;) {
        int before = at;
        if (options_take(options, argc, argv, &at, OPTIONS, err) != DR_OK) {
            wrong = err->text;
            at = at == before ? at + 1 : at;
        } else if (at == before) {
            if (*words == REMOTE_WORDS_MAX)
                return "too many arguments";
            word[(*words)++] = argv[at++];
        }
    }
    return wrong;
}

static bool is_local(int argc, char **argv)
{
    for (int i = 1; i < argc; i++)
        if (strcmp(argv[i], "--local") == 0 || strcmp(argv[i], "--root") == 0)
            return true;
    return false;
}

bool remote_main(int *status, int argc, char **argv)
{
    struct cli_options options;
    const char *word[REMOTE_WORDS_MAX];
    struct dr_error err;
    unsigned used = 1;
    int words;
    if (is_local(argc, argv) || options_begin(&options, &err) != DR_OK)
        return false;
    const char *wrong = take_apart(&options, &words, word, argc, argv, &err);
    const struct remote_command *command = remote_find(&used, words, word);
    bool login = words > 0 && strcmp(word[0], "login") == 0, logout = words > 0 && strcmp(word[0], "logout") == 0;
    bool completes = words > 0 && strcmp(word[0], "completion") == 0;
    if ((command == NULL && !login && !logout && !completes) || options.help)
        return false;
    if (wrong != NULL)
        *status = cli_usage("%s: %s", word[0], wrong);
    else if (login)
        *status = remote_login(&options, words - 1, word + 1);
    else if (logout)
        *status = remote_logout(&options);
    else if (completes)
        *status = completion_print(stdout);
    else
        *status = remote_run(command, &options, words - (int)used, word + used);
    return true;
}
