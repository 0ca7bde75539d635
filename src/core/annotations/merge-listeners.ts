import { canonical } from '../model/digest.ts';
import type { MutualAuthentication } from '../model/mutual-authentication.ts';
import { hasUnknownPorts, portsOf } from './default-ports.ts';
import type { Conflict, GroupMember, Told } from './group-member.ts';
import type { ListenPort } from './listen-ports.ts';
import { isAboutTls } from './listener-attributes.ts';
import { problemOf } from './problem.ts';
import type { StringMap } from './string-map.ts';
import { ANNOTATIONS, type AnnotationKey, PREFIX, type SettingOf } from './table.ts';

/** One listener of a group, with what its members say about it. */
export type GroupListener = ListenPort & {
  /** Ids of the members whose rules are served on it, in group order. */
  readonly members: readonly string[];
  /** ARNs that members name, the default certificate first; empty for HTTP. Others may be found by host. */
  readonly certificates: readonly string[];
  /** Meaningless for HTTP. */
  readonly sslPolicy: string;
  /** Undefined: everybody. */
  readonly inboundCidrs?: readonly string[];
  /** Empty: none. */
  readonly prefixLists: readonly string[];
  readonly attributes: StringMap;
  /** HTTPS only; undefined: nobody says. */
  readonly mutualAuthentication?: MutualAuthentication;
  /** Attributes of which nobody can tell what they should be. */
  readonly attributesUnknown: boolean;
};

/**
 * The listeners of a group by port: the union over the members. A member whose ports are not known (its
 * `listen-ports` is invalid, or its certificates are, which decide the default ports) adds nothing.
 */
export const mergeListeners = (
  members: readonly GroupMember[],
  sslPolicy: string = ANNOTATIONS['ssl-policy'].initial,
): { readonly listeners: readonly GroupListener[]; readonly conflicts: readonly Conflict[] } => {
  const conflicts: Conflict[] = [];
  const ports = new Map<number, Draft>();
  for (const member of members) {
    for (const port of knownPorts(member)) addPort(ports, port, member, conflicts);
  }
  const listeners = [...ports.values()].map((draft) => ({
    ...listenerOf(draft, members, conflicts),
    sslPolicy: agreedPolicy(draft, conflicts) ?? sslPolicy,
  }));
  return { listeners: listeners.sort((one, other) => one.port - other.port), conflicts };
};

type Draft = ListenPort & { readonly members: GroupMember[] };

/** What a member listens on; nothing where that cannot be told. */
export const knownPorts = ({ stated, invalid }: GroupMember): readonly ListenPort[] =>
  hasUnknownPorts(invalid, stated) ? [] : portsOf(stated);

const addPort = (
  ports: Map<number, Draft>,
  { port, protocol }: ListenPort,
  member: GroupMember,
  conflicts: Conflict[],
): void => {
  const earlier = ports.get(port);
  const winner = earlier?.members[0]?.id;
  if (!earlier || winner === undefined) ports.set(port, { port, protocol, members: [member] });
  else if (earlier.protocol === protocol) earlier.members.push(member);
  else
    conflicts.push({
      annotation: 'listen-ports',
      at: String(port),
      winner,
      loser: member.id,
      values: { winner: earlier.protocol, loser: protocol },
    });
};

const listenerOf = (
  { port, protocol, members }: Draft,
  everybody: readonly GroupMember[],
  conflicts: Conflict[],
): Omit<GroupListener, 'sslPolicy'> => {
  const place = `${protocol}-${port}`;
  const attributesKey: AnnotationKey = `listener-attributes.${place}`;
  const secure = protocol === 'HTTPS';
  const certificates = secure ? members.flatMap(({ stated }) => stated['certificate-arn'] ?? []) : [];
  const cidrs = agreed('inbound-cidrs', port, members, conflicts);
  return {
    port,
    protocol,
    members: members.map(({ id }) => id),
    certificates: [...new Set(certificates)],
    ...(cidrs === undefined ? {} : { inboundCidrs: cidrs }),
    prefixLists: agreed('security-group-prefix-lists', port, members, conflicts) ?? [],
    ...(secure ? authenticationOf(port, members, conflicts) : {}),
    attributes: attributesOf(place, everybody, conflicts),
    attributesUnknown: everybody.some(
      ({ invalid }) => invalid.has(attributesKey) || invalid.has('listener-attributes.*'),
    ),
  };
};

