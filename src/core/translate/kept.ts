/**
 * Last-known-good: what an Ingress in trouble already serves, carried over into what is wanted. Only the targets
 * are looked up afresh, because pods come and go whatever state the annotations are in.
 */
import { objectId } from '../kube/objects.ts';
import { type Key, listenerKey, targetGroupKey } from '../model/key.ts';
import { INGRESS_TAG, RESOURCE_TAG } from '../model/names.ts';
import { isShared, sharedWith } from '../model/registered-note.ts';
import type { Resource, Target } from '../model/resource.ts';
import { type Action, ruleKey } from '../model/rule.ts';
import { sourceOf } from './guards.ts';
import { type LastKnown, madeFor } from './last-known.ts';
import type { Member } from './member.ts';
import { placeOfKept } from './places.ts';
import type { Place } from './precedence.ts';
import { type BackendContext, nodeLabelsFor, targetsOf } from './target-group.ts';

export type KeptRule = {
  readonly place: Place;
  readonly resource: Resource<'rule'>;
  readonly targetGroups: readonly Resource<'target-group'>[];
};

/** The rules of a member as AWS has them on one port, under the keys of the balancer that is wanted. */
export const keptRules = (
  member: Member,
  port: number,
  known: LastKnown,
  context: BackendContext,
): readonly KeptRule[] =>
  known.rules
    .filter((rule) => rule.spec.listener.endsWith(`:${port}`) && madeFor(rule, member.id, known))
    .map((rule) => {
      const { actions, targetGroups } = keptActions(rule.spec.actions, [member], known, context);
      const listener = listenerKey(context.loadBalancer, port);
      const spec = { ...rule.spec, listener, actions };
      return {
        place: placeOfKept(rule, member),
        resource: { kind: 'rule', key: ruleKey(listener, spec.conditions), spec },
        targetGroups,
      };
    });

/** Actions as AWS has them; their target groups likewise, with targets of today where a member still names the Service. */
export const keptActions = (
  actions: readonly Action[],
  members: readonly Member[],
  known: LastKnown,
  context: BackendContext,
): { readonly actions: readonly Action[]; readonly targetGroups: readonly Resource<'target-group'>[] } => {
  const groups = new Map<string, Resource<'target-group'>>();
  const kept = actions.map((action): Action => {
    if (action.type === 'authenticate-oidc') return withSource(action, members, context);
    if (action.type !== 'forward') return action;
    return {
      ...action,
      targetGroups: action.targetGroups.map((weighted) => {
        const found = known.targetGroups.get(weighted.targetGroup as Key);
        if (!found) return weighted;
        const group = keptGroup(found, members, context);
        groups.set(group.key, group);
        return { ...weighted, targetGroup: group.key };
      }),
    };
  });
  return { actions: kept, targetGroups: [...groups.values()] };
};

/** Its credentials are asked for again where a balancer is replaced, so the Secret they came from is named again. */
const withSource = (
  action: Extract<Action, { type: 'authenticate-oidc' }>,
  members: readonly Member[],
  context: BackendContext,
): Action => {
  const namespaces = new Set(members.map(({ ingress }) => ingress.metadata.namespace ?? 'default'));
  const from = sourceOf(action.client, namespaces, context);
  return from === undefined ? action : { ...action, client: { ...action.client, from } };
};

const keptGroup = (
  found: Resource<'target-group'>,
  members: readonly Member[],
  context: BackendContext,
): Resource<'target-group'> => {
  const resource = found.spec.tags[RESOURCE_TAG];
  const key = resource === undefined ? found.key : targetGroupKey(context.loadBalancer, resource, found.spec);
  const [fresh] = members.flatMap((member) => {
    const targets = freshTargets(found, member, context);
    return targets ? [targets] : [];
  });
  const kept = { ...found.spec, loadBalancer: context.loadBalancer };
  if (!fresh) return { ...found, key, spec: kept };
  const spec = { ...kept, targets: fresh };
  return { ...found, key, spec: isShared(kept.tags) ? sharedWith(spec, kept) : spec };
};

/**
 * Today's targets of the Service a target group was made for; undefined when that cannot be told. None when the
 * Service is gone: its addresses may be somebody else's by now.
 */
const freshTargets = (
  { spec }: Resource<'target-group'>,
  member: Member,
  context: BackendContext,
): readonly Target[] | undefined => {
  const resource = spec.tags[RESOURCE_TAG] ?? '';
  const owner = spec.tags[INGRESS_TAG];
  if (!resource.startsWith(`${member.id}-`) || (owner !== undefined && owner !== member.id)) return undefined;
  const colon = resource.lastIndexOf(':');
  const ref = resource.slice(colon + 1);
  const namespace = member.ingress.metadata.namespace ?? 'default';
  const name = resource.slice(member.id.length + 1, colon);
  const service = context.snapshot.services.get(objectId({ namespace, name }));
  if (!service) return owner === member.id ? [] : undefined;
  const port = service.spec?.ports?.find((it) => String(it.port) === ref || it.name === ref);
  if (!port || (spec.targetType === 'instance' && !port.nodePort)) return undefined;
  const nodeLabels = nodeLabelsFor(service, member);
  if (!nodeLabels) return undefined;
  return targetsOf(
    service,
    port,
    { type: spec.targetType, nodeLabels, ipAddressType: spec.ipAddressType },
    context.snapshot,
    context.facts,
  );
};
