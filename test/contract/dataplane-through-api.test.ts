/** What the AWS API was told is what load balancers do: gates, client certificates, web ACLs and attributes, end to end. */
import assert from 'node:assert/strict';
import { request as requestHttps } from 'node:https';
import { after, before, describe, test } from 'node:test';
import {
  CognitoIdentityProviderClient,
  CreateUserPoolClientCommand,
  CreateUserPoolCommand,
  CreateUserPoolDomainCommand,
} from '@aws-sdk/client-cognito-identity-provider';
import {
  type Action,
  AddTrustStoreRevocationsCommand,
  CreateListenerCommand,
  CreateTrustStoreCommand,
  DescribeLoadBalancersCommand,
  ModifyListenerAttributesCommand,
  ModifyListenerCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import {
  AssociateWebACLCommand,
  CreateIPSetCommand,
  CreateWebACLCommand,
  WAFV2Client,
} from '@aws-sdk/client-wafv2';
import { type DataPlane, startDataPlane } from '../../src/sandbox/dataplane/data-plane.ts';
import {
  CLIENT as CERTIFIED,
  type ClientIdentity,
  REVOCATION_LIST,
  REVOKED,
  ROOT,
} from './dataplane-client-certificates.ts';
import { type Issuer, newBrowser, now, signedToken, startIssuer } from './dataplane-issuer.ts';
import { type Answer, collect, newWorld, type World as PlainWorld } from './dataplane-world.ts';
import { makeWorld, type World } from './sandbox-aws-world.ts';

let api: World;
let plain: PlainWorld;
let plane: DataPlane;
let issuer: Issuer;
let certificate: string;

before(async () => {
  api = await makeWorld({ speed: 1000 });
  plain = newWorld();
  issuer = await startIssuer(plain);
  plane = startDataPlane({ state: api.aws.state, onChange: api.aws.onChange, clock: api.aws.clock });
  certificate = await api.certificate(['app.example.com']);
});
after(async () => {
  await plane.stop();
  await plain.stop();
  await api[Symbol.asyncDispose]();
});

const IN: Action = {
  Type: 'fixed-response',
  Order: 2,
  FixedResponseConfig: { StatusCode: '200', ContentType: 'text/plain', MessageBody: 'in' },
};

type Site = { readonly balancer: string; readonly listener: string; where(): { host: string; port: number } };

const site = async (gate?: Action): Promise<Site> => {
  const balancer = await api.balancer();
  const { Listeners } = await api.elb.send(
    new CreateListenerCommand({
      LoadBalancerArn: balancer,
      Protocol: 'HTTPS',
      Port: 443,
      Certificates: [{ CertificateArn: certificate }],
      DefaultActions: gate === undefined ? [IN] : [gate, IN],
    }),
  );
  const { LoadBalancers } = await api.elb.send(
    new DescribeLoadBalancersCommand({ LoadBalancerArns: [balancer] }),
  );
  const name = LoadBalancers?.[0]?.DNSName ?? '';
  const bound = () => plane.addresses().get(name)?.listeners[0];
  const end = Date.now() + 10_000;
  while (bound() === undefined) {
    if (Date.now() > end) throw new Error('the load balancer never became active');
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  return {
    balancer,
    listener: Listeners?.[0]?.ListenerArn ?? '',
    where: () => ({ host: bound()?.host ?? '', port: bound()?.localPort ?? 0 }),
  };
};

const get = (place: Site, identity: Partial<ClientIdentity> = {}): Promise<Answer | string> =>
  new Promise((resolve) => {
    const sent = requestHttps({ ...place.where(), ...identity, rejectUnauthorized: false, agent: false });
    sent.on('response', (response) => collect(response).then(resolve));
    sent.on('error', (error) => resolve(error.message));
    sent.end();
  });

const status = async (place: Site, identity?: ClientIdentity): Promise<number | string> => {
  const answer = await get(place, identity);
  return typeof answer === 'string' ? 'refused' : answer.status;
};

describe('told through the API', () => {
  test('an OIDC action, its secret included, logs users in', async () => {
    const place = await site(issuer.action());
    const browser = newBrowser((url) =>
      url.hostname === 'app.example.com' ? place.where() : { host: url.hostname, port: Number(url.port) },
    );
    const { answer } = await browser.follow('https://app.example.com/x');
    assert.deepEqual([answer.status, answer.body], [200, 'in']);
  });

  test('a JWT action checks tokens', async () => {
    const Issuer = 'https://issuer.example.com';
    const JwtValidationConfig = { Issuer, JwksEndpoint: `${issuer.url}/keys` };
    const place = await site({ Type: 'jwt-validation', Order: 1, JwtValidationConfig });
    const client = newBrowser(place.where);
    const token = signedToken({ iss: Issuer, exp: now() + 60 });
    assert.equal((await client.get('https://app.example.com/')).status, 401);
    const good = await client.get('https://app.example.com/', { Authorization: `Bearer ${token}` });
    assert.equal(good.status, 200);
  });

  test('a Cognito action finds pool and client, and says where their pages would have to be', async () => {
    const cognito = api.use((settings) => new CognitoIdentityProviderClient(settings));
    const { UserPool } = await cognito.send(new CreateUserPoolCommand({ PoolName: 'users' }));
    const UserPoolId = UserPool?.Id ?? '';
    await cognito.send(new CreateUserPoolDomainCommand({ UserPoolId, Domain: 'shop' }));
    const { UserPoolClient } = await cognito.send(
      new CreateUserPoolClientCommand({ UserPoolId, ClientName: 'alb', GenerateSecret: true }),
    );
    const place = await site({
      Type: 'authenticate-cognito',
      Order: 1,
      AuthenticateCognitoConfig: {
        UserPoolArn: UserPool?.Arn,
        UserPoolClientId: UserPoolClient?.ClientId,
        UserPoolDomain: 'shop',
      },
    });
    const answer = await get(place);
    assert.ok(typeof answer !== 'string' && answer.status === 501);
    assert.match(answer.body, /shop\.auth\.[a-z0-9-]+\.amazoncognito\.com/);
  });

  test('a trust store and its revocations decide who connects', async () => {
    const place = await site();
    assert.equal(await status(place), 200);
    api.aws.objects.set('pki/ca.pem', ROOT);
    api.aws.objects.set('pki/ca.crl', REVOCATION_LIST);
    const { TrustStores } = await api.elb.send(
      new CreateTrustStoreCommand({
        Name: 'clients',
        CaCertificatesBundleS3Bucket: 'pki',
        CaCertificatesBundleS3Key: 'ca.pem',
      }),
    );
    const TrustStoreArn = TrustStores?.[0]?.TrustStoreArn;
    await api.elb.send(
      new ModifyListenerCommand({
        ListenerArn: place.listener,
        MutualAuthentication: { Mode: 'verify', TrustStoreArn },
      }),
    );
    await plane.settled();
    assert.deepEqual(
      [await status(place), await status(place, CERTIFIED), await status(place, REVOKED)],
      ['refused', 200, 200],
    );
    await api.elb.send(
      new AddTrustStoreRevocationsCommand({
        TrustStoreArn,
        RevocationContents: [{ S3Bucket: 'pki', S3Key: 'ca.crl' }],
      }),
    );
    await plane.settled();
    assert.deepEqual([await status(place, CERTIFIED), await status(place, REVOKED)], [200, 'refused']);
  });

  test('a web ACL with an IP set blocks', async () => {
    const place = await site();
    const waf = api.use((settings) => new WAFV2Client(settings));
    const { Summary: set } = await waf.send(
      new CreateIPSetCommand({
        Name: 'here',
        Scope: 'REGIONAL',
        IPAddressVersion: 'IPV4',
        Addresses: ['127.0.0.1/32'],
      }),
    );
    const VisibilityConfig = {
      SampledRequestsEnabled: false,
      CloudWatchMetricsEnabled: false,
      MetricName: 'm',
    };
    const { Summary: acl } = await waf.send(
      new CreateWebACLCommand({
        Name: 'guard',
        Scope: 'REGIONAL',
        DefaultAction: { Allow: {} },
        VisibilityConfig,
        Rules: [
          {
            Name: 'here',
            Priority: 1,
            Statement: { IPSetReferenceStatement: { ARN: set?.ARN } },
            Action: { Block: {} },
            VisibilityConfig,
          },
        ],
      }),
    );
    await waf.send(new AssociateWebACLCommand({ WebACLArn: acl?.ARN, ResourceArn: place.balancer }));
    await plane.settled();
    assert.equal(await status(place), 403);
  });

  test('attributes of a listener shape its answers', async () => {
    const place = await site();
    await api.elb.send(
      new ModifyListenerAttributesCommand({
        ListenerArn: place.listener,
        Attributes: [
          { Key: 'routing.http.response.server.enabled', Value: 'false' },
          { Key: 'routing.http.response.x_frame_options.header_value', Value: 'DENY' },
        ],
      }),
    );
    await plane.settled();
    const answer = await get(place);
    assert.ok(typeof answer !== 'string');
    assert.deepEqual([answer.headers['x-frame-options'], answer.headers.server], ['DENY', undefined]);
  });
});
