/** The SDK package of each service that the sandbox serves, and clients made from them. */
import * as acm from '@aws-sdk/client-acm';
import * as cognito from '@aws-sdk/client-cognito-identity-provider';
import * as ec2 from '@aws-sdk/client-ec2';
import * as elb from '@aws-sdk/client-elastic-load-balancing-v2';
import * as iam from '@aws-sdk/client-iam';
import * as tagging from '@aws-sdk/client-resource-groups-tagging-api';
import * as r53 from '@aws-sdk/client-route-53';
import * as shield from '@aws-sdk/client-shield';
import * as sts from '@aws-sdk/client-sts';
import * as wafv2 from '@aws-sdk/client-wafv2';

import type { ClientSettings } from './sandbox-aws-world.ts';

type Sdk = {
  /** Everything the package exports: commands, schemas, error classes. */
  readonly exports: Readonly<Record<string, unknown>>;
  readonly client: (settings: ClientSettings) => unknown;
};

/** By signing name. */
export const SDKS: Readonly<Record<string, Sdk>> = {
  elasticloadbalancing: { exports: elb, client: (s) => new elb.ElasticLoadBalancingV2Client(s) },
  ec2: { exports: ec2, client: (s) => new ec2.EC2Client(s) },
  route53: { exports: r53, client: (s) => new r53.Route53Client(s) },
  acm: { exports: acm, client: (s) => new acm.ACMClient(s) },
  sts: { exports: sts, client: (s) => new sts.STSClient(s) },
  wafv2: { exports: wafv2, client: (s) => new wafv2.WAFV2Client(s) },
  shield: { exports: shield, client: (s) => new shield.ShieldClient(s) },
  tagging: { exports: tagging, client: (s) => new tagging.ResourceGroupsTaggingAPIClient(s) },
  iam: { exports: iam, client: (s) => new iam.IAMClient(s) },
  'cognito-idp': { exports: cognito, client: (s) => new cognito.CognitoIdentityProviderClient(s) },
};

export type AnyClient = { send(command: unknown): Promise<Record<string, unknown>>; destroy(): void };

export const clientOf = (service: string, port: number): AnyClient => {
  const settings: ClientSettings = {
    endpoint: `http://127.0.0.1:${port}`,
    region: 'us-west-1',
    credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
    maxAttempts: 1,
  };
  return SDKS[service]?.client(settings) as AnyClient;
};

export const commandOf = (service: string, operation: string, input: unknown): unknown => {
  const Command = SDKS[service]?.exports[`${operation}Command`] as new (input: unknown) => unknown;
  return new Command(input);
};
