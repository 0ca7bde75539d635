/** One probe for each rule of ELBv2 about the conditions, transforms and priorities of rules. */
import {
  DeleteRuleCommand,
  DescribeRulesCommand,
  ModifyRuleCommand,
  type RuleCondition,
  type RuleTransform,
  SetRulePrioritiesCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2';

import { NOT_FOUND, type Probe, path, type World } from './sandbox-aws-world.ts';

const ARN = 'arn:aws:elasticloadbalancing:us-west-1:123456789012:';
const RULE = `${ARN}listener-rule/app/none/0123456789abcdef/0123456789abcdef/0123456789abcdef`;
const when = async (world: World, ...Conditions: RuleCondition[]) =>
  world.rule(await world.listener(await world.balancer()), { Conditions });
const rewrite = async (world: World, ...Transforms: RuleTransform[]) =>
  world.rule(await world.listener(await world.balancer()), { Transforms });
const host = (...Values: string[]): RuleCondition => ({ Field: 'host-header', HostHeaderConfig: { Values } });
const regexPath = (...RegexValues: string[]): RuleCondition => ({
  Field: 'path-pattern',
  PathPatternConfig: { RegexValues },
});
const urlRewrite = (Regex: string, Replace = '/'): RuleTransform => ({
  Type: 'url-rewrite',
  UrlRewriteConfig: { Rewrites: [{ Regex, Replace }] },
});
const defaultRule = async ({ elb }: World, ListenerArn: string) =>
  (await elb.send(new DescribeRulesCommand({ ListenerArn }))).Rules?.find(({ IsDefault }) => IsDefault)
    ?.RuleArn ?? '';

export const CONDITIONS: readonly Probe[] = [
  ['no condition', 'ValidationError', (w) => when(w), /at least one condition/],
  ['an unknown field', 'ValidationError', (w) => when(w, { Field: 'cookie', Values: ['x'] }), /cookie/],
  [
    'six values',
    'ValidationError',
    (w) => when(w, path('/1', '/2', '/3', '/4', '/5', '/6')),
    /'5' condition values/,
  ],
  ['seven wildcards', 'ValidationError', (w) => when(w, path('/*/*/*/*/*/*/*')), /'6' condition wildcards/],
  [
    'two host conditions',
    'ValidationError',
    (w) => when(w, host('a.com'), host('b.com')),
    /one 'host-header'/,
  ],
  ['Values and a config', 'ValidationError', (w) => when(w, { ...path('/a'), Values: ['/b'] }), /both/],
  [
    'a config of another field',
    'ValidationError',
    (w) => when(w, { Field: 'path-pattern', HostHeaderConfig: { Values: ['a.com'] } }),
    /cannot have/,
  ],
  [
    'Values for a query string',
    'ValidationError',
    (w) => when(w, { Field: 'query-string', Values: ['a'] }),
    /QueryStringConfig/,
  ],
  [
    'two Values',
    'ValidationError',
    (w) => when(w, { Field: 'path-pattern', Values: ['/a', '/b'] }),
    /one value/,
  ],
  [
    'a path with the characters of an expression',
    'ValidationError',
    (w) => when(w, path('/(.*)')),
    /^Condition value '\/\(\.\*\)' contains a character that is not valid$/,
  ],
  ['a path of 129 characters', 'ValidationError', (w) => when(w, path('/'.repeat(129))), /128/],
  ['a host without a dot', 'ValidationError', (w) => when(w, host('localhost')), /'\.'/],
  ['a host that ends in digits', 'ValidationError', (w) => when(w, host('a.b1')), /letters/],
  [
    'a header name of 41 characters',
    'ValidationError',
    (w) =>
      when(w, { Field: 'http-header', HttpHeaderConfig: { HttpHeaderName: 'h'.repeat(41), Values: ['v'] } }),
    /40/,
  ],
  [
    'the Host header',
    'ValidationError',
    (w) => when(w, { Field: 'http-header', HttpHeaderConfig: { HttpHeaderName: 'Host', Values: ['v'] } }),
    /host-header/,
  ],
  [
    'a lower-case method',
    'ValidationError',
    (w) => when(w, { Field: 'http-request-method', HttpRequestMethodConfig: { Values: ['get'] } }),
    /A-Z/,
  ],
  [
    'a source that is no CIDR block',
    'ValidationError',
    (w) => when(w, { Field: 'source-ip', SourceIpConfig: { Values: ['10.0.0.1'] } }),
    /CIDR/,
  ],
  [
    'the source 255.255.255.255/32',
    'ValidationError',
    (w) => when(w, { Field: 'source-ip', SourceIpConfig: { Values: ['255.255.255.255/32'] } }),
  ],
  [
    'a query pair without value',
    'ValidationError',
    (w) => when(w, { Field: 'query-string', QueryStringConfig: { Values: [{ Key: 'a' }] } }),
    /Value/,
  ],
  [
    'globs and expressions together',
    'ValidationError',
    (w) => when(w, { Field: 'path-pattern', PathPatternConfig: { Values: ['/a'], RegexValues: ['^/b$'] } }),
    /both/,
  ],
  ['an expression of 129 characters', 'ValidationError', (w) => when(w, regexPath('a'.repeat(129))), /128/],
  ['an expression that looks ahead', 'ValidationError', (w) => when(w, regexPath('^/(?=a)')), /not valid/],
  [
    'an expression with a Unicode class',
    'ValidationError',
    (w) => when(w, regexPath('^/\\p{L}')),
    /not supported/,
  ],
  ['two URL rewrites', 'ValidationError', (w) => rewrite(w, urlRewrite('a'), urlRewrite('b')), /only one/],
  [
    'a rewrite with a back reference',
    'ValidationError',
    (w) => rewrite(w, urlRewrite('(a)\\1')),
    /not valid/,
  ],
  [
    'a rewrite without its configuration',
    'ValidationError',
    (w) => rewrite(w, { Type: 'host-header-rewrite', UrlRewriteConfig: { Rewrites: [] } }),
    /own configuration/,
  ],
];

export const PRIORITIES: readonly Probe[] = [
  [
    'a priority that is taken',
    'PriorityInUseException',
    async (w) => {
      const listener = await w.listener(await w.balancer());
      await w.rule(listener, { Priority: 10 });
      return w.rule(listener, { Priority: 10 });
    },
    /'10' is currently in use/,
  ],
  [
    'priority 0',
    'ValidationError',
    async (w) => w.rule(await w.listener(await w.balancer()), { Priority: 0 }),
    /greater than or equal to 1/,
  ],
  [
    'priority 50001',
    'ValidationError',
    async (w) => w.rule(await w.listener(await w.balancer()), { Priority: 50_001 }),
    /less than or equal to 50000/,
  ],
  [
    'more rules than the quota, over all listeners',
    'TooManyRulesException',
    async (w) => {
      const balancer = await w.balancer();
      await w.rule(await w.listener(balancer, 80));
      return w.rule(await w.listener(balancer, 81));
    },
    /'1'/,
    { facts: { rulesPerLoadBalancer: 1 } },
  ],
  [
    'moving a rule to a priority that is taken',
    'PriorityInUseException',
    async (w) => {
      const listener = await w.listener(await w.balancer());
      const RuleArn = await w.rule(listener, { Priority: 1 });
      await w.rule(listener, { Priority: 2 });
      return w.elb.send(new SetRulePrioritiesCommand({ RulePriorities: [{ RuleArn, Priority: 2 }] }));
    },
  ],
  [
    'two rules to one priority',
    'ValidationError',
    async (w) => {
      const listener = await w.listener(await w.balancer());
      const rules = [await w.rule(listener), await w.rule(listener)];
      return w.elb.send(
        new SetRulePrioritiesCommand({ RulePriorities: rules.map((RuleArn) => ({ RuleArn, Priority: 9 })) }),
      );
    },
    /more than one rule/,
  ],
  [
    'a priority for the default rule',
    'OperationNotPermittedException',
    async (w) => {
      const RuleArn = await defaultRule(w, await w.listener(await w.balancer()));
      return w.elb.send(new SetRulePrioritiesCommand({ RulePriorities: [{ RuleArn, Priority: 1 }] }));
    },
  ],
  [
    'deleting the default rule',
    'OperationNotPermittedException',
    async (w) =>
      w.elb.send(
        new DeleteRuleCommand({ RuleArn: await defaultRule(w, await w.listener(await w.balancer())) }),
      ),
  ],
  [
    'modifying the default rule',
    'OperationNotPermittedException',
    async (w) =>
      w.elb.send(
        new ModifyRuleCommand({
          RuleArn: await defaultRule(w, await w.listener(await w.balancer())),
          Actions: [NOT_FOUND],
        }),
      ),
  ],
  [
    'deleting an unknown rule',
    'RuleNotFoundException',
    (w) => w.elb.send(new DeleteRuleCommand({ RuleArn: RULE })),
  ],
  [
    'transforms and their reset',
    'ValidationError',
    async (w) =>
      w.elb.send(
        new ModifyRuleCommand({
          RuleArn: await w.rule(await w.listener(await w.balancer())),
          Transforms: [urlRewrite('a')],
          ResetTransforms: true,
        }),
      ),
    /together/,
  ],
];
