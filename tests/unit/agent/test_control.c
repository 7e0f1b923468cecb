/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/control.h"
#include "agent/control_request.h"
#include "agent/events.h"
#include "tests/unit/scratch.h"
#include "tests/unit/unit.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

static struct dr_error err;

static enum dr_code echo(void *baton, const struct control_request *request, struct json_writer *answer,
                         struct dr_error *error)
{
    (void)error;
    const char *rule = control_argument(request, "rule");
    json_write_text(answer, "baton", baton);
    json_write_text(answer, "rule", rule ? rule : "(none)");
    return DR_OK;
}

static enum dr_code decline(void *baton, const struct control_request *request, struct json_writer *answer,
                            struct dr_error *error)
{
    (void)baton, (void)request;
    json_write_text(answer, "half", "said");
    return dr_fail(error, DR_REFUSED, "not \"now\"");
}

static enum dr_code flood(void *baton, const struct control_request *request, struct json_writer *answer,
                          struct dr_error *error)
{
    (void)baton, (void)error, (void)request;
    json_write_array(answer, "numbers");
    while (json_write_ok(answer))
        json_write_number(answer, NULL, 1);
    return DR_OK;
}

static enum dr_code slow(void *baton, const struct control_request *request, struct json_writer *answer,
                         struct dr_error *error)
{
    (void)baton, (void)error, (void)request, (void)answer;
    usleep(300000);
    return DR_OK;
}

static const struct control_command commands[] = {
    {"echo", echo}, {"decline", decline}, {"flood", flood}, {"slow", slow}, {NULL, NULL}};

static struct control *start(const struct scratch *s)
{
    struct control *control;
    CU_ASSERT_EQUAL_FATAL(control_start(&control, scratch_path(s, "s"), commands, (void *)(uintptr_t) "b", &err),
                          DR_OK);
    return control;
}

static int dial(const struct scratch *s)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    snprintf(address.sun_path, sizeof address.sun_path, "%s", scratch_path(s, "s"));
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    CU_ASSERT_EQUAL_FATAL(connect(fd, (struct sockaddr *)&address, sizeof address), 0);
    return fd;
}

/* The whole answer to `request`; the buffer is the next call's too. */
static const char *ask_bytes(const struct scratch *s, const char *request, size_t size)
{
    static char answer[4096];
    size_t length = 0;
    int fd = dial(s);
    CU_ASSERT_EQUAL(send(fd, request, size, MSG_NOSIGNAL), (ssize_t)size);
    shutdown(fd, SHUT_WR);
    for (ssize_t n = 1; n > 0 && length<sizeof answer - 1; length += n> 0 ? (size_t)n : 0)
        n = recv(fd, answer + length, sizeof answer - 1 - length, 0);
    close(fd);
    answer[length] = '\0';
    return answer;
}

static const char *ask(const struct scratch *s, const char *request)
{
    return ask_bytes(s, request, strlen(request));
}

static void commands_are_answered(void)
{
    struct scratch s = scratch_make();
    struct control *control = start(&s);
    struct stat st;
    CU_ASSERT_EQUAL(stat(scratch_path(&s, "s"), &st), 0);
    CU_ASSERT_EQUAL(st.st_mode & 0777, 0600);
    CU_ASSERT_STRING_EQUAL(ask(&s, "echo\n\n"), "{\"ok\":true,\"baton\":\"b\",\"rule\":\"(none)\"}\n");
    CU_ASSERT_STRING_EQUAL(ask(&s, "echo\nx=1\nrule=订单=1\n\n"),
                           "{\"ok\":true,\"baton\":\"b\",\"rule\":\"订单=1\"}\n");
    CU_ASSERT_STRING_EQUAL(ask(&s, "decline\n\n"),
                           "{\"ok\":false,\"code\":\"refused\",\"error\":\"not \\\"now\\\"\"}\n");
    CU_ASSERT_STRING_EQUAL(ask(&s, "flood\n\n"),
                           "{\"ok\":false,\"code\":\"full\",\"error\":\"the answer is larger than "
                           "8388608 bytes: ask for less\"}\n");
    CU_ASSERT_STRING_EQUAL(ask(&s, "nonsense\n\n"),
                           "{\"ok\":false,\"code\":\"invalid\",\"error\":\"drnode does not know "
                           "the command \\\"nonsense\\\": is drctl of the same version?\"}\n");
    control_stop(control);
    CU_ASSERT_NOT_EQUAL(stat(scratch_path(&s, "s"), &st), 0);
    scratch_remove(&s);
}

