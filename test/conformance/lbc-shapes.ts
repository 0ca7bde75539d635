/** Our resources in the words of LBC's stack JSON. */
import type { ActionSetting, ForwardTarget } from '../../src/core/annotations/action.ts';
import { type Guard, isGuard, type Login } from '../../src/core/model/guard.ts';
import type { Resource, TargetGroupSpec } from '../../src/core/model/resource.ts';
import type { Action, Condition, Transform } from '../../src/core/model/rule.ts';
import type { Json } from './vectors.ts';

const CONFIG: Readonly<Record<Condition['field'], string>> = {
  'host-header': 'hostHeaderConfig',
  'path-pattern': 'pathPatternConfig',
  'http-header': 'httpHeaderConfig',
  'http-request-method': 'httpRequestMethodConfig',
  'query-string': 'queryStringConfig',
  'source-ip': 'sourceIPConfig',
};

export const conditionJson = (it: Condition): Json => {
  if (it.field === 'query-string') return { field: it.field, [CONFIG[it.field]]: { values: it.pairs } };
  const { field, ...config } = it;
  if (it.field !== 'http-header') return { field, [CONFIG[field]]: config };
  const { header, ...values } = config as { header: string };
  return { field, [CONFIG[field]]: { httpHeaderName: header, ...values } };
};

export const transformJson = ({ type, regex, replace }: Transform): Json => ({
  type,
  [type === 'url-rewrite' ? 'urlRewriteConfig' : 'hostHeaderRewriteConfig']: {
    rewrites: [{ regex, replace }],
  },
});

/** LBC leaves what stays as in the request out of a redirect. */
const KEEPS: Readonly<Record<string, string>> = {
  protocol: '#{protocol}',
  host: '#{host}',
  port: '#{port}',
  path: '/#{path}',
  query: '#{query}',
};

const redirectJson = ({ type: _, ...config }: Extract<Action, { type: 'redirect' }>): Json => ({
  type: 'redirect',
  redirectConfig: Object.fromEntries(Object.entries(config).filter(([name, value]) => KEEPS[name] !== value)),
});

const fixedJson = ({ type: _, ...config }: Extract<Action, { type: 'fixed-response' }>): Json => ({
  type: 'fixed-response',
  fixedResponseConfig: { ...config, messageBody: config.messageBody || undefined },
});

const targetJson = (target: ForwardTarget): Json => {
  if ('arn' in target) return { targetGroupARN: target.arn };
  if ('targetGroup' in target) return { targetGroupName: target.targetGroup };
  return { serviceName: target.service, servicePort: target.port };
};

/** An action as an annotation states it. */
export const settingJson = (it: ActionSetting): Json => {
  if (it.type === 'redirect') return redirectJson(it);
  if (it.type === 'fixed-response') return fixedJson(it);
  return {
    type: 'forward',
    forwardConfig: {
      targetGroups: it.targets.map((target) => ({
        ...targetJson(target),
        weight: it.targets.length > 1 ? target.weight : undefined,
      })),
      ...(it.stickinessSeconds !== undefined && {
        targetGroupStickinessConfig: { enabled: true, durationSeconds: it.stickinessSeconds },
      }),
    },
  };
};

const loginJson = ({ extraParams, cookie, sessionSeconds, scope, onUnauthenticated }: Login): Json => ({
  scope,
  onUnauthenticatedRequest: onUnauthenticated,
  sessionCookieName: cookie,
  sessionTimeout: sessionSeconds,
  ...(Object.keys(extraParams).length > 0 && { authenticationRequestExtraParams: extraParams }),
});

/** Of credentials ours have digests only; the values are looked up when a plan is applied. */
export const guardJson = (it: Guard, values: { readonly id: string; readonly secret: string }): Json => {
  const { type } = it;
  if (type === 'jwt-validation')
    return {
      type,
      jwtValidationConfig: {
        jwksEndpoint: it.jwksEndpoint,
        issuer: it.issuer,
        ...(it.claims.length > 0 && { additionalClaims: it.claims }),
      },
    };
  if (type === 'authenticate-cognito')
    return {
      type,
      authenticateCognitoConfig: {
        userPoolARN: it.userPool,
        userPoolClientID: it.clientId,
        userPoolDomain: it.domain,
        ...loginJson(it.login),
      },
    };
  const { client: _, login, type: __, ...endpoints } = it;
  return {
    type,
    authenticateOIDCConfig: {
      ...endpoints,
      clientID: values.id,
      clientSecret: values.secret,
      ...loginJson(login),
    },
  };
};

/** An action of a rule or listener, target groups by the id LBC gives them. */
export const actionJson = (it: Action, idOf: (key: string) => string): Json => {
  if (it.type === 'redirect') return redirectJson(it);
  if (it.type === 'fixed-response') return fixedJson(it);
  if (isGuard(it)) return guardJson(it, { id: '', secret: '' });
  return {
    type: 'forward',
    forwardConfig: {
      targetGroups: it.targetGroups.map(({ targetGroup, weight }) => ({
        targetGroupARN: idOf(targetGroup),
        weight: it.targetGroups.length > 1 ? weight : undefined,
      })),
    },
  };
};

export const targetGroupJson = ({ spec }: Resource<'target-group'>): Json => {
  const { healthCheck: check } = spec satisfies TargetGroupSpec;
  const codes = spec.protocolVersion === 'GRPC' ? { grpcCode: check.codes } : { httpCode: check.codes };
  return {
    name: spec.name,
    targetType: spec.targetType,
    ipAddressType: spec.ipAddressType ?? 'ipv4',
    port: spec.port,
    protocol: spec.protocol,
    protocolVersion: spec.protocolVersion,
    healthCheckConfig: {
      port: check.port === 'traffic-port' ? check.port : Number(check.port),
      protocol: check.protocol,
      path: check.path,
      matcher: codes,
      intervalSeconds: check.interval,
      timeoutSeconds: check.timeout,
      healthyThresholdCount: check.healthyThreshold,
      unhealthyThresholdCount: check.unhealthyThreshold,
    },
  };
};
