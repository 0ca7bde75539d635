/** Conditions of rules, between AWS's shape and ours. */
import type { RuleCondition } from '@aws-sdk/client-elastic-load-balancing-v2';
import type { Condition, Values } from '../../core/model/rule.ts';

/** AWS tells host and path values twice: plainly, and in a config of their own. */
export const fromSdkConditions = (found: readonly RuleCondition[] | undefined): readonly Condition[] =>
  (found ?? []).map(fromSdkCondition);

const fromSdkCondition = (found: RuleCondition): Condition => {
  switch (found.Field) {
    case 'host-header':
      return { field: 'host-header', ...valuesOf(found.HostHeaderConfig, found.Values) };
    case 'path-pattern':
      return { field: 'path-pattern', ...valuesOf(found.PathPatternConfig, found.Values) };
    case 'http-header':
      return {
        field: 'http-header',
        header: found.HttpHeaderConfig?.HttpHeaderName ?? '',
        ...valuesOf(found.HttpHeaderConfig),
      };
    case 'http-request-method':
      return { field: 'http-request-method', values: found.HttpRequestMethodConfig?.Values ?? [] };
    case 'source-ip':
      return { field: 'source-ip', values: found.SourceIpConfig?.Values ?? [] };
    case 'query-string':
      return {
        field: 'query-string',
        pairs: (found.QueryStringConfig?.Values ?? []).map(({ Key, Value }) => ({
          ...(Key && { key: Key }),
          value: Value ?? '',
        })),
      };
    default:
      // AWS documentation knows these six; another one must never look equal to any of ours.
      return { field: 'http-header', header: `unknown condition ${found.Field}`, values: [] };
  }
};

type FoundValues = { readonly Values?: string[] | undefined; readonly RegexValues?: string[] | undefined };

const valuesOf = (config: FoundValues | undefined, plain: readonly string[] = []): Values => {
  if (config?.RegexValues?.length) return { regexValues: config.RegexValues };
  return { values: config?.Values?.length ? config.Values : plain };
};

export const toSdkConditions = (conditions: readonly Condition[]): RuleCondition[] =>
  conditions.map(toSdkCondition);

const toSdkCondition = (condition: Condition): RuleCondition => {
  switch (condition.field) {
    case 'host-header':
      return { Field: condition.field, HostHeaderConfig: toSdkValues(condition) };
    case 'path-pattern':
      return { Field: condition.field, PathPatternConfig: toSdkValues(condition) };
    case 'http-header':
      return {
        Field: condition.field,
        HttpHeaderConfig: { HttpHeaderName: condition.header, ...toSdkValues(condition) },
      };
    case 'http-request-method':
      return { Field: condition.field, HttpRequestMethodConfig: { Values: [...condition.values] } };
    case 'source-ip':
      return { Field: condition.field, SourceIpConfig: { Values: [...condition.values] } };
    case 'query-string':
      return {
        Field: condition.field,
        QueryStringConfig: {
          Values: condition.pairs.map(({ key, value }) => ({
            ...(key !== undefined && { Key: key }),
            Value: value,
          })),
        },
      };
  }
};

const toSdkValues = (values: Values): { Values?: string[]; RegexValues?: string[] } =>
  values.regexValues ? { RegexValues: [...values.regexValues] } : { Values: [...values.values] };
