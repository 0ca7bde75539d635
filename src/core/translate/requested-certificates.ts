/** Certificates that are asked of ACM for the hosts of an Ingress. */
import { PREFIX } from '../annotations/table.ts';
import { type CertificatesInput, certificateOf, type Wish } from './certificate-wishes.ts';
import { zoneFor } from './hosted-zones.ts';
import type { Member } from './member.ts';

/** Names of one certificate, the quota of a new account (AWS documentation); more hosts get more certificates. */
const MOST_NAMES = 10;

const FIELD = `${PREFIX}create-acm-cert`;

/** Longest first name of one, its common name; the others may be longer (AWS documentation of RequestCertificate). */
const LONGEST_FIRST = 64;

const mayBeFirst = (host: string): boolean => host.length <= LONGEST_FIRST;

/** Each new set of hosts is another certificate; it is made at once, and used when it has been issued. */
export const requestsOf = (
  member: Member,
  hosts: readonly string[],
  input: CertificatesInput,
): readonly Wish[] => {
  const first = hosts.find(mayBeFirst);
  if (first === undefined) {
    const expected = `expected a host of at most ${LONGEST_FIRST} characters, which each certificate of ACM needs, got ${hosts.join(', ')}`;
    const remedy = 'add a shorter one to spec.rules or spec.tls, *.example.com say';
    input.report('CertificateUnusable', member.id, `${FIELD}: ${expected}; ${remedy}`);
    return [];
  }
  const parts = chunksOf(hosts, MOST_NAMES).flatMap((part) =>
    part.some(mayBeFirst)
      ? [[...part.filter(mayBeFirst), ...part.filter((host) => !mayBeFirst(host))]]
      : chunksOf(part, MOST_NAMES - 1).map((few) => [first, ...few]),
  );
  return parts.map((domains) => requestOf(member, domains, input));
};

const chunksOf = (hosts: readonly string[], size: number): readonly (readonly string[])[] =>
  Array.from({ length: Math.ceil(hosts.length / size) }, (_, i) => hosts.slice(i * size, (i + 1) * size));

const requestOf = (member: Member, domains: readonly string[], input: CertificatesInput): Wish => {
  const authority = member.reading.settings['acm-pca-arn'];
  const { zones, closed } = authority === undefined ? zonesFor(domains, input) : { zones: {}, closed: [] };
  const fixed = { origin: 'requested', domains, ...(authority && { authority }) } as const;
  const { key } = certificateOf({ ...fixed, issued: false }, member, input);
  const found = input.actual.owned.get(key);
  const have = found?.kind === 'certificate' ? found.spec : undefined;
  const usable = have?.issued ?? false;
  if (!usable) tell(member, { domains, closed, waitsFor: have?.waitsFor, failure: have?.failure }, input);
  const issued = have !== undefined && have.failure === undefined;
  const spec = { ...fixed, issued, ...(have?.notAfter && { notAfter: have.notAfter }) };
  return {
    resource: certificateOf({ ...spec, ...(Object.keys(zones).length > 0 && { zones }) }, member, input),
    usable,
  };
};

type Zones = { readonly zones: Readonly<Record<string, string>>; readonly closed: readonly string[] };

/** ACM looks for its records in public DNS only. */
const zonesFor = (domains: readonly string[], { context, recordRules, dns }: CertificatesInput): Zones => {
  const all = dns ? (context.facts.zones ?? []).filter((zone) => !zone.private) : [];
  const chosen = domains.map(
    (domain) => [domain, zoneFor(domain, all, recordRules, { internal: false })] as const,
  );
  return {
    zones: Object.fromEntries(
      chosen.flatMap(([domain, choice]) => ('zone' in choice ? [[domain, choice.zone.id] as const] : [])),
    ),
    closed: chosen.flatMap(([domain, choice]) => ('zone' in choice ? [] : [domain])),
  };
};

type Story = {
  readonly domains: readonly string[];
  /** Without a public zone that is ours to write to. */
  readonly closed: readonly string[];
  readonly waitsFor: readonly string[] | undefined;
  readonly failure: string | undefined;
};

const tell = ({ id }: Member, story: Story, { report }: CertificatesInput): void => {
  const { domains, closed, waitsFor = [], failure } = story;
  const whose = `the certificate for ${domains.join(', ')}`;
  if (failure !== undefined) {
    const remedy = 'correct the cause, then delete it in ACM, and it is asked for again';
    report('CertificateUnusable', id, `${FIELD}: ACM does not issue ${whose}: ${failure}; ${remedy}`);
    return;
  }
  const records = waitsFor.length > 0 ? `: ${waitsFor.join('; ')}` : '';
  const by =
    closed.length > 0
      ? `; no public hosted zone that we may write to covers ${closed.join(', ')}: make the records that ACM names by hand${records}`
      : '';
  report('CertificatePending', id, `${FIELD}: HTTPS waits until ACM has issued ${whose}${by}`);
};
