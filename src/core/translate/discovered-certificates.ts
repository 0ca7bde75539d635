/** Certificates of ACM for the hosts of an Ingress that names none. */
import type { Certificate } from '../model/facts.ts';
import type { CertificateDiscovery } from './defaults.ts';
import type { Member } from './member.ts';

export type Discovered = {
  /** ARNs, sorted. */
  readonly certificates: readonly string[];
  /** Hosts that no issued certificate covers. */
  readonly bare: readonly string[];
};

/** Whether a name in a certificate covers a host: the same name, or a wildcard for its first label. */
export const coversHost = (domain: string, host: string, how: CertificateDiscovery): boolean => {
  const [name, wanted] = [domain.toLowerCase(), host.toLowerCase()];
  if (name === wanted) return true;
  return how === 'discover' && name.startsWith('*.') && name.slice(1) === wanted.slice(wanted.indexOf('.'));
};

/** Hosts of rules and of `spec.tls`. */
export const tlsHosts = ({ ingress }: Member): readonly string[] => {
  const ofRules = (ingress.spec?.rules ?? []).flatMap((rule) => rule.host ?? []);
  const ofTls = (ingress.spec?.tls ?? []).flatMap((tls) => tls.hosts ?? []);
  return [...new Set([...ofRules, ...ofTls].map((host) => host.toLowerCase()))].filter((host) => host !== '');
};

/** Every certificate that covers a host, as LBC has it: the load balancer picks what the client understands. */
export const discoverFor = (
  hosts: readonly string[],
  known: readonly Certificate[],
  how: CertificateDiscovery,
): Discovered => {
  const issued = known.filter(({ status }) => status === 'ISSUED');
  const covering = (host: string): readonly Certificate[] =>
    issued.filter(({ domains }) => domains.some((domain) => coversHost(domain, host, how)));
  return {
    certificates: [...new Set(hosts.flatMap(covering).map(({ arn }) => arn))].sort(),
    bare: hosts.filter((host) => covering(host).length === 0),
  };
};
