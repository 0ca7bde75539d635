/** A sandbox that is killed leaves no process behind. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { temporaryFolder } from '../contract/temporary-folder.ts';

const MAIN = join(import.meta.dirname, '../../dist/main.js');

const isRunning = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

test('kill -9 of the sandbox ends its controller too', async () => {
  const dir = temporaryFolder('alb-orphan-');
  const sandbox = spawn(process.execPath, [MAIN, 'sandbox', '--dir', dir], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let said = '';
  const pid = await new Promise<number>((resolve, reject) => {
    sandbox.stdout.on('data', (chunk: Buffer) => {
      said += chunk.toString();
      const found = /kill -9 (\d+)/.exec(said)?.[1];
      if (found !== undefined) resolve(Number(found));
    });
    sandbox.once('exit', () => reject(new Error(`the sandbox ended: ${said}`)));
  });
  assert.ok(isRunning(pid));
  sandbox.kill('SIGKILL');
  await once(sandbox, 'exit');
  for (const end = Date.now() + 20_000; isRunning(pid); await sleep(50))
    assert.ok(Date.now() < end, `the controller, process ${pid}, outlives its sandbox`);
});
