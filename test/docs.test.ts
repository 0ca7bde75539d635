/** What the documentation says is what the program does. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { test } from 'node:test';
import { parseAllDocuments } from 'yaml';
import { ACTIONS } from '../src/aws/iam.ts';
import { generated } from '../src/cli/generate.ts';

const ROOT = join(import.meta.dirname, '..');

for (const [path, text] of Object.entries(generated()))
  test(`${path} is fresh`, () => {
    assert.equal(readFileSync(join(ROOT, path), 'utf8'), text, 'stale: run npm run gen');
  });

const filesIn = (folder: string, ending: string): readonly string[] =>
  readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(ending))
    .map((entry) => join(entry.parentPath, entry.name));

test('the IAM policy names exactly the operations the code calls', () => {
  const code = filesIn('src/aws', '.ts')
    .map((file) => readFileSync(file, 'utf8'))
    .join('\n');
  const called = [...code.matchAll(/\b(?:paginate([A-Z]\w+)|([A-Z]\w+)Command)\b/g)].map(
    (match) => match[1] ?? match[2] ?? '',
  );
  assert.deepEqual(ACTIONS.flatMap(({ operations }) => operations).toSorted(), [...new Set(called)].sort());
});

test('links between pages lead somewhere', () => {
  const pages = ['README.md', 'BUILDING.md'].map((name) => join(ROOT, name)).concat(filesIn('docs', '.md'));
  const broken = pages.flatMap((page) =>
    [...readFileSync(page, 'utf8').matchAll(/\]\((?!https?:|#)([^)#]+)(#[^)]*)?\)/g)]
      .map((match) => match[1] ?? '')
      .filter((target) => {
        try {
          readdirSync(join(page, '..', target));
        } catch (error) {
          return (error as NodeJS.ErrnoException).code !== 'ENOTDIR';
        }
        return false;
      })
      .map((target) => `${relative(ROOT, page)}: ${target}`),
  );
  assert.deepEqual(broken, []);
});

test('every YAML file and block can be read', () => {
  const blocks = ['README.md', 'BUILDING.md']
    .map((name) => join(ROOT, name))
    .concat(filesIn('docs', '.md'))
    .flatMap((page) =>
      [...readFileSync(page, 'utf8').matchAll(/```yaml\n([\s\S]*?)```/g)].map((match) => match[1] ?? ''),
    );
  const texts = [...blocks, ...filesIn('examples', '.yaml').map((file) => readFileSync(file, 'utf8'))];
  for (const text of texts)
    for (const document of parseAllDocuments(text)) assert.deepEqual(document.errors, []);
});
