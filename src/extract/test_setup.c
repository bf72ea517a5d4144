/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
/* cmocka.h needs the three above. */
#include <cmocka.h>

#include "extract/test_prefix.h"

extern const struct extractor extract_systemd, extract_initd, extract_cron;
extern const struct extractor extract_accounts;

static const char unit[] =
	"[Unit]\nDescription=Example endpoint agent\nAfter=network.target\n"
	"[Service]\nExecStartPre=-/opt/ex/prepare --now\n"
	"ExecStart=@/opt/ex/agent agent -d\nExecStop=\"/opt/ex dir/stop\" x\n";

static void a_unit_names_its_program(void **state)
{
	(void)state;
	EXPECT_EXTRACT(&extract_systemd,
	               "/usr/lib/systemd/system/ex-agent.service",
	               slice_str(unit),
	               "setup installed name=ex-agent\n"
	               "  unit.name=ex-agent\n"
	               "  unit.description=Example endpoint agent @19+22\n"
	               "  unit.exec=/opt/ex/prepare @87+15\n"
	               "  unit.exec=/opt/ex/agent @120+13\n"
	               "  unit.exec=/opt/ex dir/stop @153+16\n");
}

static void a_unit_outside_its_place_is_only_stored(void **state)
{
	(void)state;
	EXPECT_EXTRACT(&extract_systemd, "/home/u/systemd/system/a.service",
	               SLICE("x"), "setup stored name=a\n  unit.name=a\n");
	EXPECT_EXTRACT(&extract_systemd,
	               "/etc/systemd/system/a.service.d/override.conf",
	               SLICE("ExecStart=\n"),
	               "setup installed name=a\n  unit.name=a\n");
}

static void an_init_script_names_its_daemon(void **state)
{
	(void)state;
	EXPECT_EXTRACT(&extract_initd, "/etc/init.d/ex",
	               SLICE("#!/bin/sh\n DAEMON=\"/opt/ex/agent\"\n"
	                     "DAEMON=$(which x)\n"),
	               "setup installed name=ex\n  unit.name=ex\n"
	               "  unit.exec=/opt/ex/agent @19+13\n");
	EXPECT_EXTRACT(&extract_initd, "/etc/init.d/README", SLICE("x"), "");
}

static const char crontab[] =
	"# comment\nSHELL=/bin/sh\n17 *\t* * *\troot  cd / && /opt/ex/up\n"
	"@daily ann /opt/ex/day \"x\"\n";

static void cron_tables_give_their_commands(void **state)
{
	(void)state;
	EXPECT_EXTRACT(&extract_cron, "/etc/cron.d/ex", slice_str(crontab),
	               "setup installed name=ex\n"
	               "  cron.command=cd / && /opt/ex/up @41+18\n"
	               "setup installed name=ex\n"
	               "  cron.command=/opt/ex/day \"x\" @71+15\n");
	EXPECT_EXTRACT(&extract_cron, "/var/spool/cron/crontabs/ann",
	               SLICE("0 5 * * * /opt/ex/up -v\n"),
	               "setup installed name=up\n"
	               "  cron.command=/opt/ex/up -v @10+13\n");
}

static void cron_scripts_give_the_programs_they_call(void **state)
{
	(void)state;
	EXPECT_EXTRACT(&extract_cron, "/etc/cron.daily/ex",
	               SLICE("#!/bin/sh\n# /not/this\n"
	                     "test -x /opt/ex/up || exit 0; exec \"/opt/ex/up\"\n"),
	               "setup installed name=ex\n"
	               "  cron.command=/etc/cron.daily/ex\n"
	               "  cron.command=/opt/ex/up @30+10\n"
	               "  cron.command=/opt/ex/up @58+10\n");
}

static void accounts_are_residue(void **state)
{
	(void)state;
	EXPECT_EXTRACT(&extract_accounts, "/etc/passwd",
	               SLICE("ex:x:999:999:Example agent,,,:/var/opt/ex:/bin/no\n"
	                     "+nis::::::\nshort:x\n"),
	               "setup residue name=ex\n"
	               "  user.name=ex @0+2\n"
	               "  user.gecos=Example agent,,, @13+16\n"
	               "  user.home=/var/opt/ex @30+11\n");
	EXPECT_EXTRACT(&extract_accounts, "/etc/group", SLICE("exgrp:x:999:\n"),
	               "setup residue name=exgrp\n  group.name=exgrp @0+5\n");
	assert_false(test_probes(&extract_accounts, "/etc/shadow", SLICE("")));
	assert_false(test_probes(&extract_accounts, "/etc/passwd-", SLICE("")));
}

static void every_prefix_is_survived(void **state)
{
	(void)state;
	run_on_every_prefix(&extract_systemd, "/etc/systemd/system/a.service",
	                    slice_str(unit));
	run_on_every_prefix(&extract_cron, "/etc/crontab", slice_str(crontab));
	run_on_every_prefix(&extract_cron, "/etc/cron.daily/x",
	                    slice_str(crontab));
	run_on_every_prefix(&extract_accounts, "/etc/passwd",
	                    SLICE("ex:x:999:999:Example:/var:/bin/no"));
	run_on_every_prefix(&extract_initd, "/etc/init.d/x",
	                    SLICE("DAEMON='/opt/ex'\n"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_unit_names_its_program),
		cmocka_unit_test(a_unit_outside_its_place_is_only_stored),
		cmocka_unit_test(an_init_script_names_its_daemon),
		cmocka_unit_test(cron_tables_give_their_commands),
		cmocka_unit_test(cron_scripts_give_the_programs_they_call),
		cmocka_unit_test(accounts_are_residue),
		cmocka_unit_test(every_prefix_is_survived),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
