/** TCP listeners of Network Load Balancers. AWS identifies one by its load balancer and port. */
import {
  CreateListenerCommand,
  type Listener,
  ModifyListenerCommand,
  paginateDescribeListeners,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import type { AwsId } from '../../core/model/actual.ts';
import type {
  Key,
  NetworkListenerSpec,
  NetworkTargetGroupSpec,
  Resource,
  Tags,
} from '../../core/model/resource.ts';
import type { Attempt } from '../../core/ports.ts';
import { means } from '../errors.ts';
import { everyPage } from '../every-page.ts';
import { describeTags, sameOwner, toSdkTags, writeElbTags } from '../tags.ts';
import { type Driver, nameTaken, type Site, type Update } from './driver.ts';
import { removeListener } from './listener.ts';

/** Undefined when it does anything but forward TCP to one target group of ours. */
export const networkListenerSpec = (
  found: Listener,
  more: { readonly loadBalancer: Key<'network-load-balancer'>; readonly tags: Tags },
  keys: ReadonlyMap<AwsId, Key>,
  groupAt: (key: Key<'network-target-group'>) => NetworkTargetGroupSpec | undefined,
): NetworkListenerSpec | undefined => {
  const [only, ...others] = found.DefaultActions ?? [];
  const groups = only?.ForwardConfig?.TargetGroups ?? [{ TargetGroupArn: only?.TargetGroupArn }];
  const targetGroup = keys.get(groups[0]?.TargetGroupArn ?? '') as Key<'network-target-group'> | undefined;
  const group = targetGroup && groupAt(targetGroup);
  if (!group || others.length > 0 || groups.length > 1 || found.Protocol !== 'TCP') return undefined;
  const { loadBalancer, tags } = more;
  return { loadBalancer, port: found.Port ?? 0, targetGroup, application: group.target.loadBalancer, tags };
};

const forward = (spec: NetworkListenerSpec, site: Site) => [
  { Type: 'forward' as const, TargetGroupArn: site.id(spec.targetGroup) },
];

const create = async ({ spec }: Resource<'network-listener'>, site: Site): Promise<Attempt> => {
  const { elb } = site.account.clients;
  const LoadBalancerArn = site.id(spec.loadBalancer);
  const DefaultActions = forward(spec, site);
  try {
    const { Listeners } = await elb.send(
      new CreateListenerCommand({
        LoadBalancerArn,
        Port: spec.port,
        Protocol: 'TCP',
        DefaultActions,
        Tags: toSdkTags(spec.tags),
      }),
    );
    return { status: 'done', id: Listeners?.[0]?.ListenerArn ?? '' };
  } catch (thrown) {
    if (!means(thrown, 'exists')) throw thrown;
    const pages = paginateDescribeListeners({ client: elb }, { LoadBalancerArn });
    const found = (await everyPage(pages, (page) => page.Listeners)).find(({ Port }) => Port === spec.port);
    const ListenerArn = found?.ListenerArn;
    if (!ListenerArn) throw thrown;
    const tags = (await describeTags(site.account.clients, [ListenerArn])).get(ListenerArn) ?? {};
    if (!sameOwner(spec.tags, tags))
      return nameTaken(
        `a network listener on port ${spec.port}`,
        'does not carry the tags of this cluster and group',
      );
    await elb.send(new ModifyListenerCommand({ ListenerArn, DefaultActions }));
    return { status: 'done', id: ListenerArn };
  }
};

const update = async ({ want, have, changes }: Update<'network-listener'>, site: Site): Promise<Attempt> => {
  const ListenerArn = site.id(want.key);
  const { spec } = want;
  if (changes('tags')) await writeElbTags(site.account.clients, ListenerArn, spec.tags, have.tags);
  if (changes('targetGroup'))
    await site.account.clients.elb.send(
      new ModifyListenerCommand({ ListenerArn, DefaultActions: forward(spec, site) }),
    );
  return { status: 'done', id: ListenerArn };
};

export const networkListener: Driver<'network-listener'> = { create, update, remove: removeListener };
