import type { IncomingMessage } from 'node:http';
import type { Cluster } from '../api/cluster.ts';
import { ApiError } from '../api/errors.ts';
import { attributesOf, isPath } from '../rbac/attributes.ts';
import type { Authorizer } from '../rbac/authorizer.ts';
import type { Tokens, User } from '../tokens.ts';
import type { Exchange } from './answer.ts';
import { impersonated } from './impersonation.ts';
import { publishRequest } from './published-requests.ts';
import { mediaType } from './read-body.ts';
import { readTarget } from './target.ts';

export type Gate = {
  readonly cluster: Cluster;
  readonly tokens: Tokens;
  readonly authorizer: Authorizer;
};

/** Who a request is from; throws 401 for a token that is not one, 403 where it may not speak for another. */
export const whoAsks = ({ tokens, authorizer }: Gate, request: IncomingMessage): User => {
  const sender = tokens.identify(request.headers.authorization);
  if (sender === undefined) throw new ApiError(401, 'Unauthorized', 'Unauthorized');
  return impersonated(authorizer, sender, request);
};

/** Throws the 403 of kube-apiserver for what no role allows. */
export const requireAllowed = ({ cluster, authorizer }: Gate, exchange: Exchange): void => {
  const { user, request, url } = exchange;
  const asked = attributesOf(user, request.method ?? 'GET', url);
  publishRequest(request.headers['user-agent'] ?? '', asked);
  authorizer.require(asked);
  if (isPath(asked) || asked.verb !== 'patch' || mediaType(request) !== 'application/apply-patch+yaml')
    return;
  // An apply of what is not there yet creates it.
  const target = readTarget(url.pathname, cluster.kinds);
  if (target?.name === undefined || target.subresource !== undefined) return;
  const { kind, namespace, name } = target;
  if (cluster.store.get(kind.storage, namespace, name) === undefined)
    authorizer.require({ ...asked, verb: 'create' });
};
