/* SPDX-License-Identifier: Apache-2.0 */
#include "console/backup/backup.h"

#include "console/backup/archive.h"
#include "console/store/store.h"
#include "core/model/console.h"
#include "net/xml.h"

#include <dirent.h>
#include <errno.h>
#include <ftw.h>
#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define DATA_BASE "var/console.db" /* beside it lie -wal and -shm: not copied as files */
#define DEPTH_MAX 8

struct walk {
    struct archive *archive;
    const char *root;
    struct dr_error *err;
};

static bool join(char path[PATH_MAX], const char *folder, const char *name)
{
    return snprintf(path, PATH_MAX, "%s/%s", folder, name) < PATH_MAX;
}

static enum dr_code add_folder(const struct walk *walk, const char *name, unsigned depth);

static enum dr_code add_entry(const struct walk *walk, const char *name, unsigned depth)
{
    char path[PATH_MAX];
    struct stat st;
    if (!join(path, walk->root, name))
        return dr_fail(walk->err, DR_INVALID, "the name %.256s is too long", name);
    if (strncmp(name, DATA_BASE, strlen(DATA_BASE)) == 0 || lstat(path, &st) != 0)
        return DR_OK; /* what went away meanwhile is nothing of ours */
    if (S_ISDIR(st.st_mode))
        return add_folder(walk, name, depth);
    return S_ISREG(st.st_mode) ? archive_add(walk->archive, path, name, walk->err) : DR_OK;
}

static enum dr_code add_folder(const struct walk *walk, const char *name, unsigned depth)
{
    char path[PATH_MAX], inner[PATH_MAX];
    enum dr_code code = DR_OK;
    DIR *folder = join(path, walk->root, name) && depth < DEPTH_MAX ? opendir(path) : NULL;
    if (folder == NULL)
        return dr_fail(walk->err, DR_IO, "cannot read the folder %s: %s", path, strerror(errno));
    for (struct dirent *entry; code == DR_OK && (entry = readdir(folder)) != NULL;)
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0) {
            if (join(inner, name, entry->d_name))
                code = add_entry(walk, inner, depth + 1);
        }
    closedir(folder);
    return code;
}

/* The data base as it is at one moment, whoever writes meanwhile; `copy` must not be there. */
static enum dr_code copy_data_base(const char *root, const char *copy, struct dr_error *err)
{
    char own[PATH_MAX];
    struct store *store;
    struct store_place place = {.driver = "sqlite3", .where = own, .as_it_is = true};
    if (!join(own, root, DATA_BASE))
        return dr_fail(err, DR_INVALID, "the name of folder %.256s is too long", root);
    if (access(place.where, R_OK) != 0)
        return dr_fail(err, DR_NOT_FOUND, "there is no data base %s: is this the console's folder?", place.where);
    if (store_open(&store, &place, err) != DR_OK)
        return err->code;
    enum dr_code code = store_run(store, NULL, "VACUUM INTO %s", &copy, 1, err);
    store_close(store);
    return code;
}

static enum dr_code read_settings(struct console_settings *settings, const char *root, struct dr_error *err)
{
    char path[PATH_MAX];
    if (!join(path, root, "etc/console.xml"))
        return dr_fail(err, DR_INVALID, "the name of folder %.256s is too long", root);
    enum dr_code code = xml_read_file(&console_model, settings, path, err);
    if (code != DR_NOT_FOUND)
        return code;
    model_defaults(&console_model, settings);
    return DR_OK;
}

static enum dr_code fill(struct archive *archive, const char *root, const char *copy, struct dr_error *err)
{
    const struct walk walk = {archive, root, err};
    struct console_settings settings;
    if (read_settings(&settings, root, err) != DR_OK || add_folder(&walk, "etc", 0) != DR_OK ||
        add_folder(&walk, "var", 0) != DR_OK)
        return err->code;
    if (settings.store != CONSOLE_SQLITE3)
        return DR_OK;
    if (settings.store_where[0] != '\0')
        return dr_fail(err, DR_REFUSED,
                       "the data base is %s, outside of %s, where a restored console would not look: stop drconsole,"
                       " move it to %s/" DATA_BASE ", take store_where out of etc/console.xml, and start it",
                       settings.store_where, root, root);
    if (copy_data_base(root, copy, err) == DR_OK && archive_add(archive, copy, DATA_BASE, err) == DR_OK)
        return DR_OK;
    return err->code;
}

enum dr_code backup_make(const char *root, const char *file, struct dr_error *err)
{
    char copy[PATH_MAX];
    struct archive *archive;
    if (snprintf(copy, sizeof copy, "%s.db", file) >= PATH_MAX)
        return dr_fail(err, DR_INVALID, "the name %.256s is too long", file);
    if (access(copy, F_OK) == 0)
        return dr_fail(err, DR_REFUSED, "%s is there: it is needed for a while; remove it", copy);
    if (archive_create(&archive, file, err) != DR_OK)
        return err->code;
    enum dr_code code = fill(archive, root, copy, err);
    if (access(copy, F_OK) == 0)
        unlink(copy);
    if (code == DR_OK)
        return archive_finish(archive, err);
    archive_abandon(archive);
    return code;
}

static int remove_one(const char *path, const struct stat *st, int kind, struct FTW *where)
{
    (void)st, (void)kind, (void)where;
    return remove(path);
}

enum dr_code backup_restore(const char *root, const char *file, struct dr_error *err)
{
    char part[PATH_MAX];
    if (snprintf(part, sizeof part, "%s.restored", root) >= PATH_MAX)
        return dr_fail(err, DR_INVALID, "the name %.256s is too long", root);
    if (mkdir(part, 0700) != 0)
        return dr_fail(err, errno == EEXIST ? DR_REFUSED : DR_IO, "cannot make the folder %s: %s", part,
                       strerror(errno));
    enum dr_code code = archive_extract(file, part, err);
    if (code == DR_OK && rename(part, root) != 0)
        code = dr_fail(err, errno == ENOTEMPTY || errno == EEXIST ? DR_REFUSED : DR_IO,
                       "cannot put it in place as %s: %s: move what is there away, or name another with --root", root,
                       strerror(errno));
    if (code != DR_OK)
        nftw(part, remove_one, 16, FTW_DEPTH | FTW_PHYS);
    return code;
}
