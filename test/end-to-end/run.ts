/**
 * `npm run e2e`: every end-to-end test; with `-- --kubeconfig FILE` the same tests on that cluster, one file after the
 * other, because they share it. Names of files after that choose among them. `--traffic` says that Pods and nodes of the
 * cluster can be reached from here; without it, and without nodes on loopback, only what sends no request is run.
 */
import { spawnSync } from 'node:child_process';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';

const { values, positionals } = parseArgs({
  options: { kubeconfig: { type: 'string' }, traffic: { type: 'boolean', default: false } },
  allowPositionals: true,
});

const ALL = 'test/end-to-end/*.test.ts';
const WITHOUT_TRAFFIC = 'test/end-to-end/any-cluster.test.ts';

const onCluster = async (kubeconfig: string): Promise<string> => {
  process.env.ALB_E2E_KUBECONFIG = resolve(kubeconfig);
  if (values.traffic) process.env.ALB_E2E_TRAFFIC = 'yes';
  const { noTraffic } = await import('./foreign-cluster.ts');
  if (noTraffic === false) return ALL;
  console.log(`${noTraffic}: only ${WITHOUT_TRAFFIC} is run; see BUILDING.md`);
  return WITHOUT_TRAFFIC;
};

const chosen = values.kubeconfig === undefined ? ALL : await onCluster(values.kubeconfig);
const concurrency = values.kubeconfig === undefined ? 2 : 1;
const { status } = spawnSync(
  process.execPath,
  [
    '--test',
    '--test-timeout=400000',
    `--test-concurrency=${concurrency}`,
    ...(positionals.length > 0 ? positionals : [chosen]),
  ],
  { stdio: 'inherit', cwd: resolve(import.meta.dirname, '../..') },
);
process.exit(status ?? 1);
