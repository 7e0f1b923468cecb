/* SPDX-License-Identifier: Apache-2.0 */
#include "ui/cli/remote/remote.h"
#include "ui/cli/remote/rest.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#define PASSWORD_SIZE 256

bool remote_ask_secret(char *text, size_t size, const char *question)
{
    const char *given = getenv("DRCTL_PASSWORD");
    struct termios before, without;
    if (given != NULL)
        return given[0] != '\0' && snprintf(text, size, "%s", given) < (int)size;
    bool terminal = tcgetattr(STDIN_FILENO, &before) == 0;
    if (terminal) {
        fprintf(stderr, "%s: ", question);
        without = before;
        without.c_lflag &= ~(tcflag_t)ECHO;
        tcsetattr(STDIN_FILENO, TCSAFLUSH, &without);
    }
    bool read = fgets(text, (int)size, stdin) != NULL;
    if (terminal) {
        tcsetattr(STDIN_FILENO, TCSAFLUSH, &before);
        fputc('\n', stderr);
    }
    if (read)
        text[strcspn(text, "\n")] = '\0';
    return read && text[0] != '\0';
}

/* A file is named for ever, wherever drctl is called from. */
static bool take_ca(struct session *session, const char *ca)
{
    char whole[PATH_MAX];
    if (ca[0] == '\0')
        return true;
    return realpath(ca, whole) != NULL && snprintf(session->ca, sizeof session->ca, "%s", whole) < SESSION_TEXT_SIZE;
}

static void take_text(char to[SESSION_TEXT_SIZE], const json_t *data, const char *name)
{
    const char *text = json_string_value(json_object_get(data, name));
    snprintf(to, SESSION_TEXT_SIZE, "%s", text != NULL ? text : "");
}

int remote_login(const struct cli_options *options, int words, const char *const *word)
{
    struct session session = {.insecure = options->insecure};
    char password[PASSWORD_SIZE];
    struct dr_error err;
    json_t *data;
    if (words < 1 || words > 2 || (strncmp(word[0], "https://", 8) != 0 && strncmp(word[0], "http://", 7) != 0))
        return cli_usage("login takes https://HOST:PORT, and a user if it is not admin");
    if (strncmp(word[0], "http://", 7) == 0 && !options->insecure)
        return cli_usage("http:// would send the password in clear: take https://, or say --insecure");
    snprintf(session.url, sizeof session.url, "%s", word[0]);
    for (size_t end = strlen(session.url); end > 0 && session.url[end - 1] == '/'; end--)
        session.url[end - 1] = '\0';
    snprintf(session.user, sizeof session.user, "%s", words > 1 ? word[1] : "admin");
    if (!take_ca(&session, options->ca))
        return cli_usage("--ca: there is no file %.200s", options->ca);
    if (!remote_ask_secret(password, sizeof password, "password"))
        return cli_usage("no password was given");
    json_t *parameters = json_pack("{s:s, s:s}", "username", session.user, "pwd", password);
    explicit_bzero(password, sizeof password);
    enum dr_code code = rest_call(&data, &session, "POST", "/auth/token", parameters, &err);
    json_decref(parameters);
    if (code == DR_OK) {
        take_text(session.token, data, "token");
        take_text(session.refresh_token, data, "refresh_token");
        code = session_save(&session, &err);
    }
    json_decref(data);
    return code == DR_OK ? CLI_DONE : remote_failed(&err, options->json);
}

int remote_logout(const struct cli_options *options)
{
    struct session session;
    struct dr_error err;
    json_t *data = NULL, *parameters = json_object();
    enum dr_code code = session_load(&session, &err);
    if (code == DR_OK)
        code = rest_call(&data, &session, "POST", "/user/logout", parameters, &err);
    json_decref(data);
    json_decref(parameters);
    struct dr_error late;
    if (session_forget(&late) != DR_OK)
        return remote_failed(&late, options->json);
    return code == DR_OK ? CLI_DONE : remote_failed(&err, options->json);
}
