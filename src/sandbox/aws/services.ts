/** The services of the endpoint. The rarely used ones are loaded when they are first called, to keep the start short. */
import { ACM } from './acm/service.ts';
import { EC2 } from './ec2/service.ts';
import { ELBV2 } from './elbv2/service.ts';
import { ROUTE53 } from './route53/service.ts';
import type { ServiceDoor } from './service-door.ts';
import { lateDoor } from './service-door.ts';
import { STS } from './sts/service.ts';

const json = { protocol: 'json', xmlNamespace: '' } as const;
const NAME = { min: 1, max: 128 };
const ARN = { min: 1, max: 2048 };

const WAFV2 = lateDoor(
  {
    ...json,
    signingName: 'wafv2',
    version: '2019-07-29',
    target: 'AWSWAF_20190729',
    invalidCode: 'WAFInvalidParameterException',
    global: false,
  },
  async () => {
    const { wafv2Operations, WAFV2_CONSTRAINTS } = await import('./wafv2/operations.ts');
    return ({ account }) => ({ operations: wafv2Operations(account), constraints: WAFV2_CONSTRAINTS });
  },
);

const SHIELD = lateDoor(
  {
    ...json,
    signingName: 'shield',
    version: '2016-06-02',
    target: 'AWSShield_20160616',
    invalidCode: 'InvalidParameterException',
    global: true,
  },
  async () => {
    const { shieldOperations } = await import('./shield/protections.ts');
    return ({ account }) => ({
      operations: shieldOperations(account),
      constraints: {
        'CreateProtectionRequest.Name': { ...NAME, pattern: /^[ a-zA-Z0-9_\\.-]*$/ },
        'CreateProtectionRequest.ResourceArn': ARN,
        'ListProtectionsRequest.MaxResults': { min: 0, max: 10_000 },
      },
    });
  },
);

const TAGGING = lateDoor(
  {
    ...json,
    signingName: 'tagging',
    version: '2017-01-26',
    target: 'ResourceGroupsTaggingAPI_20170126',
    invalidCode: 'InvalidParameterException',
    global: false,
  },
  async () => {
    const { taggingOperations } = await import('./tagging/resources.ts');
    return ({ account }) => ({
      operations: taggingOperations(account),
      constraints: {
        'TagFilter.Key': NAME,
        'TagFilter.Values': { max: 20 },
        'GetResourcesInput.ResourceARNList': { min: 1, max: 100 },
      },
    });
  },
);

const COGNITO = lateDoor(
  {
    ...json,
    signingName: 'cognito-idp',
    version: '2016-04-18',
    target: 'AWSCognitoIdentityProviderService',
    invalidCode: 'InvalidParameterException',
    global: false,
  },
  async () => {
    const { cognitoOperations } = await import('./cognito/user-pools.ts');
    return ({ account }) => ({
      operations: cognitoOperations(account),
      constraints: {
        'CreateUserPoolRequest.PoolName': { ...NAME, pattern: /^[\w\s+=,.@-]+$/ },
        'CreateUserPoolClientRequest.ClientName': { ...NAME, pattern: /^[\w\s+=,.@-]+$/ },
        'CreateUserPoolDomainRequest.Domain': {
          min: 1,
          max: 63,
          pattern: /^[a-z0-9](?:[a-z0-9-.]{0,61}[a-z0-9])?$/,
        },
        'DescribeUserPoolRequest.UserPoolId': { min: 1, max: 55, pattern: /^[\w-]+_[0-9a-zA-Z]+$/ },
      },
    });
  },
);

const IAM = lateDoor(
  {
    signingName: 'iam',
    protocol: 'query',
    version: '2010-05-08',
    xmlNamespace: 'https://iam.amazonaws.com/doc/2010-05-08/',
    invalidCode: 'ValidationError',
    global: true,
  },
  async () => {
    const [{ iamOperations }, { roleOperations }] = await Promise.all([
      import('./iam/server-certificates.ts'),
      import('./iam/roles.ts'),
    ]);
    return ({ account }) => ({
      operations: { ...iamOperations(account), ...roleOperations(account) },
      constraints: {
        'CreateRoleRequest.RoleName': { min: 1, max: 64, pattern: /^[\w+=,.@-]+$/ },
        'CreateRoleRequest.Path': { min: 1, max: 512, pattern: /^(\/|\/.+\/)$/ },
        'CreateRoleRequest.AssumeRolePolicyDocument': { min: 1, max: 131_072 },
        'CreateRoleRequest.MaxSessionDuration': { min: 3600, max: 43_200 },
        'UploadServerCertificateRequest.ServerCertificateName': { ...NAME, pattern: /^[\w+=,.@-]+$/ },
        'UploadServerCertificateRequest.Path': { min: 1, max: 512, pattern: /^(\/|\/.+\/)$/ },
        'UploadServerCertificateRequest.CertificateBody': { min: 1, max: 16_384 },
        'UploadServerCertificateRequest.PrivateKey': { min: 1, max: 16_384 },
        'UploadServerCertificateRequest.Tags': { max: 50 },
        'ListServerCertificatesRequest.MaxItems': { min: 1, max: 1000 },
      },
    });
  },
);

export const SERVICES: readonly ServiceDoor[] = [
  ELBV2,
  EC2,
  ROUTE53,
  ACM,
  STS,
  WAFV2,
  SHIELD,
  TAGGING,
  IAM,
  COGNITO,
];
