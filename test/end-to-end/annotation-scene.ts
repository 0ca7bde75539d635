/** A sandbox whose account holds what Ingresses refer to, and the Ingresses that state every annotation. */
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { ImportCertificateCommand } from '@aws-sdk/client-acm';
import {
  CognitoIdentityProviderClient,
  CreateUserPoolClientCommand,
  CreateUserPoolCommand,
} from '@aws-sdk/client-cognito-identity-provider';
import {
  AllocateAddressCommand,
  CreateIpamCommand,
  CreateIpamPoolCommand,
  CreateManagedPrefixListCommand,
  CreateSecurityGroupCommand,
} from '@aws-sdk/client-ec2';
import { ChangeResourceRecordSetsCommand } from '@aws-sdk/client-route-53';
import { CreateSubscriptionCommand } from '@aws-sdk/client-shield';
import { CreateWebACLCommand } from '@aws-sdk/client-wafv2';
import { makeCertificate } from '../../src/sandbox/aws/acm/make-certificate.ts';
import { DEFAULT_CERTIFICATE } from '../contract/dataplane-certificates.ts';
import { CLIENT, startIssuer } from '../contract/dataplane-issuer.ts';
import { type Eyes, openEyes } from './annotation-eyes.ts';
import type { Scene } from './annotation-proof.ts';
import { askThrough } from './annotation-requests.ts';
import { type Account, manifestsFor } from './annotation-sites.ts';
import { CLUSTER, startWorld, type World } from './world.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

/** Starts everything but the controller. */
export const setTheScene = async (): Promise<Scene & { stop(): Promise<void> }> => {
  const world = await startWorld();
  const eyes = openEyes(world.sdk);
  const servers: Server[] = [];
  const issuer = await startIssuer(
    {
      backend: async (answer) => {
        const server = createServer(
          { cert: DEFAULT_CERTIFICATE.certificate, key: DEFAULT_CERTIFICATE.privateKey },
          answer,
        );
        servers.push(server);
        await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
        return (server.address() as AddressInfo).port;
      },
    },
    'https',
  );
  const account = { ...(await prepareAccount(world, eyes)), issuer: issuer.url };
  await world.kubectl(['label', 'node', 'node-b', 'pool=web', '--overwrite']);
  await world.kubectl(['apply', '-f', '-'], manifestsFor(account) + secrets());
  return {
    world,
    account,
    eyes,
    ask: askThrough(world.box.proxyUrl),
    stop: async () => {
      eyes.close();
      for (const server of servers) {
        server.close();
        server.closeAllConnections();
      }
      await world.stop();
    },
  };
};

const secrets = (): string => {
  const { certificate, privateKey } = makeCertificate({ names: ['imported.example.com'] });
  const tls = { 'tls.crt': certificate, 'tls.key': privateKey };
  const login = { clientID: CLIENT.id, clientSecret: CLIENT.secret };
  return [
    { metadata: { name: 'tls', namespace: 'web' }, type: 'kubernetes.io/tls', stringData: tls },
    { metadata: { name: 'login', namespace: 'web' }, stringData: login },
  ]
    .map((it) => `\n${JSON.stringify({ apiVersion: 'v1', kind: 'Secret', ...it })}\n---`)
    .join('');
};

const prepareAccount = async (world: World, eyes: Eyes): Promise<Omit<Account, 'issuer'>> => {
  await eyes.shield.send(new CreateSubscriptionCommand({}));
  for (const name of ['taken', 'shares', 'hurries']) await addRecord(eyes, `${name}.example.com`);
  await webAcl(eyes, 'allowing', { Allow: {} });
  const { certificate, privateKey } = makeCertificate({ names: ['*.example.com'] });
  const imported = await eyes.acm.send(
    new ImportCertificateCommand({ Certificate: bytes(certificate), PrivateKey: bytes(privateKey) }),
  );
  const { PrefixList } = await eyes.ec2.send(
    new CreateManagedPrefixListCommand({ PrefixListName: 'office', MaxEntries: 1, AddressFamily: 'IPv4' }),
  );
  const addresses = await Promise.all([1, 2].map(() => eyes.ec2.send(new AllocateAddressCommand({}))));
  return {
    certificate: imported.CertificateArn ?? '',
    addressPool: await addressPool(eyes),
    blockingAcl: await webAcl(eyes, 'blocking', { Block: {} }),
    prefixList: PrefixList?.PrefixListId ?? '',
    nodeGroup: await nodeGroup(world, eyes),
    elasticAddresses: addresses.map(({ AllocationId = '' }) => AllocationId),
    ...(await userPool(world)),
  };
};

const nodeGroup = async (world: World, eyes: Eyes): Promise<string> => {
  const { GroupId } = await eyes.ec2.send(
    new CreateSecurityGroupCommand({
      GroupName: 'nodes',
      Description: 'nodes',
      VpcId: [...world.box.aws.state.instances.values()][0]?.vpc,
      TagSpecifications: [
        {
          ResourceType: 'security-group',
          Tags: [{ Key: `kubernetes.io/cluster/${CLUSTER}`, Value: 'owned' }],
        },
      ],
    }),
  );
  return GroupId ?? '';
};

const addRecord = (eyes: Eyes, Name: string): Promise<unknown> =>
  eyes.route53.send(
    new ChangeResourceRecordSetsCommand({
      HostedZoneId: 'ZEX',
      ChangeBatch: {
        Changes: [
          {
            Action: 'CREATE',
            ResourceRecordSet: { Name, Type: 'A', TTL: 60, ResourceRecords: [{ Value: '192.0.2.1' }] },
          },
        ],
      },
    }),
  );

const webAcl = async (eyes: Eyes, Name: string, DefaultAction: object): Promise<string> => {
  const { Summary } = await eyes.waf.send(
    new CreateWebACLCommand({
      Name,
      Scope: 'REGIONAL',
      DefaultAction,
      VisibilityConfig: { SampledRequestsEnabled: false, CloudWatchMetricsEnabled: false, MetricName: Name },
    }),
  );
  return Summary?.ARN ?? '';
};

const addressPool = async (eyes: Eyes): Promise<string> => {
  const { Ipam } = await eyes.ec2.send(new CreateIpamCommand({}));
  const IpamScopeId = Ipam?.PublicDefaultScopeId;
  const { IpamPool } = await eyes.ec2.send(new CreateIpamPoolCommand({ IpamScopeId, AddressFamily: 'ipv4' }));
  return IpamPool?.IpamPoolId ?? '';
};

const userPool = async (world: World): Promise<Pick<Account, 'userPool' | 'userPoolClient'>> => {
  const cognito = new CognitoIdentityProviderClient(world.sdk);
  try {
    const { UserPool } = await cognito.send(new CreateUserPoolCommand({ PoolName: 'users' }));
    const { UserPoolClient } = await cognito.send(
      new CreateUserPoolClientCommand({
        ...{ UserPoolId: UserPool?.Id, ClientName: 'shop', GenerateSecret: true },
      }),
    );
    return { userPool: UserPool?.Arn ?? '', userPoolClient: UserPoolClient?.ClientId ?? '' };
  } finally {
    cognito.destroy();
  }
};