static void garbage_is_refused(void)
{
#define REFUSAL(what) "{\"ok\":false,\"code\":\"protocol\",\"error\":\"control request: " what "\"}\n"
    struct scratch s = scratch_make();
    struct control *control = start(&s);
    char *large = malloc(CONTROL_REQUEST_MAX);
    CU_ASSERT_PTR_NOT_NULL_FATAL(large);
    memset(large, 'a', CONTROL_REQUEST_MAX);
    CU_ASSERT_STRING_EQUAL(ask_bytes(&s, large, CONTROL_REQUEST_MAX - 1), REFUSAL("longer than 8191 bytes"));
    CU_ASSERT_STRING_EQUAL(ask(&s, "echo\nrule\n\n"), REFUSAL("a line is not key=value"));
    CU_ASSERT_STRING_EQUAL(ask(&s, "echo\n=x\n\n"), REFUSAL("a line is not key=value"));
    CU_ASSERT_STRING_EQUAL(ask(&s, "\n\n"), REFUSAL("no command in it"));
    CU_ASSERT_STRING_EQUAL(ask(&s, "echo\nrule=\xff\n\n"), REFUSAL("not clean UTF-8 text"));
    CU_ASSERT_STRING_EQUAL(ask_bytes(&s, "ec\0ho\n\n", 7), REFUSAL("holds a zero byte"));
    CU_ASSERT_STRING_EQUAL(ask(&s,
                               "x\n1=1\n2=1\n3=1\n4=1\n5=1\n6=1\n7=1\n8=1\n9=1\n10=1\n11=1\n12=1\n13=1\n14=1\n15=1\n"
                               "16=1\n17=1\n\n"),
                           REFUSAL("more than 16 arguments"));
    CU_ASSERT_STRING_EQUAL(ask(&s, "echo\n"), "{\"ok\":false,\"code\":\"closed\",\"error\":\"control request: ended "
                                              "before its empty line\"}\n");
    CU_ASSERT_STRING_EQUAL(ask(&s, "echo\n\n"), "{\"ok\":true,\"baton\":\"b\",\"rule\":\"(none)\"}\n");
    free(large);
    control_stop(control);
    scratch_remove(&s);
}

static void a_second_daemon_is_refused(void)
{
    struct scratch s = scratch_make();
    struct control *control = start(&s), *second;
    char message[600];
    snprintf(message, sizeof message, "%s is in use: another drnode runs with this root; stop it first",
             scratch_path(&s, "s"));
    CU_ASSERT_EQUAL(control_start(&second, scratch_path(&s, "s"), commands, NULL, &err), DR_BUSY);
    CU_ASSERT_STRING_EQUAL(err.text, message);
    CU_ASSERT_TRUE(control_is_served(scratch_path(&s, "s")));
    control_stop(control);
    CU_ASSERT_FALSE(control_is_served(scratch_path(&s, "s")));
    scratch_remove(&s);
}

/* What a killed daemon leaves behind is a socket file that nobody serves. */
static void a_left_over_socket_is_replaced(void)
{
    struct scratch s = scratch_make();
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    snprintf(address.sun_path, sizeof address.sun_path, "%s", scratch_path(&s, "s"));
    int dead = socket(AF_UNIX, SOCK_STREAM, 0);
    CU_ASSERT_EQUAL(bind(dead, (struct sockaddr *)&address, sizeof address), 0);
    close(dead);
    struct control *control = start(&s);
    CU_ASSERT_STRING_EQUAL(ask(&s, "echo\n\n"), "{\"ok\":true,\"baton\":\"b\",\"rule\":\"(none)\"}\n");
    control_stop(control);
    scratch_remove(&s);
}

