/* SPDX-License-Identifier: Apache-2.0
 * drctl against a drnode that has one rule and does nothing: what is printed, and how it ends. */
#include "agent/control.h"
#include "agent/rule/status.h"
#include "tests/unit/scratch.h"
#include "tests/unit/unit.h"
#include "ui/cli/cli.h"
#include "ui/cli/text.h"

#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct dr_error err;
static struct rule_status status;
static unsigned looks_left; /* status requests until the other member has become master */
static char asked[256];     /* the last order that reached the daemon */

static void fill_status(void)
{
    status = (struct rule_status){.name = "orders", .node_name = "beta", .peer_name = "alpha", .self = MEMBER_B};
    status.ha = (struct ha_status){
        .role = HA_ROLE_SLAVE, .state = HA_STATE_WARNING, .term = 3, .whys = 1, .witness = HA_WITNESS_NORMAL};
    strcpy(status.ha.why[0], "alpha is not heard on any line: look at its power and cables");
    strcpy(status.witness_name, "10.20.0.3");
    status.account.facts = 2;
    status.account.fact[0].about = HA_ABOUT_PEER;
    strcpy(status.account.fact[0].text, "said 4.2 s ago: master, term 3");
    status.account.fact[1].about = HA_ABOUT_WITNESS;
    strcpy(status.account.fact[1].text, "10.20.0.3 has not answered since this drnode started");
    status.since = 83000;
    status.lines = status.vips = 1;
    status.in_window = true;
    strcpy(status.line[0].a, "10.20.0.1");
    strcpy(status.line[0].b, "10.20.0.2");
    status.line[0].age = 4200;
    strcpy(status.vip[0].address, "10.20.0.9/24");
    status.receiving = true;
    status.target.stream = UINT64_MAX; /* no number that JSON readers could hold */
    status.target.durable = 1200;
    status.target.applied = 1199;
}

static enum dr_code answer_status(void *baton, const struct control_request *request, struct json_writer *answer,
                                  struct dr_error *error)
{
    (void)baton;
    const char *rule = control_argument(request, "rule");
    if (rule && strcmp(rule, status.name) != 0)
        return dr_fail(error, DR_NOT_FOUND, "no rule \"%s\" here: there is orders", rule);
    if (looks_left > 0 && --looks_left == 0)
        status.ha.peer_role = HA_ROLE_MASTER;
    json_write_array(answer, "rules");
    json_write_model(answer, NULL, &rule_status_model, &status);
    json_write_array_end(answer);
    return DR_OK;
}

static enum dr_code note(const char *name, const struct control_request *request)
{
    const char *rule = control_argument(request, "rule"), *ms = control_argument(request, "ms");
    const char *force = control_argument(request, "force");
    snprintf(asked, sizeof asked, "%s %s %s%s%s", name, rule ? rule : "-", ms ? ms : "-", force ? " force=" : "",
             force ? force : "");
    return DR_OK;
}

#define ORDER(function, name)                                                                                          \
    static enum dr_code function(void *baton, const struct control_request *request, struct json_writer *answer,       \
                                 struct dr_error *error)                                                               \
    {                                                                                                                  \
        (void)baton, (void)error;                                                                                      \
        json_write_number(answer, "seq", 77);                                                                          \
        return note(name, request);                                                                                    \
    }
ORDER(order_force, "force-switch")
ORDER(order_stop, "stop")
ORDER(order_freeze, "freeze")
ORDER(order_thaw, "thaw")

static enum dr_code try_switch(void *baton, const struct control_request *request, struct json_writer *answer,
                               struct dr_error *error)
{
    (void)baton, (void)request, (void)answer;
    if (status.ha.role == HA_ROLE_SLAVE)
        return dr_fail(error, DR_REFUSED, "rule orders: this member is slave: switch on the master");
    status.ha.role = HA_ROLE_SLAVE; /* handed over; the other is not there yet */
    looks_left = 3;
    return DR_OK;
}

