/** What the 2017 controller would have made for an Ingress: the same calls, names and tags. */
import {
  AddTagsCommand,
  CreateListenerCommand,
  CreateLoadBalancerCommand,
  CreateRuleCommand,
  CreateTargetGroupCommand,
  ElasticLoadBalancingV2Client,
  type LoadBalancer,
  RegisterTargetsCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { ChangeResourceRecordSetsCommand, Route53Client } from '@aws-sdk/client-route-53';
import { loadBalancerName2017, targetGroupName2017 } from '../../src/core/adopt/claims.ts';
import { CLUSTER, type World } from './world.ts';

export type Made2017 = {
  readonly arn: string;
  readonly dnsName: string;
  /** ARNs of target groups by Service. */
  readonly groups: ReadonlyMap<string, string>;
};

export type Wish2017 = {
  readonly namespace: string;
  readonly ingress: string;
  readonly host: string;
  /** Path patterns as written, and the Service of each; `/` is the default of the listener. */
  readonly paths: readonly (readonly [path: string, service: string])[];
  /** NodePorts by Service. */
  readonly nodePorts: ReadonlyMap<string, number>;
};

const clientsOf = ({ sdk }: World) => ({
  elb: new ElasticLoadBalancingV2Client(sdk),
  route53: new Route53Client(sdk),
});

const sdkTags = (tags: Readonly<Record<string, string>>) =>
  Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));

export const make2017 = async (world: World, wish: Wish2017): Promise<Made2017> => {
  const { elb, route53 } = clientsOf(world);
  const { namespace, ingress, host } = wish;
  const tags = { Namespace: namespace, IngressName: ingress };
  const name = loadBalancerName2017(CLUSTER, namespace, ingress, host);
  const { LoadBalancers } = await elb.send(
    new CreateLoadBalancerCommand({
      Name: name,
      Subnets: ['subnet-1234', 'subnet-5678'],
      Scheme: 'internal',
      SecurityGroups: ['sg-1234'],
      Tags: sdkTags({ ...tags, Hostname: host, Environment: 'dev' }),
    }),
  );
  const balancer = LoadBalancers?.[0];
  const arn = balancer?.LoadBalancerArn ?? '';
  await pointTo(route53, host, balancer);
  const groups = new Map<string, string>();
  for (const service of new Set(wish.paths.map(([, it]) => it)))
    groups.set(service, await targetGroup(elb, world, { balancer: name, service, tags, wish }));
  await listen(elb, arn, wish, groups);
  return { arn, dnsName: balancer?.DNSName ?? '', groups };
};

const pointTo = async (
  route53: Route53Client,
  host: string,
  balancer: LoadBalancer | undefined,
): Promise<void> => {
  await route53.send(
    new ChangeResourceRecordSetsCommand({
      HostedZoneId: 'ZEX',
      ChangeBatch: {
        Comment: 'Managed by Kubernetes',
        Changes: [
          {
            Action: 'UPSERT',
            ResourceRecordSet: {
              Name: `${host}.`,
              Type: 'A',
              AliasTarget: {
                DNSName: `${balancer?.DNSName}.`,
                HostedZoneId: balancer?.CanonicalHostedZoneId,
                EvaluateTargetHealth: false,
              },
            },
          },
        ],
      },
    }),
  );
};

const targetGroup = async (
  elb: ElasticLoadBalancingV2Client,
  world: World,
  {
    balancer,
    service,
    tags,
    wish,
  }: {
    readonly balancer: string;
    readonly service: string;
    readonly tags: Readonly<Record<string, string>>;
    readonly wish: Wish2017;
  },
): Promise<string> => {
  const port = wish.nodePorts.get(service) ?? 0;
  const { TargetGroups } = await elb.send(
    new CreateTargetGroupCommand({
      Name: targetGroupName2017(CLUSTER, balancer, port, 'HTTP'),
      Port: port,
      Protocol: 'HTTP',
      VpcId: 'vpc-1',
      HealthCheckPath: '/',
      HealthCheckIntervalSeconds: 15,
      HealthCheckTimeoutSeconds: 5,
      HealthyThresholdCount: 2,
      UnhealthyThresholdCount: 2,
      Matcher: { HttpCode: '200' },
    }),
  );
  const TargetGroupArn = TargetGroups?.[0]?.TargetGroupArn ?? '';
  await elb.send(
    new AddTagsCommand({
      ResourceArns: [TargetGroupArn],
      Tags: sdkTags({ ...tags, ServiceName: service, Environment: 'dev' }),
    }),
  );
  const ids = await world.kubectl(['get', 'nodes', '-o', 'jsonpath={.items[*].spec.providerID}']);
  const Targets = ids.split(' ').map((id) => ({ Id: id.replace(/^.*\//, ''), Port: port }));
  await elb.send(new RegisterTargetsCommand({ TargetGroupArn, Targets }));
  return TargetGroupArn;
};

/** The default action leads to the Service of `/`; the other paths are rules, counted from 1. */
const listen = async (
  elb: ElasticLoadBalancingV2Client,
  LoadBalancerArn: string,
  { paths }: Wish2017,
  groups: ReadonlyMap<string, string>,
): Promise<void> => {
  const root = paths.find(([path]) => path === '/') ?? paths[0];
  const forward = (service = '') => [{ Type: 'forward' as const, TargetGroupArn: groups.get(service) }];
  const { Listeners } = await elb.send(
    new CreateListenerCommand({
      LoadBalancerArn,
      Port: 80,
      Protocol: 'HTTP',
      DefaultActions: forward(root?.[1]),
    }),
  );
  const others = paths.filter(([path]) => path !== '/');
  for (const [index, [path, service]] of others.entries())
    await elb.send(
      new CreateRuleCommand({
        ListenerArn: Listeners?.[0]?.ListenerArn,
        Priority: index + 1,
        Conditions: [{ Field: 'path-pattern', Values: [path] }],
        Actions: forward(service),
      }),
    );
};
