/** LBC's functions about tags, target groups, rules and add-ons, done by translating Ingresses that ask for the same. */
import { mutualAuthentication } from '../../src/core/annotations/mutual-authentication.ts';
import { readSettings } from '../../src/core/annotations/read.ts';
import type { Kind } from '../../src/core/model/key.ts';
import { defaultsOf } from '../../src/core/translate/defaults.ts';
import { pathPatterns } from '../../src/core/translate/paths.ts';
import { comparePlaces } from '../../src/core/translate/precedence.ts';
import { loops } from '../../src/core/translate/refusals.ts';
import { NO_FLAGS } from '../cases/no-flags.ts';
import { group, readIn, valid } from './group-tables.ts';
import { actionJson } from './lbc-shapes.ts';
import { allOf, makeOf, stored, userTagsOf } from './made.ts';
import type { Json } from './vectors.ts';

type Adapter = (input: Json) => Json;

const PREFIX = 'alb.ingress.kubernetes.io/';
const BARE = { ing: { metadata: {} } };

const tagsOn = (kind: Kind, asked: Parameters<typeof makeOf>[0]): Json => {
  const [first] = allOf(makeOf(asked), kind);
  return first && 'tags' in first.spec ? userTagsOf(first.spec.tags) : undefined;
};

const KINDS: Readonly<Record<string, Kind>> = {
  loadBalancer: 'load-balancer',
  listenerRule: 'rule',
  targetGroup: 'target-group',
  listener: 'listener',
  securityGroup: 'security-group',
  managedSecurityGroup: 'security-group',
};

const ofGroup =
  (kind: Kind): Adapter =>
  ({ ingGroup, ingList, defaultTags, externalManagedTags }) =>
    tagsOn(kind, {
      members: ingGroup?.members ?? ingList,
      defaults: { tags: defaultTags ?? {}, externalTags: externalManagedTags ?? [] },
    });

const ofRule: Adapter = ({ ing, defaultTags }) =>
  tagsOn('rule', { members: [ing], defaults: { tags: defaultTags ?? {} } });

const ofTargetGroup: Adapter = ({ ing, svc, defaultTags }) =>
  tagsOn('target-group', {
    members: [ing],
    services: [stored(svc)],
    defaults: { tags: defaultTags ?? {} },
  });

/** The target group that a Service port gets from an Ingress with these annotations. */
const targetGroupOf = (annotations: Json, port?: Json): Json => {
  const ing = {
    metadata: { annotations: { [`${PREFIX}target-type`]: 'ip', ...annotations } },
  };
  const [made] = allOf(
    makeOf({
      members: [{ ing }],
      services: [stored({ metadata: { name: 'svc', namespace: 'default' } }, port)],
      annotations: { 'listen-ports': '[{"HTTPS":443}]', 'certificate-arn': CERTIFICATE },
    }),
    'target-group',
  );
  return made?.spec;
};

const CERTIFICATE = 'arn:aws:acm:us-west-2:123456789012:certificate/12345678-1234-1234-1234-123456789012';

const versioned = (annotations: Json, version: string): Json => ({
  ...annotations,
  [`${PREFIX}backend-protocol-version`]: version,
});

const KEEPS = {
  protocol: '#{protocol}',
  host: '#{host}',
  port: '#{port}',
  path: '/#{path}',
  query: '#{query}',
} as const;

const redirectIn = ({ actions }: Json): Json => ({
  type: 'redirect',
  ...KEEPS,
  ...actions.find(({ type }: Json) => type === 'redirect')?.redirectConfig,
});

const valuesIn = (conditions: Json, field: string, config: string): Json =>
  conditions.filter((it: Json) => it.field === field).flatMap((it: Json) => it[config].values ?? []);

/** An Ingress of these rules, in their order: what is no host and no path is stated for the backend. */
const ingressOfRules = (rules: Json): Json => {
  const annotations: Record<string, string> = { [`${PREFIX}use-regex-path-match`]: 'true' };
  const paths = rules.map(({ conditions, actions }: Json, index: number) => {
    const name = `rule-${index}`;
    const others = conditions.filter((it: Json) => !['host-header', 'path-pattern'].includes(it.field));
    const config = conditions.find((it: Json) => it.field === 'path-pattern').pathPatternConfig;
    annotations[`${PREFIX}actions.${name}`] = JSON.stringify(actions[0]);
    if (others.length > 0) annotations[`${PREFIX}conditions.${name}`] = JSON.stringify(others);
    const path = config.values?.[0] ?? `/${config.regexValues[0]}`;
    return {
      path,
      pathType: config.values && !/[*?]/.test(path) ? 'Exact' : 'ImplementationSpecific',
      backend: { service: { name, port: { name: 'use-annotation' } } },
    };
  });
  const [host] = valuesIn(rules[0].conditions, 'host-header', 'hostHeaderConfig');
  return { metadata: { annotations }, spec: { rules: [{ host, http: { paths } }] } };
};

