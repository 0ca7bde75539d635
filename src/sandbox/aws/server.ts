/** The embedded AWS API: a real HTTP endpoint on loopback, accounts and Regions behind it, and levers to test with. */

import type { MovableClock } from './clock.ts';
import { makeClock } from './clock.ts';
import { serveControl } from './control.ts';
import { isRegion } from './elbv2/canonical-zones.ts';
import type { Facts } from './facts.ts';
import { FACTS } from './facts.ts';
import { makeFaults } from './faults.ts';
import type { Fixtures } from './fixtures.ts';
import { makeJournal } from './journal.ts';
import { makeLag } from './lag.ts';
import { makePerform } from './perform.ts';
import type { Realms } from './realm.ts';
import { makeRealms } from './realm.ts';
import type { SandboxAws } from './sandbox-aws.ts';
import { SERVICES } from './services.ts';
import { restoreRealms, takeRealms } from './snapshot.ts';
import type { ThrottlingProfile } from './throttling.ts';
import { makeThrottling } from './throttling.ts';
import { listen } from './wire/endpoint.ts';

export type AwsOptions = {
  /** 0, the default, takes any free port. */
  readonly port?: number;
  /** us-west-1 unless given. The Region whose state is served by the data plane; requests for others have their own. */
  readonly region?: string;
  /** How many emulator seconds pass in a second; 60 unless given. */
  readonly speed?: number;
  readonly fixtures?: Partial<Fixtures>;
  readonly facts?: Partial<Facts>;
  /** How many calls the journal keeps; the oldest are dropped. 50,000 unless given. */
  readonly journalLimit?: number;
  /** `off` unless given. */
  readonly throttling?: Exclude<ThrottlingProfile, 'custom'>;
};

const ACCOUNT_ID = '123456789012';

/** Starts the API with fixtures in it. Any access key is accepted. */
export const startAws = async (options: AwsOptions = {}): Promise<SandboxAws> => {
  const clock = makeClock(options.speed ?? 60);
  const region = options.region ?? 'us-west-1';
  const facts = { ...FACTS, ...options.facts };
  const { listeners, changed } = makeBell();
  const realms = makeRealms({
    id: ACCOUNT_ID,
    region,
    facts,
    clock,
    fixtures: options.fixtures ?? {},
    changed,
  });
  const levers = makeLevers(clock, options);
  const { faults, throttling, lag, journal } = levers;
  const endpoint = await listen({
    port: options.port ?? 0,
    region,
    knowsRegion: (name) => name === region || isRegion(name),
    services: SERVICES,
    open: (service, caller) => realms.of(service.signingName, caller).service(service.signingName),
    perform: makePerform({
      realms,
      throttling,
      lag,
      note: journal.note,
      changed,
      takeFault: faults.take,
      afterWrite: () => aws.afterWrite,
    }),
    control: (request, response) => serveControl(aws, request, response),
  });
  const initial = takeRealms(realms);
  const restore = (data: unknown): void => {
    restoreRealms(realms, data);
    changed();
  };
  const { account } = realms.main;
  const aws: SandboxAws = {
    url: `http://127.0.0.1:${endpoint.port}`,
    port: endpoint.port,
    region,
    accountId: ACCOUNT_ID,
    clock,
    state: account.serving,
    onChange: (listener) => listeners.add(listener),
    journal: journal.journal,
    faults,
    throttling,
    lag: lag.lag,
    facts,
    objects: account.objects,
    afterWrite: undefined,
    snapshot: () => takeRealms(realms),
    restore,
    reset: () => {
      levers.reset();
      restore(initial);
    },
    clearJournal: journal.clear,
    writes: journal.writes,
    stop: async () => {
      stopTasks(realms);
      await endpoint.stop();
    },
  };
  return aws;
};

const stopTasks = (realms: Realms): void => {
  for (const { tasks } of realms.all()) tasks.stop();
};

const makeLevers = (clock: MovableClock, options: AwsOptions) => {
  const faults = makeFaults();
  const throttling = makeThrottling(clock);
  const lag = makeLag();
  const journal = makeJournal(options.journalLimit ?? 50_000);
  throttling.set(options.throttling ?? 'off');
  return {
    faults,
    throttling,
    lag,
    journal,
    reset: (): void => {
      faults.clear();
      throttling.set(options.throttling ?? 'off');
      lag.lag.set({});
      journal.clear();
    },
  };
};

const makeBell = () => {
  const listeners = new Set<() => void>();
  return {
    listeners,
    changed: () => {
      for (const listener of listeners) listener();
    },
  };
};
