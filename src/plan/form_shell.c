/* SPDX-License-Identifier: Apache-2.0 */
/*
 * --format shell: a POSIX script for hosts where debar itself is not to run. It
 * needs sha256sum, readlink and what the steps name, and takes the root to work on
 * as an argument. Every file is compared
 * with its hash before it is moved, and its folder must be reached without
 * links; it stops where a package stays. Unlike debar remove it keeps no
 * journal and cannot hold a path against somebody who changes it meanwhile: what
 * it moved lies in its quarantine folder under its old path.
 */
#include "plan/script.h"

/* Single quotes hold everything but themselves (and NUL, which no path has). */
static void quote(struct script *s, struct slice text)
{
	fputc('\'', s->out);
	for (size_t i = 0; i < text.n; i++) {
		if (text.p[i] == '\'')
			fputs("'\\''", s->out);
		else if (text.p[i])
			fputc(text.p[i], s->out);
	}
	fputc('\'', s->out);
}

/* Stands for the root in an argument: only the script knows where that is. */
static const char root_mark[] = "\x01root\x01";

/* One word of the shell, whatever is in it. */
static void word(struct script *s, const char *text)
{
	const char *at = strstr(text, root_mark);

	fputc(' ', s->out);
	if (!at) {
		quote(s, slice_str(text));
		return;
	}
	quote(s, slice_of(text, (size_t)(at - text)));
	fputs("\"${root:-/}\"", s->out);
	quote(s, slice_str(at + sizeof(root_mark) - 1));
}

/* Without arguments (out of memory: the whole form fails) it does nothing. */
static void command(struct script *s, const char *function, const struct step *step,
                    const char *const *template, const char *otherwise)
{
	char **argv = script_argv(s, step, template, root_mark);

	fputs(argv ? function : ":", s->out);
	for (size_t i = 0; argv && argv[i]; i++)
		word(s, argv[i]);
	fprintf(s->out, " || %s\n", otherwise);
}

/* ---- what is in every script ---- */

