/** TargetGroupBindings: which are looked at when, each on its own. */
import { objectId } from '../core/kube/objects.ts';
import type { Change } from '../core/ports.ts';
import { type BindingPorts, type BindingState, bindingPass } from './binding-pass.ts';
import { concernedBindings } from './concerned-bindings.ts';
import type { Settings } from './look.ts';
import { makeWorkQueue } from './work-queue.ts';

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

export const makeBindings = (settings: Settings, ports: BindingPorts): Bindings => {
  let begun = false;
  const bindings = () => ports.kube.snapshot().targetGroupBindings;
  const queue = makeWorkQueue<BindingState>(
    {
      ...{ noun: 'binding', workers: WORKERS },
      fresh: () => ({ group: undefined, told: new Set(), note: undefined, filled: undefined }),
      forget: (state) => {
        state.group = undefined;
      },
      pass: async (id, state) => {
        const binding = bindings().get(id);
        return binding ? { again: await bindingPass(binding, state, settings, ports) } : { gone: true };
      },
    },
    ports,
  );
  return {
    changed: (change) => {
      if (begun) for (const id of concernedBindings(change, ports.kube.snapshot())) queue.mark(id, 'user');
    },
    begin: () => {
      begun = true;
      for (const { metadata } of bindings().values()) queue.mark(objectId(metadata), 'resync');
      void queue.audit(settings.auditSeconds);
    },
    idle: queue.idle,
    states: () => new Map([...queue.works].map(([id, { state }]) => [id, state])),
  };
};
