/** The certificates of an HTTPS listener. */
import { CERTIFICATE_SETTINGS } from '../annotations/default-ports.ts';
import type { GroupListener } from '../annotations/merge-listeners.ts';
import { PREFIX } from '../annotations/table.ts';
import { kindOf } from '../model/actual.ts';
import type { Facts } from '../model/facts.ts';
import type { ListenerSpec } from '../model/resource.ts';
import { coversHost, discoverFor, tlsHosts } from './discovered-certificates.ts';
import { tellExpiring } from './expiring-certificates.ts';
import type { ListenersInput } from './listeners-input.ts';
import type { Member } from './member.ts';

const FIELD = `${PREFIX}certificate-arn`;

/**
 * The default certificate first; undefined when there is none to use. One that cannot be used is left out and its
 * owner told, unless the listener has it already; the other Ingresses of a group get theirs all the same.
 */
export const certificatesOf = (
  listener: GroupListener,
  have: ListenerSpec | undefined,
  input: ListenersInput,
): readonly string[] | undefined => {
  const kept = have?.protocol === 'HTTPS' ? have.certificates : undefined;
  if (CERTIFICATE_SETTINGS.some(input.settings.isUnknown) && kept) return kept;
  const members = input.accepted.filter(({ id }) => listener.members.includes(id));
  const found = members.map((member) => {
    const stated = member.reading.stated['certificate-arn'] ?? [];
    const own = ownOn(member, kept, input);
    return stated.length > 0
      ? { usable: [...usableOf(stated, member, kept, input), ...own], discovered: [] }
      : { usable: own, discovered: discoveredFor(member, listener, kept, input) };
  });
  for (const [index, { usable, discovered }] of found.entries()) {
    const member = members[index];
    if (member) tellExpiring([...new Set([...usable, ...discovered])], member, input);
  }
  const ours = keysByArn(input);
  const reference = (it: string): string => ours.get(it) ?? it;
  // Somebody may have theirs on this listener, and not be able to say so now.
  const unsaid = input.settings.isUnknown('listen-ports') ? (kept ?? []) : [];
  const all = [
    ...new Set([
      ...unsaid,
      ...found.flatMap(({ usable, discovered }) => [...usable, ...discovered].map(reference)),
    ]),
  ];
  if (all.length === 0) return kept;
  // One that was found is as good as another: the default one changes only when it has to.
  const stated = found.flatMap(({ usable }) => usable.map(reference));
  const now = kept?.[0];
  return stated.length === 0 && now !== undefined && all.includes(now)
    ? [now, ...all.filter((arn) => arn !== now)]
    : all;
};

/** Of somebody in trouble those that the listener has, in their order: who they were made for may not be said. */
const ownOn = ({ id, frozen }: Member, kept: Kept, { own }: ListenersInput): readonly string[] => {
  const { usable } = own.of(id);
  return frozen && kept ? kept.filter((it) => usable.some((key) => key === it)) : usable;
};

/** Somebody may name a certificate that was made here by its ARN. */
const keysByArn = ({ actual }: ListenersInput): ReadonlyMap<string, string> =>
  new Map(
    [...actual.ids].flatMap(([key, id]) => (kindOf(key) === 'certificate' ? [[id, key] as const] : [])),
  );

type Kept = readonly string[] | undefined;

const usableOf = (
  stated: readonly string[],
  member: Member,
  kept: Kept,
  { context, report }: ListenersInput,
): readonly string[] =>
  stated.filter((arn) => {
    const why = whyUnusable(arn, context.facts);
    if (why === undefined) return true;
    const expected = `expected an issued certificate of ${context.facts.region}`;
    report('CertificateUnusable', member.id, `${FIELD}: certificate ${arn} ${why}; ${expected}`);
    return kept?.includes(arn) ?? false;
  });

/** What ACM has for the hosts; a host that has none now keeps what the listener has for it, whatever became of that. */
const discoveredFor = (
  member: Member,
  { port }: GroupListener,
  kept: Kept,
  { context, report, own }: ListenersInput,
): readonly string[] => {
  const how = context.defaults.certificateDiscovery;
  const { certificates, region } = context.facts;
  const { hosts: covered } = own.of(member.id);
  const isBare = (host: string): boolean => !covered.some((domain) => coversHost(domain, host, 'discover'));
  const hosts = tlsHosts(member).filter(isBare);
  if (hosts.length === 0 && covered.length > 0) return [];
  const missing = (why: string): void =>
    report(
      'CertificateUnusable',
      member.id,
      `${FIELD}: not stated, and the HTTPS listener on port ${port} ${why}; expected the ARN of a certificate`,
    );
  if (how === 'off') missing('has none by itself, because --certificate-discovery is off');
  else if (hosts.length === 0) missing('can have none found for it, because the Ingress has no host');
  else if (!certificates) missing('can have none found for it, because ACM does not permit to list them');
  if (how === 'off' || hosts.length === 0 || !certificates) return kept ?? [];
  // Those that were made for a stack go when nobody there wants them any more.
  const anybodys = certificates.filter(({ stack }) => stack === undefined);
  const found = discoverFor(hosts, anybodys, how);
  if (found.bare.length > 0)
    missing(
      `needs one for ${found.bare.join(', ')}, for which ${region} has no issued certificate${how === 'exact' ? ' with that very name' : ''}`,
    );
  const staying = certificates.filter(
    ({ arn, domains }) =>
      kept?.includes(arn) &&
      found.bare.some((host) => domains.some((domain) => coversHost(domain, host, 'discover'))),
  );
  return [...new Set([...found.certificates, ...staying.map(({ arn }) => arn)])];
};

/** IAM server certificates are not in ACM, and ACM may not tell us of its own; AWS checks those itself. */
const whyUnusable = (arn: string, facts: Facts): string | undefined => {
  if (!arn.includes(':acm:') || !facts.certificates) return undefined;
  const found = facts.certificates.find((certificate) => certificate.arn === arn);
  if (!found) return 'does not exist in ACM';
  return found.status === 'ISSUED' ? undefined : `has the status ${found.status}`;
};
