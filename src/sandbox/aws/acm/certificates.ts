/** Certificates, imported or requested. */
import type { X509Certificate } from 'node:crypto';
import type * as Sdk from '@aws-sdk/client-acm';
import type { CertificateDetail, CertificateSummary } from '@aws-sdk/client-acm';
import {
  DeleteCertificate$,
  DescribeCertificate$,
  ImportCertificate$,
  InvalidParameterException$,
  ListCertificates$,
  RequestCertificate$,
  ResourceInUseException$,
  ValidationException$,
} from '@aws-sdk/client-acm';
import type { Account } from '../account.ts';
import { arn } from '../account.ts';
import type { Elb } from '../elbv2/find.ts';
import type { StoredCertificate } from '../state.ts';
import { nextUuid } from '../uuid.ts';
import type { InputOf, Operations } from '../wire/operation.ts';
import { notServed, refuse } from '../wire/refusal.ts';
import { requestCertificate } from './certificate-request.ts';
import { newTags } from './certificate-tags.ts';
import { describeRequest } from './describe-request.ts';
import { certificateArnAt } from './find-certificate.ts';
import { checkAlgorithm, checkSuccession, checkTime, countImport } from './import-rules.ts';
import { checkChain, checkKey, domainsOf, keyAlgorithm, readCertificate } from './parse-certificate.ts';

export const certificateOperations = (elb: Elb): Operations<typeof Sdk> => ({
  ImportCertificate: { schema: ImportCertificate$, handle: (input) => importOne(elb.account, input) },
  DescribeCertificate: {
    schema: DescribeCertificate$,
    handle: ({ CertificateArn }) => ({
      Certificate: describeAny(elb, certificateArnAt(elb.account, CertificateArn)),
    }),
  },
  ListCertificates: { schema: ListCertificates$, handle: (input) => list(elb, input) },
  RequestCertificate: {
    schema: RequestCertificate$,
    handle: (input) => requestCertificate(elb.account, input),
  },
  DeleteCertificate: {
    schema: DeleteCertificate$,
    handle: ({ CertificateArn }) => {
      const own = certificateArnAt(elb.account, CertificateArn);
      const users = usersOf(elb, own);
      if (users.length > 0)
        throw refuse(
          ResourceInUseException$,
          `Certificate ${own} in account ${elb.account.id} is in use by ${users.join(', ')}.`,
        );
      elb.account.serving.certificates.delete(own);
      elb.account.certificateDetails.delete(own);
      elb.account.certificateRequests.delete(own);
      elb.account.tasks.delete(`issue/${own}`);
      return {};
    },
  },
});

const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString('utf8');

const importOne = (account: Account, input: InputOf<typeof Sdk, 'ImportCertificate'>) => {
  const [certificate, privateKey] = [text(input.Certificate), text(input.PrivateKey)];
  const chain = input.CertificateChain === undefined ? undefined : text(input.CertificateChain);
  const parsed = readCertificate(certificate);
  checkKey(privateKey, parsed);
  if (chain !== undefined) checkChain(chain, parsed);
  checkAlgorithm(parsed);
  checkTime(parsed);
  const again = input.CertificateArn;
  if (again !== undefined) {
    certificateArnAt(account, again);
    if (account.certificateRequests.has(again))
      throw refuse(ValidationException$, `Certificate ${again} was requested, not imported.`);
    if (input.Tags !== undefined)
      throw refuse(ValidationException$, 'Tagging is not permitted on re-import.');
    checkSuccession(account, again, parsed);
  }
  const tags =
    again === undefined ? newTags(account, input.Tags) : (account.certificateDetails.get(again)?.tags ?? {});
  countImport(account, again !== undefined);
  const certificateArn =
    again ??
    arn(account, 'acm', `certificate/${nextUuid(account, `certificate/${domainsOf(parsed).join(' ')}`)}`);
  account.serving.certificates.set(certificateArn, {
    arn: certificateArn,
    certificate,
    privateKey,
    chain,
    domains: domainsOf(parsed),
  });
  account.certificateDetails.set(certificateArn, { tags, importedAt: new Date(account.clock.now()) });
  return { CertificateArn: certificateArn };
};

/** ARNs of the load balancers whose listeners use a certificate. */
const usersOf = ({ account }: Elb, certificateArn: string): string[] => {
  const users = [...account.serving.listeners.values()].filter(
    ({ Certificates, extraCertificates }) =>
      Certificates?.some(({ CertificateArn }) => CertificateArn === certificateArn) ||
      extraCertificates.includes(certificateArn),
  );
  return [...new Set(users.map(({ LoadBalancerArn }) => LoadBalancerArn))];
};

const validity = (parsed: X509Certificate) => ({
  NotBefore: new Date(parsed.validFrom),
  NotAfter: new Date(parsed.validTo),
});