static enum dr_code answer_events(void *baton, const struct control_request *request, struct json_writer *answer,
                                  struct dr_error *error)
{
    uint64_t after;
    (void)baton;
    if (control_number(&after, request, "after", 0, UINT64_MAX, error) != DR_OK)
        return error->code;
    json_write_array(answer, "events");
    for (uint64_t n = after + 1; n <= 3 && n <= after + 2; n++) {
        json_write_begin(answer, NULL);
        json_write_unsigned(answer, "number", n);
        json_write_number(answer, "time_ms", 1000 * (int64_t)n + 7);
        json_write_text(answer, "level", "info");
        json_write_text(answer, "event", "tick");
        json_write_text(answer, "text", "one more");
        json_write_end(answer);
    }
    json_write_array_end(answer);
    return DR_OK;
}

static const struct control_command commands[] = {
    {"status", answer_status}, {"switch", try_switch}, {"force-switch", order_force}, {"stop", order_stop},
    {"freeze", order_freeze},  {"thaw", order_thaw},   {"events", answer_events},     {NULL, NULL}};

static struct scratch scratch;
static char out[16384], problems[4096];

static int redirect(int fd, const char *file)
{
    int kept = dup(fd), to = open(scratch_path(&scratch, file), O_RDWR | O_CREAT | O_TRUNC, 0600);
    CU_ASSERT_TRUE_FATAL(kept >= 0 && to >= 0 && dup2(to, fd) == fd);
    close(to);
    return kept;
}

static void restore(int fd, int kept, const char *file, char *text, size_t size)
{
    dup2(kept, fd);
    close(kept);
    snprintf(text, size, "%s", scratch_read(&scratch, file));
}

/* Runs drctl --local --root SCRATCH and the words up to NULL; fills out and problems. */
static int drctl(const char *word, ...)
{
    static char program[] = "drctl", local[] = "--local", root[] = "--root";
    char *argv[16] = {program, local, root, scratch.root};
    int argc = 4;
    va_list more;
    va_start(more, word);
    for (; word; word = va_arg(more, const char *))
        argv[argc++] = (char *)(uintptr_t)word;
    va_end(more);
    fflush(stdout);
    int stdin_kept = dup(STDIN_FILENO), none = open("/dev/null", O_RDONLY);
    dup2(none, STDIN_FILENO);
    close(none);
    int stdout_kept = redirect(STDOUT_FILENO, "out"), stderr_kept = redirect(STDERR_FILENO, "problems");
    int result = cli_main(argc, argv);
    fflush(stdout);
    restore(STDOUT_FILENO, stdout_kept, "out", out, sizeof out);
    restore(STDERR_FILENO, stderr_kept, "problems", problems, sizeof problems);
    dup2(stdin_kept, STDIN_FILENO);
    close(stdin_kept);
    return result;
}

static struct control *daemon_start(void)
{
    struct control *control;
    scratch = scratch_make();
    scratch_folder(&scratch, "run");
    fill_status();
    asked[0] = '\0';
    CU_ASSERT_EQUAL_FATAL(control_start(&control, scratch_path(&scratch, "run/drnode.sock"), commands, NULL, &err),
                          DR_OK);
    return control;
}

static void daemon_stop(struct control *control)
{
    control_stop(control);
    scratch_remove(&scratch);
}

static void status_for_people(void)
{
    struct control *control = daemon_start();
    CU_ASSERT_EQUAL(drctl("status", NULL), CLI_DONE);
    CU_ASSERT_STRING_EQUAL(out, "orders on beta: slave, warning, term 3, for 1 min 23 s\n"
                                "  why        alpha is not heard on any line: look at its power and cables\n"
                                "  peer       alpha: NOT HEARD\n"
                                "  line       10.20.0.1 - 10.20.0.2  DOWN, last answer 4.2 s ago\n"
                                "  witness    normal 10.20.0.3\n"
                                "  vip        10.20.0.9/24  not here\n"
                                "  folders    read-only\n"
                                "  receiving  durable to 1200, applied to 1199\n");
    CU_ASSERT_EQUAL(drctl("why", "orders", NULL), CLI_DONE);
    CU_ASSERT_STRING_EQUAL(out, "orders is slave, warning\n"
                                "  why        alpha is not heard on any line: look at its power and cables\n"
                                "  the other member, alpha\n"
                                "    said 4.2 s ago: master, term 3\n"
                                "  who votes besides\n"
                                "    10.20.0.3 has not answered since this drnode started\n"
                                "  what happened last is not recorded here\n");
    daemon_stop(control);
}

