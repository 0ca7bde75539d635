/** Guards on listeners: where they go before the last action, and what is there instead where AWS takes none. */
import { PREFIX } from '../annotations/table.ts';
import type { ListenerSpec } from '../model/resource.ts';
import type { Action } from '../model/rule.ts';
import type { Problem } from '../problems/table.ts';
import { guardNameOf } from './guards.ts';
import type { Backend } from './rules.ts';

type On = Pick<ListenerSpec, 'protocol' | 'port'>;

export type Guarded = {
  readonly actions: readonly Action[];
  readonly targetGroups: Backend['targetGroups'];
  /** What its owner should know. */
  readonly told?: Pick<Problem, 'code' | 'message'>;
};

/**
 * What a backend does on a listener. AWS logs users in and checks tokens on HTTPS listeners only; on an HTTP listener
 * a guarded backend is never reached: its requests go to `secure`, an HTTPS port of the same Ingress, or nowhere
 * when there is none. What redirects anyway needs no guard there.
 */
export const guardedOn = (
  { guards, actions, targetGroups }: Backend,
  { protocol, port }: On,
  secure: number | undefined,
): Guarded | { readonly refused: string } => {
  if (guards.length === 0 || isRedirect(actions, protocol)) return { actions, targetGroups };
  if (protocol === 'HTTPS') return { actions: [...guards, ...actions], targetGroups };
  const name = `${PREFIX}${guardNameOf(guards)}`;
  if (secure === undefined)
    return {
      refused: `${name}: port ${port} is HTTP, where AWS lets nobody log in; expected an HTTPS port with a certificate in listen-ports`,
    };
  return {
    actions: [toHttps(secure)],
    targetGroups: [],
    told: {
      code: 'GuardNeedsHttps',
      message: `${name}: port ${port} is HTTP, where AWS lets nobody log in, so requests there are redirected to HTTPS port ${secure}; expected ssl-redirect: '${secure}', or no HTTP port in listen-ports`,
    },
  };
};

const isRedirect = (actions: readonly Action[], protocol: On['protocol']): boolean =>
  protocol === 'HTTP' && actions.every(({ type }) => type === 'redirect');

/** The same request over HTTPS. */
export const toHttps = (port: number): Action => ({
  type: 'redirect',
  protocol: 'HTTPS',
  host: '#{host}',
  port: String(port),
  path: '/#{path}',
  query: '#{query}',
  statusCode: 'HTTP_301',
});
