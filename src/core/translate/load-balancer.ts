/** The load balancer of a stack. */
import type { AnnotationName } from '../annotations/table.ts';
import type { Facts, KnownSecurityGroup } from '../model/facts.ts';
import { loadBalancerKey, securityGroupKey } from '../model/key.ts';
import { LOAD_BALANCER_RESOURCE, loadBalancerName, ownershipTags, RULE_ORDER_TAG } from '../model/names.ts';
import type { LoadBalancerSpec, Resource } from '../model/resource.ts';
import type { IpAddressType, Scheme } from '../model/scheme.ts';
import { withNote } from '../model/stated-settings.ts';
import { WEB_ACL_NAME } from '../model/web-acl.ts';
import type { ProblemCode } from '../problems/table.ts';
import type { Defaults } from './defaults.ts';
import type { LastKnown } from './last-known.ts';
import type { StackSettings } from './settings.ts';
import { discoveredSubnets, statedSubnets, taggedSubnets } from './subnets.ts';
import { userTags } from './user-tags.ts';

export type FrontInput = {
  readonly cluster: string;
  readonly stack: string;
  readonly settings: StackSettings;
  readonly known: LastKnown;
  readonly facts: Facts;
  readonly defaults: Defaults;
  /** About an annotation of whoever states it; the message begins behind its name. */
  readonly report: (code: ProblemCode, annotation: AnnotationName, message: string) => void;
};

/** Undefined when there is no load balancer and a setting it needs is wrong; the reason has been reported. */
export const loadBalancerOf = (input: FrontInput): Resource<'load-balancer'> | undefined => {
  const { known, settings } = input;
  const have = known.loadBalancer?.spec;
  if (!have) return withScheme(settings.settings.scheme, input);
  const scheme =
    settings.isUnknown('scheme') || isNameInTheWay(have, input) ? have.scheme : settings.settings.scheme;
  // What would replace it cannot be made, so what serves stays.
  return withScheme(scheme, input) ?? withScheme(have.scheme, input);
};

/** Two load balancers cannot have one name, and a replacement has to stand beside what it replaces. */
const isNameInTheWay = (have: LoadBalancerSpec, { settings, report }: FrontInput): boolean => {
  const { scheme, 'load-balancer-name': name } = settings.settings;
  if (scheme === have.scheme || name !== have.name) return false;
  report(
    'HeldBack',
    'scheme',
    `${scheme} needs a new load balancer, and load-balancer-name keeps the name ${name} for the one that is ${have.scheme}; expected another load-balancer-name, or none, together with the new scheme`,
  );
  return true;
};

const withScheme = (scheme: Scheme, input: FrontInput): Resource<'load-balancer'> | undefined => {
  const { cluster, stack, settings, known } = input;
  const have = known.loadBalancer?.spec;
  const same = have?.scheme === scheme ? have : undefined;
  const wanted =
    settings.isUnknown('ip-address-type') && have ? have.ipAddressType : settings.settings['ip-address-type'];
  const subnets = subnetsOf(scheme, wanted !== 'ipv4', same, input);
  const securityGroups = groupsOf(have, input);
  if (!subnets || !securityGroups) return undefined;
  const ipAddressType = addressTypeOf(wanted, subnets, same, input);
  if (!ipAddressType) return undefined;
  const tags =
    settings.isUnknown('tags') && have
      ? have.tags
      : { ...userTags(settings.settings.tags), ...ownershipTags(cluster, stack, LOAD_BALANCER_RESOURCE) };
  const stated = settings.settings['load-balancer-attributes'];
  const attributes = settings.isUnknown('load-balancer-attributes')
    ? { ...have?.attributes, ...stated }
    : stated;
  const addresses = poolsOf(scheme, have, input);
  const protection = protectionOf(have, settings);
  const noted = [attributes, addresses, protection].flatMap(Object.keys);
  return {
    kind: 'load-balancer',
    key: loadBalancerKey(stack, scheme),
    spec: {
      name: settings.settings['load-balancer-name'] ?? loadBalancerName(cluster, stack, scheme),
      scheme,
      ipAddressType,
      subnets,
      securityGroups,
      attributes,
      ...addresses,
      ...protection,
      tags: withNote(
        { ...tags, ...(known.ruleOrder === 'lbc' ? {} : { [RULE_ORDER_TAG]: known.ruleOrder }) },
        noted,
      ),
    },
  };
};

