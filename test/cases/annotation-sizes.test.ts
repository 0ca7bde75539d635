/**
 * Annotations as long as Kubernetes lets them be (256 KiB together). Whoever may write an Ingress must not keep the controller
 * busy for everybody else: with work that grows with the square of the length these would take minutes.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readSettings } from '../../src/core/annotations/read.ts';
import { ANNOTATIONS, PREFIX } from '../../src/core/annotations/table.ts';
import { toAscii } from '../../src/core/model/punycode.ts';
import { pathPatterns } from '../../src/core/translate/paths.ts';
import { hostFault } from '../../src/core/translate/record-name.ts';

const LONG = 250_000;

const VALUES: Readonly<Record<string, string>> = {
  'blanks in the middle': `a=b${' '.repeat(LONG)}x`,
  'commas in the middle': `a=b${','.repeat(LONG)}x`,
  'commas and blanks': `a=1${', '.repeat(LONG / 2)}x`,
  'open brackets': '['.repeat(LONG),
  'deep JSON': `${'['.repeat(LONG / 2)}${']'.repeat(LONG / 2)}`,
  'deep JSON in an object': `{"type":${'{"a":'.repeat(LONG / 12)}1${'}'.repeat(LONG / 12)}}`,
  backslashes: '\\'.repeat(LONG),
  letters: 'a'.repeat(LONG),
};

for (const name of Object.keys(ANNOTATIONS))
  test(`${name} takes or refuses a value of any length`, () => {
    const key = `${PREFIX}${name.replace('*', 'web.80')}`;
    for (const value of Object.values(VALUES)) {
      const { stated, problems } = readSettings({ [key]: value }, 'ingress');
      assert.ok(problems.length > 0 || Object.keys(stated).length > 0, 'it is read or told');
    }
  });

test('what is nested deeper than anything we read is refused like other garbage', () => {
  const { invalid } = readSettings({ [`${PREFIX}actions.web`]: VALUES['deep JSON'] ?? '' }, 'ingress');
  assert.deepEqual([...invalid], ['actions.web']);
});

test('a regular expression that is too long is refused for that, unread', () => {
  const found = pathPatterns(`/${'['.repeat(1_000_000)}`, 'ImplementationSpecific', true);
  assert.match('wrong' in found ? found.wrong : '', /1000000 characters long as a pattern/);
});

test('a name of many letters of many alphabets is no name', () => {
  const letters = Array.from({ length: LONG / 3 }, (_, i) => String.fromCodePoint(0x4e00 + (i % 20_000)));
  assert.notEqual(hostFault(toAscii(`${letters.join('')}.example.com`)), undefined);
  assert.notEqual(hostFault(toAscii(`${'a'.repeat(LONG)}\u00fc.example.com`)), undefined);
});
