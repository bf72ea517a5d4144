/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The forms that are programs, of a plan whose names try to be commands. Each is
 * read by its language's own parser where there is one here; the shell's is run.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>
#include <ftw.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "plan/form.h"

/* Each would make PWNED if it were read as anything but a name. */
static const char *const names[] = {
	"'; touch PWNED; '", "\"; touch PWNED; \"", "$(touch PWNED)", "`touch PWNED`",
	"x\ntouch PWNED\n", "-rf PWNED", "#\ntouch PWNED", "{{ PWNED }}", "\\'; touch PWNED; \\",
	"\xe2\x80\x99; touch PWNED; \xe2\x80\x99", "\xff\xfe PWNED", "%PWNED%", "a\\\ntouch PWNED",
	"<<E\ntouch PWNED\nE", "* PWNED ?", "; touch PWNED #", "\ttouch PWNED",
};

static char work[] = "/tmp/debar-form-XXXXXX";

/* SHA-256 of nothing: the files are empty. */
static const uint8_t empty[PLAN_SHA256_BYTES] = {
	0xe3, 0xb0, 0xc4, 0x42, 0x98, 0xfc, 0x1c, 0x14, 0x9a, 0xfb, 0xf4, 0xc8,
	0x99, 0x6f, 0xb9, 0x24, 0x27, 0xae, 0x41, 0xe4, 0x64, 0x9b, 0x93, 0x4c,
	0xa4, 0x95, 0x99, 0x1b, 0x78, 0x52, 0xb8, 0x55,
};

/* Nothing of the plan is true but what the forms write. */
static struct plan *plan_of_names(void)
{
	struct plan *p = calloc(1, sizeof(*p));

	assert_non_null(p);
	arena_init(&p->mem, 0);
	p->tool = SLICE("test");
	p->source_path = SLICE("/nowhere/'; touch PWNED; '");
	p->source_kind = SLICE("root");
	p->host = slice_str(names[4]);
	p->steps = arena_zalloc(&p->mem, 2, sizeof(*p->steps));
	p->left = arena_zalloc(&p->mem, COUNT_OF(names), sizeof(*p->left));
	assert_non_null(p->steps);
	assert_non_null(p->left);
	struct step *s = &p->steps[p->n_steps++];
	*s = (struct step){.kind = STEP_TAKE, .stage = STAGE_LEFTOVER, .words = SLICE("take it"),
	                   .name = slice_str(names[4]), .risk_words = slice_str(names[0])};
	s->objects = arena_zalloc(&p->mem, COUNT_OF(names), sizeof(*s->objects));
	assert_non_null(s->objects);
	for (size_t i = 0; i < COUNT_OF(names); i++) {
		struct object *o = &s->objects[s->n_objects++];
		char *path = arena_printf(&p->mem, "/d/%s", names[i]);
		assert_non_null(path);
		*o = (struct object){.path = slice_str(path), .type = OBJECT_FILE,
		                     .mode = S_IFREG | 0644};
		memcpy(o->sha256, empty, sizeof(empty));
		p->left[p->n_left++] = (struct plan_left){
			.name = slice_str(names[i]), .entity = SLICE("examplesoft"),
			.why = slice_str(names[i])};
	}
	p->steps[p->n_steps++] = (struct step){
		.kind = STEP_REVIEW, .stage = STAGE_REVIEW, .name = slice_str(names[0]),
		.words = slice_str(names[2])};
	assert_int_equal(plan_hash(p), 0);
	return p;
}

/* The form as text; also kept in the work folder as "plan". */
static char *written(const struct plan_form *form)
{
	const struct plan_style style = {0};
	struct plan *p = plan_of_names();
	char path[64], *text = NULL;
	size_t n = 0;
	FILE *out = open_memstream(&text, &n);

	assert_non_null(out);
	assert_int_equal(form->write(&(struct plan_form_input){.plan = p, .style = &style}, out),
	                 0);
	assert_int_equal(fclose(out), 0);
	(void)snprintf(path, sizeof(path), "%s/plan", work);
	out = fopen(path, "w");
	assert_non_null(out);
	assert_int_equal(fwrite(text, 1, n, out), n);
	assert_int_equal(fclose(out), 0);
	assert_int_equal(strlen(text), n);
	plan_free(p);
	return text;
}

