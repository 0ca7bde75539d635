/**
 * What the Ingresses of a class may do, stated by annotations on the IngressClass. They stand there, not in
 * IngressClassParams, because a schema that does not know them would drop them without a word (decision 14).
 */
import { list } from '../annotations/list-parsers.ts';
import { nearest } from '../annotations/nearest.ts';
import type { Parser } from '../annotations/parser.ts';
import { cut } from '../annotations/problem.ts';
import { PREFIX } from '../annotations/table.ts';
import type { IngressClass } from '../kube/objects.ts';
import { hostMatches } from './host-pattern.ts';

export type PolicyRow = {
  readonly parser: Parser<readonly string[]>;
  readonly doc: string;
  readonly example: string;
  readonly invalid: string;
};

/** Annotations of an IngressClass by what follows the prefix. */
export const POLICY_ROWS = {
  'allowed-hosts': {
    parser: list(
      {
        plural:
          'host names, `*.` in front of one for all names below it, `*` for every host and for rules without one',
        expected: 'a host name like shop.example.com, *.example.com, or *',
        read: (item) =>
          /^(\*|(\*\.)?[a-z0-9-]+(\.[a-z0-9-]+)*)$/.test(item.toLowerCase()) ? item.toLowerCase() : undefined,
      },
      1,
    ),
    doc: 'Hosts that rules of the class may be for. Without `*` a rule has to name its host, and a default backend is not allowed.',
    example: 'shop.example.com,*.shop.example.com',
    invalid: 'http://shop.example.com',
  },
  'allowed-schemes': {
    parser: list(
      {
        plural: '`internal` and `internet-facing`',
        expected: 'internal or internet-facing',
        read: (item) => (['internal', 'internet-facing'].includes(item) ? item : undefined),
      },
      1,
    ),
    doc: 'Schemes of load balancers that may serve Ingresses of the class, whoever in the group chose the scheme.',
    example: 'internal',
    invalid: 'public',
  },
  'allowed-groups': {
    parser: list(
      {
        plural: 'group names, `*` in one for any letters, or `none`',
        expected: 'a group name like shop.public or shop.*, or none',
        read: (item) => (/^[a-z0-9*.-]{1,63}$/.test(item) ? item : undefined),
      },
      1,
    ),
    doc: 'Groups that Ingresses of the class may join by group.name; `none`: each has a load balancer of its own. The group of IngressClassParams is always allowed.',
    example: 'shop.*',
    invalid: 'Shop',
  },
} as const satisfies Record<string, PolicyRow>;

type PolicyName = keyof typeof POLICY_ROWS;

/** Absent: no restriction. */
export type Policy = {
  /** Who restricts, for messages: `IngressClass shop`. */
  readonly source: string;
  readonly hosts?: readonly string[];
  readonly schemes?: readonly string[];
  readonly groups?: readonly string[];
};

export const NO_POLICY: Policy = { source: '' };

/** The policy of a class; `wrong` where it cannot be read, so that nobody can tell what is allowed. */
export const policyOf = ({ metadata }: IngressClass): Policy | { readonly wrong: string } => {
  const source = `IngressClass ${metadata.name}`;
  const read: { -readonly [N in PolicyName]?: readonly string[] } = {};
  for (const [key, raw] of Object.entries(metadata.annotations ?? {})) {
    if (!key.startsWith(PREFIX)) continue;
    const name = key.slice(PREFIX.length);
    if (!isPolicy(name)) {
      // Nobody reads other annotations of a class, but a policy with a typing mistake must not mean "everything".
      const meant = nearest(name, Object.keys(POLICY_ROWS));
      if (meant !== undefined) return { wrong: `${source}: annotation ${key}: expected ${PREFIX}${meant}` };
      continue;
    }
    const parsed = POLICY_ROWS[name].parser.parse(raw);
    if (!parsed.ok) {
      const [{ expected, value = raw }] = parsed.faults;
      return { wrong: `${source}: annotation ${key}: expected ${expected}, got "${cut(value)}"` };
    }
    read[name] = parsed.value;
  }
  return {
    source,
    ...(read['allowed-hosts'] && { hosts: read['allowed-hosts'] }),
    ...(read['allowed-schemes'] && { schemes: read['allowed-schemes'] }),
    ...(read['allowed-groups'] && { groups: read['allowed-groups'] }),
  };
};

const isPolicy = (name: string): name is PolicyName => Object.hasOwn(POLICY_ROWS, name);

/** Why the class does not let its Ingresses join a group by annotation; undefined when it does. */
export const groupRefusal = (group: string, { groups, source }: Policy): string | undefined =>
  groups === undefined || groups.some((pattern) => pattern !== 'none' && hostMatches(pattern, group))
    ? undefined
    : `${JSON.stringify(group)} is no group that ${source} allows (${groups.join(', ')})`;

/** Why the class does not allow a rule for a host, or for every host where it is empty. */
export const hostRefusal = (host: string, { hosts, source }: Policy): string | undefined => {
  if (hosts === undefined || hosts.includes('*')) return undefined;
  if (host === '')
    return `a rule without a host takes requests for every host, and ${source} allows ${hosts.join(', ')} only`;
  const within = (pattern: string): boolean =>
    pattern === host || (pattern.startsWith('*.') && hostMatches(pattern, host));
  return hosts.some(within) ? undefined : `host ${host} is none that ${source} allows (${hosts.join(', ')})`;
};

/** Why the class does not allow a load balancer of the scheme. */
export const schemeRefusal = (scheme: string, { schemes, source }: Policy): string | undefined =>
  schemes === undefined || schemes.includes(scheme)
    ? undefined
    : `the load balancer is ${scheme}, and ${source} allows ${schemes.join(', ')} only`;
