/* SPDX-License-Identifier: Apache-2.0
 * etc/drid.conf (B4.2.2.2-15): `id=<32 upper-case hex>` and `cc_addr=<console>`. */
#include "agent/config.h"
#include "core/id.h"
#include "core/model_text.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static enum dr_code identity_path(char path[CONFIG_PATH_SIZE], const char *root, struct dr_error *err)
{
    if (!config_path(path, root, "etc/drid.conf"))
        return dr_fail(err, DR_INVALID, "%.128s...: the root's path is too long", root);
    return DR_OK;
}

struct identity {
    struct dr_id *id;
    char *cc_addr;
    size_t cc_size;
};

/* Unknown names are left for later versions; lines that are not `name=value` are refused. */
static enum dr_code take_line(const struct identity *into, const char *path, unsigned number, char *line,
                              struct dr_error *err)
{
    line[strcspn(line, "\r\n")] = '\0';
    if (line[0] == '\0' || line[0] == '#')
        return DR_OK;
    char *value = strchr(line, '=');
    if (!value)
        return dr_fail(err, DR_INVALID, "%s:%u: \"%.64s\" is not name=value", path, number, line);
    *value++ = '\0';
    if (strcmp(line, "id") == 0 && !dr_id_parse(into->id, value, strlen(value)))
        return dr_fail(err, DR_INVALID, "%s:%u: id: \"%.64s\" is not 32 upper-case hexadecimal digits", path, number,
                       value);
    if (strcmp(line, "cc_addr") == 0) {
        if (*value && (!model_text_is_host(value) || strlen(value) >= into->cc_size))
            return dr_fail(err, DR_INVALID, "%s:%u: cc_addr: \"%.64s\" is not an IP address or a host name", path,
                           number, value);
        snprintf(into->cc_addr, into->cc_size, "%s", value);
    }
    return DR_OK;
}

enum dr_code config_read_identity(const char *root, struct dr_id *id, char *cc_addr, size_t cc_size,
                                  struct dr_error *err)
{
    char path[CONFIG_PATH_SIZE], line[1024];
    struct identity into = {.id = id, .cc_addr = cc_addr, .cc_size = cc_size};
    enum dr_code code = identity_path(path, root, err);
    if (code != DR_OK)
        return code;
    id->hex[0] = cc_addr[0] = '\0';
    FILE *in = fopen(path, "re");
    if (!in)
        return dr_fail(err, errno == ENOENT ? DR_NOT_FOUND : DR_IO, "cannot open %s: %s: run drcfg -c", path,
                       strerror(errno));
    for (unsigned number = 1; code == DR_OK && fgets(line, sizeof line, in); number++)
        code = take_line(&into, path, number, line, err);
    fclose(in);
    if (code == DR_OK && id->hex[0] == '\0')
        code = dr_fail(err, DR_INVALID, "%s: has no id: run drcfg -c", path);
    return code;
}

static enum dr_code write_lines(const char *path, const struct dr_id *id, const char *cc_addr, struct dr_error *err)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    FILE *out = fd < 0 ? NULL : fdopen(fd, "w");
    if (!out) {
        int failure = errno;
        if (fd >= 0)
            close(fd);
        return dr_fail(err, DR_IO, "cannot create %s: %s", path, strerror(failure));
    }
    bool ok = fprintf(out, "id=%s\ncc_addr=%s\n", id->hex, cc_addr) > 0 && fflush(out) == 0 && fsync(fd) == 0;
    int failure = errno;
    if (fclose(out) != 0 && ok)
        return dr_fail(err, DR_IO, "cannot write %s: %s", path, strerror(errno));
    return ok ? DR_OK : dr_fail(err, DR_IO, "cannot write %s: %s", path, strerror(failure));
}

/* What a person fills next is there then: the rules, the scripts, the certificate. */
static enum dr_code make_folders(const char *root, struct dr_error *err)
{
    static const struct {
        const char *name;
        mode_t mode;
    } folders[] = {{"etc", 0755}, {"etc/rules", 0755}, {"etc/scripts", 0755}, {"etc/tls", 0700}};
    char path[CONFIG_PATH_SIZE];
    for (size_t i = 0; i < sizeof folders / sizeof folders[0]; i++) {
        if (!config_path(path, root, folders[i].name))
            return dr_fail(err, DR_INVALID, "%.128s...: the root's path is too long", root);
        if (mkdir(path, folders[i].mode) != 0 && errno != EEXIST)
            return dr_fail(
                err, DR_IO,
                "cannot make the folder %s: %s: install drnode below %s first, or name its folder with --root", path,
                strerror(errno), root);
    }
    return DR_OK;
}

enum dr_code config_write_identity(const char *root, const struct dr_id *id, const char *cc_addr, struct dr_error *err)
{
    char path[CONFIG_PATH_SIZE], temporary[CONFIG_PATH_SIZE];
    enum dr_code code = identity_path(path, root, err);
    if (code == DR_OK && !config_path(temporary, root, "etc/drid.conf.new"))
        code = dr_fail(err, DR_INVALID, "%.128s...: the root's path is too long", root);
    if (code == DR_OK)
        code = make_folders(root, err);
    if (code == DR_OK)
        code = write_lines(temporary, id, cc_addr, err);
    if (code == DR_OK && rename(temporary, path) != 0)
        code = dr_fail(err, DR_IO, "cannot rename %s to %s: %s", temporary, path, strerror(errno));
    return code;
}