/** Reserved capacity and pools of addresses: what is stated, or what AWS has where that cannot be read. */
const poolsOf = (
  scheme: Scheme,
  have: LoadBalancerSpec | undefined,
  { settings, report }: FrontInput,
): Pick<LoadBalancerSpec, 'capacityUnits' | 'ipv4IpamPool' | 'customerOwnedIpv4Pool'> => {
  const orKept = <N extends AnnotationName, T>(name: N, stated: T, kept: T): T =>
    settings.isUnknown(name) ? kept : stated;
  const { settings: said } = settings;
  const units = orKept(
    'minimum-load-balancer-capacity',
    said['minimum-load-balancer-capacity'],
    have?.capacityUnits,
  );
  const ipam = orKept('ipam-ipv4-pool-id', said['ipam-ipv4-pool-id'], have?.ipv4IpamPool);
  const coip = orKept(
    'customer-owned-ipv4-pool',
    said['customer-owned-ipv4-pool'],
    have?.customerOwnedIpv4Pool,
  );
  if (ipam && scheme === 'internal')
    report(
      'HeldBack',
      'ipam-ipv4-pool-id',
      `${ipam}: an internal load balancer has no public addresses; expected scheme internet-facing`,
    );
  if (have && coip && have.customerOwnedIpv4Pool !== coip)
    report(
      'HeldBack',
      'customer-owned-ipv4-pool',
      `${coip}: the load balancer exists with ${have.customerOwnedIpv4Pool || 'none'}, and AWS cannot change it; expected the same, or a load balancer made anew`,
    );
  return {
    ...(units !== undefined && { capacityUnits: units }),
    ...(ipam !== undefined && scheme !== 'internal' && { ipv4IpamPool: ipam }),
    ...(coip !== undefined && { customerOwnedIpv4Pool: coip }),
  };
};

/** What stands in front of it; a name wins over an ARN, as LBC has it. */
const protectionOf = (
  have: LoadBalancerSpec | undefined,
  { settings, isUnknown }: StackSettings,
): Pick<LoadBalancerSpec, 'webAcl' | 'shield'> => {
  const { 'wafv2-acl-arn': arn, 'wafv2-acl-name': name } = settings;
  const stated = name === undefined || name === 'none' ? (arn ?? name) : `${WEB_ACL_NAME}${name}`;
  const aclIsUnknown = isUnknown('wafv2-acl-arn') || isUnknown('wafv2-acl-name');
  const acl = aclIsUnknown ? have?.webAcl : stated === 'none' ? '' : stated;
  const isShieldUnknown = isUnknown('shield-advanced-protection');
  const shield = isShieldUnknown ? have?.shield : settings['shield-advanced-protection'];
  return { ...(acl !== undefined && { webAcl: acl }), ...(shield !== undefined && { shield }) };
};

/** Every subnet of a dualstack load balancer needs an IPv6 range (AWS documentation). */
const addressTypeOf = (
  wanted: IpAddressType,
  subnets: readonly string[],
  have: LoadBalancerSpec | undefined,
  { facts, report }: FrontInput,
): IpAddressType | undefined => {
  const without = facts.subnets.find((subnet) => subnets.includes(subnet.id) && !subnet.hasIpv6);
  if (wanted === 'ipv4' || !without || have?.ipAddressType === wanted) return wanted;
  report(
    'SubnetsUnusable',
    'ip-address-type',
    `${wanted} needs an IPv6 range in every subnet, and ${without.id} has none; expected ipv4, or other subnets`,
  );
  return have?.ipAddressType;
};

/** Nobody stated them: a balancer that stands keeps its subnets, whatever discovery would say today. */
const subnetsOf = (
  scheme: Scheme,
  dualstack: boolean,
  have: LoadBalancerSpec | undefined,
  { settings, facts, cluster, defaults, report }: FrontInput,
): readonly string[] | undefined => {
  const { subnetTags } = settings;
  const rules = { cluster, ofOthers: defaults.subnetsOfOthers, least: defaults.leastZones };
  const stated = settings.settings.subnets;
  if (have && ((stated ?? subnetTags) === undefined || settings.isUnknown('subnets'))) return have.subnets;
  const choice = subnetTags
    ? taggedSubnets(subnetTags, dualstack, facts, rules)
    : stated
      ? statedSubnets(stated, facts, rules.least)
      : discoveredSubnets(scheme, dualstack, facts, rules);
  if ('subnets' in choice) return choice.subnets;
  report(
    'SubnetsUnusable',
    'subnets',
    (stated ?? subnetTags) ? choice.wrong : `not stated, and discovery found ${choice.wrong}`,
  );
  return have?.subnets;
};

const groupsOf = (
  have: LoadBalancerSpec | undefined,
  input: FrontInput,
): LoadBalancerSpec['securityGroups'] | undefined => {
  const { facts, stack, cluster } = input;
  const ours = [securityGroupKey(stack), ...sharedBackendGroup(have, facts, cluster)];
  return statedGroups('security-groups', have?.securityGroups, ours, input);
};

/** The groups that an annotation names; `otherwise` where it is absent, and what AWS has where it cannot be used. */
export const statedGroups = (
  name: 'security-groups' | 'frontend-nlb-security-groups',
  have: LoadBalancerSpec['securityGroups'] | undefined,
  otherwise: LoadBalancerSpec['securityGroups'],
  { settings, facts, report }: FrontInput,
): LoadBalancerSpec['securityGroups'] | undefined => {
  if (settings.isUnknown(name) && have) return have;
  const stated = settings.settings[name];
  if (stated === undefined) return otherwise;
  const groups: `sg-${string}`[] = [];
  for (const wanted of stated) {
    const found = facts.securityGroups.filter(({ id, tags }) => id === wanted || tags.Name === wanted);
    if (found.length === 0) {
      report(
        'SecurityGroupMissing',
        name,
        `security group ${wanted} does not exist in ${facts.vpc}; expected the id or the Name tag of one`,
      );
      return have;
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
