import { sameJson } from '../kubernetes/object.ts';
import { type Access, controlledBy, isControlledBy } from './access.ts';
import type { Scaled } from './objects.ts';
import { templateRevision } from './template-revision.ts';

const REVISIONS = 'controllerrevisions.apps';
const HASH = 'controller-revision-hash';

type Revision = Pick<Scaled, 'metadata'> & { readonly data: unknown; readonly revision: number };

/**
 * Keeps the templates a StatefulSet or DaemonSet has had, for `kubectl rollout history` and `undo`: the one it has now
 * bears the highest number, and as many old ones stay as spec.revisionHistoryLimit says.
 */
export const keepRevisions = (access: Access, set: Scaled): void => {
  const { namespace, name } = set.metadata;
  const all = access.list<Revision>(REVISIONS, namespace).filter((one) => isControlledBy(one, set));
  const data = { spec: { template: { ...set.spec.template, $patch: 'replace' } } };
  const current = all.find((one) => sameJson(one.data, data));
  const highest = Math.max(0, ...all.map(({ revision }) => revision));
  if (current === undefined) {
    const hash = templateRevision(set.spec.template);
    access.create(REVISIONS, namespace, {
      apiVersion: 'apps/v1',
      kind: 'ControllerRevision',
      metadata: {
        name: `${name}-${hash}`,
        labels: { ...set.spec.template.metadata?.labels, [HASH]: hash },
        annotations: noted(set),
        ownerReferences: [controlledBy(set)],
      },
      data,
      revision: highest + 1,
    });
  } else if (current.revision < highest)
    access.update(REVISIONS, { ...current, revision: highest + 1 } as Revision);
  const old = all.filter((one) => one !== current).sort((a, b) => b.revision - a.revision);
  for (const one of old.slice(set.spec.revisionHistoryLimit ?? 10)) access.remove(REVISIONS, one);
};

/** What is written on the set, as kubernetes.io/change-cause is. */
const noted = ({ metadata }: Scaled): Record<string, string> => {
  const { 'kubectl.kubernetes.io/last-applied-configuration': _, ...rest } = metadata.annotations ?? {};
  return rest;
};
