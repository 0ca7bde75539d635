import type { Condition, Values } from '../model/rule.ts';
import { parseCidr } from './cidr.ts';
import { acceptUnless, type Parser, refuse } from './parser.ts';
import { expressionCharacters } from './path-pattern.ts';
import { isRe2, WITHOUT } from './regex.ts';
import { type Findings, fault, join, listOf, parseJson, record, type Shape, string, word } from './shape.ts';

/**
 * JSON of the conditions of one rule, AND-ed, in the shape that LBC documents. Several host-header (or path-pattern)
 * conditions are one with all their values, as LBC has it; translation adds the host and path of the Ingress rule.
 */
export const conditions: Parser<readonly Condition[]> = {
  type: 'JSON list of conditions',
  schema: { pattern: '^\\s*\\[' },
  parse: (raw) => {
    const json = parseJson(raw);
    if (json === undefined)
      return refuse(
        'JSON like [{"field":"http-request-method","httpRequestMethodConfig":{"values":["GET"]}}]',
      );
    const findings: Findings = { faults: [], remarks: [] };
    const entries = LIST(json, '', findings) ?? [];
    const read = entries
      .map((entry, index) => conditionOf(entry, `[${index}]`, findings))
      .filter((one) => one !== undefined);
    const merged = merge(read, findings);
    checkCount(merged, findings);
    return acceptUnless(findings.faults, () => merged, findings.remarks);
  },
};

/** AWS: a value is at most 128 characters; a rule takes five values, of which each condition needs one. */
const LONGEST = 128;
const MOST_CONDITIONS = 5;

const valuesOf = (expected: string, fits: (value: string) => boolean): Shape<readonly string[]> =>
  listOf(
    string(
      `${expected}, 1 to ${LONGEST} characters`,
      (value) => value !== '' && value.length <= LONGEST && fits(value),
    ),
    1,
    100,
  );

const REGEXES = valuesOf(`a regular expression ${WITHOUT}`, isRe2);

const isPattern = (value: string): boolean =>
  /^[\x21-\x7e]+$/.test(value) && expressionCharacters(value) === undefined;

const HOSTS = valuesOf(
  'a host name with a dot, only letters after the last one; * and ? are wildcards',
  (value) => /^[A-Za-z0-9.*?-]*\.[A-Za-z]+$/.test(value),
);

const CIDR: Shape<string> = (value, at, findings) => {
  const cidr = typeof value === 'string' ? parseCidr(value) : undefined;
  const usable = cidr !== undefined && cidr.text !== '255.255.255.255/32';
  return usable
    ? cidr.text
    : fault(findings, at, 'an IPv4 or IPv6 block like 10.0.0.0/8, not 255.255.255.255/32', value);
};

const PAIR = record({
  key: string(`at most ${LONGEST} characters`, (value) => value.length <= LONGEST),
  value: string(`1 to ${LONGEST} characters`, (value) => value !== '' && value.length <= LONGEST),
});

