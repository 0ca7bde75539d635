/**
 * An alias at a name together with the TXT record that says it is ours. Both are always written in one batch,
 * which Route 53 applies whole or not at all.
 */
import {
  type Change,
  ChangeResourceRecordSetsCommand,
  type ResourceRecordSet,
} from '@aws-sdk/client-route-53';
import { ownerRecordName, ownerRecordValue, type RecordOwner } from '../../core/adopt/record-owner.ts';
import type { Foreign } from '../../core/model/actual.ts';
import { dnsRecordKey } from '../../core/model/key.ts';
import type { DnsRecordSpec, Key, RecordType, Resource } from '../../core/model/resource.ts';
import type { Attempt, RecordName } from '../../core/ports.ts';
import { awsError, MissingReference } from '../errors.ts';
import { type AtName, nameId, plainTarget, readName } from '../records.ts';
import type { Driver, Site, Update } from './driver.ts';

/** What a name holds, from a stack's point of view. */
export type Holding =
  | { readonly owned: Resource<'dns-record'> }
  | { readonly adoptable: Resource<'dns-record'> }
  | { readonly foreign: Foreign }
  | { readonly free: true };

export type PointOfView = RecordOwner & {
  /** The key of the stack's load balancer with this DNS name (lower case, plain). */
  readonly balancerAt: (dnsName: string) => Key<'load-balancer'> | undefined;
};

/**
 * Ours by its TXT record; adoptable when it has none but points to our balancer anyway; else somebody's.
 * Other types at the name (MX, TXT) bother nobody.
 */
export const holdingOf = (place: RecordName, at: AtName, view: PointOfView): Holding => {
  const key = dnsRecordKey(place.zone, place.name);
  const ours = at.owner?.cluster === view.cluster && at.owner.stack === view.stack;
  const { aliases, inTheWay } = sortOut(at.addresses);
  if (inTheWay || (at.owner && !ours))
    return { foreign: { key, description: describe(place, inTheWay ?? aliases[0], at.owner, ours) } };
  const spec = specOf(place, aliases, view);
  if (ours) return { owned: { kind: 'dns-record', key, spec } };
  if (aliases.length === 0) return { free: true };
  const all = aliases.every((record) => view.balancerAt(plainTarget(record)) !== undefined);
  if (all) return { adoptable: { kind: 'dns-record', key, spec } };
  return { foreign: { key, description: describe(place, aliases[0], undefined, false) } };
};

/** Plain aliases, and the first record that no alias of ours can replace in place. */
const sortOut = (
  addresses: readonly ResourceRecordSet[],
): { readonly aliases: readonly ResourceRecordSet[]; readonly inTheWay: ResourceRecordSet | undefined } => {
  const isPlainAlias = (record: ResourceRecordSet): boolean =>
    record.Type !== 'CNAME' && record.AliasTarget !== undefined && record.SetIdentifier === undefined;
  return {
    aliases: addresses.filter(isPlainAlias).sort((a, b) => ((a.Type ?? '') < (b.Type ?? '') ? -1 : 1)),
    inTheWay: addresses.find((record) => !isPlainAlias(record)),
  };
};

/** When A and AAAA disagree, only those like the first count, so that the other one shows as a difference. */
const specOf = (
  place: RecordName,
  aliases: readonly ResourceRecordSet[],
  view: PointOfView,
): DnsRecordSpec => {
  const [first] = aliases;
  const target = first ? plainTarget(first) : 'nowhere';
  const health = first?.AliasTarget?.EvaluateTargetHealth ?? false;
  const alike = aliases.filter(
    (record) =>
      plainTarget(record) === target && (record.AliasTarget?.EvaluateTargetHealth ?? false) === health,
  );
  return {
    ...place,
    types: alike.flatMap(({ Type }): RecordType[] => (Type === 'A' || Type === 'AAAA' ? [Type] : [])),
    // What is no balancer of this stack has no key; this one equals none that could be wanted.
    alias: view.balancerAt(target) ?? `load-balancer/${view.stack}~elsewhere:${target}`,
    evaluateTargetHealth: health,
    serves: [],
  };
};

const describe = (
  { name }: RecordName,
  record: ResourceRecordSet | undefined,
  owner: RecordOwner | undefined,
  ours: boolean,
): string => {
  const target = record?.AliasTarget
    ? plainTarget(record)
    : record?.ResourceRecords?.map(({ Value }) => Value).join(', ');
  const what = record
    ? `${record.Type}${record.AliasTarget ? ' alias' : ''} record ${name} -> ${target}`
    : `ownership record of ${name}`;
  const whose = owner && !ours ? `, owned by ${owner.stack} of cluster ${owner.cluster}` : '';
  return `${what}${whose}${ours ? ', put in the place of ours by somebody' : ''}`;
};

