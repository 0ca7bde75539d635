/** What the command line and the environment may say, by the table of flags. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { clusterNameOf } from '../../src/cli/cluster-name.ts';
import { IGNORED_FLAGS } from '../../src/cli/flags/ignored.ts';
import type { FlagRow } from '../../src/cli/flags/row.ts';
import { FLAGS, type FlagName } from '../../src/cli/flags/table.ts';
import { readOptions, UsageError } from '../../src/cli/options.ts';

const rows = Object.entries(FLAGS as Readonly<Record<FlagName, FlagRow>>) as [FlagName, FlagRow][];

/** A value that no flag of the type can have, and what the refusal expects. */
const BAD: Readonly<Partial<Record<FlagRow['type'], readonly [string, RegExp]>>> = {
  truth: ['maybe', /expected true or false, got "maybe"$/],
  word: ['nothing', /expected \w+.*, got "nothing"$/],
  duration: ['10 minutes', /expected a duration like 90s, 10m or 1h30m, got "10 minutes"$/],
  port: ['65536', /expected a port from 0 to 65535, got "65536"$/],
};

const refusal = (read: () => unknown): string => {
  try {
    read();
  } catch (error) {
    if (error instanceof UsageError) return error.message;
    throw error;
  }
  return 'nothing is refused';
};

test('a bad value is refused by name, from the command line and from the environment', () => {
  const tried = rows.flatMap(
    ([
      name,
      {
        type,
        env,
        commands: [command = 'run'],
      },
    ]) => {
      const [value, expected] = BAD[type] ?? [];
      if (value === undefined || expected === undefined) return [];
      const said = [refusal(() => readOptions(command, [`--${name}=${value}`], {}))];
      if (env) said.push(refusal(() => readOptions(command, [], { [env]: value })));
      for (const text of said) assert.match(text, new RegExp(`^--${name}: ${expected.source}`));
      return said;
    },
  );
  assert.ok(tried.length > 30, `${tried.length} were tried`);
});

test('a flag of another command, and one that nobody knows, are refused', () => {
  assert.equal(
    refusal(() => readOptions('run', ['--once'], {})),
    '--once is no flag of run; see alb-ingress run --help',
  );
  assert.match(
    refusal(() => readOptions('run', ['--onec'], {})),
    /'--onec'/,
  );
});

test('a file that was named without its flag is told which one', () => {
  assert.equal(
    refusal(() => readOptions('plan', ['examples/echoservice'], {})),
    'plan takes flags only, got "examples/echoservice"; files are named with -f',
  );
  assert.equal(
    refusal(() => readOptions('run', ['now'], {})),
    'run takes flags only, got "now"',
  );
});

test('older spellings, short ones, switches alone and words in capitals are read', () => {
  const plan = readOptions('plan', ['--clusterName', 'dev', '-f', 'a.yaml', '-f', 'b.yaml,c.yaml'], {});
  assert.deepEqual(
    [plan.required('cluster-name'), plan.list('filename')],
    ['dev', ['a.yaml', 'b.yaml', 'c.yaml']],
  );
  const run = readOptions(
    'run',
    ['--disable-route53', '--enable-leader-election=false', '--sync-period=1h30m'],
    {
      LOG_LEVEL: 'WARN',
      ALB_SYNC_INTERVAL: '5s',
    },
  );
  assert.deepEqual(
    [run.truth('disable-route53'), run.truth('enable-leader-election'), run.seconds('sync-period')],
    [true, false, 5400],
  );
  assert.deepEqual([run.word('log-level'), run.word('aws-rate-budget')], ['warn', 'aws']);
});

test('a flag without effect is accepted with a value and alone, and said once', () => {
  for (const [name, why] of Object.entries(IGNORED_FLAGS))
    for (const given of [
      [`--${name}=x`],
      [`--${name}`, 'x'],
      [`--${name}`],
      [`--${name}`, '--disable-route53'],
    ]) {
      const { remarks, truth } = readOptions('run', given, {});
      assert.deepEqual(remarks, [`--${name} has no effect: ${why}`]);
      assert.equal(truth('disable-route53'), given.length === 2 && given[1] !== 'x');
    }
});

test('a name that no cluster can have is refused, because tags and records are read by it', () => {
  const nameOf = (name: string) => clusterNameOf(readOptions('run', [`--cluster-name=${name}`], {}));
  for (const name of ['dev', 'Prod_1-eu', 'k8s.example.com', 'a'.repeat(100)])
    assert.equal(nameOf(name), name);
  for (const name of ['a,b', 'a"b', 'my cluster', '-dev', 'a/b', 'a'.repeat(101)])
    assert.match(
      refusal(() => nameOf(name)),
      /^--cluster-name: expected at most 100 letters/,
    );
  assert.match(
    refusal(() => nameOf('')),
    /^--cluster-name is required/,
  );
});
