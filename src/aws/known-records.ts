/**
 * Which names are whose. Route 53 has no search by owner, so every zone is read once, at the start; from then on
 * names are looked up one by one, and the names of a stack are remembered here.
 */
import type { RecordName } from '../core/ports.ts';
import type { Account } from './account.ts';
import { unlessDenied } from './errors.ts';
import { listZones } from './facts.ts';
import { type AtName, nameId, nothingThere, readName, readZone } from './records.ts';

export type KnownRecords = {
  /** Stacks of this cluster that own a record. */
  readonly stacks: () => Promise<readonly string[]>;
  /** Names whose ownership record is, or was when last seen, this stack's. */
  readonly namesOf: (stack: string) => Promise<readonly RecordName[]>;
  /** What stands at a name: from the first reading when nobody asked before, else asked afresh. */
  readonly at: (name: RecordName) => Promise<AtName>;
  /** A record of the stack was written at the name. */
  readonly written: (name: RecordName, stack: string) => void;
};

/** The first reading answers first questions for this long, in milliseconds. */
const BELIEVED_FOR = 300_000;
/** After so many milliseconds, zones that could not be read for want of permission are tried again. */
const TRY_AGAIN_AFTER = 600_000;

type FirstReading = {
  readonly readAt: number;
  readonly zones: ReadonlySet<string>;
  /** Whether all zones were read; those that we may not read hold nothing of ours that we know of. */
  readonly complete: boolean;
  readonly names: Map<string, AtName>;
  readonly asked: Set<string>;
  readonly byStack: Map<string, Map<string, RecordName>>;
};

export const knownRecords = (account: Account): KnownRecords => {
  const client = account.clients.route53;
  let first: Promise<FirstReading> | undefined;
  const reading = async (): Promise<FirstReading> => {
    const known = await first;
    if (known && !known.complete && performance.now() - known.readAt > TRY_AGAIN_AFTER) first = undefined;
    first ??= readEverything(account).catch((thrown: unknown) => {
      first = undefined;
      throw thrown;
    });
    return first;
  };
  const remembered = (known: FirstReading, { zone, name }: RecordName): AtName | undefined => {
    const id = nameId({ zone, name });
    if (performance.now() - known.readAt > BELIEVED_FOR) known.names.clear();
    else if (known.zones.has(zone) && !known.asked.has(id)) {
      known.asked.add(id);
      const at = known.names.get(id) ?? nothingThere;
      known.names.delete(id);
      return at;
    }
    return undefined;
  };
  return {
    stacks: async () => [...(await reading()).byStack.keys()],
    namesOf: async (stack) => [...((await reading()).byStack.get(stack)?.values() ?? [])],
    at: async (name) => remembered(await reading(), name) ?? readName(client, name),
    written: (name, stack) => {
      void first?.then(({ asked, byStack }) => {
        asked.add(nameId(name));
        remember(byStack, stack, name);
      });
    },
  };
};

const remember = (byStack: FirstReading['byStack'], stack: string, name: RecordName): void => {
  const names = byStack.get(stack) ?? new Map<string, RecordName>();
  names.set(nameId(name), name);
  byStack.set(stack, names);
};

const readEverything = async (account: Account): Promise<FirstReading> => {
  const readAt = performance.now();
  const ids = await unlessDenied(listZones(account).then((zones) => zones.map((zone) => zone.id)));
  const found = await Promise.all(
    (ids ?? []).map(async (id) => ({ id, names: await unlessDenied(readZone(account.clients.route53, id)) })),
  );
  const read = found.flatMap(({ id, names }) => (names ? [{ id, names }] : []));
  const names = new Map(read.flatMap((zone) => [...zone.names]));
  const byStack: FirstReading['byStack'] = new Map();
  for (const [id, { owner }] of names) {
    const slash = id.indexOf('/');
    if (owner?.cluster === account.cluster)
      remember(byStack, owner.stack, { zone: id.slice(0, slash), name: id.slice(slash + 1) });
  }
  return {
    readAt,
    zones: new Set(read.map(({ id }) => id)),
    complete: ids !== undefined && read.length === found.length,
    names,
    asked: new Set(),
    byStack,
  };
};
