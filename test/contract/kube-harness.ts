/** What the Kubernetes tests share: objects, a clock that does not dawdle, and waiting for a condition. */
import type { Ingress } from '../../src/core/kube/objects.ts';
import type { Change, Clock, Kube, Log } from '../../src/core/ports.ts';
import { KINDS } from '../../src/kubernetes/kinds.ts';
import { connectKube, type KubeOptions } from '../../src/kubernetes/kube.ts';
import type { Peer, Raw } from './kube-peer.ts';

/** Watches of a whole cluster: of every kind but Secrets. */
export const WATCHES = Object.keys(KINDS).length - 1;

/**
 * Real time, but no sleep longer than 20 ms: back-off and jitter are seen in what was asked for, not waited for.
 * With another `longest` for tests of the time a stop may take.
 */
export const quickClock = (slept: number[] = [], longest = 20): Clock => ({
  now: () => Date.now(),
  sleep: (ms, signal) => {
    slept.push(ms);
    return new Promise((resolve) => {
      if (signal?.aborted) return resolve();
      const timer = setTimeout(resolve, Math.min(ms, longest));
      const wake = (): void => {
        clearTimeout(timer);
        resolve();
      };
      signal?.addEventListener('abort', wake, { once: true });
    });
  },
});

/** Time passes only by sleeping, and then at once. */
export const virtualClock = (): Clock & { pass(ms: number): void } => {
  let time = Date.UTC(2026, 0, 1);
  return {
    now: () => time,
    sleep: async (ms) => {
      time += ms;
    },
    pass: (ms) => {
      time += ms;
    },
  };
};

export type Line = { level: string; message: string; fields: Record<string, unknown> };

export type Connected = {
  readonly kube: Kube;
  readonly changes: Change[];
  readonly logs: Line[];
  /** What the clock was asked to sleep, in ms. */
  readonly slept: number[];
};

export const connect = (peer: Pick<Peer, 'kubeconfig'>, options: Partial<KubeOptions> = {}): Connected => {
  const logs: Line[] = [];
  const slept: number[] = [];
  const log: Log = (level, message, fields = {}) => logs.push({ level, message, fields: { ...fields } });
  const { kubeconfig } = peer;
  const kube = connectKube({
    kubeconfig,
    clock: quickClock(slept),
    log,
    controllerName: 'alb-test',
    owner: 'test/alb',
    ...options,
  });
  open.add(kube);
  return { kube, changes: [], logs, slept };
};

const open = new Set<Kube>();

/** Stops whatever a test began, also one that failed halfway; for `afterEach`. */
export const stopAll = async (): Promise<void> => {
  await Promise.all([...open].map((kube) => kube.stop()));
  open.clear();
};

export const connectAndStart = async (
  peer: Pick<Peer, 'kubeconfig'>,
  options: Partial<KubeOptions> = {},
): Promise<Connected> => {
  const connected = connect(peer, options);
  await connected.kube.start((change) => connected.changes.push(change));
  return connected;
};

/** Resolves when the condition holds; fails with what was waited for after five seconds. */
export const until = async (what: string, condition: () => boolean): Promise<void> => {
  const end = Date.now() + 5000;
  while (!condition()) {
    if (Date.now() > end) throw new Error(`waited in vain for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 3));
  }
};

export const ingress = (
  name: string,
  more: Record<string, unknown> = {},
  metadata: Record<string, unknown> = {},
): Raw => ({
  metadata: { namespace: 'shop', name, ...metadata },
  spec: { rules: [{ host: `${name}.example.com` }] },
  ...more,
});

/** The Ingress as the controller would hold it. */
export const held = (kube: Kube, id: string): Ingress => {
  const found = kube.snapshot().ingresses.get(id);
  if (!found) throw new Error(`no Ingress ${id} in the snapshot`);
  return found;
};

/** A change in short: `+shop/a`, `~shop/a`, `-shop/a`. */
export const short = ({ before, after }: Change): string => {
  const { namespace, name } = (after ?? before)?.metadata ?? { name: '?' };
  const sign = before && after ? '~' : after ? '+' : '-';
  return `${sign}${namespace ? `${namespace}/` : ''}${name}`;
};
