/** Registration of targets and the health that AWS shows for them. Checks themselves are the data plane's work. */

import type * as Sdk from '@aws-sdk/client-elastic-load-balancing-v2';
import type { TargetDescription, TargetHealthDescription } from '@aws-sdk/client-elastic-load-balancing-v2';
import {
  DeregisterTargets$,
  DescribeTargetHealth$,
  InvalidTargetException$,
  RegisterTargets$,
  TooManyRegistrationsForTargetIdException$,
  TooManyTargetsException$,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { schedule } from '../schedule.ts';
import type { StoredTarget, StoredTargetGroup } from '../state.ts';
import type { Operations } from '../wire/operation.ts';
import { refuse } from '../wire/refusal.ts';
import { checkAlbTarget, checkSingle } from './alb-target.ts';
import type { Elb } from './find.ts';
import { targetGroupAt } from './find.ts';
import { firstHealth } from './links.ts';
import { zoneOf } from './target-place.ts';

export const targetOperations = (elb: Elb): Operations<typeof Sdk> => ({
  RegisterTargets: {
    schema: RegisterTargets$,
    handle: ({ TargetGroupArn, Targets }) => {
      register(elb, targetGroupAt(elb, TargetGroupArn), Targets);
      return {};
    },
  },
  DeregisterTargets: {
    schema: DeregisterTargets$,
    handle: ({ TargetGroupArn, Targets }) => {
      const group = targetGroupAt(elb, TargetGroupArn);
      for (const target of Targets) deregister(elb, group, target);
      return {};
    },
  },
  DescribeTargetHealth: {
    schema: DescribeTargetHealth$,
    handle: ({ TargetGroupArn, Targets, Include }) => {
      const group = targetGroupAt(elb, TargetGroupArn);
      const shown =
        Targets?.flatMap((target) => shownAs(group, target)) ??
        [...group.targets.values()].map((t) => health(group, t));
      const anomalies = Include !== undefined && Include.length > 0;
      return {
        TargetHealthDescriptions: shown.map((one) =>
          anomalies ? { ...one, AnomalyDetection: { Result: 'normal', MitigationInEffect: 'no' } } : one,
        ),
      };
    },
  },
});

const keyOf = (id: string, port: number): string => `${id}:${port}`;
const portOf = (group: StoredTargetGroup, target: TargetDescription): number =>
  target.Port ?? group.Port ?? 0;

const register = (elb: Elb, group: StoredTargetGroup, targets: readonly TargetDescription[]): void => {
  const { account } = elb;
  const placed = new Map(
    targets.map((target) => {
      const [id, port] = [target.Id ?? '', portOf(group, target)];
      if (target.QuicServerId !== undefined)
        throw refuse(InvalidTargetException$, 'QuicServerId is for QUIC target groups');
      return [keyOf(id, port), { id, port, zone: placeOf(elb, group, target) }] as const;
    }),
  );
  checkNumbers(
    elb,
    group,
    [...placed].filter(([key]) => !isServing(group.targets.get(key))).map(([, { id }]) => id),
  );
  const inUse = (group.LoadBalancerArns ?? []).length > 0;
  for (const [key, place] of placed) {
    const present = group.targets.get(key);
    if (isServing(present)) continue;
    account.tasks.delete(`drained/${group.TargetGroupArn}/${key}`);
    group.targets.set(key, { ...place, health: firstHealth(inUse), drainedAt: undefined });
  }
};

const placeOf = (elb: Elb, group: StoredTargetGroup, target: TargetDescription): string | undefined => {
  if (group.TargetType !== 'alb') return zoneOf(elb.account, group, target);
  checkAlbTarget(elb, group, target);
  return undefined;
};

const isServing = (target: StoredTarget | undefined): boolean =>
  target !== undefined && target.drainedAt === undefined;

const servingIn = (group: StoredTargetGroup): StoredTarget[] => [...group.targets.values()].filter(isServing);

const checkNumbers = ({ account, links }: Elb, group: StoredTargetGroup, added: readonly string[]): void => {
  const { facts, serving } = account;
  checkSingle(group, added.length);
  if (servingIn(group).length + added.length > facts.targetsPerTargetGroup) {
    throw refuse(
      TooManyTargetsException$,
      `The maximum number of targets per target group '${facts.targetsPerTargetGroup}' has been reached on target group '${group.TargetGroupArn}'`,
    );
  }
  for (const balancer of group.LoadBalancerArns ?? []) {
    const targets = links.targetGroupsIn(balancer).flatMap((arn) => {
      const other = serving.targetGroups.get(arn);
      return other === undefined ? [] : servingIn(other);
    });
    if (targets.length + added.length > facts.targetsPerLoadBalancer) {
      throw refuse(
        TooManyTargetsException$,
        `The maximum number of targets per load balancer '${facts.targetsPerLoadBalancer}' has been reached on load balancer '${balancer}'`,
      );
    }
    const times = new Map<string, number>();
    for (const id of [...targets.map((target) => target.id), ...added])
      times.set(id, (times.get(id) ?? 0) + 1);
    const often = added.find((id) => (times.get(id) ?? 0) > facts.registrationsPerTarget);
    if (often !== undefined) {
      throw refuse(
        TooManyRegistrationsForTargetIdException$,
        `Target '${often}' cannot be registered more than '${facts.registrationsPerTarget}' times on load balancer '${balancer}'`,
      );
    }
  }
};

/** Without a port every registration of the id goes. A target that is not registered is no error. */
const deregister = ({ account }: Elb, group: StoredTargetGroup, target: TargetDescription): void => {
  const delay = Number(group.attributes['deregistration_delay.timeout_seconds'] ?? 300);
  const inUse = (group.LoadBalancerArns ?? []).length > 0;
  for (const [key, present] of group.targets) {
    const meant = present.id === target.Id && (target.Port === undefined || target.Port === present.port);
    if (!meant || present.drainedAt !== undefined) continue;
    if (!inUse || delay === 0) {
      group.targets.delete(key);
      continue;
    }
    const at = account.clock.now() + delay * 1000;
    present.drainedAt = at;
    present.health = {
      State: 'draining',
      Reason: 'Target.DeregistrationInProgress',
      Description: 'Target deregistration is in progress',
    };
    schedule(account, `drained/${group.TargetGroupArn}/${key}`, {
      kind: 'drained',
      targetGroup: group.TargetGroupArn,
      target: key,
      at,
    });
  }
};

const shownAs = (group: StoredTargetGroup, target: TargetDescription): TargetHealthDescription[] => {
  const port = portOf(group, target);
  const present = group.targets.get(keyOf(target.Id ?? '', port));
  if (present !== undefined) return [health(group, present)];
  return [
    {
      Target: { Id: target.Id ?? '', Port: port },
      TargetHealth: {
        State: 'unused',
        Reason: 'Target.NotRegistered',
        Description: 'Target is not registered to the target group',
      },
    },
  ];
};

const health = (
  group: StoredTargetGroup,
  { id, port, zone, health: TargetHealth }: StoredTarget,
): TargetHealthDescription => ({
  Target: { Id: id, Port: port, ...(zone === undefined ? {} : { AvailabilityZone: zone }) },
  HealthCheckPort: group.HealthCheckPort === 'traffic-port' ? String(port) : (group.HealthCheckPort ?? ''),
  TargetHealth,
});
