/** Conditions of rules: what AWS refuses, and the form in which it gives them back. */
import type { RuleCondition } from '@aws-sdk/client-elastic-load-balancing-v2';
import { parseCidr } from '../ec2/addresses.ts';
import type { Facts } from '../facts.ts';
import { invalid } from './invalid.ts';
import { checkRegex } from './regex.ts';

type Field =
  | 'host-header'
  | 'path-pattern'
  | 'http-header'
  | 'http-request-method'
  | 'query-string'
  | 'source-ip';

const CONFIG = {
  'host-header': 'HostHeaderConfig',
  'path-pattern': 'PathPatternConfig',
  'http-header': 'HttpHeaderConfig',
  'http-request-method': 'HttpRequestMethodConfig',
  'query-string': 'QueryStringConfig',
  'source-ip': 'SourceIpConfig',
} as const satisfies Record<Field, keyof RuleCondition>;

const ONCE: readonly Field[] = ['host-header', 'path-pattern', 'http-request-method', 'source-ip'];

/** Checks the conditions of one rule and returns them as AWS describes them. */
export const checkConditions = (facts: Facts, given: readonly RuleCondition[]): RuleCondition[] => {
  if (given.length === 0) throw invalid('A rule must have at least one condition');
  const conditions = given.map(complete);
  for (const field of ONCE) {
    if (given.filter(({ Field }) => Field === field).length > 1)
      throw invalid(`A rule can only have one '${field}' condition`);
  }
  const values = conditions.flatMap(valuesOf);
  if (values.length > facts.conditionValuesPerRule) {
    throw invalid(`A rule can only have '${facts.conditionValuesPerRule}' condition values`);
  }
  const globs = conditions.flatMap(globsOf);
  const wildcards = globs.reduce(
    (sum, glob) => sum + (glob.replace(/\\[*?]/g, '').match(/[*?]/g)?.length ?? 0),
    0,
  );
  if (wildcards > facts.wildcardsPerRule) {
    throw invalid(`A rule can only have '${facts.wildcardsPerRule}' condition wildcards`);
  }
  return conditions;
};

const isField = (field: string | undefined): field is Field => field !== undefined && field in CONFIG;

const complete = (condition: RuleCondition): RuleCondition => {
  const { Field: field } = condition;
  if (!isField(field))
    throw invalid(`Condition field '${field}' must be one of '[${Object.keys(CONFIG).join(', ')}]'`);
  checkConfigs(condition, field);
  const filled = shorthand(condition, field);
  CHECKS[field](filled);
  return filled;
};

const checkConfigs = (condition: RuleCondition, field: Field): void => {
  const present = Object.values(CONFIG).filter((name) => condition[name] !== undefined);
  const own = CONFIG[field];
  const foreign = present.find((name) => name !== own);
  if (foreign !== undefined) throw invalid(`A condition of field '${field}' cannot have '${foreign}'`);
  const { Values, RegexValues } = condition;
  if ((Values ?? RegexValues) !== undefined && present.length > 0) {
    throw invalid(`You cannot specify both Values and '${own}' for a condition of field '${field}'`);
  }
  if (Values === undefined && RegexValues === undefined && present.length === 0)
    throw invalid(`A condition value must be specified for '${field}'`);
};

/** `Values` beside the field exist for host and path only; AWS lists such conditions in both forms. */
const shorthand = (condition: RuleCondition, field: Field): RuleCondition => {
  const { Values, RegexValues } = condition;
  if (field === 'host-header' || field === 'path-pattern') {
    const name = CONFIG[field];
    const config = condition[name] ?? { ...(Values && { Values }), ...(RegexValues && { RegexValues }) };
    if (Values !== undefined && Values.length > 1) {
      throw invalid(`The 'Values' of a '${field}' condition can only have one value; use '${name}' for more`);
    }
    return {
      Field: field,
      ...(config.Values && { Values: config.Values }),
      ...(config.RegexValues && { RegexValues: config.RegexValues }),
      [name]: config,
    };
  }
  if (Values !== undefined || RegexValues !== undefined)
    throw invalid(`A condition of field '${field}' needs '${CONFIG[field]}', not Values`);
  return condition;
};

type Patterns = {
  readonly Values?: readonly string[] | undefined;
  readonly RegexValues?: readonly string[] | undefined;
};

/** Globs or regular expressions, one of the two; `check` looks at each glob. */
const checkPatterns = (field: Field, config: Patterns | undefined, check: (glob: string) => void): void => {
  const { Values = [], RegexValues = [] } = config ?? {};
  if (Values.length > 0 && RegexValues.length > 0)
    throw invalid(`A '${field}' condition cannot have both Values and RegexValues`);
  if (Values.length + RegexValues.length === 0)
    throw invalid(`A condition value must be specified for '${field}'`);
  for (const regex of RegexValues) checkRegex(regex, 128);
  for (const glob of Values) {
    if (glob.length < 1 || glob.length > 128)
      throw invalid(`The '${field}' value '${glob}' must have between 1 and 128 characters`);
    check(glob);
  }
};

