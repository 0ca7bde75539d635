/** ACM as the endpoint serves it. */
import type { ServiceDoor } from '../service-door.ts';
import { door } from '../service-door.ts';
import type { Constraints } from '../wire/operation.ts';
import { certificateTagOperations } from './certificate-tags.ts';
import { certificateOperations } from './certificates.ts';

const TAG_TEXT = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u;

/** What AWS's ACM model says of members beyond their types. */
const CONSTRAINTS: Constraints = {
  'ImportCertificateRequest.Certificate': { min: 1, max: 32_768 },
  'ImportCertificateRequest.PrivateKey': { min: 1, max: 5120 },
  'ImportCertificateRequest.CertificateChain': { min: 1, max: 2_097_152 },
  'ImportCertificateRequest.Tags': { min: 1, max: 50 },
  'AddTagsToCertificateRequest.Tags': { min: 1, max: 50 },
  'RemoveTagsFromCertificateRequest.Tags': { min: 1, max: 50 },
  'Tag.Key': { min: 1, max: 128, pattern: TAG_TEXT },
  'Tag.Value': { min: 0, max: 256, pattern: TAG_TEXT },
};

export const ACM: ServiceDoor = door(
  {
    signingName: 'acm',
    protocol: 'json',
    version: '2015-12-08',
    target: 'CertificateManager',
    xmlNamespace: '',
    invalidCode: 'ValidationException',
    global: false,
  },
  (elb) => ({
    operations: { ...certificateOperations(elb), ...certificateTagOperations(elb.account) },
    constraints: CONSTRAINTS,
  }),
);
