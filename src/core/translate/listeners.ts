/** The listeners of a stack, without their rules. */
import type { GroupListener } from '../annotations/merge-listeners.ts';
import type { Facts } from '../model/facts.ts';
import { listenerKey } from '../model/key.ts';
import { ownershipTags } from '../model/names.ts';
import type { Key, Resource } from '../model/resource.ts';
import type { Action } from '../model/rule.ts';
import type { ProblemCode } from '../problems/table.ts';
import type { LastKnown } from './last-known.ts';
import type { StackSettings } from './settings.ts';
import { userTags } from './user-tags.ts';

export type ListenersInput = {
  readonly cluster: string;
  readonly stack: string;
  readonly loadBalancer: Key<'load-balancer'>;
  readonly settings: StackSettings;
  readonly known: LastKnown;
  readonly facts: Facts;
  /** What answers requests that no rule of the listener matches. */
  readonly fallback: (listener: GroupListener) => readonly Action[];
  readonly report: (code: ProblemCode, ingress: string, message: string) => void;
};

/** The answer to requests nobody asked for. */
export const NOT_FOUND: Action = {
  type: 'fixed-response',
  statusCode: '404',
  contentType: 'text/plain',
  messageBody: '',
};

export type PlannedListener = {
  readonly resource: Resource<'listener'>;
  /** Members whose rules go here; none where everything is redirected. */
  readonly members: readonly string[];
};

/** One listener for every port; a port whose certificate is unusable stays as it is, or waits when it is new. */
export const listenersOf = (input: ListenersInput): readonly PlannedListener[] => {
  const planned = input.settings.listeners.flatMap((listener) => listenerFor(listener, input) ?? []);
  if (!input.settings.isUnknown('listen-ports') && !input.settings.isUnknown('certificate-arn'))
    return planned;
  // Somebody's ports cannot be read, so no port that serves now may go.
  const ports = new Set(planned.map(({ resource }) => resource.spec.port));
  const kept = [...input.known.listeners.values()].filter((spec) => !ports.has(spec.port));
  return [...planned, ...kept.map((spec) => ({ resource: asKept(spec, input), members: [] }))];
};

const asKept = (spec: Resource<'listener'>['spec'], input: ListenersInput): Resource<'listener'> => ({
  kind: 'listener',
  key: listenerKey(input.loadBalancer, spec.port),
  spec: { ...spec, loadBalancer: input.loadBalancer },
});

const listenerFor = (listener: GroupListener, input: ListenersInput): PlannedListener | undefined => {
  const { cluster, stack, loadBalancer, settings, known } = input;
  const { port, protocol } = listener;
  const have = known.listeners.get(port);
  const certificates = protocol === 'HTTP' ? [] : certificatesOf(listener, have, input);
  if (!certificates) return undefined;
  const redirect = protocol === 'HTTP' ? redirectPort(have, input) : undefined;
  const keepsPolicy = have && settings.isUnknown('ssl-policy') && have.protocol === protocol;
  return {
    resource: {
      kind: 'listener',
      key: listenerKey(loadBalancer, port),
      spec: {
        loadBalancer,
        port,
        protocol,
        certificates,
        sslPolicy: protocol === 'HTTP' ? '' : keepsPolicy ? have.sslPolicy : listener.sslPolicy,
        defaultActions: redirect === undefined ? input.fallback(listener) : [toHttps(redirect)],
        tags:
          settings.isUnknown('tags') && have
            ? have.tags
            : { ...userTags(settings.settings.tags), ...ownershipTags(cluster, stack, String(port)) },
      },
    },
    members: redirect === undefined ? listener.members : [],
  };
};

const certificatesOf = (
  listener: GroupListener,
  have: Resource<'listener'>['spec'] | undefined,
  input: ListenersInput,
): readonly string[] | undefined => {
  const { settings, facts, report } = input;
  if (settings.isUnknown('certificate-arn') && have?.protocol === 'HTTPS') return have.certificates;
  const [first = ''] = listener.members;
  const kept = have?.protocol === 'HTTPS' ? have.certificates : undefined;
  if (listener.certificates.length === 0) {
    report(
      'CertificateUnusable',
      first,
      `alb.ingress.kubernetes.io/certificate-arn: the HTTPS listener on port ${listener.port} has no certificate; expected at least one ARN`,
    );
    return kept;
  }
  const bad = listener.certificates.find((arn) => whyUnusable(arn, facts) !== undefined);
  if (bad === undefined) return listener.certificates;
  report(
    'CertificateUnusable',
    first,
    `alb.ingress.kubernetes.io/certificate-arn: certificate ${bad} ${whyUnusable(bad, facts)}; expected an issued certificate of ${facts.region}`,
  );
  return kept;
};

/** IAM server certificates are not in ACM; AWS checks those itself. */
const whyUnusable = (arn: string, facts: Facts): string | undefined => {
  if (!arn.includes(':acm:')) return undefined;
  const found = facts.certificates.find((certificate) => certificate.arn === arn);
  if (!found) return 'does not exist in ACM';
  return found.status === 'ISSUED' ? undefined : `has the status ${found.status}`;
};

const redirectPort = (
  have: Resource<'listener'>['spec'] | undefined,
  input: ListenersInput,
): number | undefined => {
  if (!input.settings.isUnknown('ssl-redirect')) return input.settings.settings['ssl-redirect'];
  const [action] = have?.defaultActions ?? [];
  return action?.type === 'redirect' && action.protocol === 'HTTPS' ? Number(action.port) : undefined;
};

const toHttps = (port: number): Action => ({
  type: 'redirect',
  protocol: 'HTTPS',
  host: '#{host}',
  port: String(port),
  path: '/#{path}',
  query: '#{query}',
  statusCode: 'HTTP_301',
});
