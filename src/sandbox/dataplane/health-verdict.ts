import type { TargetHealth } from '@aws-sdk/client-elastic-load-balancing-v2';
import type { StoredTargetGroup } from '../aws/state.ts';
import type { ProbeResult } from './health-probe.ts';

/** Results in a row, of one kind. */
export type Streak = { readonly passed: number; readonly failed: number };

export const NO_STREAK: Streak = { passed: 0, failed: 0 };

/** Counts a result: the other kind's count starts anew. */
export const counted = (streak: Streak, passed: boolean): Streak =>
  passed ? { passed: streak.passed + 1, failed: 0 } : { passed: 0, failed: streak.failed + 1 };

/** Why a check did not pass, as DescribeTargetHealth words it; undefined when it passed. */
export const failureOf = (group: StoredTargetGroup, result: ProbeResult): TargetHealth | undefined => {
  switch (result.kind) {
    case 'code':
      return codeMatches(group, result.code) ? undefined : mismatch(result.code);
    case 'connected':
      return undefined;
    case 'timeout':
      return unhealthy('Target.Timeout', 'Request timed out');
    case 'not-running':
      return {
        State: 'unused',
        Reason: 'Target.InvalidState',
        Description: `Target is in the ${result.state} state`,
      };
    case 'failed':
      return unhealthy('Target.FailedHealthChecks', `Health checks failed: ${result.why}`);
  }
};

/**
 * The state after one more result. The first pass makes an initial target healthy; from then on the thresholds of the
 * group rule (AWS documentation). Undefined when nothing changes.
 */
export const nextHealth = (
  group: StoredTargetGroup,
  current: TargetHealth,
  streak: Streak,
  failure: TargetHealth | undefined,
): TargetHealth | undefined => {
  const known = current.State === 'healthy' || current.State === 'unhealthy';
  if (failure === undefined) {
    const needed = known ? (group.HealthyThresholdCount ?? 5) : 1;
    return current.State !== 'healthy' && streak.passed >= needed ? { State: 'healthy' } : undefined;
  }
  if (failure.State === 'unhealthy' && streak.failed < (group.UnhealthyThresholdCount ?? 2)) return undefined;
  const same =
    current.State === failure.State &&
    current.Reason === failure.Reason &&
    current.Description === failure.Description;
  return same ? undefined : failure;
};

/** Whether a code satisfies the group's matcher: `200`, `200,204` or `200-299`; gRPC codes likewise, default 12. */
const codeMatches = (group: StoredTargetGroup, code: number): boolean => {
  const grpc = group.ProtocolVersion === 'GRPC';
  const wanted = (grpc ? group.Matcher?.GrpcCode : group.Matcher?.HttpCode) ?? (grpc ? '12' : '200');
  return wanted.split(',').some((part) => {
    const [from = Number.NaN, to = from] = part.split('-').map(Number);
    return code >= from && code <= to;
  });
};

const unhealthy = (Reason: NonNullable<TargetHealth['Reason']>, Description: string): TargetHealth => ({
  State: 'unhealthy',
  Reason,
  Description,
});

const mismatch = (code: number): TargetHealth =>
  unhealthy('Target.ResponseCodeMismatch', `Health checks failed with these codes: [${code}]`);
