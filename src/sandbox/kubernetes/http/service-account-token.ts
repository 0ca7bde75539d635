import { readObject } from '../api/body.ts';
import { type Cluster, internalWrite } from '../api/cluster.ts';
import { ApiError, invalid, invalidValue, methodNotAllowed, notFound } from '../api/errors.ts';
import { getObject } from '../api/read.ts';
import { apiVersionOf, type Kind } from '../kinds.ts';
import { type JsonObject, kubeTime, valueAt } from '../object.ts';
import { builtInType } from '../schema/built-in-types.ts';
import { DEFAULT_AUDIENCE, type Tokens } from '../tokens.ts';
import { type Exchange, sendJson } from './answer.ts';
import { readData } from './read-body.ts';
import type { Target } from './target.ts';

/** The kind of the body, which is served under `serviceaccounts/token` only. */
const REQUEST = { group: 'authentication.k8s.io', version: 'v1', kind: 'TokenRequest' };

/** Seconds; a real API server allows no less than ten minutes, so that clients need not renew all the time. */
const SHORTEST = 600;
const USUAL = 3600;

/** Answers `serviceaccounts/<name>/token`: what `kubectl create token` and clients in Pods get their token from. */
export const serveToken = async (
  { cluster, tokens }: { readonly cluster: Cluster; readonly tokens: Tokens },
  exchange: Exchange,
  target: Target,
): Promise<boolean> => {
  if (target.kind.storage !== 'serviceaccounts' || target.subresource !== 'token') return false;
  if (exchange.request.method !== 'POST') throw methodNotAllowed();
  const { kind, namespace = '', name = '' } = target;
  const account = getObject(cluster, { kind, namespace, name });
  const asked: Kind = { ...kind, ...REQUEST };
  const body = readObject(
    await readData(exchange.request, cluster),
    asked,
    builtInType('AuthenticationV1TokenRequest'),
    internalWrite(''),
  );
  const seconds = Number(valueAt(body, 'spec', 'expirationSeconds') ?? USUAL);
  if (seconds < SHORTEST)
    throw invalid(asked, '', [
      invalidValue('spec.expirationSeconds', seconds, 'may not specify a duration less than 10 minutes'),
    ]);
  const given = valueAt(body, 'spec', 'audiences');
  const audiences = Array.isArray(given) && given.length > 0 ? given.map(String) : [DEFAULT_AUDIENCE];
  const bound = boundTo(cluster, namespace, valueAt(body, 'spec', 'boundObjectRef'));
  const { uid = '' } = account.metadata;
  const { token, expires } = tokens.issue({ namespace, name, uid }, { seconds, audiences, bound });
  sendJson(exchange, 201, {
    ...body,
    apiVersion: apiVersionOf(asked),
    kind: asked.kind,
    metadata: { name, namespace, creationTimestamp: kubeTime() },
    spec: { ...(body.spec as JsonObject | undefined), audiences, expirationSeconds: seconds },
    status: { token, expirationTimestamp: kubeTime(expires) },
  });
  return true;
};

/** The Pod, Secret or Node a token ends with; it must exist. */
const boundTo = (cluster: Cluster, namespace: string, reference: unknown): JsonObject => {
  const kindName = valueAt(reference, 'kind');
  if (kindName === undefined) return {};
  const kind = cluster.kinds.byObject('v1', String(kindName));
  if (kind === undefined || !['Pod', 'Secret', 'Node'].includes(kind.kind))
    throw new ApiError(400, 'BadRequest', `cannot bind token for service account to a ${String(kindName)}`);
  const name = String(valueAt(reference, 'name'));
  const object = cluster.store.get(kind.storage, kind.namespaced ? namespace : undefined, name);
  if (object === undefined) throw notFound(kind, name);
  return { [kind.singular]: { name, uid: object.metadata.uid } };
};
