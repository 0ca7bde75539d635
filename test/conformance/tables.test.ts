/** Function by function: what LBC v3.5 gives, ours gives, or docs/reference/compatibility.md says why not. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { ADAPTERS } from './tables.ts';
import {
  areThere,
  type Case,
  explained,
  type Json,
  plain,
  table,
  tableNames,
  uncompared,
} from './vectors.ts';

/** Transforms act on different parts of a request: their order means nothing. */
const SETS: ReadonlySet<string> = new Set(['ingress-backend-transforms', 'ingress-rule-transforms']);

const counts = { passed: 0, better: 0, missing: 0 };

const outcome = (adapter: (input: Json) => Json, { input }: Case): Json => {
  try {
    return { value: adapter(input) };
  } catch (thrown) {
    return { error: thrown instanceof Error ? thrown.message : String(thrown) };
  }
};

/** Error texts are ours; what counts is whether there is an error. */
const agrees = (got: Json, { expected, expectedError }: Case, set: boolean): boolean => {
  if (expectedError !== undefined) return 'error' in got;
  if ('error' in got) return false;
  const form = (value: Json): string => {
    const it = plain(value);
    return JSON.stringify(set && Array.isArray(it) ? it.map((one) => JSON.stringify(one)).sort() : it);
  };
  return form(got.value) === form(expected);
};

for (const [name, adapter] of Object.entries(ADAPTERS))
  test(name, { skip: !areThere && 'no vectors beside the repository' }, () => {
    const { cases, match } = table(name);
    const wrong: string[] = [];
    for (const one of cases) {
      const id = `${name}/${one.name}`;
      const got = outcome(adapter, one);
      const standing = explained.get(id);
      if (agrees(got, one, match === 'set' || SETS.has(name))) {
        if (standing) wrong.push(`${id} agrees: take it off docs/reference/compatibility.md`);
        counts.passed++;
      } else if (standing) counts[standing]++;
      else
        wrong.push(
          `${id}: wanted ${JSON.stringify(one.expectedError ?? one.expected)}, got ${JSON.stringify(got)}, input ${JSON.stringify(one.input)}`,
        );
    }
    assert.deepEqual(wrong, []);
  });

test('every table is compared, or the page says why not', { skip: !areThere && 'no vectors' }, () => {
  const others = tableNames().filter((name) => !(name in ADAPTERS));
  const isNamed = (name: string): boolean =>
    uncompared.some((it) => (it.endsWith('*') ? name.startsWith(it.slice(0, -1)) : name === it));
  assert.deepEqual(
    others.filter((name) => !isNamed(name)),
    [],
  );
  const idle = uncompared.filter(
    (it) => !others.some((name) => (it.endsWith('*') ? name.startsWith(it.slice(0, -1)) : name === it)),
  );
  assert.deepEqual(idle, [], 'rows of the page that no table needs');
});

after(() => {
  if (areThere) console.log(`tables: ${JSON.stringify(counts)} in ${Object.keys(ADAPTERS).length} functions`);
});