const place = (path: Json, index: number): Json => ({
  ...{ order: 0, ingress: 'n/i', created: '', rule: 0, path: index, host: '' },
  ...{ pathValue: path.path ?? '', pathType: path.pathType },
});

const flagTags: Adapter = ({ defaultTags, externalManagedTags }) => {
  const pairs = Object.entries(defaultTags ?? {}).map(([key, value]) => `${key}=${value}`);
  const read = defaultsOf({
    ...NO_FLAGS,
    'default-tags': pairs.join() || undefined,
    'external-managed-tags': externalManagedTags ?? [],
  });
  if ('wrong' in read) throw new Error(read.wrong);
  return 'ok';
};

export const MADE_ADAPTERS: Readonly<Record<string, Adapter>> = {
  'ingress-lb-tags': ofGroup('load-balancer'),
  'ingress-lb-tags-gates': ofGroup('load-balancer'),
  'ingress-listener-tags': ofGroup('listener'),
  'ingress-managed-sg-tags': ofGroup('security-group'),
  'ingress-managed-sg-tags-gates': ofGroup('security-group'),
  'ingress-rule-tags': ofRule,
  'ingress-rule-tags-gates': ofRule,
  'ingress-tg-tags': ofTargetGroup,
  'ingress-tg-tags-gates': ofTargetGroup,
  'ingress-tags-priority': ({ resourceType, ingGroup, ing, svc, defaultTags }) =>
    tagsOn(KINDS[resourceType] ?? 'load-balancer', {
      members: ingGroup?.members ?? [ing],
      services: svc ? [stored(svc)] : resourceType === 'targetGroup' ? [stored(SERVICE)] : [],
      defaults: { tags: defaultTags ?? {} },
    }),
  'ingress-tags-ingress': ({ ing, externalManagedTags }) =>
    tagsOn('rule', { members: [ing], defaults: { externalTags: externalManagedTags } }),
  'ingress-tags-backend': ({ ing, backend, externalManagedTags }) =>
    tagsOn('target-group', {
      members: [ing],
      services: [stored(backend)],
      defaults: { externalTags: externalManagedTags },
    }),
  'ingress-tags-group': ({ ingList, externalManagedTags }) =>
    tagsOn('load-balancer', { members: ingList, defaults: { externalTags: externalManagedTags } }),
  'ingress-tags-external': ({ externalManagedTags, tags }) => {
    const pairs = Object.entries(tags ?? {}).map(([key, value]) => `${key}=${value}`);
    const annotations: Record<string, string> = pairs.length > 0 ? { tags: pairs.join() } : {};
    makeOf({ members: [BARE], annotations, defaults: { externalTags: externalManagedTags ?? [] } });
    return 'ok';
  },
  'config-default-tags': flagTags,
  'config-external-tags': flagTags,
  'config-external-default-tags': flagTags,
  'ingress-tg-healthcheck-matcher': ({ svcAndIngAnnotations, tgProtocolVersion }) => {
    const { codes } = targetGroupOf(versioned(svcAndIngAnnotations, tgProtocolVersion)).healthCheck;
    return tgProtocolVersion === 'GRPC' ? { grpcCode: codes } : { httpCode: codes };
  },
  'ingress-tg-healthcheck-path': ({ svcAndIngAnnotations, tgProtocolVersion }) =>
    targetGroupOf(versioned(svcAndIngAnnotations, tgProtocolVersion)).healthCheck.path,
  'ingress-tg-port': ({ targetType, svcPort }) =>
    targetGroupOf({ [`${PREFIX}target-type`]: targetType }, svcPort).port,
  'ingress-tg-spec-errors': ({ ing, svc, svcPort }) => {
    makeOf({ members: [ing], services: [stored(svc, svcPort)] });
    return 'ok';
  },
  'ingress-path-classify': ({ paths }) => {
    for (const { path, pathType } of paths) {
      const read = pathPatterns(path, pathType, false);
      if ('wrong' in read) throw new Error(read.wrong);
    }
    return undefined;
  },
  'ingress-path-sort': ({ paths }) =>
    paths
      .map((path: Json, index: number) => ({ path, at: place(path, index) }))
      .toSorted((a: Json, b: Json) => comparePlaces('lbc')(a.at, b.at))
      .map(({ path }: Json) => path),
  'ingress-rule-infinite-redirect': ({ port, protocol, rule }) =>
    loops(
      redirectIn(rule),
      { port, protocol },
      {
        hosts: valuesIn(rule.conditions, 'host-header', 'hostHeaderConfig'),
        paths: valuesIn(rule.conditions, 'path-pattern', 'pathPatternConfig'),
      },
    ),
  'ingress-rule-optimize': ({ rules }) => {
    const made = makeOf({
      members: [{ ing: ingressOfRules(rules) }],
      annotations: { 'listen-ports': '[{"HTTPS":443}]', 'certificate-arn': CERTIFICATE },
      anyway: true,
    });
    return allOf(made, 'rule')
      .toSorted((a, b) => a.spec.priority - b.spec.priority)
      .map(({ key }) => rules[made.places.get(key)?.[0]?.path ?? -1]);
  },
  'ingress-action-ssl-redirect': ({ sslRedirectConfig: { sslPort } }) => {
    const made = makeOf({
      members: [BARE],
      annotations: {
        'listen-ports': `[{"HTTP":80},{"HTTPS":${sslPort}}]`,
        'certificate-arn': CERTIFICATE,
        'ssl-redirect': String(sslPort),
      },
    });
    const redirecting = allOf(made, 'listener').find(({ spec }) => spec.port === 80);
    const [action] = redirecting?.spec.defaultActions ?? [];
    return action && actionJson(action, (key) => key);
  },
  'ingress-action-target-group-name': ({ forwardActionConfig, cache }) => {
    const [[name, arn]] = Object.entries(cache) as [[string, string]];
    const real = 'arn:aws:elasticloadbalancing:us-west-2:123456789012:targetgroup/x/0123456789abcdef';
    const made = makeOf({
      members: [BARE],
      annotations: {
        'actions.answer': JSON.stringify({ type: 'forward', forwardConfig: forwardActionConfig }),
      },
      facts: { targetGroups: [{ name, arn: real }] },
    });
    const [action] = allOf(made, 'rule')[0]?.spec.actions ?? [];
    return action && actionJson(action, (key) => (key === `arn:${real}` || key === real ? arn : key));
  },
  'ingress-addon-shield': ({ ingGroup, lbARN }) => {
    const enabled = group(ingGroup.members).settings['shield-advanced-protection'];
    return enabled === undefined ? undefined : { spec: { enabled, resourceARN: lbARN } };
  },
  'ingress-addon-wafv2': ({ ingGroup, lbARN }) => {
    const real =
      'arn:aws:wafv2:us-west-2:123456789012:regional/webacl/x/11111111-1111-1111-1111-111111111111';
    const members = JSON.parse(JSON.stringify(ingGroup.members).replaceAll('"wafv2-arn-1"', `"${real}"`));
    const arn = group(members).settings['wafv2-acl-arn'];
    const webACLARN = arn === real ? 'wafv2-arn-1' : '';
    return arn === undefined ? undefined : { spec: { webACLARN, resourceARN: lbARN } };
  },
  'ingress-addon-waf-classic': ({ ingGroup, lbARN }) => {
    for (const member of ingGroup.members) {
      const refusal = readIn(member).problems.find(({ guards, severity }) => guards || severity === 'error');
      if (refusal) throw new Error(refusal.expected);
    }
    return { spec: { webACLID: '', resourceARN: lbARN } };
  },
  'ingress-manage-backend-sg-rules': ({ ingGroup }) => {
    return group(ingGroup.members).settings['manage-backend-security-group-rules'];
  },
  'ingress-listener-mtls-validation': ({ trustStoreARN, ignoreClientCert, advertiseCANames, ...entry }) => {
    const store = 'arn:aws:elasticloadbalancing:us-west-2:123456789012:truststore/clients/0123456789abcdef';
    const read = mutualAuthentication.parse(
      JSON.stringify([
        {
          ...entry,
          ...(advertiseCANames && { advertiseTrustStoreCaNames: advertiseCANames }),
          ...(trustStoreARN && { trustStore: store }),
          ...(ignoreClientCert !== undefined && { ignoreClientCertificateExpiry: ignoreClientCert }),
        },
      ]),
    );
    if (!read.ok) throw new Error(read.faults[0].expected);
    return 'ok';
  },
  'webhook-ingress-conditions': ({ ing }) => {
    valid(readSettings(ing.metadata.annotations, 'ingress'));
    return 'ok';
  },
};

const SERVICE = { metadata: { name: 'svc', namespace: 'ns-1' } };
