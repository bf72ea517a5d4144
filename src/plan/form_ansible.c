/* SPDX-License-Identifier: Apache-2.0 */
/*
 * --format ansible: a playbook of ansible.builtin modules. What a stranger
 * named goes into it as "!unsafe" text, so that no template in a file's name is
 * evaluated. Files are looked at, held against their hash, and moved into a
 * quarantine folder; folders go when they are empty by then.
 */
#include "base/text.h"
#include "plan/path.h"
#include "plan/script.h"

/* A YAML text in quotation marks: everything that is not plain ASCII escaped. */
static void quote(struct script *s, struct slice text)
{
	size_t at = 0;

	fputs("!unsafe \"", s->out);
	while (at < text.n) {
		uint32_t rune;
		size_t n = text_rune(slice_from(text, at), &rune);
		if (n == 0) { /* not UTF-8: what calls this shows it instead */
			rune = 0xfffd;
			n = 1;
		}
		if (rune == '"' || rune == '\\')
			fprintf(s->out, "\\%c", (int)rune);
		else if (rune >= ' ' && rune < 0x7f)
			fputc((int)rune, s->out);
		else
			fprintf(s->out, "\\U%08x", (unsigned)rune);
		at += n;
	}
	fputc('"', s->out);
}

/* `creates` and `removes` are patterns: the special ones stand for themselves
 * in brackets. */
static void quote_pattern(struct script *s, const char *prefix, struct slice path)
{
	struct str pattern = {0};

	str_puts(&pattern, prefix);
	for (size_t i = 0; i < path.n; i++) {
		bool special = strchr("*?[", path.p[i]) != NULL && path.p[i];
		str_puts(&pattern, special ? "[" : "");
		str_putc(&pattern, (char)path.p[i]);
		str_puts(&pattern, special ? "]" : "");
	}
	s->failed |= str_failed(&pattern);
	quote(s, str_slice(&pattern));
	str_finish(&pattern);
}

/* Paths of a root that does not run are written behind the root's own. */
static struct slice full(struct script *s, struct slice path)
{
	struct slice root = s->plan->source_path;

	if (slice_eq(root, SLICE("/")))
		return path;
	char *all = arena_alloc(&s->mem, root.n + path.n + 1);
	if (!all) {
		s->failed = true;
		return path;
	}
	memcpy(all, root.p, root.n);
	memcpy(all + root.n, path.p, path.n);
	return slice_of(all, root.n + path.n);
}

static void task(struct script *s, size_t number, const char *what)
{
	fprintf(s->out, "    - name: Step %zu, %s\n", number, what);
}

static void argv_list(struct script *s, char *const *argv)
{
	fputs("        argv:\n", s->out);
	for (size_t i = 0; argv && argv[i]; i++) {
		fputs("          - ", s->out);
		quote(s, slice_str(argv[i]));
		fputc('\n', s->out);
	}
}

/* ---- files ---- */

static bool takes(const struct object *o, bool folders)
{
	return text_is_utf8(o->path) && (o->type == OBJECT_FOLDER) == folders;
}

static const char *kind_test(enum object_type type)
{
	static const char *const tests[OBJECT_TYPE_COUNT] = {
		[OBJECT_FILE] = "isreg", [OBJECT_FOLDER] = "isdir", [OBJECT_LINK] = "islnk",
		[OBJECT_OTHER] = "exists",
	};
	return tests[type];
}

static void item(struct script *s, const struct object *o)
{
	char hex[2 * PLAN_SHA256_BYTES + 1];
	struct slice path = full(s, o->path);

	script_hex(o->sha256, hex);
	fputs("        - path: ", s->out);
	quote(s, path);
	fputs("\n          kept: ", s->out);
	quote(s, o->path);
	fputs("\n          folder: ", s->out);
	quote(s, slice_dirname(o->path));
	fputs("\n          pattern: ", s->out);
	quote_pattern(s, "", path);
	fprintf(s->out, "\n          kind: %s\n          sha256: \"%s\"\n",
	        kind_test(o->type), hex);
}

