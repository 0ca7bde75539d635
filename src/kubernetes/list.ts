import type { WatchedKinds } from '../core/kube/objects.ts';
import { type Answer, asRecord, isExpired } from './failure.ts';
import { KINDS } from './kinds.ts';
import type { Transport } from './transport.ts';
import { trim } from './trim.ts';

/** A complete list: every page was answered. `version` is where a watch goes on from. */
export type Listed<K extends keyof WatchedKinds> = {
  readonly items: readonly WatchedKinds[K][];
  readonly version: string;
};

/**
 * Lists a whole collection page by page, as it is now (no resourceVersion is sent, so the server does not answer
 * from an old cache). One failed or malformed page fails the whole list: half a list looks like deletions.
 * `selector` is a field selector; all objects when it is absent. When the continue token expires on the way, the rest cannot be had consistently and all is asked for at once.
 */
export const listAll = async <K extends keyof WatchedKinds>(
  transport: Transport,
  kind: K,
  { path, selector }: { readonly path: string; readonly selector?: string },
  signal: AbortSignal,
): Promise<Answer<Listed<K>>> => {
  const items: WatchedKinds[K][] = [];
  let version: string | undefined;
  let token = '';
  let paged = true;
  do {
    const query = {
      ...(selector !== undefined && { fieldSelector: selector }),
      ...(paged && { limit: String(PAGE), ...(token !== '' && { continue: token }) }),
    };
    const answer = await transport.json({ verb: 'list', resource: kind, path, query, signal });
    if (!answer.ok && token !== '' && isExpired(answer.failure)) {
      items.length = 0;
      [version, token, paged] = [undefined, '', false];
      continue;
    }
    if (!answer.ok) return answer;
    const page = readPage(kind, answer.value);
    if (page === undefined) return garbled(kind, path);
    for (const item of page.items) items.push(item);
    version ??= page.version;
    token = page.next;
  } while (token !== '' || version === undefined);
  return { ok: true, value: { items, version } };
};

/** What kubectl and client-go ask for: small enough for the server, few round trips for us. */
const PAGE = 500;

type Page<K extends keyof WatchedKinds> = Listed<K> & { readonly next: string };

const readPage = <K extends keyof WatchedKinds>(kind: K, raw: unknown): Page<K> | undefined => {
  const { kind: said, metadata, items } = asRecord(raw);
  const { resourceVersion, continue: next } = asRecord(metadata);
  // Go writes an empty list as null here and there; a missing field is no list.
  const given = items === null ? [] : items;
  if (said !== `${KINDS[kind].kind}List` || !Array.isArray(given)) return undefined;
  if (typeof resourceVersion !== 'string' || resourceVersion === '') return undefined;
  const kept: WatchedKinds[K][] = [];
  for (const item of given) {
    const trimmed = trim(kind, item);
    if (trimmed === undefined) return undefined;
    kept.push(trimmed);
  }
  return { items: kept, version: resourceVersion, next: typeof next === 'string' ? next : '' };
};

const garbled = (kind: keyof WatchedKinds, path: string): Answer<never> => ({
  ok: false,
  failure: {
    code: 0,
    reason: 'Garbled',
    message: `list ${path}: the answer is not a complete ${KINDS[kind].kind}List with a resourceVersion`,
  },
});
