/** What an ALB rule matches and does. Field values are those of the ELBv2 API, references are keys. */
import { canonical, sha256Hex } from './digest.ts';
import type { Guard } from './guard.ts';
import { identity, type Key } from './key.ts';

/** Glob values (`*`, `?`) or regular expressions, never both; OR-ed. */
export type Values =
  | { readonly values: readonly string[]; readonly regexValues?: never }
  | { readonly regexValues: readonly string[]; readonly values?: never };

/** Conditions of one rule are AND-ed. */
export type Condition =
  | ({ readonly field: 'host-header' } & Values)
  | ({ readonly field: 'path-pattern' } & Values)
  | ({ readonly field: 'http-header'; readonly header: string } & Values)
  | { readonly field: 'http-request-method'; readonly values: readonly string[] }
  | {
      readonly field: 'query-string';
      readonly pairs: readonly { readonly key?: string; readonly value: string }[];
    }
  | { readonly field: 'source-ip'; readonly values: readonly string[] };

/**
 * Changes a request on its way to the targets, after matching; at most one of each type in a rule. `replace` may
 * name groups of the expression (`$1`). A URL is its path and query.
 */
export type Transform = {
  readonly type: 'url-rewrite' | 'host-header-rewrite';
  readonly regex: string;
  readonly replace: string;
};

/** A target group of this graph by key, or one somebody else made, by ARN. Weight 0..999. */
export type WeightedTargetGroup = {
  readonly targetGroup: Key<'target-group'> | `arn:${string}`;
  readonly weight: number;
};

/** What becomes of a request in the end. The last action of a rule is one of these, and only the last. */
export type LastAction =
  | {
      readonly type: 'forward';
      readonly targetGroups: readonly WeightedTargetGroup[];
      /** Seconds, 1..604800, when requests of one client stay with one target group; absent: they do not. */
      readonly stickinessSeconds?: number;
    }
  | {
      readonly type: 'redirect';
      readonly protocol: string;
      readonly host: string;
      readonly port: string;
      readonly path: string;
      readonly query: string;
      readonly statusCode: 'HTTP_301' | 'HTTP_302';
    }
  | {
      readonly type: 'fixed-response';
      readonly statusCode: string;
      readonly contentType: string;
      readonly messageBody: string;
    };

/** Guards come first: a login, then a check of tokens. */
export type Action = Guard | LastAction;

/** Two rules with the same conditions are the same rule, whatever they do: AWS changes actions in place. */
export const ruleKey = (listener: Key<'listener'>, conditions: readonly Condition[]): Key<'rule'> =>
  `rule/${identity(listener)}#${conditionsDigest(conditions)}`;

const sorted = (values: readonly string[] | undefined): readonly string[] | undefined =>
  values === undefined ? undefined : [...values].sort();

/** Values inside a condition are OR-ed and conditions AND-ed: neither order means anything. */
const conditionsDigest = (conditions: readonly Condition[]): string => {
  const forms = conditions.map((condition) => {
    switch (condition.field) {
      case 'query-string':
        return canonical({ ...condition, pairs: condition.pairs.map(canonical).sort() });
      case 'http-request-method':
      case 'source-ip':
        return canonical({ ...condition, values: sorted(condition.values) });
      case 'http-header':
        return canonical({
          field: condition.field,
          header: condition.header.toLowerCase(),
          values: sorted(condition.values),
          regexValues: sorted(condition.regexValues),
        });
      default:
        return canonical({
          field: condition.field,
          values: sorted(condition.values),
          regexValues: sorted(condition.regexValues),
        });
    }
  });
  return sha256Hex([forms.sort().join()], 10);
};
