/** From what was found to an {@link Actual}: keys from observed fields, references from ARNs to keys. Pure. */
import type { Actual, Foreign } from '../core/model/actual.ts';
import { certificateIdentity, certificateKey } from '../core/model/certificate.ts';
import {
  type Key,
  listenerKey,
  loadBalancerKey,
  securityGroupKey,
  targetGroupKey,
} from '../core/model/key.ts';
import { LOAD_BALANCER_RESOURCE, ownershipTags, RESOURCE_TAG } from '../core/model/names.ts';
import { ruleKey } from '../core/model/rule.ts';
import type { Scheme } from '../core/model/scheme.ts';
import type { Tags } from '../core/model/tags.ts';
import { targetAccessKey } from '../core/model/target-access.ts';
import { addFront } from './assemble-front.ts';
import type { KeyOfTargetGroup } from './kinds/actions.ts';
import { certificateSpec } from './kinds/certificate.ts';
import { fromSdkConditions } from './kinds/conditions.ts';
import { listenerSpec } from './kinds/listener.ts';
import { loadBalancerFacts, loadBalancerSpec } from './kinds/load-balancer.ts';
import { ruleSpec } from './kinds/rule.ts';
import { securityGroupSpec } from './kinds/security-group.ts';
import { fixedFields, SCHEME_TAG, targetGroupSpec } from './kinds/target-group.ts';
import { add, free, type Picture } from './picture.ts';
import type {
  FoundCertificate,
  FoundListener,
  FoundLoadBalancer,
  FoundRule,
  FoundStack,
  FoundTargetGroup,
} from './read-stack.ts';
import { isOwned } from './tags.ts';

export const assemble = (cluster: string, stack: string, found: FoundStack): Actual => {
  const picture: Picture = {
    cluster,
    stack,
    owned: new Map(),
    adoptable: new Map(),
    retirable: new Map(),
    foreign: found.passedOver.map((other) => beside(stack, other)),
    ids: new Map(),
    loadBalancers: new Map(),
    keys: new Map(),
  };
  const used = new Set(found.loadBalancers.flatMap(({ loadBalancer }) => loadBalancer.SecurityGroups ?? []));
  const usedFirst = found.securityGroups.toSorted(
    (a, b) => Number(used.has(b.id)) - Number(used.has(a.id)) || (a.id < b.id ? -1 : 1),
  );
  const inService = found.certificates.toSorted((a, b) => users(b) - users(a) || (a.arn < b.arn ? -1 : 1));
  for (const certificate of inService) addCertificate(picture, certificate);
  for (const { group, id } of usedFirst) {
    const spec = securityGroupSpec(group);
    add(
      picture,
      { kind: 'security-group', key: free(picture, securityGroupKey(stack), id), spec },
      id,
      spec.tags,
    );
  }
  for (const { group, source: id, ports } of found.access) {
    const source = (picture.keys.get(id) as Key<'security-group'> | undefined) ?? id;
    const key = targetAccessKey(stack, group, source);
    picture.owned.set(key, { kind: 'target-access', key, spec: { group, source, ports } });
    picture.ids.set(key, group);
  }
  const balancers = found.loadBalancers.toSorted(
    (a, b) => rank(picture, a) - rank(picture, b) || age(b) - age(a),
  );
  for (const balancer of balancers) nameBalancer(picture, balancer);
  const attachedFirst = found.targetGroups.toSorted(
    (a, b) => attached(b) - attached(a) || (a.arn < b.arn ? -1 : 1),
  );
  for (const group of attachedFirst) addTargetGroup(picture, group, found);
  const of2017 = new Set(found.targetGroups.flatMap((group) => (group.of2017 ? [group.arn] : [])));
  for (const balancer of balancers) addBalancer(picture, balancer, of2017);
  addFront(picture, found.front);
  const { owned, adoptable, retirable, foreign, ids, loadBalancers } = picture;
  return {
    ...{ owned, adoptable, retirable, foreign, ids, loadBalancers, knownNames: new Set() },
    ...(!found.seesCertificates && { certificatesUnseen: true as const }),
  };
};

/**
 * One that is requested is told by its names, so that LBC's is ours too; one that is imported by its tag. What ACM has
 * given up gets a key that nobody can want: it is asked for anew.
 */
