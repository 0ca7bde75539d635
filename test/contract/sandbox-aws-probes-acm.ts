/** Certificates and the caller's identity. */
import assert from 'node:assert/strict';
import {
  AddTagsToCertificateCommand,
  DeleteCertificateCommand,
  DescribeCertificateCommand,
  RequestCertificateCommand,
} from '@aws-sdk/client-acm';
import { makeCertificate } from '../../src/sandbox/aws/acm/make-certificate.ts';
import { ACCEPTED, importing, type Probe, secure } from './sandbox-aws-world.ts';

const SHOP = makeCertificate({ names: ['shop.example.com', '*.shop.example.com'] });
const OTHER = makeCertificate({ names: ['other.example.com'] });
const NONE = 'arn:aws:acm:us-west-1:123456789012:certificate/none';

export const CERTIFICATES: readonly Probe[] = [
  [
    'a certificate that is none',
    'ValidationException',
    (w) => importing(w, { ...SHOP, certificate: 'x' }),
    /no PEM/,
  ],
  [
    'two certificates',
    'ValidationException',
    (w) => importing(w, { ...SHOP, certificate: SHOP.certificate + OTHER.certificate }),
    /more than one/,
  ],
  [
    'a key that is none',
    'ValidationException',
    (w) => importing(w, { ...SHOP, privateKey: 'x' }),
    /private key is not valid/,
  ],
  [
    'the key of another certificate',
    'ValidationException',
    (w) => importing(w, { ...SHOP, privateKey: OTHER.privateKey }),
    /does not match/,
  ],
  [
    'the chain of another certificate',
    'ValidationException',
    (w) => importing(w, SHOP, { CertificateChain: Buffer.from(OTHER.certificate) }),
    /not issued by/,
  ],
  [
    'an expired certificate',
    'ValidationException',
    (w) => importing(w, makeCertificate({ names: ['a.example.com'], expired: true })),
    /expired/,
  ],
  [
    'a certificate that is not valid yet',
    'ValidationException',
    (w) => importing(w, makeCertificate({ names: ['a.example.com'], early: true })),
    /not valid before/,
  ],
  [
    'a key of another kind over one that is there',
    'ValidationException',
    async (w) => {
      const { CertificateArn } = await importing(w, SHOP);
      return importing(w, makeCertificate({ names: ['shop.example.com'], rsaBits: 2048 }), {
        CertificateArn,
      });
    },
    /RSA_2048.*EC_prime256v1/,
  ],
  [
    'other names alone over one that is there',
    'ValidationException',
    async (w) => {
      const { CertificateArn } = await importing(w, SHOP);
      return importing(w, OTHER, { CertificateArn });
    },
    /no domain name/,
  ],
  [
    'fewer usages over one that is there',
    'ValidationException',
    async (w) => {
      const { CertificateArn } = await importing(
        w,
        makeCertificate({ names: ['shop.example.com'], forServers: true }),
      );
      return importing(w, SHOP, { CertificateArn });
    },
    /key usages/,
  ],
  [
    'tags with an import over one that is there',
    'ValidationException',
    async (w) => {
      const { CertificateArn } = await importing(w, SHOP);
      return importing(w, SHOP, { CertificateArn, Tags: [{ Key: 'a', Value: 'b' }] });
    },
    /Tagging/,
  ],
  [
    'importing over one that was requested',
    'ValidationException',
    async (w) => {
      const { CertificateArn } = await w.acm.send(
        new RequestCertificateCommand({ DomainName: 'shop.example.com', ValidationMethod: 'DNS' }),
      );
      return importing(w, SHOP, { CertificateArn });
    },
    /requested, not imported/,
  ],
  [
    'a request to an authority of another Region',
    'InvalidArnException',
    (w) =>
      w.acm.send(
        new RequestCertificateCommand({
          DomainName: 'a.example.com',
          CertificateAuthorityArn: 'arn:aws:acm-pca:sa-east-1:123456789012:certificate-authority/1',
        }),
      ),
  ],
  [
    'more imports than the quota',
    'LimitExceededException',
    async (w) => {
      await importing(w, OTHER);
      return importing(w, SHOP);
    },
    /maximum number of imported certificates: 1/,
    { facts: { importedCertificates: 1 } },
  ],
  [
    'more imports in a year than the quota',
    'LimitExceededException',
    async (w) => {
      const { CertificateArn } = await importing(w, SHOP);
      return importing(w, SHOP, { CertificateArn });
    },
    /last 365 days: 1/,
    { facts: { certificateImportsPerYear: 1 } },
  ],
  [
    'a request that was never validated',
    ACCEPTED,
    async (w) => {
      const { CertificateArn } = await w.acm.send(
        new RequestCertificateCommand({ DomainName: 'shop.example.com', ValidationMethod: 'DNS' }),
      );
      w.aws.clock.advance(73 * 3_600_000);
      const { Certificate } = await w.acm.send(new DescribeCertificateCommand({ CertificateArn }));
      assert.equal(Certificate?.Status, 'VALIDATION_TIMED_OUT');
    },
  ],
  [
    'importing over an unknown one',
    'ResourceNotFoundException',
    (w) => importing(w, SHOP, { CertificateArn: NONE }),
  ],
  [
    'an unknown certificate',
    'ResourceNotFoundException',
    (w) => w.acm.send(new DescribeCertificateCommand({ CertificateArn: NONE })),
  ],
  [
    'an ARN that is none',
    'InvalidArnException',
    (w) => w.acm.send(new DescribeCertificateCommand({ CertificateArn: 'certificate/none' })),
  ],
  [
    'a request for what is no domain name',
    'InvalidParameterException',
    (w) => w.acm.send(new RequestCertificateCommand({ DomainName: 'a..b', ValidationMethod: 'DNS' })),
  ],
  [
    'a request whose first name is too long',
    'InvalidParameterException',
    (w) =>
      w.acm.send(
        new RequestCertificateCommand({
          DomainName: `${'a'.repeat(53)}.example.com`,
          ValidationMethod: 'DNS',
        }),
      ),
    /no longer than 64/,
  ],
  [
    'a request for eleven names',
    'LimitExceededException',
    (w) =>
      w.acm.send(
        new RequestCertificateCommand({
          DomainName: 'a.example.com',
          ValidationMethod: 'DNS',
          SubjectAlternativeNames: Array.from({ length: 10 }, (_, i) => `a${i}.example.com`),
        }),
      ),
  ],
  [
    'a certificate validated by mail',
    'NotImplemented',
    (w) => w.acm.send(new RequestCertificateCommand({ DomainName: 'a.example.com' })),
    /EMAIL/,
  ],
  [
    'a tag of AWS',
    'InvalidTagException',
    async (w) =>
      w.acm.send(
        new AddTagsToCertificateCommand({
          CertificateArn: await w.certificate(['a.example.com']),
          Tags: [{ Key: 'aws:x' }],
        }),
      ),
  ],
  [
    'deleting one in use',
    'ResourceInUseException',
    async (w) => {
      const CertificateArn = await w.certificate(['a.example.com']);
      await secure(w, CertificateArn);
      return w.acm.send(new DeleteCertificateCommand({ CertificateArn }));
    },
    /in use/,
  ],
];
