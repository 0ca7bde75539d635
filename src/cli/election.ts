/** Leader election for `run`: flags to terms, the Lease of the cluster, who we are. */
import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { type Leadership, type LeaseTerms, standForElection } from '../controller/leadership.ts';
import type { Log } from '../core/ports.ts';
import { type LeaseClient, openLease } from '../kubernetes/lease.ts';
import { steadyClock, systemClock } from './clock.ts';
import { type Options, UsageError } from './options.ts';

export type Election = Leadership & { close(): Promise<void> };

/** Throws {@link UsageError} for terms that could not keep two leaders apart. */
const readTerms = (options: Options): LeaseTerms => {
  const terms = {
    lease: options.seconds('leader-election-lease-duration') * 1000,
    renew: options.seconds('leader-election-renew-deadline') * 1000,
    retry: options.seconds('leader-election-retry-period') * 1000,
  };
  if (terms.lease < 1000)
    throw new UsageError('--leader-election-lease-duration: expected at least 1s, as a Lease counts seconds');
  if (terms.renew >= terms.lease)
    throw new UsageError(
      '--leader-election-renew-deadline: expected less than --leader-election-lease-duration, or two controllers could write at the same time',
    );
  if (terms.retry <= 0 || terms.retry * 2 > terms.renew)
    throw new UsageError(
      '--leader-election-retry-period: expected at most half of --leader-election-renew-deadline, so that one lost request costs nothing',
    );
  return terms;
};

/** Undefined when leader election is switched off. */
export const openElection = (options: Options, userAgent: string, log: Log): Election | undefined => {
  if (!options.truth('enable-leader-election')) return undefined;
  const terms = readTerms(options);
  const kubeconfig = options.text('kubeconfig');
  const store: LeaseClient = openLease({
    ...(kubeconfig && { kubeconfig }),
    namespace: options.required('leader-election-namespace'),
    name: options.required('leader-election-id'),
    userAgent,
    timeout: terms.renew / 2,
    now: () => systemClock.now(),
  });
  const leadership = standForElection({
    store,
    terms,
    identity: `${process.env.POD_NAME ?? hostname()}_${randomUUID()}`,
    monotonic: steadyClock(),
    clock: systemClock,
    log,
  });
  return { ...leadership, close: () => store.close() };
};