static size_t items(struct script *s, const struct step *step, bool folders)
{
	size_t n = 0;

	for (size_t i = 0; i < step->n_objects; i++) {
		if (!takes(&step->objects[i], folders))
			continue;
		if (n++ == 0)
			fputs("      loop:\n", s->out);
		item(s, &step->objects[i]);
	}
	return n;
}

static bool any(const struct step *step, bool folders)
{
	for (size_t i = 0; i < step->n_objects; i++)
		if (takes(&step->objects[i], folders))
			return true;
	return false;
}

static const char label[] = "      loop_control:\n        label: \"{{ item.path }}\"\n";
static const char result_label[] =
	"      loop_control:\n        label: \"{{ item.item.path }}\"\n";

/* A file by its bytes, a link by its target. */
static void take_files(struct script *s, const struct step *step, size_t number)
{
	if (!any(step, false))
		return;
	task(s, number, "look at the files");
	fputs("      ansible.builtin.stat:\n"
	      "        path: \"{{ item.path }}\"\n"
	      "        follow: false\n"
	      "        get_checksum: true\n"
	      "        checksum_algorithm: sha256\n", s->out);
	items(s, step, false);
	fprintf(s->out, "      register: debar_files_%zu\n", number);
	fputs(label, s->out);
	task(s, number, "are they what was planned");
	fprintf(s->out, "      ansible.builtin.assert:\n"
	        "        that:\n"
	        "          - not item.stat.exists or item.stat[item.item.kind]\n"
	        "          - not item.stat.exists or item.item.kind != 'isreg'"
	        " or item.stat.checksum == item.item.sha256\n"
	        "          - not item.stat.exists or item.item.kind != 'islnk'"
	        " or (item.stat.lnk_target | hash('sha256')) == item.item.sha256\n"
	        "        fail_msg: it changed since the plan was made\n"
	        "        quiet: true\n"
	        "      loop: \"{{ debar_files_%zu.results }}\"\n%s", number, result_label);
	task(s, number, "make their folders in quarantine");
	fprintf(s->out, "      ansible.builtin.file:\n"
	        "        path: \"{{ debar_quarantine ~ item.item.folder }}\"\n"
	        "        state: directory\n"
	        "        mode: \"0700\"\n"
	        "      when: item.stat.exists\n"
	        "      loop: \"{{ debar_files_%zu.results }}\"\n"
	        "%s", number, result_label);
	task(s, number, "take them");
	fprintf(s->out, "      ansible.builtin.command:\n"
	        "        argv:\n"
	        "          - mv\n"
	        "          - --no-clobber\n"
	        "          - --\n"
	        "          - \"{{ item.item.path }}\"\n"
	        "          - \"{{ debar_quarantine ~ item.item.kept }}\"\n"
	        "        removes: \"{{ item.item.pattern }}\"\n"
	        "      when: item.stat.exists\n"
	        "      loop: \"{{ debar_files_%zu.results }}\"\n"
	        "%s", number, result_label);
}

/* Contents stand before their folder; rmdir refuses what is not empty. */
static void take_folders(struct script *s, const struct step *step, size_t number)
{
	if (!any(step, true))
		return;
	task(s, number, "take the folders that are empty now");
	fputs("      ansible.builtin.command:\n"
	      "        argv:\n"
	      "          - rmdir\n"
	      "          - --\n"
	      "          - \"{{ item.path }}\"\n"
	      "        removes: \"{{ item.pattern }}\"\n", s->out);
	items(s, step, true);
	fputs(label, s->out);
}

static void say_unwritable(struct script *s, const struct step *step)
{
	for (size_t i = 0; i < step->n_objects; i++)
		if (!text_is_utf8(step->objects[i].path))
			script_comment(s, "not text, so not in a playbook; use the shell form: ",
			               step->objects[i].path);
}

static void take(struct script *s, const struct step *step, size_t number)
{
	say_unwritable(s, step);
	take_files(s, step, number);
	take_folders(s, step, number);
}

