/** Every annotation of the table has a case whose plan hangs on it, and a case that shows what is said of a bad value. */
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { ANNOTATIONS, type AnnotationName, PREFIX } from '../../src/core/annotations/table.ts';
import type { AnyObject } from '../../src/core/kube/from-objects.ts';
import { planCase, textOf } from './plan-case.ts';

const HERE = import.meta.dirname;
const NAMES = Object.keys(ANNOTATIONS) as AnnotationName[];

const CASES = readdirSync(HERE)
  .filter((name) => existsSync(join(HERE, name, 'input.yaml')))
  .sort()
  .map((name) => ({
    folder: join(HERE, name),
    input: readFileSync(join(HERE, name, 'input.yaml'), 'utf8'),
    plan: readFileSync(join(HERE, name, 'plan.txt'), 'utf8'),
  }));

/** Matches what stands behind the prefix: the name, or for a family any member of it. */
const keyOf = (name: AnnotationName): string => name.replaceAll('.', '\\.').replace('*', '[^\\s:"]+');

type Annotated = NonNullable<AnyObject['metadata']> & {
  readonly annotations?: Readonly<Record<string, string>>;
};

/** The object as if nobody had stated this annotation. */
const without =
  (name: AnnotationName) =>
  (object: AnyObject): AnyObject => {
    const key = new RegExp(`^${PREFIX}${keyOf(name)}$`);
    const { annotations = {}, ...metadata }: Annotated = object.metadata ?? {};
    const kept = Object.entries(annotations).filter(([stated]) => !key.test(stated));
    const edited: Annotated = { ...metadata, annotations: Object.fromEntries(kept) };
    return { ...object, metadata: edited };
  };

/** A case of somebody who states it rightly: without it the operations of the plan are others. */
const isPlanned = (name: AnnotationName): boolean => {
  const stated = new RegExp(`${PREFIX}${keyOf(name)}["']?:`);
  return CASES.some(
    ({ folder, input, plan }) =>
      stated.test(input) && !isRefused(name, plan) && textOf(planCase(folder, without(name))) !== plan,
  );
};

/** Says of a value that it cannot be used. */
const isRefused = (name: AnnotationName, plan: string): boolean =>
  new RegExp(`^\\? (?!CertificatePending)\\w+ on \\S+: ${PREFIX}${keyOf(name)}[ :.[]`, 'm').test(plan);

test('taking an annotation out of some case changes its plan', () => {
  assert.deepEqual(
    NAMES.filter((name) => !isPlanned(name)),
    [],
  );
});

test('a bad value of every annotation is told in some case', () => {
  assert.deepEqual(
    NAMES.filter((name) => !CASES.some(({ plan }) => isRefused(name, plan))),
    [],
  );
});