static void status_tells_monitors_and_windows(void)
{
    struct control *control = daemon_start();
    status.in_window = false;
    status.monitors = 2;
    status.monitor[0] = (struct rule_status_monitor){.name = "database",
                                                     .kind = MONITOR_PROCESS,
                                                     .object = "postgres",
                                                     .watched = true,
                                                     .state = MONITOR_FAILING,
                                                     .bad = 2,
                                                     .max_failures = 5,
                                                     .since = 3100,
                                                     .text = "no such process"};
    status.monitor[1] = (struct rule_status_monitor){
        .name = "use", .kind = MONITOR_CPU, .role = MONITOR_OF_SLAVE, .log_only = true, .max_failures = 5};
    CU_ASSERT_EQUAL(drctl("status", NULL), CLI_DONE);
    CU_ASSERT_PTR_NOT_NULL(strstr(
        out, "  monitor    database (process postgres, on master): failing for 3.1 s, 2 of 5 bad; no such process\n"
             "  monitor    use (cpu, on slave, log only): not watched in this role\n"
             "  window     outside: no switch by itself now\n"));
    daemon_stop(control);
}

static void why_names_what_keeps_the_data(void)
{
    struct control *control = daemon_start();
    strcpy(status.broken, "the memory was full");
    status.account.facts = 0;
    strcpy(status.source.why, "10.20.0.1:26357 refuses: the disk is full");
    status.sending = true;
    CU_ASSERT_EQUAL(drctl("why", NULL), CLI_DONE);
    CU_ASSERT_STRING_EQUAL(out, "orders is slave, warning\n"
                                "  why        alpha is not heard on any line: look at its power and cables\n"
                                "             the memory was full\n"
                                "             10.20.0.1:26357 refuses: the disk is full\n"
                                "  what happened last is not recorded here\n");
    CU_ASSERT_EQUAL(drctl("why", "--json", NULL), CLI_DONE);
    CU_ASSERT_STRING_EQUAL(out,
                           "{\"ok\":true,\"rules\":[{\"rule\":\"\",\"name\":\"orders\",\"role\":\"slave\","
                           "\"state\":\"warning\",\"why\":[{\"text\":\"alpha is not heard on any line: look at its "
                           "power and cables\"},{\"text\":\"the memory was full\"},"
                           "{\"text\":\"10.20.0.1:26357 refuses: the disk is full\"}],\"fact\":[]}]}\n");
    daemon_stop(control);
}

static void status_of_a_master(void)
{
    struct control *control = daemon_start();
    status.ha = (struct ha_status){.role = HA_ROLE_MASTER,
                                   .state = HA_STATE_MIRRORING,
                                   .term = 4,
                                   .authority_left = 1750,
                                   .peer_heard = true,
                                   .peer_role = HA_ROLE_SLAVE,
                                   .peer_state = HA_STATE_MIRRORING};
    status.vip[0].held = status.read_write = status.sending = true;
    status.receiving = false;
    status.source = (struct source_status){.phase = SOURCE_MIRRORING,
                                           .lag_records = 12,
                                           .lag_bytes = 98304,
                                           .lag_ms = 40,
                                           .wire_bytes = 3 << 20,
                                           .mirror_files = 10,
                                           .mirror_files_done = 4,
                                           .mirror_bytes = 5 << 20,
                                           .mirror_bytes_done = 2 << 20,
                                           .mirror_bytes_sent = 1 << 20};
    CU_ASSERT_EQUAL(drctl("status", NULL), CLI_DONE);
    CU_ASSERT_STRING_EQUAL(out, "orders on beta: master, mirroring, term 4, for 1 min 23 s\n"
                                "  peer       alpha: slave, mirroring\n"
                                "  authority  1.7 s left\n"
                                "  line       10.20.0.1 - 10.20.0.2  DOWN, last answer 4.2 s ago\n"
                                "  witness    none 10.20.0.3\n"
                                "  vip        10.20.0.9/24  held here\n"
                                "  folders    read-write\n"
                                "  sending    mirroring, 12 records (96.0 KiB, 40 ms) behind; 3.0 MiB on the wire so "
                                "far\n"
                                "  mirror     4 of 10 files, 2.0 MiB of 5.0 MiB, 1.0 MiB sent\n");
    daemon_stop(control);
}

