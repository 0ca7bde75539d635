/**
 * The root file system: Node, the C libraries it is linked with, one bundled file, and nothing else. No shell, no
 * package manager, nobody but a user without rights.
 */
import { execFileSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { madeFor } from './elf.ts';
import type { Entry } from './tar.ts';

export type Architecture = 'amd64' | 'arm64';

const TRIPLETS = { amd64: 'x86_64-linux-gnu', arm64: 'aarch64-linux-gnu' } as const;
const LOADERS = { amd64: 'lib64/ld-linux-x86-64.so.2', arm64: 'lib/ld-linux-aarch64.so.1' } as const;
const NPM_ARCHITECTURES = { amd64: 'x64', arm64: 'arm64' } as const;

/** What `ldd` says of Node, and what getaddrinfo needs. */
const LIBRARIES = [
  'libc.so.6',
  'libdl.so.2',
  'libm.so.6',
  'libpthread.so.0',
  'libresolv.so.2',
  'libstdc++.so.6',
  'libgcc_s.so.1',
];
const PACKAGES = ['libc6', 'libstdc++6', 'libgcc-s1'];

export const PROGRAM = '/app/alb-ingress.js';
export const NODE = '/usr/local/bin/node';

/** Everything in the image of one architecture. Downloads what this machine does not have. */
export const rootOf = (architecture: Architecture, bundle: Buffer): readonly Entry[] => {
  const isOurs = process.arch === NPM_ARCHITECTURES[architecture];
  const files: Entry[] = [
    {
      type: 'file',
      path: NODE.slice(1),
      mode: 0o755,
      content: madeFor(
        architecture,
        NODE,
        isOurs ? readFileSync(process.execPath) : downloadNode(architecture),
      ),
    },
    { type: 'file', path: PROGRAM.slice(1), mode: 0o644, content: bundle },
    { type: 'file', path: 'app/package.json', mode: 0o644, content: Buffer.from('{"type":"module"}\n') },
    ...(isOurs ? libraries(architecture, '/') : downloadLibraries(architecture)),
    text('etc/passwd', 'nonroot:x:65532:65532::/tmp:/nonexistent\n'),
    text('etc/group', 'nonroot:x:65532:\n'),
    text('etc/nsswitch.conf', 'hosts: files dns\n'),
  ];
  return [...folders(files), ...files, { type: 'directory', path: 'tmp', mode: 0o1777 }];
};

/** A folder for what is downloaded, gone when it has been used. */
const inFolder = <T>(use: (dir: string) => T): T => {
  const dir = mkdtempSync(join(tmpdir(), 'alb-image-'));
  try {
    return use(dir);
  } finally {
    rmSync(dir, { recursive: true });
  }
};

const text = (path: string, content: string): Entry => ({
  type: 'file',
  path,
  mode: 0o644,
  content: Buffer.from(content),
});

const folders = (entries: readonly Entry[]): readonly Entry[] => {
  const paths = new Set<string>();
  for (const { path } of entries) {
    const parts = path.split('/');
    for (let length = 1; length < parts.length; length++) paths.add(parts.slice(0, length).join('/'));
  }
  return [...paths].map((path) => ({ type: 'directory', path, mode: 0o755 }));
};

const libraries = (architecture: Architecture, system: string): readonly Entry[] => {
  const triplet = TRIPLETS[architecture];
  const places = [`lib/${triplet}`, `usr/lib/${triplet}`];
  const read = (names: readonly string[]): Buffer => {
    const found = names.map((name) => join(system, name)).find((path) => existsSync(path));
    if (!found)
      throw new Error(`${names.join(' or ')} is missing in ${system}; the image is built on Debian`);
    return madeFor(architecture, found, readFileSync(realpathSync(found)));
  };
  const loader = LOADERS[architecture];
  const loaderNames = [loader, ...places.map((place) => `${place}/${loader.split('/').at(-1)}`)];
  return [
    { type: 'file', path: loader, mode: 0o755, content: read(loaderNames) },
    ...LIBRARIES.map((name): Entry => {
      const content = read(places.map((place) => `${place}/${name}`));
      return { type: 'file', path: `lib/${triplet}/${name}`, mode: 0o644, content };
    }),
  ];
};

/** The same version of Node as runs this, from the npm registry. */
const downloadNode = (architecture: Architecture): Buffer =>
  inFolder((dir) => {
    const name = `node-linux-${NPM_ARCHITECTURES[architecture]}@${process.versions.node}`;
    run(dir, 'npm', ['pack', name, '--silent', '--pack-destination', dir]);
    const [archive = ''] = readdirSync(dir);
    run(dir, 'tar', ['-xzf', archive, 'package/bin/node']);
    return readFileSync(join(dir, 'package/bin/node'));
  });

/** Debian's C libraries of another architecture; apt works in a folder of its own, nothing is installed. */
const downloadLibraries = (architecture: Architecture): readonly Entry[] =>
  inFolder((dir) => {
    for (const path of ['state/lists/partial', 'cache/archives/partial', 'root'])
      mkdirSync(join(dir, path), { recursive: true });
    writeFileSync(join(dir, 'status'), '');
    const options = {
      'Dir::State': join(dir, 'state'),
      'Dir::State::status': join(dir, 'status'),
      'Dir::Cache': join(dir, 'cache'),
      'APT::Architecture': architecture,
      'APT::Architectures': architecture,
      'APT::Sandbox::User': 'root',
    };
    const flags = Object.entries(options).flatMap(([name, value]) => ['-o', `${name}=${value}`]);
    run(dir, 'apt-get', [...flags, '-qq', 'update']);
    run(dir, 'apt-get', [...flags, '-qq', 'download', ...PACKAGES]);
    for (const name of readdirSync(dir))
      if (name.endsWith('.deb')) run(dir, 'dpkg-deb', ['-x', name, 'root']);
    return libraries(architecture, join(dir, 'root'));
  });

const run = (dir: string, program: string, args: readonly string[]): void =>
  void execFileSync(program, args, { cwd: dir, stdio: ['ignore', 'ignore', 'inherit'] });
