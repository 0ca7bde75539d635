/** LBC's functions, done by ours. Each takes the input of a case and gives what LBC would, or throws. */

import { toSdkGuard } from '../../src/aws/kinds/guards.ts';
import { parseCidr } from '../../src/core/annotations/cidr.ts';
import { mergeFrontend } from '../../src/core/annotations/merge-frontend.ts';
import type { Parser } from '../../src/core/annotations/parser.ts';
import { readSettings } from '../../src/core/annotations/read.ts';
import { boolean } from '../../src/core/annotations/scalar-parsers.ts';
import { splitPairs } from '../../src/core/annotations/string-map.ts';
import { clientIn } from '../../src/core/kube/client-secret.ts';
import { snapshotFromObjects } from '../../src/core/kube/from-objects.ts';
import { objectId } from '../../src/core/kube/objects.ts';
import { type Actual, NOTHING } from '../../src/core/model/actual.ts';
import { assumedFacts } from '../../src/core/model/assumed-facts.ts';
import type { Guard } from '../../src/core/model/guard.ts';
import { loadBalancerName, targetGroupName } from '../../src/core/model/names.ts';
import type { Resource } from '../../src/core/model/resource.ts';
import { conditionsOf } from '../../src/core/translate/conditions.ts';
import { NO_DEFAULTS } from '../../src/core/translate/defaults.ts';
import { coversHost } from '../../src/core/translate/discovered-certificates.ts';
import { guardsOf, type LoginSettings, loginSettings } from '../../src/core/translate/guards.ts';
import { PLAIN, readMember } from '../../src/core/translate/member.ts';
import { finalizerOf } from '../../src/core/translate/membership.ts';
import { elasticAddresses } from '../../src/core/translate/network-addresses.ts';
import { pathPatterns } from '../../src/core/translate/paths.ts';
import { type Desired, translate } from '../../src/core/translate/translate.ts';
import { alone, mayAssume, validated } from './bindings.ts';
import { GROUP_ADAPTERS, group as groupOf, valid } from './group-tables.ts';
import { conditionJson, guardJson, settingJson, transformJson } from './lbc-shapes.ts';
import { MADE_ADAPTERS } from './made-tables.ts';
import { NETWORK_ADAPTERS } from './network-tables.ts';
import type { Json } from './vectors.ts';

type Adapter = (input: Json) => Json;

const patterns = (path: string, type: string | undefined): Json => {
  const read = pathPatterns(path, type, false);
  if ('wrong' in read) throw new Error(read.wrong);
  return read;
};

/** One annotation of a case, by prefix and name, read by one of our parsers. */
const annotation =
  (parser: Pick<Parser<unknown>, 'parse'>, value: (read: Json) => Json = (read) => read): Adapter =>
  ({ prefix, suffix, annotations }) => {
    const raw = annotations?.[`${prefix}/${suffix}`];
    if (raw === undefined) return { exist: false };
    const parsed = parser.parse(raw);
    if (!parsed.ok) throw new Error(parsed.faults[0].expected);
    return { exist: true, value: value(parsed.value) };
  };

const group = (ingGroup: Json) => groupOf(ingGroup?.members ?? []);

/** What a group of lone annotations makes, with an HTTPS listener where its ports have one. */
const madeOf = (ingGroup: Json, actual: Actual = NOTHING): Desired => {
  const ingresses = (ingGroup.members as Json[]).map(({ ing }) => ({
    ...ing,
    spec: { ...ing.spec, ingressClassName: 'alb' },
    metadata: {
      ...ing.metadata,
      annotations: { ...ing.metadata.annotations, 'alb.ingress.kubernetes.io/group.name': ingGroup.id.name },
    },
  }));
  const ingressClass = {
    kind: 'IngressClass',
    metadata: { name: 'alb' },
    spec: { controller: 'ingress.k8s.aws/alb' },
  };
  const snapshot = snapshotFromObjects([ingressClass, ...ingresses]);
  return translate({
    ...{ stack: ingGroup.id.name, snapshot, actual, cluster: '', dns: false },
    ingresses: ingresses.map(({ metadata }) => objectId(metadata)),
    facts: { ...assumedFacts(snapshot, 'us-west-2'), certificates: undefined },
    scope: { ingressClass: 'alb', namespaces: [], defaults: NO_DEFAULTS },
  });
};

