/** Certificates that are made for a stack: imported from Secrets of `spec.tls`, or asked of ACM. */
import { PREFIX } from '../annotations/table.ts';
import { hostRefusal } from '../ingress-class/policy.ts';
import type { Actual } from '../model/actual.ts';
import type { Key } from '../model/key.ts';
import { INGRESS_TAG } from '../model/names.ts';
import type { Certificate, CertificatesInput, Wish } from './certificate-wishes.ts';
import { coversHost, tlsHosts } from './discovered-certificates.ts';
import { importsOf } from './imported-certificates.ts';
import type { Member } from './member.ts';
import { requestsOf } from './requested-certificates.ts';

/** What one Ingress has of them. */
export type OfMember = {
  /** Those its HTTPS listeners can use now; first come first. */
  readonly usable: readonly Key<'certificate'>[];
  /** Hosts that one of them is for, though perhaps not yet. */
  readonly hosts: readonly string[];
};

export type OwnCertificates = {
  readonly wanted: ReadonlyMap<Key, { readonly resource: Certificate; readonly owners: readonly string[] }>;
  readonly of: (member: string) => OfMember;
};

const NOTHING: OfMember = { usable: [], hosts: [] };

/** In the order of the members; of several that want the same one the first is named in its tags. */
export const ownCertificates = (input: CertificatesInput): OwnCertificates => {
  const wanted = new Map<Key, { readonly resource: Certificate; readonly owners: readonly string[] }>();
  const members = new Map<string, OfMember>();
  const contents = new Map<string, Key<'certificate'>>();
  for (const member of input.accepted) {
    const { wishes, hosts } = wishesOf(member, contents, input);
    for (const { resource } of wishes) {
      const earlier = wanted.get(resource.key);
      wanted.set(resource.key, {
        resource: earlier?.resource ?? resource,
        owners: [...(earlier?.owners ?? []), member.id],
      });
    }
    const usable = wishes.flatMap((wish) => (wish.usable ? [wish.resource.key] : []));
    members.set(member.id, { usable: [...new Set(usable)], hosts });
  }
  return { wanted, of: (member) => members.get(member) ?? NOTHING };
};

type Wishes = { readonly wishes: readonly Wish[]; readonly hosts: readonly string[] };

const wishesOf = (
  member: Member,
  contents: Map<string, Key<'certificate'>>,
  input: CertificatesInput,
): Wishes => {
  const mine = madeFor(member, input.actual);
  if (member.frozen) return { wishes: mine, hosts: mine.flatMap(({ resource }) => resource.spec.domains) };
  const asks = asksFor(member, input);
  if (!asks.import && !asks.request) return { wishes: [], hosts: [] };
  if (input.actual.certificatesUnseen) {
    const what = 'certificates of this cluster cannot be looked for, so none is made';
    const message = `${what}; expected permission for tag:GetResources, as in examples/iam-policy.json`;
    input.report('PermissionMissing', member.id, message);
    return { wishes: [], hosts: [] };
  }
  const imports = asks.import ? importsOf(member, mine, input) : [];
  const imported = imports.flatMap((it) => (it.wish ? [sameContent(it.wish, it.content, contents)] : []));
  const covered = imports.flatMap(({ hosts }) => hosts);
  const hosts = asks.request
    ? hostsToAskFor(member, mine, input).filter((host) => !isCovered(host, covered))
    : [];
  const requested = hosts.length > 0 ? requestsOf(member, hosts, input) : [];
  const waits = requested.some(({ usable }) => !usable);
  return {
    // What serves these hosts now serves them until the new one does.
    wishes: [...imported, ...requested, ...(waits ? mine.filter(({ usable }) => usable) : [])],
    // Also those that it may not have: nothing else stands in for them.
    hosts: asks.request ? [...covered, ...tlsHosts(member)] : covered,
  };
};

/**
 * A host that the class does not allow proves no domain, nor do the other names wait for it. What has a certificate keeps
 * it: a class that allows less takes nothing away.
 */
const hostsToAskFor = (
  member: Member,
  mine: readonly Wish[],
  { report }: CertificatesInput,
): readonly string[] => {
  const had = new Set(mine.flatMap(({ resource }) => resource.spec.domains));
  const ofRules = new Set((member.ingress.spec?.rules ?? []).map(({ host }) => host?.toLowerCase()));
  return tlsHosts(member).filter((host) => {
    const why = hostRefusal(host, member.policy);
    // Of a rule it has been told there.
    if (why !== undefined && !ofRules.has(host)) report('NotAllowed', member.id, `spec.tls: ${why}`);
    return why === undefined || had.has(host);
  });
};

const isCovered = (host: string, domains: readonly string[]): boolean =>
  domains.some((domain) => coversHost(domain, host, 'discover'));

type Asks = { readonly import: boolean; readonly request: boolean };

/** What has no HTTPS listener to serve it is not made. */
const asksFor = (member: Member, { settings, report }: CertificatesInput): Asks => {
  const { reading, id, ingress } = member;
  const says = (annotation: string, what: string): void =>
    report('UnknownAnnotation', id, `${PREFIX}${annotation}: ${what}`);
  const secure = settings.listeners.some((it) => it.protocol === 'HTTPS' && it.members.includes(id));
  const request = reading.settings['create-acm-cert'];
  if (reading.stated['acm-pca-arn'] !== undefined && !request)
    says('acm-pca-arn', 'has no effect without create-acm-cert');
  if (request && !secure) says('create-acm-cert', 'has no effect: listen-ports has no HTTPS port');
  const named = (reading.stated['certificate-arn'] ?? []).length > 0;
  if (request && named) says('create-acm-cert', 'has no effect beside certificate-arn; remove one of them');
  if (request && secure && !named && tlsHosts(member).length === 0)
    report(
      'CertificateUnusable',
      id,
      `${PREFIX}create-acm-cert: there is no host to ask a certificate for; expected one in spec.rules or spec.tls`,
    );
  const secrets = (ingress.spec?.tls ?? []).some(({ secretName }) => secretName);
  if (reading.stated['tls-secrets'] === 'import' && !secrets)
    says('tls-secrets', 'has no effect: spec.tls names no Secret');
  return {
    import: secure && secrets && reading.settings['tls-secrets'] === 'import',
    request: secure && request && !named,
  };
};

/** What AWS has that was made for an Ingress, as it is. What LBC made does not say for which. */
const madeFor = ({ id }: Member, { owned }: Actual): readonly Wish[] =>
  [...owned.values()].flatMap((it): readonly Wish[] =>
    it.kind === 'certificate' && (it.spec.tags[INGRESS_TAG] ?? id) === id
      ? [{ resource: it, usable: it.spec.issued, kept: true }]
      : [],
  );

/** Copies of one Secret in several namespaces are one certificate: a load balancer has room for few. */
const sameContent = (
  wish: Wish,
  content: string | undefined,
  contents: Map<string, Key<'certificate'>>,
): Wish => {
  if (content === undefined) return wish;
  const earlier = contents.get(content);
  if (earlier === undefined) {
    contents.set(content, wish.resource.key);
    return wish;
  }
  return { ...wish, resource: { ...wish.resource, key: earlier } };
};
