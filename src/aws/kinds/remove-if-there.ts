import type { Key } from '../../core/model/key.ts';
import type { Attempt } from '../../core/ports.ts';
import { means } from '../errors.ts';
import { idIfKnown, type Site } from './driver.ts';

/** Seconds until something that was in use is tried again. */
const PATIENCE = 5;

/** Removes what may be gone already, or be in use until something else has gone; `remove` may have to wait itself. */
export const removeIfThere = async (
  key: Key,
  site: Site,
  remove: (id: string) => Promise<Attempt | undefined>,
  { inUse, seconds = PATIENCE }: { readonly inUse: string; readonly seconds?: number },
): Promise<Attempt> => {
  const id = idIfKnown(site, key);
  if (id === undefined) return { status: 'done' };
  try {
    return (await remove(id)) ?? { status: 'done' };
  } catch (thrown) {
    if (means(thrown, 'gone')) return { status: 'done' };
    if (means(thrown, 'inUse')) return { status: 'wait', seconds, why: inUse };
    throw thrown;
  }
};
