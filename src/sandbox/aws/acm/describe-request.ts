/** A requested certificate as ACM describes it. */
import type { CertificateDetail } from '@aws-sdk/client-acm';
import type { Account } from '../account.ts';
import type { CertificateRequest } from '../details.ts';
import { isTooLate, validationRecord } from './certificate-request.ts';

export const describeRequest = (account: Account, request: CertificateRequest): CertificateDetail => {
  const { domains, issuedAt, createdAt, keyAlgorithm, authority } = request;
  const waiting = isTooLate(account, request) ? 'VALIDATION_TIMED_OUT' : 'PENDING_VALIDATION';
  return {
    CertificateArn: request.arn,
    DomainName: domains[0],
    SubjectAlternativeNames: [...domains],
    CreatedAt: createdAt,
    /** What an imported certificate has here is not for requested ones. */
    ImportedAt: undefined,
    ...(issuedAt === undefined ? { InUseBy: [] } : { IssuedAt: issuedAt }),
    Status: issuedAt === undefined ? waiting : 'ISSUED',
    Type: authority === undefined ? 'AMAZON_ISSUED' : 'PRIVATE',
    ...(authority !== undefined && { CertificateAuthorityArn: authority }),
    KeyAlgorithm: keyAlgorithm,
    RenewalEligibility: issuedAt === undefined ? 'INELIGIBLE' : 'ELIGIBLE',
    Options: { CertificateTransparencyLoggingPreference: 'ENABLED' },
    ...(authority === undefined && { DomainValidationOptions: validationOf(account, request) }),
  };
};

const validationOf = (account: Account, { domains, issuedAt }: CertificateRequest) =>
  domains.map((domain) => ({
    DomainName: domain,
    ValidationDomain: domain,
    ValidationStatus: issuedAt === undefined ? ('PENDING_VALIDATION' as const) : ('SUCCESS' as const),
    ValidationMethod: 'DNS' as const,
    ResourceRecord: validationRecord(account, domain),
  }));
