/** What the API was asked: one entry for each call, kept for tests to assert on. */

/** One call as the API saw it. Entries are added on arrival; `code` is set when the call was refused. */
export type JournalEntry = {
  /** Id of the account and Region it was for. */
  readonly account: string;
  readonly region: string;
  /** Signing name, such as `elasticloadbalancing`. */
  readonly service: string;
  readonly operation: string;
  readonly input: Readonly<Record<string, unknown>>;
  /** Emulator time. */
  readonly time: number;
  /** Whether the operation can change anything, by its name. */
  readonly writes: boolean;
  /** Error code, or `connection destroyed` for the faults that lose a request or a reply. */
  code?: string;
};

/** Keeps the last `limit` entries. */
export const makeJournal = (limit: number) => {
  const journal: JournalEntry[] = [];
  let writes = 0;
  return {
    journal,
    /** Calls of operations that can change something, refused ones included. */
    writes: (): number => writes,
    note: (entry: JournalEntry): void => {
      if (entry.writes) writes += 1;
      journal.push(entry);
      if (journal.length > limit) journal.splice(0, journal.length - limit);
    },
    clear: (): void => {
      journal.length = 0;
    },
  };
};
