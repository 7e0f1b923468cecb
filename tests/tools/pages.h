/* SPDX-License-Identifier: Apache-2.0
 * tests/tools/pages.h - which objects have a page in docs/reference, and what it says before its table. */
#ifndef DR_TESTS_TOOLS_PAGES_H
#define DR_TESTS_TOOLS_PAGES_H

#include "agent/rule/status.h"
#include "core/group_plan.h"
#include "core/model/console.h"
#include "core/model/group.h"
#include "core/model/node.h"
#include "core/model/rule.h"
#include "ui/cli/options.h"

static const struct page {
    const struct model_object *type;
    const char *intro;
} pages[] = {
    {&rule_model,
     "A rule is one XML file in `etc/rules/`, the same on both members and on every arbiter; see\n"
     "[the example](../examples/rule.xml). A field is a child element or an attribute of its object. Times "
     "carry their unit:\n`500ms`, `30s`, `2min`, `1h`. `drnode` names file, line, field and bound of what "
     "is wrong, leaves that rule out, and\ngoes on with the others."},
    {&group_model,
     "A group is one XML file in `etc/groups/`, the same on its runners and on both members of each of its "
     "rules; see\n[groups](../users/groups.md) and [the example](../examples/group.xml). The form is that of "
     "[a rule](rule.md)."},
    {&group_plan_model,
     "What `drctl --local group show --json` prints as `plan`, beside `group` ([its file](group.md)) and "
     "`broken` (why it does not run,\nor empty). Names that end in `_ms` are milliseconds."},
    {&node_model, "The file may be missing. The form is that of [a rule](rule.md)."},
    {&console_model,
     "`etc/console.xml` below drconsole's folder (`--root`). The file may be missing. The form is that of "
     "[a rule](rule.md)."},
    {&rule_status_model, "What `drctl --local status --json` prints for each rule in `rules`. Names that end in `_ms` "
                         "are milliseconds."},
    {&cli_options_model, "`drctl --local [--root DIR] COMMAND [RULE]`, and without `--local` what a console carries "
                         "out: `drctl --help` lists the commands. Exit status: 0 "
                         "done; 1 failed, or drnode\ndeclined; 2 wrong usage, nothing was tried; 3 no drnode runs "
                         "there, or no console answers; 4 not allowed (run it as root; log in); 5 the question "
                         "was\nnot answered with yes."},
};
#define PAGES (sizeof pages / sizeof *pages)

#endif
