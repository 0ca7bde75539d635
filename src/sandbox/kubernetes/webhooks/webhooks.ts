import { randomUUID } from 'node:crypto';
import { textOf } from '../../text-of.ts';
import type { Admission, AdmissionRequest, Change, Cluster, Webhooks } from '../api/cluster.ts';
import { ApiError } from '../api/errors.ts';
import { isReview, type Kind } from '../kinds.ts';
import { type KubeObject, sameJson } from '../object.ts';
import { applyJsonPatch } from '../patch/json-patch.ts';
import type { Store } from '../store.ts';
import { callWebhook, type Reach, type Verdict } from './call.ts';
import { badAnswer, denial, uncallable } from './denial.ts';
import { type Match, matching } from './match.ts';
import { MUTATING, VALIDATING, type Webhook, webhooksIn } from './webhook.ts';

export const createWebhooks = (store: Store, reach: Reach): Webhooks => {
  const any = (): boolean => store.list(MUTATING).length + store.list(VALIDATING).length > 0;
  return {
    any,
    admitted: async (cluster, request, write) => {
      if (!any() || EXEMPT.has(request.kind.storage) || isReview(request.kind)) return write(undefined);
      const admission = createAdmission({ cluster, request, reach });
      for (let pass = 0; pass < MOST_PASSES; pass += 1) {
        try {
          return write(admission);
        } catch (error) {
          if (!(error instanceof AnswerNeeded)) throw error;
          await error.ask();
        }
      }
      throw new ApiError(
        409,
        'Conflict',
        `the object changed ${MOST_PASSES} times while its admission webhooks were asked; please try again`,
      );
    },
  };
};

/** No webhook may stand in the way of its own removal. */
const EXEMPT = new Set([MUTATING, VALIDATING]);
const MOST_PASSES = 10;

/** Thrown through a write that cannot go on before webhooks have been asked. */
class AnswerNeeded extends Error {
  readonly ask: () => Promise<void>;
  constructor(ask: () => Promise<void>) {
    super('admission webhooks have not been asked yet');
    this.ask = ask;
  }
}

type Asking = { readonly cluster: Cluster; readonly request: AdmissionRequest; readonly reach: Reach };

const createAdmission = (asking: Asking): Admission => {
  let mutated: { readonly of: Change; readonly object: KubeObject | undefined } | undefined;
  let validated: Change | undefined;
  return {
    mutate: (change) => {
      if (mutated !== undefined && sameStart(mutated.of, change)) return mutated.object;
      throw new AnswerNeeded(async () => {
        mutated = { of: change, object: await mutate(asking, change) };
      });
    },
    validate: (change) => {
      if (validated !== undefined && sameStart(validated, change) && sameEnd(validated, change)) return;
      throw new AnswerNeeded(async () => {
        await validate(asking, change);
        validated = change;
      });
    },
  };
};

const sameStart = (a: Change, b: Change): boolean =>
  a.operation === b.operation && a.before?.metadata.resourceVersion === b.before?.metadata.resourceVersion;

/** The same but for times in managedFields, which each run writes anew. */
const sameEnd = (a: Change, b: Change): boolean => sameJson(withoutFields(a.object), withoutFields(b.object));

const withoutFields = (object: KubeObject | undefined): unknown =>
  object && { ...object, metadata: { ...object.metadata, managedFields: undefined } };

const mutate = async (asking: Asking, change: Change): Promise<KubeObject | undefined> => {
  const { store } = asking.cluster;
  const all = webhooksIn(store, MUTATING);
  let object = change.object;
  const seen = new Map<Webhook, KubeObject | undefined>();
  const round = async (webhooks: readonly Webhook[]): Promise<void> => {
    for (const webhook of webhooks) {
      const match = matching(asking.cluster, asking.request, webhook, { ...change, object });
      if (match === undefined) continue;
      object = await mutateBy(asking, webhook, match, { ...change, object });
      seen.set(webhook, object);
    }
  };
  await round(all);
  // Those that want to see what the ones after them changed are called once more.
  await round(all.filter((one) => one.reinvoke && seen.has(one) && !sameJson(seen.get(one), object)));
  return object;
};

