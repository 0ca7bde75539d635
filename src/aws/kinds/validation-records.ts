/**
 * The CNAME records by which ACM sees that a domain is ours. One record serves every certificate of an account for its
 * domain, so what is there already and right is left as it is, whosever it is, and ours goes with the last of them. Beside
 * each stands a TXT record that says that this cluster wrote it; both are swapped like all records (decision 13).
 */
import {
  type ACMClient,
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

type Wanted = {
  readonly zone: string;
  /** Without the `*.` of a wildcard. */
  readonly domain: string;
  readonly name: string;
  readonly value: string;
};

const plain = (name: string): string => name.replace(/\.$/, '').toLowerCase();

const wantedOf = (
  { DomainName = '', ResourceRecord }: DomainValidation,
  zone: string | undefined,
): Wanted[] =>
  ResourceRecord && zone !== undefined && DomainName !== ''
    ? [
        {
          zone,
          domain: baseOf(DomainName),
          name: plain(ResourceRecord.Name ?? ''),
          value: plain(ResourceRecord.Value ?? ''),
        },
      ]
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
  if (found.addresses.length > 0 || (found.mark !== undefined && !isOurs(found.mark, site)))
    return {
      status: 'failed',
      code: 'NameTaken',
      message: `${wanted.name} in hosted zone ${wanted.zone} is not ours to change; ACM needs it to be CNAME ${wanted.value}`,
      retry: false,
    };
  // Somebody may have taken away one of the two.
  const left = found.mark ? [found.mark] : [];
  const changes = [
    ...left.map((ResourceRecordSet): Change => ({ Action: 'DELETE', ResourceRecordSet })),
    ...[cname(wanted), markFor(wanted, site)].map(
      (ResourceRecordSet): Change => ({ Action: 'CREATE', ResourceRecordSet }),
    ),
  ];
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
  const all = await ourRecordsOf(options, site);
  if (all.length === 0) return undefined;
  const needed = await neededByOthers(found.CertificateArn ?? '', options, site);
  if (needed === 'perhaps all') return undefined;
  for (const { wanted, going } of all) {
    if (needed.has(wanted.domain)) continue;
    if (!account.dns.deletes.take())
      return { status: 'wait', seconds: 60, why: 'too many records would be deleted within a minute' };
    const changes = going.map((ResourceRecordSet): Change => ({ Action: 'DELETE', ResourceRecordSet }));
    await account.changeRecords(wanted.zone, changes);
  }
  return undefined;
};

type Standing = { readonly wanted: Wanted; readonly going: readonly ResourceRecordSet[] };

/** Those that this cluster wrote, in whichever zone it chose then. */
const ourRecordsOf = async (
  options: readonly DomainValidation[],
  site: Site,
): Promise<readonly Standing[]> => {
  const zones = (await unlessDenied(listZones(site.account))) ?? [];
  const possible = options.flatMap((it) =>
    zones
      .filter(({ name, private: isPrivate }) => !isPrivate && isBelow(it.ResourceRecord?.Name, name))
      .flatMap(({ id }) => wantedOf(it, id)),
  );
  const all = await Promise.all(
    unique(possible).map(async (wanted) => ({
      wanted,
      going: (await unlessDenied(oursAt(wanted, site))) ?? [],
    })),
  );
  return all.filter(({ going }) => going.length > 0);
};

const isBelow = (name = '', zone: string): boolean => plain(name).endsWith(`.${zone}`);

const oursAt = async (wanted: Wanted, site: Site): Promise<readonly ResourceRecordSet[]> => {
  const { addresses, mark } = await standing(wanted, site);
  return mark && isOurs(mark, site)
    ? [...addresses.filter((record) => plainTarget(record) === wanted.value), mark]
    : [];
};

const isOurs = ({ ResourceRecords }: ResourceRecordSet, { account }: Site): boolean =>
  ResourceRecords?.[0]?.Value === validationMark(account.cluster);

/** A domain and the wildcard below it have one record. */
const baseOf = (domain = ''): string => plain(domain).replace(/^\*\./, '');

/**
 * Domains that other certificates of the account, in whatever Region, are renewed for. Where another Region does not tell,
 * nothing is known of them: a record too many harms nobody, one too few ends a certificate months later.
 */
const neededByOthers = async (
  own: string,
  options: readonly DomainValidation[],
  { account }: Site,
): Promise<ReadonlySet<string> | 'perhaps all'> => {
  const domains = new Set(options.map(({ DomainName }) => baseOf(DomainName)));
  const here = await domainsSharing(account.clients.acm, domains, own);
  if (domains.size === new Set(here.filter((it) => domains.has(it))).size) return domains;
  try {
    const others = await account.acmElsewhere();
    const elsewhere = await Promise.all(others.map((acm) => domainsSharing(acm, domains, own)));
    return new Set([...here, ...elsewhere.flat()]);
  } catch {
    return 'perhaps all';
  }
};

/** Domains of the other certificates of one Region that share any. */
const domainsSharing = async (
  client: ACMClient,
  domains: ReadonlySet<string>,
  own: string,
): Promise<readonly string[]> => {
  const all = await everyPage(
    paginateListCertificates({ client }, { Includes: { keyTypes: KEY_TYPES }, MaxItems: 1000 }),
    (page) => page.CertificateSummaryList,
  );
  const shares = (it: CertificateSummary): boolean =>
    it.CertificateArn !== own &&
    it.Type === 'AMAZON_ISSUED' &&
    (it.HasAdditionalSubjectAlternativeNames === true ||
      [it.DomainName, ...(it.SubjectAlternativeNameSummaries ?? [])].some((one) => domains.has(baseOf(one))));
  const others = await Promise.all(
    all.filter(shares).map(async ({ CertificateArn }) => {
      const { Certificate } = await client.send(new DescribeCertificateCommand({ CertificateArn }));
      return Certificate?.DomainValidationOptions ?? [];
    }),
  );
  return others.flat().map(({ DomainName }) => baseOf(DomainName));
};
