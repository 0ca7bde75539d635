/** Each folder beside this file is a case; see plan-case.ts. `UPDATE_GOLDEN=1` rewrites the plans; read the diff before committing it. */
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { planCase, type Reports, textOf } from './plan-case.ts';

const HERE = import.meta.dirname;

/** In every `invalid-…` case `shop/web` is at fault, and `blog/blog` of the same group adds a path. */
const assertContained = (reports: Reports): void => {
  const problems = reports.flatMap((it) => it.problems);
  assert.deepEqual(
    problems.map((problem) => problem.ingress),
    ['shop/web'],
  );
  assert.match(problems[0]?.message ?? '', /^(alb\.ingress\.kubernetes\.io\/|spec\.)/, 'names the field');
  for (const operation of reports.flatMap((it) => it.plan.operations)) {
    const rule =
      operation.verb === 'create' && operation.resource.kind === 'rule' ? operation.resource : undefined;
    assert.match(JSON.stringify(rule?.spec.conditions ?? operation.key), /blog\.example\.com.*\/new/);
  }
  assert.ok(
    reports.some((it) => it.plan.operations.length > 0),
    'the neighbour goes on',
  );
};

for (const name of readdirSync(HERE, { withFileTypes: true })
  .flatMap((entry) => (entry.isDirectory() ? [entry.name] : []))
  .sort())
  test(name, () => {
    const golden = join(HERE, name, 'plan.txt');
    const reports = planCase(join(HERE, name));
    if (process.env.UPDATE_GOLDEN) writeFileSync(golden, textOf(reports));
    const expected = existsSync(golden)
      ? readFileSync(golden, 'utf8')
      : '(no plan.txt: run with UPDATE_GOLDEN=1)';
    assert.equal(textOf(reports), expected);
    if (name.startsWith('invalid-')) assertContained(reports);
  });