static const char functions[] =
	"set -eu\n"
	"umask 077\n"
	"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin\n"
	"LC_ALL=C\n"
	"export PATH LC_ALL\n"
	"dry=false\n"
	"problems=0\n"
	"\n"
	"usage() {\n"
	"\techo 'usage: sh FILE [-n] [ROOT]    -n: say what would be done' >&2\n"
	"\texit 2\n"
	"}\n"
	"\n"
	"while getopts n option; do\n"
	"\tcase $option in\n"
	"\tn) dry=true ;;\n"
	"\t*) usage ;;\n"
	"\tesac\n"
	"done\n"
	"shift $((OPTIND - 1))\n"
	"[ $# -le 1 ] || usage\n"
	"\n"
	"say() {\n"
	"\tprintf '%s\\n' \"$*\"\n"
	"}\n"
	"\n"
	"# Left alone, and said; the script goes on.\n"
	"leave() {\n"
	"\tproblems=$((problems + 1))\n"
	"\tprintf 'left alone: %s\\n' \"$*\" >&2\n"
	"}\n"
	"\n"
	"stop() {\n"
	"\tprintf 'stopped: %s\\n' \"$*\" >&2\n"
	"\texit 1\n"
	"}\n"
	"\n"
	"run() {\n"
	"\tif $dry; then\n"
	"\t\tsay \"would run: $*\"\n"
	"\telse\n"
	"\t\t\"$@\" </dev/null\n"
	"\tfi\n"
	"}\n"
	"\n"
	"# A package manager's trial. With -n what goes before is still there, and may need it.\n"
	"trial() {\n"
	"\tsay 'trying:'\n"
	"\tif \"$@\" </dev/null; then\n"
	"\t\treturn\n"
	"\telif $dry; then\n"
	"\t\tsay 'not now: perhaps because of what would have gone before'\n"
	"\telse\n"
	"\t\tstop 'the packages cannot go, or not alone'\n"
	"\tfi\n"
	"}\n"
	"\n"
	"# Is the folder of $root$1 reached without a link?\n"
	"straight() {\n"
	"\tfolder=$root${1%/*}\n"
	"\t[ -n \"$folder\" ] || return 0\n"
	"\there=$(cd -P -- \"$folder\" 2>/dev/null && pwd -P && echo x) || return 1\n"
	"\t[ \"$here\" = \"$folder\n"
	"x\" ]\n"
	"}\n"
	"\n"
	"move() {\n"
	"\tif $dry; then\n"
	"\t\tsay \"would take: $root$1\"\n"
	"\t\treturn\n"
	"\tfi\n"
	"\tmkdir -p -- \"$quarantine${1%/*}\"\n"
	"\tif [ -e \"$quarantine$1\" ] || [ -L \"$quarantine$1\" ]; then\n"
	"\t\tleave \"$root$1 (there is one in quarantine)\"\n"
	"\telse\n"
	"\t\tmv -- \"$root$1\" \"$quarantine$1\" || leave \"$root$1 (it cannot be moved)\"\n"
	"\tfi\n"
	"}\n"
	"\n"
	"# PATH HASH: a file, by the hash of its bytes.\n"
	"take_file() {\n"
	"\tif [ ! -e \"$root$1\" ] && [ ! -L \"$root$1\" ]; then\n"
	"\t\treturn\n"
	"\telif [ -L \"$root$1\" ] || [ ! -f \"$root$1\" ] || ! straight \"$1\"; then\n"
	"\t\tleave \"$root$1 (it is no longer that file)\"\n"
	"\t\treturn\n"
	"\tfi\n"
	"\tsum=$(sha256sum <\"$root$1\") || sum=none\n"
	"\tif [ \"${sum%% *}\" = \"$2\" ]; then\n"
	"\t\tmove \"$1\"\n"
	"\telse\n"
	"\t\tleave \"$root$1 (its contents changed)\"\n"
	"\tfi\n"
	"}\n"
	"\n"
	"# PATH HASH: a link, by the hash of its target.\n"
	"take_link() {\n"
	"\tif [ ! -L \"$root$1\" ]; then\n"
	"\t\t[ ! -e \"$root$1\" ] || leave \"$root$1 (it is no longer that link)\"\n"
	"\t\treturn\n"
	"\tfi\n"
	"\tsum=$(readlink -n -- \"$root$1\" | sha256sum) || sum=none\n"
	"\tif [ \"${sum%% *}\" = \"$2\" ] && straight \"$1\"; then\n"
	"\t\tmove \"$1\"\n"
	"\telse\n"
	"\t\tleave \"$root$1 (its target changed)\"\n"
	"\tfi\n"
	"}\n"
	"\n"
	"# PATH: a socket, pipe or device.\n"
	"take_other() {\n"
	"\tif [ ! -e \"$root$1\" ]; then\n"
	"\t\treturn\n"
	"\telif [ -L \"$root$1\" ] || [ -f \"$root$1\" ] || [ -d \"$root$1\" ] ||\n"
	"\t\t! straight \"$1\"; then\n"
	"\t\tleave \"$root$1 (it is something else now)\"\n"
	"\telse\n"
	"\t\tmove \"$1\"\n"
	"\tfi\n"
	"}\n"
	"\n"
	"# PATH: a folder, when it is empty by now.\n"
	"take_folder() {\n"
	"\tif [ ! -e \"$root$1\" ] && [ ! -L \"$root$1\" ]; then\n"
	"\t\treturn\n"
	"\telif [ -L \"$root$1\" ] || [ ! -d \"$root$1\" ] || ! straight \"$1\"; then\n"
	"\t\tleave \"$root$1 (it is no longer that folder)\"\n"
	"\telif $dry; then\n"
	"\t\tsay \"would take: $root$1/\"\n"
	"\telse\n"
	"\t\tmkdir -p -- \"$quarantine$1\"\n"
	"\t\trmdir -- \"$root$1\" 2>/dev/null || leave \"$root$1 (something is still in it)\"\n"
	"\tfi\n"
	"}\n"
	"\n"
	"# ROLE BY NAME...: does one of these protections run?\n"
	"gate() {\n"
	"\trole=$1\n"
	"\twaiver=$2\n"
	"\tshift 2\n"
	"\tfor name; do\n"
	"\t\tif pgrep -x -- \"$(printf %.15s \"$name\")\" >/dev/null; then\n"
	"\t\t\tsay \"$role: $name runs\"\n"
	"\t\t\treturn\n"
	"\t\tfi\n"
	"\tdone\n"
	"\tif [ -n \"$waiver\" ]; then\n"
	"\t\tsay \"$role: $waiver\"\n"
	"\telif $dry; then\n"
	"\t\tleave \"$role (nothing takes its place: without -n it stops here)\"\n"
	"\telse\n"
	"\t\tstop \"$role: nothing takes its place; start one, or set\" \\\n"
	"\t\t\t'DEBAR_WAIVER to the words of who answers for it'\n"
	"\tfi\n"
	"}\n"
	"\n"
	"# VERB UNIT; where nothing runs there is nothing to stop.\n"
	"unit() {\n"
	"\tif [ -z \"$root\" ]; then\n"
	"\t\trun systemctl \"$1\" -- \"$2\"\n"
	"\telif [ \"$1\" != stop ]; then\n"
	"\t\trun systemctl --root=\"$root\" \"$1\" -- \"$2\"\n"
	"\tfi\n"
	"}\n"
	"\n"
	"rebuild_trust() {\n"
	"\tif [ -x \"$root/usr/sbin/update-ca-certificates\" ]; then\n"
	"\t\trun chroot \"$root/\" update-ca-certificates --fresh\n"
	"\telif [ -x \"$root/usr/bin/update-ca-trust\" ]; then\n"
	"\t\trun chroot \"$root/\" update-ca-trust extract\n"
	"\telse\n"
	"\t\tleave 'the trust store (no tool to rebuild it was found)'\n"
	"\tfi\n"
	"}\n"
	"\n"
	"# NAME NUMBER FILE: is the account there, with that number?\n"
	"known() {\n"
	"\twhile IFS=: read -r name _ number _; do\n"
	"\t\t[ \"$name:$number\" = \"$1:$2\" ] && return 0\n"
	"\tdone <\"$3\"\n"
	"\treturn 1\n"
	"}\n"
	"\n"
	"# What it still owns, on all file systems but those of the kernel.\n"
	"owned() {\n"
	"\tcd \"$root/\" && find . \\( -path ./proc -o -path ./sys"
	" -o -path ./var/lib/debar-script \\) \\\n"
	"\t\t-prune -o \"$1\" \"$2\" -print 2>/dev/null\n"
	"}\n"
	"\n"
	"# OPTION NUMBER NAME FILE TOOL: deletes an account of which nothing remains.\n"
	"account() {\n"
	"\tif ! known \"$3\" \"$2\" \"$root/etc/$4\"; then\n"
	"\t\treturn\n"
	"\telif $dry; then\n"
	"\t\tsay \"would run: $5 $3, if nothing is theirs any more\"\n"
	"\telif ! rest=$(owned \"$1\" \"$2\"); then\n"
	"\t\tleave \"$3 (not everything could be searched for what they own)\"\n"
	"\telif [ -n \"$rest\" ]; then\n"
	"\t\tleave \"$3 (they still own $(printf '%s\\n' \"$rest\" | head -n 1))\"\n"
	"\telif [ -z \"$root\" ]; then\n"
	"\t\trun \"$5\" -- \"$3\" || leave \"$3 ($5 refused)\"\n"
	"\telse\n"
	"\t\trun \"$5\" --prefix \"$root\" -- \"$3\" || leave \"$3 ($5 refused)\"\n"
	"\tfi\n"
	"}\n"
	"\n"
	"[ \"$(id -u)\" -eq 0 ] || stop 'only root can do this'\n";

