/** `kubectl apply` in small: creates objects over the API, or merges them into what is there. */
import { openTransport, type Transport } from '../kubernetes/transport.ts';
import type { Manifest } from './manifest.ts';

export type Applier = {
  /** Throws with the API server's words when an object is refused. */
  apply(manifests: readonly Manifest[]): Promise<void>;
  /** The parsed answer to a GET. */
  get(path: string): Promise<unknown>;
  close(): Promise<void>;
};

/** Objects that others need come first: a namespace before what is in it. */
const FIRST = ['Namespace', 'CustomResourceDefinition', 'IngressClass', 'ServiceAccount'];

export const openApplier = (kubeconfig: string): Applier => {
  const transport = openTransport({
    kubeconfig,
    userAgent: 'alb-ingress-sandbox',
    connections: 4,
    now: () => Date.now(),
    onCall: undefined,
  });
  const plurals = new Map<string, string>();
  return {
    apply: async (manifests) => {
      const rank = (manifest: Manifest): number =>
        (FIRST.indexOf(manifest.kind) + FIRST.length + 1) % (FIRST.length + 1);
      for (const manifest of manifests.toSorted((a, b) => rank(a) - rank(b)))
        await applyOne(manifest, transport, plurals);
    },
    get: async (path) => {
      const answer = await transport.json({ verb: 'get', resource: path, path });
      if (!answer.ok) throw new Error(`GET ${path}: ${answer.failure.message}`);
      return answer.value;
    },
    close: () => transport.close(),
  };
};

const applyOne = async (
  manifest: Manifest,
  transport: Transport,
  plurals: Map<string, string>,
): Promise<void> => {
  const path = await collectionPath(manifest, transport, plurals);
  const created = await transport.json({ verb: 'create', resource: manifest.kind, path, body: manifest });
  if (created.ok) return;
  const { failure } = created;
  const merged =
    failure.code === 409
      ? await transport.json({
          verb: 'patch',
          resource: manifest.kind,
          path: `${path}/${manifest.metadata.name}`,
          body: manifest,
        })
      : created;
  if (!merged.ok)
    throw new Error(
      `${manifest.kind} ${manifest.metadata.namespace ?? ''}/${manifest.metadata.name}: ${merged.failure.message}`,
    );
};

const collectionPath = async (
  manifest: Manifest,
  transport: Transport,
  plurals: Map<string, string>,
): Promise<string> => {
  const base = manifest.apiVersion.includes('/')
    ? `/apis/${manifest.apiVersion}`
    : `/api/${manifest.apiVersion}`;
  const id = `${base} ${manifest.kind}`;
  if (!plurals.has(id)) {
    const answer = await transport.json({ verb: 'get', resource: 'discovery', path: base });
    const resources = answer.ok
      ? ((
          answer.value as {
            readonly resources?: readonly {
              readonly name: string;
              readonly kind: string;
              readonly namespaced: boolean;
            }[];
          }
        ).resources ?? [])
      : [];
    for (const it of resources)
      if (!it.name.includes('/'))
        plurals.set(`${base} ${it.kind}`, it.namespaced ? `namespaces/NAMESPACE/${it.name}` : it.name);
  }
  const plural = plurals.get(id);
  if (!plural) throw new Error(`the server has no kind ${manifest.kind} in ${manifest.apiVersion}`);
  return `${base}/${plural.replace('NAMESPACE', manifest.metadata.namespace ?? 'default')}`;
};
