/** Target groups and their attributes. */

import type * as Sdk from '@aws-sdk/client-elastic-load-balancing-v2';
import type { TargetGroup } from '@aws-sdk/client-elastic-load-balancing-v2';
import {
  CreateTargetGroup$,
  DeleteTargetGroup$,
  DescribeTargetGroupAttributes$,
  DescribeTargetGroups$,
  DuplicateTargetGroupNameException$,
  InvalidConfigurationRequestException$,
  ModifyTargetGroup$,
  ModifyTargetGroupAttributes$,
  ResourceInUseException$,
  TargetGroupNotFoundException$,
  TooManyTargetGroupsException$,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { arn, nextId } from '../account.ts';
import type { StoredTargetGroup } from '../state.ts';
import type { InputOf, Operations } from '../wire/operation.ts';
import { notServed, refuse } from '../wire/refusal.ts';
import { attributeList, initialAttributes, TARGET_GROUP_ATTRIBUTES, withAttributes } from './attributes.ts';
import type { Elb } from './find.ts';
import { loadBalancerAt, targetGroupAt } from './find.ts';
import { initialHealthCheck, refuseOtherGroups, withHealthCheck } from './health-check.ts';
import { invalid } from './invalid.ts';
import { checkName } from './names.ts';
import { page } from './page.ts';
import { newTags } from './tags.ts';

export const targetGroupOperations = (elb: Elb): Operations<typeof Sdk> => ({
  CreateTargetGroup: {
    schema: CreateTargetGroup$,
    handle: (input) => ({ TargetGroups: [describe(create(elb, input))] }),
  },
  DescribeTargetGroups: { schema: DescribeTargetGroups$, handle: (input) => describeAll(elb, input) },
  ModifyTargetGroup: {
    schema: ModifyTargetGroup$,
    handle: ({ TargetGroupArn, ...given }) => {
      const group = targetGroupAt(elb, TargetGroupArn);
      Object.assign(group, withHealthCheck(group, given, group.ProtocolVersion ?? 'HTTP1'));
      return { TargetGroups: [describe(group)] };
    },
  },
  DeleteTargetGroup: {
    schema: DeleteTargetGroup$,
    handle: ({ TargetGroupArn }) => {
      remove(elb, TargetGroupArn);
      return {};
    },
  },
  DescribeTargetGroupAttributes: {
    schema: DescribeTargetGroupAttributes$,
    handle: ({ TargetGroupArn }) => ({
      Attributes: attributeList(targetGroupAt(elb, TargetGroupArn).attributes),
    }),
  },
  ModifyTargetGroupAttributes: {
    schema: ModifyTargetGroupAttributes$,
    handle: ({ TargetGroupArn, Attributes }) => {
      const group = targetGroupAt(elb, TargetGroupArn);
      const next = withAttributes('Target group', TARGET_GROUP_ATTRIBUTES, group.attributes, Attributes);
      checkStickiness(next);
      group.attributes = next;
      return { Attributes: attributeList(next) };
    },
  },
});

const create = (elb: Elb, input: InputOf<typeof Sdk, 'CreateTargetGroup'>): StoredTargetGroup => {
  const { account } = elb;
  checkName('target group', input.Name);
  const type = input.TargetType ?? 'instance';
  refuseOtherGroups(type, input.Protocol);
  if (input.TargetControlPort !== undefined) throw notServed('TargetControlPort');
  const { Protocol: protocol, Port: port, VpcId: vpc, ProtocolVersion: version = 'HTTP1' } = input;
  if (protocol === undefined) throw invalid('A protocol must be specified');
  if (port === undefined) throw invalid('A port must be specified');
  if (vpc === undefined) throw invalid('A VPC ID must be specified');
  if (!account.network.vpcs.has(vpc)) throw invalid(`The VPC ID '${vpc}' is not found`);
  if (!['HTTP1', 'HTTP2', 'GRPC'].includes(version))
    throw invalid(`Protocol version '${version}' must be one of 'GRPC, HTTP1, HTTP2'`);
  const { Name, Tags, TargetType: _type, TargetControlPort: _control, VpcId: _vpc, ...given } = input;
  const wanted: TargetGroup = {
    TargetGroupName: Name,
    Protocol: protocol,
    Port: port,
    VpcId: vpc,
    TargetType: type,
    ProtocolVersion: version,
    IpAddressType: input.IpAddressType ?? 'ipv4',
    ...withHealthCheck(initialHealthCheck(account.facts, version), given, version),
  };
  const tags = newTags(account, Tags);
  const present = [...account.serving.targetGroups.values()].find(
    ({ TargetGroupName }) => TargetGroupName === Name,
  );
  if (present !== undefined) {
    if (same(present, wanted)) return present;
    throw refuse(
      DuplicateTargetGroupNameException$,
      `A target group with the same name '${Name}' exists, but with different settings`,
    );
  }
  const most = account.facts.targetGroupsPerRegion;
  if (account.serving.targetGroups.size >= most) {
    throw refuse(TooManyTargetGroupsException$, `The maximum number of target groups, '${most}', is reached`);
  }
  const id = nextId(account, `targetgroup/${Name}`, 16);
  const group: StoredTargetGroup = {
    ...wanted,
    TargetGroupArn: arn(account, 'elasticloadbalancing', `targetgroup/${Name}/${id}`),
    TargetGroupName: Name,
    LoadBalancerArns: [],
    attributes: initialAttributes(TARGET_GROUP_ATTRIBUTES),
    targets: new Map(),
  };
  account.serving.targetGroups.set(group.TargetGroupArn, group);
  account.elbTags.set(group.TargetGroupArn, tags);
  return group;
};

const same = (present: StoredTargetGroup, wanted: TargetGroup): boolean =>
  Object.entries(wanted).every(
    ([key, value]) => JSON.stringify(present[key as keyof TargetGroup]) === JSON.stringify(value),
  );

const describe = ({ attributes: _, targets: __, ...group }: StoredTargetGroup): TargetGroup => group;

const describeAll = (elb: Elb, input: InputOf<typeof Sdk, 'DescribeTargetGroups'>) => {
  const { TargetGroupArns: arns, Names: names, LoadBalancerArn: balancer } = input;
  if ([arns, names, balancer].filter((given) => given !== undefined).length > 1) {
    throw invalid('Target group names, target group ARNs and a load balancer ARN cannot be given together');
  }
  if (balancer !== undefined) loadBalancerAt(elb, balancer);
  const chosen = [...elb.account.serving.targetGroups.values()].filter(
    ({ TargetGroupArn, TargetGroupName, LoadBalancerArns }) =>
      (arns?.includes(TargetGroupArn) ?? true) &&
      (names?.includes(TargetGroupName) ?? true) &&
      (balancer === undefined || LoadBalancerArns?.includes(balancer)),
  );
  if (chosen.length < new Set(arns ?? names ?? []).size) {
    throw refuse(TargetGroupNotFoundException$, 'One or more target groups not found');
  }
  const { items, ...next } = page(chosen, ({ TargetGroupArn }) => TargetGroupArn, input);
  return { TargetGroups: items.map(describe), ...next };
};

/** An unknown target group is no error: AWS models only ResourceInUse. */
const remove = ({ account, links }: Elb, targetGroupArn: string): void => {
  if (links.balancersOf(targetGroupArn).length > 0) {
    throw refuse(
      ResourceInUseException$,
      `Target group '${targetGroupArn}' is currently in use by a listener or a rule`,
    );
  }
  const group = account.serving.targetGroups.get(targetGroupArn);
  for (const key of group?.targets.keys() ?? []) account.tasks.delete(`drained/${targetGroupArn}/${key}`);
  account.serving.targetGroups.delete(targetGroupArn);
  account.elbTags.delete(targetGroupArn);
};

const checkStickiness = (attributes: Readonly<Record<string, string>>): void => {
  const type = attributes['stickiness.type'];
  const cookie = attributes['stickiness.app_cookie.cookie_name'] ?? '';
  if (type === 'source_ip') {
    throw refuse(
      InvalidConfigurationRequestException$,
      "Stickiness type 'source_ip' is not supported for target groups with the HTTP protocol",
    );
  }
  if (/^AWSALB/.test(cookie))
    throw invalid(`The cookie name '${cookie}' must not start with AWSALB: those names are reserved`);
  if (attributes['stickiness.enabled'] === 'true' && type === 'app_cookie' && cookie === '') {
    throw invalid("Stickiness type 'app_cookie' needs 'stickiness.app_cookie.cookie_name'");
  }
  const algorithm = attributes['load_balancing.algorithm.type'];
  if (attributes['load_balancing.algorithm.anomaly_mitigation'] === 'on' && algorithm !== 'weighted_random') {
    throw refuse(
      InvalidConfigurationRequestException$,
      "Anomaly mitigation needs the load balancing algorithm 'weighted_random'",
    );
  }
};
