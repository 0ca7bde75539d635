/**
 * `npm run e2e`: every end-to-end test; with `-- --kubeconfig FILE` the same tests on that cluster, one file after the
 * other, because they share it. Names of files after that choose among them.
 */
import { spawnSync } from 'node:child_process';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';

const { values, positionals } = parseArgs({
  options: { kubeconfig: { type: 'string' } },
  allowPositionals: true,
});
const { kubeconfig } = values;
const tests = positionals.length > 0 ? positionals : ['test/end-to-end/*.test.ts'];
const env = kubeconfig === undefined ? {} : { ALB_E2E_KUBECONFIG: resolve(kubeconfig) };
const { status } = spawnSync(
  process.execPath,
  ['--test', '--test-timeout=400000', `--test-concurrency=${kubeconfig === undefined ? 2 : 1}`, ...tests],
  { stdio: 'inherit', cwd: resolve(import.meta.dirname, '../..'), env: { ...process.env, ...env } },
);
process.exit(status ?? 1);
