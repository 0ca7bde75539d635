/** Network Load Balancers in front of load balancers. Scheme, name and chosen addresses are what AWS cannot change. */
import {
  type LoadBalancer,
  SetIpAddressTypeCommand,
  SetSecurityGroupsCommand,
  SetSubnetsCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import type { Key } from '../../core/model/key.ts';
import type { Attributes, NetworkLoadBalancerSpec, Resource } from '../../core/model/resource.ts';
import { forgets } from '../../core/model/stated-settings.ts';
import type { Tags } from '../../core/model/tags.ts';
import type { Attempt } from '../../core/ports.ts';
import { writeElbTags } from '../tags.ts';
import { attributesToSet } from './attributes.ts';
import { createOrFind, groupIds, removeBalancer, setAttributes } from './balancer-calls.ts';
import type { Driver, Site, Update } from './driver.ts';
import { loadBalancerFacts } from './load-balancer.ts';

/** `keyOfGroup` finds the key of a security group of ours. */
export const networkLoadBalancerSpec = (
  found: LoadBalancer,
  more: { readonly attributes: Attributes; readonly tags: Tags },
  keyOfGroup: (id: string) => Key<'security-group'> | undefined,
): NetworkLoadBalancerSpec => {
  const zones = found.AvailabilityZones ?? [];
  return {
    name: found.LoadBalancerName ?? '',
    scheme: found.Scheme ?? 'internal',
    ipAddressType: found.IpAddressType === 'dualstack' ? 'dualstack' : 'ipv4',
    subnets: zones.flatMap(({ SubnetId }) => SubnetId ?? []).sort(),
    addresses: Object.fromEntries(
      zones.flatMap(({ SubnetId, LoadBalancerAddresses = [] }) =>
        LoadBalancerAddresses.flatMap(({ AllocationId }) =>
          SubnetId && AllocationId ? [[SubnetId, AllocationId]] : [],
        ),
      ),
    ),
    securityGroups: (found.SecurityGroups ?? []).map((id) => keyOfGroup(id) ?? (id as `sg-${string}`)).sort(),
    attributes: more.attributes,
    tags: more.tags,
  };
};

const mappings = ({ subnets, addresses }: NetworkLoadBalancerSpec) =>
  subnets.map((SubnetId) => {
    const AllocationId = addresses[SubnetId];
    return AllocationId === undefined ? { SubnetId } : { SubnetId, AllocationId };
  });

const create = async ({ spec }: Resource<'network-load-balancer'>, site: Site): Promise<Attempt> => {
  const found = await createOrFind(spec, 'network', { SubnetMappings: mappings(spec) }, site);
  if ('status' in found) return found;
  const arn = found.LoadBalancerArn ?? '';
  await setAttributes(arn, attributesToSet(spec.attributes, {}), site);
  return { status: 'done', id: arn, loadBalancer: loadBalancerFacts(found) };
};

const update = async (
  { want, have, changes }: Update<'network-load-balancer'>,
  site: Site,
): Promise<Attempt> => {
  const { elb } = site.account.clients;
  const LoadBalancerArn = site.id(want.key);
  const { spec } = want;
  const writeTags = () => writeElbTags(site.account.clients, LoadBalancerArn, spec.tags, have.tags);
  const tagsLast = forgets(spec.tags, have.tags);
  if (changes('tags') && !tagsLast) await writeTags();
  if (changes('subnets'))
    await elb.send(new SetSubnetsCommand({ LoadBalancerArn, SubnetMappings: mappings(spec) }));
  if (changes('securityGroups')) {
    const SecurityGroups = groupIds(spec.securityGroups, site);
    await elb.send(new SetSecurityGroupsCommand({ LoadBalancerArn, SecurityGroups }));
  }
  if (changes('ipAddressType'))
    await elb.send(new SetIpAddressTypeCommand({ LoadBalancerArn, IpAddressType: spec.ipAddressType }));
  if (changes('attributes'))
    await setAttributes(LoadBalancerArn, attributesToSet(spec.attributes, have.attributes), site);
  if (changes('tags') && tagsLast) await writeTags();
  return { status: 'done', id: LoadBalancerArn };
};

export const networkLoadBalancer: Driver<'network-load-balancer'> = {
  create,
  update,
  remove: removeBalancer,
};
