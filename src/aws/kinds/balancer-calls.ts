/** What load balancers of both kinds have in common towards AWS. */
import {
  CreateLoadBalancerCommand,
  type CreateLoadBalancerCommandInput,
  DeleteLoadBalancerCommand,
  DescribeLoadBalancersCommand,
  type LoadBalancer,
  ModifyLoadBalancerAttributesCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import type { Key } from '../../core/model/key.ts';
import type { LoadBalancerSpec, Resource } from '../../core/model/resource.ts';
import type { IpAddressType, Scheme } from '../../core/model/scheme.ts';
import type { Tags } from '../../core/model/tags.ts';
import type { Attempt } from '../../core/ports.ts';
import { awsError, means } from '../errors.ts';
import { chunks } from '../every-page.ts';
import { describeTags, sameOwner, toSdkTags } from '../tags.ts';
import type { attributesToSet } from './attributes.ts';
import { nameTaken, type Site } from './driver.ts';
import { removeIfThere } from './remove-if-there.ts';

type Wanted = {
  readonly name: string;
  readonly scheme: Scheme;
  readonly ipAddressType: IpAddressType;
  readonly securityGroups: LoadBalancerSpec['securityGroups'];
  readonly tags: Tags;
};

/**
 * Asked again with the same settings, AWS answers with the load balancer that exists; and whether tags count as
 * settings is not documented. So what it answers with has to prove whose it is.
 */
export const createOrFind = async (
  spec: Wanted,
  type: 'application' | 'network',
  more: Partial<CreateLoadBalancerCommandInput>,
  site: Site,
): Promise<LoadBalancer | Attempt> => {
  const { elb } = site.account.clients;
  const SecurityGroups = groupIds(spec.securityGroups, site);
  try {
    const { LoadBalancers } = await elb.send(
      new CreateLoadBalancerCommand({
        Name: spec.name,
        Type: type,
        Scheme: spec.scheme,
        IpAddressType: spec.ipAddressType,
        SecurityGroups,
        ...more,
        Tags: toSdkTags(spec.tags),
      }),
    );
    return proven(spec, LoadBalancers?.[0], type, site);
  } catch (thrown) {
    if (!means(thrown, 'exists')) throw thrown;
    const { LoadBalancers } = await elb.send(new DescribeLoadBalancersCommand({ Names: [spec.name] }));
    return proven(spec, LoadBalancers?.[0], type, site);
  }
};

/** What AWS answered with, if it is what was wanted and carries our tags. */
const proven = async (
  spec: Wanted,
  found: LoadBalancer | undefined,
  type: 'application' | 'network',
  { account: { clients } }: Site,
): Promise<LoadBalancer | Attempt> => {
  const arn = found?.LoadBalancerArn;
  if (!arn) return noAnswer;
  const what = `a load balancer named ${spec.name}`;
  const tags = (await describeTags(clients, [arn])).get(arn) ?? {};
  if (!sameOwner(spec.tags, tags))
    return nameTaken(what, 'does not carry the tags of this cluster and group');
  if (found.Type !== type) return nameTaken(what, `is of type ${found.Type}, not ${type}`);
  if (found.Scheme !== spec.scheme) return nameTaken(what, `is ${found.Scheme}, not ${spec.scheme}`);
  return found;
};

const noAnswer: Attempt = {
  status: 'failed',
  code: 'EmptyAnswer',
  message: 'ELBv2 answered without the load balancer that was to be created',
  retry: true,
};

export const groupIds = (groups: LoadBalancerSpec['securityGroups'], site: Site): string[] =>
  groups.map((group) => (isKey(group) ? site.id(group) : group));

const isKey = (group: LoadBalancerSpec['securityGroups'][number]): group is Key<'security-group'> =>
  group.startsWith('security-group/');

/** AWS takes 20 attributes a call. */
export const setAttributes = async (
  arn: string,
  attributes: ReturnType<typeof attributesToSet>,
  site: Site,
): Promise<void> => {
  for (const some of chunks(attributes, 20))
    await site.account.clients.elb.send(
      new ModifyLoadBalancerAttributesCommand({ LoadBalancerArn: arn, Attributes: [...some] }),
    );
};

/** Takes its listeners and rules along. Deletion protection is somebody's wish and never lifted here. */
export const removeBalancer = (
  { key, spec }: Resource<'load-balancer'> | Resource<'network-load-balancer'>,
  site: Site,
): Promise<Attempt> =>
  removeIfThere(
    key,
    site,
    async (LoadBalancerArn) => {
      try {
        await site.account.clients.elb.send(new DeleteLoadBalancerCommand({ LoadBalancerArn }));
        return undefined;
      } catch (thrown) {
        const { code, message } = awsError(thrown);
        if (code !== 'OperationNotPermitted') throw thrown;
        const remedy = `load balancer ${spec.name} is kept; to let it go, set its attribute deletion_protection.enabled to false`;
        return { status: 'failed', code, message: `${message}; ${remedy}`, retry: false };
      }
    },
    { inUse: `load balancer ${spec.name} is still in use` },
  );
