/** Who is in a target group. Newcomers first, so that there is always somebody to serve. */
import {
  DeregisterTargetsCommand,
  type ElasticLoadBalancingV2Client,
  RegisterTargetsCommand,
  type TargetDescription,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import type { Target } from '../core/model/resource.ts';
import { awsError } from './errors.ts';
import { chunks } from './every-page.ts';

export type TargetChange = {
  readonly register: readonly Target[];
  readonly deregister: readonly Target[];
  /** Whether somebody stays in the group whatever becomes of the newcomers. */
  readonly someStay: boolean;
};

/**
 * One target that AWS does not take (an instance that was stopped, say, and whose node is still there) keeps nobody else out.
 * Rejects with what AWS said of it when all others are in. Who goes stays where nobody could be let in.
 */
export const settleTargets = async (
  elb: ElasticLoadBalancingV2Client,
  TargetGroupArn: string,
  { register, deregister, someStay }: TargetChange,
): Promise<void> => {
  const { registered, refusal } = await registerTargets(elb, TargetGroupArn, register);
  if (refusal === undefined || someStay || registered > 0)
    for (const some of chunks(deregister, TARGETS_PER_CALL))
      await elb.send(new DeregisterTargetsCommand({ TargetGroupArn, Targets: some.map(toSdkTarget) }));
  if (refusal !== undefined) throw refusal;
};

/** Small calls, so that one refused target spoils little. */
const TARGETS_PER_CALL = 200;

/** Calls that are spent in one go on finding the targets that AWS does not take: all programs of an account share them. */
const MOST_SEARCHES = 24;

/** AWS refuses a whole call for one target in it, so what was refused is tried again in halves. */
const registerTargets = async (
  elb: ElasticLoadBalancingV2Client,
  TargetGroupArn: string,
  targets: readonly Target[],
): Promise<{ readonly registered: number; readonly refusal: unknown }> => {
  let registered = 0;
  let refusal: unknown;
  let searches = MOST_SEARCHES;
  const add = async (some: readonly Target[]): Promise<void> => {
    try {
      await elb.send(new RegisterTargetsCommand({ TargetGroupArn, Targets: some.map(toSdkTarget) }));
      registered += some.length;
    } catch (thrown) {
      if (!ABOUT_A_TARGET.has(awsError(thrown).code)) throw thrown;
      // What is said of a single one is what helps.
      if (refusal === undefined || some.length === 1) refusal = thrown;
      if (some.length === 1 || searches < 2) return;
      searches -= 2;
      for (const half of chunks(some, Math.ceil(some.length / 2))) await add(half);
    }
  };
  for (const some of chunks(targets, TARGETS_PER_CALL)) await add(some);
  return { registered, refusal };
};

/** RegisterTargets (ELBv2 API reference): what is not there, not in the VPC or not running; an address it never takes. */
const ABOUT_A_TARGET: ReadonlySet<string> = new Set(['InvalidTarget', 'ValidationError']);

const toSdkTarget = ({ id, port, zone }: Target): TargetDescription => ({
  Id: id,
  Port: port,
  ...(zone && { AvailabilityZone: zone }),
});
