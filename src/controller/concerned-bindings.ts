/** Which TargetGroupBindings a change in the cluster concerns. */
import { type Node, objectId, type TargetGroupBinding } from '../core/kube/objects.ts';
import type { Snapshot } from '../core/kube/snapshot.ts';
import type { Change } from '../core/ports.ts';
import { instanceTargets } from '../core/translate/targets.ts';
import { servicesMoved } from './groups.ts';

export const concernedBindings = (change: Change, snapshot: Snapshot): readonly string[] => {
  const all = [...snapshot.targetGroupBindings.values()];
  const ids = (of: readonly TargetGroupBinding[]): readonly string[] =>
    of.map(({ metadata }) => objectId(metadata));
  const { metadata } = change.after ?? change.before ?? { metadata: { name: '' } };
  switch (change.kind) {
    case 'targetgroupbindings':
      return [...new Set([objectId(metadata), ...ids(all.filter((it) => sameGroup(it, change)))])];
    case 'services':
      return ids(all.filter((it) => serviceOf(it) === objectId(metadata)));
    case 'endpointslices': {
      const { namespace, labels } = (change.after ?? change.before)?.metadata ?? {};
      const service = `${namespace}/${labels?.['kubernetes.io/service-name']}`;
      return ids(all.filter((it) => serviceOf(it) === service));
    }
    case 'pods': {
      const moved = servicesMoved(change, new Set(all.map(serviceOf)), snapshot);
      return ids(all.filter((it) => moved.includes(serviceOf(it))));
    }
    case 'nodes':
      return sameNode(change.before, change.after)
        ? []
        : ids(all.filter((it) => it.spec?.targetType !== 'ip'));
    default:
      return [];
  }
};

/** Read loosely: one too many costs a look, and what is wrong with a binding is found out then. */
const serviceOf = ({ metadata, spec }: TargetGroupBinding): string => {
  const { serviceRef } = spec ?? {};
  const name = typeof serviceRef === 'object' && serviceRef && 'name' in serviceRef ? serviceRef.name : '';
  return `${metadata.namespace}/${String(name)}`;
};

/** Whoever speaks of the same group has to look whose it is now, unless only the status or a note has changed. */
const sameGroup = (
  { spec = {} }: TargetGroupBinding,
  { before, after }: { readonly before?: { metadata: object }; readonly after?: { metadata: object } },
): boolean => {
  const groups = [before, after].flatMap((it) => {
    const { targetGroupARN, targetGroupName } = (it as TargetGroupBinding | undefined)?.spec ?? {};
    return [targetGroupARN, targetGroupName];
  });
  const mine = [spec.targetGroupARN, spec.targetGroupName].filter((it) => it !== undefined);
  const version = (it: object | undefined): unknown => {
    const { generation, deletionTimestamp } = (it as TargetGroupBinding | undefined)?.metadata ?? {};
    return `${generation} ${deletionTimestamp}`;
  };
  return version(before) !== version(after) && mine.some((it) => groups.includes(it));
};

const sameNode = (before: Node | undefined, after: Node | undefined): boolean => {
  const target = (node: Node | undefined): string =>
    JSON.stringify(node ? [instanceTargets([node], 1), node.metadata.labels] : []);
  return target(before) === target(after);
};
