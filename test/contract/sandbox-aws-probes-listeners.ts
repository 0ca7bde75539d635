/** One probe for each rule of ELBv2 about listeners and their certificates. */
import assert from 'node:assert/strict';
import {
  AddListenerCertificatesCommand,
  CreateListenerCommand,
  type CreateListenerCommandInput,
  DeleteListenerCommand,
  DescribeSSLPoliciesCommand,
  ModifyListenerAttributesCommand,
  RemoveListenerCertificatesCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { makeCertificate } from '../../src/sandbox/aws/acm/make-certificate.ts';
import { ACCEPTED, NOT_FOUND, type Probe, secure, type World } from './sandbox-aws-world.ts';

export const ARN = 'arn:aws:elasticloadbalancing:us-west-1:123456789012:';
const LISTENER = `${ARN}listener/app/none/0123456789abcdef/0123456789abcdef`;
const NO_CERTIFICATE = 'arn:aws:acm:us-west-1:123456789012:certificate/none';

const listen = async ({ elb, balancer }: World, input: Partial<CreateListenerCommandInput>) =>
  elb.send(
    new CreateListenerCommand({
      LoadBalancerArn: await balancer(),
      Protocol: 'HTTP',
      Port: 80,
      DefaultActions: [NOT_FOUND],
      ...input,
    }),
  );

/** One with a certificate for the shop. */
export const shop = async (world: World, input: Partial<CreateListenerCommandInput> = {}) => {
  const CertificateArn = await world.certificate(['shop.example.com']);
  const reply = await secure(world, CertificateArn, input);
  return { listener: reply.Listeners?.[0]?.ListenerArn ?? '', CertificateArn };
};

/** ACM itself takes no such key any more; one may be there from before. */
const withSmallKey = async (w: World): Promise<string> => {
  const names = ['a.example.com'];
  const arn = await w.certificate(names);
  const { certificate, privateKey } = makeCertificate({ names, rsaBits: 768 });
  w.aws.state.certificates.set(arn, { arn, certificate, privateKey, chain: undefined, domains: names });
  return arn;
};

export const LISTENERS: readonly Probe[] = [
  [
    'a second listener on the port',
    'DuplicateListenerException',
    async (w) => {
      const balancer = await w.balancer();
      await w.listener(balancer);
      return w.listener(balancer, 80, {
        Type: 'fixed-response',
        FixedResponseConfig: { StatusCode: '503' },
      });
    },
    /already exists on this port/,
  ],
  [
    'protocol TCP',
    'ValidationError',
    (w) => listen(w, { Protocol: 'TCP' }),
    /'TCP' must be one of 'HTTP, HTTPS'/,
  ],
  [
    'an ALPN policy',
    'InvalidConfigurationRequestException',
    (w) => listen(w, { AlpnPolicy: ['HTTP2Only'] }),
    /network load balancers/,
  ],
  [
    'HTTPS without a certificate',
    'ValidationError',
    (w) => listen(w, { Protocol: 'HTTPS' }),
    /certificate must be specified/,
  ],
  [
    'HTTPS with an unknown certificate',
    'CertificateNotFoundException',
    (w) => listen(w, { Protocol: 'HTTPS', Certificates: [{ CertificateArn: NO_CERTIFICATE }] }),
  ],
  [
    'a certificate without a full name',
    'UnsupportedCertificate',
    async (w) =>
      listen(w, {
        Protocol: 'HTTPS',
        Certificates: [{ CertificateArn: await w.certificate(['localhost']) }],
      }),
    /fully-qualified/,
  ],
  [
    'a certificate with a key of a kind not supported',
    'UnsupportedCertificate',
    async (w) => listen(w, { Protocol: 'HTTPS', Certificates: [{ CertificateArn: await withSmallKey(w) }] }),
    /768 bits/,
  ],
  [
    'two default certificates',
    'TooManyCertificatesException',
    async (w) => {
      const CertificateArn = await w.certificate(['a.example.com']);
      return listen(w, { Protocol: 'HTTPS', Certificates: [{ CertificateArn }, { CertificateArn }] });
    },
  ],
  [
    'policies of FIPS and with post-quantum keys exist',
    ACCEPTED,
    async (w) => {
      const Names = ['1-2-Res-FIPS-2023-04', '1-2-Res-PQ-2025-09', '1-2-Ext0-FIPS-PQ-2025-09'].map(
        (name) => `ELBSecurityPolicy-TLS13-${name}`,
      );
      const { SslPolicies } = await w.elb.send(new DescribeSSLPoliciesCommand({ Names }));
      assert.equal(SslPolicies?.length, 3);
      assert.ok(SslPolicies.every(({ Ciphers }) => Ciphers?.length));
      await shop(w, { SslPolicy: Names[0] });
    },
  ],
  [
    'a certificate that load balancers do not know yet',
    'CertificateNotFoundException',
    (w) => shop(w),
    /not found/,
    { facts: { certificateSpreadSeconds: 60 } },
  ],
  [
    'a certificate is known some time after it was imported',
    ACCEPTED,
    async (w) => {
      const CertificateArn = await w.certificate(['shop.example.com']);
      w.aws.clock.advance(61_000);
      await secure(w, CertificateArn);
    },
    /./,
    { facts: { certificateSpreadSeconds: 60 } },
  ],
  ['an SSL policy that does not exist', 'SSLPolicyNotFoundException', (w) => shop(w, { SslPolicy: 'none' })],
  [
    'a certificate on HTTP',
    'ValidationError',
    (w) => listen(w, { Certificates: [{ CertificateArn: NO_CERTIFICATE }] }),
    /HTTP listeners/,
  ],
  [
    'verifying clients without a trust store',
    'ValidationError',
    (w) => shop(w, { MutualAuthentication: { Mode: 'verify' } }),
    /TrustStoreArn/,
  ],
  [
    'more listeners than the quota',
    'TooManyListenersException',
    async (w) => {
      const balancer = await w.balancer();
      await w.listener(balancer, 80);
      return w.listener(balancer, 81);
    },
    /'1'/,
    { facts: { listenersPerLoadBalancer: 1 } },
  ],
  [
    'more certificates than the quota',
    'TooManyCertificatesException',
    async (w) => {
      const { listener } = await shop(w);
      return w.elb.send(
        new AddListenerCertificatesCommand({
          ListenerArn: listener,
          Certificates: [{ CertificateArn: await w.certificate(['b.example.com']) }],
        }),
      );
    },
    /'0'/,
    { facts: { certificatesPerLoadBalancer: 0 } },
  ],
  [
    'removing the default certificate',
    'OperationNotPermittedException',
    async (w) => {
      const { listener, CertificateArn } = await shop(w);
      return w.elb.send(
        new RemoveListenerCertificatesCommand({ ListenerArn: listener, Certificates: [{ CertificateArn }] }),
      );
    },
  ],
  [
    'an attribute of HTTPS on HTTP',
    'ValidationError',
    async (w) =>
      w.elb.send(
        new ModifyListenerAttributesCommand({
          ListenerArn: await w.listener(await w.balancer()),
          Attributes: [{ Key: 'routing.http.request.x_amzn_tls_version.header_name', Value: 'X' }],
        }),
      ),
    /not recognized/,
  ],
  [
    'deleting an unknown listener',
    'ListenerNotFoundException',
    (w) => w.elb.send(new DeleteListenerCommand({ ListenerArn: LISTENER })),
  ],
];
