/** The newest lines a Pod has logged, each with its time. */
export type RequestLog = {
  add(line: string): void;
  /** Lines so far; `since` in milliseconds since the epoch. */
  lines(since: number): readonly { readonly time: number; readonly line: string }[];
  onLine(listener: (time: number, line: string) => void): () => void;
};

/** Lines kept for each Pod. */
const KEPT = 1_000;

export const createRequestLog = (): RequestLog => {
  let lines: { time: number; line: string }[] = [];
  const listeners = new Set<(time: number, line: string) => void>();
  return {
    add: (line) => {
      const time = Date.now();
      lines.push({ time, line });
      if (lines.length > KEPT * 2) lines = lines.slice(-KEPT);
      for (const listener of listeners) listener(time, line);
    },
    lines: (since) => lines.slice(-KEPT).filter((one) => one.time >= since),
    onLine: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
};
