/**
 * Changes of records, joined: what all stacks want of a zone within a moment goes out as one batch, which Route 53
 * applies whole or not at all. A batch that is refused is halved until the change at fault is alone, so one bad record
 * fails nobody else's.
 */
import type { Change } from '@aws-sdk/client-route-53';
import { awsError } from './errors.ts';

/** Resolves when Route 53 has taken all the changes together; rejects when it has taken none of them. */
export type RecordWriter = (zone: string, changes: readonly Change[]) => Promise<void>;

export type WriterPorts = {
  readonly send: (zone: string, changes: readonly Change[]) => Promise<void>;
  /** How long a change waits for others. */
  readonly pause: () => Promise<void>;
};

/** AWS documentation: ResourceRecord elements, and characters of their values, in one request. */
const MOST_ELEMENTS = 1000;
const MOST_CHARACTERS = 32_000;

type Request = {
  readonly changes: readonly Change[];
  readonly done: () => void;
  readonly failed: (thrown: unknown) => void;
};

export const recordWriter = ({ send, pause }: WriterPorts): RecordWriter => {
  const waiting = new Map<string, Request[]>();
  /** Zones being written: Route 53 refuses a change while it works on another one of the zone. */
  const busy = new Set<string>();

  const attempt = async (zone: string, requests: readonly Request[]): Promise<void> => {
    try {
      await send(
        zone,
        requests.flatMap(({ changes }) => changes),
      );
      for (const { done } of requests) done();
    } catch (thrown) {
      if (requests.length === 1 || !isRefusal(thrown)) for (const { failed } of requests) failed(thrown);
      else {
        const middle = requests.length >> 1;
        await attempt(zone, requests.slice(0, middle));
        await attempt(zone, requests.slice(middle));
      }
    }
  };
  const drain = async (zone: string): Promise<void> => {
    busy.add(zone);
    while (waiting.get(zone)?.length) {
      await pause();
      const requests = waiting.get(zone) ?? [];
      waiting.delete(zone);
      for (const batch of batches(requests)) await attempt(zone, batch);
    }
    busy.delete(zone);
  };
  return (zone, changes) =>
    new Promise((done, failed) => {
      waiting.set(zone, [...(waiting.get(zone) ?? []), { changes, done, failed }]);
      if (!busy.has(zone)) void drain(zone);
    });
};

/** Refused for what is in it, not for how or when it came. */
const isRefusal = (thrown: unknown): boolean =>
  ['InvalidChangeBatch', 'InvalidInput'].includes(awsError(thrown).code);

/** In order, as many together as one request may hold; the changes of one caller are never parted. */
const batches = (requests: readonly Request[]): readonly (readonly Request[])[] => {
  const made: Request[][] = [];
  let [elements, characters] = [0, 0];
  for (const request of requests) {
    const [more, longer] = sizeOf(request);
    const full = elements + more > MOST_ELEMENTS || characters + longer > MOST_CHARACTERS;
    if (full || made.length === 0) {
      made.push([]);
      [elements, characters] = [0, 0];
    }
    made.at(-1)?.push(request);
    elements += more;
    characters += longer;
  }
  return made;
};

/** Elements and characters; an alias counts as one element. */
const sizeOf = ({ changes }: Request): readonly [number, number] => {
  const values = changes.map(({ ResourceRecordSet }) => ResourceRecordSet?.ResourceRecords ?? []);
  return [
    values.reduce((sum, list) => sum + Math.max(1, list.length), 0),
    values.flat().reduce((sum, { Value }) => sum + (Value?.length ?? 0), 0),
  ];
};
