import { createSecureContext, type SecureContext, type SecureVersion } from 'node:tls';
import type { ServingState, StoredCertificate, StoredListener } from '../aws/state.ts';
import type { ClientAuthentication } from './mtls/client-authentication.ts';

/** The certificates of an HTTPS listener, ready for handshakes. */
export type TlsContexts = {
  /** For clients without SNI and names that no certificate covers. Undefined when the certificate is not in the state. */
  readonly fallback: TlsIdentity | undefined;
  pick(serverName: string): TlsIdentity | undefined;
};

export type TlsIdentity = {
  readonly arn: string;
  readonly options: TlsOptions;
  readonly context: SecureContext;
};

type TlsOptions = {
  readonly cert: string;
  readonly key: string;
  readonly minVersion: SecureVersion;
  readonly maxVersion: SecureVersion;
} & Partial<ClientAuthentication['tls']>;

/**
 * By AWS documentation the default certificate serves when no other fits; an exact name is preferred over a wildcard,
 * whose `*` stands for one label. A certificate that OpenSSL refuses is reported through `log` and never shown.
 */
export const tlsContexts = (
  state: ServingState,
  listener: StoredListener,
  clients: ClientAuthentication | undefined,
  log: (message: string) => void,
): TlsContexts => {
  const arns = [listener.Certificates?.[0]?.CertificateArn, ...listener.extraCertificates];
  const stored = arns.flatMap((arn) => state.certificates.get(arn ?? '') ?? []);
  const of = clients === undefined ? identityOf : identityFor(clients);
  const identity = (certificate: StoredCertificate | undefined): TlsIdentity | undefined =>
    certificate === undefined ? undefined : of(certificate, listener.SslPolicy ?? '', log);
  const main = state.certificates.get(arns[0] ?? '');
  return {
    fallback: identity(main),
    pick: (serverName) => {
      const name = serverName.toLowerCase();
      const exact = stored.find((each) => each.domains.some((domain) => domain.toLowerCase() === name));
      const covering = stored.find((each) => each.domains.some((domain) => wildcardCovers(domain, name)));
      return identity(exact ?? covering ?? main);
    },
  };
};

/** By certificate and policy: making a context is dear, and both are the same objects from change to change. */
const identities = new WeakMap<StoredCertificate, Map<string, TlsIdentity | undefined>>();

const identityOf = (
  certificate: StoredCertificate,
  policy: string,
  log: (message: string) => void,
): TlsIdentity | undefined => {
  const known = identities.get(certificate) ?? new Map<string, TlsIdentity | undefined>();
  identities.set(certificate, known);
  if (!known.has(policy)) known.set(policy, makeIdentity(certificate, policy, log));
  return known.get(policy);
};

/** With mutual TLS a context belongs to its listener; it is made once per change and certificate. */
const identityFor = (clients: ClientAuthentication): typeof identityOf => {
  const made = new Map<StoredCertificate, TlsIdentity | undefined>();
  return (certificate, policy, log) => {
    if (!made.has(certificate)) made.set(certificate, makeIdentity(certificate, policy, log, clients));
    return made.get(certificate);
  };
};

const makeIdentity = (
  certificate: StoredCertificate,
  policy: string,
  log: (message: string) => void,
  clients?: ClientAuthentication,
): TlsIdentity | undefined => {
  const cert = [certificate.certificate, certificate.chain ?? ''].join('\n');
  const options = { cert, key: certificate.privateKey, ...protocolVersions(policy), ...clients?.tls };
  try {
    return { arn: certificate.arn, options, context: createSecureContext(options) };
  } catch (error) {
    log(`certificate ${certificate.arn} cannot be served: ${error instanceof Error ? error.message : error}`);
    return undefined;
  }
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
