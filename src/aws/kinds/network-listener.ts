/** TCP listeners of Network Load Balancers. AWS identifies one by its load balancer and port. */
import { type Listener, ModifyListenerCommand } from '@aws-sdk/client-elastic-load-balancing-v2';
import type { AwsId } from '../../core/model/actual.ts';
import type { Key } from '../../core/model/key.ts';
import type { NetworkListenerSpec, NetworkTargetGroupSpec, Resource } from '../../core/model/resource.ts';
import type { Tags } from '../../core/model/tags.ts';
import type { Attempt } from '../../core/ports.ts';
import { writeElbTags } from '../tags.ts';
import type { Driver, Site, Update } from './driver.ts';
import { createOrTakeOver, removeListener } from './listener-calls.ts';

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

const create = ({ spec }: Resource<'network-listener'>, site: Site): Promise<Attempt> =>
  createOrTakeOver(spec, { Protocol: 'TCP', DefaultActions: forward(spec, site) }, site);

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
