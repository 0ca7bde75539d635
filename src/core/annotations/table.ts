import { CERTIFICATE_ROWS } from './certificate-rows.ts';
import { DNS_ROWS } from './dns-rows.ts';
import { FRONTEND_ROWS } from './frontend-rows.ts';
import { GUARD_ROWS } from './guard-rows.ts';
import { LISTENER_ROWS } from './listener-rows.ts';
import { LOAD_BALANCER_ROWS } from './load-balancer-rows.ts';
import type { ValueOf } from './parser.ts';
import type { Row } from './row.ts';
import { RULE_ROWS } from './rule-rows.ts';
import { TARGET_GROUP_ROWS } from './target-group-rows.ts';

/** What all annotations here begin with. */
export const PREFIX = 'alb.ingress.kubernetes.io/';

/**
 * Every annotation that means something, by what follows {@link PREFIX}. A name that ends in `*` is a family: the
 * star stands for a name that the user chooses, and the setting is a map by that name.
 */
export const ANNOTATIONS = {
  ...LOAD_BALANCER_ROWS,
  ...LISTENER_ROWS,
  ...CERTIFICATE_ROWS,
  ...TARGET_GROUP_ROWS,
  ...RULE_ROWS,
  ...GUARD_ROWS,
  ...FRONTEND_ROWS,
  ...DNS_ROWS,
} as const satisfies Record<string, Row>;

export type AnnotationName = keyof typeof ANNOTATIONS;

type Table = typeof ANNOTATIONS;
type Family = Extract<AnnotationName, `${string}*`>;

/** A name as written on an object, the star of a family filled in: `scheme`, `actions.pay`. */
export type AnnotationKey = {
  [N in AnnotationName]: N extends `${infer P}*` ? `${P}${string}` : N;
}[AnnotationName];

/** What one row holds: the value, or for a family a map from the name in place of the star. */
export type SettingOf<N extends AnnotationName> = N extends Family
  ? ReadonlyMap<string, ValueOf<Table[N]['parser']>>
  : ValueOf<Table[N]['parser']>;

/** Rows that always have a value: those with a default, and families (which may be empty). */
export type AlwaysSet = {
  [N in AnnotationName]: Table[N] extends { initial: string } ? N : N extends Family ? N : never;
}[AnnotationName];

/** Only what an object states. */
export type Stated = { readonly [N in AnnotationName]?: SettingOf<N> };

/** What holds for an object: what it states, and the defaults of the table for the rest. */
export type Settings = Stated & { readonly [N in AlwaysSet]: SettingOf<N> };
