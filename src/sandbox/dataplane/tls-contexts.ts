import { createSecureContext, type SecureContext, type SecureVersion } from 'node:tls';
import type { ServingState, StoredCertificate, StoredListener } from '../aws/state.ts';

/** The certificates of an HTTPS listener, ready for handshakes. */
export type TlsContexts = {
  /** For clients without SNI and names that no certificate covers. Undefined when the certificate is not in the state. */
  readonly fallback: TlsIdentity | undefined;
  pick(serverName: string): TlsIdentity | undefined;
};

type TlsIdentity = {
  readonly arn: string;
  readonly options: TlsOptions;
  readonly context: SecureContext;
};

type TlsOptions = {
  readonly cert: string;
  readonly key: string;
  readonly minVersion: SecureVersion;
  readonly maxVersion: SecureVersion;
};

/**
 * Contexts are made once per certificate. By AWS documentation the default certificate serves when no other fits; an
 * exact name is preferred over a wildcard, whose `*` stands for one label.
 */
export const tlsContexts = (state: ServingState, listener: StoredListener): TlsContexts => {
  const arns = [listener.Certificates?.[0]?.CertificateArn, ...listener.extraCertificates];
  const stored = arns.flatMap((arn) => state.certificates.get(arn ?? '') ?? []);
  const versions = protocolVersions(listener.SslPolicy ?? '');
  const identities = new Map<string, TlsIdentity>();
  const identity = (certificate: StoredCertificate): TlsIdentity => {
    const known = identities.get(certificate.arn);
    if (known !== undefined) return known;
    const made = makeIdentity(certificate, versions);
    identities.set(certificate.arn, made);
    return made;
  };
  const main = state.certificates.get(arns[0] ?? '');
  return {
    fallback: main === undefined ? undefined : identity(main),
    pick: (serverName) => {
      const name = serverName.toLowerCase();
      const exact = stored.find((each) => each.domains.some((domain) => domain.toLowerCase() === name));
      const found =
        exact ?? stored.find((each) => each.domains.some((domain) => wildcardCovers(domain, name))) ?? main;
      return found === undefined ? undefined : identity(found);
    },
  };
};

const makeIdentity = (
  certificate: StoredCertificate,
  versions: Pick<TlsOptions, 'minVersion' | 'maxVersion'>,
): TlsIdentity => {
  const cert = [certificate.certificate, certificate.chain ?? ''].join('\n');
  const options = { cert, key: certificate.privateKey, ...versions };
  return { arn: certificate.arn, options, context: createSecureContext(options) };
};

const wildcardCovers = (domain: string, name: string): boolean =>
  domain.startsWith('*.') && name.slice(name.indexOf('.') + 1) === domain.slice(2).toLowerCase();

/** Protocol versions of a security policy, which AWS puts into its name. Ciphers are left to OpenSSL. */
const protocolVersions = (policy: string): Pick<TlsOptions, 'minVersion' | 'maxVersion'> => {
  const maxVersion = policy.includes('TLS13') ? 'TLSv1.3' : 'TLSv1.2';
  if (policy.includes('TLS13-1-3')) return { minVersion: 'TLSv1.3', maxVersion };
  if (/-1-2(-|$)/.test(policy)) return { minVersion: 'TLSv1.2', maxVersion };
  return { minVersion: /-1-1(-|$)/.test(policy) ? 'TLSv1.1' : 'TLSv1', maxVersion };
};