static void preamble(struct script *s)
{
	struct slice root = s->plan->source_path;

	fputs(functions, s->out);
	fputs("\n# Where the source is now; the plan was made for this place.\nroot=", s->out);
	quote(s, root);
	fputs("\nroot=${1:-$root}\n"
	      "case $root in /*) ;; *) stop 'ROOT is no absolute path' ;; esac\n"
	      "there=$(cd -P -- \"$root\" && pwd -P && echo x) || stop \"there is no $root\"\n"
	      "there=${there%?x}\n"
	      "[ \"$there\" = \"${root%/}\" ] || [ \"$there\" = \"$root\" ] ||\n"
	      "\tstop 'the source is reached over a link'\n"
	      "[ \"$root\" = / ] && root= || root=${root%/}\n", s->out);
	fprintf(s->out, "kept=/var/lib/debar-script\nquarantine=$root$kept/%.12s\n",
	        s->plan->sha256);
	fputs("if ! $dry; then\n"
	      "\tmkdir -p -- \"$root${kept%/*}\"\n"
	      "\tstraight \"$kept\" && [ ! -L \"$root$kept\" ] && [ ! -L \"$quarantine\" ] ||\n"
	      "\t\tstop \"$root$kept is reached over a link\"\n"
	      "\tmkdir -p -- \"$quarantine\"\n"
	      "\tchmod 0700 -- \"$root$kept\" \"$quarantine\"\n"
	      "fi\n", s->out);
}

/* ---- steps ---- */

static void write_gates(struct script *s)
{
	for (size_t i = 0; i < s->plan->n_gates; i++) {
		const struct plan_gate *g = &s->plan->gates[i];
		if (g->state == GATE_NOT_NEEDED)
			continue;
		fputs("gate ", s->out);
		quote(s, g->role);
		fputs(" \"${DEBAR_WAIVER:-}\"", s->out);
		if (g->state == GATE_WAIVED)
			quote(s, g->by);
		for (size_t k = 0; k < g->n_processes; k++) {
			fputc(' ', s->out);
			quote(s, g->processes[k]);
		}
		fputc('\n', s->out);
	}
}

