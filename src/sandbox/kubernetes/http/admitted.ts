import type { Admission, Cluster } from '../api/cluster.ts';
import type { Exchange } from './answer.ts';
import type { Target } from './target.ts';

/** Runs a write with the admission webhooks that are configured. */
export const admitted = <T>(
  cluster: Cluster,
  exchange: Exchange,
  { kind, namespace, name, subresource }: Target,
  dryRun: boolean,
  write: (admission: Admission | undefined) => T,
): Promise<T> => {
  const warn = (text: string): void => void exchange.warnings.push(text);
  const { user } = exchange;
  const request = { kind, namespace, name, subresource, dryRun, warn, user };
  return cluster.webhooks.admitted(cluster, request, write);
};
