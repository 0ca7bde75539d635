/** Application Load Balancers. Scheme and name are what AWS cannot change. */
import {
  type LoadBalancer,
  ModifyIpPoolsCommand,
  SetIpAddressTypeCommand,
  SetSecurityGroupsCommand,
  SetSubnetsCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import type { LoadBalancerFacts } from '../../core/model/actual.ts';
import type { Key } from '../../core/model/key.ts';
import type { Attributes, LoadBalancerSpec, Resource } from '../../core/model/resource.ts';
import type { IpAddressType } from '../../core/model/scheme.ts';
import { forgets } from '../../core/model/stated-settings.ts';
import type { Tags } from '../../core/model/tags.ts';
import type { Attempt } from '../../core/ports.ts';
import { writeElbTags } from '../tags.ts';
import { attributesToSet } from './attributes.ts';
import { createOrFind, groupIds, removeBalancer, setAttributes } from './balancer-calls.ts';
import type { Driver, Site, Update } from './driver.ts';
import { type Extras, setExtras } from './load-balancer-extras.ts';

/** AWS tells more about a load balancer than we compare; `keyOfGroup` finds the key of a security group of ours. */
export const loadBalancerSpec = (
  found: LoadBalancer,
  more: { readonly attributes: Attributes; readonly extras: Extras; readonly tags: Tags },
  keyOfGroup: (id: string) => Key<'security-group'> | undefined,
): LoadBalancerSpec => ({
  name: found.LoadBalancerName ?? '',
  scheme: found.Scheme ?? 'internal',
  ipAddressType: (found.IpAddressType ?? 'ipv4') as IpAddressType,
  subnets: (found.AvailabilityZones ?? []).flatMap((zone) => zone.SubnetId ?? []).sort(),
  securityGroups: (found.SecurityGroups ?? []).map((id) => keyOfGroup(id) ?? (id as `sg-${string}`)).sort(),
  attributes: more.attributes,
  ...more.extras,
  ...(found.IpamPools?.Ipv4IpamPoolId && { ipv4IpamPool: found.IpamPools.Ipv4IpamPoolId }),
  ...(found.CustomerOwnedIpv4Pool && { customerOwnedIpv4Pool: found.CustomerOwnedIpv4Pool }),
  tags: more.tags,
});

export const loadBalancerFacts = (found: LoadBalancer): LoadBalancerFacts => ({
  dnsName: (found.DNSName ?? '').toLowerCase(),
  hostedZoneId: found.CanonicalHostedZoneId ?? '',
  state: found.State?.Code ?? 'provisioning',
});

const create = async ({ spec }: Resource<'load-balancer'>, site: Site): Promise<Attempt> => {
  const pools = {
    ...(spec.ipv4IpamPool && { IpamPools: { Ipv4IpamPoolId: spec.ipv4IpamPool } }),
    ...(spec.customerOwnedIpv4Pool && { CustomerOwnedIpv4Pool: spec.customerOwnedIpv4Pool }),
  };
  const more = { Subnets: [...spec.subnets], ...pools };
  const found = await createOrFind(spec, 'application', more, site);
  if ('status' in found) return found;
  const arn = found.LoadBalancerArn ?? '';
  await setAttributes(arn, attributesToSet(spec.attributes, {}), site);
  const { webAcl, shield, capacityUnits } = spec;
  const waits = await setExtras(site.account, arn, {
    ...(webAcl && { webAcl }),
    ...(shield && { shield }),
    ...(capacityUnits && { capacityUnits }),
  });
  if (waits) return waits;
  return { status: 'done', id: arn, loadBalancer: loadBalancerFacts(found) };
};

const update = async ({ want, have, changes }: Update<'load-balancer'>, site: Site): Promise<Attempt> => {
  const { elb } = site.account.clients;
  const LoadBalancerArn = site.id(want.key);
  const { spec } = want;
  const writeTags = () => writeElbTags(site.account.clients, LoadBalancerArn, spec.tags, have.tags);
  const tagsLast = forgets(spec.tags, have.tags);
  if (changes('tags') && !tagsLast) await writeTags();
  if (changes('subnets'))
    await elb.send(new SetSubnetsCommand({ LoadBalancerArn, Subnets: [...spec.subnets] }));
  if (changes('securityGroups'))
    await elb.send(
      new SetSecurityGroupsCommand({ LoadBalancerArn, SecurityGroups: groupIds(spec.securityGroups, site) }),
    );
  if (changes('ipAddressType'))
    await elb.send(new SetIpAddressTypeCommand({ LoadBalancerArn, IpAddressType: spec.ipAddressType }));
  if (changes('attributes'))
    await setAttributes(LoadBalancerArn, attributesToSet(spec.attributes, have.attributes), site);
  if (changes('ipv4IpamPool'))
    await elb.send(
      new ModifyIpPoolsCommand({
        LoadBalancerArn,
        ...(spec.ipv4IpamPool
          ? { IpamPools: { Ipv4IpamPoolId: spec.ipv4IpamPool } }
          : { RemoveIpamPools: ['ipv4'] }),
      }),
    );
  const waits = await setExtras(site.account, LoadBalancerArn, {
    ...(changes('webAcl') && { webAcl: spec.webAcl ?? '' }),
    ...(changes('shield') && { shield: spec.shield ?? false }),
    ...(changes('capacityUnits') && { capacityUnits: spec.capacityUnits ?? 0 }),
  });
  if (waits) return waits;
  if (changes('tags') && tagsLast) await writeTags();
  return { status: 'done', id: LoadBalancerArn };
};

export const loadBalancer: Driver<'load-balancer'> = { create, update, remove: removeBalancer };