static void status_for_scripts(void)
{
    struct control *control = daemon_start();
    CU_ASSERT_EQUAL(drctl("status", "--json", "orders", NULL), CLI_DONE);
    CU_ASSERT_PTR_EQUAL(strstr(out, "{\"ok\":true,\"rules\":[{\"rule\":\""), out);
    CU_ASSERT_PTR_NOT_NULL(strstr(out, "\"role\":\"slave\",\"state\":\"warning\",\"term\":3"));
    CU_ASSERT_PTR_NOT_NULL(strstr(out, "\"stream\":\"ffffffffffffffff\""));
    CU_ASSERT_EQUAL(drctl("status", "other", "--json", NULL), CLI_FAILED);
    CU_ASSERT_STRING_EQUAL(problems, "drctl: no rule \"other\" here: there is orders\n");
    CU_ASSERT_STRING_EQUAL(
        out, "{\"ok\":false,\"code\":\"not_found\",\"error\":\"no rule \\\"other\\\" here: there is orders\"}\n");
    daemon_stop(control);
}

static void orders_reach_the_daemon(void)
{
    struct control *control = daemon_start();
    CU_ASSERT_EQUAL(drctl("stop", NULL), CLI_DONE);
    CU_ASSERT_STRING_EQUAL(asked, "stop - -");
    CU_ASSERT_STRING_EQUAL(out, "done: this member has left the rule\n");
    CU_ASSERT_EQUAL(drctl("stop", "orders", "--force", NULL), CLI_DONE);
    CU_ASSERT_STRING_EQUAL(asked, "stop orders - force=yes");
    CU_ASSERT_EQUAL(drctl("rep", "freeze", "orders", "--at-turn", "--ms", "250", NULL), CLI_DONE);
    CU_ASSERT_STRING_EQUAL(asked, "freeze orders 250");
    CU_ASSERT_STRING_EQUAL(out, "held at record 77 for at most 250 ms\n");
    CU_ASSERT_EQUAL(drctl("rep", "thaw", NULL), CLI_DONE);
    CU_ASSERT_STRING_EQUAL(asked, "thaw - -");
    CU_ASSERT_EQUAL(drctl("switch", NULL), CLI_FAILED);
    CU_ASSERT_STRING_EQUAL(problems, "drctl: rule orders: this member is slave: switch on the master\n");
    status.ha.role = HA_ROLE_MASTER;
    status.ha.peer_role = HA_ROLE_SLAVE;
    CU_ASSERT_EQUAL(drctl("switch", NULL), CLI_DONE);
    CU_ASSERT_EQUAL(looks_left, 0);
    CU_ASSERT_STRING_EQUAL(out, "done: the other member is master\n");
    daemon_stop(control);
}

static void force_needs_a_yes(void)
{
    struct control *control = daemon_start();
    CU_ASSERT_EQUAL(drctl("force-switch", NULL), CLI_USAGE);
    CU_ASSERT_STRING_EQUAL(problems,
                           "drctl: force-switch: there is nobody to ask: add --yes if data may be lost (drctl "
                           "--help shows how to use it)\n");
    CU_ASSERT_STRING_EQUAL(asked, "");
    CU_ASSERT_EQUAL(drctl("force-switch", "--yes", NULL), CLI_DONE);
    CU_ASSERT_STRING_EQUAL(asked, "force-switch - -");
    daemon_stop(control);
}

static void events_come_in_pieces(void)
{
    struct control *control = daemon_start();
    setenv("TZ", "UTC", 1);
    CU_ASSERT_EQUAL(drctl("events", NULL), CLI_DONE);
    CU_ASSERT_STRING_EQUAL(out, "00:00:01.007 info    tick               one more\n"
                                "00:00:02.007 info    tick               one more\n"
                                "00:00:03.007 info    tick               one more\n");
    daemon_stop(control);
}

