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
import { refuse } from '../wire/refusal.ts';
import { attributeList, initialAttributes, targetGroupAttributes, withAttributes } from './attributes.ts';
import { isHttp } from './balancer-kind.ts';
import type { Elb } from './find.ts';
import { loadBalancerAt, targetGroupAt } from './find.ts';
import { type Checked, initialHealthCheck, refuseOtherGroups, withHealthCheck } from './health-check.ts';
import { invalid } from './invalid.ts';
import { isLettingGo } from './links.ts';
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
      const next = withHealthCheck(group, given, checkedOf(group));
      for (const member of ['HealthCheckPath', 'Matcher'] as const) delete group[member];
      Object.assign(group, next);
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
      if (group.TargetType === 'alb')
        throw refuse(
          InvalidConfigurationRequestException$,
          'Attributes of a target group of target type alb cannot be modified',
        );
      const table = targetGroupAttributes(group.Protocol, group.TargetType);
      const next = withAttributes('Target group', table, group.attributes, Attributes);
      if (isHttp(group.Protocol)) checkTogether(next);
      else checkDraining(next);
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
  const { Protocol: protocol, Port: port, VpcId: vpc } = input;
  if (protocol === undefined) throw invalid('A protocol must be specified');
  if (port === undefined) throw invalid('A port must be specified');
  if (vpc === undefined) throw invalid('A VPC ID must be specified');
  if (!account.network.vpcs.has(vpc)) throw invalid(`The VPC ID '${vpc}' is not found`);
  const version = versionOf(protocol, input.ProtocolVersion);
  checkControlPort(protocol, type, input.TargetControlPort);
  const { Name, Tags, TargetType: _type, TargetControlPort: control, VpcId: _vpc, ...given } = input;
  const checked: Checked = { protocol, version, targetType: type };
  const wanted: TargetGroup = {
    TargetGroupName: Name,
    Protocol: protocol,
    Port: port,
    VpcId: vpc,
    TargetType: type,
    ...(version === undefined ? {} : { ProtocolVersion: version }),
    IpAddressType: input.IpAddressType ?? 'ipv4',
    ...(control === undefined ? {} : { TargetControlPort: control }),
    ...withHealthCheck(initialHealthCheck(account.facts, checked), given, checked),
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
    attributes: initialAttributes(targetGroupAttributes(protocol, type)),
    targets: new Map(),
  };
  account.serving.targetGroups.set(group.TargetGroupArn, group);
  account.elbTags.set(group.TargetGroupArn, tags);
  return group;
};

const checkedOf = ({ Protocol, ProtocolVersion, TargetType }: TargetGroup): Checked => ({
  protocol: Protocol,
  version: ProtocolVersion,
  targetType: TargetType,
});

const versionOf = (protocol: string, given: string | undefined): string | undefined => {
  if (!isHttp(protocol)) {
    if (given !== undefined) throw invalid(`Protocol version cannot be specified for protocol ${protocol}`);
    return undefined;
  }
  const version = given ?? 'HTTP1';
  if (!['HTTP1', 'HTTP2', 'GRPC'].includes(version))
    throw invalid(`Protocol version '${version}' must be one of 'GRPC, HTTP1, HTTP2'`);
  return version;
};

/** The port by which a target tells an application load balancer how much it can take. */
const checkControlPort = (protocol: string, type: string, port: number | undefined): void => {
  if (port === undefined) return;
  if (!(port >= 1 && port <= 65_535))
    throw invalid(`Target control port '${port}' must be between 1 and 65535`);
  if (!isHttp(protocol) || type === 'lambda')
    throw refuse(
      InvalidConfigurationRequestException$,
      `A target control port is for target groups of protocol HTTP or HTTPS, not ${protocol}`,
    );
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
  if (links.balancersOf(targetGroupArn).length > 0 || isLettingGo(account, targetGroupArn)) {
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

/** Connections to an unhealthy target can only drain where they are not ended (API reference). */
const checkDraining = (attributes: Readonly<Record<string, string>>): void => {
  const ends = attributes['target_health_state.unhealthy.connection_termination.enabled'] === 'true';
  if (ends && attributes['target_health_state.unhealthy.draining_interval_seconds'] !== '0')
    throw refuse(
      InvalidConfigurationRequestException$,
      "The draining interval needs 'target_health_state.unhealthy.connection_termination.enabled' to be false",
    );
};

const checkTogether = (attributes: Readonly<Record<string, string>>): void => {
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
  if (attributes['slow_start.duration_seconds'] !== '0' && algorithm !== 'round_robin') {
    throw refuse(
      InvalidConfigurationRequestException$,
      `Slow start is not possible with the load balancing algorithm '${algorithm}'`,
    );
  }
  if (attributes['load_balancing.algorithm.anomaly_mitigation'] === 'on' && algorithm !== 'weighted_random') {
    throw refuse(
      InvalidConfigurationRequestException$,
      "Anomaly mitigation needs the load balancing algorithm 'weighted_random'",
    );
  }
};
