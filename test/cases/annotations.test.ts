import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { NEVER_READ, NOT_SUPPORTED_YET } from '../../src/core/annotations/known-elsewhere.ts';
import { annotationsPage } from '../../src/core/annotations/page.ts';
import { problemText } from '../../src/core/annotations/problem.ts';
import { readSettings } from '../../src/core/annotations/read.ts';
import type { Place, Row } from '../../src/core/annotations/row.ts';
import { annotationsSchema } from '../../src/core/annotations/schema.ts';
import { ANNOTATIONS, PREFIX } from '../../src/core/annotations/table.ts';
import { parse, read, texts } from './annotation-reading.ts';

const rows: readonly (readonly [string, Row])[] = Object.entries(ANNOTATIONS);

for (const [name, row] of rows) {
  const key = name.replace('*', 'pay');
  test(`${name}: the example is read, the default too, the bad value is refused by name`, () => {
    for (const on of row.on) assert.deepEqual(texts({ [key]: row.example }, on), []);
    if (row.initial !== undefined) assert.equal(parse(row.parser, row.initial).ok, true, row.initial);
    assert.ok(row.doc.endsWith('.'), 'doc is a sentence');
    const bad = read({ [key]: row.invalid });
    assert.deepEqual([...bad.invalid], [key]);
    assert.ok(!(name in bad.stated), 'nothing stated');
    const [problem] = bad.problems;
    assert.equal(problem?.severity, 'error');
    assert.match(problemText(problem), /^alb\.ingress\.kubernetes\.io\/.+: expected .+, got ".+"/);
    assert.ok(problemText(problem).includes(key));
  });
}

test('old spellings are read with a notice; a contradiction with the new one leaves no value', () => {
  const old = read({ successCodes: '201', Tags: 'a=b' });
  assert.deepEqual([old.stated['success-codes']?.text, old.stated.tags], ['201', { a: 'b' }]);
  assert.deepEqual(
    old.problems.map(({ reason, severity }) => `${reason} ${severity}`),
    ['old-spelling notice', 'old-spelling notice'],
  );
  const same = read({ successCodes: '201', 'success-codes': '201' });
  assert.equal(same.stated['success-codes']?.text, '201');
  const both = read({ successCodes: '201', 'success-codes': '200' });
  assert.deepEqual([...both.invalid], ['success-codes']);
  assert.ok(!('success-codes' in both.stated));
  assert.match(
    both.problems.map(problemText).join(),
    /successCodes: expected the same value as .*success-codes, which says "200"/,
  );
});

test('unknown, unsupported and misplaced annotations are told and stop nothing', () => {
  const said = (name: string, value = 'x', on: Place = 'ingress') => {
    const { problems, invalid, stated } = read({ [name]: value }, on);
    assert.deepEqual(
      [problems.length, problems[0]?.severity, invalid.size, Object.keys(stated).length],
      [1, 'notice', 0, 0],
    );
    const [problem] = problems;
    return problem ?? assert.fail();
  };
  assert.equal(said('shceme').didYouMean, `${PREFIX}scheme`);
  assert.equal(said('Scheme').didYouMean, `${PREFIX}scheme`);
  assert.equal(said('action.pay').didYouMean, `${PREFIX}actions.pay`);
  assert.equal(said('healthcheck-interval').didYouMean, `${PREFIX}healthcheck-interval-seconds`);
  assert.equal(said('healthcheck-healthy-threshold-count').didYouMean, `${PREFIX}healthy-threshold-count`);
  assert.equal(said('port', '8080,9000').didYouMean, `${PREFIX}listen-ports`);
  assert.equal(said('completely-different-thing').didYouMean, undefined);
  assert.equal(said('actions.').reason, 'unknown');
  assert.equal(said('constructor').reason, 'unknown');
  assert.equal(said('scheme', 'internal', 'service').reason, 'misplaced');
  assert.equal(said('waf-acl-id').reason, 'unsupported');
  assert.equal(said('web-acl-id', 'a').guards, true);
  assert.equal(said('web-acl-id', 'none').guards, undefined);
  assert.deepEqual([said('auth-tpye').guards, said('auth-tpye').didYouMean], [true, `${PREFIX}auth-type`]);
  assert.equal(said('auth-scpoe').guards, undefined);
  assert.match(
    texts({ 'waf-acl-id': 'a' })[0] ?? '',
    /WAF Classic, which AWS has ended; expected wafv2-acl-arn/,
  );
  assert.deepEqual(
    readSettings(
      { 'kubernetes.io/ingress.class': 'alb', 'alb.ingress.kubernetes.iox/scheme': 'x' },
      'ingress',
    ).problems,
    [],
  );
});

test('the names that LBC v3.5 knows are all either read or listed: 72 keys and families', () => {
  const own = rows.flatMap(([name, row]) => (row.since === 'here' ? [] : [name]));
  const elsewhere = Object.keys(NOT_SUPPORTED_YET);
  assert.deepEqual(
    own.filter((name) => elsewhere.includes(name)),
    [],
  );
  assert.equal(new Set([...own, ...elsewhere, 'dry-run-plan']).size, 72);
  assert.ok('dry-run-plan' in NEVER_READ);
});

test('defaults are there without annotations, and only for rows that have one', () => {
  const { settings, stated, problems } = readSettings(undefined, 'ingress');
  assert.deepEqual([stated, problems], [{}, []]);
  for (const [name, row] of rows)
    assert.equal(name in settings, row.initial !== undefined || name.endsWith('*'), name);
  assert.deepEqual(
    [
      settings.scheme,
      settings['healthcheck-interval-seconds'],
      settings['healthcheck-port'],
      settings.subnets,
      settings.tags,
    ],
    ['internal', 15, 'traffic-port', undefined, {}],
  );
});

test('the reference page is the generated one and has every row', () => {
  const page = annotationsPage();
  assert.equal(readFileSync('docs/reference/annotations.md', 'utf8'), page, 'stale: run npm run gen');
  for (const [name, row] of rows) assert.ok(page.includes(`## ${name}\n\n${row.doc}\n`), name);
});

test('the schema lets examples through and refuses bad enums and unknown names', () => {
  const { properties, patternProperties } = annotationsSchema();
  for (const [name, row] of rows) {
    const schema =
      properties[`${PREFIX}${name}`] ??
      Object.entries(patternProperties).find(([pattern]) =>
        new RegExp(pattern).test(`${PREFIX}${name}`),
      )?.[1];
    assert.ok(schema, name);
    assert.ok(!schema.enum || schema.enum.includes(row.example), name);
    assert.ok(!schema.pattern || new RegExp(schema.pattern).test(row.example), name);
  }
  assert.deepEqual(properties[`${PREFIX}scheme`]?.enum, ['internal', 'internet-facing']);
  assert.equal(properties[`${PREFIX}web-acl-id`]?.deprecated, true);
});
