/** Who gets in: the steps in front of a backend's last action, from what its Ingress and its Service state. */
import type { LoginName } from '../annotations/overlay.ts';
import type { Reading } from '../annotations/read.ts';
import { ANNOTATIONS, PREFIX, type Settings } from '../annotations/table.ts';
import { clientIn } from '../kube/client-secret.ts';
import type { SeenSecret } from '../kube/snapshot.ts';
import {
  type ClientCredentials,
  clientIdDigest,
  clientVersion,
  type Guard,
  type Login,
} from '../model/guard.ts';
import type { ProblemCode } from '../problems/table.ts';
import type { Member } from './member.ts';
import type { BackendContext } from './target-group.ts';

/** Not programmable as stated; the message names the annotation. */
type Unusable = { readonly code: ProblemCode; readonly wrong: string };

/** Steps before the last action. */
export type Guards =
  | { readonly guards: readonly Guard[] }
  | Unusable
  /** A Secret has not been looked up yet: what is there stays, and nobody is told. */
  | { readonly waits: true };

/** The guards of a backend; `service` is its only target, where it has one. */
export const guardsOf = (
  member: Member,
  service: { readonly id: string; readonly reading: Reading } | undefined,
  context: Pick<BackendContext, 'snapshot'>,
): Guards => {
  const settings = loginSettings(member.reading, service?.reading);
  const onService = service?.reading.stated['auth-type'] !== undefined;
  const type = settings['auth-type'];
  const jwt = member.reading.stated['jwt-validation'];
  const told = (what: string): Guards =>
    onService && service
      ? { code: 'InvalidBackend', wrong: `Service ${service.id}: ${PREFIX}${what}` }
      : { code: 'InvalidAnnotation', wrong: `${PREFIX}${what}` };
  if (type === 'none') return { guards: jwt ? [jwt] : [] };
  if (jwt)
    return told(`auth-type: expected none beside jwt-validation, got "${type}": AWS takes one of them`);
  if (type === 'cognito') {
    const provider = settings['auth-idp-cognito'];
    if (!provider)
      return told('auth-type: expected the annotation auth-idp-cognito beside it, got "cognito"');
    const { extraParams, ...pool } = provider;
    return { guards: [{ type: 'authenticate-cognito', ...pool, login: loginOf(settings, extraParams) }] };
  }
  const provider = settings['auth-idp-oidc'];
  if (!provider) return told('auth-type: expected the annotation auth-idp-oidc beside it, got "oidc"');
  const { extraParams, secretName, ...endpoints } = provider;
  const id = `${member.ingress.metadata.namespace ?? 'default'}/${secretName}`;
  const client = credentialsIn(id, context.snapshot.secrets.get(id));
  if (!('client' in client)) return client;
  const login = loginOf(settings, extraParams);
  return { guards: [{ type: 'authenticate-oidc', ...endpoints, client: client.client, login }] };
};

/** The annotation that guards, for messages. */
export const guardNameOf = (guards: readonly Guard[]): string =>
  guards.some((guard) => guard.type === 'jwt-validation') ? 'jwt-validation' : 'auth-type';

export type LoginSettings = Pick<Settings, LoginName>;

const LOGIN_NAMES = (Object.keys(ANNOTATIONS) as readonly (keyof Settings)[]).filter(
  (name): name is LoginName => name.startsWith('auth-'),
);

/** What the Service states wins, whole values at a time. */
export const loginSettings = (ingress: Reading, service: Reading | undefined): LoginSettings => {
  const ofService = LOGIN_NAMES.flatMap((name) => {
    const value = service?.stated[name];
    return value === undefined ? [] : [[name, value]];
  });
  return { ...ingress.settings, ...Object.fromEntries(ofService) };
};

const loginOf = (settings: LoginSettings, extraParams: Login['extraParams']): Login => ({
  scope: settings['auth-scope'],
  cookie: settings['auth-session-cookie'],
  sessionSeconds: settings['auth-session-timeout'],
  onUnauthenticated: settings['auth-on-unauthenticated-request'],
  extraParams,
});

/** The client's credentials in a Secret, as digests. */
const credentialsIn = (
  id: string,
  seen: SeenSecret | undefined,
): { readonly client: ClientCredentials } | Exclude<Guards, { guards: unknown }> => {
  const told = (what: string): Unusable => ({
    code: 'SecretUnusable',
    wrong: `${PREFIX}auth-idp-oidc: Secret ${id} ${what}`,
  });
  if (!seen) return { waits: true };
  if (seen.is === 'absent')
    return told('does not exist; expected a Secret with the keys clientID and clientSecret');
  if (seen.is === 'refused')
    return told(
      `may not be read (${seen.why}); allow the controller list and watch on it (rbac.secrets of the chart)`,
    );
  const client = clientIn(seen.secret);
  if ('wrong' in client)
    return told(`${client.wrong}; expected the keys clientID and clientSecret, both with a text`);
  const version = clientVersion(seen.secret.metadata.uid, client.id, client.secret);
  return { client: { id: clientIdDigest(client.id), version, from: id } };
};

/** The Secret of a namespace that holds the credentials of a client that AWS has; undefined when none does. */
export const sourceOf = (
  client: ClientCredentials,
  namespaces: ReadonlySet<string>,
  { snapshot }: Pick<BackendContext, 'snapshot'>,
): string | undefined =>
  [...snapshot.secrets].find(([id, seen]) => {
    if (!namespaces.has(id.split('/')[0] ?? '')) return false;
    const found = credentialsIn(id, seen);
    return 'client' in found && found.client.version === client.version && found.client.id === client.id;
  })?.[0];
