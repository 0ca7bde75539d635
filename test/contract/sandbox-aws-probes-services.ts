/** One probe for each rule of the services around load balancers: WAF, Shield, tagging, IAM, Cognito. */
import {
  CognitoIdentityProviderClient,
  CreateUserPoolCommand,
  CreateUserPoolDomainCommand,
  DescribeUserPoolClientCommand,
  DescribeUserPoolCommand,
} from '@aws-sdk/client-cognito-identity-provider';
import { DescribeLoadBalancersCommand } from '@aws-sdk/client-elastic-load-balancing-v2';
import {
  DeleteServerCertificateCommand,
  GetServerCertificateCommand,
  IAMClient,
  UploadServerCertificateCommand,
} from '@aws-sdk/client-iam';
import {
  GetResourcesCommand,
  ResourceGroupsTaggingAPIClient,
} from '@aws-sdk/client-resource-groups-tagging-api';
import {
  CreateProtectionCommand,
  CreateSubscriptionCommand,
  DescribeProtectionCommand,
  ListProtectionsCommand,
  ShieldClient,
} from '@aws-sdk/client-shield';
import {
  AssociateWebACLCommand,
  CreateIPSetCommand,
  CreateWebACLCommand,
  DeleteWebACLCommand,
  DisassociateWebACLCommand,
  GetWebACLCommand,
  WAFV2Client,
} from '@aws-sdk/client-wafv2';
import { makeCertificate } from '../../src/sandbox/aws/acm/make-certificate.ts';
import { type Probe, secure, type World } from './sandbox-aws-world.ts';

const NO_ACL =
  'arn:aws:wafv2:us-west-1:123456789012:regional/webacl/none/00000000-0000-0000-0000-000000000000';
const LB = 'arn:aws:elasticloadbalancing:us-west-1:123456789012:loadbalancer/app/none/0123456789abcdef';

const wafOf = (world: World) => world.use((settings) => new WAFV2Client(settings));
const shieldOf = (world: World) => world.use((settings) => new ShieldClient(settings));
const iamOf = (world: World) => world.use((settings) => new IAMClient(settings));
const cognitoOf = (world: World) => world.use((settings) => new CognitoIdentityProviderClient(settings));
const tagsOf = (world: World) => world.use((settings) => new ResourceGroupsTaggingAPIClient(settings));

const acl = async (waf: WAFV2Client, Name = 'acl') => {
  const { Summary } = await waf.send(
    new CreateWebACLCommand({
      Name,
      Scope: 'REGIONAL',
      DefaultAction: { Allow: {} },
      VisibilityConfig: { SampledRequestsEnabled: false, CloudWatchMetricsEnabled: false, MetricName: 'm' },
    }),
  );
  return { Name, Id: Summary?.Id ?? '', WebACLArn: Summary?.ARN ?? '', LockToken: Summary?.LockToken ?? '' };
};

/** A load balancer that is past its provisioning. */
const active = async (world: World) => {
  const arn = await world.balancer();
  world.aws.clock.advance(300_000);
  await world.elb.send(new DescribeLoadBalancersCommand({}));
  return arn;
};

export const WEB_ACLS: readonly Probe[] = [
  [
    'associating an unknown web ACL',
    'WAFNonexistentItemException',
    async (w) =>
      wafOf(w).send(new AssociateWebACLCommand({ WebACLArn: NO_ACL, ResourceArn: await w.balancer() })),
  ],
  [
    'associating an unknown load balancer',
    'WAFNonexistentItemException',
    async (w) => {
      const waf = wafOf(w);
      const { WebACLArn } = await acl(waf);
      return waf.send(new AssociateWebACLCommand({ WebACLArn, ResourceArn: LB }));
    },
  ],
  [
    'associating a load balancer that is provisioning',
    'WAFUnavailableEntityException',
    async (w) => {
      const waf = wafOf(w);
      const { WebACLArn } = await acl(waf);
      return waf.send(new AssociateWebACLCommand({ WebACLArn, ResourceArn: await w.balancer() }));
    },
  ],
  [
    'associating what is no load balancer',
    'WAFInvalidParameterException',
    (w) =>
      wafOf(w).send(new DisassociateWebACLCommand({ ResourceArn: 'arn:aws:s3:::bucket-of-somebody-else' })),
  ],
  [
    'a web ACL name twice',
    'WAFDuplicateItemException',
    async (w) => {
      const waf = wafOf(w);
      await acl(waf);
      return acl(waf);
    },
  ],
  [
    'deleting a web ACL with an old token',
    'WAFOptimisticLockException',
    async (w) => {
      const waf = wafOf(w);
      const { Name, Id } = await acl(waf);
      const LockToken = '00000000-0000-0000-0000-000000000000';
      return waf.send(new DeleteWebACLCommand({ Name, Id, Scope: 'REGIONAL', LockToken }));
    },
  ],
  [
    'deleting a web ACL in use',
    'WAFAssociatedItemException',
    async (w) => {
      const waf = wafOf(w);
      const { Name, Id, WebACLArn, LockToken } = await acl(waf);
      await waf.send(new AssociateWebACLCommand({ WebACLArn, ResourceArn: await active(w) }));
      return waf.send(new DeleteWebACLCommand({ Name, Id, Scope: 'REGIONAL', LockToken }));
    },
  ],
  [
    'an unknown web ACL',
    'WAFNonexistentItemException',
    (w) =>
      wafOf(w).send(
        new GetWebACLCommand({ Name: 'none', Id: '00000000-0000-0000-0000-000000000000', Scope: 'REGIONAL' }),
      ),
  ],
  [
    'an IP set with what is no block',
    'WAFInvalidParameterException',
    (w) =>
      wafOf(w).send(
        new CreateIPSetCommand({
          Name: 'a',
          Scope: 'REGIONAL',
          IPAddressVersion: 'IPV4',
          Addresses: ['192.0.2.1'],
        }),
      ),
    /192\.0\.2\.1/,
  ],
];