const checkHost = (glob: string): void => {
  if (!/^[A-Za-z0-9.*?:_-]+$/.test(glob))
    throw invalid(`The host-header value '${glob}' contains invalid characters`);
  const last = glob.slice(glob.lastIndexOf('.') + 1);
  if (!glob.includes('.'))
    throw invalid(`The host-header value '${glob}' must contain at least one '.' character`);
  if (!/^[A-Za-z]+$/.test(last))
    throw invalid(`The host-header value '${glob}' must have only letters after its last '.'`);
};

/** Letters, digits and `_-.$/~"'@:+&`, with `*` and `?` as wildcards (API reference of RuleCondition). */
const checkPath = (glob: string): void => {
  if (!/^[A-Za-z0-9_\-.$/~"'@:+&*?]+$/.test(glob))
    throw invalid(`Condition value '${glob}' contains a character that is not valid`);
};

const checkHeaderName = (name: string | undefined): void => {
  if (name === undefined || name.length < 1 || name.length > 40) {
    throw invalid(`The header name '${name ?? ''}' must have between 1 and 40 characters`);
  }
  if (!/^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/.test(name))
    throw invalid(`The header name '${name}' contains invalid characters`);
  if (name.toLowerCase() === 'host')
    throw invalid("The header name 'Host' is not possible: use a condition of field 'host-header'");
};

const checkCidr = (cidr: string): void => {
  if (parseCidr(cidr) === undefined) throw invalid(`The source-ip value '${cidr}' is not a valid CIDR block`);
  if (cidr === '255.255.255.255/32') throw invalid(`The source-ip value '${cidr}' is not possible`);
};

const checkQuery = (condition: RuleCondition): void => {
  const pairs = condition.QueryStringConfig?.Values ?? [];
  if (pairs.length === 0) throw invalid("A condition value must be specified for 'query-string'");
  for (const { Key, Value } of pairs) {
    if (Value === undefined || Value === '')
      throw invalid("A 'query-string' condition needs a Value in each pair");
    for (const text of [Key ?? '', Value]) {
      if (text.length > 128)
        throw invalid(`The query-string value '${text}' cannot be longer than '128' characters`);
    }
  }
};

const CHECKS: Readonly<Record<Field, (condition: RuleCondition) => void>> = {
  'host-header': ({ HostHeaderConfig: config }) => checkPatterns('host-header', config, checkHost),
  'path-pattern': ({ PathPatternConfig: config }) => checkPatterns('path-pattern', config, checkPath),
  'http-header': ({ HttpHeaderConfig: config }) => {
    checkHeaderName(config?.HttpHeaderName);
    checkPatterns('http-header', config, () => undefined);
  },
  'http-request-method': ({ HttpRequestMethodConfig: config }) => {
    const methods = config?.Values ?? [];
    if (methods.length === 0) throw invalid("A condition value must be specified for 'http-request-method'");
    const wrong = methods.find((method) => !/^[A-Z_-]{1,40}$/.test(method));
    if (wrong !== undefined)
      throw invalid(`The request method '${wrong}' must be 1 to 40 characters of A-Z, '-' and '_'`);
  },
  'query-string': checkQuery,
  'source-ip': ({ SourceIpConfig: config }) => {
    const blocks = config?.Values ?? [];
    if (blocks.length === 0) throw invalid("A condition value must be specified for 'source-ip'");
    for (const cidr of blocks) checkCidr(cidr);
  },
};

const globsOf = (condition: RuleCondition): readonly string[] => [
  ...(condition.HostHeaderConfig?.Values ?? []),
  ...(condition.PathPatternConfig?.Values ?? []),
  ...(condition.HttpHeaderConfig?.Values ?? []),
  ...(condition.QueryStringConfig?.Values ?? []).flatMap(({ Key, Value }) => [Key ?? '', Value ?? '']),
];

const valuesOf = (condition: RuleCondition): readonly unknown[] => [
  ...(condition.HostHeaderConfig?.Values ?? []),
  ...(condition.HostHeaderConfig?.RegexValues ?? []),
  ...(condition.PathPatternConfig?.Values ?? []),
  ...(condition.PathPatternConfig?.RegexValues ?? []),
  ...(condition.HttpHeaderConfig?.Values ?? []),
  ...(condition.HttpHeaderConfig?.RegexValues ?? []),
  ...(condition.HttpRequestMethodConfig?.Values ?? []),
  ...(condition.QueryStringConfig?.Values ?? []),
  ...(condition.SourceIpConfig?.Values ?? []),
];
