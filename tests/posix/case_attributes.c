/* SPDX-License-Identifier: Apache-2.0
 * Extended attributes and POSIX ACLs, default ones under several umasks. */
#include "tests/posix/posix.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/xattr.h>
#include <unistd.h>

static int by_text(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static void say_attributes(const char *name)
{
    char list[4096], value[70000], *names[64];
    ssize_t length = llistxattr(name, list, sizeof list);
    int count = 0;
    for (ssize_t at = 0; at < length && count < 64; at += (ssize_t)strlen(list + at) + 1)
        names[count++] = list + at;
    qsort(names, (size_t)count, sizeof *names, by_text);
    say("%s: %d attributes", name, count);
    for (int i = 0; i < count; i++) {
        ssize_t n = lgetxattr(name, names[i], value, sizeof value);
        unsigned sum = 0;
        for (ssize_t k = 0; k < n; k++)
            sum = sum * 31 + (unsigned char)value[k];
        say("  %s: %zd bytes, sum %x", names[i], n, sum);
    }
}

static void xattrs(void)
{
    make_file("f", 1, 0644);
    must("mkdir", mkdir("d", 0755));
    said("set", setxattr("f", "user.one", "1", 1, 0));
    said("create again", setxattr("f", "user.one", "2", 1, XATTR_CREATE));
    said("replace", setxattr("f", "user.one", "22", 2, XATTR_REPLACE));
    said("replace nothing", setxattr("f", "user.none", "2", 1, XATTR_REPLACE));
    said("empty value", setxattr("f", "user.empty", "", 0, 0));
    said("trusted", setxattr("f", "trusted.t", "t", 1, 0));
    said("folder", setxattr("d", "user.d", "dd", 2, 0));
    said("no name space", setxattr("f", "plain", "x", 1, 0));
    char big[3000], small[1];
    memset(big, 'b', sizeof big);
    said("3000 bytes", setxattr("f", "user.big", big, sizeof big, 0));
    say("its size %zd", getxattr("f", "user.big", NULL, 0));
    said("too small a buffer", getxattr("f", "user.big", small, 1));
    said("missing", getxattr("f", "user.missing", small, 1));
    said("list, too small", listxattr("f", small, 1));
    say_attributes("f");
    say_attributes("d");
    said("remove", removexattr("f", "user.one"));
    said("remove again", removexattr("f", "user.one"));
    say_attributes("f");
    must("symlink", symlink("f", "s"));
    said("user attribute of a link", lsetxattr("s", "user.x", "x", 1, 0));
    said("trusted attribute of a link", lsetxattr("s", "trusted.x", "x", 1, 0));
    say_attributes("s");
}

static void shell(const char *command)
{
    say("$ %s", command);
    say("status %d", system(command));
}

static void acls(void)
{
    make_file("f", 1, 0640);
    must("mkdir", mkdir("d", 0755));
    shell("setfacl -m u:4242:rw,g:4343:r f && getfacl -cn f");
    say_stat("f");
    shell("chmod 600 f && getfacl -cn f");
    shell("setfacl -d -m u:4242:rwx,g::rx,o::- d && getfacl -cn d");
    static const mode_t masks[] = {0, 022, 077};
    for (int i = 0; i < 3; i++) {
        char name[32];
        umask(masks[i]);
        snprintf(name, sizeof name, "d/file%d", i);
        close(must(name, open(name, O_CREAT | O_WRONLY | O_CLOEXEC, 0666)));
        say_stat(name);
        say_attributes(name);
        snprintf(name, sizeof name, "d/folder%d", i);
        must(name, mkdir(name, 0777));
        say_stat(name);
        say_attributes(name);
        snprintf(name, sizeof name, "d/fifo%d", i);
        must(name, mknod(name, S_IFIFO | 0666, 0));
        say_stat(name);
    }
    shell("getfacl -cn d/folder1 && setfacl -b f && getfacl -cn f");
    say_attributes("f");
}

static void read_acl(void)
{
    said("named user reads", open("acl", O_RDONLY | O_CLOEXEC));
    said("named user writes", open("acl", O_WRONLY | O_CLOEXEC));
}

static void acls_count(void)
{
    make_file("acl", 1, 0600);
    shell("setfacl -m u:4242:r acl");
    as_user(4242, 4242, read_acl);
    as_user(4243, 4243, read_acl);
}

static void capabilities(void)
{
    make_file("f", 100, 0755);
    shell("setcap cap_net_raw+ep f 2>&1; getcap f 2>&1");
    int fd = must("open", open("f", O_WRONLY | O_CLOEXEC));
    said("write", write(fd, "x", 1));
    close(fd);
    say_attributes("f");
}

const struct posix_case cases_attributes[] = {
    {"xattrs", xattrs}, {"acls", acls}, {"acls_count", acls_count}, {"capabilities", capabilities}, {NULL, NULL}};