/** A record belongs to the stack of the load balancer it points to, which that one's key names. */
export const stackOfRecord = ({ alias }: DnsRecordSpec): string =>
  alias.slice(alias.indexOf('/') + 1, alias.lastIndexOf('~'));

const ownerOf = (spec: DnsRecordSpec, { account }: Site): RecordOwner => ({
  cluster: account.cluster,
  stack: stackOfRecord(spec),
});

const ownerRecord = (spec: DnsRecordSpec, owner: RecordOwner): ResourceRecordSet => ({
  Name: ownerRecordName(spec.name),
  Type: 'TXT',
  TTL: 300,
  ResourceRecords: [{ Value: ownerRecordValue(owner) }],
});

const aliasRecords = (spec: DnsRecordSpec, { actual }: Site): ResourceRecordSet[] => {
  const balancer = actual.loadBalancers.get(spec.alias);
  if (!balancer)
    throw new MissingReference(`${spec.alias} has no DNS name yet; it has to be looked up again`);
  return spec.types.map((Type) => ({
    Name: spec.name,
    Type,
    AliasTarget: {
      DNSName: balancer.dnsName,
      HostedZoneId: balancer.hostedZoneId,
      EvaluateTargetHealth: spec.evaluateTargetHealth,
    },
  }));
};

const change = async (spec: DnsRecordSpec, Changes: Change[], { account }: Site): Promise<Attempt> => {
  if (Changes.length > 0)
    await account.clients.route53.send(
      new ChangeResourceRecordSetsCommand({ HostedZoneId: spec.zone, ChangeBatch: { Changes } }),
    );
  return { status: 'done', id: nameId(spec) };
};

/** CREATE, so that Route 53 itself refuses when something appeared at the name since it was looked up. */
const create = async ({ spec }: Resource<'dns-record'>, site: Site): Promise<Attempt> => {
  const owner = ownerOf(spec, site);
  const records = [...aliasRecords(spec, site), ownerRecord(spec, owner)];
  try {
    return await change(
      spec,
      records.map((record) => ({ Action: 'CREATE', ResourceRecordSet: record })),
      site,
    );
  } catch (thrown) {
    if (awsError(thrown).code !== 'InvalidChangeBatch') throw thrown;
    const holding = await lookAgain(spec, owner, site);
    if ('owned' in holding && standsAs(spec, holding.owned.spec)) return { status: 'done', id: nameId(spec) };
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

const standsAs = (want: DnsRecordSpec, have: DnsRecordSpec): boolean =>
  want.alias === have.alias &&
  want.evaluateTargetHealth === have.evaluateTargetHealth &&
  [...want.types].sort().join() === have.types.join();

const lookAgain = async (spec: DnsRecordSpec, owner: RecordOwner, site: Site): Promise<Holding> => {
  const at = await readName(site.account.clients.route53, spec);
  return holdingOf(spec, at, viewOf(owner, site));
};

/** A stack's load balancers by DNS name, as far as they are known. */
export const viewOf = (owner: RecordOwner, { actual }: Pick<Site, 'actual'>): PointOfView => {
  const byName = new Map([...actual.loadBalancers].map(([key, { dnsName }]) => [dnsName.toLowerCase(), key]));
  return { ...owner, balancerAt: (dnsName) => byName.get(dnsName) };
};

/** UPSERT overwrites whatever stands there, so it is preceded by a look. Types no longer wanted go in the same batch. */
const update = async ({ want: { spec } }: Update<'dns-record'>, site: Site): Promise<Attempt> => {
  const owner = ownerOf(spec, site);
  const at = await readName(site.account.clients.route53, spec);
  const holding = holdingOf(spec, at, viewOf(owner, site));
  if ('foreign' in holding) return takenBy(holding.foreign);
  const unwanted = at.addresses.filter(({ Type }) => !spec.types.some((type) => type === Type));
  const records = [...aliasRecords(spec, site), ownerRecord(spec, owner)];
  return change(
    spec,
    [
      ...unwanted.map((record): Change => ({ Action: 'DELETE', ResourceRecordSet: record })),
      ...records.map((record): Change => ({ Action: 'UPSERT', ResourceRecordSet: record })),
    ],
    site,
  );
};

/** Deletes exactly what was just read, and only while our TXT record vouches for it. */
const remove = async ({ spec }: Resource<'dns-record'>, site: Site): Promise<Attempt> => {
  const owner = ownerOf(spec, site);
  const at = await readName(site.account.clients.route53, spec);
  const ours = at.owner?.cluster === owner.cluster && at.owner.stack === owner.stack;
  if (!ours || !at.ownerRecord) return { status: 'done' };
  const records = [...sortOut(at.addresses).aliases, at.ownerRecord];
  return change(
    spec,
    records.map((record) => ({ Action: 'DELETE', ResourceRecordSet: record })),
    site,
  );
};

export const dnsRecord: Driver<'dns-record'> = { create, update, remove };
