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

/** By file, the files it imports or exports from, be it only for a type. */
type ImportGraph = ReadonlyMap<string, readonly string[]>;

const graphOf = (files: readonly string[]): ImportGraph =>
  new Map(
    files.map((file) => [
      file,
      importsOf(file)
        .filter((target) => target.startsWith('.'))
        .map((target) => resolve(dirname(file), target)),
    ]),
  );

/** The shortest way from a file back to itself; empty where there is none. */
const wayBack = (graph: ImportGraph, start: string): readonly string[] => {
  const cameFrom = new Map<string, string>();
  const reached = [start];
  for (const file of reached)
    for (const next of graph.get(file) ?? []) {
      if (next === start) {
        const way = [file];
        for (let at = cameFrom.get(file); at !== undefined; at = cameFrom.get(at)) way.unshift(at);
        return way;
      }
      if (!cameFrom.has(next)) {
        cameFrom.set(next, file);
        reached.push(next);
      }
    }
  return [];
};

/** `a → b → a`, the shortest first; a file is named in one of them only. */
const circlesIn = (graph: ImportGraph): readonly string[] => {
  const named = new Set<string>();
  return [...graph.keys()]
    .map((file) => wayBack(graph, file))
    .filter((way) => way.length > 0)
    .sort((one, other) => one.length - other.length)
    .flatMap((way) => {
      if (way.some((file) => named.has(file))) return [];
      for (const file of way) named.add(file);
      return [[...way, ...way.slice(0, 1)].map((file) => relative(SRC, file)).join(' → ')];
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

test('no two files import each other, by whatever way round', () => {
  const graph = graphOf(filesIn(SRC));
  assert.ok([...graph.values()].flat().length > graph.size, 'hardly any imports were read');
  assert.deepEqual(circlesIn(graph), []);
});

test('a circle of imports is found and named', () => {
  const imports = {
    main: ['one', 'alone'],
    one: ['two'],
    two: ['three', 'alone'],
    three: ['one'],
    alone: [],
  };
  const graph = new Map(
    Object.entries(imports).map(([file, to]) => [join(SRC, file), to.map((it) => join(SRC, it))]),
  );
  assert.deepEqual(circlesIn(graph), ['one → two → three → one']);
  assert.deepEqual(circlesIn(new Map([[join(SRC, 'self'), [join(SRC, 'self')]]])), ['self → self']);
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
