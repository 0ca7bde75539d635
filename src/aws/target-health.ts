/** What AWS's health checks say of targets. One call answers for all targets of a group. */
import {
  DescribeTargetHealthCommand,
  type ElasticLoadBalancingV2Client,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import type { Actual } from '../core/model/actual.ts';
import type { Key } from '../core/model/key.ts';
import { addressOf, type TargetHealths, type TargetStates } from '../core/model/target-health.ts';
import type { Account } from './account.ts';
import { means } from './errors.ts';

/** Rejects when AWS does not answer; a group that is not there (any more) is left out. */
export const targetHealth = async (
  { clients: { elb } }: Account,
  groups: readonly Key<'target-group'>[],
  actual: Actual,
): Promise<TargetHealths> => {
  const healths = await Promise.all(
    groups.map(async (key) => {
      const TargetGroupArn = actual.ids.get(key);
      if (TargetGroupArn === undefined) return [];
      try {
        return [[key, await targetStates(elb, TargetGroupArn)] as const];
      } catch (thrown) {
        if (means(thrown, 'gone')) return [];
        throw thrown;
      }
    }),
  );
  return new Map(healths.flat());
};

export const targetStates = async (
  elb: ElasticLoadBalancingV2Client,
  TargetGroupArn: string,
): Promise<TargetStates> => {
  const answer = await elb.send(new DescribeTargetHealthCommand({ TargetGroupArn }));
  return new Map(
    (answer.TargetHealthDescriptions ?? []).map(({ Target, TargetHealth }): [string, string] => [
      addressOf({ id: Target?.Id ?? '', port: Target?.Port ?? 0 }),
      TargetHealth?.State ?? 'unknown',
    ]),
  );
};