static void take(struct script *s, const struct step *step)
{
	static const char *const functions_of[OBJECT_TYPE_COUNT] = {
		[OBJECT_FILE] = "take_file ", [OBJECT_FOLDER] = "take_folder ",
		[OBJECT_LINK] = "take_link ", [OBJECT_OTHER] = "take_other ",
	};
	char hex[2 * PLAN_SHA256_BYTES + 1];

	for (size_t i = 0; i < step->n_objects; i++) {
		const struct object *o = &step->objects[i];
		bool hashed = o->type == OBJECT_FILE || o->type == OBJECT_LINK;
		script_hex(o->sha256, hex);
		fputs(functions_of[o->type], s->out);
		quote(s, o->path);
		fprintf(s->out, hashed ? " %s\n" : "\n", hex);
	}
	if (step->kind == STEP_TRUST)
		fputs("rebuild_trust\n", s->out);
}

/* systemctl takes the special ones for a pattern of many units. */
static bool plain_unit(struct slice unit)
{
	for (size_t i = 0; i < unit.n; i++)
		if (unit.p[i] <= ' ' || strchr("*?[]", unit.p[i]))
			return false;
	return unit.n > 0;
}

static void systemctl(struct script *s, const char *verb, struct slice unit, const char *why)
{
	fprintf(s->out, "unit %s ", verb);
	quote(s, unit);
	fprintf(s->out, " || %s\n", why);
}

static void service(struct script *s, const struct step *step)
{
	if (!plain_unit(step->subject)) {
		fputs("leave 'a service with a name that no unit has'\n", s->out);
		return;
	}
	if (step->was_active)
		systemctl(s, "stop", step->subject, "stop 'a service could not be stopped'");
	if (step->was_enabled)
		systemctl(s, "disable", step->subject, "leave 'a service that is enabled'");
}

static void package(struct script *s, const struct step *step)
{
	const struct manager *m = manager_of(step->packages[0].ecosystem);

	if (!m || !m->remove[0]) {
		fputs("leave 'packages: no manager is known that takes them out"
		      " unasked'\n", s->out);
		return;
	}
	if (m->simulate[0])
		command(s, "trial", step, m->simulate, "exit 1");
	command(s, "run", step, m->remove, "stop 'the packages did not go'");
}

static void account(struct script *s, const struct step *step)
{
	bool user = step->kind == STEP_USER;

	fprintf(s->out, "account %s %u ", user ? "-uid" : "-gid", step->id);
	quote(s, step->subject);
	fputs(user ? " passwd userdel\n" : " group groupdel\n", s->out);
}

static void review(struct script *s, const struct step *step)
{
	fputs("say ", s->out);
	quote(s, slice_str(script_shown(s, step->name)));
	fputs(": ", s->out);
	quote(s, slice_str(script_shown(s, step->words)));
	fputc('\n', s->out);
}

static void (*const writers[STEP_KIND_COUNT])(struct script *s, const struct step *step) = {
	[STEP_SERVICE] = service, [STEP_PACKAGE] = package, [STEP_TAKE] = take,
	[STEP_TRUST] = take,      [STEP_USER] = account,    [STEP_GROUP] = account,
	[STEP_REVIEW] = review,
};

static int shell_write(const struct plan_form_input *in, FILE *out)
{
	struct script s;

	script_init(&s, in->plan, "# ", out);
	fputs("#!/bin/sh\n", out);
	script_head(&s, "Takes banned articles out. Run as root; -n only says what would be done.");
	fputs("# shellcheck disable=SC1003,SC1112,SC2015,SC2016,SC2317,SC2329\n", out);
	preamble(&s);
	write_gates(&s);
	for (size_t i = 0; i < in->plan->n_steps; i++) {
		const struct step *step = &in->plan->steps[i];
		script_step(&s, step, i + 1);
		if (step->kind == STEP_REVIEW && (i == 0 || step[-1].kind != STEP_REVIEW))
			fputs("say 'For a person to settle:'\n", out);
		writers[step->kind](&s, step);
	}
	script_rest(&s);
	fputc('\n', out);
	write_gates(&s);
	fputs("[ \"$problems\" -eq 0 ] || stop \"$problems left alone, see above\"\n"
	      "say \"done; what was taken lies in $quarantine\"\n", out);
	return script_finish(&s);
}

const struct plan_form plan_form_shell = {
	.name = "shell",
	.write = shell_write,
};
