/** Who belongs to whom among ELBv2 resources, so that no call has to search through all of them. */
import type { Action } from '@aws-sdk/client-elastic-load-balancing-v2';
import type { Account } from '../account.ts';
import { schedule } from '../schedule.ts';
import type { StoredListener, StoredRule, StoredTargetGroup } from '../state.ts';

/** Target groups that actions forward to, without repetition. */
export const targetGroupsOf = (actions: readonly Action[] | undefined): string[] => [
  ...new Set(
    (actions ?? []).flatMap((action) => [
      ...(action.TargetGroupArn === undefined ? [] : [action.TargetGroupArn]),
      ...(action.ForwardConfig?.TargetGroups ?? []).flatMap(({ TargetGroupArn }) =>
        TargetGroupArn === undefined ? [] : [TargetGroupArn],
      ),
    ]),
  ),
];

export type Links = {
  readonly listenersOf: (loadBalancer: string) => StoredListener[];
  /** With the default rule. */
  readonly rulesOf: (listener: string) => StoredRule[];
  /** ARNs of the load balancers that forward to a target group: none or one. */
  readonly balancersOf: (targetGroup: string) => string[];
  /** ARNs of the target groups that a load balancer's rules forward to. */
  readonly targetGroupsIn: (loadBalancer: string) => string[];
  readonly addListener: (listener: StoredListener) => void;
  readonly removeListener: (listener: StoredListener) => void;
  readonly addRule: (rule: StoredRule, loadBalancer: string) => void;
  readonly removeRule: (rule: StoredRule) => void;
  /** Gives a rule other actions; the health of targets in groups that stay in use is kept. */
  readonly replaceActions: (rule: StoredRule, actions: Action[], loadBalancer: string) => void;
  /** Reads everything anew, after the whole state was replaced. */
  readonly rebuild: () => void;
};

/** Keeps the links of an account; also moves targets between `unused` and `initial` as groups come into use. */
export const makeLinks = (account: Account): Links => {
  const { serving } = account;
  const listeners = new Map<string, Map<string, StoredListener>>();
  const rules = new Map<string, Map<string, StoredRule>>();
  const users = new Map<string, Map<string, string>>();
  const used = new Map<string, Map<string, number>>();

  const balancersOf = (targetGroup: string): string[] => [...new Set(users.get(targetGroup)?.values() ?? [])];

  const refresh = (targetGroup: string): void => {
    const group = serving.targetGroups.get(targetGroup);
    if (group === undefined) return;
    const wasUsed = (group.LoadBalancerArns ?? []).length > 0;
    group.LoadBalancerArns = balancersOf(targetGroup);
    if (group.LoadBalancerArns.length > 0) account.tasks.delete(lettingGo(targetGroup));
    else if (wasUsed) letGo(account, targetGroup);
    settleUse(group);
  };

  const count = (loadBalancer: string, targetGroup: string, by: 1 | -1): void => {
    const counts = mapAt(used, loadBalancer);
    const next = (counts.get(targetGroup) ?? 0) + by;
    if (next > 0) counts.set(targetGroup, next);
    else counts.delete(targetGroup);
  };

  const track = (rule: StoredRule, loadBalancer: string): void => {
    mapAt(rules, rule.listenerArn).set(rule.RuleArn, rule);
    for (const group of targetGroupsOf(rule.Actions)) {
      mapAt(users, group).set(rule.RuleArn, loadBalancer);
      count(loadBalancer, group, 1);
    }
  };

  const untrack = (rule: StoredRule): void => {
    rules.get(rule.listenerArn)?.delete(rule.RuleArn);
    for (const group of targetGroupsOf(rule.Actions)) {
      const loadBalancer = users.get(group)?.get(rule.RuleArn);
      users.get(group)?.delete(rule.RuleArn);
      if (loadBalancer !== undefined) count(loadBalancer, group, -1);
    }
  };

  const addRule = (rule: StoredRule, loadBalancer: string): void => {
    track(rule, loadBalancer);
    for (const group of targetGroupsOf(rule.Actions)) refresh(group);
  };

  const removeRule = (rule: StoredRule): void => {
    untrack(rule);
    for (const group of targetGroupsOf(rule.Actions)) refresh(group);
  };

  const replaceActions = (rule: StoredRule, actions: Action[], loadBalancer: string): void => {
    const before = targetGroupsOf(rule.Actions);
    untrack(rule);
    rule.Actions = actions;
    track(rule, loadBalancer);
    for (const group of new Set([...before, ...targetGroupsOf(actions)])) refresh(group);
  };

  const addListener = (listener: StoredListener): void => {
    mapAt(listeners, listener.LoadBalancerArn).set(listener.ListenerArn, listener);
  };

  return {
    /** By the account's own maps, which show an older state while a read lags behind. */
    listenersOf: (arn) =>
      [...(listeners.get(arn)?.keys() ?? [])].flatMap((key) => serving.listeners.get(key) ?? []),
    rulesOf: (arn) => [...(rules.get(arn)?.keys() ?? [])].flatMap((key) => serving.rules.get(key) ?? []),
    balancersOf,
    targetGroupsIn: (arn) => [...(used.get(arn)?.keys() ?? [])],
    addListener,
    removeListener: (listener) => {
      listeners.get(listener.LoadBalancerArn)?.delete(listener.ListenerArn);
      rules.delete(listener.ListenerArn);
    },
    addRule,
    removeRule,
    replaceActions,
    rebuild: () => {
      for (const index of [listeners, rules, users, used]) index.clear();
      for (const listener of serving.listeners.values()) addListener(listener);
      for (const rule of serving.rules.values()) {
        const loadBalancer = serving.listeners.get(rule.listenerArn)?.LoadBalancerArn;
        if (loadBalancer !== undefined) addRule(rule, loadBalancer);
      }
    },
  };
};

const lettingGo = (targetGroup: string): string => `let-go/${targetGroup}`;

const letGo = (account: Account, targetGroup: string): void => {
  const seconds = account.facts.targetGroupReleaseSeconds;
  if (seconds > 0)
    schedule(account, lettingGo(targetGroup), { kind: 'let-go', at: account.clock.now() + seconds * 1000 });
};

/** Whether nothing forwards to a target group any more, and the load balancer has not let go of it yet. */
export const isLettingGo = ({ tasks }: Account, targetGroup: string): boolean =>
  tasks.has(lettingGo(targetGroup));

const mapAt = <K, V>(index: Map<string, Map<K, V>>, key: string): Map<K, V> => {
  let found = index.get(key);
  if (found === undefined) {
    found = new Map();
    index.set(key, found);
  }
  return found;
};

const INITIAL = Object.freeze({
  State: 'initial',
  Reason: 'Elb.RegistrationInProgress',
  Description: 'Target registration is in progress',
} as const);
const UNUSED = Object.freeze({
  State: 'unused',
  Reason: 'Target.NotInUse',
  Description: 'Target group is not configured to receive traffic from the load balancer',
} as const);

/** A target's health before any check: `unused` while no listener forwards to its group. One object serves all targets. */
export const firstHealth = (inUse: boolean) => (inUse ? INITIAL : UNUSED);

const settleUse = (group: StoredTargetGroup): void => {
  const inUse = (group.LoadBalancerArns ?? []).length > 0;
  for (const target of group.targets.values()) {
    const { State } = target.health;
    if (State === 'draining') continue;
    if (inUse === (State === 'unused')) target.health = firstHealth(inUse);
  }
};