static void wrong_turns_have_one_clear_line(void)
{
    char message[300];
    scratch = scratch_make();
#define SEE " (drctl --help shows how to use it)\n"
    CU_ASSERT_EQUAL(drctl("status", NULL), CLI_NO_DRNODE);
    snprintf(message, sizeof message,
             "drctl: no drnode is running with root %s: start it, or name another with --root\n", scratch.root);
    CU_ASSERT_STRING_EQUAL(problems, message);
    CU_ASSERT_EQUAL(drctl("status", "--json", NULL), CLI_NO_DRNODE);
    CU_ASSERT_PTR_EQUAL(strstr(out, "{\"ok\":false,\"code\":\"no_drnode\",\"error\":\"no drnode is running with "),
                        out);
    CU_ASSERT_EQUAL(drctl("status", "--root", "/no/such/root", NULL), CLI_NO_DRNODE);
    CU_ASSERT_STRING_EQUAL(problems, "drctl: there is no folder /no/such/root: name drnode's folder with --root\n");
    CU_ASSERT_EQUAL(drctl(NULL), CLI_USAGE);
    CU_ASSERT_STRING_EQUAL(problems, "drctl: no command" SEE);
    CU_ASSERT_EQUAL(drctl("dance", NULL), CLI_USAGE);
    CU_ASSERT_STRING_EQUAL(problems, "drctl: dance: no such command" SEE);
    CU_ASSERT_EQUAL(drctl("status", "--loud", NULL), CLI_USAGE);
    CU_ASSERT_STRING_EQUAL(problems, "drctl: status: --loud: no such option here" SEE);
    CU_ASSERT_EQUAL(drctl("status", "a", "b", NULL), CLI_USAGE);
    CU_ASSERT_STRING_EQUAL(problems, "drctl: status: too many arguments: \"b\"" SEE);
    CU_ASSERT_EQUAL(drctl("rep", "freeze", "--at-turn", "--ms", "10001", NULL), CLI_USAGE);
    CU_ASSERT_STRING_EQUAL(problems, "drctl: rep: option --ms: ms: \"10001\" is not a number of 1..10000 ms" SEE);
    CU_ASSERT_EQUAL(drctl("rep", "freeze", NULL), CLI_USAGE);
    CU_ASSERT_EQUAL(drctl("recover", NULL), CLI_USAGE);
    CU_ASSERT_EQUAL(drctl("status", "--root", "relative", NULL), CLI_USAGE);
    CU_ASSERT_EQUAL(drctl("status", "--help", NULL), CLI_DONE);
    CU_ASSERT_EQUAL(strncmp(out, "usage: drctl ", 13), 0);
    scratch_remove(&scratch);
}

static void numbers_as_people_read_them(void)
{
    char text[32];
    static const struct {
        long long ms;
        const char *text;
    } spans[] = {{0, "0 ms"},          {999, "999 ms"},        {1000, "1.0 s"},       {59999, "59.9 s"},
                 {60000, "1 min 0 s"}, {7500000, "2 h 5 min"}, {273600000, "3 d 4 h"}};
    for (size_t i = 0; i < sizeof spans / sizeof *spans; i++) {
        text_span(text, sizeof text, spans[i].ms);
        CU_ASSERT_STRING_EQUAL(text, spans[i].text);
    }
    text_bytes(text, sizeof text, 1023);
    CU_ASSERT_STRING_EQUAL(text, "1023 B");
    text_bytes(text, sizeof text, 3ull << 50);
    CU_ASSERT_STRING_EQUAL(text, "3072.0 TiB");
}

int main(void)
{
    CU_TestInfo cases[] = {{"status for people", status_for_people},
                           {"why names what keeps the data", why_names_what_keeps_the_data},
                           {"status of a master", status_of_a_master},
                           {"B5.1.2-04 -49 status tells monitors and windows", status_tells_monitors_and_windows},
                           {"status for scripts", status_for_scripts},
                           {"orders reach the daemon", orders_reach_the_daemon},
                           {"force needs a yes", force_needs_a_yes},
                           {"events come in pieces", events_come_in_pieces},
                           {"wrong turns have one clear line", wrong_turns_have_one_clear_line},
                           {"numbers as people read them", numbers_as_people_read_them},
                           CU_TEST_INFO_NULL};
    return unit_run("drctl", cases);
}
