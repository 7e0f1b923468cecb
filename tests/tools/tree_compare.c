/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/tools/tree_compare.h"

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

struct twin { /* files with several names: which inode of b is the one of a */
    struct twin *next;
    uint64_t a, b;
};

struct work {
    const struct tree_compare *options;
    int found;
    bool unreadable;
    struct twin *twins;
};

struct sides {
    char a[PATH_MAX], b[PATH_MAX];
    struct stat sa, sb;
};

static void __attribute__((format(printf, 2, 3))) differ(struct work *w, const char *format, ...)
{
    char line[2 * PATH_MAX];
    va_list args;
    va_start(args, format);
    vsnprintf(line, sizeof line, format, args);
    va_end(args);
    w->found++;
    w->options->say(w->options->baton, line);
}

static bool enough(const struct work *w)
{
    return w->unreadable || w->found >= (int)w->options->most;
}

/* ---- one object ---- */

static void compare_stat(struct work *w, const struct sides *s)
{
    if (s->sa.st_mode != s->sb.st_mode)
        differ(w, "%s: mode %o, there %o", s->a, s->sa.st_mode, s->sb.st_mode);
    if (s->sa.st_uid != s->sb.st_uid || s->sa.st_gid != s->sb.st_gid)
        differ(w, "%s: owner %u:%u, there %u:%u", s->a, s->sa.st_uid, s->sa.st_gid, s->sb.st_uid, s->sb.st_gid);
    if ((S_ISCHR(s->sa.st_mode) || S_ISBLK(s->sa.st_mode)) && s->sa.st_rdev != s->sb.st_rdev)
        differ(w, "%s: device %lx, there %lx", s->a, (long)s->sa.st_rdev, (long)s->sb.st_rdev);
    if (!S_ISDIR(s->sa.st_mode) && s->sa.st_nlink != s->sb.st_nlink)
        differ(w, "%s: %ld names, there %ld", s->a, (long)s->sa.st_nlink, (long)s->sb.st_nlink);
    const struct timespec *ta = &s->sa.st_mtim, *tb = &s->sb.st_mtim;
    bool skip = w->options->skip_mtime || (w->options->skip_folder_mtime && S_ISDIR(s->sa.st_mode));
    if (!skip && (ta->tv_sec != tb->tv_sec || ta->tv_nsec != tb->tv_nsec))
        differ(w, "%s: mtime %ld.%09ld, there %ld.%09ld", s->a, (long)ta->tv_sec, ta->tv_nsec, (long)tb->tv_sec,
               tb->tv_nsec);
}

static void compare_links(struct work *w, const struct sides *s)
{
    if (S_ISDIR(s->sa.st_mode) || s->sa.st_nlink < 2)
        return;
    for (const struct twin *t = w->twins; t; t = t->next) {
        if ((t->a == s->sa.st_ino) != (t->b == s->sb.st_ino))
            differ(w, "%s: is not the same file there as its other names", s->a);
        if (t->a == s->sa.st_ino)
            return;
    }
    struct twin *t = malloc(sizeof *t);
    if (!t)
        abort();
    *t = (struct twin){w->twins, s->sa.st_ino, s->sb.st_ino};
    w->twins = t;
}

static ssize_t fill(int fd, char *bytes, size_t size)
{
    size_t got = 0;
    for (ssize_t n = 1; n > 0 && got<size; got += n> 0 ? (size_t)n : 0)
        n = read(fd, bytes + got, size - got);
    return (ssize_t)got;
}

static void compare_bytes(struct work *w, const struct sides *s)
{
    static char x[1 << 16], y[1 << 16];
    int a = open(s->a, O_RDONLY | O_NOATIME), b = open(s->b, O_RDONLY | O_NOATIME);
    if (a < 0 || b < 0)
        differ(w, "%s: cannot be read on both sides", s->a);
    for (off_t at = 0; a >= 0 && b >= 0 && at < s->sa.st_size; at += (off_t)sizeof x) {
        ssize_t n = fill(a, x, sizeof x), m = fill(b, y, sizeof y);
        ssize_t i = 0;
        while (i < n && i < m && x[i] == y[i])
            i++;
        if (i < n || n != m) {
            differ(w, "%s: content differs at byte %ld of %ld", s->a, (long)(at + i), (long)s->sa.st_size);
            break;
        }
    }
    if (a >= 0)
        close(a);
    if (b >= 0)
        close(b);
}