static void *ask_slowly(void *baton)
{
    char answer[64];
    int fd = dial(baton);
    CU_ASSERT_EQUAL(send(fd, "slow\n\n", 6, MSG_NOSIGNAL), 6);
    CU_ASSERT_EQUAL(recv(fd, answer, sizeof answer, MSG_WAITALL), (ssize_t)strlen("{\"ok\":true}\n"));
    close(fd);
    return NULL;
}

/* A long switch keeps nobody from asking for the status; stopping waits for what is in hand. */
static void requests_run_side_by_side(void)
{
    struct scratch s = scratch_make();
    struct control *control = start(&s);
    pthread_t thread;
    int silent = dial(&s); /* says nothing at all */
    CU_ASSERT_EQUAL_FATAL(pthread_create(&thread, NULL, ask_slowly, &s), 0);
    usleep(50000);
    CU_ASSERT_STRING_EQUAL(ask(&s, "echo\n\n"), "{\"ok\":true,\"baton\":\"b\",\"rule\":\"(none)\"}\n");
    close(silent);
    control_stop(control);
    pthread_join(thread, NULL);
    scratch_remove(&s);
}

static void a_path_too_long_is_named(void)
{
    char path[200] = "/tmp/", message[400];
    struct control *control;
    memset(path + 5, 'x', 150);
    snprintf(message, sizeof message,
             "%s: longer than the 107 bytes that a socket's path may have: choose a shorter root", path);
    CU_ASSERT_EQUAL(control_start(&control, path, commands, NULL, &err), DR_INVALID);
    CU_ASSERT_STRING_EQUAL(err.text, message);
}

static void events_are_told(void)
{
    struct config config = {.rules = 0};
    struct rule rule = {.id = {"00000000000000000000000000000001"}, .name = "one"};
    struct control_request request = {.text = "events\nrule=one\nafter=1\n\n"};
    struct log *log;
    char text[1024];
    struct json_writer w = json_write_over(text, sizeof text);
    config.rule[config.rules++] = &rule;
    CU_ASSERT_EQUAL_FATAL(log_open(&log, &(struct log_config){.least = LOG_LEVEL_INFO}, &err), DR_OK);
    log_write(log, LOG_LEVEL_INFO, &rule.id, "start", "first");
    log_write(log, LOG_LEVEL_WARNING, &rule.id, "line_down", "second");
    CU_ASSERT_EQUAL(control_request_parse(&request, &err), DR_OK);
    CU_ASSERT_EQUAL(events_answer(log, &config, &request, &w, &err), DR_OK);
    CU_ASSERT_PTR_EQUAL(strstr(text, "\"events\":[{\"number\":2,\"time_ms\":"), text);
    CU_ASSERT_PTR_NOT_NULL(strstr(text, ",\"level\":\"warning\",\"rule\":\"00000000000000000000000000000001\","
                                        "\"event\":\"line_down\",\"text\":\"second\"}]"));
    request = (struct control_request){.text = "events\nafter=x\n\n"};
    CU_ASSERT_EQUAL(control_request_parse(&request, &err), DR_OK);
    CU_ASSERT_EQUAL(events_answer(log, &config, &request, &w, &err), DR_INVALID);
    CU_ASSERT_STRING_EQUAL(err.text, "after: \"x\" is not a number of 0..18446744073709551615");
    log_close(log);
}

int main(void)
{
    CU_TestInfo cases[] = {{"commands are answered", commands_are_answered},
                           {"garbage is refused", garbage_is_refused},
                           {"a second daemon is refused", a_second_daemon_is_refused},
                           {"a left-over socket is replaced", a_left_over_socket_is_replaced},
                           {"requests run side by side", requests_run_side_by_side},
                           {"a path too long is named", a_path_too_long_is_named},
                           {"events are told", events_are_told},
                           CU_TEST_INFO_NULL};
    return unit_run("control", cases);
}
