/** Target groups and the targets registered in them. */
import {
  CreateTargetGroupCommand,
  DeleteTargetGroupCommand,
  DescribeTargetGroupsCommand,
  ModifyTargetGroupAttributesCommand,
  ModifyTargetGroupCommand,
  type TargetGroup,
  type TargetHealthDescription,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import type { BackendProtocol, ProtocolVersion, TargetType } from '../../core/model/backend.ts';
import type { BalancerKey, Key } from '../../core/model/key.ts';
import { notedMeanwhile } from '../../core/model/registered-note.ts';
import type {
  Attributes,
  HealthCheck,
  Resource,
  Target,
  TargetGroupSpec,
} from '../../core/model/resource.ts';
import { forgets } from '../../core/model/stated-settings.ts';
import type { Tags } from '../../core/model/tags.ts';
import { addressOf } from '../../core/model/target-health.ts';
import type { Attempt } from '../../core/ports.ts';
import { means } from '../errors.ts';
import { settleTargets, type TargetChange } from '../settle-targets.ts';
import { describeTags, sameOwner, toSdkTags, writeElbTags } from '../tags.ts';
import { attributesToSet } from './attributes.ts';
import { type Driver, nameTaken, type Site, type Update } from './driver.ts';
import { removeIfThere } from './remove-if-there.ts';

/**
 * Written when creating, for the time until a listener or rule refers to the target group: which of a stack's
 * load balancers it was made for, by scheme. AWS tells only afterwards.
 */
export const SCHEME_TAG = 'alb.ingress.kubernetes.io/scheme';

export type FoundTargets = {
  readonly loadBalancer: Key<'load-balancer'>;
  readonly attributes: Attributes;
  readonly tags: Tags;
  readonly health: readonly TargetHealthDescription[];
};

export const targetGroupSpec = (found: TargetGroup, more: FoundTargets): TargetGroupSpec => ({
  name: found.TargetGroupName ?? '',
  loadBalancer: more.loadBalancer,
  vpc: found.VpcId ?? '',
  ...fixedFields(found),
  healthCheck: healthCheckOf(found),
  attributes: more.attributes,
  targets: more.health.flatMap(fromTargetHealth).sort(byAddress),
  tags: Object.fromEntries(Object.entries(more.tags).filter(([name]) => name !== SCHEME_TAG)),
});

/** What AWS cannot change about a target group. */
export const fixedFields = (
  found: TargetGroup,
): Pick<
  TargetGroupSpec,
  'targetType' | 'protocol' | 'protocolVersion' | 'port' | 'controlPort' | 'ipAddressType'
> => ({
  targetType: (found.TargetType ?? 'instance') as TargetType,
  protocol: (found.Protocol ?? 'HTTP') as BackendProtocol,
  protocolVersion: (found.ProtocolVersion ?? 'HTTP1') as ProtocolVersion,
  port: found.Port ?? 0,
  ...(found.TargetControlPort !== undefined && { controlPort: found.TargetControlPort }),
  ...(found.IpAddressType === 'ipv6' && { ipAddressType: 'ipv6' }),
});

export const healthCheckOf = (found: TargetGroup): HealthCheck => ({
  protocol: (found.HealthCheckProtocol ?? 'HTTP') as BackendProtocol,
  port: found.HealthCheckPort ?? 'traffic-port',
  path: found.HealthCheckPath ?? '/',
  interval: found.HealthCheckIntervalSeconds ?? 30,
  timeout: found.HealthCheckTimeoutSeconds ?? 5,
  healthyThreshold: found.HealthyThresholdCount ?? 5,
  unhealthyThreshold: found.UnhealthyThresholdCount ?? 2,
  codes: found.Matcher?.GrpcCode ?? found.Matcher?.HttpCode ?? '',
});

/**
 * A draining target is on its way out and no longer one of ours. AWS tells the zone of every target; only `all`
 * was anybody's choice.
 */
export const fromTargetHealth = ({
  Target: found,
  TargetHealth,
}: TargetHealthDescription): readonly Target[] => {
  if (!found?.Id || TargetHealth?.State === 'draining') return [];
  const zone = found.AvailabilityZone === 'all' ? { zone: 'all' } : {};
  return [{ id: found.Id, port: found.Port ?? 0, ...zone }];
};

const byAddress = (a: Target, b: Target): number => (a.id < b.id ? -1 : a.id > b.id ? 1 : a.port - b.port);

const create = async ({ spec }: Resource<'target-group'>, site: Site): Promise<Attempt> => {
  const { elb } = site.account.clients;
  const made = await createOrFind(spec, site);
  if ('status' in made) return made;
  const TargetGroupArn = made.TargetGroupArn ?? '';
  const attributes = attributesToSet(spec.attributes, {});
  if (attributes.length > 0)
    await elb.send(new ModifyTargetGroupAttributesCommand({ TargetGroupArn, Attributes: attributes }));
  await settleTargets(elb, TargetGroupArn, changeOf(spec.targets, []));
  return { status: 'done', id: TargetGroupArn };
};

/** Asked again with the same settings, AWS answers with the target group that exists, whoever uses it. */
const createOrFind = async (spec: TargetGroupSpec, site: Site): Promise<TargetGroup | Attempt> => {
  try {
    const { TargetGroups } = await site.account.clients.elb.send(
      new CreateTargetGroupCommand({
        Name: spec.name,
        VpcId: spec.vpc,
        TargetType: spec.targetType,
        Protocol: spec.protocol,
        ProtocolVersion: spec.protocolVersion,
        Port: spec.port,
        ...(spec.controlPort !== undefined && { TargetControlPort: spec.controlPort }),
        ...(spec.ipAddressType && { IpAddressType: spec.ipAddressType }),
        ...toHealthCheck(spec, () => true),
        Tags: toSdkTags({ ...spec.tags, [SCHEME_TAG]: schemeOf(spec.loadBalancer) }),
      }),
    );
    const made = TargetGroups?.[0] ?? {};
    return made.LoadBalancerArns?.length ? await takeOver(spec, site) : made;
  } catch (thrown) {
    if (!means(thrown, 'exists')) throw thrown;
    return takeOver(spec, site);
  }
};

export const schemeOf = (loadBalancer: BalancerKey): string =>
  loadBalancer.slice(loadBalancer.lastIndexOf('~') + 1);

/** One of the same name stands already: ours from an interrupted try, or somebody else's. */
const takeOver = async (spec: TargetGroupSpec, { account }: Site): Promise<TargetGroup | Attempt> => {
  const { elb } = account.clients;
  const found =
    (await elb.send(new DescribeTargetGroupsCommand({ Names: [spec.name] }))).TargetGroups?.[0] ?? {};
  const arn = found.TargetGroupArn ?? '';
  const tags = (await describeTags(account.clients, [arn])).get(arn) ?? {};
  const what = `a target group named ${spec.name}`;
  if (!sameOwner(spec.tags, tags))
    return nameTaken(what, 'does not carry the tags of this cluster and group');
  const fixed = fixedFields(found);
  const other = (
    ['targetType', 'protocol', 'protocolVersion', 'port', 'controlPort', 'ipAddressType'] as const
  ).find((field) => fixed[field] !== spec[field]);
  if (other) return nameTaken(what, `has ${other} ${fixed[other]}, not ${spec[other]}`);
  await elb.send(new ModifyTargetGroupCommand({ TargetGroupArn: arn, ...toHealthCheck(spec, () => true) }));
  return found;
};

export const toHealthCheck = (
  {
    healthCheck,
    protocolVersion,
  }: Pick<TargetGroupSpec, 'healthCheck'> & Partial<Pick<TargetGroupSpec, 'protocolVersion'>>,
  wanted: (field: keyof HealthCheck) => boolean,
) => ({
  ...(wanted('protocol') && { HealthCheckProtocol: healthCheck.protocol }),
  ...(wanted('port') && { HealthCheckPort: healthCheck.port }),
  ...(wanted('path') && { HealthCheckPath: healthCheck.path }),
  ...(wanted('interval') && { HealthCheckIntervalSeconds: healthCheck.interval }),
  ...(wanted('timeout') && { HealthCheckTimeoutSeconds: healthCheck.timeout }),
  ...(wanted('healthyThreshold') && { HealthyThresholdCount: healthCheck.healthyThreshold }),
  ...(wanted('unhealthyThreshold') && { UnhealthyThresholdCount: healthCheck.unhealthyThreshold }),
  ...(wanted('codes') && {
    Matcher: protocolVersion === 'GRPC' ? { GrpcCode: healthCheck.codes } : { HttpCode: healthCheck.codes },
  }),
});

const update = async ({ want, have, changes }: Update<'target-group'>, site: Site): Promise<Attempt> => {
  const { elb } = site.account.clients;
  const TargetGroupArn = site.id(want.key);
  const { spec } = want;
  const writeTags = (to: Tags, from: Tags) => writeElbTags(site.account.clients, TargetGroupArn, to, from);
  const tagsLast = forgets(spec.tags, have.tags);
  // Of a shared group every target that comes or goes is noted for as long as it does.
  const meanwhile = tagsLast ? notedMeanwhile(have.tags, spec.tags) : notedMeanwhile(spec.tags, have.tags);
  if (changes('tags')) await writeTags(meanwhile, have.tags);
  if (changes('healthCheck')) {
    const differs = (field: keyof HealthCheck): boolean =>
      spec.healthCheck[field] !== have.healthCheck[field];
    await elb.send(new ModifyTargetGroupCommand({ TargetGroupArn, ...toHealthCheck(spec, differs) }));
  }
  if (changes('attributes'))
    await elb.send(
      new ModifyTargetGroupAttributesCommand({
        TargetGroupArn,
        Attributes: attributesToSet(spec.attributes, have.attributes),
      }),
    );
  if (changes('targets')) await settleTargets(elb, TargetGroupArn, changeOf(spec.targets, have.targets));
  if (changes('tags')) await writeTags(spec.tags, meanwhile);
  return { status: 'done', id: TargetGroupArn };
};

/** AWS knows a target by id and port. */
const changeOf = (want: readonly Target[], have: readonly Target[]): TargetChange => {
  const zones = new Map(have.map((target) => [addressOf(target), target.zone]));
  const wanted = new Set(want.map(addressOf));
  const isThere = (target: Target): boolean =>
    zones.has(addressOf(target)) && zones.get(addressOf(target)) === target.zone;
  return {
    register: want.filter((target) => !isThere(target)),
    deregister: have.filter((target) => !wanted.has(addressOf(target))),
    someStay: want.some(isThere),
  };
};

export const removeTargetGroup = (
  { key, spec }: Resource<'target-group'> | Resource<'network-target-group'>,
  site: Site,
): Promise<Attempt> =>
  removeIfThere(
    key,
    site,
    async (TargetGroupArn) => {
      await site.account.clients.elb.send(new DeleteTargetGroupCommand({ TargetGroupArn }));
      return undefined;
    },
    { inUse: `target group ${spec.name} is still in use` },
  );

export const targetGroup: Driver<'target-group'> = { create, update, remove: removeTargetGroup };
