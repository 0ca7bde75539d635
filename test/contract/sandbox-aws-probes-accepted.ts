/** What AWS does without refusing: one probe for each, which asserts by itself. */
import assert from 'node:assert/strict';
import {
  type Action,
  type AuthenticateOidcActionConfig,
  CreateRuleCommand,
  DeleteLoadBalancerCommand,
  DeleteTargetGroupCommand,
  DeregisterTargetsCommand,
  DescribeListenersCommand,
  DescribeLoadBalancerAttributesCommand,
  DescribeLoadBalancersCommand,
  DescribeRulesCommand,
  DescribeTagsCommand,
  DescribeTargetGroupAttributesCommand,
  DescribeTargetGroupsCommand,
  DescribeTargetHealthCommand,
  ModifyListenerCommand,
  RegisterTargetsCommand,
  type RuleCondition,
  SetRulePrioritiesCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { ACCEPTED, forwardTo, NOT_FOUND, type Probe, path, secure, type World } from './sandbox-aws-world.ts';

const LB = 'arn:aws:elasticloadbalancing:us-west-1:123456789012:loadbalancer/app/none/0123456789abcdef';
const TG = 'arn:aws:elasticloadbalancing:us-west-1:123456789012:targetgroup/none/0123456789abcdef';

const one = async ({ elb }: World, arn: string) =>
  (await elb.send(new DescribeLoadBalancersCommand({ LoadBalancerArns: [arn] }))).LoadBalancers?.[0];
const rulesOf = async ({ elb }: World, ListenerArn: string) =>
  (await elb.send(new DescribeRulesCommand({ ListenerArn }))).Rules ?? [];
const ruleWith = async (world: World, condition: RuleCondition) => {
  const listener = await world.listener(await world.balancer());
  await world.rule(listener, { Conditions: [condition] });
  return (await rulesOf(world, listener))[0]?.Conditions?.[0];
};
const registered = async (world: World, ...ports: number[]) => {
  const TargetGroupArn = await world.group();
  const Targets = ports.map((Port) => ({ Id: '127.64.0.99', Port }));
  await world.elb.send(new RegisterTargetsCommand({ TargetGroupArn, Targets }));
  return TargetGroupArn;
};
const health = async ({ elb }: World, TargetGroupArn: string) =>
  (await elb.send(new DescribeTargetHealthCommand({ TargetGroupArn }))).TargetHealthDescriptions ?? [];
const attributes = (list: readonly { Key?: string | undefined; Value?: string | undefined }[] | undefined) =>
  Object.fromEntries((list ?? []).map(({ Key, Value }) => [Key ?? '', Value]));

export const BALANCER_BEHAVIOUR: readonly Probe[] = [
  [
    'creating a load balancer again with the same settings gives the same one',
    ACCEPTED,
    async (w) => assert.equal(await w.balancer({ Name: 'same' }), await w.balancer({ Name: 'same' })),
  ],
  [
    'deleting an unknown load balancer succeeds',
    ACCEPTED,
    (w) => w.elb.send(new DeleteLoadBalancerCommand({ LoadBalancerArn: LB })),
  ],
  [
    'a deleted load balancer takes its listeners along and leaves its target groups',
    ACCEPTED,
    async (w) => {
      const [balancer, group] = [await w.balancer(), await w.group()];
      const listener = await w.listener(balancer, 80, forwardTo(group));
      await w.elb.send(new DeleteLoadBalancerCommand({ LoadBalancerArn: balancer }));
      await assert.rejects(w.elb.send(new DescribeListenersCommand({ ListenerArns: [listener] })), {
        name: 'ListenerNotFoundException',
      });
      const { TargetGroups } = await w.elb.send(
        new DescribeTargetGroupsCommand({ TargetGroupArns: [group] }),
      );
      assert.deepEqual(TargetGroups?.[0]?.LoadBalancerArns, []);
    },
  ],
  [
    'a new load balancer is provisioning',
    ACCEPTED,
    async (w) => assert.equal((await one(w, await w.balancer()))?.State?.Code, 'provisioning'),
  ],
  [
    'the hosted zone of a load balancer is the one AWS lists for the Region',
    ACCEPTED,
    async (w) => assert.equal((await one(w, await w.balancer()))?.CanonicalHostedZoneId, 'Z368ELLRRE2KJ0'),
  ],
  [
    'the name of an internal load balancer begins with internal-',
    ACCEPTED,
    async (w) =>
      assert.match(
        (await one(w, await w.balancer({ Name: 'a', Scheme: 'internal' })))?.DNSName ?? '',
        /^internal-a-\d+\.us-west-1\.elb\.amazonaws\.com$/,
      ),
  ],
  [
    'default attributes of a load balancer',
    ACCEPTED,
    async (w) => {
      const LoadBalancerArn = await w.balancer();
      const { Attributes } = await w.elb.send(new DescribeLoadBalancerAttributesCommand({ LoadBalancerArn }));
      const { 'idle_timeout.timeout_seconds': idle, 'routing.http2.enabled': http2 } = attributes(Attributes);
      const found = attributes(Attributes);
      assert.deepEqual(
        [idle, http2, found['deletion_protection.enabled'], found['client_keep_alive.seconds']],
        ['60', 'true', 'false', '3600'],
      );
      assert.equal(found['routing.http.desync_mitigation_mode'], 'defensive');
    },
  ],
  [
    'pages of one follow each other',
    ACCEPTED,
    async (w) => {
      await w.balancer();
      await w.balancer();
      const first = await w.elb.send(new DescribeLoadBalancersCommand({ PageSize: 1 }));
      const second = await w.elb.send(
        new DescribeLoadBalancersCommand({
          PageSize: 1,
          ...(first.NextMarker && { Marker: first.NextMarker }),
        }),
      );
      assert.equal(second.NextMarker, undefined);
      assert.notEqual(first.LoadBalancers?.[0]?.LoadBalancerArn, second.LoadBalancers?.[0]?.LoadBalancerArn);
    },
  ],
  [
    'tags given at creation are there',
    ACCEPTED,
    async (w) => {
      const arn = await w.balancer({ Tags: [{ Key: 'a', Value: 'b' }] });
      const { TagDescriptions } = await w.elb.send(new DescribeTagsCommand({ ResourceArns: [arn] }));
      assert.deepEqual(TagDescriptions?.[0]?.Tags, [{ Key: 'a', Value: 'b' }]);
    },
  ],
  [
    'ARNs of a load balancer, a listener and a rule grow out of each other',
    ACCEPTED,
    async (w) => {
      const balancer = await w.balancer({ Name: 'a' });
      const listener = await w.listener(balancer);
      const rule = await w.rule(listener);
      assert.match(balancer, /:loadbalancer\/app\/a\/[0-9a-f]{16}$/);
      assert.equal(listener.replace(/\/[0-9a-f]{16}$/, ''), balancer.replace('loadbalancer', 'listener'));
      assert.equal(rule.replace(/\/[0-9a-f]{16}$/, ''), listener.replace('listener', 'listener-rule'));
    },
  ],
];

export const RULE_BEHAVIOUR: readonly Probe[] = [
  [
    'rules are listed by priority, as text, the default one last',
    ACCEPTED,
    async (w) => {
      const listener = await w.listener(await w.balancer());
      for (const Priority of [20, 3, 100]) await w.rule(listener, { Priority });
      assert.deepEqual(
        (await rulesOf(w, listener)).map(({ Priority }) => Priority),
        ['3', '20', '100', 'default'],
      );
    },
  ],
  [
    'two rules swap their priorities in one call',
    ACCEPTED,
    async (w) => {
      const listener = await w.listener(await w.balancer());
      const [a, b] = [await w.rule(listener, { Priority: 1 }), await w.rule(listener, { Priority: 2 })];
      const RulePriorities = [
        { RuleArn: a, Priority: 2 },
        { RuleArn: b, Priority: 1 },
      ];
      await w.elb.send(new SetRulePrioritiesCommand({ RulePriorities }));
      assert.deepEqual((await rulesOf(w, listener)).map(({ RuleArn }) => RuleArn).slice(0, 2), [b, a]);
    },
  ],
  [
    'five values in one path condition',
    ACCEPTED,
    async (w) =>
      assert.equal(
        (await ruleWith(w, path('/a', '/b', '/c', '/d', '/e')))?.PathPatternConfig?.Values?.length,
        5,
      ),
  ],
  [
    'a path condition is told in both forms',
    ACCEPTED,
    async (w) => {
      const found = await ruleWith(w, { Field: 'path-pattern', Values: ['/a'] });
      assert.deepEqual([found?.Values, found?.PathPatternConfig?.Values], [['/a'], ['/a']]);
    },
  ],
  [
    'regular expressions are kept',
    ACCEPTED,
    async (w) =>
      assert.deepEqual(
        (await ruleWith(w, { Field: 'path-pattern', PathPatternConfig: { RegexValues: ['^/a+$'] } }))
          ?.PathPatternConfig?.RegexValues,
        ['^/a+$'],
      ),
  ],
  [
    'transforms are kept',
    ACCEPTED,
    async (w) => {
      const listener = await w.listener(await w.balancer());
      const { Rules } = await w.elb.send(
        new CreateRuleCommand({
          ListenerArn: listener,
          Priority: 1,
          Conditions: [path('/x')],
          Actions: [NOT_FOUND],
          Transforms: [
            { Type: 'url-rewrite', UrlRewriteConfig: { Rewrites: [{ Regex: '^/x', Replace: '/y' }] } },
          ],
        }),
      );
      assert.equal(Rules?.[0]?.Transforms?.[0]?.UrlRewriteConfig?.Rewrites?.[0]?.Replace, '/y');
    },
  ],
  [
    'a forward to one group is told in both forms, with an order',
    ACCEPTED,
    async (w) => {
      const group = await w.group();
      const listener = await w.listener(await w.balancer(), 80, forwardTo(group));
      const action = (await rulesOf(w, listener))[0]?.Actions?.[0];
      assert.equal(action?.TargetGroupArn, group);
      assert.equal(action?.ForwardConfig?.TargetGroups?.[0]?.TargetGroupArn, group);
      assert.equal(action?.Order, 1);
    },
  ],
  [
    'weights of a forward are kept',
    ACCEPTED,
    async (w) => {
      const groups = [await w.group(), await w.group()];
      const TargetGroups = groups.map((TargetGroupArn, i) => ({ TargetGroupArn, Weight: i * 10 }));
      const listener = await w.listener(await w.balancer(), 80, {
        Type: 'forward',
        ForwardConfig: { TargetGroups },
      });
      assert.deepEqual(
        (await rulesOf(w, listener))[0]?.Actions?.[0]?.ForwardConfig?.TargetGroups,
        TargetGroups,
      );
    },
  ],
  [
    'a login keeps its client secret where that is asked for',
    ACCEPTED,
    async (w) => {
      const CertificateArn = await w.certificate(['shop.example.com']);
      const config = {
        Issuer: 'https://i',
        AuthorizationEndpoint: 'https://a',
        TokenEndpoint: 'https://t',
        UserInfoEndpoint: 'https://u',
        ClientId: 'c',
      };
      const actions = (AuthenticateOidcConfig: AuthenticateOidcActionConfig): Action[] => [
        { Type: 'authenticate-oidc', Order: 1, AuthenticateOidcConfig },
        { ...NOT_FOUND, Order: 2 },
      ];
      const made = await secure(w, CertificateArn, {
        DefaultActions: actions({ ...config, ClientSecret: 's' }),
      });
      await w.elb.send(
        new ModifyListenerCommand({
          ListenerArn: made.Listeners?.[0]?.ListenerArn,
          DefaultActions: actions({ ...config, UseExistingClientSecret: true }),
        }),
      );
    },
  ],
  [
    'jwt-validation comes before the last action of an HTTPS listener',
    ACCEPTED,
    async (w) => {
      const CertificateArn = await w.certificate(['shop.example.com']);
      await secure(w, CertificateArn, {
        DefaultActions: [
          {
            Type: 'jwt-validation',
            Order: 1,
            JwtValidationConfig: {
              JwksEndpoint: 'https://issuer.example.com/keys',
              Issuer: 'https://issuer.example.com',
            },
          },
          { ...NOT_FOUND, Order: 2 },
        ],
      });
    },
  ],
];

export const TARGET_BEHAVIOUR: readonly Probe[] = [
  [
    'creating a target group again with the same settings gives the same one',
    ACCEPTED,
    async (w) => assert.equal(await w.group({ Name: 'same' }), await w.group({ Name: 'same' })),
  ],
  [
    'deleting an unknown target group succeeds',
    ACCEPTED,
    (w) => w.elb.send(new DeleteTargetGroupCommand({ TargetGroupArn: TG })),
  ],
  [
    'deregistering a target that is not there succeeds',
    ACCEPTED,
    async (w) =>
      w.elb.send(
        new DeregisterTargetsCommand({ TargetGroupArn: await w.group(), Targets: [{ Id: '127.64.0.99' }] }),
      ),
  ],
  [
    'one address with two ports is two targets',
    ACCEPTED,
    async (w) => assert.equal((await health(w, await registered(w, 80, 81))).length, 2),
  ],
  [
    'a target of a group that no listener uses is unused',
    ACCEPTED,
    async (w) => {
      const [target] = await health(w, await registered(w, 80));
      assert.deepEqual(
        [target?.TargetHealth?.State, target?.TargetHealth?.Reason],
        ['unused', 'Target.NotInUse'],
      );
    },
  ],
  [
    'a target of a group in use is initial at first',
    ACCEPTED,
    async (w) => {
      const group = await registered(w, 80);
      await w.listener(await w.balancer(), 80, forwardTo(group));
      const [target] = await health(w, group);
      assert.deepEqual(
        [target?.TargetHealth?.State, target?.TargetHealth?.Reason],
        ['initial', 'Elb.RegistrationInProgress'],
      );
    },
  ],
  [
    'a deregistered target is draining',
    ACCEPTED,
    async (w) => {
      const group = await registered(w, 80);
      await w.listener(await w.balancer(), 80, forwardTo(group));
      const Targets = [{ Id: '127.64.0.99', Port: 80 }];
      await w.elb.send(new DeregisterTargetsCommand({ TargetGroupArn: group, Targets }));
      assert.equal((await health(w, group))[0]?.TargetHealth?.State, 'draining');
    },
  ],
  [
    'default attributes of a target group',
    ACCEPTED,
    async (w) => {
      const TargetGroupArn = await w.group();
      const { Attributes } = await w.elb.send(new DescribeTargetGroupAttributesCommand({ TargetGroupArn }));
      const found = attributes(Attributes);
      assert.deepEqual(
        [
          found['deregistration_delay.timeout_seconds'],
          found['stickiness.enabled'],
          found['load_balancing.algorithm.type'],
          found['slow_start.duration_seconds'],
        ],
        ['300', 'false', 'round_robin', '0'],
      );
    },
  ],
  [
    'default health check of a target group',
    ACCEPTED,
    async (w) => {
      const { TargetGroups } = await w.elb.send(
        new DescribeTargetGroupsCommand({ TargetGroupArns: [await w.group()] }),
      );
      const group = TargetGroups?.[0];
      assert.deepEqual(
        [
          group?.HealthCheckPath,
          group?.HealthCheckPort,
          group?.HealthCheckIntervalSeconds,
          group?.HealthCheckTimeoutSeconds,
          group?.HealthyThresholdCount,
          group?.UnhealthyThresholdCount,
          group?.Matcher?.HttpCode,
        ],
        ['/', 'traffic-port', 30, 5, 5, 2, '200'],
      );
    },
  ],
];