const requestedIn = ({ graph }: Desired): readonly Resource<'certificate'>[] =>
  [...graph.values()].flatMap((it) => (it.kind === 'certificate' ? [it] : []));

const withPorts = (ingGroup: Json): Json => ({
  ...ingGroup,
  members: ingGroup.members.map(({ ing }: Json) => ({
    ing: {
      ...ing,
      spec: { rules: [{ host: 'example.com' }] },
      metadata: {
        ...ing.metadata,
        annotations: {
          ...ing.metadata.annotations,
          'alb.ingress.kubernetes.io/listen-ports': '[{"HTTP":80},{"HTTPS":443}]',
        },
      },
    },
  })),
});

const stackOf = ({ id }: Json): string => (id.namespace ? `${id.namespace}/${id.name}` : id.name);

const stated = (annotations: Record<string, unknown>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(annotations).flatMap(([name, value]) =>
      value === undefined || value === null
        ? []
        : [[`alb.ingress.kubernetes.io/${name}`, typeof value === 'string' ? value : JSON.stringify(value)]],
    ),
  );

/** What the auth-* annotations say, in LBC's words. */
const authJson = (settings: LoginSettings): Json => {
  const pool = settings['auth-idp-cognito'];
  return {
    type: settings['auth-type'],
    ...(pool && {
      idpConfigCognito: {
        userPoolARN: pool.userPool,
        userPoolClientID: pool.clientId,
        userPoolDomain: pool.domain,
        ...(Object.keys(pool.extraParams).length > 0 && {
          authenticationRequestExtraParams: pool.extraParams,
        }),
      },
    }),
    onUnauthenticatedRequest: settings['auth-on-unauthenticated-request'],
    scope: settings['auth-scope'],
    sessionCookieName: settings['auth-session-cookie'],
    sessionTimeout: settings['auth-session-timeout'],
  };
};

/** The guards of an Ingress that states this, with these Secrets beside it. */
const guards = (
  namespace: string,
  annotations: Record<string, string>,
  secrets: Json[] = [],
): readonly Guard[] => {
  const ingress = { kind: 'Ingress', metadata: { name: 'ing', namespace, annotations } };
  const snapshot = snapshotFromObjects([ingress, ...secrets.map((it) => ({ kind: 'Secret', ...it }))]);
  const member = readMember(ingress, PLAIN, NO_DEFAULTS);
  valid(member.reading);
  const made = guardsOf(member, undefined, { snapshot });
  if ('wrong' in made) throw new Error(made.wrong);
  return 'guards' in made ? made.guards : [];
};

