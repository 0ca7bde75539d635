/** The listeners of a stack, without their rules. */
import { CERTIFICATE_SETTINGS } from '../annotations/default-ports.ts';
import type { GroupListener } from '../annotations/merge-listeners.ts';
import { clientNote, isGuard } from '../model/guard.ts';
import { listenerKey } from '../model/key.ts';
import { ownershipTags } from '../model/names.ts';
import type { ListenerSpec, Resource } from '../model/resource.ts';
import { ruleKey } from '../model/rule.ts';
import { withNote } from '../model/stated-settings.ts';
import { certificatesOf } from './certificates.ts';
import { type Fallback, fallbackOf, keptFallback } from './fallback.ts';
import { toHttps } from './guarded.ts';
import { madeFor } from './last-known.ts';
import type { ListenersInput } from './listeners-input.ts';
import { quotaReport, withinQuota } from './quota.ts';
import { userTags } from './user-tags.ts';

export type PlannedListener = {
  readonly resource: Resource<'listener'>;
  readonly fallback: Fallback;
  /** Members whose rules go here; none where everything is redirected. */
  readonly members: readonly string[];
  readonly redirects: boolean;
};

/**
 * One listener for every port. A port whose certificate is unusable stays as it is, or waits when it is new; a
 * port that somebody in trouble serves on, or may serve on, stays too.
 */
export const listenersOf = (input: ListenersInput): readonly PlannedListener[] => {
  const { listeners } = input.settings;
  const by = (protocol: string, secure: ReadonlySet<number>): readonly PlannedListener[] =>
    listeners.flatMap((it) => (it.protocol === protocol ? (listenerFor(it, secure, input) ?? []) : []));
  const secure = by('HTTPS', new Set());
  const plain = by('HTTP', new Set(secure.map(({ resource }) => resource.spec.port)));
  const ports = new Set([...secure, ...plain].map(({ resource }) => resource.spec.port));
  const kept = [...input.known.listeners.values()].filter((it) => !ports.has(it.port) && mustStay(it, input));
  const all = [...secure, ...plain, ...kept.map((spec) => asKept(spec, [], input))];
  return withCertificatesThatFit(all, input).sort((a, b) => a.resource.spec.port - b.resource.spec.port);
};

/** Certificates besides the default ones, over all listeners of the load balancer. */
const withCertificatesThatFit = (
  listeners: readonly PlannedListener[],
  { known, context, report, accepted }: ListenersInput,
): PlannedListener[] => {
  const { limits } = context.facts;
  const quota = quotaReport(['certificates'], limits?.certificates, report);
  const pairs = listeners.flatMap(({ resource, members }) =>
    resource.spec.certificates.slice(1).map((arn) => ({ port: resource.spec.port, arn, members })),
  );
  const fitting = new Set(
    withinQuota({
      wanted: pairs,
      most: limits?.certificates,
      exists: ({ port, arn }) => known.listeners.get(port)?.certificates.includes(arn) ?? false,
      leftOut: ({ port, arn, members }) =>
        quota.leftOut(members[0] ?? accepted[0]?.id ?? '', `${arn} on port ${port}`),
    }).map(({ port, arn }) => `${port} ${arn}`),
  );
  quota.tell();
  return listeners.map((listener) => {
    const { spec } = listener.resource;
    const certificates = spec.certificates.filter(
      (arn, index) => index === 0 || fitting.has(`${spec.port} ${arn}`),
    );
    return { ...listener, resource: { ...listener.resource, spec: { ...spec, certificates } } };
  });
};

const mustStay = ({ port }: ListenerSpec, { settings, troubled, known }: ListenersInput): boolean =>
  settings.isUnknown('listen-ports') ||
  CERTIFICATE_SETTINGS.some(settings.isUnknown) ||
  troubled.some((member) => known.rules.some((rule) => isOn(rule, port) && madeFor(rule, member.id, known)));

const isOn = (rule: Resource<'rule'>, port: number): boolean => rule.spec.listener.endsWith(`:${port}`);

const asKept = (have: ListenerSpec, members: readonly string[], input: ListenersInput): PlannedListener => {
  const { loadBalancer } = input.context;
  const fallback = keptFallback(have.defaultActions, input);
  const spec = { ...have, loadBalancer, defaultActions: fallback.actions };
  const resource = { kind: 'listener' as const, key: listenerKey(loadBalancer, have.port), spec };
  return { resource, fallback, members, redirects: false };
};

