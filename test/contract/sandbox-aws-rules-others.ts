/** AWS's rules about ACM, WAF, Shield, tagging, IAM, Cognito. */
import type { Section } from './sandbox-aws-rule.ts';

export const OTHERS: Section = {
  title: 'ACM, WAF, Shield, tagging, IAM, Cognito',
  areas: [
    'ACM certificates',
    'WAF web ACLs',
    'Shield protections',
    'Tagging resources',
    'IAM server certificates',
    'Cognito user pools',
  ],
  rules: [
    [
      'Imports: one certificate, its key, its chain, valid now.',
      'ValidationException',
      'docs',
      [
        'a certificate that is none',
        'two certificates',
        'a key that is none',
        'the key of another certificate',
        'the chain of another certificate',
        'an expired certificate',
        'a certificate that is not valid yet',
      ],
    ],
    [
      'Imports over one that is there: the same kind of key, at least one name, all its usages, no tags. (Usages of the key itself are not compared, extended ones are.)',
      'ValidationException',
      'docs',
      [
        'a key of another kind over one that is there',
        'other names alone over one that is there',
        'fewer usages over one that is there',
        'tags with an import over one that is there',
        'importing over one that was requested',
      ],
    ],
    [
      'Quotas of imports, in all and over 365 days (facts `importedCertificates`, `certificateImportsPerYear`; whether imports over one that is there count is not documented: `reimportsCount`).',
      'LimitExceededException',
      'docs',
      ['more imports than the quota', 'more imports in a year than the quota'],
    ],
    [
      'Certificates that are unknown or in use.',
      'ResourceNotFoundException, InvalidArnException, ResourceInUseException',
      'model',
      [
        'importing over an unknown one',
        'an unknown certificate',
        'an ARN that is none',
        'deleting one in use',
      ],
    ],
    [
      'Requests: domain names, ten of them; issued once all CNAME records stand in Route 53 (fact `certificateIssueSeconds`).',
      'InvalidParameterException, LimitExceededException',
      'docs',
      ['a request for what is no domain name', 'a request for eleven names'],
    ],
    [
      'Private authorities: any of the Region is believed to exist, and issues without validation.',
      'InvalidArnException',
      'docs',
      ['a request to an authority of another Region'],
    ],
    ['Validation by mail, export.', 'NotImplemented', 'docs', ['a certificate validated by mail']],
    [
      'Requests end after 72 hours without validation (fact `certificateValidationSeconds`).',
      'none',
      'docs',
      ['a request that was never validated'],
    ],
    ['Tags of certificates.', 'InvalidTagException', 'docs', ['a tag of AWS']],
    [
      'Web ACLs and load balancers that are unknown or not ready.',
      'WAFNonexistentItemException, WAFUnavailableEntityException, WAFInvalidParameterException',
      'model',
      [
        'associating an unknown web ACL',
        'associating an unknown load balancer',
        'associating a load balancer that is provisioning',
        'associating what is no load balancer',
        'an unknown web ACL',
        'an IP set with what is no block',
      ],
    ],
    [
      'Web ACLs: names once, tokens of the last change, not deleted while in use.',
      'WAFDuplicateItemException, WAFOptimisticLockException, WAFAssociatedItemException',
      'model',
      ['a web ACL name twice', 'deleting a web ACL with an old token', 'deleting a web ACL in use'],
    ],
    [
      'Shield Advanced: a subscription, one protection for each load balancer.',
      'ResourceNotFoundException, InvalidResourceException, ResourceAlreadyExistsException',
      'model',
      [
        'protections without a subscription',
        'protecting what is not there',
        'protecting twice',
        'an unknown protection',
      ],
    ],
    [
      'GetResources: ARNs or filters, opaque tokens.',
      'InvalidParameterException, PaginationTokenExpiredException',
      'model',
      ['ARNs and filters together', 'a page token of somebody else'],
    ],
    [
      'Server certificates: names once, key fits, not deleted while in use.',
      'EntityAlreadyExists, MalformedCertificate, KeyPairMismatch, NoSuchEntity, DeleteConflict',
      'model',
      [
        'a server certificate name twice',
        'a server certificate that is none',
        'a server certificate with the key of another',
        'an unknown server certificate',
        'deleting a server certificate in use',
      ],
    ],
    [
      'User pools, clients and domains.',
      'ResourceNotFoundException, InvalidParameterException',
      'model',
      ['an unknown user pool', 'an unknown client of a user pool', 'a domain of two user pools'],
    ],
    [
      'Signatures are checked.',
      'SignatureDoesNotMatch',
      'docs',
      'Any key and secret are taken; only the credential scope is read.',
    ],
  ],
};