export const ADAPTERS: Readonly<Record<string, Adapter>> = {
  'ingress-auth-config': ({ svcAndIngAnnotations }) =>
    authJson(valid(readSettings(svcAndIngAnnotations, 'ingress')).settings),
  'ingress-backend-auth': ({ action, namespace, ingAnnotation, backendServices }) => {
    const targets = action.forwardConfig.targetGroups as Json[];
    const sole = targets.length === 1 ? backendServices[`${namespace}/${targets[0].serviceName}`] : undefined;
    const service = sole && valid(readSettings(sole.metadata.annotations, 'service'));
    return authJson(loginSettings(valid(readSettings(ingAnnotation, 'ingress')), service));
  },
  'ingress-action-oidc': ({ secrets, authCfg, namespace = 'default' }) => {
    const login = stated({
      'auth-type': 'oidc',
      'auth-idp-oidc': authCfg.idpConfigOIDC,
      'auth-on-unauthenticated-request': authCfg.onUnauthenticatedRequest,
      'auth-scope': authCfg.scope,
      'auth-session-cookie': authCfg.sessionCookieName,
      'auth-session-timeout': authCfg.sessionTimeout,
    });
    const [guard] = guards(namespace, login, secrets);
    const values = clientIn(secrets[0]);
    return guard && 'id' in values && guardJson(guard, values);
  },
  'ingress-action-jwt': ({ jwtValidationConfig }) => {
    const [guard] = guards('default', stated({ 'jwt-validation': jwtValidationConfig }));
    return guard ? guardJson(guard, { id: '', secret: '' }) : null;
  },
  'create-listener-jwt': ({ jwtValidationConfig: { additionalClaims: claims = [], ...config } }) => {
    const guard: Guard = { type: 'jwt-validation', ...config, claims };
    return toSdkGuard(guard, () => undefined).JwtValidationConfig;
  },
  ...GROUP_ADAPTERS,
  ...MADE_ADAPTERS,
  ...NETWORK_ADAPTERS,
  'ingress-path-patterns': ({ path, pathType }) => patterns(path, pathType ?? undefined).values,
  'ingress-path-patterns-exact': ({ path }) => patterns(path, 'Exact').values,
  'ingress-path-patterns-prefix': ({ path }) => patterns(path, 'Prefix').values,
  'ingress-path-patterns-implementation-specific': ({ path }) => patterns(path, 'ImplementationSpecific'),
  'ingress-rule-conditions': ({ ing, rule, path, backend }) => {
    const annotations = {
      ...ing.ing.metadata.annotations,
      'alb.ingress.kubernetes.io/conditions.svc': JSON.stringify(backend.conditions ?? []),
    };
    const member = readMember(
      { ...ing.ing, metadata: { ...ing.ing.metadata, annotations } },
      PLAIN,
      NO_DEFAULTS,
    );
    valid(member.reading);
    const made = conditionsOf(member, rule.host ?? '', { ...path, backend: { service: { name: 'svc' } } });
    if ('wrong' in made) throw new Error(made.wrong);
    return made.rules[0]?.map(conditionJson);
  },
  'ingress-backend-conditions': ({ ingAnnotation, svcName }) =>
    valid(readSettings(ingAnnotation, 'ingress')).settings['conditions.*'].get(svcName)?.map(conditionJson),
  'ingress-backend-transforms': ({ ingAnnotation, svcName }) =>
    valid(readSettings(ingAnnotation, 'ingress')).settings['transforms.*'].get(svcName)?.map(transformJson),
  'ingress-rule-transforms': ({ backend }) => {
    const stated = { 'alb.ingress.kubernetes.io/transforms.svc': JSON.stringify(backend.transforms) };
    return valid(readSettings(stated, 'ingress')).settings['transforms.*'].get('svc')?.map(transformJson);
  },
  'ingress-backend-action-annotation': ({ ingAnnotation, svcName }) => {
    const action = valid(readSettings(ingAnnotation, 'ingress')).settings['actions.*'].get(svcName);
    return action && settingJson(action);
  },
  'ingress-group-name': ({ groupName }) => {
    valid(readSettings({ 'alb.ingress.kubernetes.io/group.name': groupName }, 'ingress'));
    return 'ok';
  },
  'ingress-group-finalizer': ({ groupID }) => finalizerOf(stackOf({ id: groupID })),
  'ingress-lb-name': ({ ingGroup, scheme }) =>
    group(ingGroup).settings['load-balancer-name'] ?? loadBalancerName('', stackOf(ingGroup), scheme),
  'ingress-lb-ip-address-type': ({ ingGroup }) => group(ingGroup).settings['ip-address-type'],
  'ingress-lb-coip-pool': ({ ingGroup }) => group(ingGroup).settings['customer-owned-ipv4-pool'],
  'ingress-lb-attributes': ({ ing }) =>
    valid(readSettings(ing.ing.metadata.annotations, 'ingress')).settings['load-balancer-attributes'],
  'ingress-lb-capacity-ingress': ({ ing }) => ({
    CapacityUnits: String(
      valid(readSettings(ing.ing.metadata.annotations, 'ingress')).stated['minimum-load-balancer-capacity'],
    ),
  }),
  'ingress-listener-attributes': ({ ingGroup }) =>
    Object.entries(group(ingGroup).listeners.find(({ port }) => port === 80)?.attributes ?? {}).map(
      ([key, value]) => ({ key, value }),
    ),
  'ingress-tg-name': ({
    ingKey,
    svc,
    port,
    tgPort,
    targetType,
    tgProtocol,
    tgProtocolVersion,
    controlPort,
  }) => {
    // The stack of these cases is empty, which LBC writes as a namespaced name.
    return targetGroupName({
      cluster: '',
      stack: '',
      ingress: `${ingKey.namespace}/${ingKey.name}`,
      service: svc.metadata.name,
      serviceUid: svc.metadata.uid ?? '',
      servicePort: String(port),
      targetGroupPort: tgPort,
      targetType,
      protocol: tgProtocol,
      protocolVersion: tgProtocolVersion,
      controlPort,
    });
  },
  'ingress-tg-control-port': ({ svcAndIngAnnotations, svc, port }) =>
    valid(readSettings(svcAndIngAnnotations, 'ingress')).settings['target-control-port.*'].get(
      `${svc.metadata.name}.${port}`,
    ),
  'frontend-nlb-enable': ({ ingGroup }) => group(ingGroup).settings['enable-frontend-nlb'],
  'frontend-nlb-attributes': ({ ingGroup }) => group(ingGroup).settings['frontend-nlb-attributes'],
  'frontend-nlb-scheme': ({ annotations }) => ({
    scheme: valid(readSettings(annotations, 'ingress')).stated['frontend-nlb-scheme'],
    explicit: true,
  }),
  'frontend-nlb-security-groups': ({ ingGroup }) => group(ingGroup).settings['frontend-nlb-security-groups'],
  'frontend-nlb-tags': ({ ingGroup, defaultTags }) => {
    const { 'frontend-nlb-tags': own = {}, tags } = group(ingGroup).settings;
    return Object.keys(own).length > 0 ? { ...own, ...defaultTags } : tags;
  },
  'frontend-nlb-listeners-errors': ({ ingGroup, listenerPortConfigByIngress }) => {
    const { conflicts } = mergeFrontend(
      (ingGroup.members as Json[]).map(({ ing }) => {
        const id = objectId(ing.metadata);
        const ports = Object.keys(listenerPortConfigByIngress[id]).map((port) => ({
          protocol: 'HTTP' as const,
          port: Number(port),
        }));
        const reading = valid(readSettings(ing.metadata.annotations, 'ingress'));
        return { ...reading, id, stated: { ...reading.stated, 'listen-ports': ports } };
      }),
    );
    if (conflicts[0]) throw new Error(`conflicting ${conflicts[0].annotation}`);
    return 'ok';
  },
  'frontend-nlb-listener-merge': ({ configs }) => {
    const members = (configs as Json[]).map(({ ingKey, frontendNlbListenerConfig: it }) => ({
      id: `${ingKey.namespace}/${ingKey.name}`,
      invalid: new Set<never>(),
      stated: {
        'listen-ports': [{ protocol: 'HTTP' as const, port: it.targetPort }],
        'frontend-nlb-listener-port-mapping': new Map([[it.port, it.targetPort]]),
        'frontend-nlb-healthcheck-interval-seconds': it.healthCheckConfig.intervalSeconds,
        'frontend-nlb-healthcheck-timeout-seconds': it.healthCheckConfig.timeoutSeconds,
      },
    }));
    const { ports, conflicts } = mergeFrontend(members);
    if (conflicts[0]) throw new Error(`conflicting ${conflicts[0].annotation}`);
    const [only] = ports;
    return {
      protocol: 'TCP',
      port: only?.port,
      targetPort: only?.target,
      healthCheckConfig: {
        intervalSeconds: only?.healthCheck.interval,
        timeoutSeconds: only?.healthCheck.timeout,
      },
    };
  },
  'frontend-nlb-subnet-mappings': ({ ingGroup, scheme }) => {
    const merged = group(ingGroup);
    const subnets = merged.settings['frontend-nlb-subnets'] ?? ['subnet-1', 'subnet-2'];
    const report = (_: string, annotation: string, message: string): never => {
      throw new Error(`${annotation}: ${message}`);
    };
    const settings = { ...merged, isUnknown: () => false, told: [] };
    const addresses = elasticAddresses(scheme, subnets, undefined, { settings, report });
    return subnets.map((subnetID) => ({ subnetID, allocationID: addresses?.[subnetID] }));
  },
  'ingress-tg-node-selector': ({ ing }) =>
    valid(readSettings(ing.ing.metadata.annotations, 'ingress')).settings['target-node-labels'],
  'ingress-certificates-create': ({ ingGroup }) => {
    const made = madeOf(ingGroup);
    const [first] = requestedIn(made);
    if (!first) throw new Error(made.problems.map(({ message }) => message).join('; '));
    return {
      type: 'AMAZON_ISSUED',
      domainName: first.spec.domains[0],
      subjectAlternativeNames: first.spec.domains,
      validationMethod: 'DNS',
    };
  },
  // Theirs is made already where there is one: ours is asked for first, and served once it has been issued.
  'ingress-listener-certificates': ({ ingGroup, modelCert }) => {
    const group = withPorts(ingGroup);
    const arn = modelCert?.status.certificateARN;
    const asked = requestedIn(madeOf(group)).map(
      (it) => [it.key, { ...it, spec: { ...it.spec, issued: true } }] as const,
    );
    const made = madeOf(group, { ...NOTHING, owned: new Map(asked) });
    return [...made.graph.values()]
      .flatMap((it) => (it.kind === 'listener' ? [it.spec] : []))
      .sort((a, b) => a.port - b.port)
      .map(({ port, certificates }) => ({
        port,
        certificates: certificates.map((it) => (it.startsWith('certificate/') ? arn : it)),
      }));
  },
  'ingress-listener-certificate-dedup': ({ configs }) => {
    const members = (configs as Json[]).map(({ ingKey, listenPortConfig }) => ({
      ing: {
        kind: 'Ingress',
        metadata: {
          ...ingKey,
          annotations: {
            'alb.ingress.kubernetes.io/certificate-arn': listenPortConfig.tlsCerts.join(),
          },
        },
      },
    }));
    return group({ id: { name: 'g' }, members }).listeners.find(({ port }) => port === 443)?.certificates
      .length;
  },
  'cert-domain-match': ({ domainName, tlsHost }) => coversHost(domainName, tlsHost, 'discover'),
  'cidr-parse': ({ cidrs }) =>
    ((cidrs ?? []) as string[]).map((cidr) => {
      const parsed = parseCidr(cidr);
      if (!parsed) throw new Error(`${cidr} is no CIDR`);
      return parsed.text;
    }),
  'ingress-tg-multi-cluster': ({ ing, svc }) => {
    const service = valid(readSettings(svc.metadata?.annotations, 'service'));
    const member = valid(readSettings(ing.ing.metadata?.annotations, 'ingress'));
    return service.settings['multi-cluster-target-group'] || member.settings['multi-cluster-target-group'];
  },
  'webhook-tgb-create': validated,
  'webhook-tgb-existing': alone,
  'webhook-tgb-assume-role': mayAssume,
  'annotation-bool': annotation(boolean),
  'annotation-string-map': annotation({ parse: splitPairs }, (pairs) => Object.fromEntries(pairs)),
};
