/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/capture/stand.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

static void differ(const char *path, const char *what)
{
    printf("%s: %s differ\n", path, what);
    CU_FAIL("the trees differ");
}

static void compare_data(int left, int right, const char *path)
{
    static char a[1 << 16], b[1 << 16];
    ssize_t n;
    do {
        n = read(left, a, sizeof a);
        if (read(right, b, sizeof b) != n || (n > 0 && memcmp(a, b, (size_t)n) != 0)) {
            differ(path, "contents");
            return;
        }
    } while (n > 0);
}

static void compare_xattrs(int left, int right, const char *path)
{
    char list[4096], a[4096], b[4096];
    ssize_t n = flistxattr(left, list, sizeof list), m = flistxattr(right, b, sizeof b);
    if (n != m)
        differ(path, "lists of attributes");
    for (ssize_t at = 0; at < n; at += (ssize_t)strlen(list + at) + 1) {
        ssize_t size = fgetxattr(left, list + at, a, sizeof a);
        if (fgetxattr(right, list + at, b, sizeof b) != size || (size > 0 && memcmp(a, b, (size_t)size) != 0))
            differ(path, list + at);
    }
}

static void compare_stat(const struct stat *a, const struct stat *b, const char *path)
{
    if (a->st_mode != b->st_mode)
        differ(path, "modes");
    if (a->st_uid != b->st_uid || a->st_gid != b->st_gid)
        differ(path, "owners");
    if (a->st_nlink != b->st_nlink)
        differ(path, "numbers of links");
    if (!S_ISDIR(a->st_mode) && a->st_size != b->st_size)
        differ(path, "sizes");
    if (a->st_mtim.tv_sec != b->st_mtim.tv_sec || a->st_mtim.tv_nsec != b->st_mtim.tv_nsec)
        differ(path, "mtimes");
    if ((S_ISCHR(a->st_mode) || S_ISBLK(a->st_mode)) && a->st_rdev != b->st_rdev)
        differ(path, "devices");
}

static unsigned compare_entry(int left, int right, const char *name, const char *path)
{
    struct stat a, b;
    char la[4096] = "", lb[4096] = "";
    unsigned seen = 1;
    if (fstatat(left, name, &a, AT_SYMLINK_NOFOLLOW) != 0 || fstatat(right, name, &b, AT_SYMLINK_NOFOLLOW) != 0) {
        differ(path, "names");
        return 0;
    }
    compare_stat(&a, &b, path);
    if (S_ISLNK(a.st_mode) &&
        (readlinkat(left, name, la, sizeof la - 1) != readlinkat(right, name, lb, sizeof lb - 1) ||
         strcmp(la, lb) != 0))
        differ(path, "targets");
    if (!S_ISREG(a.st_mode) && !S_ISDIR(a.st_mode))
        return seen;
    int l = openat(left, name, O_RDONLY | O_CLOEXEC), r = openat(right, name, O_RDONLY | O_CLOEXEC);
    compare_xattrs(l, r, path);
    if (S_ISREG(a.st_mode))
        compare_data(l, r, path);
    else
        seen += compare_trees(l, r, path);
    close(l);
    close(r);
    return seen;
}

static unsigned count_names(int fd)
{
    unsigned count = 0;
    DIR *dir = fdopendir(openat(fd, ".", O_RDONLY | O_CLOEXEC));
    while (readdir(dir))
        count++;
    closedir(dir);
    return count;
}

unsigned compare_trees(int left, int right, const char *path)
{
    unsigned seen = 0;
    char below[4096];
    if (count_names(left) != count_names(right))
        differ(path, "numbers of names");
    DIR *dir = fdopendir(openat(left, ".", O_RDONLY | O_CLOEXEC));
    for (const struct dirent *e; (e = readdir(dir));) {
        if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0)
            continue;
        snprintf(below, sizeof below, "%.2000s/%s", path, e->d_name);
        seen += compare_entry(left, right, e->d_name, below);
    }
    closedir(dir);
    return seen;
}
