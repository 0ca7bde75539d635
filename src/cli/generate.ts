/** Rewrites every generated file: `npm run gen`. A test compares them with what this would write. */
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { iamPolicy } from '../aws/iam.ts';
import { annotationsPage } from '../core/annotations/page.ts';
import { eventsPage } from '../core/problems/page.ts';
import { flagsPage } from './flags-page.ts';
import { metricsPage } from './metrics-page.ts';

/** Generated files by path from the root of the repository. */
export const generated = (): Readonly<Record<string, string>> => ({
  'docs/reference/annotations.md': annotationsPage(),
  'docs/reference/events.md': eventsPage(),
  'docs/reference/flags.md': flagsPage(),
  'docs/reference/metrics.md': metricsPage(),
  'examples/iam-policy.json': iamPolicy(),
});

if (process.argv[1] === fileURLToPath(import.meta.url))
  for (const [path, text] of Object.entries(generated()))
    writeFileSync(fileURLToPath(new URL(`../../${path}`, import.meta.url)), text);
