import type { IncomingMessage } from 'node:http';
import { ApiError } from '../api/errors.ts';
import type { Authorizer } from '../rbac/authorizer.ts';
import type { User } from '../tokens.ts';

/**
 * Who a request is made for: `kubectl --as`, which the sender must be allowed for the user and for each group.
 * https://kubernetes.io/docs/reference/access-authn-authz/authentication/#user-impersonation
 */
export const impersonated = (authorizer: Authorizer, sender: User, request: IncomingMessage): User => {
  const header = (name: string): readonly string[] => request.headersDistinct[`impersonate-${name}`] ?? [];
  const [username] = header('user');
  const [uid] = header('uid');
  const groups = header('group');
  if (username === undefined) {
    if (groups.length + header('uid').length > 0)
      throw new ApiError(
        500,
        'InternalError',
        'Internal error occurred: requested impersonation of groups or a uid without impersonating a user',
      );
    return sender;
  }
  const ask = (resource: string, name: string, namespace = '', group = ''): void =>
    authorizer.require({
      user: sender,
      verb: 'impersonate',
      group,
      resource,
      subresource: '',
      namespace,
      name,
    });
  const [, namespace, account] = /^system:serviceaccount:([^:]+):([^:]+)$/.exec(username) ?? [];
  if (namespace !== undefined && account !== undefined) ask('serviceaccounts', account, namespace);
  else ask('users', username);
  for (const group of groups) ask('groups', group);
  if (uid !== undefined) ask('uids', uid, '', 'authentication.k8s.io');
  return {
    username,
    ...(uid === undefined ? {} : { uid }),
    groups: withUsual(username, groups.length > 0 ? groups : ofAccount(namespace)),
  };
};

const ofAccount = (namespace: string | undefined): readonly string[] =>
  namespace === undefined ? [] : ['system:serviceaccounts', `system:serviceaccounts:${namespace}`];

const withUsual = (username: string, groups: readonly string[]): readonly string[] => {
  const usual = username === 'system:anonymous' ? 'system:unauthenticated' : 'system:authenticated';
  return groups.includes(usual) ? groups : [...groups, usual];
};
