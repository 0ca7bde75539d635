/**
 * An alias at a name together with the TXT record that says it is ours. Both are always written in one batch, which
 * Route 53 applies whole or not at all; and nothing is ever overwritten: a batch deletes exactly what was seen and
 * creates what is wanted, so Route 53 refuses it when somebody changed the name meanwhile.
 */
import type { Change, ResourceRecordSet } from '@aws-sdk/client-route-53';
import { isInTheWay } from '../../core/adopt/consent.ts';
import type { RecordOwner } from '../../core/adopt/record-owner.ts';
import type { Foreign } from '../../core/model/actual.ts';
import { shareOf } from '../../core/model/cutover.ts';
import type { DnsRecordSpec } from '../../core/model/dns-record.ts';
import { differences } from '../../core/model/fields.ts';
import type { Resource } from '../../core/model/resource.ts';
import type { Attempt } from '../../core/ports.ts';
import { awsError, MissingReference } from '../errors.ts';
import { type Holding, holdingOf, type PointOfView } from '../holding.ts';
import { addressSets, ownerSet } from '../record-sets.ts';
import { type AtName, isOf, nameId, plainTarget, readName } from '../records.ts';
import type { Driver, Site, Update } from './driver.ts';
import { ending, givingBack, sharing } from './shared-name.ts';

type Record = Resource<'dns-record'>;

/** A record belongs to the stack of the load balancer it points to, which that one's key names. */
export const stackOfRecord = ({ alias }: DnsRecordSpec): string =>
  alias.slice(alias.indexOf('/') + 1).replace(/~[^~]*$/, '');

const ownerOf = (spec: DnsRecordSpec, { account }: Site): RecordOwner => ({
  cluster: account.cluster,
  stack: stackOfRecord(spec),
  ...(spec.cutover && { cutoverSince: spec.cutover.since }),
});

/** A stack's load balancers by DNS name, as far as they are known. */
export const viewOf = (
  owner: RecordOwner,
  { actual, account }: Pick<Site, 'actual' | 'account'>,
): PointOfView => {
  const byName = new Map([...actual.loadBalancers].map(([key, { dnsName }]) => [dnsName.toLowerCase(), key]));
  return { ...owner, balancerAt: (dnsName) => byName.get(dnsName), adoptOwner: account.dns.adoptOwner };
};

/** The record sets of a record of ours as we write them; undefined when its load balancer is not known. */
const setsOf = (spec: DnsRecordSpec, site: Site): readonly ResourceRecordSet[] | undefined => {
  const balancer = site.actual.loadBalancers.get(spec.alias);
  return balancer && [...addressSets(spec, balancer), ownerSet(spec, ownerOf(spec, site))];
};

const wantedSets = (spec: DnsRecordSpec, site: Site): readonly ResourceRecordSet[] => {
  const sets = setsOf(spec, site);
  if (!sets) throw new MissingReference(`${spec.alias} has no DNS name yet; it has to be looked up again`);
  return sets;
};

const done = (spec: DnsRecordSpec): Attempt => ({ status: 'done', id: nameId(spec) });

/** Puts `after` in the place of exactly `before`. Also what does not change is in the batch: it proves the rest. */
const swap = async (
  spec: DnsRecordSpec,
  before: readonly ResourceRecordSet[],
  after: readonly ResourceRecordSet[],
  site: Site,
): Promise<Attempt> => {
  const changes = [
    ...before.map((record): Change => ({ Action: 'DELETE', ResourceRecordSet: record })),
    ...after.map((record): Change => ({ Action: 'CREATE', ResourceRecordSet: record })),
  ];
  return send(spec, changes, site);
};

const send = async (spec: DnsRecordSpec, changes: readonly Change[], { account }: Site): Promise<Attempt> => {
  if (changes.length > 0) await account.changeRecords(spec.zone, changes);
  return done(spec);
};

/** The attempt; undefined when Route 53 found the name otherwise than we thought it was. */
const unlessRefused = async (attempt: () => Promise<Attempt>): Promise<Attempt | undefined> => {
  try {
    return await attempt();
  } catch (thrown) {
    if (awsError(thrown).code !== 'InvalidChangeBatch') throw thrown;
    return undefined;
  }
};

type Seen = { readonly at: AtName; readonly holding: Holding };

const lookAgain = async (spec: DnsRecordSpec, vouchedBy: string | undefined, site: Site): Promise<Seen> => {
  const { dns } = site.account;
  const place = { ...spec, ingresses: vouchedBy === undefined ? [] : [vouchedBy] };
  const at = await readName(dns.zones.of(spec.zone), place, dns.externalDns);
  return { at, holding: holdingOf(place, at, viewOf(ownerOf(spec, site), site)) };
};

const create = async ({ spec }: Record, site: Site): Promise<Attempt> => {
  const sets = wantedSets(spec, site);
  try {
    return await swap(spec, [], sets, site);
  } catch (thrown) {
    if (awsError(thrown).code !== 'InvalidChangeBatch') throw thrown;
    const { holding } = await lookAgain(spec, undefined, site);
    if ('owned' in holding && differences('dns-record', spec, holding.owned.spec).length === 0)
      return done(spec);
    if ('foreign' in holding) return takenBy(holding.foreign);
    throw thrown;
  }
};

const takenBy = ({ description }: Foreign): Attempt => ({
  status: 'failed',
  code: 'NameTaken',
  message: `not ours to change: ${description}`,
  retry: false,
});

