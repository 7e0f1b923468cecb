/* SPDX-License-Identifier: Apache-2.0
 * Names: rename, link, unlink, symlink, special files, and every error they are known for. */
#include "tests/posix/posix.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/sysmacros.h>
#include <sys/un.h>
#include <unistd.h>

static void rename_over(void)
{
    make_file("a", 10, 0644);
    make_file("b", 20, 0600);
    int held = must("open b", open("b", O_RDONLY | O_CLOEXEC));
    said("rename a over b", rename("a", "b"));
    say_stat("a");
    say_stat("b");
    struct stat st;
    must("fstat", fstat(held, &st));
    say("the file that was replaced: links %lu size %lld", (unsigned long)st.st_nlink, (long long)st.st_size);
    close(held);
    said("rename onto itself", rename("b", "b"));
    must("link", link("b", "c"));
    said("rename between two names of one file", rename("b", "c"));
    say_stat("b");
    say_stat("c");
}

static void rename_folders(void)
{
    must("mkdir", mkdir("d", 0755));
    must("mkdir", mkdir("d/inner", 0755));
    must("mkdir", mkdir("empty", 0755));
    must("mkdir", mkdir("full", 0755));
    make_file("full/x", 1, 0644);
    make_file("f", 1, 0644);
    said("folder into itself", rename("d", "d/inner/d"));
    said("folder over a file", rename("d", "f"));
    said("file over a folder", rename("f", "empty"));
    said("folder over a full one", rename("d", "full"));
    said("folder over an empty one", rename("d", "empty"));
    say_stat("empty/inner");
    say_stat("d");
    say_stat(".");
}

static void rename_flags(void)
{
    make_file("a", 10, 0644);
    make_file("b", 20, 0600);
    must("mkdir", mkdir("d", 0755));
    said("noreplace, taken", renameat2(AT_FDCWD, "a", AT_FDCWD, "b", RENAME_NOREPLACE));
    said("noreplace, free", renameat2(AT_FDCWD, "a", AT_FDCWD, "d/a", RENAME_NOREPLACE));
    said("exchange", renameat2(AT_FDCWD, "d/a", AT_FDCWD, "b", RENAME_EXCHANGE));
    say_stat("b");
    say_stat("d/a");
    said("exchange file and folder", renameat2(AT_FDCWD, "d", AT_FDCWD, "b", RENAME_EXCHANGE));
    say_stat("d");
    say_stat("b");
    said("exchange with nothing", renameat2(AT_FDCWD, "d", AT_FDCWD, "none", RENAME_EXCHANGE));
}

static void links(void)
{
    make_file("a", 5, 0644);
    said("link", link("a", "b"));
    said("link over a name", link("a", "b"));
    must("mkdir", mkdir("d", 0755));
    said("link a folder", link("d", "e"));
    said("link into a folder", link("b", "d/c"));
    say_stat("a");
    struct stat a, c;
    must("stat", stat("a", &a));
    must("stat", stat("d/c", &c));
    say("same file: %d", a.st_ino == c.st_ino);
    said("unlink", unlink("a"));
    say_stat("b");
    said("unlink again", unlink("a"));
    said("unlink a folder", unlink("d"));
    said("rmdir a file", rmdir("b"));
    said("rmdir a full folder", rmdir("d"));
    must("mkdir", mkdir("d/x", 0755));
    say_stat("d");
    said("rmdir", rmdir("d/x"));
    say_stat("d");
}

static void unlinked_open(void)
{
    make_file("a", 100, 0644);
    int fd = must("open", open("a", O_RDWR | O_CLOEXEC));
    said("unlink", unlink("a"));
    struct stat st;
    said("fstat", fstat(fd, &st));
    say("links %lu size %lld", (unsigned long)st.st_nlink, (long long)st.st_size);
    said("write", pwrite(fd, "more", 4, 100));
    said("truncate", ftruncate(fd, 50));
    said("fchmod", fchmod(fd, 0600));
    must("fstat", fstat(fd, &st));
    say("mode %o size %lld", st.st_mode, (long long)st.st_size);
    char buffer[64];
    say("read %zd", pread(fd, buffer, sizeof buffer, 0));
    make_file("a", 3, 0644);
    say_stat("a");
    close(fd);
    say_stat("a");
}

static void symlinks(void)
{
    char target[PATH_MAX], back[PATH_MAX];
    memset(target, 'x', sizeof target);
    target[4000] = '\0';
    said("long symlink", symlink(target, "long"));
    ssize_t n = readlink("long", back, sizeof back);
    say("readlink %zd same %d", n, n == 4000 && memcmp(back, target, 4000) == 0);
    said("short", symlink("file", "s"));
    said("dangling open", open("s", O_RDONLY | O_CLOEXEC));
    make_file("file", 7, 0644);
    say_contents("s");
    said("nofollow", open("s", O_RDONLY | O_NOFOLLOW | O_CLOEXEC));
    said("loop", symlink("loop", "loop"));
    said("open loop", open("loop", O_RDONLY | O_CLOEXEC));
    said("lchown", lchown("s", 12, 34));
    say_stat("s");
    say_stat("file");
    said("symlink over a name", symlink("x", "s"));
    said("empty target", symlink("", "e"));
}

static void special_files(void)
{
    said("fifo", mkfifo("fifo", 0640));
    said("character device", mknod("null", S_IFCHR | 0666, makedev(1, 3)));
    struct stat st;
    must("stat", stat("null", &st));
    say("device %u:%u", major(st.st_rdev), minor(st.st_rdev));
    int fd = said("write to it", open("null", O_WRONLY | O_CLOEXEC));
    said("write", write(fd, "x", 1));
    close(fd);
    int sock = must("socket", socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    struct sockaddr_un name = {.sun_family = AF_UNIX, .sun_path = "sock"};
    said("bind", bind(sock, (struct sockaddr *)&name, sizeof name));
    said("listen", listen(sock, 1));
    int other = must("socket", socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    said("connect", connect(other, (struct sockaddr *)&name, sizeof name));
    close(sock);
    close(other);
    said("mknod regular", mknod("plain", S_IFREG | 0604, 0));
    say_stat("fifo");
    say_stat("sock");
    say_stat("plain");
}

static void name_errors(void)
{
    char longest[300];
    memset(longest, 'n', sizeof longest);
    longest[255] = '\0';
    said("255 bytes", mkdir(longest, 0755));
    said("rmdir", rmdir(longest));
    longest[255] = 'n';
    longest[256] = '\0';
    said("256 bytes", mkdir(longest, 0755));
    make_file("f", 1, 0644);
    said("below a file", open("f/x", O_RDONLY | O_CLOEXEC));
    said("missing folder", open("none/x", O_CREAT | O_WRONLY | O_CLOEXEC, 0644));
    said("exclusive", open("f", O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0644));
    said("folder for writing", open(".", O_WRONLY | O_CLOEXEC));
    said("O_DIRECTORY on a file", open("f", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    said("rmdir dot", rmdir("."));
    must("mkdir", mkdir("\xff\xfe\x01 name\n", 0755));
    say_stat("\xff\xfe\x01 name\n");
}

const struct posix_case cases_names[] = {{"rename_over", rename_over},
                                         {"rename_folders", rename_folders},
                                         {"rename_flags", rename_flags},
                                         {"links", links},
                                         {"unlinked_open", unlinked_open},
                                         {"symlinks", symlinks},
                                         {"special_files", special_files},
                                         {"name_errors", name_errors},
                                         {NULL, NULL}};