const addCertificate = (picture: Picture, { certificate, arn, tags }: FoundCertificate): void => {
  const spec = certificateSpec(certificate, tags);
  const lost = ['VALIDATION_TIMED_OUT', 'EXPIRED', 'INACTIVE'].includes(certificate.Status ?? '');
  const name = spec.origin === 'imported' ? tags[RESOURCE_TAG] : undefined;
  const wanted = certificateKey(picture.stack, name ?? certificateIdentity(spec));
  const key = lost && spec.origin === 'requested' ? (`${wanted}+${arn.slice(-12)}` as const) : wanted;
  add(picture, { kind: 'certificate', key: free(picture, key, arn), spec }, arn, tags);
};

const users = ({ certificate }: FoundCertificate): number => certificate.InUseBy?.length ?? 0;

/** A 2017 load balancer of another host: it serves on, and somebody has to decide. */
const beside = (stack: string, { name, arn, made }: FoundStack['passedOver'][number]): Foreign => ({
  key: `load-balancer/${stack}~${arn.slice(-16)}`,
  ingress: made.ingress,
  description:
    `load balancer ${name}, made by the 2017 controller for host ${made.host} of ${made.ingress}, is left as it is, ` +
    `because one load balancer serves all hosts of ${stack} now; expected: point ${made.host} at that one, then delete ${name}`,
});

/** Owned before adoptable; the oldest first: it is the one in service. */
const rank = ({ cluster, stack }: Picture, { tags }: FoundLoadBalancer): number =>
  isOwned(tags, cluster, stack) ? 0 : 1;
const age = ({ loadBalancer }: FoundLoadBalancer): number => -(loadBalancer.CreatedTime?.getTime() ?? 0);
const attached = ({ targetGroup }: FoundTargetGroup): number =>
  Math.sign(targetGroup.LoadBalancerArns?.length ?? 0);

const balancerKey = ({ stack }: Picture, { loadBalancer }: FoundLoadBalancer): Key<'load-balancer'> =>
  loadBalancerKey(stack, loadBalancer.Scheme ?? 'internal');

/** Keys of load balancers come first, because everything else refers to them. Two of one scheme cannot both be it. */
const nameBalancer = (picture: Picture, found: FoundLoadBalancer): void => {
  const key = balancerKey(picture, found);
  if ([...picture.keys.values()].includes(key)) {
    const description = `load balancer ${found.loadBalancer.LoadBalancerName}: a second ${found.loadBalancer.Scheme} one of ${picture.stack}; remove it, or its tags`;
    picture.foreign.push({ key: `${key}+${found.arn.slice(-16)}`, description });
  } else picture.keys.set(found.arn, key);
};

const keyOfBalancer = (picture: Picture, arn: string): Key<'load-balancer'> | undefined =>
  picture.keys.get(arn) as Key<'load-balancer'> | undefined;

const addTargetGroup = (picture: Picture, found: FoundTargetGroup, stack: FoundStack): void => {
  const loadBalancer = balancerOf(picture, found, stack);
  const key = free(
    picture,
    targetGroupKey(loadBalancer, found.resource, fixedFields(found.targetGroup)),
    found.arn,
  );
  const spec = targetGroupSpec(found.targetGroup, { loadBalancer, ...found });
  add(picture, { kind: 'target-group', key, spec }, found.arn, found.tags);
  if (found.of2017) retire(picture, key, found.resource);
};

/** AWS lets us delete what belongs to a listener without tags of its own: those need none. */
const retire = (picture: Picture, key: Key, resource?: string): void => {
  const { cluster, stack } = picture;
  if (picture.adoptable.has(key))
    picture.retirable.set(key, resource === undefined ? {} : ownershipTags(cluster, stack, resource));
};

/**
 * The load balancer AWS tells; before a listener or rule refers to the target group, the one it was made for;
 * of a group of LBC's that nothing refers to yet, the newest.
 */
const balancerOf = (
  picture: Picture,
  { targetGroup, tags, of2017 }: FoundTargetGroup,
  { loadBalancers }: FoundStack,
): Key<'load-balancer'> => {
  const told = [...(targetGroup.LoadBalancerArns ?? []), ...(of2017 ? [of2017] : [])]
    .map((arn) => keyOfBalancer(picture, arn))
    .find((key) => key !== undefined);
  const scheme = tags[SCHEME_TAG];
  if (told) return told;
  if (scheme === 'internal' || scheme === 'internet-facing') return loadBalancerKey(picture.stack, scheme);
  const newest = loadBalancers.toSorted((a, b) => age(a) - age(b))[0];
  const fallback: Scheme = 'internal';
  return newest ? balancerKey(picture, newest) : loadBalancerKey(picture.stack, fallback);
};

