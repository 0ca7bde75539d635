/** The controller as a process of its own beside the sandbox, started again when it dies, as a Deployment would. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { ENDS_WITH_PARENT } from '../sandbox/ends-with-parent.ts';

export type Supervisor = {
  /** Of the process running now. */
  readonly pid: () => number | undefined;
  stop(): Promise<void>;
};

/** Milliseconds before a controller that died is started again. */
const PAUSE = 1000;

/** Starts `args` with this Node and the given environment; every line it logs goes to `onLine`. It ends with us. */
export const supervise = (
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  onLine: (line: string) => void,
): Supervisor => {
  let child: ChildProcess | undefined;
  let stopping = false;
  const keepRunning = async (): Promise<void> => {
    while (!stopping) {
      child = spawn(process.execPath, ['--import', ENDS_WITH_PARENT, ...args], {
        env: { ...process.env, ...env },
        stdio: ['pipe', 'ignore', 'pipe'],
      });
      // A pipe to a process that has ended breaks; that it ended is told by its exit.
      child.stdin?.on('error', () => undefined);
      if (child.stderr) createInterface({ input: child.stderr }).on('line', onLine);
      const [code, signal] = (await once(child, 'exit')) as [number | null, string | null];
      if (stopping) return;
      onLine(
        JSON.stringify({
          level: 'warn',
          message: `controller ended (${signal ?? `exit code ${code}`}), starting it again`,
        }),
      );
      await sleep(PAUSE);
    }
  };
  const running = keepRunning();
  return {
    pid: () => child?.pid,
    stop: async () => {
      stopping = true;
      child?.kill('SIGTERM');
      const late = sleep(10_000, undefined, { ref: false }).then(() => child?.kill('SIGKILL'));
      await Promise.race([running, late.then(() => running)]);
    },
  };
};
