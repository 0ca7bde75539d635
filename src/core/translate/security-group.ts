/** The security group made for a load balancer whose Ingresses name none. */
import { CERTIFICATE_SETTINGS } from '../annotations/default-ports.ts';
import type { GroupListener } from '../annotations/merge-listeners.ts';
import { type Key, securityGroupKey } from '../model/key.ts';
import {
  ownershipTags,
  SECURITY_GROUP_DESCRIPTION,
  SECURITY_GROUP_RESOURCE,
  securityGroupName,
} from '../model/names.ts';
import type { LoadBalancerSpec, Permission, Resource } from '../model/resource.ts';
import type { PlannedListener } from './listeners.ts';
import type { ListenersInput } from './listeners-input.ts';
import type { NetworkFront } from './network-front.ts';
import { userTags } from './user-tags.ts';

export const securityGroupOf = (
  balancer: LoadBalancerSpec,
  listeners: readonly PlannedListener[],
  front: NetworkFront | undefined,
  { context, settings, known }: ListenersInput,
): Resource<'security-group'> | undefined => {
  const { cluster, stack, facts } = context;
  const key = securityGroupKey(stack);
  if (!balancer.securityGroups.includes(key)) return undefined;
  const have = known.securityGroup?.key === key ? known.securityGroup.spec : undefined;
  // Whoever does not say on which ports has no say there in who gets in; that must not open a port to everybody.
  const isUnknown = (
    ['inbound-cidrs', 'security-group-prefix-lists', 'listen-ports', ...CERTIFICATE_SETTINGS] as const
  ).some(settings.isUnknown);
  const own = new Set(listeners.map(({ resource }) => resource.spec.port));
  const doors = doorsOf(key, own, front);
  const ports = new Set([...own, ...doors.map(({ port }) => port)]);
  const wanted = settings.listeners.flatMap((listener) =>
    [listener.port, ...doors.flatMap(({ port, target }) => (target === listener.port ? [port] : []))]
      .filter((port) => ports.has(port))
      .flatMap((port) => permissionsFor({ ...listener, port }, balancer.ipAddressType !== 'ipv4')),
  );
  const tags = {
    ...userTags(settings.settings.tags),
    ...ownershipTags(cluster, stack, SECURITY_GROUP_RESOURCE),
  };
  return {
    kind: 'security-group',
    key,
    spec: {
      name: securityGroupName(cluster, stack),
      description: SECURITY_GROUP_DESCRIPTION,
      vpc: facts.vpc,
      inbound: withKept(wanted, have?.inbound ?? [], ports, isUnknown),
      tags: settings.isUnknown('tags') && have ? have.tags : tags,
    },
  };
};

/** Ports of a Network Load Balancer with the same group that its load balancer does not have: who gets in is the same. */
const doorsOf = (
  key: Key<'security-group'>,
  own: ReadonlySet<number>,
  front: NetworkFront | undefined,
): readonly { readonly port: number; readonly target: number }[] =>
  front?.balancer.spec.securityGroups.includes(key)
    ? front.parts.flatMap((it) =>
        it.kind === 'network-target-group' && !own.has(it.spec.port)
          ? [{ port: it.spec.port, target: it.spec.target.port }]
          : [],
      )
    : [];

const EVERYBODY = ['0.0.0.0/0', '::/0'];

/** Who gets in now goes on counting for a port that is only kept, and for all of them when it cannot be told who. */
const withKept = (
  wanted: readonly Permission[],
  have: readonly Permission[],
  staying: ReadonlySet<number>,
  isUnknown: boolean,
): readonly Permission[] => {
  const stated = new Set(wanted.map((it) => it.fromPort));
  const kept = have.filter((it) => staying.has(it.fromPort) && (isUnknown || !stated.has(it.fromPort)));
  const settled = new Set(kept.map((it) => it.fromPort));
  return [...wanted.filter((it) => !settled.has(it.fromPort)), ...kept];
};

/** Whoever names prefix lists and no addresses means these lists only. */
const permissionsFor = (
  { port, inboundCidrs, prefixLists }: GroupListener,
  dualstack: boolean,
): readonly Permission[] => {
  const cidrs = inboundCidrs ?? (prefixLists.length > 0 ? [] : EVERYBODY);
  const ports = { protocol: 'tcp', fromPort: port, toPort: port } as const;
  return [
    ...cidrs
      .filter((cidr) => dualstack || !cidr.includes(':'))
      .map((cidr) => ({ ...ports, ...(cidr.includes(':') ? { cidr6: cidr } : { cidr }) })),
    ...prefixLists.map((prefixList) => ({ ...ports, prefixList })),
  ];
};
