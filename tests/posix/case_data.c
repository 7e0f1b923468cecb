/* SPDX-License-Identifier: Apache-2.0
 * Contents: appends, holes, truncation, fallocate, mmap, direct I/O, copies, and what statfs says. */
#include "tests/posix/posix.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/statfs.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

static void append_lines(char who)
{
    int fd = must("open", open("log", O_WRONLY | O_APPEND | O_CLOEXEC));
    char line[64];
    memset(line, who, sizeof line);
    line[63] = '\n';
    for (int i = 0; i < 2000; i++)
        if (write(fd, line, sizeof line) != (ssize_t)sizeof line)
            say("short append");
    close(fd);
}

static void two_appenders(void)
{
    make_file("log", 0, 0644);
    pid_t child = must("fork", fork());
    if (child == 0) {
        append_lines('c');
        _exit(0);
    }
    append_lines('p');
    int status;
    must("wait", waitpid(child, &status, 0));
    FILE *f = fopen("log", "re");
    char line[128];
    int whole = 0, torn = 0;
    while (fgets(line, sizeof line, f)) {
        bool same = strlen(line) == 64;
        for (int i = 1; i < 63 && same; i++)
            same = line[i] == line[0];
        whole += same;
        torn += !same;
    }
    fclose(f);
    say("whole %d torn %d", whole, torn);
    say_stat("log");
}

static void append_offsets(void)
{
    make_file("f", 10, 0644);
    int fd = must("open", open("f", O_RDWR | O_APPEND | O_CLOEXEC));
    said("pwrite at 0", pwrite(fd, "XX", 2, 0));
    said("write", write(fd, "YY", 2));
    say("position %lld", (long long)lseek(fd, 0, SEEK_CUR));
    must("fcntl", fcntl(fd, F_SETFL, 0));
    said("pwrite at 0, no append", pwrite(fd, "ZZ", 2, 0));
    close(fd);
    say_contents("f");
}

static void say_map(int fd, off_t end)
{
    for (off_t at = 0; at < end;) {
        off_t data = lseek(fd, at, SEEK_DATA);
        if (data < 0) {
            say("no data after %lld: %s", (long long)at, strerrorname_np(errno));
            return;
        }
        off_t hole = lseek(fd, data, SEEK_HOLE);
        say("data %lld..%lld", (long long)data, (long long)hole);
        at = hole;
    }
}

static void holes(void)
{
    int fd = must("open", open("f", O_RDWR | O_CREAT | O_CLOEXEC, 0644));
    said("write at 1 MiB", pwrite(fd, "x", 1, 1 << 20));
    said("write at 3 MiB", pwrite(fd, "y", 1, 3 << 20));
    said("grow", ftruncate(fd, 5 << 20));
    must("fsync", fsync(fd));
    say_map(fd, 5 << 20);
    said("past the end", lseek(fd, 6 << 20, SEEK_DATA));
    said("punch", fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 1 << 20, 4096));
    must("fsync", fsync(fd));
    say_map(fd, 5 << 20);
    said("shrink", ftruncate(fd, 100));
    said("grow", ftruncate(fd, 5000));
    close(fd);
    say_contents("f");
}

static void fallocates(void)
{
    make_file("f", 10000, 0644);
    int fd = must("open", open("f", O_RDWR | O_CLOEXEC));
    said("allocate", fallocate(fd, 0, 0, 20000));
    say_stat("f");
    said("keep size", fallocate(fd, FALLOC_FL_KEEP_SIZE, 20000, 20000));
    say_stat("f");
    said("punch", fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 100, 5000));
    said("zero", fallocate(fd, FALLOC_FL_ZERO_RANGE, 6000, 30000));
    say_stat("f");
    said("zero, keep size", fallocate(fd, FALLOC_FL_ZERO_RANGE | FALLOC_FL_KEEP_SIZE, 0, 90000));
    said("no length", fallocate(fd, 0, 0, 0));
    said("negative", fallocate(fd, 0, -1, 10));
    close(fd);
    say_contents("f");
    fd = must("open", open("f", O_RDONLY | O_CLOEXEC));
    said("read-only", fallocate(fd, 0, 0, 10));
    close(fd);
}

