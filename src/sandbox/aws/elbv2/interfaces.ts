/** The network interfaces a load balancer has, one per zone: they hold its security groups until they are released. */
import type { Account } from '../account.ts';
import { nextId } from '../account.ts';
import { addressIn } from '../ec2/addresses.ts';
import { schedule } from '../schedule.ts';
import type { StoredLoadBalancer } from '../state.ts';

/** Makes the interfaces match the balancer's subnets and groups. */
export const syncInterfaces = (account: Account, balancer: StoredLoadBalancer): void => {
  const arn = balancer.LoadBalancerArn;
  const { interfaces } = account.network;
  const wanted = new Map(
    (balancer.AvailabilityZones ?? []).map(({ SubnetId, ZoneName }) => [SubnetId ?? '', ZoneName ?? '']),
  );
  for (const [id, nic] of interfaces) {
    if (nic.loadBalancer !== arn) continue;
    if (wanted.delete(nic.subnet)) nic.groups = [...(balancer.SecurityGroups ?? [])];
    else interfaces.delete(id);
  }
  for (const [subnet, zone] of wanted) {
    const id = `eni-0${nextId(account, `${arn}/interface/${subnet}`, 16)}`;
    const offset = 0x1000 + Number.parseInt(id.slice(-3), 16);
    interfaces.set(id, {
      id,
      loadBalancer: arn,
      description: `ELB ${arn.slice(arn.indexOf('/') + 1)}`,
      subnet,
      zone,
      vpc: balancer.VpcId ?? '',
      privateIp: addressIn(account.network.subnets.get(subnet)?.CidrBlock ?? '', offset),
      groups: [...(balancer.SecurityGroups ?? [])],
    });
  }
};

/** The interfaces of a deleted load balancer go some time later; until then they hold its security groups. */
export const releaseInterfaces = (account: Account, arn: string): void =>
  schedule(account, `release/${arn}`, {
    kind: 'release',
    loadBalancer: arn,
    at: account.clock.now() + account.facts.interfaceReleaseSeconds * 1000,
  });
