/** The load balancer of a stack and the security group made for it. */

import type { Facts, KnownSecurityGroup } from '../model/facts.ts';
import { loadBalancerKey, securityGroupKey } from '../model/key.ts';
import {
  LOAD_BALANCER_RESOURCE,
  loadBalancerName,
  ownershipTags,
  RULE_ORDER_TAG,
  SECURITY_GROUP_DESCRIPTION,
  SECURITY_GROUP_RESOURCE,
  securityGroupName,
} from '../model/names.ts';
import type { LoadBalancerSpec, Permission, Resource, Scheme } from '../model/resource.ts';
import type { ProblemCode } from '../problems/table.ts';
import type { LastKnown } from './last-known.ts';
import type { StackSettings } from './settings.ts';
import { discoveredSubnets, statedSubnets } from './subnets.ts';
import { userTags } from './user-tags.ts';

export type Front = {
  readonly loadBalancer: Resource<'load-balancer'>;
  readonly securityGroup: Resource<'security-group'> | undefined;
};

export type FrontInput = {
  readonly cluster: string;
  readonly stack: string;
  readonly settings: StackSettings;
  readonly known: LastKnown;
  readonly facts: Facts;
  readonly report: (code: ProblemCode, message: string) => void;
};

/** Undefined when there is no load balancer and a setting it needs is wrong; the reason has been reported. */
export const frontOf = (input: FrontInput): Front | undefined => {
  const { cluster, stack, settings, known } = input;
  const have = known.loadBalancer?.spec;
  const scheme = settings.isUnknown('scheme') && have ? have.scheme : settings.settings.scheme;
  const same = have?.scheme === scheme ? have : undefined;
  const ipAddressType =
    settings.isUnknown('ip-address-type') && have ? have.ipAddressType : settings.settings['ip-address-type'];
  const subnets = subnetsOf(scheme, ipAddressType !== 'ipv4', same, input);
  const groups = groupsOf(have, input);
  if (!subnets || !groups) return undefined;
  const tags =
    settings.isUnknown('tags') && have
      ? have.tags
      : { ...userTags(settings.settings.tags), ...ownershipTags(cluster, stack, LOAD_BALANCER_RESOURCE) };
  const own = securityGroupKey(stack);
  const order = known.ruleOrder === 'lbc' ? {} : { [RULE_ORDER_TAG]: known.ruleOrder };
  return {
    loadBalancer: {
      kind: 'load-balancer',
      key: loadBalancerKey(stack, scheme),
      spec: {
        name: settings.settings['load-balancer-name'] ?? loadBalancerName(cluster, stack, scheme),
        scheme,
        ipAddressType,
        subnets,
        securityGroups: groups,
        attributes: settings.settings['load-balancer-attributes'],
        tags: { ...tags, ...order },
      },
    },
    securityGroup: groups.includes(own)
      ? {
          kind: 'security-group',
          key: own,
          spec: {
            name: securityGroupName(cluster, stack),
            description: SECURITY_GROUP_DESCRIPTION,
            vpc: input.facts.vpc,
            inbound: inboundOf(ipAddressType !== 'ipv4', input),
            tags: {
              ...userTags(settings.isUnknown('tags') ? {} : settings.settings.tags),
              ...ownershipTags(cluster, stack, SECURITY_GROUP_RESOURCE),
            },
          },
        }
      : undefined,
  };
};

/** Nobody stated them: a balancer that stands keeps its subnets, whatever discovery would say today. */
const subnetsOf = (
  scheme: Scheme,
  dualstack: boolean,
  have: LoadBalancerSpec | undefined,
  input: FrontInput,
): readonly string[] | undefined => {
  const { settings, facts, cluster, report } = input;
  const stated = settings.settings.subnets;
  if (have && (stated === undefined || settings.isUnknown('subnets'))) return have.subnets;
  const choice = stated ? statedSubnets(stated, facts) : discoveredSubnets(scheme, cluster, dualstack, facts);
  if ('subnets' in choice) return choice.subnets;
  report(
    'SubnetsUnusable',
    `${stated ? 'alb.ingress.kubernetes.io/subnets' : 'subnet discovery'}: ${choice.wrong}`,
  );
  return have?.subnets;
};

const groupsOf = (
  have: LoadBalancerSpec | undefined,
  input: FrontInput,
): LoadBalancerSpec['securityGroups'] | undefined => {
  const { settings, facts, stack, cluster, report } = input;
  if (settings.isUnknown('security-groups') && have) return have.securityGroups;
  const stated = settings.settings['security-groups'];
  if (stated === undefined) return [securityGroupKey(stack), ...sharedBackendGroup(have, facts, cluster)];
  const groups: `sg-${string}`[] = [];
  for (const name of stated) {
    const found = facts.securityGroups.filter((group) => group.id === name || group.tags.Name === name);
    if (found.length === 0) {
      report(
        'SecurityGroupMissing',
        `alb.ingress.kubernetes.io/security-groups: security group ${name} does not exist in ${facts.vpc}; expected the id or the Name tag of one`,
      );
      return have?.securityGroups;
    }
    groups.push(...found.map((group) => group.id as `sg-${string}`));
  }
  return [...new Set(groups)].sort();
};

/**
 * LBC attaches a group shared by the cluster, which the nodes let in. A balancer taken over from LBC keeps it,
 * or its targets would be cut off.
 */
const sharedBackendGroup = (
  have: LoadBalancerSpec | undefined,
  facts: Facts,
  cluster: string,
): `sg-${string}`[] => {
  const shared = (group: KnownSecurityGroup): boolean =>
    group.tags['elbv2.k8s.aws/cluster'] === cluster && group.tags['elbv2.k8s.aws/resource'] === 'backend-sg';
  return facts.securityGroups
    .filter((group) => shared(group) && have?.securityGroups.some((id) => id === group.id))
    .map((group) => group.id as `sg-${string}`);
};

const inboundOf = (dualstack: boolean, input: FrontInput): readonly Permission[] => {
  const { settings, known } = input;
  if ((settings.isUnknown('inbound-cidrs') || settings.isUnknown('listen-ports')) && known.inbound)
    return known.inbound;
  return settings.listeners.flatMap(({ port, inboundCidrs }) =>
    (inboundCidrs ?? ['0.0.0.0/0', '::/0'])
      .filter((cidr) => dualstack || !cidr.includes(':'))
      .map(
        (cidr): Permission => ({
          protocol: 'tcp',
          fromPort: port,
          toPort: port,
          ...(cidr.includes(':') ? { cidr6: cidr } : { cidr }),
        }),
      ),
  );
};
