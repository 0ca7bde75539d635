/** Target groups that others made and TargetGroupBindings fill: looked at and filled, never changed otherwise. */
import {
  DescribeTagsCommand,
  DescribeTargetGroupsCommand,
  DescribeTargetHealthCommand,
  type ElasticLoadBalancingV2Client,
  type TargetGroup,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import type { BoundGroup } from '../core/bindings/group.ts';
import type { GroupRef, Role } from '../core/bindings/read-binding.ts';
import { addressOf } from '../core/model/target-health.ts';
import type { BoundGroups } from '../core/ports.ts';
import { awsError, failedAttempt, means } from './errors.ts';
import { fromTargetHealth } from './kinds/target-group.ts';
import { type ClientOfRole, RoleRefused } from './role-clients.ts';
import { settleTargets } from './settle-targets.ts';
import { fromSdkTags } from './tags.ts';
import { targetStates } from './target-health.ts';

export type BoundGroupsOptions = {
  readonly own: ElasticLoadBalancingV2Client;
  readonly clientOf: ClientOfRole;
};

export const boundGroups = ({ own, clientOf }: BoundGroupsOptions): BoundGroups => {
  const client = (role: Role | undefined): ElasticLoadBalancingV2Client => (role ? clientOf(role) : own);
  return {
    find: async (ref, role) => {
      try {
        const found = await describe(client(role), ref);
        return found ? { is: 'here', group: await complete(client(role), found) } : { is: 'absent' };
      } catch (thrown) {
        if (thrown instanceof RoleRefused) return { is: 'unreachable', why: thrown.message };
        if (means(thrown, 'gone')) return { is: 'absent' };
        if (means(thrown, 'denied')) return { is: 'refused', why: awsError(thrown).message };
        throw thrown;
      }
    },
    health: ({ arn }, role) => targetStates(client(role), arn),
    fill: async ({ arn, targets }, register, deregister, role) => {
      try {
        const going = new Set(deregister.map(addressOf));
        const someStay = targets.some((target) => !going.has(addressOf(target)));
        await settleTargets(client(role), arn, { register, deregister, someStay });
        return { status: 'done' };
      } catch (thrown) {
        if (thrown instanceof RoleRefused)
          return { status: 'failed', code: 'RoleUnusable', message: thrown.message, retry: false };
        return failedAttempt(thrown);
      }
    },
  };
};

const describe = async (
  elb: ElasticLoadBalancingV2Client,
  ref: GroupRef,
): Promise<TargetGroup | undefined> => {
  const which = 'arn' in ref ? { TargetGroupArns: [ref.arn] } : { Names: [ref.name] };
  const { TargetGroups } = await elb.send(new DescribeTargetGroupsCommand(which));
  return TargetGroups?.[0];
};

const complete = async (elb: ElasticLoadBalancingV2Client, found: TargetGroup): Promise<BoundGroup> => {
  const arn = found.TargetGroupArn ?? '';
  const [health, tags] = await Promise.all([
    elb.send(new DescribeTargetHealthCommand({ TargetGroupArn: arn })),
    elb.send(new DescribeTagsCommand({ ResourceArns: [arn] })),
  ]);
  return {
    arn,
    name: found.TargetGroupName ?? '',
    targetType: found.TargetType ?? 'instance',
    protocol: found.Protocol ?? '',
    ipAddressType: found.IpAddressType ?? 'ipv4',
    vpc: found.VpcId ?? '',
    tags: fromSdkTags(tags.TagDescriptions?.[0]?.Tags),
    targets: (health.TargetHealthDescriptions ?? []).flatMap(fromTargetHealth),
  };
};
