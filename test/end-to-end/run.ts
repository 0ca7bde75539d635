/** `npm run e2e`: every end-to-end test; with `-- --kubeconfig FILE` those that any cluster can pass, on that cluster. */
import { spawnSync } from 'node:child_process';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';

const { kubeconfig } = parseArgs({ options: { kubeconfig: { type: 'string' } } }).values;
const tests = kubeconfig === undefined ? 'test/end-to-end/*.test.ts' : 'test/end-to-end/any-cluster.test.ts';
const env = kubeconfig === undefined ? {} : { ALB_E2E_KUBECONFIG: resolve(kubeconfig) };
const { status } = spawnSync(
  process.execPath,
  ['--test', '--test-timeout=400000', '--test-concurrency=2', tests],
  { stdio: 'inherit', cwd: resolve(import.meta.dirname, '../..'), env: { ...process.env, ...env } },
);
process.exit(status ?? 1);
