/**
 * TargetGroupBindings: which are looked at when, each on its own. A pass of one that failed is tried again with growing
 * pauses; what AWS held is remembered between passes and forgotten by failures and by the audit.
 */
import pRetry from 'p-retry';
import { objectId, type TargetGroupBinding } from '../core/kube/objects.ts';
import type { Change } from '../core/ports.ts';
import { type BindingPorts, type BindingState, bindingPass } from './binding-pass.ts';
import { concernedBindings } from './concerned-bindings.ts';
import { makeLanes } from './lanes.ts';
import type { Settings } from './look.ts';

export type Bindings = {
  /** To be told of every change in the cluster. */
  changed(change: Change): void;
  /** Looks at all there are; changes count from now on. */
  begin(): void;
  /** Resolves when the calls under way have ended. */
  idle(): Promise<void>;
  /** For the state page, by `namespace/name`. */
  readonly states: () => ReadonlyMap<string, BindingState>;
};

/** Bindings looked at at the same time: at the start they are many, and Ingresses share the rate budget with them. */
const WORKERS = 3;
/** Milliseconds to wait for more of the same change, as of Ingresses. */
const DEBOUNCE = 100;

const RETRY = {
  minTimeout: 1000,
  maxTimeout: 60_000,
  factor: 2,
  randomize: true,
  retries: Number.POSITIVE_INFINITY,
} as const;

type Work = {
  readonly state: BindingState;
  dirty: boolean;
  running: Promise<void> | undefined;
  hurry: AbortController;
};

export const makeBindings = (settings: Settings, ports: BindingPorts): Bindings => {
  const { clock, signal: stopping, log } = ports;
  const lanes = makeLanes(WORKERS, () => clock.now());
  const works = new Map<string, Work>();
  let begun = false;

  const mark = (id: string): void => {
    if (stopping.aborted || !begun) return;
    const work = works.get(id) ?? newWork();
    works.set(id, work);
    work.dirty = true;
    work.hurry.abort();
    work.running ??= keepWorking(id, work).finally(() => {
      work.running = undefined;
      if (work.dirty) mark(id);
    });
  };

  const keepWorking = async (id: string, work: Work): Promise<void> => {
    await clock.sleep(DEBOUNCE, stopping);
    while (work.dirty && !stopping.aborted) {
      work.hurry = new AbortController();
      const signal = AbortSignal.any([work.hurry.signal, stopping]);
      try {
        await pRetry(() => lanes.run('user', () => pass(id, work)), { ...RETRY, signal });
      } catch (error) {
        if (!signal.aborted) throw error;
      }
    }
  };

  const pass = async (id: string, work: Work): Promise<void> => {
    if (stopping.aborted) return;
    work.dirty = false;
    const binding = ports.kube.snapshot().targetGroupBindings.get(id);
    if (!binding) {
      works.delete(id);
      return;
    }
    try {
      const again = await bindingPass(binding, work.state, settings, ports);
      if (again !== undefined) void wake(id, again);
    } catch (error) {
      work.state.group = undefined;
      const message = error instanceof Error ? error.message : String(error);
      log('warn', 'pass failed', { binding: id, error: message });
      // Never the error itself: p-retry gives up on a TypeError.
      throw new Error(message, { cause: error });
    }
  };

  const wake = async (id: string, seconds: number): Promise<void> => {
    await clock.sleep(seconds * 1000, stopping);
    if (works.has(id)) mark(id);
  };

  const all = (): Iterable<TargetGroupBinding> => ports.kube.snapshot().targetGroupBindings.values();

  const audit = async (): Promise<void> => {
    while (!stopping.aborted) {
      await clock.sleep(settings.auditSeconds * 1000, stopping);
      for (const [id, work] of works) {
        work.state.group = undefined;
        mark(id);
      }
    }
  };

  return {
    changed: (change) => {
      for (const id of concernedBindings(change, ports.kube.snapshot())) mark(id);
    },
    begin: () => {
      begun = true;
      for (const { metadata } of all()) mark(objectId(metadata));
      void audit();
    },
    idle: async () => {
      await Promise.all([...works.values()].map((work) => work.running?.catch(() => undefined)));
    },
    states: () => new Map([...works].map(([id, { state }]) => [id, state])),
  };
};

const newWork = (): Work => ({
  state: { group: undefined, told: new Set(), note: undefined, filled: undefined },
  dirty: false,
  running: undefined,
  hurry: new AbortController(),
});
