/** A Lease of coordination.k8s.io, as leader election uses it. */
import { asRecord, type Failure, failureError } from './failure.ts';
import { collectionPath } from './kinds.ts';
import { lines } from './lines.ts';
import { openTransport } from './transport.ts';

export type LeaseOptions = {
  readonly kubeconfig?: string;
  readonly namespace: string;
  readonly name: string;
  readonly userAgent: string;
  /** Milliseconds until a request counts as unanswered. */
  readonly timeout: number;
  /** Milliseconds since the epoch, for the times that people read in the object. */
  readonly now: () => number;
};

/** The content of a Lease; `version` changes with every write. */
type Lease = {
  readonly holder: string;
  readonly durationSeconds: number;
  readonly transitions: number;
  readonly version: string;
};

export type LeaseClient = {
  /**
   * Undefined when there is none. Rejects when the server does not answer; with `refused` set on the error when it
   * answered and only a person can change what it said.
   */
  read(): Promise<Lease | undefined>;
  /** Replaces exactly `over`, or makes the Lease; undefined when another writer was faster. Rejects without an answer. */
  write(next: Omit<Lease, 'version'>, over: Lease | undefined): Promise<Lease | undefined>;
  /** Watches; resolves when the watch has ended. Never rejects. */
  follow(onChange: () => void, signal: AbortSignal): Promise<void>;
  close(): Promise<void>;
};

/** Has connections of its own: renewals must not wait behind anything. */
export const openLease = (options: LeaseOptions): LeaseClient => {
  const { namespace, name, timeout, now } = options;
  const collection = collectionPath('coordination.k8s.io/v1', 'leases', namespace);
  const path = `${collection}/${encodeURIComponent(name)}`;
  const doing = `the Lease ${namespace}/${name}`;
  const transport = openTransport({
    kubeconfig: options.kubeconfig,
    userAgent: options.userAgent,
    connections: 3,
    now,
    onCall: undefined,
  });
  const spec = (next: Omit<Lease, 'version'>, isNew: boolean): object => {
    const time = `${new Date(now()).toISOString().slice(0, -1)}000Z`;
    return {
      holderIdentity: next.holder,
      leaseDurationSeconds: next.durationSeconds,
      leaseTransitions: next.transitions,
      renewTime: time,
      ...(isNew && { acquireTime: time }),
    };
  };
  return {
    read: async () => {
      const answer = await transport.json({
        verb: 'get',
        resource: 'leases',
        path,
        signal: AbortSignal.timeout(timeout),
      });
      if (answer.ok) return readLease(answer.value);
      if (answer.failure.code === 404) return undefined;
      throw problem(`reading ${doing}`, answer.failure);
    },
    write: async (next, over) => {
      const signal = AbortSignal.timeout(timeout);
      const answer = over
        ? await transport.json({
            verb: 'patch',
            resource: 'leases',
            path,
            signal,
            body: {
              metadata: { resourceVersion: over.version },
              spec: spec(next, next.holder !== over.holder),
            },
          })
        : await transport.json({
            verb: 'create',
            resource: 'leases',
            path: collection,
            signal,
            body: {
              apiVersion: 'coordination.k8s.io/v1',
              kind: 'Lease',
              metadata: { namespace, name },
              spec: spec(next, true),
            },
          });
      if (answer.ok) return readLease(answer.value);
      // 404: deleted since it was read, or no such namespace, which the next read and create tell apart.
      if (answer.failure.code === 409 || (over && answer.failure.code === 404)) return undefined;
      throw problem(`writing ${doing}`, answer.failure);
    },
    follow: async (onChange, signal) => {
      const answer = await transport.stream({
        verb: 'watch',
        resource: 'leases',
        path: collection,
        query: { watch: 'true', fieldSelector: `metadata.name=${name}`, timeoutSeconds: '300' },
        signal,
      });
      if (!answer.ok) return;
      try {
        for await (const line of lines(answer.value, () => undefined)) if (line) onChange();
      } catch {
        // Cut off: whoever follows begins again, and looks by itself meanwhile.
      }
    },
    close: () => transport.close(),
  };
};

/** Wrong credentials, a missing permission, no such namespace. */
const problem = (what: string, failure: Failure): Error =>
  Object.assign(failureError(what, failure), { refused: [401, 403, 404].includes(failure.code) });

const readLease = (value: unknown): Lease => {
  const { metadata, spec } = asRecord(value);
  const { holderIdentity, leaseDurationSeconds, leaseTransitions } = asRecord(spec);
  const version = asRecord(metadata).resourceVersion;
  return {
    holder: typeof holderIdentity === 'string' ? holderIdentity : '',
    durationSeconds: typeof leaseDurationSeconds === 'number' ? leaseDurationSeconds : 0,
    transitions: typeof leaseTransitions === 'number' ? leaseTransitions : 0,
    version: typeof version === 'string' ? version : '',
  };
};
