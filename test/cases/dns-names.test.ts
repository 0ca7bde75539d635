/** Names of DNS: IDN, what Route 53 takes, and where external-dns says whose a record is. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { domainToASCII } from 'node:url';
import fc from 'fast-check';
import { externalDnsNames, PLAIN_NAMES, parseExternalDns } from '../../src/core/adopt/external-dns.ts';
import { ownedName, ownerRecordName } from '../../src/core/adopt/record-owner.ts';
import { toAscii } from '../../src/core/model/punycode.ts';
import { hostFault } from '../../src/core/translate/record-name.ts';

test('IDN hosts become what DNS carries', () => {
  const vectors = {
    'bücher.example.com': 'xn--bcher-kva.example.com',
    'MÜNCHEN.de': 'xn--mnchen-3ya.de',
    'faß.de': 'xn--fa-hia.de',
    '例え.テスト': 'xn--r8jz45g.xn--zckzah',
    'пример.испытание': 'xn--e1afmkfd.xn--80akhbyknj4f',
    '*.bücher。example.com': '*.xn--bcher-kva.example.com',
    'plain.example.com': 'plain.example.com',
  };
  for (const [host, ascii] of Object.entries(vectors)) assert.equal(toAscii(host), ascii);
});

test('the same as the platform for letters of many scripts', () => {
  const letters = 'äöüéñçøåßабвгджзикλμνξאבגदकखあいう漢字한글ไทย𐐀'.normalize('NFC').toLowerCase();
  const label = fc.array(fc.constantFrom(...letters, 'a', 'z', '1'), { minLength: 1, maxLength: 15 });
  fc.assert(
    fc.property(label, (characters) => {
      const host = `x${characters.join('')}x.example.com`;
      const theirs = domainToASCII(host);
      // The platform also refuses mixtures of directions, and maps what is to be written otherwise.
      fc.pre(theirs !== '');
      assert.equal(toAscii(host), theirs);
    }),
    { numRuns: 300 },
  );
});

test('what can be no name is refused by its part', () => {
  const bad: Record<string, RegExp> = {
    'a..b.example.com': /a label is empty/,
    '-a.example.com': /"-a" must be/,
    'a.*.example.com': /"\*" must be/,
    'a b.example.com': /"a b" must be/,
    [`${'x'.repeat(64)}.example.com`]: /longer than 63/,
    [`${'a.'.repeat(118)}example.com`]: /ownership record .* would have 26\d characters/,
  };
  for (const [host, words] of Object.entries(bad)) assert.match(hostFault(host) ?? '', words, host);
  for (const host of ['example.com', '*.example.com', '_dmarc.example.com', 'a-1.example.com', 'com'])
    assert.equal(hostFault(host), undefined, host);
});

test('an ownership record speaks for the name it was made for', () => {
  for (const name of ['example.com', 'a.example.com', '*.a.example.com'])
    assert.equal(ownedName(ownerRecordName(name)), name);
});

test('where external-dns says whose a record is: three generations, prefixes, suffixes, wildcards', () => {
  assert.deepEqual(externalDnsNames('www.example.com', PLAIN_NAMES), [
    'www.example.com',
    'a-www.example.com',
    'aaaa-www.example.com',
    'cname-www.example.com',
  ]);
  assert.deepEqual(externalDnsNames('www.example.com', { ...PLAIN_NAMES, prefix: 'ext.' }).slice(0, 2), [
    'ext.www.example.com',
    'ext.a-www.example.com',
  ]);
  assert.deepEqual(externalDnsNames('www.example.com', { ...PLAIN_NAMES, suffix: '-ext' }).slice(0, 2), [
    'www-ext.example.com',
    'a-www-ext.example.com',
  ]);
  assert.deepEqual(
    externalDnsNames('www.example.com', { ...PLAIN_NAMES, prefix: '%{record_type}-ext.' }).slice(0, 3),
    ['-ext.www.example.com', 'a-ext.www.example.com', 'aaaa-ext.www.example.com'],
  );
  assert.deepEqual(externalDnsNames('*.example.com', { ...PLAIN_NAMES, wildcard: 'any' }).slice(0, 2), [
    'any.example.com',
    'a-any.example.com',
  ]);
});

test('what external-dns writes is read, and nothing else is', () => {
  const read = parseExternalDns(
    '"heritage=external-dns,external-dns/owner=me,external-dns/resource=ingress/shop/web"',
  );
  assert.deepEqual(read, { owner: 'me', ingress: 'shop/web' });
  assert.deepEqual(parseExternalDns('"heritage=external-dns,external-dns/owner=me"'), {
    owner: 'me',
    ingress: undefined,
  });
  assert.deepEqual(
    parseExternalDns('heritage=external-dns,external-dns/owner=me,external-dns/resource=service/shop/web'),
    { owner: 'me', ingress: undefined },
  );
  for (const value of ['"v=spf1 -all"', '"heritage=alb-ingress,cluster=a,stack=b"', '', '"', '"c2VjcmV0"'])
    assert.equal(parseExternalDns(value), undefined, value);
  fc.assert(fc.property(fc.string(), (value) => void parseExternalDns(value)));
});
