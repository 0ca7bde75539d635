/** Annotations without their prefix, read as those of an object; and the JSON of actions. */
import type { Parser } from '../../src/core/annotations/parser.ts';
import { problemText } from '../../src/core/annotations/problem.ts';
import { type Reading, readSettings } from '../../src/core/annotations/read.ts';
import type { Place } from '../../src/core/annotations/row.ts';
import { PREFIX } from '../../src/core/annotations/table.ts';

type Values = Readonly<Record<string, string>>;

export const read = (values: Values, on: Place = 'ingress'): Reading =>
  readSettings(
    Object.fromEntries(Object.entries(values).map(([name, value]) => [`${PREFIX}${name}`, value])),
    on,
  );

/** What is said of them. */
export const texts = (values: Values, on: Place = 'ingress'): readonly string[] =>
  read(values, on).problems.map(problemText);

export const parse = (parser: Parser<unknown>, raw: string) => parser.parse(raw);

export const GROUP_ARN =
  'arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/blue/0123456789abcdef';
export const forward = (...groups: object[]): string =>
  JSON.stringify({ type: 'forward', forwardConfig: { targetGroups: groups } });
export const redirect = (config: object): string =>
  JSON.stringify({ type: 'redirect', redirectConfig: { statusCode: 'HTTP_302', ...config } });
export const fixed = (config: object): string =>
  JSON.stringify({ type: 'fixed-response', fixedResponseConfig: config });
export const service = (weight?: number, servicePort: unknown = 80) => ({
  serviceName: 'a',
  servicePort,
  weight,
});
