import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { BUILT_IN_KINDS } from '../../src/sandbox/kubernetes/kinds.ts';
import { builtInType } from '../../src/sandbox/kubernetes/schema/built-in-types.ts';
import { generateTypes } from '../../src/sandbox/kubernetes/schema/generate.ts';
import type { StructShape } from '../../src/sandbox/kubernetes/schema/shape.ts';

test('the type table is what the installed client models and the wire facts yield', async () => {
  const file = new URL('../../src/sandbox/kubernetes/schema/types.generated.ts', import.meta.url);
  assert.equal(
    await readFile(file, 'utf8'),
    generateTypes(),
    'run: node src/sandbox/kubernetes/schema/generate.ts',
  );
});

/** Kinds that clients send as JSON only, so that field numbers are not needed. */
const JSON_ONLY = new Set(['CustomResourceDefinition']);
/** Fields of Kubernetes 1.36, which the client's models have and the facts of 1.35 do not. */
const NEWER = [
  'ImageVolumeStatus.imageRef',
  'NodeAllocatableResourceClaimStatus.containers',
  'NodeAllocatableResourceClaimStatus.resourceClaimName',
  'NodeAllocatableResourceClaimStatus.resources',
  'PodSchedulingGroup.podGroupName',
  'PodSpec.schedulingGroup',
  'PodStatus.nodeAllocatableResourceClaimStatuses',
  'ResourceHealth.message',
  'VolumeMountStatus.volumeStatus',
  'VolumeStatus.image',
];

test('every field of the kinds that may come as protobuf has a number, and no two share one', () => {
  const seen = new Set<StructShape>();
  const without: string[] = [];
  const check = (type: StructShape): void => {
    if (seen.has(type)) return;
    seen.add(type);
    const numbers = new Map<string, string>();
    for (const field of type.fields.values()) {
      const inner = field.shape.kind === 'list' || field.shape.kind === 'map' ? field.shape.of : field.shape;
      if (inner.kind === 'struct') check(inner);
      if (['apiVersion', 'kind'].includes(field.name) && field.numbers.length === 0) continue;
      const where = `${type.name.split('.').at(-1)}.${field.name}`;
      if (field.numbers.length === 0) {
        without.push(where);
        continue;
      }
      const key = field.numbers.join('.');
      assert.equal(numbers.get(key), undefined, `${where} and ${numbers.get(key)} share number ${key}`);
      numbers.set(key, where);
    }
  };
  for (const kind of BUILT_IN_KINDS) if (!JSON_ONLY.has(kind.kind)) check(builtInType(kind.type ?? ''));
  assert.deepEqual(without.sort(), NEWER);
});
