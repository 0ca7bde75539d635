/** Requests without a pause while something changes: what failed, and who answered. */
import type { Answer, World } from './world.ts';

export type RequestLoop = {
  /** Bodies of the answers so far, without repetition. */
  readonly bodies: ReadonlySet<string>;
  /** Requests made so far. */
  readonly count: () => number;
  /** Ends the loop and waits for the requests under way. */
  stop(): Promise<{ readonly requests: number; readonly failures: readonly string[] }>;
};

/** Three requests at a time, until `stop`. Anything but a 200 is a failure. */
export const startRequests = (world: Pick<World, 'get'>, url: string): RequestLoop => {
  const bodies = new Set<string>();
  const failures: string[] = [];
  let requests = 0;
  let working = true;
  const ask = async (): Promise<void> => {
    while (working) {
      const answer = await world
        .get(url)
        .catch((error: unknown): Answer => ({ status: 0, body: String(error) }));
      requests += 1;
      if (answer.status === 200) bodies.add(answer.body);
      else failures.push(`${answer.status} ${answer.body.slice(0, 100)}`);
    }
  };
  const asking = [ask(), ask(), ask()];
  return {
    bodies,
    count: () => requests,
    stop: async () => {
      working = false;
      await Promise.all(asking);
      return { requests, failures };
    },
  };
};