const addBalancer = (picture: Picture, found: FoundLoadBalancer, of2017: ReadonlySet<string>): void => {
  const key = keyOfBalancer(picture, found.arn);
  if (!key) return;
  const spec = loadBalancerSpec(found.loadBalancer, found, (id) => {
    const group = picture.keys.get(id);
    return group as Key<'security-group'> | undefined;
  });
  picture.loadBalancers.set(key, loadBalancerFacts(found.loadBalancer));
  add(picture, { kind: 'load-balancer', key, spec }, found.arn, found.tags);
  if (found.is2017) retire(picture, key, LOAD_BALANCER_RESOURCE);
  for (const listener of found.listeners)
    addListener(picture, listener, key, found.is2017 ? of2017 : new Set());
};

const addListener = (
  picture: Picture,
  found: FoundListener,
  loadBalancer: Key<'load-balancer'>,
  of2017: ReadonlySet<string>,
): void => {
  const key = listenerKey(loadBalancer, found.listener.Port ?? 0);
  const spec = listenerSpec(
    found.listener,
    { ...found, loadBalancer },
    keyOf(picture),
    (arn) => picture.keys.get(arn) ?? arn,
  );
  if ('unknown' in spec) {
    const description = `listener on port ${found.listener.Port}, whose default action is ${spec.unknown}`;
    picture.foreign.push({ key, description, refersTo: targetsOf(picture, found.listener.DefaultActions) });
  } else {
    add(picture, { kind: 'listener', key, spec }, found.arn, found.tags);
    if (isWordless(found.tags) && onlyForwardsTo(of2017, found.listener.DefaultActions)) retire(picture, key);
  }
  const inOrder = found.rules.toSorted((a, b) => Number(a.rule.Priority) - Number(b.rule.Priority));
  for (const rule of inOrder) addRule(picture, rule, key, of2017);
};

/** Of rules with equal conditions the first wins, as in AWS, where the others never match. */
const addRule = (
  picture: Picture,
  found: FoundRule,
  listener: Key<'listener'>,
  of2017: ReadonlySet<string>,
): void => {
  const key = free(picture, ruleKey(listener, fromSdkConditions(found.rule.Conditions)), found.arn);
  const spec = ruleSpec(found.rule, { listener, tags: found.tags }, keyOf(picture));
  if ('unknown' in spec)
    picture.foreign.push({
      key,
      description: `rule of priority ${found.rule.Priority} with ${spec.unknown}`,
      refersTo: targetsOf(picture, found.rule.Actions),
      priority: Number(found.rule.Priority),
    });
  else {
    add(picture, { kind: 'rule', key, spec }, found.arn, found.tags);
    const isPlain =
      !spec.transforms?.length &&
      spec.conditions.every(({ field }) => field === 'path-pattern' || field === 'host-header');
    if (isPlain && isWordless(found.tags) && onlyForwardsTo(of2017, found.rule.Actions)) retire(picture, key);
  }
};

/** The 2017 controller tagged neither listeners nor rules. */
const isWordless = (tags: Tags): boolean => Object.keys(tags).length === 0;

/** All that its listeners and rules did was forward to one target group. */
const onlyForwardsTo = (
  of2017: ReadonlySet<string>,
  actions: FoundListener['listener']['DefaultActions'],
): boolean => {
  const [only, ...others] = actions ?? [];
  const groups = only?.ForwardConfig?.TargetGroups ?? [{ TargetGroupArn: only?.TargetGroupArn }];
  return (
    others.length === 0 &&
    only?.Type === 'forward' &&
    groups.length === 1 &&
    of2017.has(groups[0]?.TargetGroupArn ?? '')
  );
};

const keyOf =
  (picture: Picture): KeyOfTargetGroup =>
  (arn) =>
    picture.keys.get(arn) as Key<'target-group'> | undefined;

/** Target groups of ours that actions refer to, whatever else these actions are. */
const targetsOf = (picture: Picture, actions: FoundListener['listener']['DefaultActions']): readonly Key[] =>
  (actions ?? [])
    .flatMap(({ TargetGroupArn, ForwardConfig }) => [
      TargetGroupArn,
      ...(ForwardConfig?.TargetGroups ?? []).map((group) => group.TargetGroupArn),
    ])
    .flatMap((arn) => (arn === undefined ? [] : (picture.keys.get(arn) ?? [])))
    .filter((key, i, all) => all.indexOf(key) === i);
