/** The embedded AWS API: a real HTTP endpoint on loopback with one account in one Region, and levers to test with. */
import type { Account } from './account.ts';
import { emptyAccount } from './account.ts';
import { acmService } from './acm/service.ts';
import { makeClock } from './clock.ts';
import { ec2Service } from './ec2/service.ts';
import { makeLinks } from './elbv2/links.ts';
import { elbv2Service } from './elbv2/service.ts';
import type { Facts } from './facts.ts';
import { FACTS } from './facts.ts';
import type { Fixtures } from './fixtures.ts';
import { addFixtures } from './fixtures.ts';
import type { Faults, JournalEntry } from './levers.ts';
import { makeFaults } from './levers.ts';
import { makePerform } from './perform.ts';
import { route53Service } from './route53/service.ts';
import type { Snapshot } from './snapshot.ts';
import { restoreSnapshot, takeSnapshot } from './snapshot.ts';
import type { EmulatorClock, OnChange, ServingState } from './state.ts';
import { stsService } from './sts.ts';
import { runTasks } from './tasks.ts';
import { listen } from './wire/endpoint.ts';
import type { Service } from './wire/operation.ts';

export type AwsOptions = {
  /** 0, the default, takes any free port. */
  readonly port?: number;
  /** us-west-1 unless given. Requests signed for another Region are refused, but for global services. */
  readonly region?: string;
  /** How many emulator seconds pass in a second; 60 unless given. */
  readonly speed?: number;
  readonly fixtures?: Partial<Fixtures>;
  readonly facts?: Partial<Facts>;
  /** How many calls the journal keeps; the oldest are dropped. 50,000 unless given. */
  readonly journalLimit?: number;
};

export type SandboxAws = {
  /** What AWS_ENDPOINT_URL is set to. */
  readonly url: string;
  readonly port: number;
  readonly region: string;
  readonly accountId: string;
  readonly clock: EmulatorClock;
  readonly state: ServingState;
  /** Calls back after every write that succeeded, every change that time brings, and every restore. */
  readonly onChange: OnChange;
  readonly journal: readonly JournalEntry[];
  readonly faults: Faults;
  /** Awaited after the effect of each write and before its reply; a crash test kills its client there. */
  afterWrite: ((entry: JournalEntry) => Promise<void> | void) | undefined;
  snapshot(): Snapshot;
  /** Replaces the whole account; the maps of `state` stay the same objects. */
  restore(data: unknown): void;
  /** Calls of operations that can change something, refused ones included, since the start. */
  writes(): number;
  stop(): Promise<void>;
};

const ACCOUNT_ID = '123456789012';

/** Every service of an account as the endpoint serves it. */
export const servicesOf = (account: Account, links = makeLinks(account)): readonly Service[] => [
  elbv2Service({ account, links }),
  ec2Service(account),
  route53Service(account),
  acmService({ account, links }),
  stsService(account),
];

/** Starts the API with fixtures in it. Any access key is accepted. */
export const startAws = async (options: AwsOptions = {}): Promise<SandboxAws> => {
  const clock = makeClock(options.speed ?? 60);
  const region = options.region ?? 'us-west-1';
  const account = emptyAccount({ id: ACCOUNT_ID, region, facts: { ...FACTS, ...options.facts }, clock });
  addFixtures(account, options.fixtures);
  const links = makeLinks(account);
  const services = servicesOf(account, links);
  const { listeners, changed } = makeBell();
  const tasks = runTasks(account, changed);
  const faults = makeFaults();
  const { journal, note, writes } = makeJournal(options.journalLimit ?? 50_000);
  const perform = makePerform({
    account,
    tasks,
    note,
    changed,
    takeFault: (service, operation) => faults.take(service, operation),
    afterWrite: () => aws.afterWrite,
  });
  const endpoint = await listen({ port: options.port ?? 0, region, services, perform });
  const aws: SandboxAws = {
    url: `http://127.0.0.1:${endpoint.port}`,
    port: endpoint.port,
    region,
    accountId: ACCOUNT_ID,
    clock,
    state: account.serving,
    onChange: (listener) => listeners.add(listener),
    journal,
    faults,
    afterWrite: undefined,
    snapshot: () => takeSnapshot(account),
    restore: (data) => {
      restoreSnapshot(account, data);
      links.rebuild();
      tasks.arm();
      changed();
    },
    writes,
    stop: async () => {
      tasks.stop();
      await endpoint.stop();
    },
  };
  return aws;
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

const makeJournal = (limit: number) => {
  const journal: JournalEntry[] = [];
  let writes = 0;
  return {
    journal,
    writes: () => writes,
    note: (entry: JournalEntry) => {
      if (entry.writes) writes += 1;
      journal.push(entry);
      if (journal.length > limit) journal.splice(0, journal.length - limit);
    },
  };
};