static void mapped(void)
{
    make_file("f", 3 * 4096 + 100, 0644);
    int fd = must("open", open("f", O_RDWR | O_CLOEXEC));
    char *map = mmap(NULL, 4 * 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (map == MAP_FAILED) {
        said("mmap", -1);
        return;
    }
    memset(map + 4000, 'M', 200);
    said("msync", msync(map, 4 * 4096, MS_SYNC));
    say_contents("f");
    said("write under the map", pwrite(fd, "under", 5, 10));
    say("map sees %.5s", map + 10);
    map[0] = '!';
    char c;
    must("pread", pread(fd, &c, 1, 0));
    say("read sees %c", c);
    munmap(map, 4 * 4096);
    close(fd);
    say_contents("f");
    fd = must("open", open("f", O_RDONLY | O_CLOEXEC));
    said("shared map of a read-only file", mmap(NULL, 4096, PROT_WRITE, MAP_SHARED, fd, 0) == MAP_FAILED ? -1 : 0);
    close(fd);
}

static void direct(void)
{
    void *block;
    if (posix_memalign(&block, 4096, 65536) != 0)
        exit(3);
    memset(block, 'D', 65536);
    int fd = said("open", open("f", O_RDWR | O_CREAT | O_DIRECT | O_CLOEXEC, 0644));
    if (fd < 0)
        return;
    say("write %zd", pwrite(fd, block, 65536, 0));
    say("write %zd", pwrite(fd, block, 4096, 1 << 20));
    memset(block, 0, 65536);
    say("read %zd", pread(fd, block, 65536, 0));
    say("byte %c", *(char *)block);
    int buffered = must("open", open("f", O_RDWR | O_CLOEXEC));
    said("buffered", pwrite(buffered, "B", 1, 5));
    must("fsync", fsync(buffered));
    say("read %zd", pread(fd, block, 4096, 0));
    say("sees %c", ((char *)block)[5]);
    memset(block, 'E', 4096);
    said("direct", pwrite(fd, block, 4096, 0));
    char c;
    must("pread", pread(buffered, &c, 1, 5));
    say("buffered sees %c", c);
    close(fd);
    close(buffered);
    free(block);
    say_contents("f");
}

static void vectors_and_copies(void)
{
    make_file("f", 300000, 0644);
    int in = must("open", open("f", O_RDONLY | O_CLOEXEC));
    int out = must("open", open("g", O_RDWR | O_CREAT | O_CLOEXEC, 0644));
    struct iovec v[3] = {
        {(void *)(uintptr_t) "one", 3}, {(void *)(uintptr_t) "two", 3}, {(void *)(uintptr_t) "three", 5}};
    say("writev %zd", writev(out, v, 3));
    off_t from = 1000;
    say("sendfile %zd", sendfile(out, in, &from, 5000));
    loff_t at = 100, to = 20000;
    ssize_t left = 200000;
    while (left > 0) {
        ssize_t n = copy_file_range(in, &at, out, &to, (size_t)left, 0);
        if (n <= 0)
            break;
        left -= n;
    }
    say("copy_file_range left %zd", left);
    close(in);
    close(out);
    say_contents("g");
}

static void open_truncate(void)
{
    make_file("f", 5000, 0644);
    int held = must("open", open("f", O_RDONLY | O_CLOEXEC));
    int fd = said("O_TRUNC", open("f", O_WRONLY | O_TRUNC | O_CLOEXEC));
    say_stat("f");
    char c;
    say("read %zd", pread(held, &c, 1, 0));
    said("write", write(fd, "abc", 3));
    said("too large", ftruncate(fd, -1));
    close(fd);
    close(held);
    said("truncate a folder", truncate(".", 0));
    said("truncate nothing", truncate("none", 0));
    say_contents("f");
}

static void syncs(void)
{
    make_file("f", 100, 0644);
    int fd = must("open", open("f", O_WRONLY | O_SYNC | O_CLOEXEC));
    said("O_SYNC write", write(fd, "s", 1));
    said("fsync", fsync(fd));
    said("fdatasync", fdatasync(fd));
    said("sync_file_range", sync_file_range(fd, 0, 100, SYNC_FILE_RANGE_WRITE));
    said("fadvise", posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED));
    close(fd);
    int folder = must("open", open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    said("fsync of a folder", fsync(folder));
    said("syncfs", syncfs(folder));
    close(folder);
    say_contents("f");
}

static void file_system(void)
{
    struct statfs st;
    said("statfs", statfs(".", &st));
    say("block %ld name %ld blocks %s files %s", (long)st.f_bsize, (long)st.f_namelen, st.f_blocks ? "some" : "none",
        st.f_files ? "some" : "none");
}

static void large_offsets(void)
{
    int fd = must("open", open("f", O_RDWR | O_CREAT | O_CLOEXEC, 0644));
    said("write at 5 GiB", pwrite(fd, "far", 3, 5LL << 30));
    struct stat st;
    must("fstat", fstat(fd, &st));
    say("size %lld", (long long)st.st_size);
    char back[4] = "";
    say("read %zd %s", pread(fd, back, 3, 5LL << 30), back);
    close(fd);
}

const struct posix_case cases_data[] = {{"two_appenders", two_appenders},
                                        {"append_offsets", append_offsets},
                                        {"holes", holes},
                                        {"fallocates", fallocates},
                                        {"mapped", mapped},
                                        {"direct", direct},
                                        {"vectors_and_copies", vectors_and_copies},
                                        {"open_truncate", open_truncate},
                                        {"syncs", syncs},
                                        {"file_system", file_system},
                                        {"large_offsets", large_offsets},
                                        {NULL, NULL}};
