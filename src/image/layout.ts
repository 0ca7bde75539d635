/** An OCI image layout on disk: one index, for each platform a manifest, a configuration and one layer. */
import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';

export type PlatformImage = { readonly architecture: 'amd64' | 'arm64'; readonly layer: Buffer };

export type ImageFacts = {
  readonly version: string;
  readonly description: string;
  readonly entrypoint: readonly string[];
  readonly command: readonly string[];
};

/** Writes the layout; the answer is the digest of its index. */
export const writeLayout = (dir: string, images: readonly PlatformImage[], facts: ImageFacts): string => {
  const blobs = join(dir, 'blobs/sha256');
  mkdirSync(blobs, { recursive: true });
  const put = (mediaType: string, content: Buffer): Descriptor => {
    const hash = sha256(content);
    writeFileSync(join(blobs, hash), content);
    return { mediaType, digest: `sha256:${hash}`, size: content.length };
  };
  const putJson = (mediaType: string, value: object): Descriptor =>
    put(mediaType, Buffer.from(JSON.stringify(value)));
  const manifests = images.map(({ architecture, layer }) => {
    const config = putJson('application/vnd.oci.image.config.v1+json', {
      architecture,
      os: 'linux',
      config: {
        User: '65532:65532',
        Entrypoint: facts.entrypoint,
        Cmd: facts.command,
        Env: ['PATH=/usr/local/bin', 'NODE_ENV=production'],
        WorkingDir: '/',
        Labels: labels(facts),
      },
      rootfs: { type: 'layers', diff_ids: [`sha256:${sha256(layer)}`] },
      history: [{ created_by: 'image/build.ts' }],
    });
    const packed = put('application/vnd.oci.image.layer.v1.tar+gzip', gzipSync(layer, { level: 6 }));
    const manifest = putJson('application/vnd.oci.image.manifest.v1+json', {
      schemaVersion: 2,
      mediaType: 'application/vnd.oci.image.manifest.v1+json',
      config,
      layers: [packed],
      annotations: labels(facts),
    });
    return { ...manifest, platform: { architecture, os: 'linux' } };
  });
  const index = putJson(INDEX, { schemaVersion: 2, mediaType: INDEX, manifests });
  writeFileSync(join(dir, 'oci-layout'), '{"imageLayoutVersion":"1.0.0"}');
  const annotations = { 'org.opencontainers.image.ref.name': facts.version };
  writeFileSync(
    join(dir, 'index.json'),
    JSON.stringify({ schemaVersion: 2, mediaType: INDEX, manifests: [{ ...index, annotations }] }),
  );
  return index.digest;
};

type Descriptor = { readonly mediaType: string; readonly digest: string; readonly size: number };

const INDEX = 'application/vnd.oci.image.index.v1+json';

const sha256 = (content: Buffer): string => createHash('sha256').update(content).digest('hex');

const labels = ({ version, description }: ImageFacts): Readonly<Record<string, string>> => ({
  'org.opencontainers.image.title': 'alb-ingress-controller',
  'org.opencontainers.image.description': description,
  'org.opencontainers.image.version': version,
  'org.opencontainers.image.licenses': 'Apache-2.0',
});
