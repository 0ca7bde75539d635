import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { RuleCondition } from '@aws-sdk/client-elastic-load-balancing-v2';
import { suiteWorld } from './dataplane-suite.ts';
import { type Ask, ask, fixed } from './dataplane-world.ts';

const hosts = (...Values: string[]): RuleCondition => ({
  Field: 'host-header',
  HostHeaderConfig: { Values },
});
const paths = (...Values: string[]): RuleCondition => ({
  Field: 'path-pattern',
  PathPatternConfig: { Values },
});
const header = (HttpHeaderName: string, ...Values: string[]): RuleCondition => ({
  Field: 'http-header',
  HttpHeaderConfig: { HttpHeaderName, Values },
});
const methods = (...Values: string[]): RuleCondition => ({
  Field: 'http-request-method',
  HttpRequestMethodConfig: { Values },
});
const query = (...Values: { Key?: string; Value: string }[]): RuleCondition => ({
  Field: 'query-string',
  QueryStringConfig: { Values },
});
const sources = (...Values: string[]): RuleCondition => ({ Field: 'source-ip', SourceIpConfig: { Values } });
const hostRegex = (...RegexValues: string[]): RuleCondition => ({
  Field: 'host-header',
  HostHeaderConfig: { RegexValues },
});
const pathRegex = (...RegexValues: string[]): RuleCondition => ({
  Field: 'path-pattern',
  PathPatternConfig: { RegexValues },
});
const headerRegex = (HttpHeaderName: string, ...RegexValues: string[]): RuleCondition => ({
  Field: 'http-header',
  HttpHeaderConfig: { HttpHeaderName, RegexValues },
});

/** A request and whether a rule with the condition takes it. */
type Case = readonly [name: string, conditions: readonly RuleCondition[], request: Ask, taken: boolean];

const host = (value: string): Ask => ({ headers: { Host: value } });
const at = (path: string): Ask => ({ path });

const CASES: readonly Case[] = [
  ['host: exact', [hosts('a.example.com')], host('a.example.com'), true],
  ['host: another', [hosts('a.example.com')], host('b.example.com'), false],
  ['host: case is ignored on both sides', [hosts('A.Example.com')], host('a.eXAMPLE.com'), true],
  ['host: port is ignored', [hosts('a.example.com')], host('a.example.com:8080'), true],
  ['host: wildcard spans labels', [hosts('*.example.com')], host('a.b.example.com'), true],
  ['host: wildcard does not take the apex', [hosts('*.example.com')], host('example.com'), false],
  ['host: ? is exactly one character', [hosts('a?.example.com')], host('a.example.com'), false],
  ['host: values are alternatives', [hosts('a.example.com', 'b.example.com')], host('b.example.com'), true],
  ['host: legacy Values', [{ Field: 'host-header', Values: ['a.example.com'] }], host('a.example.com'), true],
  ['path: exact', [paths('/a')], at('/a'), true],
  ['path: exact does not take what is below', [paths('/a')], at('/a/b'), false],
  ['path: case counts', [paths('/A')], at('/a'), false],
  ['path: * crosses slashes', [paths('/a/*')], at('/a/b/c'), true],
  ['path: * may be empty', [paths('/a/*')], at('/a/'), true],
  ['path: ? is one character', [paths('/a?c')], at('/abc'), true],
  ['path: ? is not none', [paths('/a?c')], at('/ac'), false],
  ['path: several wildcards', [paths('/*/x/*.jpg')], at('/1/2/x/3.jpg'), true],
  ['path: several wildcards, end differs', [paths('/*/x/*.jpg')], at('/1/2/x/3.png'), false],
  ['path: query does not take part', [paths('/a')], at('/a?b=c'), true],
  ['path: dot segments are resolved first', [paths('/a/c')], at('/a/b/../c'), true],
  ['path: escaped unreserved characters are decoded first', [paths('/abc')], at('/%61bc'), true],
  ['path: legacy Values', [{ Field: 'path-pattern', Values: ['/a'] }], at('/a'), true],
  ['header: value ignores case', [header('X-Kind', 'BETA')], { headers: { 'x-kind': 'beta' } }, true],
  ['header: glob', [header('User-Agent', '*Chrome*')], { headers: { 'User-Agent': 'A Chrome/1' } }, true],
  ['header: absent', [header('X-Kind', '*')], {}, false],
  [
    'header: every occurrence is looked at',
    [header('X-Kind', 'b')],
    { headers: { 'X-Kind': ['a', 'b'] } },
    true,
  ],
  ['method: listed', [methods('GET', 'PUT')], { method: 'PUT' }, true],
  ['method: not listed', [methods('GET')], { method: 'PUT' }, false],
  ['query: key and value', [query({ Key: 'v', Value: '1' })], at('/?v=1'), true],
  ['query: case is ignored', [query({ Key: 'V', Value: 'ONE' })], at('/?v=one'), true],
  ['query: key matters', [query({ Key: 'v', Value: '1' })], at('/?w=1'), false],
  ['query: without key any pair', [query({ Value: 'x*' })], at('/?a=1&b=xyz'), true],
  ['query: escaped star is a star', [query({ Key: 'v', Value: '\\*' })], at('/?v=*'), true],
  ['query: escaped star is not a wildcard', [query({ Key: 'v', Value: '\\*' })], at('/?v=a'), false],
  ['query: percent escapes are decoded', [query({ Key: 'v', Value: 'a b' })], at('/?v=a%20b'), true],
  ['source: inside the block', [sources('127.8.0.0/16')], { localAddress: '127.8.1.2' }, true],
  ['source: outside the block', [sources('127.8.0.0/16')], { localAddress: '127.9.1.2' }, false],
  [
    'source: X-Forwarded-For does not count',
    [sources('10.0.0.0/8')],
    { headers: { 'X-Forwarded-For': '10.1.2.3' } },
    false,
  ],
  ['source: IPv6 block beside an IPv4 one', [sources('2001:db8::/32', '127.0.0.0/8')], {}, true],
  ['regex: host', [hostRegex('^(a|b)\\.example\\.com$')], host('b.example.com'), true],
  ['regex: host, no match', [hostRegex('^(a|b)\\.example\\.com$')], host('c.example.com'), false],
  ['regex: path', [pathRegex('^/v[0-9]+/')], at('/v12/x'), true],
  ['regex: path counts case', [pathRegex('^/v[0-9]+/')], at('/V12/x'), false],
  ['regex: header', [headerRegex('X-Kind', '^be.a$')], { headers: { 'X-Kind': 'beta' } }, true],
  [
    'conditions add up: all hold',
    [hosts('a.example.com'), paths('/a')],
    { path: '/a', headers: { Host: 'a.example.com' } },
    true,
  ],
  [
    'conditions add up: one fails',
    [hosts('a.example.com'), paths('/a')],
    { path: '/b', headers: { Host: 'a.example.com' } },
    false,
  ],
];

