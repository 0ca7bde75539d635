import { BlockList, isIPv6 } from 'node:net';
import type { QueryStringKeyValuePair, RuleCondition } from '@aws-sdk/client-elastic-load-balancing-v2';
import { globMatcher } from './glob.ts';
import { patternMatcher } from './pattern.ts';
import { headerValues, type RequestFacts } from './request-facts.ts';

/**
 * A compiled rule condition. Host conditions are told apart because they decide which rules a host name can reach at
 * all, so they are evaluated once per host name and not once per request.
 */
export type Condition =
  | { readonly on: 'host'; readonly test: (host: string) => boolean }
  | { readonly on: 'request'; readonly test: (request: RequestFacts) => boolean };

/** Compiles one condition (values are alternatives). Throws, naming the field, for what a load balancer cannot hold. */
export const compileCondition = (condition: RuleCondition): Condition => {
  switch (condition.Field) {
    case 'host-header':
      return hostCondition(condition);
    case 'path-pattern':
      return pathCondition(condition);
    case 'http-header':
      return headerCondition(condition);
    case 'http-request-method': {
      const methods = new Set(condition.HttpRequestMethodConfig?.Values ?? []);
      return onRequest((request) => methods.has(request.method));
    }
    case 'query-string':
      return queryCondition(condition.QueryStringConfig?.Values ?? []);
    case 'source-ip':
      return sourceCondition(condition.SourceIpConfig?.Values ?? []);
    default:
      throw new Error(`condition field '${condition.Field}' is not one a load balancer knows`);
  }
};

type Test = (text: string) => boolean;

const onRequest = (test: (request: RequestFacts) => boolean): Condition => ({ on: 'request', test });

const anyOf = (tests: readonly Test[]): Test => {
  const [only] = tests;
  return tests.length === 1 && only !== undefined ? only : (text) => tests.some((test) => test(text));
};

const hostCondition = (condition: RuleCondition): Condition => {
  const { Values = condition.Values, RegexValues = [] } = condition.HostHeaderConfig ?? {};
  const globs = (Values ?? []).map((value) => globMatcher(value.toLowerCase()));
  return { on: 'host', test: anyOf([...globs, ...RegexValues.map((value) => patternMatcher(value, true))]) };
};

const pathCondition = (condition: RuleCondition): Condition => {
  const { Values = condition.Values, RegexValues = [] } = condition.PathPatternConfig ?? {};
  const globs = (Values ?? []).map((value) => globMatcher(value));
  const test = anyOf([...globs, ...RegexValues.map((value) => patternMatcher(value, false))]);
  return onRequest((request) => test(request.path));
};

const headerCondition = (condition: RuleCondition): Condition => {
  const { HttpHeaderName, Values = [], RegexValues = [] } = condition.HttpHeaderConfig ?? {};
  if (HttpHeaderName === undefined) throw new Error('condition http-header has no HttpHeaderName');
  const name = HttpHeaderName.toLowerCase();
  const globs = Values.map((value) => globMatcher(value.toLowerCase()));
  const patterns = RegexValues.map((value) => patternMatcher(value, true));
  return onRequest((request) =>
    headerValues(request.headers, name).some(
      (value) => globs.some((test) => test(value.toLowerCase())) || patterns.some((test) => test(value)),
    ),
  );
};

/** Keys and values are compared percent-decoded and without regard to case; a pair without `Key` fits any key. */
const queryCondition = (pairs: readonly QueryStringKeyValuePair[]): Condition => {
  const wanted = pairs.map((pair) => ({
    key: pair.Key === undefined ? undefined : globMatcher(pair.Key.toLowerCase(), true),
    value: globMatcher((pair.Value ?? '').toLowerCase(), true),
  }));
  return onRequest((request) => {
    if (request.query === '') return false;
    const given = request.query.split('&').map(splitPair);
    return wanted.some((pair) =>
      given.some(([key, value]) => (pair.key === undefined || pair.key(key)) && pair.value(value)),
    );
  });
};

const splitPair = (pair: string): readonly [string, string] => {
  const mark = pair.indexOf('=');
  return mark < 0 ? [decoded(pair), ''] : [decoded(pair.slice(0, mark)), decoded(pair.slice(mark + 1))];
};

const decoded = (text: string): string => {
  try {
    return decodeURIComponent(text).toLowerCase();
  } catch {
    return text.toLowerCase();
  }
};

const sourceCondition = (ranges: readonly string[]): Condition => {
  const list = new BlockList();
  for (const range of ranges) {
    const [address = '', bits] = range.split('/');
    const family = isIPv6(address) ? 'ipv6' : 'ipv4';
    if (bits === undefined) throw new Error(`condition source-ip: '${range}' is not a CIDR block`);
    list.addSubnet(address, Number(bits), family);
  }
  return onRequest((request) => list.check(request.peer, isIPv6(request.peer) ? 'ipv6' : 'ipv4'));
};
