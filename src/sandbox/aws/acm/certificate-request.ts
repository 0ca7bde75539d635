/** Certificates that ACM is asked for: validated by CNAME records in the sandbox's Route 53, then issued. */
import { createHash } from 'node:crypto';
import type * as Sdk from '@aws-sdk/client-acm';
import {
  InvalidArnException$,
  InvalidDomainValidationOptionsException$,
  InvalidParameterException$,
  LimitExceededException$,
} from '@aws-sdk/client-acm';
import type { Account } from '../account.ts';
import { arn } from '../account.ts';
import type { CertificateRequest } from '../details.ts';
import { storedName } from '../route53/names.ts';
import { schedule } from '../schedule.ts';
import { nextUuid } from '../uuid.ts';
import type { InputOf } from '../wire/operation.ts';
import { notServed, refuse } from '../wire/refusal.ts';
import { newTags } from './certificate-tags.ts';
import { makeCertificate } from './make-certificate.ts';

const DOMAIN = /^(\*\.)?(((?!-)[A-Za-z0-9-]{0,62}[A-Za-z0-9])\.)+((?!-)[A-Za-z0-9-]{1,62}[A-Za-z0-9])$/;
/** How long the same token gives the same certificate. */
const TOKEN_LIFE = 3_600_000;

export const requestCertificate = (account: Account, input: InputOf<typeof Sdk, 'RequestCertificate'>) => {
  const domains = [...new Set([input.DomainName, ...(input.SubjectAlternativeNames ?? [])])];
  check(account, input, domains);
  const now = account.clock.now();
  const again = [...account.certificateRequests.values()].find(
    (one) =>
      one.token !== undefined &&
      one.token === input.IdempotencyToken &&
      one.domains.join() === domains.join() &&
      one.createdAt.getTime() > now - TOKEN_LIFE,
  );
  if (again !== undefined) return { CertificateArn: again.arn };
  const tags = newTags(account, input.Tags);
  const request: CertificateRequest = {
    arn: arn(account, 'acm', `certificate/${nextUuid(account, `certificate-request/${domains.join(' ')}`)}`),
    domains,
    keyAlgorithm: input.KeyAlgorithm === 'EC_prime256v1' ? 'EC_prime256v1' : 'RSA_2048',
    authority: input.CertificateAuthorityArn,
    token: input.IdempotencyToken,
    createdAt: new Date(now),
    issuedAt: undefined,
  };
  account.certificateRequests.set(request.arn, request);
  account.certificateDetails.set(request.arn, { tags, importedAt: request.createdAt });
  return { CertificateArn: request.arn };
};

/** The common name of X.509 (RFC 5280). */
const LONGEST_FIRST = 64;

const check = (
  account: Account,
  input: InputOf<typeof Sdk, 'RequestCertificate'>,
  domains: readonly string[],
): void => {
  const { CertificateAuthorityArn: authority } = input;
  if (authority === undefined && input.ValidationMethod !== 'DNS')
    throw notServed(`validation by ${input.ValidationMethod ?? 'EMAIL, the default'}; use DNS`);
  if (authority !== undefined && !authority.startsWith(`arn:aws:acm-pca:${account.region}:`))
    throw refuse(InvalidArnException$, `'${authority}' is no certificate authority of ${account.region}`);
  if (input.ManagedBy !== undefined) throw notServed(`certificates managed by ${input.ManagedBy}`);
  if (input.Options?.Export === 'ENABLED') throw notServed('certificates that can be exported');
  if (!['RSA_2048', 'EC_prime256v1', undefined].includes(input.KeyAlgorithm))
    throw notServed(`keys of type ${input.KeyAlgorithm}; RSA_2048 and EC_prime256v1 are`);
  for (const domain of domains)
    if (!DOMAIN.test(domain) || domain.length > 253)
      throw refuse(InvalidParameterException$, `'${domain}' is not a valid domain name`);
  if ((input.DomainName ?? '').length > LONGEST_FIRST)
    throw refuse(
      InvalidParameterException$,
      `The first domain name can be no longer than ${LONGEST_FIRST} characters.`,
    );
  for (const { DomainName = '', ValidationDomain = '' } of input.DomainValidationOptions ?? [])
    if (!domains.includes(DomainName) || !`.${DomainName}`.endsWith(`.${ValidationDomain}`))
      throw refuse(
        InvalidDomainValidationOptionsException$,
        `The validation domain '${ValidationDomain}' is not a superdomain of a name of the certificate, '${DomainName}'`,
      );
  const most = account.facts.namesPerCertificate;
  if (domains.length > most)
    throw refuse(
      LimitExceededException$,
      `Cannot request more than ${most} domain names for account ${account.id}`,
    );
};

/** The record that proves who has a domain; a wildcard needs that of the name it stands under. */
export const validationRecord = (account: Account, domain: string) => {
  const base = domain.replace(/^\*\./, '').toLowerCase();
  const digest = createHash('sha256').update(`${account.id} ${base}`).digest('hex');
  return {
    Name: `_${digest.slice(0, 32)}.${base}.`,
    Type: 'CNAME' as const,
    Value: `_${digest.slice(32)}.acm-validations.aws.`,
  };
};

/** Whether the record of a domain stands in a public zone of the account that has the zones. */
const isValidated = (zones: Account, account: Account, domain: string): boolean => {
  const { Name, Value } = validationRecord(account, domain);
  return [...zones.serving.zones.values()].some(({ zone, records }) => {
    if (zone.Config?.PrivateZone === true) return false;
    const found = records.get(`${storedName(Name)}|CNAME|`)?.ResourceRecords?.[0]?.Value;
    return found !== undefined && storedName(found) === storedName(Value);
  });
};

/** Whether ACM has given up waiting for its records. */
export const isTooLate = (
  account: Account,
  { createdAt, issuedAt, authority }: CertificateRequest,
): boolean =>
  issuedAt === undefined &&
  authority === undefined &&
  account.clock.now() > createdAt.getTime() + account.facts.certificateValidationSeconds * 1000;

/** Plans the issue of every certificate whose names are all proven; to be called when requests or records change. */
export const validateRequests = (account: Account, zones: Account): void => {
  for (const request of account.certificateRequests.values()) {
    const { arn: certificate, domains, authority } = request;
    const key = `issue/${certificate}`;
    if (request.issuedAt !== undefined || account.tasks.has(key) || isTooLate(account, request)) continue;
    if (authority === undefined && !domains.every((domain) => isValidated(zones, account, domain))) continue;
    const at = account.clock.now() + account.facts.certificateIssueSeconds * 1000;
    schedule(account, key, { kind: 'issue', certificate, at });
  }
};

/** Gives a request its certificate, self-signed: there is nobody on this machine whom browsers would believe. */
export const issueCertificate = (account: Account, certificateArn: string): void => {
  const request = account.certificateRequests.get(certificateArn);
  if (request === undefined) return;
  const pem = makeCertificate({
    names: request.domains,
    ...(request.keyAlgorithm === 'RSA_2048' ? { rsaBits: 2048 } : {}),
  });
  request.issuedAt = new Date(account.clock.now());
  account.serving.certificates.set(certificateArn, {
    arn: certificateArn,
    certificate: pem.certificate,
    privateKey: pem.privateKey,
    chain: undefined,
    domains: request.domains,
  });
};
