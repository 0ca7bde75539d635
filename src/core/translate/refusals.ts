/** Backends that are fine in themselves and cannot be used where they are wanted. */
import { listenerRefusal } from '../annotations/overlay.ts';
import { PREFIX } from '../annotations/table.ts';
import { RESOURCE_TAG } from '../model/names.ts';
import type { ListenerSpec } from '../model/resource.ts';
import type { Action, Condition } from '../model/rule.ts';
import type { Guarded } from './guarded.ts';
import type { MemberRules } from './rules.ts';

type On = Pick<ListenerSpec, 'protocol' | 'port'>;

/** Why these actions cannot be on the listener; undefined when they can. */
export const refusalOf = (
  { actions, targetGroups }: Pick<Guarded, 'actions' | 'targetGroups'>,
  on: On,
): string | undefined => {
  for (const group of targetGroups) {
    const why = listenerRefusal(on.protocol, group.spec.protocolVersion);
    if (why !== undefined) return `${PREFIX}backend-protocol-version on port ${on.port}: ${why}`;
  }
  return on.protocol === 'HTTPS' && actions.some((it) => it.type === 'redirect' && it.protocol === 'HTTP')
    ? `port ${on.port}: AWS redirects from HTTPS to HTTPS only; expected redirectConfig.protocol HTTPS or #{protocol}`
    : undefined;
};

/** Hosts and paths that a rule matches, as patterns. */
export type Matched = { readonly hosts: readonly string[]; readonly paths: readonly string[] };

/**
 * A redirect to where the request already is, or to a host and path that the same rule names and would redirect again;
 * LBC leaves such a rule out on that listener as well.
 */
export const loops = (action: Action, on: On, { hosts, paths }: Matched): boolean =>
  action.type === 'redirect' &&
  ['#{protocol}', on.protocol].includes(action.protocol) &&
  ['#{port}', String(on.port)].includes(action.port) &&
  ['#{host}', ...hosts].includes(action.host.toLowerCase()) &&
  ['/#{path}', ...paths].includes(action.path) &&
  action.query === '#{query}';

/** What the conditions on host and path say, without regular expressions. */
export const matchedBy = (conditions: readonly Condition[]): Matched => {
  const valuesOf = (field: 'host-header' | 'path-pattern'): readonly string[] =>
    conditions.flatMap((it) => (it.field === field ? (it.values ?? []) : []));
  return { hosts: valuesOf('host-header'), paths: valuesOf('path-pattern') };
};

/**
 * The resource tag that LBC gave us says `<ingress>-<service>:<port>`: `web` and `a-b` look like `web-a` and `b`.
 * Two Services must never share a target group.
 */
export const clashOf = (
  ingress: string,
  { targetGroups }: Pick<Guarded, 'targetGroups'>,
  drafts: ReadonlyMap<string, MemberRules>,
): string | undefined => {
  for (const [id, { rules, fallback }] of drafts) {
    if (id >= ingress) continue;
    const taken = [...rules, ...(fallback ? [fallback] : [])].flatMap((it) => it.targetGroups);
    const twin = targetGroups.find((group) => taken.some((it) => it.key === group.key));
    if (twin)
      return `the target group would be ${twin.spec.tags[RESOURCE_TAG]}, which belongs to Ingress ${id}; rename the Ingress or the Service`;
  }
  return undefined;
};