/** Whether somebody in trouble has a login or a check of tokens there, which HTTP cannot have. */
const keepsGuards = ({ port, protocol, defaultActions }: ListenerSpec, input: ListenersInput): boolean => {
  const { troubled, known } = input;
  if (protocol !== 'HTTPS' || troubled.length === 0) return false;
  const isKept = (rule: Resource<'rule'>): boolean =>
    isOn(rule, port) && troubled.some((member) => madeFor(rule, member.id, known));
  return (
    defaultActions.some(isGuard) ||
    known.rules.some((rule) => isKept(rule) && rule.spec.actions.some(isGuard))
  );
};

const listenerFor = (
  listener: GroupListener,
  secure: ReadonlySet<number>,
  input: ListenersInput,
): PlannedListener | undefined => {
  const { settings, known, context } = input;
  const { port, protocol } = listener;
  const have = known.listeners.get(port);
  if (have && protocol === 'HTTP' && keepsGuards(have, input)) return asKept(have, listener.members, input);
  const certificates = protocol === 'HTTP' ? [] : certificatesOf(listener, have, input);
  if (!certificates) return have && asKept(have, listener.members, input);
  const redirect = protocol === 'HTTP' ? redirectPort(listener, secure, input) : undefined;
  const keepsPolicy = have && settings.isUnknown('ssl-policy') && have.protocol === protocol;
  const fallback = redirect === undefined ? fallbackOf(listener, input) : redirectAll(redirect);
  const client = settings.isUnknown('mutual-authentication')
    ? have?.mutualAuthentication
    : listener.mutualAuthentication;
  const authentication = client && protocol === 'HTTPS' ? { mutualAuthentication: client } : {};
  const attributes = {
    ...(listener.attributesUnknown ? have?.attributes : {}),
    ...listener.attributes,
  };
  const tags = {
    ...userTags(settings.settings.tags),
    ...ownershipTags(context.cluster, context.stack, String(port)),
  };
  const spec: ListenerSpec = {
    loadBalancer: context.loadBalancer,
    port,
    protocol,
    certificates,
    sslPolicy: protocol === 'HTTP' ? '' : keepsPolicy ? have.sslPolicy : listener.sslPolicy,
    ...authentication,
    ...(Object.keys(attributes).length > 0 && { attributes }),
    defaultActions: fallback.actions,
    tags: {
      ...withNote(
        settings.isUnknown('tags') && have ? have.tags : tags,
        [attributes, authentication].flatMap(Object.keys),
      ),
      ...clientNote(fallback.actions),
    },
  };
  return {
    resource: { kind: 'listener', key: listenerKey(context.loadBalancer, port), spec },
    fallback,
    members: redirect === undefined ? listener.members : [],
    redirects: redirect !== undefined,
  };
};

/** A port that serves begins to redirect only when what it serves is served over there. */
const redirectPort = (
  { port }: GroupListener,
  secure: ReadonlySet<number>,
  input: ListenersInput,
): number | undefined => {
  const { settings, known } = input;
  const have = known.listeners.get(port);
  const now = have && redirectOf(have);
  if (settings.isUnknown('ssl-redirect')) return now;
  const wanted = settings.settings['ssl-redirect'];
  if (wanted === undefined || wanted === now || !have) return wanted;
  if (!secure.has(wanted)) return now;
  return wouldLose(port, wanted, input) ? now : wanted;
};

const redirectOf = (have: ListenerSpec): number | undefined => {
  const [action] = have.defaultActions;
  return action?.type === 'redirect' && action.protocol === 'HTTPS' ? Number(action.port) : undefined;
};

/** Whether somebody in trouble has a rule on `from` that it has not on `to`, and cannot get there now. */
const wouldLose = (from: number, to: number, { known, troubled, context }: ListenersInput): boolean => {
  const digests = (port: number): readonly string[] =>
    known.rules
      .filter((rule) => isOn(rule, port) && troubled.some((member) => madeFor(rule, member.id, known)))
      .map((rule) => ruleKey(listenerKey(context.loadBalancer, 1), rule.spec.conditions));
  const there = new Set(digests(to));
  return digests(from).some((digest) => !there.has(digest));
};

const redirectAll = (port: number): Fallback => ({
  actions: [toHttps(port)],
  targetGroups: [],
  owner: undefined,
});
