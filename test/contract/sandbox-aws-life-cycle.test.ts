/** A load balancer’s life through the SDK: what each call gives back. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  AddTagsCommand,
  CreateLoadBalancerCommand,
  CreateRuleCommand,
  DeleteLoadBalancerCommand,
  DeleteRuleCommand,
  DeleteTargetGroupCommand,
  DescribeAccountLimitsCommand,
  DescribeListenerAttributesCommand,
  DescribeListenersCommand,
  DescribeLoadBalancerAttributesCommand,
  DescribeLoadBalancersCommand,
  DescribeRulesCommand,
  DescribeSSLPoliciesCommand,
  DescribeTagsCommand,
  DescribeTargetGroupAttributesCommand,
  DescribeTargetGroupsCommand,
  ModifyListenerAttributesCommand,
  ModifyListenerCommand,
  ModifyLoadBalancerAttributesCommand,
  ModifyRuleCommand,
  ModifyTargetGroupAttributesCommand,
  ModifyTargetGroupCommand,
  RemoveTagsCommand,
  SetIpAddressTypeCommand,
  SetRulePrioritiesCommand,
  SetSecurityGroupsCommand,
  SetSubnetsCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { forwardTo, makeWorld, NOT_FOUND, path, refused, type World } from './sandbox-aws-world.ts';

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

const priorities = async ({ elb }: World, ListenerArn: string) =>
  (await elb.send(new DescribeRulesCommand({ ListenerArn }))).Rules?.map(({ Priority }) => Priority);

describe('ELBv2', () => {
  it('makes a load balancer once, provisions it, and gives it AWS’s names', async () => {
    await using world = await makeWorld({ speed: 2000 });
    const input = {
      Name: 'web',
      Subnets: ['subnet-1234', 'subnet-5678'],
      SecurityGroups: ['sg-1234'],
      Tags: [{ Key: 'k', Value: 'v' }],
    };
    const make = () =>
      world.elb.send(new CreateLoadBalancerCommand({ ...input, Subnets: input.Subnets.toReversed() }));
    let told = 0;
    world.aws.onChange(() => {
      if ([...world.aws.state.loadBalancers.values()].some((it) => it.State?.Code === 'active')) told += 1;
    });
    const first = (await world.elb.send(new CreateLoadBalancerCommand(input))).LoadBalancers?.[0];
    assert.equal((await make()).LoadBalancers?.[0]?.LoadBalancerArn, first?.LoadBalancerArn);
    assert.match(
      first?.LoadBalancerArn ?? '',
      /^arn:aws:elasticloadbalancing:us-west-1:123456789012:loadbalancer\/app\/web\/[0-9a-f]{16}$/,
    );
    assert.match(first?.DNSName ?? '', /^web-\d{9,10}\.us-west-1\.elb\.amazonaws\.com$/);
    assert.equal(first?.CanonicalHostedZoneId, 'Z368ELLRRE2KJ0');
    assert.equal(first?.State?.Code, 'provisioning');
    while (world.aws.state.loadBalancers.get(first?.LoadBalancerArn ?? '')?.State?.Code !== 'active')
      await pause(5);
    assert.ok(told > 0, 'time tells of its changes');
    const internal = await world.elb.send(
      new CreateLoadBalancerCommand({ ...input, Name: 'in', Scheme: 'internal' }),
    );
    assert.match(internal.LoadBalancers?.[0]?.DNSName ?? '', /^internal-in-\d+\./);
  });

  it('gives a name that is used again another ARN', async () => {
    await using world = await makeWorld();
    const first = await world.balancer({ Name: 'a' });
    await world.elb.send(new DeleteLoadBalancerCommand({ LoadBalancerArn: first }));
    await world.elb.send(new DeleteLoadBalancerCommand({ LoadBalancerArn: first }));
    assert.notEqual(await world.balancer({ Name: 'a' }), first);
  });

  it('changes a load balancer in place', async () => {
    await using world = await makeWorld();
    const LoadBalancerArn = await world.balancer();
    await world.elb.send(new SetSubnetsCommand({ LoadBalancerArn, Subnets: ['subnet-9999', 'subnet-5678'] }));
    await world.elb.send(new SetSecurityGroupsCommand({ LoadBalancerArn, SecurityGroups: ['sg-0default'] }));
    await refused(
      world.elb.send(new SetIpAddressTypeCommand({ LoadBalancerArn, IpAddressType: 'dualstack' })),
      'InvalidSubnetException',
    );
    await world.elb.send(new SetSubnetsCommand({ LoadBalancerArn, Subnets: ['subnet-1234', 'subnet-5678'] }));
    await world.elb.send(new SetIpAddressTypeCommand({ LoadBalancerArn, IpAddressType: 'dualstack' }));
    const { LoadBalancers } = await world.elb.send(
      new DescribeLoadBalancersCommand({ LoadBalancerArns: [LoadBalancerArn] }),
    );
    const { AvailabilityZones, SecurityGroups, IpAddressType } = LoadBalancers?.[0] ?? {};
    assert.deepEqual(
      [AvailabilityZones?.map(({ SubnetId }) => SubnetId), SecurityGroups, IpAddressType],
      [['subnet-1234', 'subnet-5678'], ['sg-0default'], 'dualstack'],
    );
    await world.elb.send(
      new ModifyLoadBalancerAttributesCommand({
        LoadBalancerArn,
        Attributes: [{ Key: 'idle_timeout.timeout_seconds', Value: '5' }],
      }),
    );
    const { Attributes } = await world.elb.send(
      new DescribeLoadBalancerAttributesCommand({ LoadBalancerArn }),
    );
    const attributes = Object.fromEntries((Attributes ?? []).map(({ Key, Value }) => [Key, Value]));
    assert.deepEqual(
      [
        attributes['idle_timeout.timeout_seconds'],
        attributes['routing.http2.enabled'],
        attributes['client_keep_alive.seconds'],
      ],
      ['5', 'true', '3600'],
    );
  });

  it('keeps tags of each kind of resource', async () => {
    await using world = await makeWorld();
    const balancer = await world.balancer({ Tags: [{ Key: 'a', Value: '1' }] });
    const listener = await world.listener(balancer);
    const arns = [balancer, await world.group(), listener, await world.rule(listener)];
    await world.elb.send(new AddTagsCommand({ ResourceArns: arns, Tags: [{ Key: 'b', Value: 'x/y: z=1' }] }));
    await world.elb.send(new RemoveTagsCommand({ ResourceArns: [balancer], TagKeys: ['a'] }));
    const { TagDescriptions } = await world.elb.send(new DescribeTagsCommand({ ResourceArns: arns }));
    assert.deepEqual(
      TagDescriptions,
      arns.map((ResourceArn) => ({ ResourceArn, Tags: [{ Key: 'b', Value: 'x/y: z=1' }] })),
    );
  });

  it('gives target groups AWS’s defaults and the same group for the same request', async () => {
    await using world = await makeWorld();
    const TargetGroupArn = await world.group({ Name: 'a' });
    assert.equal(await world.group({ Name: 'a' }), TargetGroupArn);
    await world.elb.send(
      new ModifyTargetGroupCommand({
        TargetGroupArn,
        HealthCheckPath: '/live',
        Matcher: { HttpCode: '200-299,404' },
      }),
    );
    await world.elb.send(
      new ModifyTargetGroupAttributesCommand({
        TargetGroupArn,
        Attributes: [{ Key: 'stickiness.enabled', Value: 'true' }],
      }),
    );
    const { TargetGroups } = await world.elb.send(new DescribeTargetGroupsCommand({ Names: ['a'] }));
    const {
      HealthCheckPath,
      HealthCheckIntervalSeconds,
      HealthCheckTimeoutSeconds,
      HealthyThresholdCount,
      UnhealthyThresholdCount,
      Matcher,
    } = TargetGroups?.[0] ?? {};
    assert.deepEqual(
      [
        HealthCheckPath,
        HealthCheckIntervalSeconds,
        HealthCheckTimeoutSeconds,
        HealthyThresholdCount,
        UnhealthyThresholdCount,
        Matcher,
      ],
      ['/live', 30, 5, 5, 2, { HttpCode: '200-299,404' }],
    );
    const { Attributes } = await world.elb.send(new DescribeTargetGroupAttributesCommand({ TargetGroupArn }));
    assert.ok(
      Attributes?.some(({ Key, Value }) => Key === 'deregistration_delay.timeout_seconds' && Value === '300'),
    );
    const grpc = await world.elb.send(
      new DescribeTargetGroupsCommand({ TargetGroupArns: [await world.group({ ProtocolVersion: 'GRPC' })] }),
    );
    assert.deepEqual(
      [grpc.TargetGroups?.[0]?.HealthCheckPath, grpc.TargetGroups?.[0]?.Matcher],
      ['/AWS.ALB/healthcheck', { GrpcCode: '12' }],
    );
    await world.elb.send(new DeleteTargetGroupCommand({ TargetGroupArn }));
    await world.elb.send(new DeleteTargetGroupCommand({ TargetGroupArn }));
  });

  it('lists rules by priority with the default last, both forms of host and path, and swaps priorities', async () => {
    await using world = await makeWorld();
    const listener = await world.listener(await world.balancer());
    const group = await world.group();
    await world.rule(listener, { Priority: 100 });
    const low = await world.rule(listener, {
      Priority: 9,
      Conditions: [{ Field: 'host-header', Values: ['a.example.com'] }, path('/a*', '/b')],
      Actions: [forwardTo(group)],
    });
    const high = await world.rule(listener, { Priority: 20 });
    assert.deepEqual(await priorities(world, listener), ['9', '20', '100', 'default']);
    await world.elb.send(
      new SetRulePrioritiesCommand({
        RulePriorities: [
          { RuleArn: low, Priority: 20 },
          { RuleArn: high, Priority: 9 },
        ],
      }),
    );
    const { Rules } = await world.elb.send(new DescribeRulesCommand({ RuleArns: [low] }));
    assert.deepEqual(Rules?.[0], {
      RuleArn: low,
      Priority: '20',
      Conditions: [
        { Field: 'host-header', Values: ['a.example.com'], HostHeaderConfig: { Values: ['a.example.com'] } },
        { Field: 'path-pattern', Values: ['/a*', '/b'], PathPatternConfig: { Values: ['/a*', '/b'] } },
      ],
      Actions: [
        {
          Type: 'forward',
          TargetGroupArn: group,
          Order: 1,
          ForwardConfig: {
            TargetGroups: [{ TargetGroupArn: group, Weight: 1 }],
            TargetGroupStickinessConfig: { Enabled: false },
          },
        },
      ],
      IsDefault: false,
      Transforms: [],
    });
    const marks = [];
    let Marker: string | undefined;
    do {
      const page: {
        Rules?: { Priority?: string | undefined }[] | undefined;
        NextMarker?: string | undefined;
      } = await world.elb.send(new DescribeRulesCommand({ ListenerArn: listener, PageSize: 1, Marker }));
      marks.push(page.Rules?.[0]?.Priority);
      Marker = page.NextMarker;
    } while (Marker !== undefined);
    assert.deepEqual(marks, ['9', '20', '100', 'default']);
    await world.elb.send(new DeleteRuleCommand({ RuleArn: low }));
    assert.deepEqual(await priorities(world, listener), ['9', '100', 'default']);
  });

  it('modifies listeners and rules, and never tells a client secret', async () => {
    await using world = await makeWorld();
    const balancer = await world.balancer();
    const ListenerArn = await world.listener(balancer);
    await world.elb.send(
      new ModifyListenerAttributesCommand({
        ListenerArn,
        Attributes: [{ Key: 'routing.http.response.server.enabled', Value: 'false' }],
      }),
    );
    const { Attributes } = await world.elb.send(new DescribeListenerAttributesCommand({ ListenerArn }));
    assert.ok(
      Attributes?.some(
        ({ Key, Value }) => Key === 'routing.http.response.server.enabled' && Value === 'false',
      ),
    );
    const CertificateArn = await world.certificate(['a.example.com']);
    const oidc = {
      Issuer: 'https://i',
      AuthorizationEndpoint: 'https://a',
      TokenEndpoint: 'https://t',
      UserInfoEndpoint: 'https://u',
      ClientId: 'c',
      ClientSecret: 'very secret',
    };
    const actions = [
      { Type: 'authenticate-oidc' as const, Order: 1, AuthenticateOidcConfig: oidc },
      { ...NOT_FOUND, Order: 2 },
    ];
    const modified = await world.elb.send(
      new ModifyListenerCommand({
        ListenerArn,
        Protocol: 'HTTPS',
        Port: 443,
        Certificates: [{ CertificateArn }],
        DefaultActions: actions,
      }),
    );
    const { Listeners } = await world.elb.send(new DescribeListenersCommand({ LoadBalancerArn: balancer }));
    assert.deepEqual(
      [Listeners?.[0]?.Port, Listeners?.[0]?.Protocol, Listeners?.[0]?.DefaultActions?.length],
      [443, 'HTTPS', 2],
    );
    assert.doesNotMatch(JSON.stringify([modified, Listeners]), /very secret/);
    const RuleArn = await world.rule(ListenerArn, {
      Transforms: [
        { Type: 'url-rewrite', UrlRewriteConfig: { Rewrites: [{ Regex: '^/a', Replace: '/b' }] } },
      ],
    });
    const changed = await world.elb.send(
      new ModifyRuleCommand({ RuleArn, Conditions: [path('/new')], ResetTransforms: true }),
    );
    assert.deepEqual(
      [
        changed.Rules?.[0]?.Transforms,
        changed.Rules?.[0]?.Conditions?.[0]?.Values,
        changed.Rules?.[0]?.Actions?.[0]?.Type,
      ],
      [[], ['/new'], 'fixed-response'],
    );
  });

  it('deletes listeners and rules with their load balancer, but not target groups', async () => {
    await using world = await makeWorld();
    const [balancer, group] = [await world.balancer(), await world.group()];
    const listener = await world.listener(balancer, 80, forwardTo(group));
    await world.rule(listener);
    await world.elb.send(new DeleteLoadBalancerCommand({ LoadBalancerArn: balancer }));
    const { listeners, rules, targetGroups } = world.aws.state;
    assert.deepEqual([listeners.size, rules.size, targetGroups.get(group)?.LoadBalancerArns], [0, 0, []]);
    await refused(
      world.elb.send(new DescribeListenersCommand({ ListenerArns: [listener] })),
      'ListenerNotFoundException',
    );
    await world.listener(await world.balancer(), 80, forwardTo(group));
  });

  it('pages through load balancers while they change', async () => {
    await using world = await makeWorld();
    const arns = await Promise.all(Array.from({ length: 7 }, () => world.balancer()));
    const first = await world.elb.send(new DescribeLoadBalancersCommand({ PageSize: 3 }));
    await world.elb.send(
      new DeleteLoadBalancerCommand({ LoadBalancerArn: first.LoadBalancers?.[2]?.LoadBalancerArn }),
    );
    const second = await world.elb.send(
      new DescribeLoadBalancersCommand({ PageSize: 3, Marker: first.NextMarker }),
    );
    const third = await world.elb.send(
      new DescribeLoadBalancersCommand({ PageSize: 3, Marker: second.NextMarker }),
    );
    const seen = [first, second, third].flatMap(({ LoadBalancers }) =>
      LoadBalancers?.map(({ LoadBalancerArn }) => LoadBalancerArn),
    );
    assert.deepEqual(seen.toSorted(), arns.toSorted());
    assert.equal(third.NextMarker, undefined);
  });

  it('tells quotas and SSL policies', async () => {
    await using world = await makeWorld();
    const { Limits } = await world.elb.send(new DescribeAccountLimitsCommand({}));
    assert.ok(
      Limits?.some(({ Name, Max }) => Name === 'rules-per-application-load-balancer' && Max === '100'),
    );
    const { SslPolicies } = await world.elb.send(
      new DescribeSSLPoliciesCommand({ Names: ['ELBSecurityPolicy-TLS13-1-2-2021-06'] }),
    );
    assert.deepEqual(SslPolicies?.[0]?.SslProtocols, ['TLSv1.2', 'TLSv1.3']);
  });

  it('counts exactly five values over all conditions of a rule', async () => {
    await using world = await makeWorld();
    const ListenerArn = await world.listener(await world.balancer());
    const rule = {
      ListenerArn,
      Priority: 1,
      Conditions: [path('/1', '/2', '/3', '/4'), { Field: 'host-header', Values: ['a.b'] }],
      Actions: [NOT_FOUND],
    };
    await world.elb.send(new CreateRuleCommand(rule));
  });
});