/* A command that is there or not, as the distribution has it. */
static void tool(struct script *s, size_t number, const char *path, const char *argument)
{
	task(s, number, "rebuild the trust store");
	fputs("      ansible.builtin.command:\n        argv:\n", s->out);
	if (!slice_eq(s->plan->source_path, SLICE("/"))) {
		fputs("          - chroot\n          - ", s->out);
		quote(s, s->plan->source_path);
		fputc('\n', s->out);
	}
	fprintf(s->out, "          - %s\n          - %s\n        removes: ", path, argument);
	quote_pattern(s, "", full(s, slice_str(path)));
	fputc('\n', s->out);
}

static void trust(struct script *s, const struct step *step, size_t number)
{
	take(s, step, number);
	tool(s, number, "/usr/sbin/update-ca-certificates", "--fresh");
	tool(s, number, "/usr/bin/update-ca-trust", "extract");
}

/* ---- services, packages, accounts ---- */

static void service(struct script *s, const struct step *step, size_t number)
{
	task(s, number, "stop the service and keep it from starting");
	fputs("      ansible.builtin.systemd:\n        name: ", s->out);
	quote(s, step->subject);
	fprintf(s->out, "\n%s%s", step->was_active ? "        state: stopped\n" : "",
	        step->was_enabled ? "        enabled: false\n" : "");
}

/* Modules work on the host itself; other roots and managers get the command. */
static const struct {
	const char *ecosystem, *module, *more;
} modules[] = {
	{"deb", "apt", "        purge: true\n        autoremove: false\n"},
	{"rpm", "dnf", "        autoremove: false\n"},
};

static void by_module(struct script *s, const struct step *step, size_t number, size_t k)
{
	task(s, number, "take the packages out");
	fprintf(s->out, "      ansible.builtin.%s:\n        name:\n", modules[k].module);
	for (size_t i = 0; i < step->n_packages; i++) {
		fputs("          - ", s->out);
		quote(s, step->packages[i].name);
		fputc('\n', s->out);
	}
	fprintf(s->out, "        state: absent\n%s", modules[k].more);
}

static void by_command(struct script *s, const struct step *step, size_t number,
                       const struct manager *m)
{
	task(s, number, "take the packages out");
	fputs("      ansible.builtin.command:\n", s->out);
	argv_list(s, script_argv(s, step, m->remove, NULL));
}

static void package(struct script *s, const struct step *step, size_t number)
{
	const struct manager *m = manager_of(step->packages[0].ecosystem);
	/* no module takes a key by its name */
	bool here = slice_eq(s->plan->source_path, SLICE("/")) && step->stage == STAGE_PACKAGE;

	if (m && m->simulate[0]) {
		task(s, number, "would the manager take out nothing else");
		fputs("      ansible.builtin.command:\n", s->out);
		argv_list(s, script_argv(s, step, m->simulate, NULL));
		fputs("      changed_when: false\n      check_mode: false\n", s->out);
	}
	for (size_t k = 0; here && k < COUNT_OF(modules); k++) {
		if (strcmp(modules[k].ecosystem, step->packages[0].ecosystem) != 0)
			continue;
		by_module(s, step, number, k);
		return;
	}
	if (m && m->remove[0])
		by_command(s, step, number, m);
}

static void account(struct script *s, const struct step *step, size_t number)
{
	bool user = step->kind == STEP_USER;
	struct slice root = s->plan->source_path;

	task(s, number, "delete the account of which nothing remains");
	if (slice_eq(root, SLICE("/"))) {
		fprintf(s->out, "      ansible.builtin.%s:\n        name: ",
		        user ? "user" : "group");
		quote(s, step->subject);
		fprintf(s->out, "\n        state: absent\n%s",
		        user ? "        remove: false\n" : "");
		return;
	}
	fprintf(s->out, "      ansible.builtin.command:\n        argv:\n          - %s\n"
	        "          - --prefix\n          - ", user ? "userdel" : "groupdel");
	quote(s, root);
	fputs("\n          - ", s->out);
	quote(s, step->subject);
	fputc('\n', s->out);
}

