/** Ingresses that together state every annotation, each with a value that AWS would not have by itself. */
import { INGRESS_CLASS } from './manifests.ts';
import { asText, ECHO, hello, ingressOf, type Site, serverOf } from './site-manifests.ts';

/** Ids of what was made in AWS beforehand. */
export type Account = {
  readonly certificate: string;
  readonly addressPool: string;
  readonly blockingAcl: string;
  readonly prefixList: string;
  /** Security group of the nodes. */
  readonly nodeGroup: string;
  readonly elasticAddresses: readonly string[];
  readonly issuer: string;
  readonly userPool: string;
  readonly userPoolClient: string;
};

const action = (config: object): string => JSON.stringify(config);
const HTTPS = '[{"HTTPS":443}]';

/** By the name of the Ingress; its host is that name under example.com unless it says otherwise. */
const sites = (account: Account): Readonly<Record<string, Site>> => ({
  balancer: {
    annotations: {
      'load-balancer-name': 'parity',
      scheme: 'internet-facing',
      'ip-address-type': 'dualstack',
      'security-groups': 'webSG',
      'manage-backend-security-group-rules': 'true',
      'load-balancer-attributes': 'routing.http.xff_client_port.enabled=true',
      'minimum-load-balancer-capacity': 'CapacityUnits=500',
      'ipam-ipv4-pool-id': account.addressPool,
      'shield-advanced-protection': 'true',
      'wafv2-acl-name': 'allowing',
      tags: 'team=shop',
      'target-group-attributes': 'stickiness.enabled=true,stickiness.lb_cookie.duration_seconds=60',
    },
  },
  blocked: { annotations: { 'wafv2-acl-arn': account.blockingAcl } },
  outpost: { annotations: { 'customer-owned-ipv4-pool': 'ipv4pool-coip-0a1b2c3d4e5f60718' } },
  narrow: {
    annotations: {
      subnets: 'subnet-9999, webSubnetB',
      'inbound-cidrs': '10.0.0.0/8',
      'security-group-prefix-lists': account.prefixList,
    },
  },
  first: {
    host: 'group.example.com',
    annotations: { 'group.name': 'shared', 'share-hosts-with': 'yard' },
    paths: [['/', 'echo']],
  },
  second: {
    host: 'group.example.com',
    annotations: { 'group.name': 'shared', 'group.order': '-5' },
    paths: [['/', 'pods']],
  },
  third: {
    namespace: 'yard',
    host: 'group.example.com',
    annotations: { 'group.name': 'shared', 'group.order': '-10', 'actions.hello': hello('of-another') },
    paths: [['/other', 'hello', 'use-annotation']],
  },
  rules: {
    annotations: {
      'actions.hello': hello('hello'),
      'conditions.echo': action([
        { field: 'http-header', httpHeaderConfig: { httpHeaderName: 'X-Beta', values: ['yes'] } },
      ]),
      'transforms.pods': action([
        { type: 'url-rewrite', urlRewriteConfig: { rewrites: [{ regex: '^/v1/(.*)$', replace: '/$1' }] } },
      ]),
      'use-regex-path-match': 'true',
    },
    paths: [
      ['/hello', 'hello', 'use-annotation'],
      ['/beta', 'echo'],
      ['/v1', 'pods'],
      ['/^\\/v[2-9]$', 'echo-too', 80, 'ImplementationSpecific'],
    ],
  },
  tls: {
    annotations: {
      'listen-ports': '[{"HTTP":80},{"HTTPS":443},{"HTTPS":8443}]',
      'certificate-arn': account.certificate,
      'ssl-policy': 'ELBSecurityPolicy-TLS13-1-2-Res-2021-06',
      'ssl-redirect': '8443',
      'mutual-authentication': action([{ port: 443, mode: 'passthrough' }]),
      'listener-attributes.HTTPS-443': 'routing.http.response.x_frame_options.header_value=DENY',
    },
  },
  login: {
    annotations: {
      'listen-ports': HTTPS,
      'certificate-arn': account.certificate,
      'auth-type': 'oidc',
      'auth-idp-oidc': action({
        issuer: account.issuer,
        authorizationEndpoint: `${account.issuer}/authorize`,
        tokenEndpoint: `${account.issuer}/token`,
        userInfoEndpoint: `${account.issuer}/userinfo`,
        secretName: 'login',
      }),
      'auth-scope': 'openid email',
      'auth-session-cookie': 'shop-session',
      'auth-session-timeout': '3600',
    },
  },
  denied: {
    annotations: {
      'listen-ports': HTTPS,
      'certificate-arn': account.certificate,
      'auth-type': 'cognito',
      'auth-idp-cognito': action({
        userPoolARN: account.userPool,
        userPoolClientID: account.userPoolClient,
        userPoolDomain: 'my-login',
      }),
      'auth-on-unauthenticated-request': 'deny',
    },
  },
  token: {
    annotations: {
      'listen-ports': HTTPS,
      'certificate-arn': account.certificate,
      'jwt-validation': action({ issuer: account.issuer, jwksEndpoint: `${account.issuer}/keys` }),
    },
  },
  checked: {
    annotations: {
      'target-type': 'ip',
      'multi-cluster-target-group': 'true',
      'target-control-port.pods.80': '3000',
      'healthcheck-protocol': 'HTTPS',
      'healthcheck-port': 'secure',
      'healthcheck-path': '/healthz',
      'healthcheck-interval-seconds': '20',
      'healthcheck-timeout-seconds': '6',
      'healthy-threshold-count': '3',
      'unhealthy-threshold-count': '4',
      'success-codes': '200-299',
    },
    paths: [['/', 'pods']],
  },
  probed: {
    annotations: { 'target-type': 'ip', 'healthcheck-from-readiness-probe': 'true' },
    paths: [['/', 'pods']],
  },
  encrypted: {
    annotations: { 'target-type': 'ip', 'backend-protocol': 'HTTPS' },
    paths: [['/', 'pods', 8443]],
  },
  http2: {
    annotations: {
      'target-type': 'ip',
      'listen-ports': HTTPS,
      'certificate-arn': account.certificate,
      'backend-protocol-version': 'HTTP2',
      'success-codes': '200-499',
    },
    paths: [['/', 'streams']],
  },
  labelled: { annotations: { 'target-node-labels': 'pool=web' } },
  front: {
    annotations: {
      'listen-ports': '[{"HTTP":80},{"HTTPS":443}]',
      'certificate-arn': account.certificate,
      'enable-frontend-nlb': 'true',
      'frontend-nlb-scheme': 'internet-facing',
      'frontend-nlb-subnets': 'subnet-5678,subnet-9999',
      'frontend-nlb-security-groups': 'sg-1234',
      'frontend-nlb-eip-allocations': account.elasticAddresses.join(),
      'frontend-nlb-listener-port-mapping': '8080=80',
      'frontend-nlb-healthcheck-port': '443',
      'frontend-nlb-healthcheck-protocol': 'HTTPS',
      'frontend-nlb-healthcheck-path': '/healthz',
      'frontend-nlb-healthcheck-interval-seconds': '20',
      'frontend-nlb-healthcheck-timeout-seconds': '6',
      'frontend-nlb-healthcheck-healthy-threshold-count': '3',
      'frontend-nlb-healthcheck-unhealthy-threshold-count': '4',
      'frontend-nlb-healthcheck-success-codes': '200-404',
      'frontend-nlb-attributes': 'dns_record.client_routing_policy=availability_zone_affinity',
      'frontend-nlb-tags': 'team=edge',
    },
  },
  imported: { annotations: { 'listen-ports': HTTPS, 'tls-secrets': 'import' }, secret: 'tls' },
  requested: { annotations: { 'create-acm-cert': 'true' } },
  private: { annotations: { 'create-acm-cert': 'true', 'acm-pca-arn': AUTHORITY } },
  taken: { annotations: { 'dns-takeover': 'true' } },
  shares: { annotations: { 'dns-cutover': '10,100', 'dns-cutover-interval': '1h' } },
  hurries: { annotations: { 'dns-cutover': '10,100', 'dns-cutover-interval': '1s' } },
});

export const AUTHORITY =
  'arn:aws:acm-pca:us-west-1:123456789012:certificate-authority/12345678-1234-1234-1234-123456789012';

const PROBE = { httpGet: { path: '/ready', port: 'secure', scheme: 'HTTPS' }, periodSeconds: 1 };

/** Everything, in one text for kubectl. */
export const manifestsFor = (account: Account): string =>
  INGRESS_CLASS +
  asText([
    ...['web', 'yard'].map((name) => ({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } })),
    ...serverOf('echo', 'NodePort', [ECHO]),
    ...serverOf('echo-too', 'NodePort', [ECHO]),
    ...serverOf('pods', 'NodePort', [
      ECHO,
      { name: 'secure', image: 'tls', port: 8443, readinessProbe: PROBE },
    ]),
    ...serverOf('streams', 'ClusterIP', [{ name: 'http', image: 'grpc', port: 50_051 }]),
    ...Object.entries(sites(account)).map(([name, site]) => ingressOf(name, site)),
  ]);
