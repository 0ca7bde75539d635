/** The npm package by itself: packed, and run by npx in an empty folder, without a registry. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { after, test } from 'node:test';
import packageJson from '../../package.json' with { type: 'json' };
import { temporaryFolder } from '../contract/temporary-folder.ts';

const ROOT = join(import.meta.dirname, '../..');
const dir = temporaryFolder('alb-npx-');
after(() => rmSync(dir, { recursive: true, force: true }));

type Ran = { readonly code: number | null; readonly output: string };

const run = (program: string, args: readonly string[], cwd: string): Promise<Ran> =>
  new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      cwd,
      env: {
        // The Node that runs the tests is also the one `#!/usr/bin/env node` finds.
        PATH: `${dirname(process.execPath)}:${process.env.PATH ?? ''}`,
        HOME: join(dir, 'home'),
        npm_config_cache: join(dir, 'cache'),
        npm_config_offline: 'true',
        npm_config_update_notifier: 'false',
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk: Buffer) => {
        output += chunk.toString();
      });
    child.on('error', reject).on('close', (code) => resolve({ code, output }));
  });

test('npx of the tarball runs the whole sandbox from an empty folder', async (t) => {
  mkdirSync(join(dir, 'home'));
  mkdirSync(join(dir, 'empty'));
  const packed = await run('npm', ['pack', '--ignore-scripts', '--pack-destination', dir], ROOT);
  assert.equal(packed.code, 0, packed.output);
  const tarball = join(dir, `alb-ingress-${packageJson.version}.tgz`);
  const { code, output } = await run(
    'npx',
    ['--yes', `--package=file:${tarball}`, 'alb-ingress', 'sandbox', '--once'],
    join(dir, 'empty'),
  );
  assert.equal(code, 0, output);
  assert.match(output, /every Ingress is served/);
  assert.match(output, /echoserver\/echoserver .* 200/);
  assert.deepEqual(readdirSync(join(dir, 'empty')), []);
  const installed = readdirSync(join(dir, 'cache/_npx'), { recursive: true }).filter((path) =>
    /node_modules\/[^/.]+$/.test(String(path)),
  );
  t.diagnostic(`installed: ${installed.map((path) => String(path).replace(/.*\//, '')).join(', ')}`);
  assert.equal(installed.length, 1, 'the package brings others with it');
});