export const PROTECTIONS: readonly Probe[] = [
  [
    'protections without a subscription',
    'ResourceNotFoundException',
    (w) => shieldOf(w).send(new ListProtectionsCommand({})),
    /subscription/,
  ],
  [
    'protecting what is not there',
    'InvalidResourceException',
    async (w) => {
      const shield = shieldOf(w);
      await shield.send(new CreateSubscriptionCommand({}));
      return shield.send(new CreateProtectionCommand({ Name: 'a', ResourceArn: LB }));
    },
  ],
  [
    'protecting twice',
    'ResourceAlreadyExistsException',
    async (w) => {
      const [shield, ResourceArn] = [shieldOf(w), await w.balancer()];
      await shield.send(new CreateSubscriptionCommand({}));
      await shield.send(new CreateProtectionCommand({ Name: 'a', ResourceArn }));
      return shield.send(new CreateProtectionCommand({ Name: 'b', ResourceArn }));
    },
  ],
  [
    'an unknown protection',
    'ResourceNotFoundException',
    (w) => shieldOf(w).send(new DescribeProtectionCommand({ ResourceArn: LB })),
  ],
];

export const RESOURCES: readonly Probe[] = [
  [
    'ARNs and filters together',
    'InvalidParameterException',
    (w) => tagsOf(w).send(new GetResourcesCommand({ ResourceARNList: [LB], TagFilters: [{ Key: 'a' }] })),
  ],
  [
    'a page token of somebody else',
    'PaginationTokenExpiredException',
    (w) => tagsOf(w).send(new GetResourcesCommand({ PaginationToken: 'abc' })),
  ],
];

const PEM = makeCertificate({ names: ['shop.example.com'] });
const OTHER = makeCertificate({ names: ['other.example.com'] });
const upload = (iam: IAMClient, body = PEM.certificate, key = PEM.privateKey) =>
  iam.send(
    new UploadServerCertificateCommand({
      ServerCertificateName: 'shop',
      CertificateBody: body,
      PrivateKey: key,
    }),
  );

export const SERVER_CERTIFICATES: readonly Probe[] = [
  [
    'a server certificate name twice',
    'EntityAlreadyExistsException',
    async (w) => {
      const iam = iamOf(w);
      await upload(iam);
      return upload(iam);
    },
  ],
  ['a server certificate that is none', 'MalformedCertificateException', (w) => upload(iamOf(w), 'hello')],
  [
    'a server certificate with the key of another',
    'KeyPairMismatchException',
    (w) => upload(iamOf(w), PEM.certificate, OTHER.privateKey),
  ],
  [
    'an unknown server certificate',
    'NoSuchEntityException',
    (w) => iamOf(w).send(new GetServerCertificateCommand({ ServerCertificateName: 'none' })),
  ],
  [
    'deleting a server certificate in use',
    'DeleteConflictException',
    async (w) => {
      const iam = iamOf(w);
      const { ServerCertificateMetadata } = await upload(iam);
      await secure(w, ServerCertificateMetadata?.Arn ?? '');
      return iam.send(new DeleteServerCertificateCommand({ ServerCertificateName: 'shop' }));
    },
  ],
];

export const USER_POOLS: readonly Probe[] = [
  [
    'an unknown user pool',
    'ResourceNotFoundException',
    (w) => cognitoOf(w).send(new DescribeUserPoolCommand({ UserPoolId: 'us-west-1_none' })),
  ],
  [
    'an unknown client of a user pool',
    'ResourceNotFoundException',
    async (w) => {
      const cognito = cognitoOf(w);
      const { UserPool } = await cognito.send(new CreateUserPoolCommand({ PoolName: 'a' }));
      return cognito.send(new DescribeUserPoolClientCommand({ UserPoolId: UserPool?.Id, ClientId: 'none' }));
    },
  ],
  [
    'a domain of two user pools',
    'InvalidParameterException',
    async (w) => {
      const cognito = cognitoOf(w);
      for (const PoolName of ['a', 'b']) {
        const { UserPool } = await cognito.send(new CreateUserPoolCommand({ PoolName }));
        await cognito.send(new CreateUserPoolDomainCommand({ UserPoolId: UserPool?.Id, Domain: 'shop' }));
      }
    },
    /already associated/,
  ],
];
