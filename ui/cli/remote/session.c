/* SPDX-License-Identifier: Apache-2.0 */
#include "ui/cli/remote/session.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static enum dr_code path_of(char path[PATH_MAX], struct dr_error *err)
{
    const char *own = getenv("DRCTL_SESSION"), *home = getenv("HOME");
    int size = own != NULL && own[0] != '\0' ? snprintf(path, PATH_MAX, "%s", own)
               : home != NULL                ? snprintf(path, PATH_MAX, "%s/.drctl.json", home)
                                             : -1;
    if (size > 0 && size < PATH_MAX)
        return DR_OK;
    return dr_fail(err, DR_INVALID, "no place for the session: set HOME or DRCTL_SESSION");
}

static void take(char text[SESSION_TEXT_SIZE], const json_t *from, const char *name)
{
    const char *value = json_string_value(json_object_get(from, name));
    snprintf(text, SESSION_TEXT_SIZE, "%s", value != NULL ? value : "");
}

enum dr_code session_load(struct session *session, struct dr_error *err)
{
    char path[PATH_MAX];
    *session = (struct session){.insecure = false};
    if (path_of(path, err) != DR_OK)
        return err->code;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    struct stat st;
    if (fd < 0)
        return dr_fail(err, errno == ENOENT ? DR_NOT_FOUND : DR_IO, "%s: %s: drctl login URL comes first", path,
                       strerror(errno));
    bool own = fstat(fd, &st) == 0 && st.st_uid == geteuid() && (st.st_mode & 077) == 0;
    json_t *from = own ? json_loadfd(fd, 0, NULL) : NULL;
    close(fd);
    if (!own)
        return dr_fail(err, DR_REFUSED, "%s can be read or written by others: remove it, and log in again", path);
    take(session->url, from, "url");
    take(session->ca, from, "ca");
    take(session->user, from, "user");
    take(session->token, from, "token");
    take(session->refresh_token, from, "refresh_token");
    session->insecure = json_is_true(json_object_get(from, "insecure"));
    json_decref(from);
    return session->url[0] != '\0' ? DR_OK : dr_fail(err, DR_NOT_FOUND, "%s holds no session: log in again", path);
}

/* A new file in place of the old one: what is there is always whole. */
enum dr_code session_save(const struct session *session, struct dr_error *err)
{
    char path[PATH_MAX], part[PATH_MAX];
    if (path_of(path, err) != DR_OK)
        return err->code;
    if (snprintf(part, sizeof part, "%s.XXXXXX", path) >= PATH_MAX)
        return dr_fail(err, DR_INVALID, "%.256s: the name is too long", path);
    json_t *text = json_pack("{s:s, s:s, s:b, s:s, s:s, s:s}", "url", session->url, "ca", session->ca, "insecure",
                             (int)session->insecure, "user", session->user, "token", session->token, "refresh_token",
                             session->refresh_token);
    int fd = mkostemp(part, O_CLOEXEC); /* 0600 */
    bool written = fd >= 0 && text != NULL && json_dumpfd(text, fd, JSON_COMPACT) == 0 && fsync(fd) == 0;
    json_decref(text);
    if (fd >= 0 && close(fd) == 0 && written && rename(part, path) == 0)
        return DR_OK;
    int why = errno;
    if (fd >= 0)
        unlink(part);
    return dr_fail(err, DR_IO, "cannot write %s: %s", path, strerror(why));
}

enum dr_code session_forget(struct dr_error *err)
{
    char path[PATH_MAX];
    if (path_of(path, err) != DR_OK)
        return err->code;
    return unlink(path) == 0 || errno == ENOENT ? DR_OK
                                                : dr_fail(err, DR_IO, "cannot remove %s: %s", path, strerror(errno));
}
