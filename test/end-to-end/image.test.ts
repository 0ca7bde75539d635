/** The image made without an engine: its root file system alone runs the controller, and the same sources make it again. */
import assert from 'node:assert/strict';
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { chmodSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import packageJson from '../../package.json' with { type: 'json' };
import { temporaryFolder } from '../contract/temporary-folder.ts';
import { INGRESS_CLASS, ingress, textServer } from './manifests.ts';
import { startWorld } from './world.ts';

const BUILD = join(import.meta.dirname, '../../src/image/build.ts');
const CHROOT = '/usr/sbin/chroot';
const ARCHITECTURE = process.arch === 'x64' ? 'amd64' : 'arm64';

const cannotBuild = (): string | false => {
  if (process.platform !== 'linux') return `the image is built on Linux, this is ${process.platform}`;
  return process.getuid?.() === 0 ? false : 'not root: chroot is not allowed';
};

type Descriptor = { readonly digest: string; readonly mediaType: string; readonly size: number };

describe('the image', { skip: cannotBuild() }, () => {
  const dir = temporaryFolder('alb-image-');
  const layout = join(dir, 'layout');
  const root = join(dir, 'root');
  const build = (to: string): string =>
    execFileSync(process.execPath, [BUILD, to, ARCHITECTURE], { encoding: 'utf8' }).trim().split(' ')[1] ??
    '';
  const blob = (digest: string): Buffer =>
    readFileSync(join(layout, 'blobs/sha256', digest.replace('sha256:', '')));
  const json = <T>(digest: string): T => JSON.parse(blob(digest).toString()) as T;
  let digest = '';

  before(() => {
    digest = build(layout);
  });
  after(() => rmSync(dir, { recursive: true, force: true }));

  test('is a layout whose every digest and size is right', () => {
    const { manifests } = JSON.parse(readFileSync(join(layout, 'index.json'), 'utf8')) as {
      manifests: Descriptor[];
    };
    assert.equal(manifests[0]?.digest, digest);
    for (const name of readdirSync(join(layout, 'blobs/sha256')))
      assert.equal(createHash('sha256').update(blob(name)).digest('hex'), name);
    const index = json<{ manifests: (Descriptor & { platform: object })[] }>(digest);
    const [image] = index.manifests;
    assert.deepEqual(image?.platform, { architecture: ARCHITECTURE, os: 'linux' });
    const { config, layers } = json<{ config: Descriptor; layers: Descriptor[] }>(image?.digest ?? '');
    const facts = json<{ config: Record<string, unknown>; rootfs: { diff_ids: string[] } }>(config.digest);
    assert.equal(facts.config.User, '65532:65532');
    const [layer] = layers;
    const archive = gunzipSync(blob(layer?.digest ?? ''));
    assert.equal(blob(layer?.digest ?? '').length, layer?.size);
    assert.equal(`sha256:${createHash('sha256').update(archive).digest('hex')}`, facts.rootfs.diff_ids[0]);
    mkdirSync(root);
    execFileSync('tar', ['-x', '--no-same-owner', '-C', root], { input: archive });
  });

  test('holds Node, its libraries and one file, and no shell', () => {
    const files = readdirSync(root, { recursive: true, withFileTypes: true })
      .filter((it) => it.isFile())
      .map((it) => join(it.parentPath, it.name).slice(root.length));
    assert.deepEqual(files.filter((path) => !/^\/lib(64)?\//.test(path)).sort(), [
      '/app/alb-ingress.js',
      '/app/package.json',
      '/etc/group',
      '/etc/nsswitch.conf',
      '/etc/passwd',
      '/usr/local/bin/node',
    ]);
    assert.ok(files.length < 16, files.join());
  });

  const chroot = (args: readonly string[]): readonly string[] => [
    ...['--userspec=65532:65532', root, '/usr/local/bin/node', '/app/alb-ingress.js'],
    ...args,
  ];

  test('runs with nothing else on the path, as nobody', () => {
    const { stdout, stderr } = spawnSync(CHROOT, chroot(['version']), { encoding: 'utf8', env: {} });
    assert.match(stdout, new RegExp(`^alb-ingress ${packageJson.version} `), stderr);
  });

  test('serves an Ingress of the sandbox', async () => {
    const world = await startWorld();
    try {
      writeFileSync(join(root, 'tmp/kubeconfig'), world.box.kubeconfig);
      chmodSync(join(root, 'tmp/kubeconfig'), 0o644);
      const controller = spawn(
        CHROOT,
        chroot([
          'run',
          '--cluster-name=dev',
          '--healthz-port=0',
          '--aws-rate-budget=off',
          '--enable-leader-election=false',
        ]),
        { env: { KUBECONFIG: '/tmp/kubeconfig', ...world.box.awsEnvironment }, stdio: 'ignore' },
      );
      const ended = once(controller, 'exit');
      await world.kubectl(
        ['create', '-f', '-'],
        INGRESS_CLASS + textServer('web', 'shop', 'hello-shop') + ingress({ namespace: 'web', name: 'shop' }),
      );
      await world.until(
        'served',
        async () => (await world.get('http://shop.example.com/').catch(() => undefined))?.status === 200,
      );
      controller.kill('SIGTERM');
      assert.deepEqual(await ended, [0, null]);
    } finally {
      await world.stop();
    }
  });

  test('is the same again from the same sources', () => {
    assert.equal(build(join(dir, 'again')), digest);
  });
});