const statusOf = (parsed: X509Certificate) =>
  new Date(parsed.validTo).getTime() < Date.now() ? ('EXPIRED' as const) : ('ISSUED' as const);

const describe = (elb: Elb, stored: StoredCertificate) => {
  const parsed = readCertificate(stored.certificate);
  const importedAt = elb.account.certificateDetails.get(stored.arn)?.importedAt;
  return {
    CertificateArn: stored.arn,
    DomainName: stored.domains[0],
    SubjectAlternativeNames: [...stored.domains],
    Serial: parsed.serialNumber.toLowerCase().replace(/(..)(?=.)/g, '$1:'),
    Subject: parsed.subject.replaceAll('\n', ', '),
    Issuer: parsed.issuer.replaceAll('\n', ', '),
    ...(importedAt === undefined ? {} : { CreatedAt: importedAt, ImportedAt: importedAt }),
    Status: statusOf(parsed),
    ...validity(parsed),
    KeyAlgorithm: keyAlgorithm(parsed),
    InUseBy: usersOf(elb, stored.arn),
    Type: 'IMPORTED' as const,
    RenewalEligibility: 'INELIGIBLE' as const,
  };
};

const describeAny = (elb: Elb, own: string): CertificateDetail => {
  const stored = elb.account.serving.certificates.get(own);
  const request = elb.account.certificateRequests.get(own);
  const about = stored === undefined ? {} : describe(elb, stored);
  return request === undefined ? about : { ...about, ...describeRequest(elb.account, request) };
};

/** Those of ACM; the account's map also has IAM's. */
const allArns = ({ account }: Elb): string[] => [
  ...new Set([
    ...account.certificateRequests.keys(),
    ...[...account.serving.certificates.keys()].filter((own) => own.includes(':acm:')),
  ]),
];

const list = (elb: Elb, input: InputOf<typeof Sdk, 'ListCertificates'>) => {
  const { keyTypes, ...others } = input.Includes ?? {};
  const used =
    Object.keys(others)[0] ??
    (input.CertificateKeyPairOrigins === undefined ? undefined : 'CertificateKeyPairOrigins');
  if (used !== undefined) throw notServed(`the filter '${used}' of ListCertificates`);
  /** AWS lists only these unless others are asked for. */
  const wanted: readonly (string | undefined)[] = keyTypes ?? ['RSA_1024', 'RSA_2048'];
  const all = allArns(elb)
    .map((own) => describeAny(elb, own))
    .filter(
      ({ KeyAlgorithm, Status = 'ISSUED' }) =>
        wanted.includes(KeyAlgorithm) && (input.CertificateStatuses?.includes(Status) ?? true),
    )
    .sort((a, b) => order(a, b, input.SortOrder === 'DESCENDING' ? -1 : 1));
  const size = input.MaxItems ?? 1000;
  if (size < 1 || size > 1000)
    throw refuse(ValidationException$, `MaxItems '${size}' must be between 1 and 1000`);
  const start = input.NextToken === undefined ? 0 : offsetOf(input.NextToken);
  return {
    CertificateSummaryList: all.slice(start, start + size).map(summary),
    ...(all.length > start + size ? { NextToken: Buffer.from(`v1:${start + size}`).toString('base64') } : {}),
  };
};

const summary = (detail: CertificateDetail): CertificateSummary => {
  const { SubjectAlternativeNames: names = [], InUseBy, ...rest } = detail;
  return {
    CertificateArn: rest.CertificateArn,
    DomainName: rest.DomainName,
    Status: rest.Status,
    Type: rest.Type,
    KeyAlgorithm: rest.KeyAlgorithm,
    RenewalEligibility: rest.RenewalEligibility,
    NotBefore: rest.NotBefore,
    NotAfter: rest.NotAfter,
    CreatedAt: rest.CreatedAt,
    IssuedAt: rest.IssuedAt,
    ImportedAt: rest.ImportedAt,
    SubjectAlternativeNameSummaries: names.slice(0, 100),
    HasAdditionalSubjectAlternativeNames: names.length > 100,
    InUse: (InUseBy ?? []).length > 0,
    Exported: false,
  };
};

const order = (a: CertificateDetail, b: CertificateDetail, sign: 1 | -1): number => {
  const [x, y] = [a.CreatedAt?.getTime() ?? 0, b.CreatedAt?.getTime() ?? 0];
  return sign * (x === y ? ((a.CertificateArn ?? '') < (b.CertificateArn ?? '') ? -1 : 1) : x - y);
};

const offsetOf = (token: string): number => {
  const found = /^v1:(\d+)$/.exec(Buffer.from(token, 'base64').toString());
  if (found === null)
    throw refuse(InvalidParameterException$, `The token '${token}' is not one this API returned`);
  return Number(found[1]);
};
