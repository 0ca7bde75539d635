/** Target groups with a load balancer as their target. AWS takes one, at the port of a listener it has. */
import {
  CreateTargetGroupCommand,
  DescribeTargetGroupsCommand,
  ModifyTargetGroupCommand,
  RegisterTargetsCommand,
  type TargetGroup,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import type { HealthCheck, NetworkTargetGroupSpec, Resource } from '../../core/model/resource.ts';
import type { Tags } from '../../core/model/tags.ts';
import type { Attempt } from '../../core/ports.ts';
import { means } from '../errors.ts';
import { describeTags, sameOwner, toSdkTags, writeElbTags } from '../tags.ts';
import { type Driver, nameTaken, type Site, type Update } from './driver.ts';
import { healthCheckOf, removeTargetGroup, SCHEME_TAG, schemeOf, toHealthCheck } from './target-group.ts';

export const networkTargetGroupSpec = (
  found: TargetGroup,
  more: Pick<NetworkTargetGroupSpec, 'loadBalancer' | 'target'> & { readonly tags: Tags },
): NetworkTargetGroupSpec => ({
  name: found.TargetGroupName ?? '',
  loadBalancer: more.loadBalancer,
  vpc: found.VpcId ?? '',
  port: found.Port ?? 0,
  target: more.target,
  healthCheck: healthCheckOf(found),
  tags: Object.fromEntries(Object.entries(more.tags).filter(([name]) => name !== SCHEME_TAG)),
});

/** While the load balancer is being set up AWS may not take it as a target yet. */
const create = async ({ spec }: Resource<'network-target-group'>, site: Site): Promise<Attempt> => {
  const target = { Id: site.id(spec.target.loadBalancer), Port: spec.target.port };
  const made = await createOrFind(spec, site);
  if ('status' in made) return made;
  const TargetGroupArn = made.TargetGroupArn ?? '';
  await site.account.clients.elb.send(new RegisterTargetsCommand({ TargetGroupArn, Targets: [target] }));
  return { status: 'done', id: TargetGroupArn };
};

const createOrFind = async (spec: NetworkTargetGroupSpec, site: Site): Promise<TargetGroup | Attempt> => {
  const { elb } = site.account.clients;
  try {
    const { TargetGroups } = await elb.send(
      new CreateTargetGroupCommand({
        Name: spec.name,
        VpcId: spec.vpc,
        TargetType: 'alb',
        Protocol: 'TCP',
        Port: spec.port,
        ...toHealthCheck(spec, () => true),
        Tags: toSdkTags({ ...spec.tags, [SCHEME_TAG]: schemeOf(spec.loadBalancer) }),
      }),
    );
    return proven(spec, TargetGroups?.[0] ?? {}, site);
  } catch (thrown) {
    if (!means(thrown, 'exists')) throw thrown;
    const { TargetGroups } = await elb.send(new DescribeTargetGroupsCommand({ Names: [spec.name] }));
    return proven(spec, TargetGroups?.[0] ?? {}, site);
  }
};

/** Asked again with the same settings, AWS answers with the target group that exists, whoever uses it. */
const proven = async (
  spec: NetworkTargetGroupSpec,
  found: TargetGroup,
  { account }: Site,
): Promise<TargetGroup | Attempt> => {
  const arn = found.TargetGroupArn ?? '';
  const tags = (await describeTags(account.clients, [arn])).get(arn) ?? {};
  const what = `a target group named ${spec.name}`;
  if (!sameOwner(spec.tags, tags))
    return nameTaken(what, 'does not carry the tags of this cluster and group');
  if (found.TargetType !== 'alb' || found.Port !== spec.port)
    return nameTaken(what, `is of type ${found.TargetType} and port ${found.Port}`);
  return found;
};

const update = async (
  { want, have, changes }: Update<'network-target-group'>,
  site: Site,
): Promise<Attempt> => {
  const TargetGroupArn = site.id(want.key);
  const { spec } = want;
  if (changes('tags')) await writeElbTags(site.account.clients, TargetGroupArn, spec.tags, have.tags);
  if (changes('healthCheck')) {
    const differs = (field: keyof HealthCheck): boolean =>
      spec.healthCheck[field] !== have.healthCheck[field];
    await site.account.clients.elb.send(
      new ModifyTargetGroupCommand({ TargetGroupArn, ...toHealthCheck(spec, differs) }),
    );
  }
  return { status: 'done', id: TargetGroupArn };
};

export const networkTargetGroup: Driver<'network-target-group'> = {
  create,
  update,
  remove: removeTargetGroup,
};
