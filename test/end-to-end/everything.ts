/** One set of manifests with every feature that keeps state somewhere, and what AWS and the cluster hold of it. */
import assert from 'node:assert/strict';
import {
  CreateTargetGroupCommand,
  ElasticLoadBalancingV2Client,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import {
  GetResourcesCommand,
  ResourceGroupsTaggingAPIClient,
} from '@aws-sdk/client-resource-groups-tagging-api';
import { ChangeResourceRecordSetsCommand, Route53Client } from '@aws-sdk/client-route-53';
import { makeCertificate } from '../../src/sandbox/aws/acm/make-certificate.ts';
import { INGRESS_CLASS, ingress, secret, textServer } from './manifests.ts';
import { CLUSTER, startWorld, type World } from './world.ts';

const PLACE = { subnets: 'subnet-1234,subnet-5678', scheme: 'internal' };

/** Flags with which nothing has to be waited for. */
export const EVERYTHING_FLAGS = ['--certificate-grace', '1s', '--target-health-wait', '2s'];

const OIDC = {
  issuer: 'https://login.example.com',
  authorizationEndpoint: 'https://login.example.com/authorize',
  tokenEndpoint: 'https://login.example.com/token',
  userInfoEndpoint: 'https://login.example.com/userinfo',
  secretName: 'login',
};

/** A class of one team, whose Ingresses share a load balancer. */
const SHARED_CLASS = `
apiVersion: elbv2.k8s.aws/v1beta1
kind: IngressClassParams
metadata: { name: shared }
spec:
  namespaceSelector: { matchLabels: { team: shop } }
  group: { name: all }
  scheme: internal
  tags: [{ key: team, value: shop }]
---
apiVersion: networking.k8s.io/v1
kind: IngressClass
metadata: { name: shared }
spec:
  controller: ingress.k8s.aws/alb
  parameters: { apiGroup: elbv2.k8s.aws, kind: IngressClassParams, name: shared }
---`;

const LISTEN = { 'listen-ports': '[{"HTTP":80},{"HTTPS":443}]', 'ssl-redirect': '443' };

/** Pods that are ready only when the load balancer has found them healthy. */
const GATED = `
apiVersion: apps/v1
kind: Deployment
metadata: { name: gated, namespace: api }
spec:
  replicas: 2
  selector: { matchLabels: { app: gated } }
  template:
    metadata: { labels: { app: gated } }
    spec:
      readinessGates: [{ conditionType: target-health.elbv2.k8s.aws/ingress }]
      containers:
        - { name: web, image: 'http-text-response:1', env: [{ name: RESPONSE_BODY, value: from-gated }], ports: [{ containerPort: 8080 }] }
---`;

/** Stays, because the names of target groups come from its uid. */
const GATED_SERVICE = `
apiVersion: v1
kind: Service
metadata: { name: gated, namespace: api }
spec: { selector: { app: gated }, ports: [{ port: 80, targetPort: 8080 }] }
---`;

const inSharedClass = (text: string): string =>
  text.replace('ingressClassName: alb', 'ingressClassName: shared');

const withTls = (text: string, secretName: string): string =>
  text.replace('spec:\n', `spec:\n  tls: [{ hosts: [shop.example.com], secretName: ${secretName} }]\n`);

/** Everything that is made and deleted again in each round. */
const manifest = (targetGroupARN: string): string =>
  GATED +
  inSharedClass(
    withTls(
      ingress({
        namespace: 'web',
        name: 'shop',
        annotations: {
          ...LISTEN,
          // Who is older depends on the second in which each is made.
          'group.order': '1',
          subnets: PLACE.subnets,
          'tls-secrets': 'import',
          'auth-type': 'oidc',
          'auth-idp-oidc': JSON.stringify(OIDC),
        },
      }),
      'tls',
    ),
  ) +
  inSharedClass(
    ingress({
      namespace: 'api',
      name: 'tokens',
      annotations: {
        ...LISTEN,
        subnets: PLACE.subnets,
        'create-acm-cert': 'true',
        'jwt-validation': JSON.stringify({ jwksEndpoint: `${OIDC.issuer}/keys`, issuer: OIDC.issuer }),
      },
      paths: [['/', 'open']],
    }),
  ) +
  ingress({
    namespace: 'api',
    name: 'gated',
    annotations: {
      ...PLACE,
      'target-type': 'ip',
      'enable-frontend-nlb': 'true',
      'frontend-nlb-healthcheck-success-codes': '200-404',
    },
  }) +
  ingress({
    namespace: 'api',
    name: 'open',
    host: 'moving.example.com',
    annotations: { ...PLACE, 'dns-cutover': '50,100', 'dns-cutover-interval': '1h' },
  }) +
  `\n${JSON.stringify({
    apiVersion: 'elbv2.k8s.aws/v1beta1',
    kind: 'TargetGroupBinding',
    metadata: { name: 'by-hand', namespace: 'web' },
    spec: { targetGroupARN, targetType: 'ip', serviceRef: { name: 'shop', port: 80 } },
  })}\n`;

export type Everything = {
  readonly world: World;
  apply(): Promise<void>;
  /** Takes back what users have changed of it or deleted, and has everything looked at again. */
  restore(): Promise<void>;
  /** Resolves when every part works. */
  works(): Promise<void>;
  /** What AWS holds, without what it chooses by chance. */
  content(): Promise<unknown>;
  /** Deletes all of it, and checks that nothing is left in AWS or the cluster. */
  remove(): Promise<void>;
};

export const startEverything = async (): Promise<Everything> => {
  const world = await startWorld();
  const { state } = world.box.aws;
  for (const name of ['ingressclassparams', 'ingressstacks', 'targetgroupbindings']) await world.define(name);
  const { certificate, privateKey } = makeCertificate({ names: ['shop.example.com'] });
  const base =
    INGRESS_CLASS +
    SHARED_CLASS +
    textServer('web', 'shop', 'from-shop') +
    textServer('api', 'open', 'from-open') +
    GATED_SERVICE +
    secret('tls', { 'tls.crt': certificate, 'tls.key': privateKey }, 'kubernetes.io/tls') +
    secret('login', { clientID: 'client', clientSecret: 'secret' });
  const makeBase = async (): Promise<void> => {
    await world.kubectl(['apply', '-f', '-'], base);
    await world.kubectl(['label', '--overwrite', 'namespace', 'web', 'api', 'team=shop']);
  };
  await makeBase();
  const { TargetGroups } = await new ElasticLoadBalancingV2Client(world.sdk).send(
    new CreateTargetGroupCommand({
      ...{ Name: 'by-hand', TargetType: 'ip', Protocol: 'HTTP', Port: 80 },
      VpcId: [...state.instances.values()][0]?.vpc,
    }),
  );
  const byHand = TargetGroups?.[0]?.TargetGroupArn ?? '';
  await new Route53Client(world.sdk).send(
    new ChangeResourceRecordSetsCommand({
      HostedZoneId: 'ZEX',
      ChangeBatch: {
        Changes: [
          {
            Action: 'CREATE',
            ResourceRecordSet: {
              ...{ Name: 'moving.example.com', Type: 'CNAME', TTL: 60 },
              ResourceRecords: [{ Value: 'elsewhere.example.org' }],
            },
          },
        ],
      },
    }),
  );
  const tagging = new ResourceGroupsTaggingAPIClient(world.sdk);
  const ours = async (): Promise<readonly string[]> => {
    const TagFilters = [{ Key: 'elbv2.k8s.aws/cluster', Values: [CLUSTER] }];
    const { ResourceTagMappingList = [] } = await tagging.send(new GetResourcesCommand({ TagFilters }));
    return ResourceTagMappingList.map(({ ResourceARN = '' }) => ResourceARN);
  };
  const untouched = contentOf(world);
  const objects = (kinds: string): Promise<string> => world.kubectl(['get', kinds, '-A', '-o', 'name']);
  const answers = async (url: string, ...expected: readonly number[]): Promise<boolean> =>
    expected.includes((await world.get(url).catch(() => undefined))?.status ?? 0);
  return {
    world,
    apply: async () => void (await world.kubectl(['apply', '-f', '-'], manifest(byHand))),
    restore: async () => {
      await makeBase();
      await world.kubectl(['apply', '-f', '-'], manifest(byHand));
      for (const [kind, namespace] of [
        ['ingress', 'web'],
        ['ingress', 'api'],
        ['targetgroupbinding', 'web'],
      ] as const) {
        const touched = `example.com/touched=${Date.now()}`;
        await world.kubectl(['annotate', '--overwrite', kind, '--all', '-n', namespace, touched]);
      }
      const added = ['auth-session-timeout', 'backend-protocol', 'tags', 'group.name'].map(
        (it) => `alb.ingress.kubernetes.io/${it}-`,
      );
      await world.kubectl(['annotate', 'ingress', '--all', '-n', 'web', ...added]);
      await world.kubectl(['annotate', 'ingress', '--all', '-n', 'api', ...added]);
    },
    works: async () => {
      // A guard on HTTP is a redirect to HTTPS.
      await world.until('the login', () => answers('http://shop.example.com/', 301, 302));
      await world.until('the guard of tokens', () => answers('http://tokens.example.com/', 301, 302));
      await world.until('gated Pods', () => answers('http://gated.example.com/', 200));
      await world.until('a certificate that was asked for is served', () =>
        [...state.listeners.values()].some(
          (it) => it.Port === 443 && it.extraCertificates.length + (it.Certificates?.length ?? 0) > 1,
        ),
      );
      await world.until('the name is shared', () => recordsOf(world).filter(isShared).length === 2);
      await world.until(
        'the bound group is filled',
        () => [...(state.targetGroups.get(byHand)?.targets.values() ?? [])].filter(stays).length === 2,
      );
      await world.until('Pods are ready', async () =>
        (await world.kubectl(['get', 'deploy', 'gated', '-n', 'api', '--no-headers'])).includes('2/2'),
      );
      await world.until('the stacks say they are ready', async () => {
        const lines = (await world.kubectl(['get', 'albs', '--no-headers'])).trim().split('\n');
        // The third one waits for the next step of the cut-over.
        return lines.length === 3 && lines.filter((line) => /^\S+\s+True/.test(line)).length === 2;
      });
      await world.quiet();
    },
    content: async () => contentOf(world),
    remove: async () => {
      await world.kubectl(['delete', '-f', '-', '--timeout=60s'], manifest(byHand));
      await world.quiet();
      assert.deepEqual(await ours(), [], 'nothing of ours is in AWS');
      await world.until('no stack is shown', async () => (await objects('albs')) === '');
      assert.equal(await objects('ingresses,targetgroupbindings'), '');
      await world.until('drained', () => (state.targetGroups.get(byHand)?.targets.size ?? 0) === 0);
      assert.deepEqual(contentOf(world), untouched, 'AWS is as it was');
    },
  };
};

const stays = ({ health }: { readonly health: { readonly State?: string | undefined } }): boolean =>
  health.State !== 'draining';

type Row = readonly unknown[];

const isShared = ([name, , , weight]: Row): boolean => name === 'moving.example.com.' && weight === 50;

const recordsOf = ({ box }: World): readonly Row[] =>
  [...box.aws.state.zones.values()].flatMap(({ records }) =>
    [...records.values()]
      .filter(({ Type }) => Type !== 'NS' && Type !== 'SOA')
      .map(({ Name, Type, SetIdentifier, Weight, AliasTarget, ResourceRecords, TTL }) => [
        ...[Name?.replace(/^_[0-9a-f]{32}/, '_validation'), Type, SetIdentifier, Weight, TTL],
        (AliasTarget?.DNSName ?? ResourceRecords?.map(({ Value }) => Value).join())
          ?.replace(/-\w+\.(elb\.)?us-west-1/, '.us-west-1')
          .replace(/[0-9a-f]{32}/g, 'hash')
          .replace(/cutover-since=\d+/, 'cutover-since'),
      ]),
  );

const sorted = (rows: readonly Row[]): readonly Row[] =>
  rows
    .map((row) => JSON.stringify(row))
    .sort()
    .map((row) => JSON.parse(row) as Row);

const contentOf = (world: World): unknown => {
  const { loadBalancers, listeners, rules, targetGroups, certificates } = world.box.aws.state;
  // Names end in a hash of the uid of a Service; a group in front that waits for its load balancer when the controller
  // ends is made again by another name.
  const named = (arn: string | undefined): string => {
    const { TargetGroupName, TargetType, Port } = targetGroups.get(arn ?? '') ?? {};
    const name =
      TargetType === 'alb' ? `in front of ${Port}` : TargetGroupName?.replace(/-[0-9a-f]{10}$/, '');
    return name ?? loadBalancers.get(arn ?? '')?.LoadBalancerName ?? '';
  };
  const portOf = (arn: string): unknown => [
    named(listeners.get(arn)?.LoadBalancerArn),
    listeners.get(arn)?.Port,
  ];
  const domains = (arn: string | undefined): string =>
    certificates.get(arn ?? '')?.domains.join() ?? 'unknown';
  const actions = (list: (typeof listeners extends Map<string, infer L> ? L : never)['DefaultActions']) =>
    list?.map((it) => [
      it.Type,
      it.ForwardConfig?.TargetGroups?.map(({ TargetGroupArn, Weight }) => [named(TargetGroupArn), Weight]),
      it.FixedResponseConfig,
      it.RedirectConfig,
      it.AuthenticateOidcConfig?.ClientId,
      it.JwtValidationConfig?.Issuer,
    ]);
  return {
    balancers: sorted(
      [...loadBalancers.values()].map((it) => [it.LoadBalancerName, it.Type, it.Scheme, it.attributes]),
    ),
    listeners: sorted(
      [...listeners.values()].map((it) => [
        ...[portOf(it.ListenerArn), it.Protocol, actions(it.DefaultActions)],
        it.Certificates?.map(({ CertificateArn }) => domains(CertificateArn)),
        it.extraCertificates.map(domains).sort(),
      ]),
    ),
    rules: sorted(
      [...rules.values()]
        .filter((it) => !it.IsDefault)
        .map((it) => [portOf(it.listenerArn), it.Priority, it.Conditions, actions(it.Actions)]),
    ),
    groups: sorted(
      [...targetGroups.values()].map((it) => [
        ...[named(it.TargetGroupArn), it.attributes, [...it.targets.values()].filter(stays).length],
      ]),
    ),
    certificates: sorted([...certificates.values()].map(({ domains: names }) => [names.join()])),
    records: sorted(recordsOf(world)),
  };
};
