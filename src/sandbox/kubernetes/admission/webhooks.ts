import { type Cause, forbiddenField, invalidValue, notSupported, required } from '../api/errors.ts';
import { isJsonObject, type JsonObject } from '../object.ts';
import type { Rule } from './rule.ts';

/** Webhook configurations: defaults, what a real server checks, and refusals of what the sandbox could not carry out. */
export const webhookRule = (defaults: JsonObject): Rule => ({
  defaults: (object) => {
    const webhooks = Array.isArray(object.webhooks) ? object.webhooks.filter(isJsonObject) : [];
    const full = webhooks.map((one) => ({
      failurePolicy: 'Fail',
      matchPolicy: 'Equivalent',
      namespaceSelector: {},
      objectSelector: {},
      timeoutSeconds: 10,
      ...defaults,
      ...one,
      rules: Array.isArray(one.rules)
        ? one.rules.map((rule: unknown) => ({ scope: '*', ...(rule as JsonObject) }))
        : [],
      clientConfig: defaultClient(one.clientConfig),
    }));
    return { ...object, webhooks: full };
  },
  validate: ({ object }) =>
    (Array.isArray(object.webhooks) ? object.webhooks.filter(isJsonObject) : []).flatMap((one, at) =>
      checkWebhook(one, `webhooks[${at}]`),
    ),
});

const defaultClient = (config: unknown): unknown =>
  isJsonObject(config) && isJsonObject(config.service)
    ? { ...config, service: { port: 443, ...config.service } }
    : config;

const SIDE_EFFECTS = ['None', 'NoneOnDryRun'];

const checkWebhook = (webhook: JsonObject, field: string): readonly Cause[] => {
  const { name, sideEffects, timeoutSeconds, admissionReviewVersions: versions, matchConditions } = webhook;
  const causes: Cause[] = [];
  if (String(name).split('.').length < 3)
    causes.push(
      invalidValue(
        `${field}.name`,
        name,
        'should be a domain with at least three segments separated by dots',
      ),
    );
  if (!SIDE_EFFECTS.includes(String(sideEffects)))
    causes.push(notSupported(`${field}.sideEffects`, sideEffects, SIDE_EFFECTS));
  if (typeof timeoutSeconds === 'number' && (timeoutSeconds < 1 || timeoutSeconds > 30))
    causes.push(
      invalidValue(
        `${field}.timeoutSeconds`,
        timeoutSeconds,
        'the timeout value must be between 1 and 30 seconds',
      ),
    );
  if (!Array.isArray(versions) || versions.length === 0)
    causes.push(required(`${field}.admissionReviewVersions`, `must specify one of v1, v1beta1`));
  else if (!versions.includes('v1'))
    causes.push(
      invalidValue(
        `${field}.admissionReviewVersions`,
        versions,
        'must include v1, the only version the sandbox speaks',
      ),
    );
  if (Array.isArray(matchConditions) && matchConditions.length > 0)
    causes.push(
      forbiddenField(
        `${field}.matchConditions`,
        'the sandbox evaluates no CEL expressions; use rules, namespaceSelector and objectSelector',
      ),
    );
  return [...causes, ...checkClient(webhook.clientConfig, `${field}.clientConfig`)];
};

const checkClient = (config: unknown, field: string): readonly Cause[] => {
  const { url, service } = isJsonObject(config) ? config : {};
  if ((url === undefined) === (service === undefined))
    return [required(field, 'exactly one of url or service is required')];
  if (url === undefined) return [];
  if (typeof url !== 'string' || !URL.canParse(url))
    return [
      invalidValue(`${field}.url`, url, 'url must be a valid URL, such as https://127.0.0.1:9443/validate'),
    ];
  const { protocol, hostname } = new URL(url);
  if (protocol !== 'https:')
    return [invalidValue(`${field}.url`, url, "'https' is the only allowed URL scheme")];
  return /^(127(\.\d+){3}|localhost|\[::1\])$/.test(hostname)
    ? []
    : [forbiddenField(`${field}.url`, `the sandbox calls webhooks on loopback only, not ${hostname}`)];
};
