/** Where a listener is full, a rule goes before the new one comes; not before the new one can. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { planCase } from './plan-case.ts';

test('no rule makes room for one whose target group could not be made', () => {
  const [report] = planCase(join(import.meta.dirname, 'quota-full-new-backend'));
  const operations = report?.plan.operations ?? [];
  const made = operations.find(({ verb, key }) => verb === 'create' && key.startsWith('target-group/'));
  const gone = operations.find(({ verb, key }) => verb === 'delete' && key.startsWith('rule/'));
  assert.ok(made && gone?.after.includes(`create ${made.key}`), JSON.stringify(gone?.after));
});
