/** Walls between rooms. The compiler keeps most of them; this says so in words and sees what it cannot. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { test } from 'node:test';

const SRC = join(import.meta.dirname, '../src');

/** What a room may import: rooms, and packages (`node:` stands for Node's own modules). */
const ROOMS: Readonly<Record<string, { readonly rooms: readonly string[]; readonly packages: RegExp }>> = {
  core: { rooms: [], packages: /^@noble\/hashes\// },
  aws: { rooms: ['core'], packages: /^(node:|@aws-sdk\/|@smithy\/)/ },
  kubernetes: { rooms: ['core'], packages: /^(node:|@kubernetes\/client-node|undici$|yaml$)/ },
  controller: { rooms: ['core'], packages: /^p-retry$/ },
  sandbox: { rooms: [], packages: /^(node:|@aws-sdk\/|@smithy\/|undici$|re2js$|yaml$)/ },
  image: { rooms: [], packages: /^(node:|esbuild$)/ },
  cli: {
    rooms: ['core', 'aws', 'kubernetes', 'controller', 'sandbox'],
    packages: /^(node:|prom-client$|undici$|yaml$)/,
  },
};

const filesIn = (folder: string): readonly string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => join(entry.parentPath, entry.name));

const importsOf = (file: string): readonly string[] =>
  [
    ...readFileSync(file, 'utf8').matchAll(
      /(?:^|\n)\s*(?:import|export)\s[^;]*?from\s+'([^']+)'|import\('([^']+)'\)|(?:^|\n)\s*import\s+'([^']+)'/g,
    ),
  ].map((match) => match[1] ?? match[2] ?? match[3] ?? '');

const violations = (room: string, file: string): readonly string[] => {
  const allowed = ROOMS[room];
  return importsOf(file).filter((target) => {
    if (!target.startsWith('.')) return !allowed?.packages.test(target);
    const path = relative(SRC, resolve(dirname(file), target));
    if (path === '../package.json') return room !== 'cli' && room !== 'image';
    const [other = ''] = path.split('/');
    return other !== room && !allowed?.rooms.includes(other);
  });
};

test('every folder of src is a room', () => {
  const folders = readdirSync(SRC, { withFileTypes: true }).map((entry) => entry.name);
  assert.deepEqual(folders.sort(), Object.keys(ROOMS).sort());
});

for (const room of Object.keys(ROOMS))
  test(`${room} imports only what it may`, () => {
    const files = filesIn(join(SRC, room));
    assert.ok(files.length > 3, 'no files were looked at');
    const found = files.flatMap((file) =>
      violations(room, file).map((target) => `${relative(SRC, file)} imports ${target}`),
    );
    assert.deepEqual(found, []);
  });

test('the references of each room’s project say the same', () => {
  for (const [room, { rooms }] of Object.entries(ROOMS)) {
    const project = JSON.parse(readFileSync(join(SRC, room, 'tsconfig.json'), 'utf8')) as {
      references?: readonly { path: string }[];
    };
    assert.deepEqual(
      (project.references ?? []).map(({ path }) => path.slice(3)).sort(),
      [...rooms].sort(),
      room,
    );
  }
});

test('core has no clock and no chance', () => {
  for (const file of filesIn(join(SRC, 'core')))
    assert.doesNotMatch(
      readFileSync(file, 'utf8').replace(/\/\*[\s\S]*?\*\/|\/\/.*/g, ''),
      /Math\.random|\bDate\b|crypto\./,
      relative(SRC, file),
    );
});

test('the compiler refuses effects in core', () => {
  const types = join(SRC, '../.types');
  mkdirSync(types, { recursive: true });
  const folder = mkdtempSync(join(types, 'planted-'));
  try {
    for (const line of [
      'process.exit(1);',
      'setTimeout(() => {}, 1);',
      "import 'node:fs';",
      'fetch("x");',
      'console.log(1);',
    ]) {
      writeFileSync(join(folder, 'planted.ts'), `${line}\nexport {};\n`);
      writeFileSync(
        join(folder, 'tsconfig.json'),
        JSON.stringify({
          extends: '../../src/core/tsconfig.json',
          compilerOptions: {
            composite: false,
            emitDeclarationOnly: false,
            noEmit: true,
            outDir: 'out',
            rootDir: '.',
            types: [],
          },
          include: ['*.ts'],
          references: [],
        }),
      );
      const { status, stdout } = spawnSync(
        process.execPath,
        [join(SRC, '../node_modules/typescript/bin/tsc'), '-p', folder],
        { encoding: 'utf8' },
      );
      assert.notEqual(status, 0, `accepted: ${line}`);
      assert.match(stdout, /planted\.ts\(1,/);
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
});
