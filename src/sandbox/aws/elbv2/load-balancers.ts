/** Load balancers: create, describe, delete. */

import type * as Sdk from '@aws-sdk/client-elastic-load-balancing-v2';
import type { LoadBalancer } from '@aws-sdk/client-elastic-load-balancing-v2';
import {
  CreateLoadBalancer$,
  DeleteLoadBalancer$,
  DescribeLoadBalancers$,
  DuplicateLoadBalancerNameException$,
  InvalidConfigurationRequestException$,
  LoadBalancerNotFoundException$,
  OperationNotPermittedException$,
  TooManyLoadBalancersException$,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { type Account, arn, nextId } from '../account.ts';
import { schedule } from '../schedule.ts';
import type { StoredLoadBalancer } from '../state.ts';
import type { InputOf, Operations } from '../wire/operation.ts';
import { refuse } from '../wire/refusal.ts';
import { refuseWhileTarget } from './alb-target.ts';
import { initialAttributes, loadBalancerAttributes } from './attributes.ts';
import { balancerKind } from './balancer-kind.ts';
import { canonicalZone } from './canonical-zones.ts';
import type { Elb } from './find.ts';
import { releaseInterfaces, syncInterfaces } from './interfaces.ts';
import { invalid } from './invalid.ts';
import { checkIpamPool } from './ipam-pools.ts';
import { dropListener } from './listener-removal.ts';
import { checkName } from './names.ts';
import { page } from './page.ts';
import {
  checkAddressType,
  checkSecurityGroups,
  placeIn,
  refuseForeignMembers,
  subnetMappings,
} from './placement.ts';
import { staticAddresses } from './static-addresses.ts';
import { areTagsAsWanted, newTags } from './tags.ts';

type CreateInput = InputOf<typeof Sdk, 'CreateLoadBalancer'>;

export const loadBalancerOperations = (elb: Elb): Operations<typeof Sdk> => ({
  CreateLoadBalancer: {
    schema: CreateLoadBalancer$,
    handle: (input) => ({ LoadBalancers: [describe(create(elb, input))] }),
  },
  DescribeLoadBalancers: { schema: DescribeLoadBalancers$, handle: (input) => describeAll(elb, input) },
  DeleteLoadBalancer: {
    schema: DeleteLoadBalancer$,
    handle: ({ LoadBalancerArn }) => {
      remove(elb, LoadBalancerArn);
      return {};
    },
  },
});

const create = (elb: Elb, input: CreateInput): StoredLoadBalancer => {
  const { account } = elb;
  const wanted = wantedBy(account, input);
  const tags = newTags(account, input.Tags);
  const present = byName(elb, input.Name);
  if (present !== undefined) {
    if (sameSettings(elb, present, wanted, tags)) return present;
    throw refuse(
      DuplicateLoadBalancerNameException$,
      `A load balancer with the same name '${input.Name}' exists, but with different settings`,
    );
  }
  if (account.serving.loadBalancers.size >= account.facts.loadBalancersPerRegion) {
    throw refuse(
      TooManyLoadBalancersException$,
      `The maximum number of load balancers, '${account.facts.loadBalancersPerRegion}', is reached`,
    );
  }
  return store(elb, wanted, input.Name, tags);
};

/** What a request asks for, checked. */
const wantedBy = (account: Account, input: CreateInput): LoadBalancer => {
  const kind = balancerKind(input.Type);
  refuseForeignMembers(kind, input);
  checkName('load balancer', input.Name);
  const scheme = input.Scheme ?? 'internet-facing';
  const fewZones = (message: string) =>
    account.facts.twoZonesCodeOnCreate === 'ValidationError'
      ? invalid(message)
      : refuse(InvalidConfigurationRequestException$, message);
  const mappings = subnetMappings(input, kind);
  const subnets = placeIn(account, mappings, { kind, scheme }, fewZones);
  const vpc = subnets[0]?.VpcId ?? '';
  const groups = checkSecurityGroups(account, input.SecurityGroups, vpc, kind);
  const addressType = input.IpAddressType ?? 'ipv4';
  checkAddressType(account, addressType, { kind, scheme }, subnets);
  const pool = input.IpamPools?.Ipv4IpamPoolId;
  if (pool !== undefined) checkIpamPool(account, pool, scheme);
  return {
    LoadBalancerName: input.Name,
    Scheme: scheme,
    VpcId: vpc,
    Type: kind,
    AvailabilityZones: subnets.map((subnet) => ({
      ZoneName: subnet.AvailabilityZone,
      SubnetId: subnet.SubnetId,
      LoadBalancerAddresses: staticAddresses(account, subnet, mappings, { scheme }),
    })),
    ...(kind === 'application' || groups.length > 0 ? { SecurityGroups: groups } : {}),
    IpAddressType: addressType,
    ...(pool === undefined ? {} : { IpamPools: { Ipv4IpamPoolId: pool } }),
  };
};

const store = (
  { account }: Elb,
  wanted: LoadBalancer,
  name: string,
  tags: Record<string, string>,
): StoredLoadBalancer => {
  const id = nextId(account, `loadbalancer/${name}`, 16);
  const digits = String(Number.parseInt(id.slice(0, 12), 16))
    .slice(0, 10)
    .padStart(9, '1');
  const network = wanted.Type === 'network';
  const prefix = wanted.Scheme === 'internal' ? 'internal-' : '';
  const balancer: StoredLoadBalancer = {
    ...wanted,
    LoadBalancerName: name,
    LoadBalancerArn: arn(
      account,
      'elasticloadbalancing',
      `loadbalancer/${network ? 'net' : 'app'}/${name}/${id}`,
    ),
    DNSName: network
      ? `${name}-${id}.elb.${account.region}.amazonaws.com`
      : `${prefix}${name}-${digits}.${account.region}.elb.amazonaws.com`,
    CanonicalHostedZoneId: canonicalZone(account.region, network ? 'network' : 'application'),
    CreatedTime: new Date(account.clock.now()),
    State: { Code: 'provisioning' },
    attributes: {
      ...initialAttributes(loadBalancerAttributes(wanted.Type)),
      'ipv6.deny_all_igw_traffic': String(wanted.Scheme === 'internal'),
    },
  };
  account.serving.loadBalancers.set(balancer.LoadBalancerArn, balancer);
  account.elbTags.set(balancer.LoadBalancerArn, tags);
  syncInterfaces(account, balancer);
  schedule(account, `activate/${balancer.LoadBalancerArn}`, {
    kind: 'activate',
    loadBalancer: balancer.LoadBalancerArn,
    at: account.clock.now() + account.facts.provisioningSeconds * 1000,
  });
  return balancer;
};

const byName = ({ account }: Elb, name: string): StoredLoadBalancer | undefined =>
  [...account.serving.loadBalancers.values()].find(({ LoadBalancerName }) => LoadBalancerName === name);

const sameSettings = (
  { account }: Elb,
  present: StoredLoadBalancer,
  wanted: LoadBalancer,
  tags: Record<string, string>,
): boolean => {
  const settings = (balancer: LoadBalancer) => [
    balancer.Type,
    balancer.Scheme,
    balancer.IpAddressType,
    (balancer.AvailabilityZones ?? [])
      .map((zone) => [zone.SubnetId, ...(zone.LoadBalancerAddresses ?? []).map(Object.values)].join())
      .sort(),
    [...(balancer.SecurityGroups ?? [])].sort(),
  ];
  return (
    JSON.stringify(settings(present)) === JSON.stringify(settings(wanted)) &&
    areTagsAsWanted(account, present.LoadBalancerArn, tags)
  );
};

const describe = ({ attributes: _, ...balancer }: StoredLoadBalancer): LoadBalancer => balancer;

const describeAll = (elb: Elb, input: InputOf<typeof Sdk, 'DescribeLoadBalancers'>) => {
  const { LoadBalancerArns: arns, Names: names } = input;
  if (arns !== undefined && names !== undefined)
    throw invalid('Load balancer ARNs and names cannot be given together');
  const most = Math.max(arns?.length ?? 0, names?.length ?? 0);
  if (most > 20) throw invalid(`Only '20' load balancers can be named at a time, '${most}' are given`);
  const all = [...elb.account.serving.loadBalancers.values()];
  const chosen = all.filter(
    ({ LoadBalancerArn, LoadBalancerName }) =>
      (arns?.includes(LoadBalancerArn) ?? true) && (names?.includes(LoadBalancerName) ?? true),
  );
  if (chosen.length < new Set(arns ?? names ?? []).size) {
    const absent = (arns ?? names ?? []).filter(
      (id) =>
        !chosen.some(
          ({ LoadBalancerArn, LoadBalancerName }) => id === LoadBalancerArn || id === LoadBalancerName,
        ),
    );
    throw refuse(LoadBalancerNotFoundException$, `Load balancers '[${absent.join(', ')}]' not found`);
  }
  const { items, ...next } = page(chosen, ({ LoadBalancerArn }) => LoadBalancerArn, input);
  return { LoadBalancers: items.map(describe), ...next };
};

/** Listeners and rules go with it, target groups stay; an unknown load balancer is no error. */
const remove = (elb: Elb, loadBalancerArn: string): void => {
  const { account, links } = elb;
  const balancer = account.serving.loadBalancers.get(loadBalancerArn);
  if (balancer === undefined) return;
  if (balancer.attributes['deletion_protection.enabled'] === 'true') {
    throw refuse(
      OperationNotPermittedException$,
      `Load balancer '${loadBalancerArn}' cannot be deleted because deletion protection is enabled`,
    );
  }
  refuseWhileTarget(account, balancer);
  for (const listener of links.listenersOf(loadBalancerArn)) dropListener(elb, listener);
  account.serving.loadBalancers.delete(loadBalancerArn);
  account.elbTags.delete(loadBalancerArn);
  for (const map of [account.capacity, account.serving.webAclOf]) map.delete(loadBalancerArn);
  account.tasks.delete(`activate/${loadBalancerArn}`);
  releaseInterfaces(account, loadBalancerArn);
};
