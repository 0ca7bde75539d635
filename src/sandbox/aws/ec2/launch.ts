/** Instances that a user launches and terminates. Nothing runs in them: who listens on their address is up to the user. */

import type * as Sdk from '@aws-sdk/client-ec2';
import { RunInstances$, TerminateInstances$ } from '@aws-sdk/client-ec2';
import type { Account } from '../account.ts';
import { nextId } from '../account.ts';
import { schedule } from '../schedule.ts';
import type { StoredInstance } from '../state.ts';
import type { InputOf, Operations } from '../wire/operation.ts';
import { notServed, refuse } from '../wire/refusal.ts';
import { addressIn, blockRange, inCidr } from './addresses.ts';
import { invalidValue, notFound, stopIfDryRun } from './errors.ts';
import { describeInstance } from './instances.ts';
import type { StoredSubnet } from './network.ts';
import { groupAt } from './security-groups.ts';
import { subnetAt } from './subnets.ts';
import { specifiedTags } from './tags.ts';

export const launchOperations = (account: Account): Operations<typeof Sdk> => ({
  RunInstances: { schema: RunInstances$, handle: (input) => run(account, input) },
  TerminateInstances: { schema: TerminateInstances$, handle: (input) => terminate(account, input) },
});

/** What the sandbox understands of a launch; anything else would be lost without a word. */
const UNDERSTOOD = new Set(
  'ImageId InstanceType MinCount MaxCount SubnetId SecurityGroupIds PrivateIpAddress TagSpecifications DryRun ClientToken'.split(
    ' ',
  ),
);

const run = (account: Account, input: InputOf<typeof Sdk, 'RunInstances'>) => {
  const other = Object.keys(input).find((member) => !UNDERSTOOD.has(member));
  if (other !== undefined) throw notServed(`${other} of RunInstances`);
  const { MinCount: min, MaxCount: count, ImageId: image, SubnetId, PrivateIpAddress: wanted } = input;
  if (image === undefined) throw refuse('MissingParameter', 'The request must contain the parameter ImageId');
  if (min < 1 || min > count)
    throw invalidValue(
      `Value (${min}) for parameter minCount is invalid. It must be at least 1 and at most maxCount.`,
    );
  if (SubnetId === undefined)
    throw refuse('MissingInput', 'No default VPC for this user: SubnetId must be given');
  const subnet = subnetAt(account, SubnetId);
  const groups = (input.SecurityGroupIds ?? []).map((id) => groupAt(account, id, undefined));
  if (groups.some(({ VpcId }) => VpcId !== subnet.VpcId))
    throw refuse(
      'InvalidParameter',
      `Security group ${groups.find(({ VpcId }) => VpcId !== subnet.VpcId)?.GroupId} and subnet ${SubnetId} belong to different networks.`,
    );
  const tags = specifiedTags(account, input.TagSpecifications, 'instance');
  const addresses = addressesFor(account, subnet, count, wanted);
  stopIfDryRun(input);
  const launched = addresses.map((privateIp): StoredInstance => {
    const instance: StoredInstance = {
      id: `i-0${nextId(account, `instance/${privateIp}`, 16)}`,
      privateIp,
      zone: subnet.AvailabilityZone,
      vpc: subnet.VpcId,
      state: 'running',
      launch: {
        subnet: SubnetId,
        groups: groups.map(({ GroupId }) => GroupId),
        image,
        type: input.InstanceType ?? 'm1.small',
        at: new Date(account.clock.now()),
      },
    };
    account.serving.instances.set(instance.id, instance);
    if (Object.keys(tags).length > 0) account.network.tags.set(instance.id, { ...tags });
    return instance;
  });
  return {
    ReservationId: `r-0${nextId(account, 'reservation', 16)}`,
    OwnerId: account.id,
    Groups: [],
    Instances: launched.map((instance) => describeInstance(account, instance)),
  };
};

/** Free addresses of a subnet; the first four belong to AWS. */
const addressesFor = (
  account: Account,
  subnet: StoredSubnet,
  count: number,
  wanted: string | undefined,
): string[] => {
  const taken = new Set([
    ...[...account.serving.instances.values()]
      .filter(({ state }) => state !== 'terminated')
      .map(({ privateIp }) => privateIp),
    ...[...account.network.interfaces.values()].map(({ privateIp }) => privateIp),
  ]);
  if (wanted !== undefined) {
    if (count > 1) throw refuse('InvalidParameterCombination', 'PrivateIpAddress is for one instance only');
    if (!inCidr(wanted, subnet.CidrBlock))
      throw invalidValue(`Address ${wanted} does not fall within the subnet's address range`);
    if (taken.has(wanted)) throw refuse('InvalidIPAddress.InUse', `Address ${wanted} is in use.`);
    return [wanted];
  }
  const [first, last] = blockRange(subnet.CidrBlock) ?? [0, 0];
  const free: string[] = [];
  for (let offset = 4; offset < last - first && free.length < count; offset += 1) {
    const address = addressIn(subnet.CidrBlock, offset);
    if (!taken.has(address)) free.push(address);
  }
  if (free.length < count)
    throw refuse(
      'InsufficientFreeAddressesInSubnet',
      `There are not enough free addresses in subnet '${subnet.SubnetId}' to satisfy the requested number of instances.`,
    );
  return free;
};

const terminate = (account: Account, input: InputOf<typeof Sdk, 'TerminateInstances'>) => {
  const instances = input.InstanceIds.map((id) => {
    const found = account.serving.instances.get(id);
    if (found === undefined) throw notFound('InvalidInstanceID.NotFound', 'instance ID', id);
    return found;
  });
  stopIfDryRun(input);
  return {
    TerminatingInstances: instances.map((instance) => {
      const PreviousState = describeInstance(account, instance).State;
      instance.state = 'terminated';
      schedule(account, `terminated/${instance.id}`, {
        kind: 'terminated',
        instance: instance.id,
        at: account.clock.now() + account.facts.terminatedInstanceSeconds * 1000,
      });
      return {
        InstanceId: instance.id,
        PreviousState,
        CurrentState: describeInstance(account, instance).State,
      };
    }),
  };
};