describe('one rule with conditions, in front of a default of 404', () => {
  const world = suiteWorld();
  for (const [name, conditions, request, taken] of CASES) {
    test(name, async () => {
      const loadBalancer = world.loadBalancer();
      const listener = world.listener(loadBalancer, [fixed('default', '404')]);
      world.rule(listener, 1, [...conditions], fixed('taken'));
      await world.changed();
      const answer = await ask(world, loadBalancer, request);
      assert.equal(answer.body, taken ? 'taken' : 'default');
    });
  }
});

describe('several rules', () => {
  const world = suiteWorld();

  test('the lowest number that fits wins, whatever the order of creation', async () => {
    const loadBalancer = world.loadBalancer();
    const listener = world.listener(loadBalancer, [fixed('default', '404')]);
    world.rule(listener, 100, [paths('/*')], fixed('hundred'));
    world.rule(listener, 9, [paths('/a*')], fixed('nine'));
    world.rule(listener, 20, [hosts('*.example.com')], fixed('twenty'));
    await world.changed();
    assert.equal((await ask(world, loadBalancer, at('/abc'))).body, 'nine');
    assert.equal(
      (await ask(world, loadBalancer, { path: '/x', headers: { Host: 'q.example.com' } })).body,
      'twenty',
    );
    assert.equal((await ask(world, loadBalancer, at('/x'))).body, 'hundred');
  });

  test('rules of one listener do not reach another, and the default rule in the rule list is not a rule', async () => {
    const loadBalancer = world.loadBalancer();
    const first = world.listener(loadBalancer, [fixed('first', '404')]);
    const second = world.listener(loadBalancer, [fixed('second', '404')], { Port: 8081 });
    world.rule(first, 1, [paths('/a')], fixed('rule'));
    const fallback = world.rule(second, 1, [], fixed('wrong'));
    world.state.rules.set(fallback.RuleArn, { ...fallback, Priority: 'default', IsDefault: true });
    await world.changed();
    assert.equal((await ask(world, loadBalancer, { path: '/a', port: 80 })).body, 'rule');
    assert.equal((await ask(world, loadBalancer, { path: '/a', port: 8081 })).body, 'second');
  });

  test('a change is in force with the next request, on the same connection target', async () => {
    const loadBalancer = world.loadBalancer();
    const listener = world.listener(loadBalancer, [fixed('old', '404')]);
    await world.changed();
    assert.equal((await ask(world, loadBalancer)).body, 'old');
    listener.DefaultActions = [fixed('new', '404')];
    world.rule(listener, 5, [paths('/five')], fixed('five'));
    await world.changed();
    assert.equal((await ask(world, loadBalancer)).body, 'new');
    assert.equal((await ask(world, loadBalancer, at('/five'))).body, 'five');
  });

  test('a hundred rules by host each answer for their own', async () => {
    const loadBalancer = world.loadBalancer();
    const listener = world.listener(loadBalancer, [fixed('default', '404')]);
    for (let index = 1; index <= 100; index++) {
      world.rule(listener, index, [hosts(`h${index}.example.com`), paths('/*')], fixed(`rule ${index}`));
    }
    await world.changed();
    for (const index of [1, 50, 100]) {
      assert.equal((await ask(world, loadBalancer, host(`h${index}.example.com`))).body, `rule ${index}`);
    }
    assert.equal((await ask(world, loadBalancer, host('h101.example.com'))).body, 'default');
  });

  test('a rule that cannot be compiled is left out and named in the log', async () => {
    const loadBalancer = world.loadBalancer();
    const listener = world.listener(loadBalancer, [fixed('default', '404')]);
    const rule = world.rule(listener, 1, [pathRegex('(?=look)')], fixed('taken'));
    await world.changed();
    assert.equal((await ask(world, loadBalancer, at('/look'))).body, 'default');
    assert.ok(world.log.some((line) => line.includes(rule.RuleArn)));
  });
});
