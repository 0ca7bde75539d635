/** What AWS holds of one stack, read by its SDK as anybody would. */
import { ACMClient, DescribeCertificateCommand, ListTagsForCertificateCommand } from '@aws-sdk/client-acm';
import { DescribeSecurityGroupsCommand, EC2Client } from '@aws-sdk/client-ec2';
import {
  DescribeCapacityReservationCommand,
  DescribeListenerAttributesCommand,
  DescribeListenersCommand,
  DescribeLoadBalancerAttributesCommand,
  DescribeLoadBalancersCommand,
  DescribeRulesCommand,
  DescribeTagsCommand,
  DescribeTargetGroupAttributesCommand,
  DescribeTargetGroupsCommand,
  DescribeTargetHealthCommand,
  ElasticLoadBalancingV2Client,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { ListResourceRecordSetsCommand, Route53Client } from '@aws-sdk/client-route-53';
import { ListProtectionsCommand, ShieldClient } from '@aws-sdk/client-shield';
import { GetWebACLForResourceCommand, WAFV2Client } from '@aws-sdk/client-wafv2';
import type { World } from './world.ts';

type Pair = { readonly Key?: string | undefined; readonly Value?: string | undefined };

const mapOf = (pairs: readonly Pair[] = []): Readonly<Record<string, string>> =>
  Object.fromEntries(pairs.map(({ Key = '', Value = '' }) => [Key, Value]));

export type Eyes = ReturnType<typeof openEyes>;

/** The stack of a load balancer of either type. */
export type Seen = Awaited<ReturnType<Eyes['stack']>>;

export const openEyes = (config: World['sdk']) => {
  const elb = new ElasticLoadBalancingV2Client(config);
  const [ec2, acm, shield] = [new EC2Client(config), new ACMClient(config), new ShieldClient(config)];
  const [waf, route53] = [new WAFV2Client(config), new Route53Client(config)];

  const tagsOf = async (arn: string) => {
    const { TagDescriptions } = await elb.send(new DescribeTagsCommand({ ResourceArns: [arn] }));
    return mapOf(TagDescriptions?.[0]?.Tags);
  };
  const groupOf = async (TargetGroupArn: string) => {
    const one = { TargetGroupArn };
    const { TargetGroups } = await elb.send(
      new DescribeTargetGroupsCommand({ TargetGroupArns: [TargetGroupArn] }),
    );
    const { Attributes } = await elb.send(new DescribeTargetGroupAttributesCommand(one));
    const { TargetHealthDescriptions } = await elb.send(new DescribeTargetHealthCommand(one));
    return {
      ...TargetGroups?.[0],
      attributes: mapOf(Attributes),
      tags: await tagsOf(TargetGroupArn),
      targets: (TargetHealthDescriptions ?? []).map(({ Target, TargetHealth }) => ({
        id: Target?.Id,
        port: Target?.Port,
        state: TargetHealth?.State,
      })),
    };
  };
  const listenersOf = async (LoadBalancerArn: string) => {
    const { Listeners = [] } = await elb.send(new DescribeListenersCommand({ LoadBalancerArn }));
    return Promise.all(
      Listeners.map(async (listener) => {
        const { ListenerArn } = listener;
        const network = listener.Protocol === 'TCP';
        const { Rules } = network ? {} : await elb.send(new DescribeRulesCommand({ ListenerArn }));
        const attributes = await elb.send(new DescribeListenerAttributesCommand({ ListenerArn }));
        return {
          ...listener,
          attributes: mapOf(attributes.Attributes),
          tags: await tagsOf(ListenerArn ?? ''),
          rules: (Rules ?? []).filter(({ IsDefault }) => !IsDefault),
        };
      }),
    );
  };
  /** Where a stack was found; none of these tests replaces a load balancer. */
  const found = new Map<string, string>();
  const balancerOf = async (name: string, type: 'application' | 'network') => {
    const known = found.get(`${type} ${name}`);
    const { LoadBalancers = [] } = await elb.send(
      new DescribeLoadBalancersCommand(known === undefined ? {} : { LoadBalancerArns: [known] }),
    );
    for (const balancer of LoadBalancers.filter(({ Type }) => Type === type)) {
      const { LoadBalancerArn = '' } = balancer;
      const tags = await tagsOf(LoadBalancerArn);
      const stack = tags['ingress.k8s.aws/stack'] ?? '';
      found.set(`${type} ${stack}`, LoadBalancerArn);
      if (stack === name) return { ...balancer, tags };
    }
    throw new Error(`AWS has no ${type} load balancer of the stack ${name}`);
  };

  return {
    elb,
    ec2,
    acm,
    waf,
    shield,
    route53,
    stack: async (name: string, type: 'application' | 'network' = 'application') => {
      const balancer = await balancerOf(name, type);
      const { LoadBalancerArn = '' } = balancer;
      const { Attributes } = await elb.send(new DescribeLoadBalancerAttributesCommand({ LoadBalancerArn }));
      const { TargetGroups = [] } = await elb.send(new DescribeTargetGroupsCommand({ LoadBalancerArn }));
      const listeners = await listenersOf(LoadBalancerArn);
      const groups = await Promise.all(TargetGroups.map((it) => groupOf(it.TargetGroupArn ?? '')));
      const rules = listeners.flatMap((listener) => listener.rules);
      const attributes = mapOf(Attributes);
      return { balancer, attributes, listeners, groups, rules };
    },
    inbound: async (groups: readonly string[] = []) => {
      const { SecurityGroups } = await ec2.send(new DescribeSecurityGroupsCommand({ GroupIds: [...groups] }));
      return (SecurityGroups ?? []).flatMap(({ IpPermissions = [] }) => IpPermissions);
    },
    capacity: async (LoadBalancerArn = '') =>
      (await elb.send(new DescribeCapacityReservationCommand({ LoadBalancerArn })))
        .MinimumLoadBalancerCapacity?.CapacityUnits,
    webAcl: async (ResourceArn = '') =>
      (await waf.send(new GetWebACLForResourceCommand({ ResourceArn }))).WebACL?.Name,
    isShielded: async (arn = '') =>
      (await shield.send(new ListProtectionsCommand({}))).Protections?.some(
        ({ ResourceArn }) => ResourceArn === arn,
      ),
    certificate: async (CertificateArn = '') => ({
      ...(await acm.send(new DescribeCertificateCommand({ CertificateArn }))).Certificate,
      tags: mapOf((await acm.send(new ListTagsForCertificateCommand({ CertificateArn }))).Tags),
    }),
    record: async (name: string, type = 'A') => {
      const { ResourceRecordSets = [] } = await route53.send(
        new ListResourceRecordSetsCommand({ HostedZoneId: 'ZEX' }),
      );
      return ResourceRecordSets.filter((it) => it.Name === `${name}.` && it.Type === type);
    },
    close: () => {
      for (const client of [elb, ec2, acm, waf, shield, route53]) client.destroy();
    },
  };
};
