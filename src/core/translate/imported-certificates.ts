/** Certificates that come from Secrets of `spec.tls`. What is wrong with one is told before ACM says no. */
import { comesFrom } from '../model/certificate.ts';
import { readTlsSecret, type TlsCertificate } from '../tls/tls-secret.ts';
import { type CertificatesInput, certificateOf, type Wish } from './certificate-wishes.ts';
import { coversHost, tlsHosts } from './discovered-certificates.ts';
import type { Member } from './member.ts';

export type ImportWish = {
  /** Undefined: there is nothing to serve, now or yet. */
  readonly wish: Wish | undefined;
  /** Names in it, or those it is meant for: no other certificate stands in for it. */
  readonly hosts: readonly string[];
  /** Undefined: it is what was imported earlier. */
  readonly content: string | undefined;
};

type Named = { readonly at: number; readonly secret: string; readonly hosts: readonly string[] };

/** `mine`: what AWS has for this Ingress; it goes on where its Secret cannot be used now. */
export const importsOf = (
  member: Member,
  mine: readonly Wish[],
  input: CertificatesInput,
): readonly ImportWish[] =>
  namedBy(member).map((named): ImportWish => {
    const read = readNamed(named, input);
    if ('here' in read) {
      tellUncovered(named, read.here, member, input);
      return importOf(named, read.here, member, input);
    }
    const tell = (wrong: string): void =>
      input.report('TlsSecretUnusable', member.id, `${fieldOf(named)}: Secret ${named.secret} ${wrong}`);
    if (read.wrong !== undefined) tell(read.wrong);
    return { wish: importedEarlier(named, mine, input), hosts: named.hosts, content: undefined };
  });

/** There are two while one with other names is in its grace: the one that is served counts, else the one that ends later. */
const importedEarlier = (
  { secret }: Named,
  mine: readonly Wish[],
  { actual }: CertificatesInput,
): Wish | undefined => {
  const served = new Set(
    [...actual.owned.values()].flatMap((it) => (it.kind === 'listener' ? it.spec.certificates : [])),
  );
  const rank = ({ resource: { key, spec } }: Wish): string =>
    `${served.has(key) ? 'served' : 'idle'} ${spec.notAfter ?? ''}`;
  return mine
    .filter(({ resource }) => comesFrom(resource.key, secret))
    .toSorted((a, b) => (rank(a) < rank(b) ? 1 : -1))[0];
};

const fieldOf = ({ at }: Named): string => `spec.tls[${at}].secretName`;

/** A Secret may be named for several lists of hosts; without a list it is for all hosts of the Ingress. */
const namedBy = (member: Member): readonly Named[] => {
  const { metadata, spec } = member.ingress;
  const bySecret = new Map<string, Named>();
  for (const [at, { secretName, hosts = [] }] of (spec?.tls ?? []).entries()) {
    if (!secretName) continue;
    const secret = `${metadata.namespace ?? 'default'}/${secretName}`;
    const earlier = bySecret.get(secret);
    const all = hosts.length > 0 ? hosts : tlsHosts(member);
    bySecret.set(secret, { at: earlier?.at ?? at, secret, hosts: [...(earlier?.hosts ?? []), ...all] });
  }
  return [...bySecret.values()];
};

/** `wrong` is undefined while nobody has looked yet. */
type Read = { readonly here: TlsCertificate } | { readonly wrong: string | undefined };

const readNamed = ({ secret }: Named, { context }: CertificatesInput): Read => {
  const seen = context.snapshot.secrets.get(secret);
  switch (seen?.is) {
    case undefined:
      return { wrong: undefined };
    case 'absent':
      return { wrong: 'does not exist; expected one of type kubernetes.io/tls' };
    case 'refused':
      return { wrong: `may not be read: ${seen.why}` };
    case 'here': {
      const read = readTlsSecret(seen.secret, context.facts.asOf);
      return 'wrong' in read ? read : { here: read };
    }
  }
};

const importOf = (
  { secret }: Named,
  { domains, keyAlgorithm, content, notAfter }: TlsCertificate,
  member: Member,
  input: CertificatesInput,
): ImportWish => ({
  wish: {
    resource: certificateOf(
      { origin: 'imported', domains, keyAlgorithm, secret, content, issued: true, notAfter },
      member,
      input,
    ),
    usable: true,
  },
  hosts: domains,
  content,
});

/** Served all the same: whoever connects without a name, or by another one, may still want it. */
const tellUncovered = (
  named: Named,
  { domains }: TlsCertificate,
  { id }: Member,
  { report }: CertificatesInput,
): void => {
  const bare = named.hosts.filter((host) => !domains.some((domain) => coversHost(domain, host, 'discover')));
  if (bare.length > 0)
    report(
      'TlsSecretUnusable',
      id,
      `${fieldOf(named)}: Secret ${named.secret} has a certificate for ${domains.join(', ')}, not for ${[...new Set(bare)].join(', ')}`,
    );
};