const mutateBy = async (
  asking: Asking,
  webhook: Webhook,
  match: Match,
  change: Change,
): Promise<KubeObject | undefined> => {
  const { cluster } = asking;
  const verdict = await ask(asking, webhook, match, change);
  if (verdict?.patch === undefined || change.object === undefined) return change.object;
  const shown = inVersion(cluster, change.object, match.kind);
  let patched: unknown;
  try {
    patched = applyJsonPatch(shown, verdict.patch);
  } catch (error) {
    throw badAnswer(webhook.name, textOf(error));
  }
  const back = cluster.kinds.byObject(change.object.apiVersion, change.object.kind);
  return back === undefined ? (patched as KubeObject) : inVersion(cluster, patched as KubeObject, back);
};

/** A Scale, Eviction or Binding is of another kind than the resource it is sent to, and has one version. */
const inVersion = (cluster: Cluster, object: KubeObject, kind: Kind): KubeObject =>
  object.kind === kind.kind ? cluster.convert(object, kind) : object;

const validate = async (asking: Asking, change: Change): Promise<void> => {
  const all = webhooksIn(asking.cluster.store, VALIDATING);
  await Promise.all(
    all.map(async (webhook) => {
      const match = matching(asking.cluster, asking.request, webhook, change);
      if (match !== undefined) await ask(asking, webhook, match, change);
    }),
  );
};

/** The verdict; undefined when the webhook could not be asked and says that this may be ignored. */
const ask = async (
  { cluster, request, reach }: Asking,
  webhook: Webhook,
  match: Match,
  change: Change,
): Promise<Verdict | undefined> => {
  const review = reviewOf(cluster, request, match, change);
  let verdict: Verdict;
  try {
    verdict = await callWebhook(cluster.store, reach, webhook, review);
  } catch (error) {
    if (webhook.ignoreFailure) return undefined;
    throw uncallable(webhook.name, error);
  }
  for (const warning of verdict.warnings) request.warn(warning);
  if (!verdict.allowed) throw denial(webhook.name, verdict.status);
  return verdict;
};

const reviewOf = (cluster: Cluster, request: AdmissionRequest, match: Match, change: Change) => {
  const { kind: own, subresource } = request;
  const shown = (object: KubeObject | undefined): KubeObject | null =>
    object === undefined ? null : inVersion(cluster, object, match.kind);
  const [group, version] = splitVersion(shown(change.object ?? change.before)?.apiVersion ?? '');
  const name = (change.object ?? change.before)?.metadata.name;
  const gvk = { group, version, kind: (change.object ?? change.before)?.kind ?? own.kind };
  const resource = ({ group: of, version: at, plural }: Kind) => ({
    group: of,
    version: at,
    resource: plural,
  });
  return {
    uid: randomUUID(),
    kind: gvk,
    resource: resource(match.kind),
    ...(subresource === undefined ? {} : { subResource: subresource }),
    requestKind: { ...gvk, ...(gvk.kind === own.kind ? { group: own.group, version: own.version } : {}) },
    requestResource: resource(own),
    ...(subresource === undefined ? {} : { requestSubResource: subresource }),
    name: request.name ?? name ?? '',
    ...(request.namespace === undefined ? {} : { namespace: request.namespace }),
    operation: change.operation,
    userInfo: request.user,
    object: shown(change.object),
    oldObject: shown(change.before),
    dryRun: request.dryRun,
    options: { kind: `${OPTIONS[change.operation]}Options`, apiVersion: 'meta.k8s.io/v1' },
  };
};

const OPTIONS = { CREATE: 'Create', UPDATE: 'Update', DELETE: 'Delete' } as const;

const splitVersion = (apiVersion: string): readonly [string, string] => {
  const slash = apiVersion.indexOf('/');
  return slash < 0 ? ['', apiVersion] : [apiVersion.slice(0, slash), apiVersion.slice(slash + 1)];
};
