/** How a flag is spelled and read; names and environment variables are those users of the 2017 controller and of LBC have. */
export type FlagRow = {
  readonly type: 'text' | 'word' | 'list' | 'duration' | 'port' | 'truth' | 'file';
  /** What a `word` may be. */
  readonly words?: readonly string[];
  /** Environment variable that counts when the flag is absent. */
  readonly env?: string;
  /** Older spellings. */
  readonly aliases?: readonly string[];
  readonly initial?: string;
  readonly placeholder?: string;
  readonly doc: string;
  readonly commands: readonly Command[];
};

export type Command = 'run' | 'plan' | 'sandbox';
