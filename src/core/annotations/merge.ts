import { CERTIFICATE_SETTINGS } from './default-ports.ts';
import type { Conflict, GroupMember, Told } from './group-member.ts';
import { type FrontendPort, mergeFrontend } from './merge-frontend.ts';
import { type GroupListener, listenerRemarks, mergeListeners } from './merge-listeners.ts';
import { cut, problemOf } from './problem.ts';
import { DEFAULTS } from './read.ts';
import type { Row } from './row.ts';
import {
  type AlwaysSet,
  ANNOTATIONS,
  type AnnotationName,
  PREFIX,
  type SettingOf,
  type Stated,
} from './table.ts';

/** Rows with one value (or one per key) for the whole group. */
type GroupName = {
  [N in AnnotationName]: (typeof ANNOTATIONS)[N]['merge'] extends 'exclusive' | 'per-key' ? N : never;
}[AnnotationName];

export type GroupSettings = { readonly [N in GroupName]?: SettingOf<N> } & {
  readonly [N in GroupName & AlwaysSet]: SettingOf<N>;
};

export type MergedGroup = {
  /** With defaults. For a name in `unknown` do not act on it: somebody wants something that cannot be read. */
  readonly settings: GroupSettings;
  /** By port, lowest first; from listen-ports, certificate-arn, ssl-policy and inbound-cidrs. */
  readonly listeners: readonly GroupListener[];
  /** Ports of a Network Load Balancer in front, lowest first, should there be one. */
  readonly frontend: readonly FrontendPort[];
  readonly conflicts: readonly Conflict[];
  /** Group-wide settings that some member states in a way that cannot be used, and those members' ids. */
  readonly unknown: ReadonlyMap<AnnotationName, readonly string[]>;
  /** What shows only over the whole group, for the member that is to be told. */
  readonly problems: Told;
  /** The same, of things that stop nothing. */
  readonly remarks: Told;
};

/** In place of the defaults of the table. */
export type GroupDefaults = Pick<Stated, 'scheme' | 'ssl-policy'>;

/** Joins what the members of a group say, earliest first (by `group.order`, then namespace and name). */
export const mergeGroup = (members: readonly GroupMember[], defaults: GroupDefaults = {}): MergedGroup => {
  const { listeners, conflicts: onPorts } = mergeListeners(members, defaults['ssl-policy']);
  const conflicts: Conflict[] = [];
  const merged: Record<string, unknown> = {};
  for (const name of NAMES) {
    const { merge } = ROWS[name];
    if (merge === 'exclusive') merged[name] = exclusive(name, members, conflicts);
    if (merge === 'per-key') merged[name] = perKey(name, members, conflicts);
  }
  const unknown = unknownOf(members);
  const problems = redirectProblems(merged['ssl-redirect'], members, listeners, unknown);
  for (const { member } of problems)
    unknown.set('ssl-redirect', [...(unknown.get('ssl-redirect') ?? []), member]);
  if (problems.length > 0) delete merged['ssl-redirect'];
  const stated = Object.fromEntries(Object.entries(merged).filter(([, value]) => value !== undefined));
  const { 'ssl-policy': _, ...ofGroup } = defaults;
  const settings = { ...groupDefaults, ...ofGroup, ...stated };
  const front = mergeFrontend(members);
  // Nobody has to agree about what nobody wants.
  const aboutFront = settings['enable-frontend-nlb'] ? front : { conflicts: [], remarks: [] };
  return {
    settings,
    listeners,
    frontend: front.ports,
    conflicts: [...conflicts, ...[...onPorts, ...aboutFront.conflicts].map(cutValues)],
    unknown,
    problems,
    remarks: [...listenerRemarks(members, listeners), ...aboutFront.remarks],
  };
};

const ROWS: Readonly<Record<AnnotationName, Row>> = ANNOTATIONS;
const NAMES = Object.keys(ANNOTATIONS) as readonly AnnotationName[];

// The compiler cannot follow a filter on the rows' `merge`; GroupSettings says the same in types.
const groupDefaults = Object.fromEntries(
  NAMES.filter((name) => ROWS[name].merge === 'exclusive' || ROWS[name].merge === 'per-key')
    .filter((name) => DEFAULTS[name] !== undefined)
    .map((name) => [name, DEFAULTS[name]]),
) as GroupSettings;

const exclusive = (name: AnnotationName, members: readonly GroupMember[], conflicts: Conflict[]): unknown => {
  const [first, ...others] = members.filter(({ stated }) => stated[name] !== undefined);
  if (!first) return undefined;
  const winner = show(first.stated[name]);
  for (const { id, stated } of others) {
    const loser = show(stated[name]);
    if (loser !== winner)
      conflicts.push(cutValues({ annotation: name, winner: first.id, loser: id, values: { winner, loser } }));
  }
  return first.stated[name];
};

/** Sets are sorted by their parsers, so equal values have equal texts. */
const show = (value: unknown): string => (Array.isArray(value) ? value.join(', ') : String(value));

const cutValues = (conflict: Conflict): Conflict => ({
  ...conflict,
  values: { winner: cut(conflict.values.winner), loser: cut(conflict.values.loser) },
});

const perKey = (name: AnnotationName, members: readonly GroupMember[], conflicts: Conflict[]): unknown => {
  const entries = new Map<string, { readonly value: string; readonly id: string }>();
  for (const { id, stated } of members) {
    for (const [key, value] of Object.entries(stated[name] ?? {})) {
      const earlier = entries.get(key);
      if (!earlier) entries.set(key, { value: String(value), id });
      else if (earlier.value !== value) {
        const values = { winner: earlier.value, loser: String(value) };
        conflicts.push(cutValues({ annotation: name, at: key, winner: earlier.id, loser: id, values }));
      }
    }
  }
  return Object.fromEntries([...entries].map(([key, { value }]) => [key, value]));
};

const unknownOf = (members: readonly GroupMember[]): Map<AnnotationName, readonly string[]> => {
  const unknown = new Map<AnnotationName, readonly string[]>();
  for (const name of NAMES.filter((candidate) => ROWS[candidate].merge !== 'per-ingress')) {
    const ids = members.filter(({ invalid }) => [...invalid].some((key) => key === name)).map(({ id }) => id);
    if (ids.length > 0) unknown.set(name, ids);
  }
  return unknown;
};

/**
 * A redirect needs its HTTPS listener, which any member may bring. When the ports of some member are unknown the
 * listener may be there, so nothing is said.
 */
const redirectProblems = (
  port: unknown,
  members: readonly GroupMember[],
  listeners: readonly GroupListener[],
  unknown: ReadonlyMap<AnnotationName, readonly string[]>,
): Told => {
  const found = listeners.some((listener) => listener.port === port && listener.protocol === 'HTTPS');
  const mayBeThere = ['listen-ports', ...CERTIFICATE_SETTINGS].some((name) =>
    unknown.has(name as AnnotationName),
  );
  if (port === undefined || found || mayBeThere) return [];
  const there = listeners.map((listener) => `${listener.protocol} ${listener.port}`).join(', ');
  const expected = `the port of an HTTPS listener of the group, which listens on ${there || 'nothing'}; add it to listen-ports`;
  return members
    .filter(({ stated }) => stated['ssl-redirect'] === port)
    .map(({ id }) => ({
      member: id,
      problem: problemOf(`${PREFIX}ssl-redirect`, String(port), { expected }, 'error', 'combination'),
    }));
};
