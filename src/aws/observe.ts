/** What AWS holds of one stack, and of names that may become its records. */
import type { Heir } from '../core/adopt/heir.ts';
import type { Actual, Foreign } from '../core/model/actual.ts';
import { dnsRecordKey } from '../core/model/key.ts';
import type { Resource } from '../core/model/resource.ts';
import type { RecordName } from '../core/ports.ts';
import type { Account } from './account.ts';
import { assemble } from './assemble.ts';
import { means, unlessDenied } from './errors.ts';
import { holdingOf } from './holding.ts';
import { viewOf } from './kinds/dns-record.ts';
import type { KnownRecords } from './known-records.ts';
import type { Listings } from './listing.ts';
import { readStack } from './read-stack.ts';
import { nameId } from './records.ts';

export type Sight = {
  readonly account: Account;
  readonly listings: Listings;
  readonly records: KnownRecords;
};

/** Things may go while we look, by our own hand or another's. Then the picture is taken again. */
const TRIES = 3;

export const observe = async (sight: Sight, stack: string, heirs: readonly Heir[]): Promise<Actual> => {
  const { account, listings, records } = sight;
  for (let tries = 1; ; tries++) {
    try {
      const [found, names] = await Promise.all([
        listings.fresh(stack).then((listing) => readStack(account, listing, stack, heirs)),
        account.route53 === 'on'
          ? records.namesOf(
              stack,
              heirs.map(({ ingress }) => ingress),
            )
          : [],
      ]);
      return await lookUpNames(sight, assemble(account.cluster, stack, found), stack, names);
    } catch (thrown) {
      if (tries === TRIES || !means(thrown, 'gone')) throw thrown;
    }
  }
};

export const lookUpNames = async (
  { account, records }: Sight,
  actual: Actual,
  stack: string,
  names: readonly RecordName[],
): Promise<Actual> => {
  const view = viewOf({ cluster: account.cluster, stack }, { actual, account });
  const found = await Promise.all(
    names.map(async (name) => {
      const { zones } = account.dns;
      const at = await unlessDenied(zones.unlessShut(name.zone, records.at(name, stack), (why) => ({ why })));
      if (at === undefined || 'why' in at)
        return { name, holding: { foreign: unread(name, at?.why ?? NOT_PERMITTED, actual) }, read: false };
      return { name, holding: holdingOf(name, at, view), read: true };
    }),
  );
  const known = new Set(names.map((name) => `dns-record/${nameId(name)}`));
  const others = (graph: Actual['owned']): [Resource['key'], Resource][] =>
    [...graph].filter(([key]) => !known.has(key));
  const owned = new Map(others(actual.owned));
  const adoptable = new Map(others(actual.adoptable));
  const foreign = actual.foreign.filter(({ key }) => !known.has(key));
  const ids = new Map([...actual.ids].filter(([key]) => !known.has(key)));
  for (const { name, holding } of found) {
    if ('owned' in holding) owned.set(holding.owned.key, holding.owned);
    if ('adoptable' in holding) adoptable.set(holding.adoptable.key, holding.adoptable);
    if ('foreign' in holding) foreign.push(holding.foreign);
    else if (!('free' in holding)) ids.set(`dns-record/${nameId(name)}`, nameId(name));
  }
  return {
    ...actual,
    owned,
    adoptable,
    foreign,
    ids,
    knownNames: new Set([
      ...actual.knownNames,
      ...found.flatMap(({ name, read }) => (read ? [nameId(name)] : [])),
    ]),
  };
};

/** What we may not see, we do not touch; not being known, it is asked for again. */
const unread = ({ zone, name, known }: RecordName, why: string, { loadBalancers }: Actual): Foreign => ({
  key: dnsRecordKey(zone, name),
  description: `what stands at ${name} in hosted zone ${zone} cannot be seen; ${why}`,
  // It was ours, and still leads to one of them.
  ...(known && { refersTo: [...loadBalancers.keys()] }),
});

const NOT_PERMITTED =
  'expected permission for route53:ListResourceRecordSets, as in examples/iam-policy.json';