/* Runs it in the work folder with nothing to read; its exit status. */
static int shell(const char *command)
{
	char all[4096];

	(void)snprintf(all, sizeof(all), "cd %s && { %s\n} </dev/null >said 2>&1", work,
	               command);
	int status = system(all); /* NOLINT: the commands are those below */
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static bool have(const char *program)
{
	char command[128];

	(void)snprintf(command, sizeof(command), "command -v %s", program);
	return shell(command) == 0;
}

static void must_pass(const char *command)
{
	if (shell(command) == 0)
		return;
	char show[64];
	(void)snprintf(show, sizeof(show), "cat %s/said >&2", work);
	(void)!system(show); /* NOLINT */
	fail_msg("%s", command);
}

/* ---- shell ---- */

static void the_shell_reads_its_form(void **)
{
	free(written(&plan_form_shell));
	must_pass("sh -n plan");
	if (have("shellcheck"))
		must_pass("shellcheck -s sh plan");
}

static void make_files(void)
{
	char path[512];

	assert_int_equal(shell("rm -rf root && mkdir -p root/d root/here"), 0);
	for (size_t i = 0; i < COUNT_OF(names); i++) {
		(void)snprintf(path, sizeof(path), "%s/root/d/%s", work, names[i]);
		FILE *f = fopen(path, "w");
		assert_non_null(f);
		assert_int_equal(fclose(f), 0);
	}
}

static void must_be_kept(const char *name)
{
	char path[512];
	struct plan *p = plan_of_names();

	(void)snprintf(path, sizeof(path), "%s/root/var/lib/debar-script/%.12s/d/%s", work,
	               p->sha256, name);
	if (access(path, F_OK) != 0)
		fail_msg("not in quarantine: %s", path);
	plan_free(p);
}

/* Every file goes into quarantine under its own name, and nothing is run. */
static void the_shells_form_does_what_the_plan_says(void **)
{
	if (geteuid() != 0)
		skip();
	free(written(&plan_form_shell));
	make_files();
	must_pass("cd root/here && sh ../../plan -n \"$(cd .. && pwd)\"");
	must_pass("test $(ls -A root/d | grep -ac PWNED) -ge 10");
	must_pass("cd root/here && sh ../../plan \"$(cd .. && pwd)\"");
	must_pass("test -z \"$(ls -A root/d)\"");
	must_pass("test -z \"$(ls -A root/here)\"");
	must_pass("test -z \"$(find . -name PWNED)\"");
	for (size_t i = 0; i < COUNT_OF(names); i++)
		must_be_kept(names[i]);
}

static void a_changed_file_stays(void **)
{
	if (geteuid() != 0)
		skip();
	free(written(&plan_form_shell));
	make_files();
	must_pass("echo mine >\"root/d/\\$(touch PWNED)\"");
	assert_int_equal(shell("sh plan $PWD/root"), 1);
	must_pass("test \"$(ls -A root/d)\" = '$(touch PWNED)'");
	must_pass("test mine = \"$(cat root/d/*)\"");
	assert_int_equal(shell("sh plan relative"), 1);
	assert_int_equal(shell("sh plan one two"), 2);
}

/* ---- the others ---- */

/* Every name is data: it stands in one of the document's texts, and those that
 * Ansible would take for a template are marked as unsafe. */
static void yaml_reads_the_playbook(void **)
{
	free(written(&plan_form_ansible));
	if (!have("python3") || shell("python3 -c 'import yaml'") != 0)
		skip();
	must_pass("python3 -c '\n"
	          "import yaml, sys\n"
	          "class Unsafe(str): pass\n"
	          "yaml.SafeLoader.add_constructor(\"!unsafe\","
	          " lambda l, n: Unsafe(n.value))\n"
	          "def walk(x):\n"
	          "    if isinstance(x, dict):\n"
	          "        for k, v in x.items():\n"
	          "            assert \"PWNED\" not in str(k), k\n"
	          "            walk(v)\n"
	          "    elif isinstance(x, list):\n"
	          "        for v in x: walk(v)\n"
	          "    elif isinstance(x, str) and \"PWNED\" in x:\n"
	          "        assert isinstance(x, Unsafe), x\n"
	          "        seen.append(x)\n"
	          "seen = []\n"
	          "walk(yaml.safe_load(open(\"plan\")))\n"
	          "assert len(seen) > 10, seen\n"
	          "'");
	if (have("ansible-playbook"))
		must_pass("LC_ALL=C.UTF-8 HOME=$PWD ansible-playbook --syntax-check -i localhost,"
		          " plan");
}

/* One of the four marks that PowerShell takes for a single quote; its length. */
static size_t single_quote(const char *at)
{
	static const char *const marks[] = {"'", "\xe2\x80\x98", "\xe2\x80\x99", "\xe2\x80\x9a",
	                                    "\xe2\x80\x9b"};

	for (size_t i = 0; i < COUNT_OF(marks); i++)
		if (strncmp(at, marks[i], strlen(marks[i])) == 0)
			return strlen(marks[i]);
	return 0;
}

/* Behind a text in single quotes, in which a doubled one is one; NULL when it has
 * no end. */
static const char *behind_single(const char *at)
{
	for (at += single_quote(at); *at;) {
		size_t n = single_quote(at);
		if (n && !single_quote(at + n))
			return at + n;
		at += n ? n + single_quote(at + n) : 1;
	}
	return NULL;
}

/* The same for double ones, where a backtick takes the next character along. */
static const char *behind_double(const char *at)
{
	for (at++; *at; at++) {
		if (*at == '`' && at[1])
			at++;
		else if (*at == '"' && at[1] == '"')
			at++;
		else if (*at == '"')
			return at + 1;
	}
	return NULL;
}

/* about_Quoting_Rules, about_Comments: no name stands outside of both. */
static void no_name_is_code_of_powershell(void **)
{
	char *text = written(&plan_form_powershell);
	const char *at = text;
	size_t texts = 0;

	while (at && *at) {
		if (single_quote(at)) {
			at = behind_single(at);
			texts++;
		} else if (*at == '"') {
			at = behind_double(at);
		} else if (*at == '#') {
			at += strcspn(at, "\n");
		} else {
			if (strncmp(at, "PWNED", 5) == 0)
				fail_msg("a name is code: %.80s", at);
			at++;
		}
	}
	assert_non_null(at);
	assert_true(texts > 0);
	free(text);
}

/* Lines that are no comment belong to an instruction, and what RUN is given is
 * read by a shell: that must find no command in a name. */
static void the_dockerfile_holds_no_name_as_code(void **)
{
	char *text = written(&plan_form_dockerfile), *rest = text, *line;
	bool goes_on = false;

	while ((line = strsep(&rest, "\n"))) {
		static const char *const starts[] = {"#", "FROM ", "RUN ", "USER ", "ARG ", "ENV ",
		                                     "COPY ", "LABEL "};
		bool known = *line == 0 || goes_on;
		for (size_t i = 0; i < COUNT_OF(starts); i++)
			known |= strncmp(line, starts[i], strlen(starts[i])) == 0;
		if (!known)
			fail_msg("no line of a Dockerfile: %s", line);
		goes_on = *line && *line != '#' && line[strlen(line) - 1] == '\\';
	}
	free(text);
	free(written(&plan_form_dockerfile));
	must_pass("grep -v '^#' plan | sed 's/^FROM .*/:/; s/^ARG .*/:/; s/^USER .*/:/;"
	          " s/^RUN //' >run.sh && sh -n run.sh");
	must_pass("mkdir -p run && cd run && env PATH=/nowhere /bin/sh ../run.sh; cd .. &&"
	          " test -z \"$(find . -name PWNED)\"");
}

static void no_form_has_a_control_byte(void **)
{
	static const struct plan_form *const forms[] = {
		&plan_form_text, &plan_form_ansible, &plan_form_powershell, &plan_form_dockerfile,
	};

	for (size_t i = 0; i < COUNT_OF(forms); i++) {
		char *text = written(forms[i]);
		for (const char *c = text; *c; c++)
			if ((*c > 0 && *c < ' ' && *c != '\n' && *c != '\t') || *c == 0x7f)
				fail_msg("%s: byte %d", forms[i]->name, *c);
		free(text);
	}
}

/* ---- the work folder ---- */

static int begin(void **)
{
	return mkdtemp(work) ? 0 : -1;
}

static int drop(const char *path, const struct stat *, int, struct FTW *)
{
	return remove(path);
}

static int end(void **)
{
	return nftw(work, drop, 16, FTW_DEPTH | FTW_PHYS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_shell_reads_its_form),
		cmocka_unit_test(the_shells_form_does_what_the_plan_says),
		cmocka_unit_test(a_changed_file_stays),
		cmocka_unit_test(yaml_reads_the_playbook),
		cmocka_unit_test(no_name_is_code_of_powershell),
		cmocka_unit_test(the_dockerfile_holds_no_name_as_code),
		cmocka_unit_test(no_form_has_a_control_byte),
	};
	return cmocka_run_group_tests(tests, begin, end);
}
