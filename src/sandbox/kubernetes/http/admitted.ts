import type { Admission, Cluster } from '../api/cluster.ts';
import { handsOutRights, refuseEscalation } from '../rbac/escalation.ts';
import type { Exchange } from './answer.ts';
import type { Target } from './target.ts';

/** Runs a write with what is asked about it: whether it hands out rights, and the admission webhooks configured. */
export const admitted = <T>(
  cluster: Cluster,
  exchange: Exchange,
  target: Target,
  dryRun: boolean,
  write: (admission: Admission | undefined) => T,
): Promise<T> => {
  const { kind, namespace, name, subresource } = target;
  const warn = (text: string): void => void exchange.warnings.push(text);
  const request = { kind, namespace, name, subresource, dryRun, warn, user: exchange.user };
  const checked = handsOutRights(kind)
    ? (admission: Admission | undefined) => write(withRightsChecked(cluster, exchange, target, admission))
    : write;
  return cluster.webhooks.admitted(cluster, request, checked);
};

const withRightsChecked = (
  { store }: Cluster,
  { authorizer, user }: Exchange,
  { kind }: Target,
  admission: Admission | undefined,
): Admission => ({
  mutate: (change) => (admission === undefined ? change.object : admission.mutate(change)),
  validate: (change) => {
    refuseEscalation(store, authorizer, user, kind, change);
    admission?.validate(change);
  },
});
