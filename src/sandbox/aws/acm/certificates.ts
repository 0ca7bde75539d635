/** Imported certificates. */
import type { X509Certificate } from 'node:crypto';
import type * as Sdk from '@aws-sdk/client-acm';
import {
  DeleteCertificate$,
  DescribeCertificate$,
  ImportCertificate$,
  InvalidParameterException$,
  ListCertificates$,
  ResourceInUseException$,
  ValidationException$,
} from '@aws-sdk/client-acm';
import type { Account } from '../account.ts';
import { arn, nextId } from '../account.ts';
import type { Elb } from '../elbv2/find.ts';
import type { StoredCertificate } from '../state.ts';
import type { InputOf, Operations } from '../wire/operation.ts';
import { notServed, refuse } from '../wire/refusal.ts';
import { newTags } from './certificate-tags.ts';
import { certificateAt } from './find-certificate.ts';
import { checkChain, checkKey, domainsOf, keyAlgorithm, readCertificate } from './parse-certificate.ts';

export const certificateOperations = (elb: Elb): Operations<typeof Sdk> => ({
  ImportCertificate: { schema: ImportCertificate$, handle: (input) => importOne(elb.account, input) },
  DescribeCertificate: {
    schema: DescribeCertificate$,
    handle: ({ CertificateArn }) => ({
      Certificate: describe(elb, certificateAt(elb.account, CertificateArn)),
    }),
  },
  ListCertificates: { schema: ListCertificates$, handle: (input) => list(elb, input) },
  DeleteCertificate: {
    schema: DeleteCertificate$,
    handle: ({ CertificateArn }) => {
      const stored = certificateAt(elb.account, CertificateArn);
      const users = usersOf(elb, stored.arn);
      if (users.length > 0)
        throw refuse(
          ResourceInUseException$,
          `Certificate ${stored.arn} in account ${elb.account.id} is in use by ${users.join(', ')}.`,
        );
      elb.account.serving.certificates.delete(stored.arn);
      elb.account.certificateDetails.delete(stored.arn);
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
  if (new Date(parsed.validTo).getTime() < Date.now())
    throw refuse(ValidationException$, `The certificate has expired on ${parsed.validTo}.`);
  const again = input.CertificateArn;
  if (again !== undefined) {
    certificateAt(account, again);
    if (input.Tags !== undefined)
      throw refuse(ValidationException$, 'Tagging is not permitted on re-import.');
  }
  const tags =
    again === undefined ? newTags(account, input.Tags) : (account.certificateDetails.get(again)?.tags ?? {});
  const certificateArn = again ?? arn(account, 'acm', `certificate/${uuid(account, domainsOf(parsed))}`);
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

/** In the shape of a UUID, but the same for the same import into the same account. */
const uuid = (account: Account, domains: readonly string[]): string => {
  const hex = nextId(account, `certificate/${domains.join(' ')}`, 32);
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
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

const list = (elb: Elb, input: InputOf<typeof Sdk, 'ListCertificates'>) => {
  const { keyTypes, ...others } = input.Includes ?? {};
  const used =
    Object.keys(others)[0] ??
    (input.CertificateKeyPairOrigins === undefined ? undefined : 'CertificateKeyPairOrigins');
  if (used !== undefined) throw notServed(`the filter '${used}' of ListCertificates`);
  /** AWS lists only these unless others are asked for. */
  const wanted: readonly (string | undefined)[] = keyTypes ?? ['RSA_1024', 'RSA_2048'];
  const all = [...elb.account.serving.certificates.values()]
    .map((stored) => describe(elb, stored))
    .filter(
      ({ KeyAlgorithm, Status }) =>
        wanted.includes(KeyAlgorithm) && (input.CertificateStatuses?.includes(Status) ?? true),
    )
    .sort((a, b) => order(a, b, input.SortOrder === 'DESCENDING' ? -1 : 1));
  const size = input.MaxItems ?? 1000;
  if (size < 1 || size > 1000)
    throw refuse(ValidationException$, `MaxItems '${size}' must be between 1 and 1000`);
  const start = input.NextToken === undefined ? 0 : offsetOf(input.NextToken);
  return {
    CertificateSummaryList: all
      .slice(start, start + size)
      .map(({ SubjectAlternativeNames: names, Serial: _, Subject: __, Issuer: ___, InUseBy, ...rest }) => ({
        ...rest,
        SubjectAlternativeNameSummaries: names.slice(0, 100),
        HasAdditionalSubjectAlternativeNames: names.length > 100,
        InUse: InUseBy.length > 0,
        Exported: false,
      })),
    ...(all.length > start + size ? { NextToken: Buffer.from(`v1:${start + size}`).toString('base64') } : {}),
  };
};

type Dated = { readonly CreatedAt?: Date; readonly CertificateArn: string };

const order = (a: Dated, b: Dated, sign: 1 | -1): number => {
  const [x, y] = [a.CreatedAt?.getTime() ?? 0, b.CreatedAt?.getTime() ?? 0];
  return sign * (x === y ? (a.CertificateArn < b.CertificateArn ? -1 : 1) : x - y);
};

const offsetOf = (token: string): number => {
  const found = /^v1:(\d+)$/.exec(Buffer.from(token, 'base64').toString());
  if (found === null)
    throw refuse(InvalidParameterException$, `The token '${token}' is not one this API returned`);
  return Number(found[1]);
};
