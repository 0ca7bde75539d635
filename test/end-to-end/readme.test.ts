/** README's commands do what it says. */
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { cannotRun, kubectl, removeHomes } from '../contract/kubectl.ts';
import { temporaryFolder } from '../contract/temporary-folder.ts';

const ROOT = join(import.meta.dirname, '../..');
const MAIN = join(ROOT, 'dist/main.js');
const README = readFileSync(join(ROOT, 'README.md'), 'utf8');
const SCRIPTS = (
  JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
    scripts: Readonly<Record<string, string>>;
  }
).scripts;

test('npm start is the sandbox', () => {
  assert.match(README, /```sh\nnpm ci\nnpm start\n```/);
  assert.equal(SCRIPTS.start, 'node dist/main.js sandbox');
});

test('npm start -- --once answers every example and exits 0', () => {
  const { status, stdout } = spawnSync(process.execPath, [MAIN, 'sandbox', '--once'], {
    encoding: 'utf8',
    timeout: 90_000,
  });
  assert.equal(status, 0, stdout);
  const rows = stdout.split('\n').filter((line) => /http:\/\//.test(line));
  for (const host of [
    'echoserver.example.com/',
    '2048.example.com/',
    'shop.example.com/ ',
    'shop.example.com/api',
  ])
    assert.ok(
      rows.some((row) => row.includes(host) && / 200 /.test(row)),
      `${host} in\n${stdout}`,
    );
  assert.ok(
    rows.some((row) => row.startsWith('(unknown host)') && / 404/.test(row)),
    stdout,
  );
});

test('the commands the README shows work as they stand', async () => {
  const dir = temporaryFolder('alb-ingress-readme-');
  const child = spawn(process.execPath, [MAIN, 'sandbox', '--dir', dir], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  try {
    let out = '';
    await new Promise<void>((resolve, reject) => {
      child.stdout.on('data', (chunk) => {
        out += chunk;
        if (/sandbox ready:[\s\S]*kill -9/.test(out)) resolve();
      });
      child.once('exit', () => reject(new Error(out)));
    });
    if (!cannotRun()) {
      const kubeconfig = readFileSync(join(dir, 'kubeconfig'), 'utf8');
      const { stdout } = await kubectl(kubeconfig, ['get', 'crd,ingressstacks', '-o', 'name']);
      assert.equal(stdout.match(/^customresourcedefinition\./gm)?.length, 3, stdout);
      assert.equal(stdout.match(/^ingressstack\./gm)?.length, 3, stdout);
    }
    const [block = ''] = [...README.matchAll(/```sh\n([\s\S]*?)```/g)]
      .map((match) => match[1] ?? '')
      .filter((text) => text.includes('curl -x'));
    const script = block.replace('.sandbox/env', join(dir, 'env')).replaceAll('curl -x', 'curl -sf -x');
    const answered = spawnSync('sh', ['-ec', script], { encoding: 'utf8' });
    if (spawnSync('curl', ['--version']).status === 0) {
      assert.equal(answered.status, 0, answered.stderr);
      assert.match(answered.stdout, /api/);
    } else console.log('curl is not installed: the README’s requests were not made');
    const plan = spawnSync(process.execPath, [MAIN, 'plan', '-f', join(ROOT, 'examples/echoservice')], {
      encoding: 'utf8',
    });
    assert.equal(plan.status, 0, plan.stderr);
    const piped = spawnSync(process.execPath, [MAIN, 'plan', '-f', '-'], {
      encoding: 'utf8',
      input: readFileSync(join(ROOT, 'examples/echoservice/echoservice.yaml'), 'utf8'),
    });
    assert.equal(piped.stdout, plan.stdout, piped.stderr);
    assert.match(plan.stdout, /\+ create load-balancer\/echoserver\/echoserver~internet-facing/);
  } finally {
    child.kill('SIGTERM');
    await new Promise((resolve) => child.once('exit', resolve));
    rmSync(dir, { recursive: true, force: true });
    await removeHomes();
  }
});

test('version and help answer, mistakes are told', () => {
  const run = (...args: string[]) =>
    spawnSync(process.execPath, [MAIN, ...args], { encoding: 'utf8', env: {} });
  assert.match(run('version').stdout, /^alb-ingress \d+\.\d+\.\d+/);
  assert.match(run('--help').stdout, /sandbox/);
  assert.match(run('run', '--help').stdout, /--cluster-name NAME/);
  const missing = run('run');
  assert.equal(missing.status, 2);
  assert.match(missing.stderr, /--cluster-name is required; give the flag or set CLUSTER_NAME/);
  assert.match(run('run', '--sync-period', 'soon').stderr, /--cluster-name is required|expected a duration/);
  assert.equal(run('dance').status, 2);
  const old =
    "Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '20.1.0' } })";
  const { status, stderr } = spawnSync(
    process.execPath,
    ['--import', `data:text/javascript,${encodeURIComponent(old)}`, MAIN, 'plan'],
    { encoding: 'utf8' },
  );
  assert.deepEqual([status, stderr], [2, 'alb-ingress: Node 22 or newer is needed, this is 20.1.0\n']);
});