const LIST = listOf(
  record({
    field: word(
      'host-header',
      'path-pattern',
      'http-header',
      'http-request-method',
      'query-string',
      'source-ip',
    ),
    hostHeaderConfig: record({ values: HOSTS, regexValues: REGEXES }),
    pathPatternConfig: record({
      values: valuesOf('a path without spaces and ()[]{}^|\\<>; * and ? are wildcards', isPattern),
      regexValues: REGEXES,
    }),
    httpHeaderConfig: record({
      httpHeaderName: string(
        'a header name of at most 40 characters, not Host',
        (value) => value.length <= 40 && /^(?!host$)[\w!#$%&'*+.^`|~-]+$/i.test(value),
      ),
      values: valuesOf('a header value; * and ? are wildcards', () => true),
      regexValues: REGEXES,
    }),
    httpRequestMethodConfig: record({
      values: listOf(
        string('a method of at most 40 of A-Z, - and _', (value) => /^[A-Z_-]{1,40}$/.test(value)),
        1,
        100,
      ),
    }),
    queryStringConfig: record({ values: listOf(PAIR, 1, 100) }),
    sourceIPConfig: record({ values: listOf(CIDR, 1, 100) }),
  }),
  0,
  100,
);

type Entry = NonNullable<ReturnType<typeof LIST>>[number];

const CONFIGS = {
  'host-header': 'hostHeaderConfig',
  'path-pattern': 'pathPatternConfig',
  'http-header': 'httpHeaderConfig',
  'http-request-method': 'httpRequestMethodConfig',
  'query-string': 'queryStringConfig',
  'source-ip': 'sourceIPConfig',
} as const satisfies Record<Condition['field'], keyof Entry>;

const conditionOf = (entry: Entry, at: string, findings: Findings): Condition | undefined => {
  const { field } = entry;
  if (field === undefined)
    return fault(findings, join(at, 'field'), `one of ${Object.keys(CONFIGS).join(', ')}`);
  const name = CONFIGS[field];
  const place = join(at, name);
  if (entry[name] === undefined) return fault(findings, place, `a ${name}, because field is ${field}`);
  remarkUnused(entry, at, findings, name);
  switch (field) {
    case 'host-header':
      return either(entry.hostHeaderConfig ?? {}, place, findings, (values) => ({ field, ...values }));
    case 'path-pattern':
      return either(entry.pathPatternConfig ?? {}, place, findings, (values) => ({ field, ...values }));
    case 'http-header':
      return headerOf(entry.httpHeaderConfig ?? {}, place, findings);
    case 'http-request-method':
    case 'source-ip': {
      const values = entry[CONFIGS[field]]?.values;
      return values ? { field, values } : fault(findings, join(place, 'values'), 'at least one value');
    }
    case 'query-string':
      return queryOf(entry.queryStringConfig?.values, place, findings);
  }
};

const remarkUnused = (entry: Entry, at: string, findings: Findings, used: string): void => {
  for (const name of Object.values(CONFIGS))
    if (name !== used && entry[name] !== undefined)
      findings.remarks.push({
        at: join(at, name),
        expected: `has no effect: a condition on ${entry.field} does not use it`,
      });
};

type Written = { readonly values?: readonly string[]; readonly regexValues?: readonly string[] };

const either = (
  { values, regexValues }: Written,
  at: string,
  findings: Findings,
  make: (values: Values) => Condition,
): Condition | undefined => {
  if (values && regexValues) return fault(findings, at, 'either values or regexValues, not both');
  if (values) return make({ values });
  return regexValues ? make({ regexValues }) : fault(findings, at, 'values or regexValues');
};

const headerOf = (
  { httpHeaderName: header, ...written }: Written & { readonly httpHeaderName?: string },
  at: string,
  findings: Findings,
): Condition | undefined =>
  header === undefined
    ? fault(findings, join(at, 'httpHeaderName'), 'the name of the header')
    : either(written, at, findings, (values) => ({ field: 'http-header', header, ...values }));

const queryOf = (
  written: readonly { readonly key?: string; readonly value?: string }[] | undefined,
  at: string,
  findings: Findings,
): Condition | undefined => {
  if (!written) return fault(findings, join(at, 'values'), 'at least one value');
  const pairs = written.map(({ key, value }, index) =>
    value === undefined
      ? fault(findings, `${at}.values[${index}].value`, `1 to ${LONGEST} characters`)
      : { ...(key ? { key } : {}), value },
  );
  const read = pairs.filter((pair) => pair !== undefined);
  return read.length === pairs.length ? { field: 'query-string', pairs: read } : undefined;
};

/** Joins conditions on host or path into one; AWS takes one of each, and one on method and source per rule. */
const merge = (read: readonly Condition[], findings: Findings): readonly Condition[] => {
  const merged: Condition[] = [];
  for (const condition of read) {
    const { field } = condition;
    const index = merged.findIndex((other) => other.field === field);
    const earlier = merged[index];
    if (!earlier || field === 'http-header' || field === 'query-string') merged.push(condition);
    else if (field === 'http-request-method' || field === 'source-ip')
      fault(findings, field, `one condition on ${field} per rule: put all values into one list`);
    else merged[index] = union(earlier, condition, findings);
  }
  return merged;
};

const union = (earlier: Condition, later: Condition, findings: Findings): Condition => {
  if (earlier.field !== 'host-header' && earlier.field !== 'path-pattern') return earlier;
  if (later.field !== earlier.field) return earlier;
  const { field } = earlier;
  if (earlier.values && later.values)
    return { field, values: [...new Set([...earlier.values, ...later.values])] };
  if (earlier.regexValues && later.regexValues)
    return { field, regexValues: [...new Set([...earlier.regexValues, ...later.regexValues])] };
  fault(findings, field, 'either values or regexValues over all conditions on this field, not a mix');
  return earlier;
};

const checkCount = ({ length }: readonly Condition[], findings: Findings): void => {
  if (length > MOST_CONDITIONS)
    fault(
      findings,
      '',
      `at most ${MOST_CONDITIONS} conditions, because a rule takes so many values, got ${length}`,
    );
};
