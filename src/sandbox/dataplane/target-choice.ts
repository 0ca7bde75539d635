import { headerValues, type RequestFacts } from './request-facts.ts';
import type { Forward } from './rule-action.ts';
import { cookieValue, decodeBinding, stickyCookies } from './sticky-cookie.ts';
import type { PickedTarget, TargetGroupView, TargetPools } from './target-pool.ts';

/** Where a request goes, and which cookies its answer gets so that the next one goes there too. */
export type Choice = {
  readonly group: TargetGroupView;
  readonly target: PickedTarget;
  /** Set-Cookie values, given those the target itself sets. */
  cookies(fromTarget: readonly string[]): readonly string[];
};

/**
 * Chooses group and target for a forward action: by cookie where stickiness is on and the cookie still names a target
 * that serves, else by weight and the group's algorithm. Undefined when the chosen group has no registered target:
 * weights do not fail over to another group. Cookies of application type do not combine with several groups (AWS
 * documentation), so they are not looked at then.
 */
export const chooseTarget = (
  action: Forward,
  pools: TargetPools,
  request: RequestFacts,
  now: number,
  secure: boolean,
): Choice | undefined => {
  const cookies = headerValues(request.headers, 'cookie');
  const sticky = action.stickySeconds === undefined ? undefined : stickyGroup(action, cookies, now);
  const arn = sticky ?? byWeight(action.groups);
  const group = arn === undefined ? undefined : pools.view(arn);
  if (group === undefined) return undefined;
  const bound = boundTarget(group, action, cookies, now);
  const target = bound ?? group.pick();
  if (target === undefined) return undefined;
  return {
    group,
    target,
    cookies: (fromTarget) => [
      ...groupCookies(action, group.arn, now, secure),
      ...targetCookies(group, action, target, now, secure, bound !== undefined, fromTarget),
    ],
  };
};

const stickyGroup = (action: Forward, cookies: readonly string[], now: number): string | undefined => {
  const group = decodeBinding(cookieValue(cookies, 'AWSALBTG'), now)?.group;
  return action.groups.some((candidate) => candidate.arn === group) ? group : undefined;
};

const byWeight = (groups: Forward['groups']): string | undefined => {
  if (groups.length === 1) return groups[0]?.arn;
  let left = Math.random() * groups.reduce((sum, group) => sum + group.weight, 0);
  return groups.find((group) => {
    left -= group.weight;
    return left < 0;
  })?.arn;
};

const boundTarget = (
  group: TargetGroupView,
  action: Forward,
  cookies: readonly string[],
  now: number,
): PickedTarget | undefined => {
  const { stickiness } = group;
  if (stickiness === undefined || cookies.length === 0) return undefined;
  const byApplication = stickiness.type === 'app_cookie';
  if (byApplication && (action.groups.length > 1 || cookieValue(cookies, stickiness.cookie) === undefined)) {
    return undefined;
  }
  const binding = decodeBinding(cookieValue(cookies, byApplication ? 'AWSALBAPP-0' : 'AWSALB'), now);
  return binding?.group === group.arn ? group.byKey(binding.target) : undefined;
};

const groupCookies = (action: Forward, group: string, now: number, secure: boolean): readonly string[] =>
  action.stickySeconds === undefined
    ? []
    : stickyCookies('AWSALBTG', { group, target: '', until: now + action.stickySeconds * 1000 }, secure);

const targetCookies = (
  group: TargetGroupView,
  action: Forward,
  target: PickedTarget,
  now: number,
  secure: boolean,
  bound: boolean,
  fromTarget: readonly string[],
): readonly string[] => {
  const { stickiness } = group;
  if (stickiness === undefined) return [];
  const binding = { group: group.arn, target: target.key, until: now + stickiness.seconds * 1000 };
  if (stickiness.type === 'lb_cookie') return stickyCookies('AWSALB', binding, secure);
  const set = bound || fromTarget.some((cookie) => cookie.startsWith(`${stickiness.cookie}=`));
  const [cookie] = stickyCookies('AWSALBAPP-0', binding, secure);
  return set && cookie !== undefined && action.groups.length === 1 ? [cookie] : [];
};
