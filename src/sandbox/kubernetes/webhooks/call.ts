import { request } from 'node:https';
import { textOf } from '../../text-of.ts';
import { isJsonObject, type JsonObject, valueAt } from '../object.ts';
import type { Store } from '../store.ts';
import type { Webhook } from './webhook.ts';

/** Where to connect for an address that a Pod is known by. */
export type Reach = (address: string, port: number) => { readonly host: string; readonly port: number };

export type Verdict = {
  readonly allowed: boolean;
  /** A JSON patch for the object. */
  readonly patch: unknown;
  readonly status: unknown;
  readonly warnings: readonly string[];
};

/** Asks a webhook over HTTPS. Rejects when it cannot be reached in time or its answer is none. */
export const callWebhook = async (
  store: Store,
  reach: Reach,
  webhook: Webhook,
  review: { readonly uid: string },
): Promise<Verdict> => {
  const body = JSON.stringify({
    apiVersion: 'admission.k8s.io/v1',
    kind: 'AdmissionReview',
    request: review,
  });
  const { url, connect } = addressOf(store, reach, webhook);
  url.searchParams.set('timeout', `${webhook.timeoutSeconds}s`);
  try {
    return verdictOf(await post({ url, connect, webhook, body }), review.uid);
  } catch (error) {
    const why = textOf(error);
    throw new Error(`Post "${url.href}": ${why}`, { cause: error });
  }
};

type Address = {
  readonly url: URL;
  /** Undefined: the URL says it all. */
  readonly connect: (() => { readonly hostname: string; readonly port: number }) | undefined;
};

const addressOf = (store: Store, reach: Reach, { client }: Webhook): Address => {
  if (typeof client.url === 'string') return { url: new URL(client.url), connect: undefined };
  const { name, namespace, path, port } = isJsonObject(client.service) ? client.service : {};
  const url = new URL(`https://${String(name)}.${String(namespace)}.svc:${Number(port ?? 443)}`);
  url.pathname = typeof path === 'string' ? path : '/';
  return {
    url,
    connect: () => endpointOf(store, reach, String(namespace), String(name), Number(port ?? 443)),
  };
};

/** A ready endpoint of the Service, as kube-proxy would have chosen. */
const endpointOf = (store: Store, reach: Reach, namespace: string, name: string, port: number) => {
  const service = store.get('services', namespace, name);
  if (service === undefined) throw new Error(`service "${name}" not found`);
  const ports = valueAt(service, 'spec', 'ports');
  const served = (Array.isArray(ports) ? ports : []).find((one: unknown) => valueAt(one, 'port') === port);
  if (served === undefined) throw new Error(`service port ${port} not found for service "${name}"`);
  const portName = String(valueAt(served, 'name') ?? '');
  const slices = store
    .list('endpointslices.discovery.k8s.io', namespace)
    .filter((slice) => slice.metadata.labels?.['kubernetes.io/service-name'] === name);
  for (const slice of slices) {
    const at = list(slice.ports).find((one) => String(one.name ?? '') === portName)?.port;
    const ready = list(slice.endpoints).find((one) => valueAt(one, 'conditions', 'ready') !== false);
    const address = Array.isArray(ready?.addresses) ? String(ready.addresses[0]) : undefined;
    if (address === undefined || typeof at !== 'number') continue;
    const { host, port: real } = reach(address, at);
    return { hostname: host, port: real };
  }
  throw new Error(`no endpoints available for service "${name}"`);
};

const list = (value: unknown): readonly JsonObject[] =>
  Array.isArray(value) ? value.filter(isJsonObject) : [];

type Post = Address & { readonly webhook: Webhook; readonly body: string };

const post = ({ url, connect, webhook, body }: Post): Promise<unknown> =>
  new Promise((resolve, reject) => {
    const { caBundle } = webhook.client;
    const asked = request(
      url,
      {
        method: 'POST',
        agent: false,
        headers: {
          'Content-Type': 'application/json',
          'Content-Length': Buffer.byteLength(body),
          Host: url.host,
        },
        ...(typeof caBundle === 'string' ? { ca: Buffer.from(caBundle, 'base64') } : {}),
        ...(connect === undefined ? {} : { ...connect(), servername: url.hostname }),
      },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk)).on('error', reject);
        response.on('end', () => {
          const text = Buffer.concat(chunks).toString('utf8');
          if (response.statusCode !== 200) {
            reject(new Error(`unexpected HTTP status ${response.statusCode}: ${text.slice(0, 200)}`));
            return;
          }
          try {
            resolve(JSON.parse(text));
          } catch {
            reject(new Error(`the answer is not JSON: ${text.slice(0, 200)}`));
          }
        });
      },
    );
    const late = setTimeout(
      () => asked.destroy(new Error('context deadline exceeded')),
      webhook.timeoutSeconds * 1000,
    );
    asked.on('error', reject).on('close', () => clearTimeout(late));
    asked.end(body);
  });

const verdictOf = (answer: unknown, uid: string): Verdict => {
  const response = valueAt(answer, 'response');
  if (
    valueAt(answer, 'apiVersion') !== 'admission.k8s.io/v1' ||
    valueAt(answer, 'kind') !== 'AdmissionReview'
  )
    throw new Error('expected webhook response of admission.k8s.io/v1, Kind=AdmissionReview');
  if (!isJsonObject(response)) throw new Error('webhook response has no response');
  if (response.uid !== uid) throw new Error(`expected response.uid="${uid}", got "${String(response.uid)}"`);
  const { patch, patchType, warnings } = response;
  if (patch !== undefined && patchType !== 'JSONPatch')
    throw new Error(
      `webhook returned response.patch with patchType "${String(patchType)}", expected JSONPatch`,
    );
  return {
    allowed: response.allowed === true,
    patch: typeof patch === 'string' ? JSON.parse(Buffer.from(patch, 'base64').toString('utf8')) : undefined,
    status: response.status,
    warnings: Array.isArray(warnings) ? warnings.map(String) : [],
  };
};
