/* SPDX-License-Identifier: Apache-2.0
 * drctl completion: a script for bash, made from the tables of commands and options. */
#include "ui/cli/options.h"
#include "ui/cli/remote/remote.h"

#include <string.h>

static bool is_first(const struct remote_command *command, unsigned index)
{
    size_t length = strcspn(command->name, " ");
    for (unsigned i = 0; i < index; i++)
        if (strncmp(remote_at(i)->name, command->name, length) == 0 && remote_at(i)->name[length] == ' ')
            return false;
    return true;
}

/* Second words of all commands that begin with this one's first. */
static void print_case(FILE *out, const struct remote_command *command)
{
    const struct remote_command *other;
    int length = (int)strcspn(command->name, " ");
    fprintf(out, "    %.*s) COMPREPLY=($(compgen -W \"", length, command->name);
    for (unsigned i = 0; (other = remote_at(i)) != NULL; i++)
        if (strncmp(other->name, command->name, (size_t)length) == 0 && other->name[length] == ' ')
            fprintf(out, "%s ", other->name + length + 1);
    fputs("\" -- \"$cur\"));;\n", out);
}

int completion_print(FILE *out)
{
    const struct remote_command *command;
    fputs("# drctl completion >/etc/bash_completion.d/drctl\n_drctl() {\n  local cur=${COMP_WORDS[COMP_CWORD]}\n"
          "  if [ \"$COMP_CWORD\" -eq 1 ]; then COMPREPLY=($(compgen -W \"login logout completion ",
          out);
    for (unsigned i = 0; cli_command_at(i) != NULL; i++)
        fprintf(out, "%s ", cli_command_at(i)->name);
    for (unsigned i = 0; (command = remote_at(i)) != NULL; i++)
        if (is_first(command, i))
            fprintf(out, "%.*s ", (int)strcspn(command->name, " "), command->name);
    fputs("\" -- \"$cur\"))\n  elif [ \"$COMP_CWORD\" -eq 2 ]; then case ${COMP_WORDS[1]} in\n", out);
    for (unsigned i = 0; (command = remote_at(i)) != NULL; i++)
        if (strchr(command->name, ' ') != NULL && is_first(command, i))
            print_case(out, command);
    fputs("  esac; fi\n  case $cur in --*) COMPREPLY=($(compgen -W \"", out);
    for (unsigned i = 0; i < cli_options_model.fields; i++)
        fprintf(out, "--%s ", cli_options_model.field[i].name);
    fputs("\" -- \"$cur\"));; esac\n}\ncomplete -F _drctl drctl\n", out);
    return fflush(out) == 0 ? CLI_DONE : CLI_FAILED;
}
