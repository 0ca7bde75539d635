/** The sandbox as it is shipped: what a bundle loads late must be there. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { request } from 'node:https';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { parse } from 'yaml';
import { temporaryFolder } from '../contract/temporary-folder.ts';

const MAIN = join(import.meta.dirname, '../../dist/main.js');
const dir = temporaryFolder('alb-bundled-');
const first = join(dir, 'first.yaml');
writeFileSync(first, 'apiVersion: v1\nkind: Namespace\nmetadata: {name: shop}\n');
const sandbox = spawn(
  process.execPath,
  [MAIN, 'sandbox', '--no-controller', '--dir', dir, '--apply', first],
  {
    stdio: ['ignore', 'pipe', 'inherit'],
  },
);

before(async () => {
  let said = '';
  await new Promise<void>((resolve, reject) => {
    sandbox.stdout.on('data', (chunk: Buffer) => {
      said += chunk.toString();
      if (said.includes('sandbox ready')) resolve();
    });
    sandbox.once('exit', () => reject(new Error(`the sandbox ended: ${said}`)));
  });
});
after(async () => {
  sandbox.kill();
  await once(sandbox, 'exit');
});

type Kubeconfig = {
  readonly clusters: readonly { cluster: { server: string; 'certificate-authority-data': string } }[];
  readonly users: readonly { user: { token: string } }[];
};

const send = (method: string, path: string, type: string, body: string): Promise<string> => {
  const { clusters, users } = parse(readFileSync(join(dir, 'kubeconfig'), 'utf8')) as Kubeconfig;
  const { server = '', 'certificate-authority-data': authority = '' } = clusters[0]?.cluster ?? {};
  const headers = { Authorization: `Bearer ${users[0]?.user.token ?? ''}`, 'Content-Type': type };
  return new Promise((resolve, reject) => {
    const asked = request(
      `${server}${path}`,
      { method, headers, ca: Buffer.from(authority, 'base64') },
      (answer) => {
        let text = '';
        answer.setEncoding('utf8').on('data', (part: string) => {
          text += part;
        });
        answer.on('end', () => resolve(text));
      },
    );
    asked.on('error', reject).end(body);
  });
};

const MAPS = '/api/v1/namespaces/shop/configmaps';
const map = (colour: string): string =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: one}\ndata: {colour: ${colour}}\n`;

test('bodies may be YAML', async () => {
  const created = await send('POST', MAPS, 'application/yaml', map('red'));
  assert.match(created, /"data":\{"colour":"red"\}/);
  const applied = await send(
    'PATCH',
    `${MAPS}/one?fieldManager=me&force=true`,
    'application/apply-patch+yaml',
    map('blue'),
  );
  assert.match(applied, /"data":\{"colour":"blue"\}/);
  const broken = await send('POST', MAPS, 'application/yaml', 'a: [1');
  assert.match(broken, /error decoding YAML: Flow sequence/);
});

test('stopped before it is done, it says so and claims nothing', async () => {
  const child = spawn(process.execPath, [MAIN, 'sandbox', '--once'], { stdio: ['ignore', 'pipe', 'pipe'] });
  let [said, complained] = ['', ''];
  let told = false;
  child.stdout.on('data', (chunk: Buffer) => {
    said += chunk.toString();
    if (/^applied/m.test(said) && !told) told = child.kill('SIGINT');
  });
  child.stderr.on('data', (chunk: Buffer) => {
    complained += chunk.toString();
  });
  const [code] = (await once(child, 'close')) as [number | null];
  assert.deepEqual([code, complained], [1, ''], said);
  assert.match(said, /^stopped before every Ingress was served$/m);
  assert.doesNotMatch(said, /NOT served/);
});
