/** A real Prometheus reads what a controller at work serves, without a parse error. */
import assert from 'node:assert/strict';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { ACMClient, ImportCertificateCommand } from '@aws-sdk/client-acm';
import { request } from 'undici';
import { METRICS } from '../../src/cli/metrics-table.ts';
import { makeCertificate } from '../../src/sandbox/aws/acm/make-certificate.ts';
import { temporaryFolder } from '../contract/temporary-folder.ts';
import { type Daemon, freePort, missing, startDaemon } from './daemon.ts';
import { INGRESS_CLASS, ingress, textServer } from './manifests.ts';
import { startWorld, type World } from './world.ts';

const PROMETHEUS = '/usr/bin/prometheus';

const importCertificate = async ({ sdk }: World): Promise<string> => {
  const acm = new ACMClient(sdk);
  const { certificate, privateKey } = makeCertificate({ names: ['safe.example.com'] });
  const [Certificate, PrivateKey] = [certificate, privateKey].map((pem) => new TextEncoder().encode(pem));
  return (await acm.send(new ImportCertificateCommand({ Certificate, PrivateKey }))).CertificateArn ?? '';
};

describe('Prometheus', { skip: missing(PROMETHEUS, 'prometheus') }, () => {
  const dir = temporaryFolder('alb-prometheus-');
  let world: World;
  let prometheus: Daemon;
  let api: string;

  before(async () => {
    world = await startWorld();
    world.box.aws.faults.add({ kind: 'throttle', operation: 'CreateListener', count: 1 });
    const [target, own] = [`127.0.0.1:${await freePort()}`, `127.0.0.1:${await freePort()}`];
    api = `http://${own}/api/v1`;
    await world.kubectl(
      ['create', '-f', '-'],
      INGRESS_CLASS +
        textServer('web', 'shop', 'hello-shop') +
        ingress({ namespace: 'web', name: 'shop' }) +
        ingress({
          namespace: 'web',
          name: 'safe',
          annotations: { 'target-type': 'ip', 'certificate-arn': await importCertificate(world) },
          paths: [['/', 'shop']],
        }) +
        ingress({
          namespace: 'web',
          name: 'bad',
          annotations: { scheme: 'nonsense' },
          paths: [['/', 'shop']],
        }),
    );
    world.startController(['--health-probe-bind-addr', target]);
    const config = {
      global: { scrape_interval: '500ms' },
      scrape_configs: [{ job_name: 'alb', static_configs: [{ targets: [target] }] }],
    };
    writeFileSync(join(dir, 'prometheus.yml'), JSON.stringify(config));
    prometheus = startDaemon(PROMETHEUS, [
      `--config.file=${join(dir, 'prometheus.yml')}`,
      `--storage.tsdb.path=${join(dir, 'data')}`,
      `--web.listen-address=${own}`,
    ]);
  });
  after(async () => {
    await prometheus.stop();
    await world.stop();
    rmSync(dir, { recursive: true });
  });

  const ask = async (path: string): Promise<Record<string, never>> => {
    const { body } = await request(`${api}${path}`);
    return ((await body.json()) as { data: Record<string, never> }).data;
  };

  test('scrapes it, and knows every documented metric', async () => {
    await world.until(
      'served',
      async () => (await world.get('http://shop.example.com/').catch(() => undefined))?.status === 200,
    );
    await world.until('Pods are targets', () =>
      [...world.box.aws.state.targetGroups.values()].some(
        (group) => group.TargetType === 'ip' && group.targets.size === 2,
      ),
    );
    await world.kubectl(['scale', 'deployment', 'shop', '-n', 'web', '--replicas=1']);
    type Target = { readonly health: string; readonly lastError: string };
    const targets = async (): Promise<readonly Target[]> =>
      (await ask('/targets').catch(() => ({ activeTargets: [] }))).activeTargets as readonly Target[];
    await world.until('it scrapes', async () => (await targets()).some(({ health }) => health === 'up'));
    const missingNames = async (): Promise<readonly string[]> => {
      const known = (await ask('/label/__name__/values')) as unknown as readonly string[];
      return Object.entries(METRICS)
        .map(([name, { type }]) => (type === 'histogram' ? `${name}_bucket` : name))
        .filter((name) => !known.includes(name));
    };
    await world.until('every metric was scraped', async () => (await missingNames()).length === 0);
    assert.deepEqual(
      (await targets()).map(({ lastError }) => lastError),
      [''],
    );
    assert.doesNotMatch(prometheus.said(), /level=(warn|error)/);
  });
});
