/** Rules of listeners. */

import type * as Sdk from '@aws-sdk/client-elastic-load-balancing-v2';
import type { Rule } from '@aws-sdk/client-elastic-load-balancing-v2';
import {
  CreateRule$,
  DeleteRule$,
  DescribeRules$,
  ModifyRule$,
  OperationNotPermittedException$,
  PriorityInUseException$,
  RuleNotFoundException$,
  SetRulePriorities$,
  TooManyRulesException$,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { nextId } from '../account.ts';
import type { StoredListener, StoredRule } from '../state.ts';
import type { InputOf, Operations } from '../wire/operation.ts';
import { notServed, refuse } from '../wire/refusal.ts';
import { checkActions, describeActions } from './actions.ts';
import { checkConditions } from './conditions.ts';
import type { Elb } from './find.ts';
import { listenerAt, loadBalancerAt, ruleAt } from './find.ts';
import { invalid } from './invalid.ts';
import { dropRule } from './listener-removal.ts';
import { page } from './page.ts';
import { newTags } from './tags.ts';
import { checkTransforms } from './transforms.ts';

export const ruleOperations = (elb: Elb): Operations<typeof Sdk> => ({
  CreateRule: { schema: CreateRule$, handle: (input) => ({ Rules: [describe(create(elb, input))] }) },
  ModifyRule: { schema: ModifyRule$, handle: (input) => ({ Rules: [describe(modify(elb, input))] }) },
  DescribeRules: { schema: DescribeRules$, handle: (input) => describeAll(elb, input) },
  DeleteRule: {
    schema: DeleteRule$,
    handle: ({ RuleArn }) => {
      const rule = ruleAt(elb, RuleArn);
      if (rule.IsDefault)
        throw refuse(OperationNotPermittedException$, `Default rule '${RuleArn}' cannot be deleted`);
      dropRule(elb, rule);
      return {};
    },
  },
  SetRulePriorities: { schema: SetRulePriorities$, handle: (input) => setPriorities(elb, input) },
});

const create = (elb: Elb, input: InputOf<typeof Sdk, 'CreateRule'>): StoredRule => {
  const { account, links } = elb;
  const listener = listenerAt(elb, input.ListenerArn);
  const balancer = loadBalancerAt(elb, listener.LoadBalancerArn);
  if (balancer.Type === 'network') throw notServed('rules on listeners of network load balancers');
  const conditions = checkConditions(account.facts, input.Conditions);
  const actions = checkActions(elb, input.Actions, {
    balancer,
    protocol: listener.Protocol ?? '',
    replaces: [],
  });
  const transforms = checkTransforms(input.Transforms ?? []);
  const tags = newTags(account, input.Tags);
  const priority = String(input.Priority);
  if (links.rulesOf(listener.ListenerArn).some((rule) => rule.Priority === priority)) throw inUse(priority);
  const count = links
    .listenersOf(balancer.LoadBalancerArn)
    .reduce((sum, { ListenerArn }) => sum + links.rulesOf(ListenerArn).length - 1, 0);
  const most = account.facts.rulesPerLoadBalancer;
  if (count >= most)
    throw refuse(
      TooManyRulesException$,
      `The maximum number of rules per load balancer, '${most}', is reached`,
    );
  const rule: StoredRule = {
    RuleArn: ruleArn(elb, listener),
    listenerArn: listener.ListenerArn,
    Priority: priority,
    Conditions: conditions,
    Actions: actions,
    IsDefault: false,
    Transforms: transforms,
  };
  account.serving.rules.set(rule.RuleArn, rule);
  account.elbTags.set(rule.RuleArn, tags);
  links.addRule(rule, balancer.LoadBalancerArn);
  return rule;
};

/** The rule that a listener has from the start and that holds its default actions. */
export const createDefaultRule = (elb: Elb, listener: StoredListener): void => {
  const rule: StoredRule = {
    RuleArn: ruleArn(elb, listener),
    listenerArn: listener.ListenerArn,
    Priority: 'default',
    Conditions: [],
    Actions: listener.DefaultActions ?? [],
    IsDefault: true,
    Transforms: [],
  };
  elb.account.serving.rules.set(rule.RuleArn, rule);
  elb.links.addRule(rule, listener.LoadBalancerArn);
};

const ruleArn = ({ account }: Elb, { ListenerArn }: StoredListener): string =>
  `${ListenerArn.replace(':listener/', ':listener-rule/')}/${nextId(account, `${ListenerArn}/rule`, 16)}`;

const inUse = (priority: string) =>
  refuse(PriorityInUseException$, `Priority '${priority}' is currently in use`);

const modify = (elb: Elb, input: InputOf<typeof Sdk, 'ModifyRule'>): StoredRule => {
  const rule = ruleAt(elb, input.RuleArn);
  if (rule.IsDefault)
    throw refuse(
      OperationNotPermittedException$,
      `Default rule '${input.RuleArn}' cannot be modified; modify its listener`,
    );
  if (input.Transforms !== undefined && input.ResetTransforms === true) {
    throw invalid('Transforms and ResetTransforms cannot be given together');
  }
  const listener = listenerAt(elb, rule.listenerArn);
  const balancer = loadBalancerAt(elb, listener.LoadBalancerArn);
  const conditions =
    input.Conditions === undefined ? rule.Conditions : checkConditions(elb.account.facts, input.Conditions);
  const actions =
    input.Actions === undefined
      ? rule.Actions
      : checkActions(elb, input.Actions, {
          balancer,
          protocol: listener.Protocol ?? '',
          replaces: rule.Actions ?? [],
        });
  const transforms = input.Transforms === undefined ? rule.Transforms : checkTransforms(input.Transforms);
  rule.Conditions = conditions;
  rule.Transforms = input.ResetTransforms === true ? [] : transforms;
  elb.links.replaceActions(rule, actions ?? [], balancer.LoadBalancerArn);
  return rule;
};

const describe = ({ listenerArn: _, ...rule }: StoredRule): Rule => ({
  ...rule,
  Actions: describeActions(rule.Actions),
});

/** Ascending, the default rule last; pages break on the priority padded to equal length. */
const order = ({ Priority = '' }: Rule): string => (Priority === 'default' ? '~' : Priority.padStart(6, '0'));

const describeAll = (elb: Elb, input: InputOf<typeof Sdk, 'DescribeRules'>) => {
  const { ListenerArn: listener, RuleArns: arns } = input;
  if ((listener === undefined) === (arns === undefined))
    throw invalid('You must specify either listener rule ARNs or a listener ARN');
  const rules =
    listener === undefined
      ? (arns ?? []).map((arn) => elb.account.serving.rules.get(arn))
      : elb.links.rulesOf(listenerAt(elb, listener).ListenerArn);
  const found = rules.filter((rule) => rule !== undefined);
  if (found.length < rules.length) throw refuse(RuleNotFoundException$, 'One or more rules not found');
  const { items, ...next } = page(found, (rule) => `${order(rule)} ${rule.RuleArn}`, input);
  return { Rules: items.map(describe), ...next };
};

/** All or nothing; two rules may swap their priorities in one call. */
const setPriorities = (elb: Elb, { RulePriorities: pairs }: InputOf<typeof Sdk, 'SetRulePriorities'>) => {
  const wanted = new Map<StoredRule, string>();
  for (const { RuleArn = '', Priority } of pairs) {
    const rule = ruleAt(elb, RuleArn);
    if (rule.IsDefault)
      throw refuse(
        OperationNotPermittedException$,
        `The priority of default rule '${RuleArn}' cannot be set`,
      );
    if (Priority === undefined) throw invalid(`A priority must be specified for rule '${RuleArn}'`);
    if (wanted.has(rule)) throw invalid(`Rule '${RuleArn}' is given more than once`);
    wanted.set(rule, String(Priority));
  }
  for (const listener of new Set([...wanted.keys()].map(({ listenerArn }) => listenerArn))) {
    checkPriorities(elb.links.rulesOf(listener), wanted);
  }
  for (const [rule, priority] of wanted) rule.Priority = priority;
  return { Rules: [...wanted.keys()].map(describe) };
};

const checkPriorities = (rules: readonly StoredRule[], wanted: ReadonlyMap<StoredRule, string>): void => {
  const taken = new Set(rules.filter((rule) => !wanted.has(rule)).map(({ Priority }) => Priority));
  const given = new Set<string>();
  for (const rule of rules) {
    const next = wanted.get(rule);
    if (next === undefined) continue;
    if (given.has(next)) throw invalid(`Priority '${next}' is given to more than one rule`);
    if (taken.has(next)) throw inUse(next);
    given.add(next);
  }
};
