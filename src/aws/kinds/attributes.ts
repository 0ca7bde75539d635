/** Load balancer and target group attributes: string settings by key. */
import type { Attributes } from '../../core/model/resource.ts';

type SdkAttribute = { Key?: string | undefined; Value?: string | undefined };

/** All attributes as AWS tells them; the diff looks only at those that somebody stated. */
export const fromSdkAttributes = (attributes: readonly SdkAttribute[] | undefined): Attributes =>
  Object.fromEntries((attributes ?? []).flatMap(({ Key, Value }) => (Key ? [[Key, Value ?? '']] : [])));

/** Those that are stated and not so yet. */
export const attributesToSet = (want: Attributes, have: Attributes): SdkAttribute[] =>
  Object.entries(want)
    .filter(([name, value]) => have[name] !== value)
    .map(([Key, Value]) => ({ Key, Value }));
