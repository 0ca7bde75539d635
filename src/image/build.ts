/** `npm run image [-- DIR [ARCH…]]`: the container image as an OCI layout, without an engine. Same sources, same digest. */
import { existsSync, rmSync } from 'node:fs';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import packageJson from '../../package.json' with { type: 'json' };
import { writeLayout } from './layout.ts';
import { type Architecture, NODE, PROGRAM, rootOf } from './root.ts';
import { tar } from './tar.ts';

/** The whole program in one file. */
const bundle = async (): Promise<Buffer> => {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL('../cli/main.ts', import.meta.url))],
    bundle: true,
    write: false,
    platform: 'node',
    target: 'node22',
    format: 'esm',
    mainFields: ['module', 'main'],
    logLevel: 'warning',
    banner: {
      js: "import{createRequire as __cr}from'node:module';const require=__cr(import.meta.url);",
    },
  });
  return Buffer.from(outputFiles[0]?.contents ?? []);
};

const isArchitecture = (text: string): text is Architecture => text === 'amd64' || text === 'arm64';

/** Writes the layout into `dir`, which is emptied; the answer is the digest of the image. */
export const buildImage = async (dir: string, architectures: readonly Architecture[]): Promise<string> => {
  const program = await bundle();
  if (existsSync(dir)) rmSync(dir, { recursive: true });
  const images = architectures.map((architecture) => ({
    architecture,
    layer: tar(rootOf(architecture, program)),
  }));
  return writeLayout(dir, images, {
    version: packageJson.version,
    description: packageJson.description,
    entrypoint: [NODE, PROGRAM],
    command: ['run'],
  });
};

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [dir = '.image', ...wanted] = process.argv.slice(2);
  const wrong = wanted.find((one) => !isArchitecture(one));
  if (wrong) throw new Error(`there is no image for ${wrong}; expected amd64 or arm64`);
  const chosen = wanted.filter(isArchitecture);
  const digest = await buildImage(resolve(dir), chosen.length > 0 ? chosen : ['amd64', 'arm64']);
  process.stdout.write(`${resolve(dir)} ${digest}\n`);
}
