/** Accounts and Regions: each pair has a state of its own, made with the fixtures when it is first asked for. */
import { accountOf } from './access-key.ts';
import type { Account } from './account.ts';
import { emptyAccount } from './account.ts';
import { validateRequests } from './acm/certificate-request.ts';
import type { Links } from './elbv2/links.ts';
import { makeLinks } from './elbv2/links.ts';
import type { Facts } from './facts.ts';
import type { Fixtures } from './fixtures.ts';
import { addFixtures } from './fixtures.ts';
import { hasBalancer } from './route53/alias.ts';
import { SERVICES } from './services.ts';
import type { EmulatorClock } from './state.ts';
import type { AccountAt } from './sts/operations.ts';
import type { Tasks } from './tasks.ts';
import { runTasks } from './tasks.ts';
import type { Caller, Service } from './wire/operation.ts';

/** One account in one Region. */
export type Realm = {
  readonly account: Account;
  readonly links: Links;
  readonly tasks: Tasks;
  /** A service over this account; the rarely used ones are loaded when first asked for. */
  service(signingName: string): Promise<Service> | Service;
};

export type Realms = {
  /** The one whose state the data plane serves. */
  readonly main: Realm;
  /** Where the calls of an access key in a Region go; those to global services go to the account's main Region. */
  of(signingName: string, caller: Pick<Caller, 'accessKey' | 'region'>): Realm;
  all(): readonly Realm[];
  at(id: string, region: string): Realm;
  /** Forgets all but the main one. */
  dropOthers(): void;
  /** To be called when records or requests for certificates of a realm have changed. */
  validateCertificates(realm: Realm): void;
};

type Settings = {
  readonly id: string;
  readonly region: string;
  readonly facts: Facts;
  readonly clock: EmulatorClock;
  readonly fixtures: Partial<Fixtures>;
  readonly changed: () => void;
};

export const makeRealms = (settings: Settings): Realms => {
  const known = new Map<string, Realm>();
  const at = (id: string, region: string): Realm => {
    const key = `${id} ${region}`;
    const found = known.get(key);
    if (found !== undefined) return found;
    const others: Others = {
      accountAt: (other) => known.get(`${other} ${settings.region}`)?.account,
      hasBalancer: (name) => [...known.values()].some(({ account }) => hasBalancer(account, name)),
    };
    const made = makeRealm(id, region, settings, others);
    known.set(key, made);
    return made;
  };
  const main = at(settings.id, settings.region);
  return {
    main,
    at,
    of: (signingName, { accessKey, region }) =>
      at(
        accountOf(accessKey, settings.id),
        SERVICES.find((service) => service.signingName === signingName)?.global === true
          ? settings.region
          : region,
      ),
    all: () => [...known.values()],
    dropOthers: () => {
      for (const [key, realm] of known) {
        if (realm === main) continue;
        realm.tasks.stop();
        known.delete(key);
      }
    },
    validateCertificates: ({ account: { id } }) => {
      const zones = at(id, settings.region).account;
      for (const { account, tasks } of known.values()) {
        if (account.id !== id) continue;
        validateRequests(account, zones);
        tasks.arm();
      }
    },
  };
};

/** What a realm has to know of the others. */
type Others = {
  readonly accountAt: AccountAt;
  /** By DNS name, in lower case. */
  readonly hasBalancer: (dnsName: string) => boolean;
};

const makeRealm = (id: string, region: string, settings: Settings, others: Others): Realm => {
  const { facts, clock, fixtures, changed } = settings;
  const account = emptyAccount({ id, region, facts, clock, hasBalancerElsewhere: others.hasBalancer });
  addFixtures(account, { ...fixtures, ...(region === settings.region ? {} : { hostedZones: [] }) });
  const links = makeLinks(account);
  const scene = { account, links, accountAt: others.accountAt };
  const made = new Map<string, Promise<Service> | Service>();
  return {
    account,
    links,
    tasks: runTasks(account, changed),
    service: (signingName) => {
      const present = made.get(signingName);
      if (present !== undefined) return present;
      const door = SERVICES.find((service) => service.signingName === signingName);
      if (door === undefined) throw new Error(`There is no service ${signingName}.`);
      const opened = door.open(scene);
      made.set(signingName, opened);
      if (opened instanceof Promise) void opened.then((service) => made.set(signingName, service));
      return opened;
    },
  };
};
