/* SPDX-License-Identifier: Apache-2.0 */
#include "ui/cli/client.h"

#include "core/model_text.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define ANSWER_MAX (16u << 20)

static enum dr_code explain_connect(const char *root, const char *path, int failure, struct dr_error *err)
{
    struct stat st;
    if (failure == EACCES || failure == EPERM)
        return dr_fail(err, DR_REFUSED, "not allowed to talk to drnode through %s: run drctl as root", path);
    if (stat(root, &st) != 0)
        return dr_fail(err, DR_CLOSED, "there is no folder %s: name drnode's folder with --root", root);
    if (failure == ENOENT || failure == ECONNREFUSED)
        return dr_fail(err, DR_CLOSED, "no drnode is running with root %s: start it, or name another with --root",
                       root);
    return dr_fail(err, DR_IO, "cannot talk to drnode through %s: %s", path, strerror(failure));
}

static enum dr_code dial(int *socket_out, const char *root, unsigned limit_s, struct dr_error *err)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if (snprintf(address.sun_path, sizeof address.sun_path, "%s/run/drnode.sock", root) >= (int)sizeof address.sun_path)
        return dr_fail(err, DR_INVALID, "%.160s: longer than a socket's path may be: no drnode can run there", root);
    int s = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (s < 0)
        return dr_fail(err, DR_IO, "cannot make a socket: %s", strerror(errno));
    struct timeval limit = {.tv_sec = limit_s};
    setsockopt(s, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    setsockopt(s, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
    if (connect(s, (const struct sockaddr *)&address, sizeof address) != 0) {
        enum dr_code code = explain_connect(root, address.sun_path, errno, err);
        close(s);
        return code;
    }
    *socket_out = s;
    return DR_OK;
}

static enum dr_code send_request(int s, const struct client_request *request, struct dr_error *err)
{
    const struct {
        const char *key, *word;
    } words[] = {{"rule", request->rule}, {"group", request->group}, {"do", request->what}, {"by", request->by}};
    char text[4096];
    int length = snprintf(text, sizeof text, "%s\n", request->command);
    for (unsigned i = 0; i < sizeof words / sizeof *words; i++) {
        if (words[i].word && !model_text_is_clean(words[i].word))
            return dr_fail(err, DR_INVALID, "the name of the %s is not clean UTF-8 text", words[i].key);
        if (words[i].word)
            length += snprintf(text + length, sizeof text - (size_t)length, "%s=%.512s\n", words[i].key, words[i].word);
    }
    if (request->key)
        length += snprintf(text + length, sizeof text - (size_t)length, "%s=%llu\n", request->key, request->value);
    length += snprintf(text + length, sizeof text - (size_t)length, "%s\n", request->force ? "force=yes\n" : "");
    if (send(s, text, (size_t)length, MSG_NOSIGNAL) != length)
        return dr_fail(err, DR_IO, "cannot send to drnode: %s", strerror(errno));
    return DR_OK;
}

static enum dr_code read_answer(json_t **answer, int s, const struct client_request *request, struct dr_error *err)
{
    static char text[ANSWER_MAX]; /* one command a process */
    size_t length = 0;
    ssize_t n = 1;
    while (n > 0 && length < sizeof text) {
        n = recv(s, text + length, sizeof text - length, 0);
        if (n < 0 && errno == EINTR)
            n = 1;
        else if (n > 0)
            length += (size_t)n;
    }
    if (n < 0)
        return dr_fail(err, errno == EAGAIN ? DR_TIMEOUT : DR_IO,
                       "drnode did not answer to %s within %u s: see log/drnode.log", request->command,
                       request->limit_s);
    json_error_t problem;
    *answer = json_loadb(text, length, 0, &problem);
    if (!*answer)
        return dr_fail(err, DR_PROTOCOL, "drnode's answer to %s is not understood: %s: is it of the same version?",
                       request->command, problem.text);
    return DR_OK;
}

/* What drnode said, as our own error. */
static enum dr_code check_answer(const json_t *answer, struct dr_error *err)
{
    if (json_is_true(json_object_get(answer, "ok")))
        return DR_OK;
    const char *text = json_string_value(json_object_get(answer, "error"));
    return dr_fail(err, DR_REFUSED, "%s", text ? text : "drnode declined without a reason");
}

enum dr_code client_ask(json_t **answer, const struct client_request *request, struct dr_error *err)
{
    int s;
    *answer = NULL;
    enum dr_code code = dial(&s, request->root, request->limit_s, err);
    if (code != DR_OK)
        return code;
    code = send_request(s, request, err);
    if (code == DR_OK)
        code = read_answer(answer, s, request, err);
    close(s);
    return code == DR_OK ? check_answer(*answer, err) : code;
}
