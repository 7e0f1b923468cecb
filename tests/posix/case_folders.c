/* SPDX-License-Identifier: Apache-2.0
 * Folders: listings of 100,000 names with deletions meanwhile, seeks, and more files than descriptors. */
#include "tests/posix/posix.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

static void fill(int count)
{
    char name[32];
    for (int i = 0; i < count; i++) {
        snprintf(name, sizeof name, "n%06d", i);
        close(must(name, open(name, O_CREAT | O_WRONLY | O_CLOEXEC, 0644)));
    }
}

static int entry_number(const struct dirent *e)
{
    return e->d_name[0] == 'n' ? atoi(e->d_name + 1) : -1;
}

/* Every name that lives through the listing must be told exactly once; deleted ones at most once. */
static void count_names(int count, int delete_from)
{
    unsigned char *seen = calloc((size_t)count, 1);
    DIR *dir = opendir(".");
    if (!seen || !dir)
        exit(3);
    int listed = 0;
    for (struct dirent *e; (e = readdir(dir));) {
        int i = entry_number(e);
        if (i < 0)
            continue;
        seen[i]++;
        if (++listed == 1000) {
            char name[32];
            for (int k = delete_from; k < count; k += 2) {
                snprintf(name, sizeof name, "n%06d", k);
                must(name, unlink(name));
            }
        }
    }
    closedir(dir);
    int missing = 0, twice = 0;
    for (int i = 0; i < count; i++) {
        missing += !seen[i] && (i < delete_from || (i - delete_from) % 2);
        twice += seen[i] > 1;
    }
    free(seen);
    say("missing %d twice %d", missing, twice);
}

static int names_left(void)
{
    DIR *dir = opendir(".");
    int n = 0;
    for (struct dirent *e; dir && (e = readdir(dir));)
        n += entry_number(e) >= 0;
    if (dir)
        closedir(dir);
    return n;
}

static void hundred_thousand(void)
{
    fill(100000);
    say("names %d", names_left());
    count_names(100000, 50000);
    say("names left %d", names_left());
}

static void seeks(void)
{
    fill(300);
    DIR *dir = opendir(".");
    if (!dir)
        exit(3);
    for (int i = 0; i < 100; i++)
        must("readdir", readdir(dir) ? 0 : -1);
    long here = telldir(dir);
    char next[256];
    snprintf(next, sizeof next, "%s", readdir(dir)->d_name);
    while (readdir(dir))
        continue;
    seekdir(dir, here);
    say("seekdir comes back: %d", strcmp(next, readdir(dir)->d_name) == 0);
    rewinddir(dir);
    int n = 0;
    while (readdir(dir))
        n++;
    say("after rewind %d", n);
    make_file("late", 1, 0644);
    rewinddir(dir);
    n = 0;
    while (readdir(dir))
        n++;
    say("after a new name %d", n);
    closedir(dir);
}

static void types(void)
{
    make_file("file", 1, 0644);
    must("mkdir", mkdir("folder", 0755));
    must("symlink", symlink("x", "link"));
    must("mkfifo", mkfifo("fifo", 0644));
    struct dirent **list;
    int n = scandir(".", &list, NULL, alphasort);
    for (int i = 0; i < n; i++) {
        struct stat st;
        must("lstat", lstat(list[i]->d_name, &st));
        /* ".." leads out of the folder under test, where inode numbers are another file system's. */
        bool same = list[i]->d_ino == st.st_ino || strcmp(list[i]->d_name, "..") == 0;
        say("%s type %d inode %s", list[i]->d_name, list[i]->d_type, same ? "as stat" : "differs");
        free(list[i]);
    }
    free(list);
}

static void many_files(void)
{
    struct rlimit limit = {20000, 20000};
    must("setrlimit", setrlimit(RLIMIT_NOFILE, &limit));
    fill(25000);
    say("names %d", names_left());
    char name[32];
    int opened = 0, held[15000], written = 0;
    for (int i = 0; i < 25000; i++) {
        snprintf(name, sizeof name, "n%06d", i);
        int fd = open(name, O_RDWR | O_CLOEXEC);
        if (fd < 0) {
            said(name, fd);
            break;
        }
        opened++;
        written += write(fd, name, 7) == 7;
        if (i < 15000)
            held[i] = fd;
        else
            close(fd);
    }
    say("opened %d written %d", opened, written);
    int good = 0;
    for (int i = 0; i < 15000; i++) {
        char back[8] = "";
        snprintf(name, sizeof name, "n%06d", i);
        good += pread(held[i], back, 7, 0) == 7 && memcmp(back, name, 7) == 0;
        close(held[i]);
    }
    say("read back %d", good);
}

static void removed_folder(void)
{
    must("mkdir", mkdir("d", 0755));
    int fd = must("open", open("d", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    must("rmdir", rmdir("d"));
    said("create in a removed folder", openat(fd, "x", O_CREAT | O_WRONLY | O_CLOEXEC, 0644));
    said("list it", lseek(fd, 0, SEEK_SET));
    struct stat st;
    said("fstat", fstat(fd, &st));
    say("links %lu", (unsigned long)st.st_nlink);
    close(fd);
}

const struct posix_case cases_folders[] = {
    {"hundred_thousand", hundred_thousand}, {"seeks", seeks}, {"types", types}, {"many_files", many_files},
    {"removed_folder", removed_folder},     {NULL, NULL}};