/** As we know it first, which costs no look; when that is refused, as it is. */
const update = async ({ want, have }: Update<'dns-record'>, site: Site): Promise<Attempt> => {
  const { spec } = want;
  if (spec.cutover || have.cutover) return share(want, have, site);
  const known = have.vouchedBy === undefined && spec.vouchedBy === undefined ? setsOf(have, site) : undefined;
  const wanted = wantedSets(spec, site);
  const quick =
    known && !isAdoption(want, site) && (await unlessRefused(() => swap(spec, known, wanted, site)));
  if (quick) return quick;
  const { at, holding } = await lookAgain(spec, have.vouchedBy, site);
  if ('foreign' in holding && isInTheWay(holding.foreign, want)) return takenBy(holding.foreign);
  const { addresses, marks, theirs } = standing(want, { at, holding }, site);
  // An adopted record keeps external-dns's word for it, unless the operator claims it for good.
  if (spec.vouchedBy !== undefined) {
    const proof = theirs.map(({ record }) => record);
    return swap(spec, [...addresses, ...proof], [...withoutMark(wanted), ...proof], site);
  }
  const before = [...addresses, ...[...marks, ...theirs].map(({ record }) => record)];
  return swap(spec, before, wanted, site);
};

/** Always as it is now: the other half is not ours, and whoever changed it by hand had a reason. */
const share = async (want: Record, have: DnsRecordSpec, site: Site): Promise<Attempt> => {
  const { spec } = want;
  const { at, holding } = await lookAgain(spec, have.vouchedBy, site);
  const wanted = wantedSets(spec, site);
  const owner = ownerOf(spec, site);
  const changes = spec.cutover
    ? sharing(at, owner, wanted, shareOf(spec), spec.takeover)
    : ending(at, owner, wanted);
  if (changes) return send(spec, changes, site);
  if ('foreign' in holding) return takenBy(holding.foreign);
  return {
    status: 'failed',
    code: 'NameChanged',
    message: `${spec.name}: what shared the name is not there any more; it is looked at again`,
    retry: true,
  };
};

const isAdoption = ({ key }: Record, { actual }: Site): boolean => !actual.owned.has(key);

const withoutMark = (sets: readonly ResourceRecordSet[]): readonly ResourceRecordSet[] =>
  sets.filter(({ Type }) => Type !== 'TXT');

/** What at the name is replaced: ours, or with consent theirs; never a record with another set identifier. */
const standing = ({ spec }: Record, { at, holding }: Seen, site: Site): AtName => {
  const mine = ownerOf(spec, site);
  const ours = at.marks.find(({ owner }) => owner.cluster === mine.cluster && owner.stack === mine.stack);
  const identifier =
    'owned' in holding
      ? (ours?.record.SetIdentifier ?? holding.owned.spec.routing?.setIdentifier)
      : whoseTurn(spec, at);
  const is = ({ SetIdentifier }: ResourceRecordSet): boolean => SetIdentifier === identifier;
  return {
    addresses: at.addresses.filter(is),
    marks: at.marks.filter(({ record }) => is(record) || record === ours?.record),
    theirs: at.theirs.filter(({ record }) => is(record)),
  };
};

/** Of a name that is not ours: the record with the wanted identifier, else the single one. */
const whoseTurn = ({ routing }: DnsRecordSpec, { addresses, marks, theirs }: AtName): string | undefined => {
  const all = [...addresses, ...[...marks, ...theirs].map(({ record }) => record)];
  return all.some(({ SetIdentifier }) => SetIdentifier === undefined) ? undefined : routing?.setIdentifier;
};

/** Deletes exactly what stands, and only while a TXT record vouches for it. */
const remove = async ({ spec }: Record, site: Site): Promise<Attempt> => {
  const { deletes } = site.account.dns;
  if (!deletes.take())
    return {
      status: 'failed',
      code: 'TooManyDeletes',
      message: `more than ${deletes.most} records would be deleted within a minute; it goes on later, or raise --max-dns-deletes`,
      retry: false,
    };
  const known = spec.vouchedBy === undefined && !spec.cutover ? setsOf(spec, site) : undefined;
  const quick = known && (await unlessRefused(() => swap(spec, known, [], site)));
  if (quick) return quick;
  const { at, holding } = await lookAgain(spec, spec.vouchedBy, site);
  const back = spec.cutover && givingBack(at, ownerOf(spec, site));
  if (back) return send(spec, back, site);
  return swap(spec, leftOfOurs(spec, { at, holding }, site), [], site);
};

/** Ours by our mark, whatever it was bent to while it is an alias; adopted ones only while they lead to the stack. */
const leftOfOurs = (spec: DnsRecordSpec, { at, holding }: Seen, site: Site): readonly ResourceRecordSet[] => {
  const owner = ownerOf(spec, site);
  const ours = at.marks.find(
    (mark) => mark.owner.cluster === owner.cluster && mark.owner.stack === owner.stack,
  );
  if (ours) {
    const { balancerAt } = viewOf(owner, site);
    const aliases = at.addresses.filter(
      (it) => isOf(ours, it) && (it.AliasTarget !== undefined || balancerAt(plainTarget(it)) !== undefined),
    );
    return [...aliases, ours.record];
  }
  if (!('owned' in holding) || !site.actual.loadBalancers.has(holding.owned.spec.alias)) return [];
  const identifier = holding.owned.spec.routing?.setIdentifier;
  const is = ({ SetIdentifier }: ResourceRecordSet): boolean => SetIdentifier === identifier;
  return [...at.addresses.filter(is), ...at.theirs.flatMap(({ record }) => (is(record) ? [record] : []))];
};

export const dnsRecord: Driver<'dns-record'> = { create, update, remove };