static void compare_content(struct work *w, const struct sides *s)
{
    char x[PATH_MAX], y[PATH_MAX];
    if (S_ISREG(s->sa.st_mode) && s->sa.st_size != s->sb.st_size)
        differ(w, "%s: size %ld, there %ld", s->a, (long)s->sa.st_size, (long)s->sb.st_size);
    else if (S_ISREG(s->sa.st_mode))
        compare_bytes(w, s);
    if (!S_ISLNK(s->sa.st_mode))
        return;
    ssize_t n = readlink(s->a, x, sizeof x), m = readlink(s->b, y, sizeof y);
    if (n != m || n < 0 || memcmp(x, y, (size_t)n) != 0)
        differ(w, "%s: leads to %.*s, there to %.*s", s->a, (int)n, x, (int)m, y);
}

/* What `from` has and `to` has not, or otherwise. */
static void compare_xattrs(struct work *w, const char *from, const char *to, bool values)
{
    static char names[65536], x[65536], y[65536];
    ssize_t size = llistxattr(from, names, sizeof names);
    for (const char *name = names; size > 0 && name < names + size; name += strlen(name) + 1) {
        ssize_t n = lgetxattr(from, name, x, sizeof x), m = lgetxattr(to, name, y, sizeof y);
        if (m < 0)
            differ(w, "%s: extended attribute %s is missing on the other side", from, name);
        else if (values && (n != m || memcmp(x, y, (size_t)n) != 0))
            differ(w, "%s: extended attribute %s differs", from, name);
    }
}

/* ---- folders ---- */

static int not_dots(const struct dirent *d)
{
    return strcmp(d->d_name, ".") != 0 && strcmp(d->d_name, "..") != 0;
}

static int by_name(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

static void compare_object(struct work *w, const char *a, const char *b, const char *name);

static void compare_names(struct work *w, const struct sides *s, struct dirent **x, int n, struct dirent **y, int m)
{
    for (int i = 0, j = 0; (i < n || j < m) && !enough(w);) {
        int order = i == n ? 1 : j == m ? -1 : strcmp(x[i]->d_name, y[j]->d_name);
        if (order < 0)
            differ(w, "%s/%s: is missing there", s->a, x[i++]->d_name);
        else if (order > 0)
            differ(w, "%s/%s: is only there", s->a, y[j++]->d_name);
        else {
            compare_object(w, s->a, s->b, x[i]->d_name);
            i++, j++;
        }
    }
}

static void free_names(struct dirent **names, int count)
{
    for (int i = 0; i < count; i++)
        free(names[i]);
    free(names);
}

static void compare_folder(struct work *w, const struct sides *s)
{
    struct dirent **x = NULL, **y = NULL;
    int n = scandir(s->a, &x, not_dots, by_name), m = scandir(s->b, &y, not_dots, by_name);
    if (n < 0 || m < 0)
        w->unreadable = true;
    else
        compare_names(w, s, x, n, y, m);
    if (n >= 0)
        free_names(x, n);
    if (m >= 0)
        free_names(y, m);
}

static void compare_sides(struct work *w, const struct sides *s)
{
    if ((s->sa.st_mode & S_IFMT) != (s->sb.st_mode & S_IFMT)) {
        differ(w, "%s: type %o, there %o", s->a, s->sa.st_mode & S_IFMT, s->sb.st_mode & S_IFMT);
        return;
    }
    compare_stat(w, s);
    compare_links(w, s);
    compare_content(w, s);
    compare_xattrs(w, s->a, s->b, true);
    compare_xattrs(w, s->b, s->a, false);
    if (S_ISDIR(s->sa.st_mode))
        compare_folder(w, s);
}

static void compare_object(struct work *w, const char *a, const char *b, const char *name)
{
    struct sides *s = malloc(sizeof *s); /* trees may be deep */
    if (!s)
        abort();
    snprintf(s->a, sizeof s->a, "%s/%s", a, name);
    snprintf(s->b, sizeof s->b, "%s/%s", b, name);
    if (lstat(s->a, &s->sa) != 0 || lstat(s->b, &s->sb) != 0)
        differ(w, "%s: went away while it was compared", s->a);
    else
        compare_sides(w, s);
    free(s);
}

int tree_compare(const char *a, const char *b, const struct tree_compare *options)
{
    struct work w = {.options = options};
    compare_object(&w, a, b, ".");
    while (w.twins) {
        struct twin *t = w.twins;
        w.twins = t->next;
        free(t);
    }
    return w.unreadable ? -1 : w.found;
}
