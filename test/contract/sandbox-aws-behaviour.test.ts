/** The reference page of the sandbox's AWS is fresh, and rules and probes know each other. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { behaviourPage, PAGE } from './sandbox-aws-behaviour.ts';
import { PROBES } from './sandbox-aws-probes.ts';
import { SECTIONS } from './sandbox-aws-rules.ts';

describe('sandbox-behaviour.md', () => {
  it('is fresh', async () => {
    assert.equal(readFileSync(PAGE, 'utf8'), await behaviourPage(), 'stale: run npm run gen:sandbox');
  });

  it('names probes that exist', () => {
    for (const { title, areas, rules } of SECTIONS) {
      const known = new Set(areas.flatMap((area) => PROBES[area].map(([row]) => row)));
      const named = rules.flatMap(([, , , enforced]) => (typeof enforced === 'string' ? [] : enforced));
      assert.deepEqual(
        named.filter((row) => !known.has(row)),
        [],
        `${title}: unknown probes`,
      );
    }
  });

  it('has a rule for every probe', () => {
    const named = new Set(
      SECTIONS.flatMap(({ areas, rules }) =>
        areas.flatMap((area) =>
          rules.flatMap(([, , , enforced]) =>
            typeof enforced === 'string' ? [] : enforced.map((row) => `${area}: ${row}`),
          ),
        ),
      ),
    );
    const forgotten = Object.entries(PROBES)
      .flatMap(([area, probes]) => probes.map(([row]) => `${area}: ${row}`))
      .filter((row) => !named.has(row));
    assert.deepEqual(forgotten, []);
  });

  it('has no two probes of one name in an area, and at least 200 in all', () => {
    const rows = Object.entries(PROBES).flatMap(([area, probes]) => probes.map(([row]) => `${area}: ${row}`));
    assert.equal(new Set(rows).size, rows.length);
    assert.ok(rows.length >= 200);
  });
});
