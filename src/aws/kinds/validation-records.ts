/**
 * The CNAME records by which ACM sees that a domain is ours. One record serves every certificate of an account for its
 * domain, so what is there already and right is left as it is, whosever it is, and ours goes with the last of them. Beside
 * each stands a TXT record that says that this cluster wrote it; both are swapped like all records (decision 13).
 */
import {
  type CertificateDetail,
  type CertificateSummary,
  DescribeCertificateCommand,
  type DomainValidation,
  paginateListCertificates,
} from '@aws-sdk/client-acm';
import type { Change, ResourceRecordSet } from '@aws-sdk/client-route-53';
import { ownerRecordName, validationMark } from '../../core/adopt/record-owner.ts';
import type { CertificateSpec } from '../../core/model/certificate.ts';
import type { Attempt } from '../../core/ports.ts';
import { awsError, unlessDenied } from '../errors.ts';
import { everyPage } from '../every-page.ts';
import { KEY_TYPES, listZones } from '../facts.ts';
import { plainTarget, readName } from '../records.ts';
import type { Site } from './driver.ts';

type Wanted = { readonly zone: string; readonly name: string; readonly value: string };

const plain = (name: string): string => name.replace(/\.$/, '').toLowerCase();

const wantedOf = (
  { DomainName = '', ResourceRecord }: DomainValidation,
  zone: string | undefined,
): Wanted[] =>
  ResourceRecord && zone !== undefined && DomainName !== ''
    ? [{ zone, name: plain(ResourceRecord.Name ?? ''), value: plain(ResourceRecord.Value ?? '') }]
    : [];

const unique = (all: readonly Wanted[]): readonly Wanted[] => [
  ...new Map(all.map((it) => [`${it.zone}/${it.name}`, it])).values(),
];

/** Undefined when all of them stand, as far as there are zones for them. */
export const ensureValidationRecords = async (
  { DomainValidationOptions = [] }: CertificateDetail,
  { zones = {} }: CertificateSpec,
  site: Site,
): Promise<Attempt | undefined> => {
  const open = DomainValidationOptions.filter(({ ValidationStatus }) => ValidationStatus !== 'SUCCESS');
  const all = unique(open.flatMap((it) => wantedOf(it, zones[it.DomainName ?? ''])));
  const refusals = await Promise.all(all.map((it) => ensure(it, site)));
  return refusals.find((it) => it !== undefined);
};

const ensure = async (wanted: Wanted, site: Site): Promise<Attempt | undefined> => {
  const found = await standing(wanted, site);
  if (found.addresses.some((record) => plainTarget(record) === wanted.value)) return undefined;
  if (found.addresses.length > 0 || found.mark !== undefined)
    return {
      status: 'failed',
      code: 'NameTaken',
      message: `${wanted.name} in hosted zone ${wanted.zone} is not ours to change; ACM needs it to be CNAME ${wanted.value}`,
      retry: false,
    };
  const changes = [cname(wanted), markFor(wanted, site)].map(
    (ResourceRecordSet): Change => ({ Action: 'CREATE', ResourceRecordSet }),
  );
  try {
    await site.account.changeRecords(wanted.zone, changes);
  } catch (thrown) {
    // Somebody was faster, another stack of ours perhaps: the next look tells.
    if (awsError(thrown).code !== 'InvalidChangeBatch') throw thrown;
  }
  return undefined;
};

const cname = ({ name, value }: Wanted): ResourceRecordSet => ({
  Name: name,
  Type: 'CNAME',
  TTL: 300,
  ResourceRecords: [{ Value: value }],
});

const markFor = ({ name }: Wanted, { account }: Site): ResourceRecordSet => ({
  Name: ownerRecordName(name),
  Type: 'TXT',
  TTL: 300,
  ResourceRecords: [{ Value: validationMark(account.cluster) }],
});

const standing = async ({ zone, name }: Pick<Wanted, 'zone' | 'name'>, { account }: Site) => {
  const at = await readName(account.dns.zones.of(zone), { zone, name }, account.dns.externalDns);
  return { addresses: at.addresses, mark: at.marks[0]?.record };
};

/**
 * Before the certificate goes, so that a crash in between forgets none of them. Undefined when nothing is left to do:
 * where Route 53 is not ours to write to, the records are somebody else's business.
 */
export const removeValidationRecords = async (
  found: CertificateDetail,
  site: Site,
): Promise<Attempt | undefined> => {
  const { account } = site;
  const options = found.DomainValidationOptions ?? [];
  if (!account.dns.mayDelete || account.route53 === 'off' || options.length === 0) return undefined;
  const needed = await neededByOthers(found.CertificateArn ?? '', options, site);
  const zones = (await unlessDenied(listZones(account))) ?? [];
  const all = options.flatMap((it) => {
    const name = plain(it.ResourceRecord?.Name ?? '');
    if (needed.has(name)) return [];
    return zones
      .filter((zone) => !zone.private && name.endsWith(`.${zone.name}`))
      .flatMap((zone) => wantedOf(it, zone.id));
  });
  for (const wanted of unique(all)) {
    const going = (await unlessDenied(oursAt(wanted, site))) ?? [];
    if (going.length === 0) continue;
    if (!account.dns.deletes.take())
      return { status: 'wait', seconds: 60, why: 'too many records would be deleted within a minute' };
    const changes = going.map((ResourceRecordSet): Change => ({ Action: 'DELETE', ResourceRecordSet }));
    await account.changeRecords(wanted.zone, changes);
  }
  return undefined;
};

const oursAt = async (wanted: Wanted, site: Site): Promise<readonly ResourceRecordSet[]> => {
  const { addresses, mark } = await standing(wanted, site);
  const ours = mark?.ResourceRecords?.[0]?.Value === validationMark(site.account.cluster);
  return mark && ours ? [...addresses.filter((record) => plainTarget(record) === wanted.value), mark] : [];
};

/** Names of records that other certificates of the account are renewed by. */
const neededByOthers = async (
  own: string,
  options: readonly DomainValidation[],
  { account: { clients } }: Site,
): Promise<ReadonlySet<string>> => {
  const base = (domain: string): string => plain(domain).replace(/^\*\./, '');
  const domains = new Set(options.map(({ DomainName = '' }) => base(DomainName)));
  const all = await everyPage(
    paginateListCertificates({ client: clients.acm }, { Includes: { keyTypes: KEY_TYPES }, MaxItems: 1000 }),
    (page) => page.CertificateSummaryList,
  );
  const shares = (it: CertificateSummary): boolean =>
    it.CertificateArn !== own &&
    it.Type === 'AMAZON_ISSUED' &&
    (it.HasAdditionalSubjectAlternativeNames === true ||
      [it.DomainName ?? '', ...(it.SubjectAlternativeNameSummaries ?? [])].some((one) =>
        domains.has(base(one)),
      ));
  const others = await Promise.all(
    all.filter(shares).map(async ({ CertificateArn }) => {
      const { Certificate } = await clients.acm.send(new DescribeCertificateCommand({ CertificateArn }));
      return Certificate?.DomainValidationOptions ?? [];
    }),
  );
  return new Set(others.flat().map(({ ResourceRecord }) => plain(ResourceRecord?.Name ?? '')));
};
