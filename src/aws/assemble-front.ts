/** The Network Load Balancer in front of a stack's load balancer, from what was found to keys and specs. Pure. */
import { kindOf } from '../core/model/actual.ts';
import {
  type Key,
  loadBalancerKey,
  networkListenerKey,
  networkLoadBalancerKey,
  networkTargetGroupKey,
} from '../core/model/key.ts';
import type { NetworkTargetGroupSpec } from '../core/model/resource.ts';
import type { Scheme } from '../core/model/scheme.ts';
import type { Tags } from '../core/model/tags.ts';
import { loadBalancerFacts } from './kinds/load-balancer.ts';
import { networkListenerSpec } from './kinds/network-listener.ts';
import { networkLoadBalancerSpec } from './kinds/network-load-balancer.ts';
import { networkTargetGroupSpec } from './kinds/network-target-group.ts';
import { SCHEME_TAG } from './kinds/target-group.ts';
import { add, free, type Picture } from './picture.ts';
import type { FoundFront } from './read-front.ts';

/** After the load balancer and its listeners, whose keys it refers to. */
export const addFront = (picture: Picture, { balancers, groups }: FoundFront): void => {
  const keyOfGroup = (id: string) => picture.keys.get(id) as Key<'security-group'> | undefined;
  for (const { loadBalancer, arn, ...more } of balancers) {
    const key = free(picture, networkLoadBalancerKey(picture.stack, loadBalancer.Scheme ?? 'internal'), arn);
    const spec = networkLoadBalancerSpec(loadBalancer, more, keyOfGroup);
    picture.loadBalancers.set(key, loadBalancerFacts(loadBalancer));
    add(picture, { kind: 'network-load-balancer', key, spec }, arn, more.tags);
  }
  for (const found of groups) addGroup(picture, found);
  for (const balancer of balancers) {
    const key = picture.keys.get(balancer.arn) as Key<'network-load-balancer'>;
    for (const { listener, arn, tags } of balancer.listeners) {
      const spec = networkListenerSpec(
        listener,
        { loadBalancer: key, tags },
        picture.keys,
        groupsOf(picture),
      );
      const own = networkListenerKey(key, listener.Port ?? 0);
      if (spec) add(picture, { kind: 'network-listener', key: own, spec }, arn, tags);
      else
        picture.foreign.push({
          key: own,
          description: `listener ${listener.Protocol} ${listener.Port} of the network load balancer, which leads to something that is not ours`,
        });
    }
  }
};

const groupsOf = (picture: Picture) => (key: Key<'network-target-group'>) => {
  const found = picture.owned.get(key) ?? picture.adoptable.get(key);
  return found?.kind === 'network-target-group' ? found.spec : undefined;
};

/** One without its load balancer, or without a target of ours, has a key that nobody can want. */
const addGroup = (picture: Picture, found: FoundFront['groups'][number]): void => {
  const [balancerArn] = found.targetGroup.LoadBalancerArns ?? [];
  const loadBalancer =
    (picture.keys.get(balancerArn ?? '') as Key<'network-load-balancer'> | undefined) ??
    networkLoadBalancerKey(picture.stack, madeFor(found.tags));
  const target = targetOf(picture, found);
  const wanted = networkTargetGroupKey(loadBalancer, found.targetGroup.Port ?? 0, target);
  const spec = networkTargetGroupSpec(found.targetGroup, { loadBalancer, target, tags: found.tags });
  add(
    picture,
    { kind: 'network-target-group', key: free(picture, wanted, found.arn), spec },
    found.arn,
    found.tags,
  );
};

/** Until a listener refers to it, its tag says which of two it was made for. */
const madeFor = (tags: Tags): Scheme =>
  tags[SCHEME_TAG] === 'internet-facing' ? 'internet-facing' : 'internal';

/** Without a target of ours it leads nowhere: port 0, which nobody wants. */
const targetOf = (
  picture: Picture,
  { health }: FoundFront['groups'][number],
): NetworkTargetGroupSpec['target'] => {
  const target = health.find(({ TargetHealth }) => TargetHealth?.State !== 'draining')?.Target;
  const loadBalancer = picture.keys.get(target?.Id ?? '');
  if (loadBalancer === undefined || kindOf(loadBalancer) !== 'load-balancer')
    return { loadBalancer: loadBalancerKey(picture.stack, 'internal'), port: 0 };
  return { loadBalancer: loadBalancer as Key<'load-balancer'>, port: target?.Port ?? 0 };
};
