/** What the API was asked: one entry for each call, kept for tests to assert on. */

/** One call as the API saw it. Entries are added on arrival; `code` is set when the call was refused. */
export type JournalEntry = {
  /** Id of the account and Region it was for. */
  readonly account: string;
  readonly region: string;
  /** Signing name, such as `elasticloadbalancing`. */
  readonly service: string;
  readonly operation: string;
  /** As the client names itself; empty when it does not. */
  readonly userAgent: string;
  readonly input: Readonly<Record<string, unknown>>;
  /** Emulator time. */
  readonly time: number;
  /** Whether the operation can change anything, by its name. */
  readonly writes: boolean;
  /** Error code, or `connection destroyed` for the faults that lose a request or a reply. */
  code?: string;
};

/** Characters of request bodies that a journal keeps the inputs of; what they become in memory is several times that. */
const MOST_CHARACTERS = 8 * 1024 * 1024;

/** Keeps the last `limit` entries, fewer when their requests were large. */
export const makeJournal = (limit: number) => {
  const journal: JournalEntry[] = [];
  const sizes: number[] = [];
  let [writes, characters] = [0, 0];
  const dropTo = (length: number): void => {
    journal.splice(0, journal.length - length);
    for (const size of sizes.splice(0, sizes.length - length)) characters -= size;
  };
  return {
    journal,
    /** Calls of operations that can change something, refused ones included. */
    writes: (): number => writes,
    note: (entry: JournalEntry, size: number): void => {
      if (entry.writes) writes += 1;
      journal.push(entry);
      sizes.push(size);
      characters += size;
      if (journal.length > limit) dropTo(limit);
      while (characters > MOST_CHARACTERS && journal.length > 1) dropTo(journal.length - 1);
    },
    clear: (): void => dropTo(0),
  };
};