const agreedPolicy = ({ port, protocol, members }: Draft, conflicts: Conflict[]): string | undefined =>
  protocol === 'HTTPS' ? agreed('ssl-policy', port, members, conflicts) : undefined;

/** What the first member that says something about the port says. */
const authenticationOf = (
  port: number,
  members: readonly GroupMember[],
  conflicts: Conflict[],
): Pick<GroupListener, 'mutualAuthentication'> => {
  const said = members.flatMap(({ id, stated }) =>
    (stated['mutual-authentication'] ?? [])
      .filter((it) => it.port === port)
      .map(({ port: _, ...value }) => ({ id, value })),
  );
  const [first, ...others] = said;
  if (!first) return {};
  for (const { id, value } of others)
    if (canonical(value) !== canonical(first.value))
      conflicts.push({
        annotation: 'mutual-authentication',
        at: String(port),
        winner: first.id,
        loser: id,
        values: { winner: first.value.mode, loser: value.mode },
      });
  return { mutualAuthentication: first.value };
};

/** Key by key what the first member that states it says, whether it serves on the listener or not. */
const attributesOf = (place: string, members: readonly GroupMember[], conflicts: Conflict[]): StringMap => {
  const found = new Map<string, { readonly value: string; readonly id: string }>();
  for (const { id, stated } of members)
    for (const [key, value] of Object.entries(stated['listener-attributes.*']?.get(place) ?? {})) {
      const earlier = found.get(key);
      if (!earlier) found.set(key, { value, id });
      else if (earlier.value !== value)
        conflicts.push({
          annotation: 'listener-attributes.*',
          at: `${place} ${key}`,
          winner: earlier.id,
          loser: id,
          values: { winner: earlier.value, loser: value },
        });
    }
  const fits = ([key]: readonly [string, unknown]): boolean => place.startsWith('HTTPS') || !isAboutTls(key);
  return Object.fromEntries([...found].filter(fits).map(([key, { value }]) => [key, value]));
};

/** Statements about listeners that are not there, or that such a listener cannot have. */
export const listenerRemarks = (
  members: readonly GroupMember[],
  listeners: readonly GroupListener[],
): Told => {
  const places = new Set(listeners.map(({ protocol, port }) => `${protocol}-${port}`));
  const strayed = members.flatMap(({ id, stated }) =>
    (stated['mutual-authentication'] ?? [])
      .filter(({ port }) => !places.has(`HTTPS-${port}`))
      .map(({ port, mode }) => {
        const expected = `has no effect on port ${port}: the group has no HTTPS listener there; it has ${[...places].join(', ')}`;
        const annotation = `${PREFIX}mutual-authentication`;
        return { member: id, problem: problemOf(annotation, mode, { expected }, 'notice', 'remark') };
      }),
  );
  const attributes = members.flatMap(({ id, stated }) =>
    [...(stated['listener-attributes.*'] ?? [])].flatMap(([place, map]) => {
      const tls = Object.keys(map).find((key) => place.startsWith('HTTP-') && isAboutTls(key));
      const expected = places.has(place)
        ? tls && 'is an attribute of HTTPS listeners and has no effect on this one'
        : `has no effect: the group has no such listener; it has ${[...places].join(', ')}`;
      if (expected === undefined) return [];
      const value = tls ?? Object.keys(map).join(', ');
      const annotation = `${PREFIX}listener-attributes.${place}`;
      return [{ member: id, problem: problemOf(annotation, value, { expected }, 'notice', 'remark') }];
    }),
  );
  return [...strayed, ...attributes];
};

type PerPort = 'ssl-policy' | 'inbound-cidrs' | 'security-group-prefix-lists';

/** What the first member that states it says; others who say something else are told. */
const agreed = <N extends PerPort>(
  name: N,
  port: number,
  members: readonly GroupMember[],
  conflicts: Conflict[],
): SettingOf<N> | undefined => {
  const [first, ...others] = members.filter(({ stated }) => stated[name] !== undefined);
  const value: SettingOf<N> | undefined = first?.stated[name];
  for (const { id, stated } of others) {
    const values = { winner: String(value), loser: String(stated[name]) };
    if (first && values.winner !== values.loser)
      conflicts.push({ annotation: name, at: String(port), winner: first.id, loser: id, values });
  }
  return value;
};