static void review(struct script *s, const struct step *step, size_t number)
{
	task(s, number, "for a person to settle");
	fputs("      ansible.builtin.debug:\n        msg:\n          - ", s->out);
	quote(s, slice_str(script_shown(s, step->name)));
	fputs("\n          - ", s->out);
	quote(s, slice_str(script_shown(s, step->words)));
	fputc('\n', s->out);
}

/* ---- the playbook ---- */

static void gates(struct script *s, const char *when)
{
	for (size_t i = 0; i < s->plan->n_gates; i++) {
		const struct plan_gate *g = &s->plan->gates[i];
		if (g->state == GATE_NOT_NEEDED)
			continue;
		fprintf(s->out, "    - name: Gate %zu, look for a protection %s\n"
		        "      ansible.builtin.command:\n        argv:\n"
		        "          - pgrep\n          - -x\n          - \"{{ item }}\"\n"
		        "      register: debar_gate_%zu\n"
		        "      changed_when: false\n      failed_when: false\n"
		        "      check_mode: false\n      loop:\n", i + 1, when, i + 1);
		for (size_t k = 0; k < g->n_processes; k++) {
			fputs("        - ", s->out);
			quote(s, g->processes[k]);
			fputc('\n', s->out);
		}
		if (g->n_processes == 0)
			fputs("        []\n", s->out);
		fprintf(s->out, "    - name: Gate %zu, one runs or somebody answers for it\n"
		        "      ansible.builtin.assert:\n        that:\n"
		        "          - debar_waiver | length > 0 or"
		        " (debar_gate_%zu.results | selectattr('rc', 'equalto', 0)"
		        " | list | length > 0)\n"
		        "        fail_msg: nothing takes its place\n", i + 1, i + 1);
	}
}

static void waiver(struct script *s)
{
	for (size_t i = 0; i < s->plan->n_gates; i++) {
		if (s->plan->gates[i].state != GATE_WAIVED)
			continue;
		quote(s, slice_str(script_shown(s, s->plan->gates[i].by)));
		return;
	}
	fputs("\"\"", s->out);
}

static bool plain_host(struct slice host)
{
	for (size_t i = 0; i < host.n; i++)
		if (!strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_",
		            host.p[i]) || !host.p[i])
			return false;
	return host.n > 0;
}

static void play(struct script *s)
{
	struct slice host = plain_host(s->plan->host) ? s->plan->host : SLICE("localhost");

	fprintf(s->out, "- name: Take banned articles out\n"
	        "  hosts: \"{{ debar_hosts | default('%.*s') }}\"\n"
	        "  become: true\n  gather_facts: false\n  vars:\n"
	        "    debar_quarantine: /var/lib/debar-quarantine-%.12s\n"
	        "    debar_waiver: ", SLICE_ARG(host), s->plan->sha256);
	waiver(s);
	fputs("\n  tasks:\n"
	      "    - name: Make the quarantine folder\n"
	      "      ansible.builtin.file:\n"
	      "        path: \"{{ debar_quarantine }}\"\n"
	      "        state: directory\n        owner: root\n        group: root\n"
	      "        mode: \"0700\"\n", s->out);
}

static void (*const writers[STEP_KIND_COUNT])(struct script *s, const struct step *step,
                                              size_t number) = {
	[STEP_SERVICE] = service, [STEP_PACKAGE] = package, [STEP_TAKE] = take,
	[STEP_TRUST] = trust,     [STEP_USER] = account,    [STEP_GROUP] = account,
	[STEP_REVIEW] = review,
};

static int ansible_write(const struct plan_form_input *in, FILE *out)
{
	struct script s;

	script_init(&s, in->plan, "# ", out);
	fputs("---\n", out);
	script_head(&s, "Takes banned articles out. Try it with --check first.");
	play(&s);
	gates(&s, "before");
	for (size_t i = 0; i < in->plan->n_steps; i++) {
		script_step(&s, &in->plan->steps[i], i + 1);
		writers[in->plan->steps[i].kind](&s, &in->plan->steps[i], i + 1);
	}
	gates(&s, "after");
	script_rest(&s);
	return script_finish(&s);
}

const struct plan_form plan_form_ansible = {
	.name = "ansible",
	.write = ansible_write,
};
